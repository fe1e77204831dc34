"""What the posts that left add up to: by day and hour, kind, language, hashtag, lateness and cost."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.campaign import Campaign, Kind
from bot.core.clock import Clock
from bot.core.post import Mode, State
from bot.pipeline.inspect import known_campaign
from bot.pipeline.tallies import READ_AT_ONCE, Named, Paid, Sent, Tallies, Tally
from bot.planning.calendar import instant_of, zone_named
from bot.store import contents, figures
from bot.store.database import Database

#: Names shown of hashtags and of items, the most used first.
SHOWN = 12
#: Posts of one state are counted no further: "5,000+".
COUNTED_UP_TO = 5000
#: Upper bounds of the histogram of lateness; the last bar is what was later still.
LATENESS_BOUNDS = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 15, 60, 5 * 60, 15 * 60, 60 * 60))
#: What did not leave, or may not have.
_NOT_SENT = (State.MISSED, State.REJECTED, State.CANCELLED, State.UNKNOWN, State.UNCONFIRMED, State.HELD)
#: Results kept, and for how long, in seconds: a page asks once for itself and once for each picture.
_KEPT = 16
_KEPT_FOR = 10.0
#: The same for figures of a part: the next page has more of it.
_PART_KEPT_FOR = 1.0


@dataclass(frozen=True, kw_only=True)
class DayFigures:
    """One day of the campaign's zone."""

    day: date
    facts: int
    calls: int
    #: In millionths of a US dollar.
    cost_with_link: int
    cost_without_link: int

    @property
    def posts(self) -> int:
        return self.facts + self.calls

    @property
    def cost_usd_micros(self) -> int:
        return self.cost_with_link + self.cost_without_link


@dataclass(frozen=True, kw_only=True)
class NameFigures:
    """A name and how many posts, or messages, carry it."""

    name: str
    number: int


