"""Numbers, dates and periods as each language writes them (Babel), without marks that nobody sees."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal

from bot.core.dates import PartialDate, Period
from bot.core.errors import RenderError
from bot.text.numbers import to_arabic_digits

#: Where a language alone says too little: Levantine months (شباط, not فبراير), the day before the month.
_REGIONS = {"ar": "ar_SY", "en": "en_GB"}
#: Babel puts thin and narrow spaces around dashes and between digits, and marks of direction before a minus
#: and in short Arabic dates. X counts a mark as two characters, and Bluesky takes it into a hashtag.
_PLAIN = str.maketrans({
    "\u2009": " ",
    "\u202f": "\u00a0",
    **dict.fromkeys("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"),
})  # fmt: skip
#: Babel writes Latin digits whatever the numbering system, so these are ours.
_ARABIC_NUMBERS = str.maketrans("0123456789,.", "٠١٢٣٤٥٦٧٨٩٬٫")
#: Patterns whose year stands apart, so that the first of two equal ones can go: `March – June 2020`.
_YEAR_APART = {"MMMM y": "MMMM", "d MMMM y": "d MMMM"}


def is_right_to_left(language: str) -> bool:
    """Tell whether the language is written from right to left. Raises RenderError for an unknown one."""
    return _locale(language).text_direction == "rtl"


def takes_arabic_digits(language: str) -> bool:
    """Tell whether ٠١٢٣ are digits of the language: Persian and Urdu have others."""
    return _locale(language).language == "ar"


def write_number(value: int | Decimal, *, language: str, arabic_digits: bool) -> str:
    """Write a figure with every digit it was given: `14,388`, `14.388`, `١٤٬٣٨٨`. Never rounded."""
    # The text is the key: 2.5 and 2.50 are equal as numbers, and not the same figure to a reader.
    # `f` keeps a Decimal's own zeros, but would give an int six of them.
    text = str(value) if isinstance(value, int) else format(value, "f")
    return _write_number(text, language, arabic_digits)


def write_date(day: PartialDate, *, language: str, arabic_digits: bool) -> str:
    """Write a date as exactly as it is known: `2017`, `February 2017`, `6 July 2020`."""
    return write_period(Period(start=day, end=day), language=language, arabic_digits=arabic_digits)


@lru_cache(maxsize=4096)
def write_period(period: Period, *, language: str, arabic_digits: bool) -> str:
    """Write a span as `March 2011 – June 2020`, within a year as `March – June 2020`, a moment as a date."""
    locale = _locale(language)
    end = _write(period.end, _pattern(period.end, locale), locale)
    if period.start == period.end:
        text = end
    else:
        pattern = _pattern(period.start, locale)
        if _is_within_year(period):
            pattern = _YEAR_APART.get(pattern, pattern)
        start = _write(period.start, pattern, locale)
        text = str(locale.interval_formats[None]).format(start, end)
    text = text.translate(_PLAIN)
    return to_arabic_digits(text) if arabic_digits else text


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(_REGIONS.get(language, language), sep="-" if "-" in language else "_")
    except (UnknownLocaleError, ValueError) as error:
        raise RenderError(
            f"language {language!r} is unknown: no numbers or dates can be written in it; "
            "use a code such as ar, en or tr"
        ) from error


@lru_cache(maxsize=4096)
def _write_number(value: str, language: str, arabic_digits: bool) -> str:
    locale = _locale(language)
    whole, _, decimals = value.removeprefix("-").partition(".")
    text = format_decimal(int(whole), locale=locale).translate(_PLAIN)
    if decimals:
        text += str(locale.number_symbols["latn"]["decimal"]) + decimals
    if value.startswith("-"):
        text = f"-{text}"
    return text.translate(_ARABIC_NUMBERS) if arabic_digits else text


def _is_within_year(period: Period) -> bool:
    """Tell whether both ends are known to the month, or to the day, of one year."""
    start, end = period.start, period.end
    same_exactness = (start.day is None) == (end.day is None)
    return start.year == end.year and start.month is not None and end.month is not None and same_exactness


def _pattern(day: PartialDate, locale: Locale) -> str:
    """Return how the locale orders a date of this exactness, with month names as they stand beside a year."""
    if day.month is None:
        return str(locale.datetime_skeletons["y"].pattern)
    if day.day is None:
        return str(locale.datetime_skeletons["yMMMM"].pattern)
    return str(locale.date_formats["long"].pattern)


def _write(day: PartialDate, pattern: str, locale: Locale) -> str:
    return format_date(day.first_day(), pattern, locale=locale)
