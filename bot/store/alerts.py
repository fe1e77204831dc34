"""Causes of alerts: each is written once, told once, and ended when it is over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, false, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.tables import alerts


@dataclass(frozen=True, kw_only=True)
class NewCause:
    """A cause as it was found. `detail` is a document that says what is known."""

    #: Its key, e.g. `unknown:41`.
    cause: str
    kind: str
    post: int | None = None
    account: str | None = None
    detail: str
    began_at: datetime
    #: It happened and is over at once; it is told all the same.
    is_event: bool = False


@dataclass(frozen=True, kw_only=True)
class Cause:
    """A cause as it stands."""

    cause: str
    kind: str
    post: int | None
    account: str | None
    detail: str
    began_at: datetime
    told_at: datetime | None
    ended_at: datetime | None
    #: Places of the addresses that took it.
    told_to: frozenset[int]
    tries: int
    #: When it is to be told next; None: it is told, or nobody needs to know any more.
    try_at: datetime | None


def begin(tx: Connection, new: NewCause, *, now: datetime) -> None:
    """Write a cause, to be told from now on. One that is open already stays as it is.

    A cause that was over and is back is a new one, and is told again.
    """
    flavour = postgresql if tx.dialect.name == "postgresql" else sqlite
    values = {
        "kind": new.kind,
        "post_id": new.post,
        "account": new.account,
        "detail": new.detail,
        "began_at": new.began_at,
        "told_at": None,
        "ended_at": new.began_at if new.is_event else None,
        "told_to": "",
        "tries": 0,
        "try_at": now,
    }
    statement = flavour.insert(alerts).values(cause=new.cause, **values)
    # A post that came into the same state once more did so later; what two workers find at the same time
    # began for one of them a little later, too, and is no news.
    is_back = false() if new.post is None else alerts.c.began_at < new.began_at
    if not new.is_event:
        is_back = or_(alerts.c.ended_at.is_not(None), is_back)
    tx.execute(statement.on_conflict_do_update(index_elements=[alerts.c.cause], set_=values, where=is_back))


def end(tx: Connection, causes: Sequence[str], *, now: datetime) -> None:
    """Say that causes are over. What was never told need not be told any more."""
    tx.execute(
        update(alerts)
        .where(alerts.c.cause.in_(causes), alerts.c.ended_at.is_(None))
        .values(ended_at=now, try_at=None)
    )


def is_known(tx: Connection, cause: str) -> bool:
    """Whether the cause was ever written."""
    return tx.execute(select(alerts.c.cause).where(alerts.c.cause == cause)).first() is not None


def to_tell(tx: Connection, *, now: datetime) -> bool:
    """Whether anything waits to be told now."""
    return tx.execute(select(alerts.c.cause).where(alerts.c.try_at <= now).limit(1)).first() is not None


def forget_events(tx: Connection, *, began_before: datetime) -> None:
    """Tell no more of what happened before then and was over at once: it is no news any more."""
    tx.execute(
        update(alerts)
        .where(alerts.c.try_at.is_not(None), alerts.c.ended_at.is_not(None))
        .where(alerts.c.began_at < began_before)
        .values(try_at=None)
    )


def claim_untold(tx: Connection, *, now: datetime, lease_until: datetime, limit: int) -> list[Cause]:
    """Take the causes that are to be told now: until the lease ends nobody else tells them."""
    mine = select(alerts.c.cause).where(alerts.c.try_at <= now).order_by(alerts.c.cause).limit(limit)
    if tx.dialect.name == "postgresql":
        mine = mine.with_for_update(skip_locked=True)
    names = tx.execute(mine).scalars().all()
    statement = select(alerts).where(alerts.c.cause.in_(names)).order_by(alerts.c.began_at, alerts.c.cause)
    claimed = [_cause(row) for row in tx.execute(statement)]
    tx.execute(update(alerts).where(alerts.c.cause.in_(names)).values(try_at=lease_until))
    return claimed


def note_told(
    tx: Connection,
    cause: Cause,
    *,
    lease_until: datetime,
    told_to: Iterable[int],
    now: datetime,
    try_at: datetime | None,
) -> None:
    """Write down which addresses took a claimed cause; `try_at` None when none is left.

    A cause that began anew meanwhile, or that another process took after the lease, stays as it is.
    """
    places = sorted(set(told_to))
    told_at = cause.told_at or (now if places else None)
    tx.execute(
        update(alerts)
        .where(alerts.c.cause == cause.cause, alerts.c.began_at == cause.began_at)
        .where(or_(alerts.c.try_at == lease_until, alerts.c.try_at.is_(None)))
        .values(
            told_at=told_at,
            told_to=" ".join(str(place) for place in places),
            tries=cause.tries + 1,
            # What ended while it was being told needs no other try.
            try_at=None if try_at is None else _unless_over(try_at),
        )
    )


def _unless_over(try_at: datetime) -> ColumnElement[datetime | None]:
    return case((alerts.c.try_at.is_(None), None), else_=literal(try_at, type_=alerts.c.try_at.type))


def open_causes(tx: Connection, kinds: Sequence[str], *, limit: int = 10_000) -> dict[str, Cause]:
    """The causes of these kinds that are not over, by key."""
    statement = select(alerts).where(alerts.c.kind.in_(kinds), alerts.c.ended_at.is_(None))
    return {row.cause: _cause(row) for row in tx.execute(statement.limit(limit))}


def newest(tx: Connection, *, limit: int) -> list[Cause]:
    """The newest causes, newest first."""
    statement = select(alerts).order_by(alerts.c.began_at.desc(), alerts.c.cause).limit(limit)
    return [_cause(row) for row in tx.execute(statement)]


def _cause(row: Row[*tuple[Any, ...]]) -> Cause:
    columns = row._mapping
    return Cause(
        cause=columns["cause"],
        kind=columns["kind"],
        post=columns["post_id"],
        account=columns["account"],
        detail=columns["detail"],
        began_at=columns["began_at"],
        told_at=columns["told_at"],
        ended_at=columns["ended_at"],
        told_to=frozenset(int(place) for place in columns["told_to"].split()),
        tries=columns["tries"],
        try_at=columns["try_at"],
    )
