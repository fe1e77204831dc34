"""What queueing for a moment comes to: whose place it takes, when each post leaves, until when to approve."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.campaign import Account, Campaign
from bot.core.post import Post, State
from bot.pipeline.pace import StoredHistory, Wait, wait_of
from bot.pipeline.paced import Rehearsed
from bot.pipeline.plan import in_the_way
from bot.planning.calendar import zone_named
from bot.store import accounts, posts
from bot.store.database import Tx

#: How far back an account's posts can make the next one wait: its caps are of an hour and of a day.
_PACE_LOOKS_BACK = timedelta(hours=26)
#: Of an account's posts, those left and those that wait: more than any pace counts.
_MOST = 500
#: No post has this number.
_NO_POST = 0


@dataclass(frozen=True, kw_only=True)
class Departure:
    """When a post for one account, in one language, leaves at the earliest."""

    account: str
    language: str
    due_at: datetime
    leaves_at: datetime
    #: Why it leaves later than its moment; None where it does not.
    wait: Wait | None
    #: Whether its grace ends before: then it is missed.
    is_too_late: bool


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What becomes of the posts of one item that somebody queues for one moment."""

    at: datetime
    #: Planned posts that give way.
    takes_place_of: tuple[Post, ...]
    departures: tuple[Departure, ...]
    #: The last moment for an approval; None where the campaign asks for none.
    approve_before: datetime | None

    @property
    def late(self) -> tuple[Departure, ...]:
        """Those that do not leave at the moment itself."""
        return tuple(one for one in self.departures if one.wait is not None)


def outlook_of(
    tx: Tx,
    campaign: Campaign,
    to: Sequence[tuple[Account, str]],
    *,
    at: datetime,
    now: datetime,
    mode_of: Callable[[Account], str],
    but: Collection[int] = (),
) -> Outlook:
    """Look ahead for each account and language. `but` are posts, by number, that are not counted."""
    planned = tuple(in_the_way(tx, campaign.key, at))
    gone = {*but, *(post.id for post in planned)}
    return Outlook(
        at=at,
        takes_place_of=planned,
        departures=tuple(_departures(tx, campaign, to, at=at, now=now, mode_of=mode_of, but=gone)),
        approve_before=at + campaign.grace if campaign.approval else None,
    )


def _departures(
    tx: Tx,
    campaign: Campaign,
    to: Sequence[tuple[Account, str]],
    *,
    at: datetime,
    now: datetime,
    mode_of: Callable[[Account], str],
    but: Collection[int],
) -> Iterator[Departure]:
    zone = zone_named(campaign.zone)
    notes = accounts.notes(tx)
    histories: dict[str, Rehearsed] = {}
    for account, language in to:
        pace = account.pace
        leaves, wait = max(at, now), None
        if pace.gap is not None or pace.per_hour is not None or pace.per_day is not None:
            history = histories.get(account.name)
            if history is None:
                history = _history(tx, account, campaign, at=at, now=now, mode=mode_of(account), but=but)
                histories[account.name] = history
            note = notes.get(account.name)
            asked = None if note is None else note.not_before
            if asked is not None and asked > leaves:
                leaves, wait = asked, Wait(until=asked, reason="")
            while (longer := wait_of(account, history, now=leaves, zone=zone)) is not None:
                leaves, wait = longer.until, longer
            insort(history.left, leaves)
        yield Departure(
            account=account.name,
            language=language,
            due_at=at,
            leaves_at=leaves,
            wait=wait,
            is_too_late=leaves > at + campaign.grace,
        )


def _history(
    tx: Tx,
    account: Account,
    campaign: Campaign,
    *,
    at: datetime,
    now: datetime,
    mode: str,
    but: Collection[int],
) -> Rehearsed:
    """The account's posts that left, and those that leave before `at` or with it."""
    zone = zone_named(campaign.zone)
    stored = StoredHistory(tx=tx, account=account.name, mode=mode, post=_NO_POST)
    left = list(stored.since(now - _PACE_LOOKS_BACK, limit=_MOST))[::-1]
    last = stored.last()
    history = Rehearsed(left if left or last is None else [last])
    waiting = posts.read_posts(
        tx,
        states=(State.READY,),
        account=account.name,
        start=at - _PACE_LOOKS_BACK,
        end=at + timedelta(microseconds=1),
        limit=_MOST,
    )
    for post in waiting:
        leaves = max(post.due_at, now)
        while (wait := wait_of(account, history, now=leaves, zone=zone)) is not None:
            leaves = wait.until
        if post.id not in but and leaves <= post.grace_until:
            insort(history.left, leaves)
    return history
