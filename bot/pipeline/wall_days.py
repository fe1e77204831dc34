"""A day as the clocks of a zone show it, hour by hour: none twice, none missing without saying so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.planning.calendar import ClockChange, clock_changes, instant_of, zone_named

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A part of one hour on the clock during which nobody changes it; nearly always all of the hour."""

    #: When it begins.
    at: datetime
    hour: int
    #: What the clock shows then, beside the hour.
    minute: int
    #: How long it is, in minutes.
    minutes: int
    #: The clock showed the same shortly before: it went back.
    is_again: bool

    @property
    def end(self) -> datetime:
        return self.at + self.minutes * MINUTE


@dataclass(frozen=True, kw_only=True)
class WallDay:
    """One day of a zone: from its first instant until just before the next day's."""

    date: date
    start: datetime
    end: datetime
    #: In order of their instants; the hours that the clocks skip are not there.
    stretches: tuple[Stretch, ...]
    changes: tuple[ClockChange, ...]


def wall_day(day: date, zone: str) -> WallDay:
    """The day of that date. Raises ContentError when the zone is not known."""
    place = zone_named(zone)
    start, end = _midnight(day, place), _midnight(day + DAY, place)
    changes = clock_changes(zone, start=start, end=end)
    return WallDay(
        date=day,
        start=start,
        end=end,
        stretches=tuple(_stretches(start, end, changes, place)),
        changes=tuple(changes),
    )


def wall_days(first: date, count: int, zone: str) -> list[WallDay]:
    """So many days from the first on."""
    return [wall_day(first + number * DAY, zone) for number in range(count)]


def instants_of(wall_time: datetime, zone: str) -> tuple[datetime, ...]:
    """Every instant at which a zone's clocks show a naive wall time: nearly always one; or none, or two."""
    place = zone_named(zone)
    found = {wall_time.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(at for at in found if at.astimezone(place).replace(tzinfo=None, fold=0) == wall_time))


def offsets_of(zone: str, *, start: datetime, end: datetime) -> list[tuple[datetime, timedelta]]:
    """How far the zone's clocks are from UTC at `start`, and from each change until `end` on."""
    offset = start.astimezone(zone_named(zone)).utcoffset()
    assert offset is not None
    later = clock_changes(zone, start=start + timedelta(seconds=1), end=end)
    return [(start, offset), *((change.at, change.after) for change in later)]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return instant_of(datetime.combine(day, time()), zone)


def _stretches(
    start: datetime, end: datetime, changes: list[ClockChange], zone: ZoneInfo
) -> Iterator[Stretch]:
    borders = [start, *(change.at for change in changes if start < change.at < end), end]
    for first, last in pairwise(borders):
        back = next((change for change in changes if change.at == first and change.shift < timedelta()), None)
        at = first
        while at < last:
            shown = at.astimezone(zone)
            left_of_hour = HOUR - timedelta(minutes=shown.minute, seconds=shown.second)
            next_at = min(at + left_of_hour, last)
            yield Stretch(
                at=at,
                hour=shown.hour,
                minute=shown.minute,
                minutes=-(-(next_at - at) // MINUTE),
                is_again=back is not None and shown.replace(tzinfo=None, fold=0) < back.wall_before,
            )
            at = next_at
