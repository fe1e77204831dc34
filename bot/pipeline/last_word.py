"""Whose word on an item is the last, its file's or the console's: told by what each held at the last sync."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from bot.content.form import missing_languages
from bot.content.reading import Content
from bot.core.campaign import Campaign, Item
from bot.store import codec, contents
from bot.store.contents import Origin, StoredItem
from bot.store.database import Database, Tx


class Word(StrEnum):
    """What a sync does about one item."""

    #: The file's version is taken in.
    TAKE = "take"
    #: The file and the store say the same.
    SAME = "same"
    #: The store's version stays: the file did not change since, or there is none.
    KEEP = "keep"
    #: No file has it any more.
    RETIRE = "retire"
    #: Both changed since the last sync: a person settles it.
    CONFLICT = "conflict"


def judge(digest: str | None, stored: StoredItem | None) -> Word:
    """Say what becomes of an item of which its file now holds `digest`; None where no file has it."""
    if digest is None:
        return Word.KEEP if stored is None else _without_file(stored)
    if stored is None:
        return Word.TAKE
    if stored.digest == digest and not stored.retired:
        return Word.SAME
    if stored.changed_by is None:
        return Word.TAKE
    return Word.KEEP if digest == stored.file_digest else Word.CONFLICT


def _without_file(stored: StoredItem) -> Word:
    if stored.origin is Origin.QUEUE:
        return Word.KEEP
    if stored.changed_by is None:
        return Word.SAME if stored.retired else Word.RETIRE
    if stored.file_digest is None:
        return Word.KEEP
    return Word.SAME if stored.retired else Word.CONFLICT


def is_draft(stored: StoredItem, *, campaign: Campaign) -> bool:
    """Whether one of the campaign's languages is still to be written."""
    return bool(missing_languages(stored.item, campaign=campaign))


def is_plannable(stored: StoredItem, *, campaign: Campaign) -> bool:
    """Whether the bot gives it moments: no draft, nor what somebody queued for a moment of its own."""
    return stored.origin is not Origin.QUEUE and not is_draft(stored, campaign=campaign)


def with_last_words(content: Content, db: Database | None, *, drafts: bool = False) -> Content:
    """The content as the store would hold it after a sync: what the console changed is in it.

    Drafts are left out unless asked for. `db` None: there is no store, and the files' word is the last.
    """
    if db is None:
        return content
    with db.read() as tx:
        items = [
            stored.item
            for campaign in content.campaigns
            for stored in items_after_sync(tx, campaign, content.items)
            if is_plannable(stored, campaign=campaign) or (drafts and stored.origin is not Origin.QUEUE)
        ]
    return replace(content, items=tuple(items))


def items_after_sync(tx: Tx, campaign: Campaign, on_file: Iterable[Item]) -> list[StoredItem]:
    """A campaign's items as a sync would leave them, those queued on the spot too, in order."""
    known = {stored.item.key: stored for stored in contents.read_items(tx, campaign.key, retired=True)}
    items: list[StoredItem] = []
    own = [item for item in on_file if item.campaign == campaign.key]
    for position, item in enumerate(own):
        stored, digest = known.pop(item.key, None), codec.digest(codec.encode(item))
        if stored is None or judge(digest, stored) is Word.TAKE:
            stored = StoredItem(
                item=item, digest=digest, position=position, origin=Origin.FILE, retired=False
            )
        items.append(replace(stored, position=position))
    items += (stored for stored in known.values() if judge(None, stored) is not Word.RETIRE)
    return sorted(
        (stored for stored in items if not stored.retired),
        key=lambda stored: (stored.position, stored.item.key),
    )
