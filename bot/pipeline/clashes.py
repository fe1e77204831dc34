"""Posts that come too close: what an account's pace and a campaign's cool-down say of a plan, beforehand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.core.campaign import Account, Campaign, Pace, QuietHours
from bot.core.post import WAITING, State
from bot.pipeline.pace import quiet_hours, wait_of
from bot.pipeline.paced import Rehearsed
from bot.planning.calendar import zone_named
from bot.store.agenda import Appointment

MINUTE = timedelta(minutes=1)
#: What never left, and never will at its moment, stands in nobody's way.
_OUT_OF_THE_WAY = frozenset({State.CANCELLED, State.REJECTED, State.MISSED})


class ClashKind(StrEnum):
    """What two posts of an account have against each other, or one against the hour."""

    SAME_MINUTE = "same_minute"
    GAP = "gap"
    PER_HOUR = "per_hour"
    PER_DAY = "per_day"
    QUIET = "quiet"
    AGAIN = "again"


@dataclass(frozen=True, kw_only=True)
class Clash:
    """Something to look at: a post that would wait, be held, or say the same too soon."""

    kind: ClashKind
    post: int
    due_at: datetime
    account: str
    campaign: str
    #: The earlier post that it comes too close to; None where it is no single one.
    other: int | None = None
    #: Until when the account would let it wait.
    until: datetime | None = None
    #: The bound: how long it must be, how many there may be, or which hours are quiet.
    span: timedelta | None = None
    most: int | None = None
    quiet: QuietHours | None = None


def clashes(
    appointments: Iterable[Appointment], campaigns: Mapping[str, Campaign], *, now: datetime
) -> list[Clash]:
    """What is to be looked at among the posts that still wait, in order of their moments."""
    by_account: dict[tuple[str, str], list[Appointment]] = defaultdict(list)
    for one in appointments:
        if one.state not in _OUT_OF_THE_WAY:
            by_account[one.campaign, one.account].append(one)
    found: list[Clash] = []
    for (campaign_key, name), planned in by_account.items():
        campaign = campaigns.get(campaign_key)
        account = None if campaign is None else campaign.account(name)
        if campaign is not None and account is not None:
            found += _of_account(
                sorted(planned, key=lambda one: (one.due_at, one.post)), account, campaign, now
            )
    return sorted(found, key=lambda clash: (clash.due_at, clash.post))


def _of_account(
    planned: list[Appointment], account: Account, campaign: Campaign, now: datetime
) -> Iterator[Clash]:
    zone = zone_named(campaign.zone)
    bounds = _bounds(account)
    history = Rehearsed()
    last: Appointment | None = None
    said: dict[tuple[str, str], Appointment] = {}
    for one in planned:
        if one.state in WAITING and one.due_at >= now:
            yield from _of_pace(one, last, history, bounds, zone)
            if quiet_hours(account, one.due_at, zone=zone) is not None:
                yield _clash(ClashKind.QUIET, one, quiet=account.pace.quiet)
            yield from _of_cooldown(one, said.get((one.item, one.language)), campaign)
        history.left.append(one.due_at)
        said[one.item, one.language] = last = one


def _bounds(account: Account) -> list[tuple[ClashKind, Account]]:
    """The account with each of its bounds alone, so that each speaks for itself."""
    pace = account.pace
    alone = (
        (ClashKind.GAP, Pace(gap=pace.gap)),
        (ClashKind.PER_HOUR, Pace(per_hour=pace.per_hour)),
        (ClashKind.PER_DAY, Pace(per_day=pace.per_day)),
    )
    return [(kind, replace(account, pace=bound)) for kind, bound in alone if bound != Pace()]


def _of_pace(
    one: Appointment,
    last: Appointment | None,
    history: Rehearsed,
    bounds: list[tuple[ClashKind, Account]],
    zone: ZoneInfo,
) -> Iterator[Clash]:
    is_at_once = last is not None and one.due_at - last.due_at < MINUTE
    if is_at_once and last is not None:
        yield _clash(ClashKind.SAME_MINUTE, one, other=last.post)
    for kind, account in bounds:
        wait = wait_of(account, history, now=one.due_at, zone=zone)
        # Two at the same minute are named already.
        if wait is None or (kind is ClashKind.GAP and is_at_once):
            continue
        other = last.post if kind is ClashKind.GAP and last is not None else None
        most = account.pace.per_hour or account.pace.per_day
        yield _clash(kind, one, other=other, until=wait.until, span=account.pace.gap, most=most)


def _of_cooldown(one: Appointment, before: Appointment | None, campaign: Campaign) -> Iterator[Clash]:
    if before is not None and one.due_at - before.due_at < campaign.cooldown:
        yield _clash(ClashKind.AGAIN, one, other=before.post, span=campaign.cooldown)


def _clash(kind: ClashKind, one: Appointment, **values: object) -> Clash:
    return Clash(
        kind=kind,
        post=one.post,
        due_at=one.due_at,
        account=one.account,
        campaign=one.campaign,
        **values,  # type: ignore[arg-type]
    )
