"""What left, counted day by day: closed days are counted once and kept in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.core.clock import Clock
from bot.core.post import State
from bot.planning.calendar import zone_named
from bot.store import contents, figures
from bot.store.database import Database
from bot.store.figures import Attempted
from bot.text.hashtags import find_hashtags
from bot.text.links import has_link

#: Attempts read in one transaction: a long one would hold up a send.
STEP = 500
#: Attempts read for one page: what lies further back is read for the next one.
READ_AT_ONCE = 20_000
#: What may still change is counted anew after so long, in seconds; longer when it is much.
_FRESH_FOR = 10.0
_FRESH_FOR_EACH = 0.02
#: What is counted in part is counted on for so long, in seconds, before it begins anew.
_COUNTED_ON_FOR = 600.0
#: Days kept: a year and what its edges need.
_DAYS_KEPT = 370
_DAY = timedelta(days=1)
#: An attempt in these states may still become another one.
_OPEN = frozenset({State.SENDING.value, State.UNCONFIRMED.value, State.UNKNOWN.value})


class Sent(NamedTuple):
    """Posts that left, alike in all of this. `day` and `hour` are those of the campaign's zone."""

    mode: str
    campaign: str
    day: date
    hour: int
    language: str
    kind: str


class Named(NamedTuple):
    """Something that a day's posts carry: an item's key, a hashtag, an account."""

    mode: str
    campaign: str
    day: date
    name: str


class Late(NamedTuple):
    """Posts that left so many whole seconds after their moment."""

    mode: str
    campaign: str
    day: date
    seconds: int


class Paid(NamedTuple):
    """Messages that cost something."""

    campaign: str
    account: str
    day: date
    with_link: bool


@dataclass
class Tally:
    """One day of UTC."""

    sent: Counter[Sent] = field(default_factory=Counter)
    late: Counter[Late] = field(default_factory=Counter)
    items: Counter[Named] = field(default_factory=Counter)
    accounts: Counter[Named] = field(default_factory=Counter)
    hashtags: Counter[Named] = field(default_factory=Counter)
    #: In millionths of a US dollar; what may have left counts, as in the month's budget.
    cost: Counter[Paid] = field(default_factory=Counter)
    messages: Counter[Paid] = field(default_factory=Counter)
    #: Hashtags of a thread's later parts, which are read before its first one.
    carried: set[tuple[int, str]] = field(default_factory=set)
    attempts: int = 0
    has_open: bool = False
    #: The oldest attempt counted so far; None when the day is counted whole.
    before: tuple[datetime, int] | None = None
    is_whole: bool = False
    counted_at: float = 0.0


class Tallies:
    """The tallies of days, the newest first, each counted when it is first asked for."""

    def __init__(self, db: Database, clock: Clock, *, read_at_once: int = READ_AT_ONCE) -> None:
        self._db = db
        self._clock = clock
        self._read_at_once = read_at_once
        self._days: dict[date, Tally] = {}
        self._zones: Mapping[str, ZoneInfo] = {}

    def since(self, first: date) -> tuple[list[Tally], datetime | None]:
        """Tallies from `first` (UTC) until today, and from when on they are whole; None: all of them are."""
        self._forget_stale()
        left = self._read_at_once
        found: list[Tally] = []
        for day in _days_back(self._clock.now().astimezone(UTC).date(), first):
            tally = self._days.setdefault(day, Tally(counted_at=self._clock.monotonic()))
            found.append(tally)
            left -= self._count(day, tally, at_most=left)
            if not tally.is_whole:
                return found, tally.before[0] if tally.before else _midnight(day + _DAY)
        return found, None

    def _count(self, day: date, tally: Tally, *, at_most: int) -> int:
        """Count on where the day's tally ended, and return how many attempts were read."""
        read = 0
        step = min(STEP, self._read_at_once)
        while not tally.is_whole and read < at_most:
            with self._db.read() as tx:
                page = figures.attempted(
                    tx, start=_midnight(day), end=_midnight(day + _DAY), before=tally.before, limit=step
                )
            for attempt in page:
                _add(tally, attempt, self._zones.get(attempt.campaign))
            read += len(page)
            if len(page) < step:
                tally.is_whole, tally.counted_at = True, self._clock.monotonic()
            else:
                tally.before = (page[-1].started_at, page[-1].id)
        return read

    def _forget_stale(self) -> None:
        """Drop what may have changed since it was counted."""
        with self._db.read() as tx:
            campaigns = contents.read_campaigns(tx, retired=True)
        zones = {one.campaign.key: zone_named(one.campaign.zone) for one in campaigns}
        if zones != self._zones:
            self._zones, self._days = zones, {}
        # An attempt that began before midnight may end after it.
        settled = (self._clock.now().astimezone(UTC) - timedelta(hours=1)).date()
        now = self._clock.monotonic()
        self._days = {
            day: tally
            for day, tally in sorted(self._days.items())[-_DAYS_KEPT:]
            if (day < settled and not tally.has_open) or now - tally.counted_at < _fresh_for(tally)
        }


def _fresh_for(tally: Tally) -> float:
    return max(_FRESH_FOR, tally.attempts * _FRESH_FOR_EACH) if tally.is_whole else _COUNTED_ON_FOR


def _add(tally: Tally, attempt: Attempted, zone: ZoneInfo | None) -> None:
    local = attempt.started_at.astimezone(zone or UTC)
    mode, campaign, day = attempt.mode, attempt.campaign, local.date()
    tally.attempts += 1
    tally.has_open = tally.has_open or attempt.state in _OPEN
    hashtags, with_link = _carried(attempt.text)
    if attempt.cost_usd_micros:
        paid = Paid(campaign, attempt.account, day, with_link)
        tally.cost[paid] += attempt.cost_usd_micros
        tally.messages[paid] += 1
    if attempt.state != State.SENT.value:
        return
    for tag in hashtags:
        if (attempt.post_id, tag) not in tally.carried:
            tally.hashtags[Named(mode, campaign, day, tag)] += 1
        if attempt.part > 1:
            tally.carried.add((attempt.post_id, tag))
    if attempt.part == 1:
        # A thread is one post: its first part says when it left.
        seconds = max(0, int((attempt.started_at - attempt.due_at).total_seconds()))
        tally.sent[Sent(mode, campaign, day, local.hour, attempt.language, attempt.kind)] += 1
        tally.late[Late(mode, campaign, day, seconds)] += 1
        tally.items[Named(mode, campaign, day, attempt.item)] += 1
        tally.accounts[Named(mode, campaign, day, attempt.account)] += 1


@lru_cache(maxsize=8192)
def _carried(text: str) -> tuple[tuple[str, ...], bool]:
    """The hashtags of a text, each once, and whether it has a link: an item's text leaves many times."""
    tags = (f"#{found.tag}" for found in find_hashtags(text))
    return tuple(dict.fromkeys(tags)), has_link(text)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _days_back(last: date, first: date) -> Iterator[date]:
    for past in range((last - first).days + 1):
        yield last - past * _DAY
