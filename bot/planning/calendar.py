"""When a campaign speaks: posting times, bursts and occasions as slots, clock changes included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from bot.core.campaign import Campaign, Weekday
from bot.core.errors import ContentError, Problem
from bot.core.post import Slot, SlotKind

#: In the order of `date.weekday()`.
_WEEKDAYS = tuple(Weekday)
#: Who keeps an instant that two slots want: the first of these.
_PRECEDENCE = {kind: rank for rank, kind in enumerate((SlotKind.OCCASION, SlotKind.BURST, SlotKind.REGULAR))}
#: Wider than any clock change: Samoa left out all of 30 December 2011 (tzdata 2026f, Pacific/Apia).
_MARGIN = timedelta(days=2)
#: Shorter than the time between any two changes of one zone: from 1970 to 2037 they are never less
#: than three days apart (tzdata 2026f, all zones).
_SEARCH_STEP = timedelta(hours=12)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class ClockChange:
    """One moment at which a zone's clocks jump forward or back."""

    zone: str
    at: datetime
    #: Offsets from UTC on either side.
    before: timedelta
    after: timedelta

    @property
    def shift(self) -> timedelta:
        """How far the clocks jump: above zero is forward (a gap), below is back (a time twice)."""
        return self.after - self.before

    @property
    def wall_before(self) -> datetime:
        """What the clock would show had it not jumped. Naive."""
        return (self.at + self.before).replace(tzinfo=None)

    @property
    def wall_after(self) -> datetime:
        """What the clock shows once it has jumped. Naive."""
        return (self.at + self.after).replace(tzinfo=None)


def slots_between(campaign: Campaign, *, start: datetime, end: datetime) -> list[Slot]:
    """List the campaign's slots with `start` <= due_at < `end`, earliest first.

    No two slots share an instant: an occasion goes before a burst, a burst before a regular
    posting time, and a time as written before one moved there by a clock change. Keys and
    instants depend on the campaign alone, never on the window. Raises ContentError when the
    campaign's zone is not known.
    """
    _check_aware(start=start, end=end)
    zone = zone_named(campaign.zone)
    first_day = (start.astimezone(zone) - _MARGIN).date()
    last_day = (end.astimezone(zone) + _MARGIN).date()
    if campaign.start is not None:
        first_day = max(first_day, campaign.start)
    if campaign.end is not None:
        last_day = min(last_day, campaign.end)

    winners: dict[datetime, Slot] = {}
    for slots in (_occasions, _bursts, _regular):
        for slot in slots(campaign, zone, first_day, last_day):
            if start <= slot.due_at < end:
                rival = winners.get(slot.due_at)
                if rival is None or _claim(slot, zone) < _claim(rival, zone):
                    winners[slot.due_at] = slot
    return [winners[due_at] for due_at in sorted(winners)]


def clock_changes(zone: str, *, start: datetime, end: datetime) -> list[ClockChange]:
    """List the moments with `start` <= at < `end` at which the zone's clocks jump, earliest first.

    A new name or rule that moves no clock (Damascus in October 2022) is none. Raises
    ContentError when the zone is not known.
    """
    _check_aware(start=start, end=end)
    place = zone_named(zone)
    earlier, last = _second_before(start), _second_before(end)
    before = _offset(earlier, place)
    changes = []
    while earlier < last:
        later = min(earlier + _SEARCH_STEP, last)
        after = _offset(later, place)
        if before != after:
            at = _change_between(earlier, later, place)
            changes.append(ClockChange(zone=zone, at=at, before=before, after=after))
        earlier, before = later, after
    return changes


def instant_of(wall_time: datetime, zone: ZoneInfo) -> datetime:
    """Give the UTC instant of a naive wall time in a zone.

    A time that exists twice is its first. One that does not exist is the first instant after
    the gap: 02:30 where the clocks go from 02:00 to 03:00 becomes 03:00.
    """
    instant = wall_time.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _wall(instant, zone) == wall_time:
        return instant
    # In a gap fold=0 reads the time with the offset before it and so lands after the change;
    # fold=1 lands before it (PEP 495).
    return _change_between(wall_time.replace(tzinfo=zone, fold=1).astimezone(UTC), instant, zone)


