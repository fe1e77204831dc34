"""Find the numbers of a text, however their digits and separators are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from bot.text.hashtags import find_hashtags, find_mentions
from bot.text.links import find_links

#: Separators as written in Arabic, English and Turkish. U+066C only groups, U+066B only divides.
_ARABIC_GROUP: Final = "\u066c"
_ARABIC_POINT: Final = "\u066b"
_ARABIC_COMMA: Final = "\u060c"
#: Digits with separators between them: one number, or several, as in `15.03.2011`.
_DIGITS = re.compile(rf"\d+(?:[.,{_ARABIC_GROUP}{_ARABIC_POINT}{_ARABIC_COMMA}]\d+)*")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_TO_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def numbers_in(text: str) -> tuple[str, ...]:
    """Return the numbers in reading order, in Latin digits with `.` before decimals: `14388`, `3.5`.

    Digits grouped in threes are one number, in any language's way: `14,388`, `14.388`, `١٤٬٣٨٨`. Numbers
    inside links, hashtags, mentions and `{placeholders}` are none.
    """
    return tuple(number for _, _, number in find_numbers(text))


def find_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and Latin form of each number of `numbers_in`. Parts of a date share one span."""
    covered = _covered_spans(text) if _DIGITS.search(text) else []
    for run in _DIGITS.finditer(text):
        start, end = run.span()
        while covered and covered[-1][1] <= start:
            covered.pop()
        if not covered or covered[-1][0] >= end:
            for number in _read(_latin_digits(run[0])):
                yield start, end, number


def to_arabic_digits(text: str) -> str:
    """Write a number or date, already formatted, with Arabic-Indic digits. In a link they would break it."""
    return text.translate(_TO_ARABIC)


def _covered_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans whose digits are no numbers, last first, without overlap."""
    spans = [
        (one.start, one.end) for find in (find_links, find_hashtags, find_mentions) for one in find(text)
    ]
    spans += [placeholder.span() for placeholder in _PLACEHOLDER.finditer(text)]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged[::-1]


def _latin_digits(digits: str) -> str:
    if digits.isascii():
        return digits
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in digits)


def _read(run: str) -> list[str]:
    """Read digits with separators: a whole number, a decimal, or several numbers side by side."""
    parts = re.split(r"\D", run)
    separators = re.findall(r"\D", run)
    if not separators:
        return parts
    if _is_grouped(parts, separators):
        return ["".join(parts)]
    *groups, decimals = parts
    *before, point = separators
    if point in (".", ",", _ARABIC_POINT) and (
        not before or (point not in before and _is_grouped(groups, before))
    ):
        return [f"{''.join(groups)}.{decimals}"]
    return parts


def _is_grouped(parts: list[str], separators: list[str]) -> bool:
    """Say whether the parts are thousands: `0.750` is not, nor is `1,234.567`."""
    first, *rest = parts
    return (
        len(set(separators)) == 1
        and separators[0] != _ARABIC_POINT
        and len(first) <= 3
        and not first.startswith("0")
        and all(len(part) == 3 for part in rest)
    )