@dataclass(frozen=True, kw_only=True)
class LatenessFigures:
    """How long after their moments the posts left, in whole seconds."""

    p50: int
    p90: int
    p99: int
    #: For each of LATENESS_BOUNDS the posts that were less late than it, and not than the one before; last,
    #: all that were later.
    histogram: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class AccountFigures:
    """What left through one account, and what it cost, in millionths of a US dollar."""

    name: str
    posts: int
    messages_with_link: int
    cost_with_link: int
    messages_without_link: int
    cost_without_link: int

    @property
    def cost_usd_micros(self) -> int:
        return self.cost_with_link + self.cost_without_link


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What left in the last `days` days, of one mode, of one campaign or of all."""

    days: int
    campaign: str | None
    mode: Mode
    #: Whose days these are: the campaign's; UTC where campaigns of several zones stand together.
    zone: str
    #: Oldest first, with the days on which nothing left.
    by_day: tuple[DayFigures, ...]
    #: Posts in each hour of the campaign's day, from 0 to 23.
    by_hour: tuple[int, ...]
    languages: tuple[NameFigures, ...]
    hashtags: tuple[NameFigures, ...]
    items: tuple[NameFigures, ...]
    accounts: tuple[AccountFigures, ...]
    #: None when nothing left.
    lateness: LatenessFigures | None
    #: The campaign's wanted share of calls, 0 to 1; None when several campaigns want different ones.
    calls_share: float | None
    #: Posts due in these days that did not leave, by state, of any mode; counted up to COUNTED_UP_TO.
    not_sent: Mapping[State, int]
    #: Posts of the other mode in the same days.
    of_other_mode: int
    #: The figures hold from this moment on; None: for the whole time.
    whole_since: datetime | None

    @property
    def posts(self) -> int:
        return sum(day.posts for day in self.by_day)

    @property
    def facts(self) -> int:
        return sum(day.facts for day in self.by_day)

    @property
    def calls(self) -> int:
        return sum(day.calls for day in self.by_day)

    @property
    def cost_usd_micros(self) -> int:
        return sum(day.cost_usd_micros for day in self.by_day)


class Insight:
    """Adds up what left. Changes nothing."""

    def __init__(self, db: Database, clock: Clock, *, read_at_once: int = READ_AT_ONCE) -> None:
        """`read_at_once`: so many attempts are read for one answer at most."""
        self._db = db
        self._clock = clock
        self._tallies = Tallies(db, clock, read_at_once=read_at_once)
        # One thread counts; the others wait and find it counted.
        self._turn = threading.Lock()
        self._kept: dict[tuple[int, str | None, Mode], tuple[float, Figures]] = {}

    def figures(self, *, days: int, campaign: str | None, mode: Mode) -> Figures:
        """Figures of today and the days before it; up to ten seconds old.

        Raises NotFoundError for a campaign that there is not.
        """
        asked = (days, campaign, mode)
        with self._turn:
            kept = self._kept.get(asked)
            now = self._clock.monotonic()
            if kept is not None and now < kept[0]:
                return kept[1]
            found = self._add_up(days=days, campaign=campaign, mode=mode)
            until = self._clock.monotonic() + (_KEPT_FOR if found.whole_since is None else _PART_KEPT_FOR)
            self._kept = dict([*self._kept.items(), (asked, (until, found))][-_KEPT:])
            return found

    def _add_up(self, *, days: int, campaign: str | None, mode: Mode) -> Figures:
        now = self._clock.now()
        with self._db.read() as tx:
            campaigns = (
                [stored.campaign for stored in contents.read_campaigns(tx)]
                if campaign is None
                else [known_campaign(tx, campaign)]
            )
        zone = _zone_of(campaigns)
        today = now.astimezone(zone).date()
        first = today - timedelta(days=days - 1)
        start = instant_of(datetime.combine(first, time()), zone)
        # A day of another zone may begin a day earlier in UTC.
        tallies, whole_since = self._tallies.since(first - timedelta(days=1))
        with self._db.read() as tx:
            not_sent = figures.states_of(
                tx, _NOT_SENT, start=start, end=now, campaign=campaign, at_most=COUNTED_UP_TO
            )
        wanted = _Wanted(tallies, first=first, campaign=campaign, mode=mode)
        paid = wanted.paid()
        return Figures(
            days=days,
            campaign=campaign,
            mode=mode,
            zone=zone.key,
            by_day=wanted.days(paid, last=today),
            by_hour=wanted.hours(),
            languages=_most(wanted.languages()),
            hashtags=_most(wanted.named(lambda tally: tally.hashtags)),
            items=_most(wanted.named(lambda tally: tally.items)),
            accounts=_accounts(wanted.named(lambda tally: tally.accounts), paid),
            lateness=_lateness(wanted.seconds_late()),
            calls_share=_share_of(campaigns),
            not_sent={state: number for state, number in not_sent.items() if number},
            of_other_mode=wanted.of_other_mode,
            whole_since=None if whole_since is None or whole_since <= start else whole_since,
        )


class _Wanted:
    """What the tallies hold of one mode, of one campaign or of all, from a day on."""

    def __init__(self, tallies: Sequence[Tally], *, first: date, campaign: str | None, mode: Mode) -> None:
        self._tallies = tallies
        self._first = first
        self._campaign = campaign
        self._mode = mode
        self._sent: list[tuple[Sent, int]] = []
        self.of_other_mode = 0
        for tally in tallies:
            for sent, number in tally.sent.items():
                if not self._is_wanted(sent.campaign, sent.day):
                    continue
                if sent.mode == mode.value:
                    self._sent.append((sent, number))
                else:
                    self.of_other_mode += number

    def days(self, paid: Mapping[Paid, tuple[int, int]], *, last: date) -> tuple[DayFigures, ...]:
        posts: Counter[tuple[date, str]] = Counter()
        for sent, number in self._sent:
            posts[sent.day, sent.kind] += number
        cost: Counter[tuple[date, bool]] = Counter()
        for one, (_, micros) in paid.items():
            cost[one.day, one.with_link] += micros
        length = (last - self._first).days + 1
        return tuple(
            DayFigures(
                day=day,
                facts=posts[day, Kind.FACT.value],
                calls=posts[day, Kind.CALL.value],
                cost_with_link=cost[day, True],
                cost_without_link=cost[day, False],
            )
            for day in (self._first + timedelta(days=number) for number in range(length))
        )

    def hours(self) -> tuple[int, ...]:
        found: Counter[int] = Counter()
        for sent, number in self._sent:
            found[sent.hour] += number
        return tuple(found[hour] for hour in range(24))

    def languages(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for sent, number in self._sent:
            found[sent.language] += number
        return found

    def named(self, counter: Callable[[Tally], Counter[Named]]) -> Counter[str]:
        found: Counter[str] = Counter()
        for tally in self._tallies:
            for one, number in counter(tally).items():
                if one.mode == self._mode.value and self._is_wanted(one.campaign, one.day):
                    found[one.name] += number
        return found

    def seconds_late(self) -> Counter[int]:
        found: Counter[int] = Counter()
        for tally in self._tallies:
            for late, number in tally.late.items():
                if late.mode == self._mode.value and self._is_wanted(late.campaign, late.day):
                    found[late.seconds] += number
        return found

    def paid(self) -> Mapping[Paid, tuple[int, int]]:
        """Messages and what they cost; a dry run costs nothing."""
        if self._mode is not Mode.LIVE:
            return {}
        found: dict[Paid, tuple[int, int]] = {}
        for tally in self._tallies:
            for one, micros in tally.cost.items():
                if self._is_wanted(one.campaign, one.day):
                    messages, before = found.get(one, (0, 0))
                    found[one] = (messages + tally.messages[one], before + micros)
        return found

    def _is_wanted(self, campaign: str, day: date) -> bool:
        return self._campaign in (None, campaign) and day >= self._first


def _zone_of(campaigns: Sequence[Campaign]) -> ZoneInfo:
    """The zone whose days count: the campaigns' own, where they share one."""
    zones = {campaign.zone for campaign in campaigns}
    return zone_named(zones.pop() if len(zones) == 1 else "UTC")


