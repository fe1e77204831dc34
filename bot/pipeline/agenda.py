"""Weeks and months of posts as a wall calendar shows them: open times, clashes and clock changes, too."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.core.campaign import Campaign
from bot.core.clock import Clock
from bot.core.errors import NotAllowedError
from bot.core.post import WAITING, Post, State
from bot.pipeline.clashes import Clash, clashes
from bot.pipeline.moments import parse_moment
from bot.pipeline.wall_days import DAY, Stretch, WallDay, instants_of, offsets_of, wall_day, wall_days
from bot.planning.calendar import ClockChange, instant_of, slots_between, zone_named
from bot.store import agenda, contents, posts
from bot.store.agenda import AgendaPost, AgendaWanted
from bot.store.database import Database, Tx

#: Days in the weeks that can touch a month.
MONTH_DAYS = 42
#: Posts of one day that a week shows, that a day by itself shows, and how far the rest is counted.
SHOWN_OF_WEEK, SHOWN_OF_DAY, COUNTED_UP_TO = 16, 160, 500
#: Posts of one day that a month names; how far it counts.
NAMED_OF_MONTH, COUNTED_OF_MONTH = 3, 100
#: Rows of the index that are looked through for one day: of a day that holds more only the first ones.
LOOK, LOOK_OF_MONTH = 5_000, 1_000
#: Posts of one day that are held against one another.
COMPARED = 120
#: How far back posts are held against those shown, at most.
LOOK_BACK_DAYS = 7
#: With more campaigns than these on one page, open posting times would hide the posts.
OPENINGS_OF_UP_TO = 4
#: How far ahead a moved post's zone is described to the page.
ZONE_AHEAD = timedelta(days=120)

#: States whose posts a person may move to another moment.
MOVABLE = WAITING | {State.MISSED}


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A posting time to come for which nothing is planned."""

    campaign: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Place:
    """A stretch of an hour with what stands in it, in order."""

    stretch: Stretch
    entries: tuple[AgendaPost | Opening, ...]
    #: How many of the entries are past; None where the present is elsewhere.
    past: int | None


@dataclass(frozen=True, kw_only=True)
class AgendaHour:
    """One hour of the clock on one day: no place where the clocks skip it, two where it comes twice."""

    hour: int
    places: tuple[Place, ...]


@dataclass(frozen=True, kw_only=True)
class AgendaDay:
    """One day with its posts, or with the first of them."""

    date: date
    start: datetime
    end: datetime
    hours: tuple[AgendaHour, ...]
    posts: tuple[AgendaPost, ...]
    changes: tuple[ClockChange, ...]
    #: How many more there are, counted up to `COUNTED_UP_TO`.
    more: int
    #: False: it holds so many that not all were held against one another.
    all_compared: bool


@dataclass(frozen=True, kw_only=True)
class Days:
    """Some days in a row, in one zone."""

    zone: str
    now: datetime
    days: tuple[AgendaDay, ...]
    clashes: tuple[Clash, ...]
    by_post: Mapping[int, tuple[Clash, ...]] = field(repr=False)
    #: The first and the last hour of the clock with something in it; None where there is nothing.
    first_hour: int | None
    last_hour: int | None


@dataclass(frozen=True, kw_only=True)
class MonthDay:
    """One day of a month: how many posts of each state it holds, the first of them, its open times."""

    date: date
    start: datetime
    counts: Mapping[State, int]
    #: It holds more than were counted.
    or_more: bool
    first: tuple[AgendaPost, ...]
    openings: int
    changes: tuple[ClockChange, ...]

    @property
    def number(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, kw_only=True)
class Month:
    """The weeks that a month touches."""

    zone: str
    now: datetime
    days: tuple[MonthDay, ...]


@dataclass(frozen=True, kw_only=True)
class Intended:
    """What a person means by another moment for a post, in its campaign's zone."""

    post: Post
    zone: str
    #: As written; None when an instant was named.
    wall_time: datetime | None
    #: None where the clocks skip that time, two where it comes twice.
    instants: tuple[datetime, ...]
    #: The first instant that is not before it.
    first: datetime


