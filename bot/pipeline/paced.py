"""A rehearsal's posts at the pace of their accounts: which would wait, and which would be missed for it."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.core.campaign import Account, Campaign
from bot.core.post import State
from bot.pipeline.compose import ComposedPost
from bot.pipeline.guards import Guard
from bot.pipeline.pace import Wait, quiet_hours, wait_of
from bot.planning.calendar import zone_named


@dataclass
class Rehearsed:
    """When an account's posts left so far in a rehearsal, oldest first."""

    left: list[datetime] = field(default_factory=list)

    def last(self) -> datetime | None:
        return self.left[-1] if self.left else None

    def since(self, moment: datetime, *, limit: int) -> Sequence[datetime]:
        after = bisect_right(self.left, moment)
        return self.left[max(after, len(self.left) - limit) :][::-1]


def at_pace(composed: Sequence[ComposedPost], campaign: Campaign) -> list[ComposedPost]:
    """The posts as they leave one after another: late, held or missed where their account's pace says so."""
    histories: dict[str, Rehearsed] = defaultdict(Rehearsed)
    accounts = {account.name: account for account in campaign.accounts}
    return [
        _paced(post, accounts[post.new.account], campaign, histories[post.new.account])
        for post in sorted(composed, key=lambda post: post.new.due_at)
    ]


def _paced(post: ComposedPost, account: Account, campaign: Campaign, history: Rehearsed) -> ComposedPost:
    pace = account.pace
    unbound = pace.gap is None and pace.per_hour is None and pace.per_day is None
    if post.new.state is not State.READY or unbound:
        return post
    zone = zone_named(campaign.zone)
    leaves, wait = post.new.due_at, None
    while (longer := wait_of(account, history, now=leaves, zone=zone)) is not None:
        leaves, wait = longer.until, longer
        if leaves > post.new.grace_until:
            return _with(post, State.MISSED, f"its grace ends before it may leave ({longer.reason})")
    if wait is not None:
        quiet = quiet_hours(account, leaves, zone=zone)
        if quiet is not None:
            return _with(post, State.HELD, f"pace: {quiet}")
    history.left.append(leaves)
    return post if wait is None else _late(post, leaves, wait)


def _with(post: ComposedPost, state: State, reason: str) -> ComposedPost:
    guards = tuple(guard for guard in post.guards if guard.name != "pace")
    guard = Guard(name="pace", holds=False, detail=reason.removeprefix("pace: "))
    return replace(post, new=replace(post.new, state=state, reason=reason), guards=(*guards, guard))


def _late(post: ComposedPost, leaves: datetime, wait: Wait) -> ComposedPost:
    minutes = -(-(leaves - post.new.due_at).total_seconds() // 60)
    said = f"leaves {minutes:.0f} minutes late ({wait.reason.removeprefix('pace: ')})"
    return replace(post, guards=(*post.guards, Guard(name="pace", holds=True, detail=said)))
