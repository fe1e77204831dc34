"""What operators should know, and how the bot stands: bounded reads that stay cheap on a large store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, String, cast, func, literal, literal_column, or_, select

from bot.core.post import Post, State
from bot.store.posts import read_posts
from bot.store.tables import accounts, alerts, attempts, pauses, posts, workers

#: A worker looks at least every ten seconds, and may be at another post of the account.
COMES_ROUND = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class OwnPause:
    """A pause in force that no person made."""

    id: int
    campaign: str | None
    account: str | None
    language: str | None
    reason: str
    paused_at: datetime


@dataclass(frozen=True, kw_only=True)
class SilentWorker:
    """A process that never said that it ended, and was not seen for a while."""

    id: str
    host: str
    pid: int
    seen_at: datetime
    #: Posts that are under its claim, or that it was sending.
    holds: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Troubled:
    """A post in front of a person, and since when."""

    post: Post
    since: datetime


def troubled(
    tx: Connection, state: State, *, due_since: datetime | None, since: datetime | None, limit: int
) -> list[Troubled]:
    """Posts that came into a state, and of which the alerts do not speak yet.

    `due_since` bounds the search: what was due earlier is not looked at. `since` leaves out what has
    stood there for longer.
    """
    key = literal(f"{state.value}:", String).concat(cast(posts.c.id, String))
    told = select(alerts.c.cause).where(alerts.c.cause == key, alerts.c.began_at >= posts.c.changed_at)
    wanted = [posts.c.state == state.value, ~told.exists()]
    if due_since is not None:
        wanted.append(posts.c.due_at >= due_since)
    if since is not None:
        wanted.append(posts.c.changed_at >= since)
    statement = select(posts.c.id, posts.c.changed_at).where(*wanted).order_by(posts.c.due_at).limit(limit)
    moments = {row.id: row.changed_at for row in tx.execute(statement)}
    return [
        Troubled(post=post, since=moments[post.id])
        for post in (read_posts(tx, ids=sorted(moments)) if moments else [])
    ]


def no_longer(tx: Connection, state: State, *, limit: int) -> list[str]:
    """Open causes about posts in that state which have left it."""
    still = select(posts.c.id).where(posts.c.id == alerts.c.post_id, posts.c.state == state.value)
    statement = select(alerts.c.cause).where(
        alerts.c.kind == state.value, alerts.c.ended_at.is_(None), ~still.exists()
    )
    return list(tx.execute(statement.limit(limit)).scalars())


def last_tried(tx: Connection, post_id: int) -> datetime | None:
    """When the newest request for a post left."""
    statement = select(func.max(attempts.c.started_at)).where(attempts.c.post_id == post_id)
    moment: datetime | None = tx.execute(statement).scalar()
    return moment


def overdue(tx: Connection, *, due_before: datetime, now: datetime, limit: int) -> list[Post]:
    """Posts due before then that nothing holds back, and that nobody tried since their moment.

    What held one back until a moment ago still counts: somebody has to come round first.
    """
    lifted_before = now - COMES_ROUND
    held_back = (
        select(pauses.c.id)
        .where(or_(pauses.c.resumed_at.is_(None), pauses.c.resumed_at > lifted_before))
        .where(_names(pauses.c.campaign, posts.c.campaign))
        .where(_names(pauses.c.account, posts.c.account))
        .where(_names(pauses.c.language, posts.c.language))
        .exists()
    )
    waits = (
        select(accounts.c.name)
        .where(accounts.c.name == posts.c.account, accounts.c.not_before > lifted_before)
        .exists()
    )
    tried = (
        select(attempts.c.id)
        .where(attempts.c.post_id == posts.c.id, attempts.c.started_at >= posts.c.due_at)
        .exists()
    )
    found: list[int] = []
    # One after the other: each is a range of the index over state and moment.
    for state in (State.READY, State.CLAIMED):
        statement = (
            select(posts.c.id)
            .where(posts.c.state == literal_column(f"'{state.value}'"), posts.c.due_at < due_before)
            .where(~held_back, ~waits, ~tried)
            .order_by(posts.c.due_at)
            .limit(limit)
        )
        found += tx.execute(statement).scalars()
    return read_posts(tx, ids=found, limit=limit) if found else []


def _names(pause: ColumnElement[str | None], post: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(pause.is_(None), pause == post)


def own_pauses(tx: Connection, *, who: str) -> list[OwnPause]:
    """Pauses in force that the bot made under that name, oldest first."""
    statement = select(pauses).where(pauses.c.resumed_at.is_(None), pauses.c.who == who)
    return [
        OwnPause(
            id=row.id,
            campaign=row.campaign,
            account=row.account,
            language=row.language,
            reason=row.reason,
            paused_at=row.paused_at,
        )
        for row in tx.execute(statement.order_by(pauses.c.id))
    ]


def silent_workers(
    tx: Connection, *, seen_before: datetime, forgotten_before: datetime
) -> list[SilentWorker]:
    """Workers that fell silent, but for those long forgotten that hold nothing."""
    statement = select(workers).where(workers.c.ended_at.is_(None), workers.c.seen_at < seen_before)
    found: list[SilentWorker] = []
    for row in tx.execute(statement.order_by(workers.c.seen_at.desc()).limit(100)).all():
        # Few posts are in flight at any time, and one index holds them all.
        in_flight = posts.c.state.in_([literal_column("'claimed'"), literal_column("'sending'")])
        held = select(posts.c.id).where(in_flight, posts.c.worker == row.id).order_by(posts.c.id)
        holds = tuple(tx.execute(held).scalars())
        if holds or row.seen_at >= forgotten_before:
            found.append(
                SilentWorker(id=row.id, host=row.host, pid=row.pid, seen_at=row.seen_at, holds=holds)
            )
    return found


def count_states(tx: Connection, *, at_most: int) -> Mapping[State, int]:
    """How many posts are in each state, counted no further than `at_most` each."""
    return {state: _count(tx, state, at_most) for state in State}


def _count(tx: Connection, state: State, at_most: int) -> int:
    some = select(posts.c.id).where(posts.c.state == state.value).limit(at_most).subquery()
    return int(tx.execute(select(func.count()).select_from(some)).scalar_one())


def first_due(tx: Connection, *, now: datetime) -> datetime | None:
    """The moment of the oldest post that should have left by now; None when none waits."""
    waiting = overdue(tx, due_before=now, now=now, limit=1)
    return waiting[0].due_at if waiting else None
