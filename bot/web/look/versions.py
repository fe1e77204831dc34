"""Two versions of an item, field by field and word by word."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from bot.content.form import differences, form_of
from bot.core.campaign import Campaign, Item
from bot.web.field_words import field_word
from bot.web.look.difference import difference


@dataclass(frozen=True, kw_only=True)
class Differing:
    """One field in which two versions differ."""

    name: str
    word: str
    before: str
    after: str
    #: From the one to the other, with what was taken out and what was put in.
    shown: Markup
    #: Of the text; empty for marks of no language.
    language: str


def versions(before: Item | None, after: Item, campaign: Campaign) -> list[Differing]:
    """The fields that differ; `before` None is an item that is not there, so all of them do."""
    if before is None:
        changes = [(name, "", text) for name, text in form_of(after).items()]
    else:
        changes = [(one.field, one.before, one.after) for one in differences(before, after)]
    return [_differing(name, old, new, campaign) for name, old, new in changes]


def _differing(name: str, before: str, after: str, campaign: Campaign) -> Differing:
    last = name.rpartition("_")[2]
    language = last if last in campaign.languages else ""
    return Differing(
        name=name,
        word=field_word(name),
        before=before,
        after=after,
        shown=difference(before, after, language=language),
        language=language,
    )