@cache
def zone_named(name: str) -> ZoneInfo:
    """Give the zone from the `tzdata` package. Raises ContentError when it holds no such zone."""
    # Not ZoneInfo(name), which prefers the machine's own data: that may be years old, and two
    # workers on two machines must find the same instants.
    place = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    try:
        if ".." in name.split("/"):
            raise ValueError("a zone's name leads nowhere else")
        with place.open("rb") as data:
            return ZoneInfo.from_file(data, key=name)
    except (OSError, ValueError) as error:
        remedy = "use an IANA name such as Asia/Damascus, or install a newer tzdata"
        raise ContentError([Problem(where=f"zone {name!r}", what="not known", remedy=remedy)]) from error


def _regular(campaign: Campaign, zone: ZoneInfo, first_day: date, last_day: date) -> Iterator[Slot]:
    for day in _days(first_day, last_day):
        weekday = _WEEKDAYS[day.weekday()]
        for posting_time in campaign.posting_times:
            if not posting_time.weekdays or weekday in posting_time.weekdays:
                wall_time = datetime.combine(day, posting_time.at)
                yield Slot(
                    campaign=campaign.key,
                    key=_written(wall_time),
                    kind=SlotKind.REGULAR,
                    due_at=instant_of(wall_time, zone),
                    wall_time=wall_time,
                    zone=campaign.zone,
                )


def _bursts(campaign: Campaign, zone: ZoneInfo, first_day: date, last_day: date) -> Iterator[Slot]:
    for burst in campaign.bursts:
        first = instant_of(burst.start, zone)
        for number in range(burst.posts):
            # Elapsed time, not wall time: in a gap wall times would fall onto one instant, and
            # where the clocks go back the burst would fall silent for an hour.
            due_at = first + number * burst.every
            wall_time = burst.start if number == 0 else _wall(due_at, zone)
            if first_day <= wall_time.date() <= last_day:
                yield Slot(
                    campaign=campaign.key,
                    key=f"burst:{burst.key}:{number + 1}",
                    kind=SlotKind.BURST,
                    due_at=due_at,
                    wall_time=wall_time,
                    zone=campaign.zone,
                    occasion=burst.key,
                )


def _occasions(campaign: Campaign, zone: ZoneInfo, first_day: date, last_day: date) -> Iterator[Slot]:
    for occasion in campaign.occasions:
        for year in range(first_day.year, last_day.year + 1):
            day = _anniversary(year, occasion.month, occasion.day)
            if not first_day <= day <= last_day:
                continue
            for at in occasion.times:
                wall_time = datetime.combine(day, at)
                yield Slot(
                    campaign=campaign.key,
                    key=f"occasion:{occasion.key}:{_written(wall_time)}",
                    kind=SlotKind.OCCASION,
                    due_at=instant_of(wall_time, zone),
                    wall_time=wall_time,
                    zone=campaign.zone,
                    occasion=occasion.key,
                )


def _anniversary(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        # 29 February: an occasion comes back each year, so in other years it is the day before.
        return date(year, month, day - 1)


def _claim(slot: Slot, zone: ZoneInfo) -> tuple[int, bool, datetime, str]:
    """Rank slots that share an instant: the least keeps it, so that no two posts leave at once."""
    moved = _wall(slot.due_at, zone) != slot.wall_time
    return _PRECEDENCE[slot.kind], moved, slot.wall_time, slot.key


def _change_between(earlier: datetime, later: datetime, zone: ZoneInfo) -> datetime:
    """Find the change after `earlier` and not after `later`. Changes fall on whole seconds."""
    after = _offset(later, zone)
    earlier, later = earlier.replace(microsecond=0), later.replace(microsecond=0)
    while later - earlier > _SECOND:
        middle = earlier + (later - earlier) // 2 // _SECOND * _SECOND
        if _offset(middle, zone) == after:
            later = middle
        else:
            earlier = middle
    return later


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _written(wall_time: datetime) -> str:
    return wall_time.isoformat(timespec="auto" if wall_time.second or wall_time.microsecond else "minutes")


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _second_before(moment: datetime) -> datetime:
    """Give the last whole second before a moment."""
    whole = moment.astimezone(UTC).replace(microsecond=0)
    return whole if whole < moment else whole - _SECOND


def _check_aware(**moments: datetime) -> None:
    for name, moment in moments.items():
        if moment.tzinfo is None:
            raise ValueError(f"{name}={moment} has no zone: give an aware moment")
