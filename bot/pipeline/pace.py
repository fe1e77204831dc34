"""The pace of an account: the gap between its posts, its caps, its quiet hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.core.campaign import Account, Pace
from bot.planning.calendar import instant_of
from bot.store import accounts
from bot.store.database import Tx

HOUR = timedelta(hours=1)


class History(Protocol):
    """When an account's posts left, or may have."""

    def last(self) -> datetime | None:
        """When the newest one did; None when none ever did."""

    def since(self, moment: datetime, *, limit: int) -> Sequence[datetime]:
        """When the last `limit` of those after `moment` did, newest first; a thread counts once."""


@dataclass(frozen=True, kw_only=True)
class StoredHistory:
    """What the store knows of an account's attempts, without those of the post that is to leave."""

    tx: Tx
    account: str
    mode: str
    post: int

    def last(self) -> datetime | None:
        return accounts.last_left(self.tx, self.account, mode=self.mode, but=self.post)

    def since(self, moment: datetime, *, limit: int) -> Sequence[datetime]:
        return accounts.left_since(
            self.tx, self.account, mode=self.mode, since=moment, but=self.post, limit=limit
        )


@dataclass(frozen=True, kw_only=True)
class Wait:
    """How long an account waits, and why."""

    until: datetime
    reason: str


def wait_of(account: Account, history: History, *, now: datetime, zone: ZoneInfo) -> Wait | None:
    """How long the account must wait before its next post; None when it may post now."""
    found = [bound(account.pace, history, now, zone) for bound in (_gap, _hour, _day)]
    longest = max((one for one in found if one is not None), key=lambda one: one.until, default=None)
    if longest is None or longest.until <= now:
        return None
    return Wait(until=longest.until, reason=f"pace: {account.name} {longest.reason}")


def quiet_hours(account: Account, moment: datetime, *, zone: ZoneInfo) -> str | None:
    """Why the account is silent at that moment; None when it is not."""
    quiet = account.pace.quiet
    if quiet is None:
        return None
    wall_time = moment.astimezone(zone).time()
    if not quiet.hold(wall_time):
        return None
    return f"{wall_time:%H:%M} is in the quiet hours of {account.name} ({quiet})"


def _gap(pace: Pace, history: History, now: datetime, zone: ZoneInfo) -> Wait | None:  # noqa: ARG001
    if pace.gap is None or (last := history.last()) is None:
        return None
    minutes = pace.gap // timedelta(minutes=1)
    return Wait(until=last + pace.gap, reason=f"leaves {minutes} minutes between two posts")


def _hour(pace: Pace, history: History, now: datetime, zone: ZoneInfo) -> Wait | None:  # noqa: ARG001
    if pace.per_hour is None:
        return None
    left = history.since(now - HOUR, limit=pace.per_hour)
    if len(left) < pace.per_hour:
        return None
    return Wait(until=left[-1] + HOUR, reason=f"posts at most {pace.per_hour} times an hour")


def _day(pace: Pace, history: History, now: datetime, zone: ZoneInfo) -> Wait | None:
    if pace.per_day is None:
        return None
    today = now.astimezone(zone).date()
    midnight = instant_of(datetime.combine(today, time()), zone)
    left = history.since(midnight - timedelta(microseconds=1), limit=pace.per_day)
    if len(left) < pace.per_day:
        return None
    tomorrow = instant_of(datetime.combine(today + timedelta(days=1), time()), zone)
    return Wait(until=tomorrow, reason=f"posts at most {pace.per_day} times a day")
