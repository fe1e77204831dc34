"""Organisers' spreadsheets: into a campaign's folder as a content file, and out of it."""

from __future__ import annotations

from pathlib import Path

from bot.content.reading import Content
from bot.content.spreadsheet import export_items, import_items
from bot.content.writing import write_items
from bot.core.campaign import Campaign
from bot.core.errors import ContentError, NotAllowedError, NotFoundError, Problem


def take_out(content: Content, key: str) -> str:
    """A campaign's items as CSV. Raises NotFoundError when there is no such campaign."""
    campaign = _campaign(content, key)
    return export_items((item for item in content.items if item.campaign == key), campaign=campaign)


def bring_in(content: Content, key: str, *, text: str, where: str, path: Path) -> int:
    """Write what a spreadsheet holds to a new content file and return the number of items.

    Raises ContentError with every problem of the spreadsheet, also where an item's key is taken by
    another file of the campaign; NotAllowedError when the file exists.
    """
    campaign = _campaign(content, key)
    if path.exists():
        raise NotAllowedError(f"{path}: there is such a file; name another one with --into")
    items = import_items(text, campaign=campaign, where=where)
    taken = {item.key for item in content.items if item.campaign == key}
    problems = [
        Problem(
            where=where,
            what=f"the campaign's files have an item {item.key} already",
            remedy="delete that one first, or give this one another key",
        )
        for item in items
        if item.key in taken
    ]
    if problems:
        raise ContentError(problems)
    try:
        write_items(items, path=path, sources=content.sources.get(key))
    except OSError as error:
        raise NotAllowedError(f"{path}: cannot be written ({error.strerror})") from error
    return len(items)


def _campaign(content: Content, key: str) -> Campaign:
    for campaign in content.campaigns:
        if campaign.key == key:
            return campaign
    known = ", ".join(campaign.key for campaign in content.campaigns)
    raise NotFoundError(f"there is no campaign {key!r}; there is: {known}")
