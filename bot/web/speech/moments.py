"""Moments, days and spans of time as the page's language writes them; times always of 24 hours."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta, get_timezone_location

from bot.core.dates import PartialDate, Period
from bot.planning.calendar import zone_named
from bot.rendering.locales import write_date, write_period
from bot.web.speech.figures import digits
from bot.web.speech.reader import reader
from bot.web.speech.regions import locale, region

#: Marks of direction that the page does not need: its moments stand isolated.
_UNSEEN = dict.fromkeys(map(ord, "\u061c\u200e\u200f"))
#: Day and time: without and with the year. CLDR's letters.
_MOMENT = {
    "ar": ("EEEE d MMMM، HH:mm", "EEEE d MMMM y، HH:mm"),
    "en": ("EEE d MMM, HH:mm", "EEE d MMM y, HH:mm"),
    "tr": ("d MMM EEE HH:mm", "d MMM y EEE HH:mm"),
}
_DAY = {
    "ar": ("EEEE d MMMM", "EEEE d MMMM y"),
    "en": ("EEEE d MMMM", "EEEE d MMMM y"),
    "tr": ("d MMMM EEEE", "d MMMM y EEEE"),
}
_SHORT_DAY = {"ar": "d MMMM", "en": "d MMM", "tr": "d MMM"}
#: Zones that are no place.
_NO_PLACE = frozenset({"UTC", "GMT"})
#: Languages that CLDR calls otherwise.
_NAMED_AS = {"kmr": "ku"}
#: Arabic's two of a kind has another form after `within` or `before` than CLDR's, which stands alone.
_WITHIN = {"ثانيتان": "ثانيتين", "دقيقتان": "دقيقتين", "ساعتان": "ساعتين", "يومان": "يومين"}
_Unit = Literal["day", "hour", "minute", "second"]
#: In seconds. A unit is used for one of it, and from two on: `90 minutes`, not `2 hours`.
_UNITS: tuple[tuple[_Unit, int], ...] = (
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
)


def moment(when: datetime, zone: ZoneInfo | str, *, now: datetime | None = None) -> str:
    """`Sat 21 Nov, 18:30 (Damascus)`. The year stands there when it is not that of `now`."""
    there = local(when, zone)
    with_year = now is None or there.year != now.astimezone(there.tzinfo).year
    text = _written(there, _MOMENT[reader().language][with_year])
    return f"{text} ({city(zone)})"


def day(when: date | datetime, zone: ZoneInfo | str | None = None, *, now: datetime | None = None) -> str:
    """`Saturday 21 November 2026`; without the year when it is that of `now`."""
    there = _there(when, zone)
    with_year = now is None or there.year != now.year
    return _written(there, _DAY[reader().language][with_year])


def short_day(when: date | datetime, zone: ZoneInfo | str | None = None) -> str:
    """`21 Nov`."""
    return _written(_there(when, zone), _SHORT_DAY[reader().language])


def weekday(when: date | datetime) -> str:
    """`Sat`; in Arabic the whole name, which has no short form."""
    return _written(when, "EEE")


def month(when: date | datetime) -> str:
    """`November 2026`."""
    return _written(when, "LLLL y")


def clock_time(when: datetime, zone: ZoneInfo | str | None = None) -> str:
    """`18:30`: in the zone, or as it stands."""
    return digits(f"{_there(when, zone):%H:%M}")


def clock_seconds(when: datetime, zone: ZoneInfo | str | None = None) -> str:
    """`18:30:07`, where an attempt's seconds matter."""
    return digits(f"{_there(when, zone):%H:%M:%S}")


def local(when: datetime, zone: ZoneInfo | str) -> datetime:
    """The moment as a clock in the zone shows it."""
    return when.astimezone(zone_named(zone) if isinstance(zone, str) else zone)


def city(zone: ZoneInfo | str) -> str:
    """The zone by its city: `Damascus`, `دمشق`, `Şam`."""
    name = zone if isinstance(zone, str) else zone.key
    return _city(name, reader().language)


def language_name(code: str) -> str:
    """A language in the page's own; its code where CLDR has no name for it."""
    names = locale().languages
    return str(names.get(_NAMED_AS.get(code, code), code))


def date_words(known: PartialDate) -> str:
    """A date as exactly as it is known: `2017`, `February 2017`, `6 July 2020`."""
    who = reader()
    return write_date(known, language=who.language, arabic_digits=who.arabic_digits)


def period_words(period: Period) -> str:
    """`March 2011 – June 2020`."""
    who = reader()
    return write_period(period, language=who.language, arabic_digits=who.arabic_digits)


def duration(span: timedelta | float) -> str:
    """`12 minutes`, as it stands within a sentence; of seconds, when it is given a number."""
    text = _span(_timedelta(span), with_direction=False)
    return _WITHIN.get(text, text)


def from_now(span: timedelta) -> str:
    """`in 12 minutes`, or `12 minutes ago` when it is less than nothing."""
    return _span(span, with_direction=True)


def _there(when: date | datetime, zone: ZoneInfo | str | None) -> date | datetime:
    return local(when, zone) if isinstance(when, datetime) and zone is not None else when


def _span(span: timedelta, *, with_direction: bool) -> str:
    seconds = abs(span.total_seconds())
    unit: _Unit = next(
        (name for name, length in _UNITS if seconds >= 2 * length or seconds == length), "second"
    )
    # Only the unit that was chosen: none is large enough to come before it.
    text = format_timedelta(
        span, granularity=unit, threshold=math.inf, add_direction=with_direction, locale=locale()
    )
    return digits(text.translate(_UNSEEN))


def _timedelta(span: timedelta | float) -> timedelta:
    return span if isinstance(span, timedelta) else timedelta(seconds=span)


def _written(when: date | datetime, pattern: str) -> str:
    # format_date takes only the letters of a date; a datetime's hours are written here.
    pattern = pattern.replace("HH:mm", f"'{when:%H:%M}'" if isinstance(when, datetime) else "")
    return digits(format_date(when, pattern, locale=locale()).translate(_UNSEEN))


@lru_cache(maxsize=512)
def _city(name: str, language: str) -> str:
    last = name.rpartition("/")[2]
    if last in _NO_PLACE:
        return last
    return str(get_timezone_location(name, locale=region(language), return_city=True))