def _share_of(campaigns: Sequence[Campaign]) -> float | None:
    shares = {campaign.calls_share for campaign in campaigns}
    return shares.pop() if len(shares) == 1 else None


def _most(counted: Counter[str]) -> tuple[NameFigures, ...]:
    """The most used first; of equals the first by name."""
    ranked = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return tuple(NameFigures(name=name, number=number) for name, number in ranked[:SHOWN])


def _accounts(posts: Counter[str], paid: Mapping[Paid, tuple[int, int]]) -> tuple[AccountFigures, ...]:
    messages: Counter[tuple[str, bool]] = Counter()
    cost: Counter[tuple[str, bool]] = Counter()
    for one, (number, micros) in paid.items():
        messages[one.account, one.with_link] += number
        cost[one.account, one.with_link] += micros
    names = sorted({*posts, *(name for name, _ in cost)}, key=lambda name: (-posts[name], name))
    return tuple(
        AccountFigures(
            name=name,
            posts=posts[name],
            messages_with_link=messages[name, True],
            cost_with_link=cost[name, True],
            messages_without_link=messages[name, False],
            cost_without_link=cost[name, False],
        )
        for name in names
    )


def _lateness(seconds: Counter[int]) -> LatenessFigures | None:
    if not seconds:
        return None
    ranked = sorted(seconds.items())
    histogram = [0] * (len(LATENESS_BOUNDS) + 1)
    for late, number in ranked:
        histogram[bisect_right(LATENESS_BOUNDS, timedelta(seconds=late))] += number
    return LatenessFigures(
        p50=_rank(ranked, 50), p90=_rank(ranked, 90), p99=_rank(ranked, 99), histogram=tuple(histogram)
    )


def _rank(ranked: Sequence[tuple[int, int]], percent: int) -> int:
    """The nearest rank: the least value that at least so many of a hundred do not exceed."""
    wanted = -(-percent * sum(number for _, number in ranked) // 100)
    for value, number in ranked:
        wanted -= number
        if wanted <= 0:
            return value
    return ranked[-1][0]
