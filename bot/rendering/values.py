"""The plain values a template is given: str, bool, tuple, dict and None, and nothing of ours."""

from __future__ import annotations

from typing import TypedDict

from bot.core.campaign import Account, Campaign, Item
from bot.core.dates import PartialDate
from bot.core.errors import RenderError
from bot.rendering.layout import tidy
from bot.rendering.locales import write_date, write_period


class Values(TypedDict):
    """Every variable of a template but those that fitting chooses: text, short, hashtags and link."""

    kind: str
    network: str
    account: str
    language: str
    figures: dict[str, str]
    #: Empty when the item has none.
    period: str
    source: dict[str, str] | None
    #: Empty when the item needs none.
    content_warning: str
    campaign: dict[str, str | tuple[str, ...]]
    occasion: dict[str, str] | None


def values_of(
    item: Item,
    *,
    campaign: Campaign,
    account: Account,
    language: str,
    occasion: str | None,
    figures: dict[str, str],
    arabic_digits: bool,
) -> Values:
    """Return what a template is told of an item, in one language, for one account.

    Raises RenderError when the language is missing somewhere.
    """
    period = item.period and write_period(item.period, language=language, arabic_digits=arabic_digits)
    return {
        "kind": str(item.kind),
        "network": str(account.network),
        "account": account.name,
        "language": language,
        "figures": figures,
        "period": period or "",
        "source": source_of(item, language=language, arabic_digits=arabic_digits),
        "content_warning": _content_warning(item, language),
        "campaign": {
            "key": campaign.key,
            "title": campaign.title.get(language, ""),
            "organisers": tuple(campaign.organisers.get(language, ())),
        },
        "occasion": _occasion(campaign, occasion, language),
    }


def _content_warning(item: Item, language: str) -> str:
    """Return the content warning, empty for none. Raises RenderError when only other languages have one."""
    if not item.content_warning:
        return ""
    warning = item.content_warning.get(language)
    if not warning:
        raise RenderError(
            f"its content warning is not written in {language!r}: "
            f'write it under "content_warning: {language}:", or take it out of every language'
        )
    return tidy(warning)


def source_of(item: Item, *, language: str, arabic_digits: bool) -> dict[str, str] | None:
    """Return who reports the item, and when; None for one without a source. Raises RenderError."""
    source = item.source
    if source is None:
        return None
    publisher = source.publisher.get(language)
    if not publisher:
        raise RenderError(
            f"the publisher of its source is not named in {language!r}: "
            f'write it under "publisher: {language}:" of {source.url}'
        )
    day = source.read_on
    read_on = day and PartialDate(year=day.year, month=day.month, day=day.day)
    return {
        "publisher": tidy(publisher),
        "url": source.url,
        "read_on": write_date(read_on, language=language, arabic_digits=arabic_digits) if read_on else "",
    }


def _occasion(campaign: Campaign, key: str | None, language: str) -> dict[str, str] | None:
    if key is None:
        return None
    occasion = campaign.occasion(key)
    if occasion is None:
        known = ", ".join(known.key for known in campaign.occasions) or "none"
        raise RenderError(f"the campaign has no occasion {key!r}: its occasions are {known}")
    return {"key": key, "title": occasion.title.get(language, "")}
