"""Posts by day, for a calendar: each day's first ones, and how many of each state it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import (
    Connection,
    Select,
    Subquery,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)

from bot.core.campaign import Network
from bot.core.post import State
from bot.store.tables import posts, slots

#: A stretch of time: from, and until just before.
Span = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class AgendaWanted:
    """Which posts a calendar shows; what is left out is not asked for."""

    campaign: str | None = None
    account: str | None = None
    language: str | None = None
    state: State | None = None

    def given(self) -> dict[str, str]:
        """The columns asked for, each with its value."""
        named = {
            "campaign": self.campaign,
            "account": self.account,
            "language": self.language,
            "state": None if self.state is None else self.state.value,
        }
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class AgendaPost:
    """A post as a calendar shows it."""

    id: int
    campaign: str
    account: str
    network: Network
    language: str
    due_at: datetime
    state: State
    reason: str
    text: str
    #: Binds text, warning, picture, account, language and moment.
    digest: str
    #: Whether somebody approved its very text and moment.
    approved: bool


@dataclass(frozen=True, kw_only=True)
class Appointment:
    """That an account posts an item at a moment; `state` says how far that is."""

    post: int
    campaign: str
    account: str
    language: str
    item: str
    due_at: datetime
    state: State


_SHOWN = ("id", "campaign", "account", "network", "language", "due_at", "state", "reason", "text", "digest")
_APPOINTED = ("id", "campaign", "account", "language", "item", "due_at", "state")


def first_of_days(
    tx: Connection, days: Sequence[Span], wanted: AgendaWanted, *, limit: int, look: int
) -> list[list[AgendaPost]]:
    """Up to `limit` posts of each day in order of their moments, among its first `look`."""
    given = wanted.given()
    statement = _days(len(days), frozenset(given), (*_SHOWN, "approved_digest"))
    found: list[list[AgendaPost]] = [[] for _ in days]
    for row in tx.execute(statement, _bound(days, given, limit=limit, look=look)):
        found[row.day].append(
            AgendaPost(
                id=row.id,
                campaign=row.campaign,
                account=row.account,
                network=Network(row.network),
                language=row.language,
                due_at=row.due_at,
                state=State(row.state),
                reason=row.reason,
                text=row.text,
                digest=row.digest,
                approved=row.approved_digest == row.digest,
            )
        )
    return found


def appointments(
    tx: Connection, days: Sequence[Span], wanted: AgendaWanted, *, limit: int, look: int
) -> list[Appointment]:
    """What accounts do on each of the days, in order of its moments: up to `limit` a day, among `look`."""
    given = wanted.given()
    statement = _days(len(days), frozenset(given), _APPOINTED)
    rows = tx.execute(statement, _bound(days, given, limit=limit, look=look))
    return [
        Appointment(
            post=row.id,
            campaign=row.campaign,
            account=row.account,
            language=row.language,
            item=row.item,
            due_at=row.due_at,
            state=State(row.state),
        )
        for row in rows
    ]


def counts_of_days(
    tx: Connection, days: Sequence[Span], wanted: AgendaWanted, *, limit: int, look: int
) -> list[dict[State, int]]:
    """How many posts of each state each day holds, counted up to `limit` in all, among its first `look`."""
    given = wanted.given()
    found: list[dict[State, int]] = [{} for _ in days]
    statement = _counts(len(days), frozenset(given))
    for row in tx.execute(statement, _bound(days, given, limit=limit, look=look)):
        found[row.day][State(row.state)] = row.number
    return found


def taken_keys(tx: Connection, campaign: str, keys: Sequence[str]) -> set[str]:
    """Those of the campaign's slots that hold an item."""
    statement = select(slots.c.key).where(
        slots.c.campaign == campaign, slots.c.key.in_(keys), slots.c.item.is_not(None)
    )
    return set(tx.execute(statement).scalars())


def busy_moments(tx: Connection, moments: Sequence[datetime], *, limit: int) -> set[tuple[str, datetime]]:
    """Which campaigns have a post at which of the moments, unless it was taken out; of `limit` posts."""
    out = [State.CANCELLED.value, State.MISSED.value, State.REJECTED.value]
    # Not by campaign: SQLite would take the index by item, and walk through all of the campaign's.
    at = select(posts.c.campaign, posts.c.due_at, posts.c.state).where(posts.c.due_at.in_(moments))
    return {(row.campaign, row.due_at) for row in tx.execute(at.limit(limit)) if row.state not in out}


# One statement for all days: seven or forty-two of them would each cost more than they read. Built once for
# each set of filters.


@cache
def _days(count: int, given: frozenset[str], columns: tuple[str, ...]) -> Select[tuple[object, ...]]:
    numbers = union_all(*(_numbered(_first(day, given)) for day in range(count))).subquery()
    return (
        select(numbers.c.day, *(posts.c[name] for name in columns))
        .join(posts, posts.c.id == numbers.c.id)
        .order_by(numbers.c.day, posts.c.due_at, posts.c.id)
    )


@cache
def _counts(count: int, given: frozenset[str]) -> Select[tuple[object, ...]]:
    numbers = union_all(*(_numbered(_first(day, given)) for day in range(count))).subquery()
    return (
        select(numbers.c.day, posts.c.state, func.count().label("number"))
        .join(posts, posts.c.id == numbers.c.id)
        .group_by(numbers.c.day, posts.c.state)
    )


def _numbered(first: Subquery) -> Select[tuple[object, ...]]:
    return select(first.c.day, first.c.id)


def _first(day: int, given: frozenset[str]) -> Subquery:
    """Numbers of the first posts of a day that fit the filters: all of it stands in one index."""
    columns = [posts.c[name] for name in sorted(given - {"state"})]
    looked_at = select(posts.c.id, posts.c.due_at, *columns).where(
        posts.c.due_at >= bindparam(f"start_{day}", type_=posts.c.due_at.type),
        posts.c.due_at < bindparam(f"end_{day}", type_=posts.c.due_at.type),
    )
    if "state" in given:
        looked_at = looked_at.where(posts.c.state == bindparam("state"))
    among = looked_at.order_by(posts.c.due_at, posts.c.id).limit(bindparam("look")).subquery()
    fitting = select(literal_column(str(day)).label("day"), among.c.id)
    fitting = fitting.where(*(among.c[column.name] == bindparam(column.name) for column in columns))
    return fitting.order_by(among.c.due_at, among.c.id).limit(bindparam("limit")).subquery()


def _bound(days: Sequence[Span], given: Mapping[str, str], *, limit: int, look: int) -> dict[str, object]:
    values: dict[str, object] = {**given, "limit": limit, "look": look}
    for day, (start, end) in enumerate(days):
        values |= {f"start_{day}": start, f"end_{day}": end}
    return values
