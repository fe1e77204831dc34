"""What a person means by a moment: now, an instant with its offset, or wall time in a campaign's zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.core.clock import Clock

#: Nobody plans outside of these years, and the calendar's own ends are far.
_YEARS = range(1970, 2200)

_WRITTEN = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<time>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(?P<offset>[Zz]|[+-]\d{2}:\d{2})?)?",
    re.ASCII,
)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A moment as a person wrote it. `at` None is now; a naive one is wall time."""

    at: datetime | None

    def instant(self, clock: Clock, *, zone: str) -> datetime:
        """The UTC instant, wall time being that of `zone`.

        A time that the clocks skip is the first one after; one that comes twice is the first of both.
        """
        if self.at is None:
            return clock.now()
        if self.at.tzinfo is not None:
            return self.at
        from bot.planning.calendar import instant_of, zone_named

        return instant_of(self.at, zone_named(zone))


def parse_moment(text: str) -> Moment:
    """Read `now`, `2026-11-25`, `2026-11-25 18:30` or RFC 3339. Raises ValueError for anything else."""
    text = text.strip()
    if text == "now":
        return Moment(at=None)
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{text!r} is no moment: write now, 2026-11-25 18:30 (in the campaign's zone) "
            "or 2026-11-25T18:30:00+03:00"
        )
    day, time, offset = match["day"], match["time"], match["offset"]
    try:
        at = datetime.fromisoformat(f"{day}T{time or '00:00'}{(offset or '').upper()}")
    except ValueError as error:
        raise ValueError(f"{text!r} is no moment of the calendar ({error})") from error
    if at.year not in _YEARS:
        raise ValueError(f"{text!r}: write a year from {_YEARS[0]} to {_YEARS[-1]}")
    return Moment(at=at if at.tzinfo is None else at.astimezone(UTC))


def rfc3339(moment: datetime) -> str:
    """An instant in UTC with seconds, e.g. `2026-11-25T15:30:00Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def shifted(moment: datetime, by: timedelta, *, zone: str) -> datetime:
    """The moment so much later, or earlier; whole days keep the time that clocks in `zone` show."""
    from bot.planning.calendar import instant_of, zone_named

    if by % timedelta(days=1):
        return moment + by
    place = zone_named(zone)
    return instant_of(moment.astimezone(place).replace(tzinfo=None) + by, place)