class Agenda:
    """Reads calendars. Changes nothing."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def campaigns(self) -> list[Campaign]:
        """Every campaign, for what a calendar can be narrowed to."""
        with self._db.read() as tx:
            return [stored.campaign for stored in contents.read_campaigns(tx)]

    def today(self, zone: str) -> date:
        """The date in a zone."""
        return self._clock.now().astimezone(zone_named(zone)).date()

    def days(
        self, wanted: AgendaWanted, *, first: date, count: int, zone: str, shown: int = SHOWN_OF_WEEK
    ) -> Days:
        """So many days from the first on, each with up to `shown` of its posts."""
        now = self._clock.now()
        days = wall_days(first, count, zone)
        spans = [(day.start, day.end) for day in days]
        with self._db.read() as tx:
            campaigns = {stored.campaign.key: stored.campaign for stored in contents.read_campaigns(tx)}
            found = agenda.first_of_days(tx, spans, wanted, limit=shown + 1, look=LOOK)
            more = self._more(tx, spans, wanted, [len(of_day) > shown for of_day in found], shown)
        with self._db.read() as tx:
            openings = _openings(tx, wanted, campaigns, days, now=now)
            clashing, whole = self._clashes(tx, wanted, campaigns, first=first, count=count, zone=zone)
        built = [
            _agenda_day(day, of_day[:shown], openings, more=rest, whole=compared, now=now)
            for day, of_day, rest, compared in zip(days, found, more, whole, strict=True)
        ]
        return _days_of(zone, now, built, clashing)

    def month(self, wanted: AgendaWanted, *, first: date, zone: str) -> Month:
        """Six weeks from the first day on."""
        now = self._clock.now()
        days = wall_days(first, MONTH_DAYS, zone)
        spans = [(day.start, day.end) for day in days]
        with self._db.read() as tx:
            campaigns = {stored.campaign.key: stored.campaign for stored in contents.read_campaigns(tx)}
            limit = COUNTED_OF_MONTH + 1
            counts = agenda.counts_of_days(tx, spans, wanted, limit=limit, look=LOOK_OF_MONTH)
        with self._db.read() as tx:
            named = agenda.first_of_days(tx, spans, wanted, limit=NAMED_OF_MONTH, look=LOOK_OF_MONTH)
            openings = _openings(tx, wanted, campaigns, days, now=now)
        return Month(
            zone=zone,
            now=now,
            days=tuple(
                MonthDay(
                    date=day.date,
                    start=day.start,
                    counts=of_day,
                    or_more=sum(of_day.values()) > COUNTED_OF_MONTH,
                    first=tuple(first_ones),
                    openings=sum(day.start <= opening.due_at < day.end for opening in openings),
                    changes=day.changes,
                )
                for day, of_day, first_ones in zip(days, counts, named, strict=True)
            ),
        )

    def offsets(self, zone: str, *, first: date) -> list[tuple[datetime, timedelta]]:
        """How far a zone's clocks are from UTC, from shortly before that day on, for a good while."""
        start = wall_day(first - DAY, zone).start
        return offsets_of(zone, start=start, end=max(start, self._clock.now()) + ZONE_AHEAD)

    def intended(self, post_id: int, written: str) -> Intended:
        """What a person means by a moment: wall time of the post's campaign, or an instant with its offset.

        Raises NotFoundError for no post, NotAllowedError for what is no moment.
        """
        with self._db.read() as tx:
            post = posts.read_post(tx, post_id)
            campaign = contents.read_campaign(tx, post.campaign)
        zone = post.slot.zone if campaign is None else campaign.zone
        try:
            moment = parse_moment(written)
        except ValueError as error:
            raise NotAllowedError(str(error)) from error
        if moment.at is None or moment.at.tzinfo is not None:
            at = moment.instant(self._clock, zone=zone)
            return Intended(post=post, zone=zone, wall_time=None, instants=(at,), first=at)
        return Intended(
            post=post,
            zone=zone,
            wall_time=moment.at,
            instants=instants_of(moment.at, zone),
            first=instant_of(moment.at, zone_named(zone)),
        )

    def _more(
        self,
        tx: Tx,
        spans: Sequence[agenda.Span],
        wanted: AgendaWanted,
        full: Sequence[bool],
        shown: int,
    ) -> list[int]:
        """How many posts each full day holds beyond those shown."""
        if not any(full):
            return [0] * len(spans)
        counts = agenda.counts_of_days(tx, spans, wanted, limit=shown + COUNTED_UP_TO, look=LOOK)
        return [max(sum(of_day.values()) - shown, 0) for of_day in counts]

    def _clashes(
        self,
        tx: Tx,
        wanted: AgendaWanted,
        campaigns: Mapping[str, Campaign],
        *,
        first: date,
        count: int,
        zone: str,
    ) -> tuple[list[Clash], list[bool]]:
        """What clashes on these days, and which of them were looked at whole."""
        back = _look_back(campaigns)
        days = wall_days(first - back * DAY, back + count, zone)
        # Whatever its language or state, a post is in the way of its account's others.
        of_whom = AgendaWanted(campaign=wanted.campaign, account=wanted.account)
        spans = [(day.start, day.end) for day in days]
        found = agenda.appointments(tx, spans, of_whom, limit=COMPARED, look=LOOK)
        start, end = days[back].start, days[-1].end
        clashing = clashes(found, campaigns, now=self._clock.now())
        moments = [one.due_at for one in found]
        numbers = [_before(moments, day.end) - _before(moments, day.start) for day in days[back:]]
        return (
            [clash for clash in clashing if start <= clash.due_at < end],
            [number < COMPARED for number in numbers],
        )


