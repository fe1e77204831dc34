"""An item's wording in one language, with its figures written in."""

from __future__ import annotations

import re
from decimal import Decimal

from bot.core.campaign import Campaign, Item, Wording
from bot.core.errors import RenderError
from bot.rendering.locales import takes_arabic_digits, write_number
from bot.text.numbers import find_numbers, to_arabic_digits

_FIGURE = re.compile(r"\{([^{}]*)\}")
#: Before digits that belong to a name, such as B12 and COVID-19.
_LATIN_NAME = re.compile("[A-Za-z_]-?$")


def wording_of(item: Item, language: str) -> Wording:
    """Return the item's wording in the language. Raises RenderError when there is none."""
    wording = item.wordings.get(language)
    if wording is None:
        raise RenderError(
            f"the item is written in {', '.join(item.wordings) or 'no language'} only: "
            f'write it under "text: {language}:"'
        )
    return wording


def uses_arabic_digits(campaign: Campaign, language: str) -> bool:
    """Tell whether this campaign writes numbers in this language as ١٢٣."""
    return campaign.arabic_digits and takes_arabic_digits(language)


def write_figures(item: Item, *, language: str, arabic_digits: bool) -> dict[str, str]:
    """Return each figure of the item as the language writes it."""
    return {
        name: write_number(value, language=language, arabic_digits=arabic_digits)
        for name, value in item.figures.items()
    }


def filled(text: str, *, item: Item, campaign: Campaign, language: str) -> str:
    """Return a text of the item with its figures, as the campaign writes them in the language.

    Raises RenderError when the text names a figure that the item does not have.
    """
    arabic_digits = uses_arabic_digits(campaign, language)
    figures = write_figures(item, language=language, arabic_digits=arabic_digits)
    return fill(text, item=item, figures=figures, arabic_digits=arabic_digits)


def fill(text: str, *, item: Item, figures: dict[str, str], arabic_digits: bool) -> str:
    """Return the text with `{name}` replaced by the figure of that name.

    Plain numbers become Arabic-Indic too where the campaign says so, but not inside a link or a hashtag.
    Raises RenderError when the text names a figure that the item does not have.
    """
    if arabic_digits and item.plain_numbers:
        text = _with_arabic_plain_numbers(text, item.plain_numbers)
    if "{" not in text:
        return text

    def figure(match: re.Match[str]) -> str:
        try:
            return figures[match[1]]
        except KeyError:
            raise RenderError(
                f"no figure {match[1]!r}: the item's figures are {', '.join(figures) or 'none'}; "
                'add it under "figures:", or correct its name in the text'
            ) from None

    return _FIGURE.sub(figure, text)


def _with_arabic_plain_numbers(text: str, plain_numbers: tuple[str, ...]) -> str:
    numbers_at: dict[tuple[int, int], list[str]] = {}
    for start, end, number in find_numbers(text):
        numbers_at.setdefault((start, end), []).append(number)
    pieces, written = [], 0
    for (start, end), numbers in numbers_at.items():
        if all(number in plain_numbers for number in numbers) and not _LATIN_NAME.search(text[:start]):
            pieces += [text[written:start], _in_arabic_digits(text[start:end], numbers)]
            written = end
    return "".join([*pieces, text[written:]])


def _in_arabic_digits(run: str, numbers: list[str]) -> str:
    """Write a number with its separators, and a date or a bare number digit by digit."""
    if len(numbers) == 1 and not run.isdecimal():
        return write_number(Decimal(numbers[0]), language="ar", arabic_digits=True)
    return to_arabic_digits(run)
