"""What the card of a fact says in one language: its words, the figure that stands large, its source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from bot.core.campaign import Campaign, Hashtags, Item
from bot.core.card import CardText, CardWording, Run, RunKind
from bot.core.errors import RenderError
from bot.rendering.layout import first_strong, runs_right_to_left, tidy
from bot.rendering.locales import is_right_to_left, write_period
from bot.rendering.values import source_of
from bot.rendering.wordings import fill, uses_arabic_digits, wording_of, write_figures
from bot.text.hashtags import find_hashtags

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
#: Between two figures that are one statement: `20 to 50`, `{low}–{high}`, `ما بين {low} و{high}`.
_JOINED = re.compile(r"[^\w.,;:،؛]*\w{0,3}[^\w.,;:،؛]*")
#: What belongs to a figure: without it `6.8` would stand large for 6.8 million.
_BEFORE = re.compile(r"[%٪$€£]\u00a0?$")
_AFTER = re.compile(
    r"[ \u00a0]?[%٪‰]|[ \u00a0](?:"
    "thousand|million|billion|bin|milyon|milyar|ألف|ألفاً|آلاف|مليون|مليوناً|ملايين|مليار|ملياراً|مليارات"
    r")(?!\w)"
)


def card_text(item: Item, *, campaign: Campaign, language: str) -> CardText:
    """Return what the item's card says in the language.

    Raises RenderError when the language, or the source, is missing.
    """
    written = wording_of(item, language)
    arabic_digits = uses_arabic_digits(campaign, language)
    figures = write_figures(item, language=language, arabic_digits=arabic_digits)
    lead = _lead(item)
    source = source_of(item, language=language, arabic_digits=arabic_digits)
    if source is None:
        raise RenderError('a card needs a source: name one under "source:"')
    period = item.period and write_period(item.period, language=language, arabic_digits=arabic_digits)
    texts = [tidy(text) for text in (written.text, written.short) if text]
    return CardText(
        language=language,
        right_to_left=is_right_to_left(language),
        title=tidy(campaign.title.get(language, "")),
        wordings=tuple(
            _wording(text, lead=lead, item=item, figures=figures, arabic_digits=arabic_digits)
            for text in dict.fromkeys(texts)
        ),
        publisher=source["publisher"],
        period=period or "",
        hashtag=next(
            (_hashtag(tag) for tag in campaign.hashtags.get(language, Hashtags()).required),
            None,
        ),
    )


def _lead(item: Item) -> str | None:
    """The figure that stands large in every language: the first one named, where it stands for itself.

    None where there is none, and where one language says it in one breath with another: of `20 to 50` the 20
    alone would mislead.
    """
    texts = [wording.text for wording in item.wordings.values()]
    named = [list(_PLACEHOLDER.finditer(text)) for text in texts]
    lead = next((found[0][1] for found in named if found), None)
    for text, found in zip(texts, named, strict=True):
        for one, after in pairwise(found):
            if one[1] == lead and _JOINED.fullmatch(text[one.end() : after.start()]):
                return None
    return lead


def _wording(
    text: str, *, lead: str | None, item: Item, figures: dict[str, str], arabic_digits: bool
) -> CardWording:
    runs: list[Run] = []
    figure, done = "", 0
    for found in _PLACEHOLDER.finditer(text):
        runs += _words(
            fill(text[done : found.start()], item=item, figures=figures, arabic_digits=arabic_digits)
        )
        number = fill(found[0], item=item, figures=figures, arabic_digits=arabic_digits)
        runs.append(Run(text=number, kind=RunKind.FIGURE))
        if found[1] == lead and not figure:
            figure = _with_unit(number, before=text[: found.start()], after=text[found.end() :])
        done = found.end()
    runs += _words(fill(text[done:], item=item, figures=figures, arabic_digits=arabic_digits))
    return CardWording(runs=tuple(runs), figure=figure)


def _with_unit(number: str, *, before: str, after: str) -> str:
    unit_before, unit_after = _BEFORE.search(before), _AFTER.match(after)
    return (unit_before[0] if unit_before else "") + number + (unit_after[0] if unit_after else "")


def _words(text: str) -> Iterator[Run]:
    done = 0
    for found in find_hashtags(text):
        if text[done : found.start]:
            yield Run(text=text[done : found.start])
        yield _hashtag(text[found.start : found.end])
        done = found.end
    if text[done:]:
        yield Run(text=text[done:])


def _hashtag(tag: str) -> Run:
    tag = tidy(tag)
    return Run(text=tag, kind=RunKind.HASHTAG, right_to_left=runs_right_to_left(first_strong(tag)))
