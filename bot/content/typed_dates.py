"""Dates, periods and numbers as people type them, where they can mean one thing only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from bot.text.numbers import numbers_in

#: Fields that hold one day.
_DAYS = ("read_on", "recheck_on")
#: A day with its year last, as most of the world writes it, and as Americans do.
_YEAR_LAST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})([/.-])([0-9]{1,2})(?:\2([0-9]{1,2}))?")
_MONTH_YEAR = re.compile(r"([0-9]{1,2})[/.-]([0-9]{4})")
#: Between the two ends of a period, besides the slash: a dash, or a hyphen that stands free.
_DASH = re.compile(r"\s*[\u2013\u2014]\s*|\s+-\s+")
_ENTRY = re.compile(r"([;\n؛])")
_MONTHS = 12


def in_plain_writing(form: Mapping[str, str]) -> dict[str, str]:
    """The fields, those with dates and numbers in the digits 0-9 and with the year first.

    What can mean two things, or nothing, stays as it was typed: the rules say what is wrong with it.
    """
    found = dict(form)
    for field in _DAYS:
        if field in found:
            found[field] = plain_date(found[field])
    if "period" in found:
        found["period"] = _plain_period(found["period"])
    if "figures" in found:
        found["figures"] = "".join(_plain_figure(part) for part in _ENTRY.split(found["figures"]))
    if "plain_numbers" in found:
        found["plain_numbers"] = latin_digits(found["plain_numbers"])
    return found


def latin_digits(text: str) -> str:
    """The text with every digit as one of 0-9."""
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)


def plain_date(text: str) -> str:
    """`2026-11-21` for `21/11/2026`, `2012-03` for `٢٠١٢/٣`; the text itself where it can mean two days."""
    typed = latin_digits(text).strip()
    if match := _YEAR_FIRST.fullmatch(typed):
        return _written(match[1], match[3], match[4])
    if match := _MONTH_YEAR.fullmatch(typed):
        return _written(match[2], match[1])
    if (match := _YEAR_LAST.fullmatch(typed)) is None:
        return typed
    first, second, year = match[1], match[3], match[4]
    if int(first) > _MONTHS or int(first) == int(second):
        return _written(year, second, first)
    return _written(year, first, second) if int(second) > _MONTHS else typed


def _written(year: str, month: str, day: str | None = None) -> str:
    return "-".join([year, month.zfill(2), *([] if day is None else [day.zfill(2)])])


def _plain_period(text: str) -> str:
    typed = latin_digits(text).strip()
    alone = plain_date(typed)
    if alone != typed:
        return alone
    ends = _DASH.split(typed)
    if len(ends) != 2:
        ends = typed.split("/")
    return "/".join(plain_date(end) for end in ends) if len(ends) == 2 else typed


def _plain_figure(part: str) -> str:
    name, equals, value = part.partition("=")
    numbers = numbers_in(value)
    # What is in the digits 0-9 already, the rules read, and refuse, as they do in the files.
    if value.isascii() or len(numbers) != 1:
        return part
    return f"{name}{equals}{numbers[0]}"