def speaks(campaign: Campaign, wanted: AgendaWanted) -> bool:
    """Whether what is wanted can be the campaign's."""
    return (
        wanted.campaign in (None, campaign.key)
        and (wanted.account is None or campaign.account(wanted.account) is not None)
        and (wanted.language is None or wanted.language in campaign.languages)
    )


def _look_back(campaigns: Mapping[str, Campaign]) -> int:
    """Days before the first one shown whose posts may be in the way of what is shown."""
    longest = [DAY]
    for campaign in campaigns.values():
        longest.append(campaign.cooldown)
        longest += [account.pace.gap for account in campaign.accounts if account.pace.gap is not None]
    return min(-(-max(longest) // DAY), LOOK_BACK_DAYS)


def _openings(
    tx: Tx,
    wanted: AgendaWanted,
    campaigns: Mapping[str, Campaign],
    days: Sequence[WallDay],
    *,
    now: datetime,
) -> list[Opening]:
    """The posting times to come that hold nothing, unless too much else is on the page."""
    shown = [one for one in campaigns.values() if speaks(one, wanted)]
    start, end = max(now, days[0].start), days[-1].end
    if wanted.state is not None or len(shown) > OPENINGS_OF_UP_TO or start >= end:
        return []
    found = []
    for campaign in shown:
        slots = slots_between(campaign, start=start, end=end)
        taken = agenda.taken_keys(tx, campaign.key, [slot.key for slot in slots])
        busy = agenda.busy_moments(tx, [slot.due_at for slot in slots], limit=LOOK)
        found += [
            Opening(campaign=campaign.key, due_at=slot.due_at)
            for slot in slots
            if slot.key not in taken and (campaign.key, slot.due_at) not in busy
        ]
    return sorted(found, key=lambda opening: opening.due_at)


def _agenda_day(
    day: WallDay,
    shown: Sequence[AgendaPost],
    openings: Sequence[Opening],
    *,
    more: int,
    whole: bool,
    now: datetime,
) -> AgendaDay:
    open_today = [opening for opening in openings if day.start <= opening.due_at < day.end]
    # Where not all of the day is shown, what lies behind the last post may be taken by another.
    if more:
        open_today = [opening for opening in open_today if opening.due_at <= shown[-1].due_at]
    entries: list[AgendaPost | Opening] = [*shown, *open_today]
    entries.sort(key=lambda entry: entry.due_at)
    moments = [entry.due_at for entry in entries]
    hours: dict[int, list[Place]] = {hour: [] for hour in range(24)}
    for stretch in day.stretches:
        # From the first entry that is not before the stretch to the first that is not before its end.
        first, last = (_before(moments, border) for border in (stretch.at, stretch.end))
        hours[stretch.hour].append(
            Place(
                stretch=stretch,
                entries=tuple(entries[first:last]),
                past=_before(moments, now) - first if stretch.at <= now < stretch.end else None,
            )
        )
    return AgendaDay(
        date=day.date,
        start=day.start,
        end=day.end,
        hours=tuple(AgendaHour(hour=hour, places=tuple(places)) for hour, places in hours.items()),
        posts=tuple(shown),
        changes=day.changes,
        more=more,
        all_compared=whole,
    )


def _before(moments: Sequence[datetime], border: datetime) -> int:
    return bisect_right(moments, border - timedelta(microseconds=1))


def _days_of(zone: str, now: datetime, days: Sequence[AgendaDay], clashing: Sequence[Clash]) -> Days:
    used = [hour.hour for day in days for hour in day.hours if any(place.entries for place in hour.places)]
    by_post: dict[int, list[Clash]] = {}
    for clash in clashing:
        by_post.setdefault(clash.post, []).append(clash)
    return Days(
        zone=zone,
        now=now,
        days=tuple(days),
        clashes=tuple(clashing),
        by_post={post: tuple(found) for post, found in by_post.items()},
        first_hour=min(used, default=None),
        last_hour=max(used, default=None),
    )
