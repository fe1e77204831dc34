"""What left, and how accounts stand, in figures: bounded reads that stay cheap on a large store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, String, func, literal_column, select, tuple_

from bot.core.post import Mode, Post, State
from bot.store.posts import read_posts
from bot.store.tables import attempts, posts


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempted:
    """What figures need of one attempt."""

    id: int
    post_id: int
    part: int
    mode: str
    campaign: str
    account: str
    language: str
    kind: str
    item: str
    due_at: datetime
    text: str
    started_at: datetime
    state: str
    cost_usd_micros: int


_ATTEMPTED = select(*(attempts.c[name] for name in Attempted.__slots__))


def attempted(
    tx: Connection,
    *,
    start: datetime,
    end: datetime,
    before: tuple[datetime, int] | None = None,
    limit: int,
) -> list[Attempted]:
    """Attempts with start <= started_at < end, the newest first; `before` is the last one already read."""
    statement = _ATTEMPTED.where(attempts.c.started_at >= start, attempts.c.started_at < end)
    if before is not None:
        statement = statement.where(tuple_(attempts.c.started_at, attempts.c.id) < before)
    statement = statement.order_by(attempts.c.started_at.desc(), attempts.c.id.desc()).limit(limit)
    return [Attempted(**row) for row in tx.execute(statement).mappings()]


def states_of(
    tx: Connection,
    states: Sequence[State],
    *,
    start: datetime,
    end: datetime,
    campaign: str | None,
    at_most: int,
) -> Mapping[State, int]:
    """How many posts due from `start` until before `end` stand in each state.

    Of each state the newest `at_most` are looked at, whatever their campaign.
    """
    found: dict[State, int] = {}
    for state in states:
        newest = (
            select(posts.c.campaign)
            .where(posts.c.state == state.value, posts.c.due_at >= start, posts.c.due_at < end)
            .order_by(posts.c.due_at.desc(), posts.c.id.desc())
            .limit(at_most)
            .subquery()
        )
        statement = select(func.count()).select_from(newest)
        if campaign is not None:
            statement = statement.where(newest.c.campaign == campaign)
        found[state] = int(tx.execute(statement).scalar_one())
    return found


def by_account(tx: Connection, state: State, *, at_most: int) -> Mapping[str, int]:
    """How many posts of each account stand in a state, among the first `at_most` by moment."""
    first = (
        select(posts.c.account)
        .where(posts.c.state == state.value)
        .order_by(posts.c.due_at, posts.c.id)
        .limit(at_most)
        .subquery()
    )
    statement = select(first.c.account, func.count().label("posts")).group_by(first.c.account)
    return {row.account: row.posts for row in tx.execute(statement)}


def count_ready(tx: Connection, account: str, *, at_most: int) -> int:
    """How many posts of an account wait for their moment, counted no further than `at_most`."""
    return _counted(tx, _ready(account).limit(at_most))


def next_ready(tx: Connection, account: str) -> Post | None:
    """The account's post that leaves next; None when none waits."""
    statement = _ready(account).order_by(posts.c.due_at, posts.c.id).limit(1)
    found = tx.execute(statement).scalar()
    return None if found is None else read_posts(tx, ids=[found])[0]


def count_sent(tx: Connection, account: str, *, since: datetime, at_most: int) -> int:
    """How many posts an account sent in live mode since then, counted no further than `at_most`."""
    sent = (
        select(attempts.c.id)
        .where(attempts.c.account == account, attempts.c.mode == Mode.LIVE.value)
        .where(attempts.c.started_at >= since)
        .where(attempts.c.state == State.SENT.value, attempts.c.part == 1)
        .limit(at_most)
    )
    return _counted(tx, sent)


def _ready(account: str) -> Select[int]:
    # A literal: only with it does SQLite see that the index of ready posts fits.
    ready = literal_column(f"'{State.READY.value}'", String)
    return select(posts.c.id).where(posts.c.state == ready, posts.c.account == account)


def _counted(tx: Connection, some: Select[int]) -> int:
    return int(tx.execute(select(func.count()).select_from(some.subquery())).scalar_one())
