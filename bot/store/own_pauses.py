"""What the bot reads before it pauses by itself: its pauses, unknown posts, the log's newest moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from bot.core.post import State
from bot.store.tables import pauses, posts, send_log


def _all_of(who: str, cause: str) -> Sequence[ColumnElement[bool]]:
    """Pauses of everything by one name, whose reasons begin with the same words."""
    return (
        pauses.c.who == who,
        pauses.c.campaign.is_(None),
        pauses.c.account.is_(None),
        pauses.c.language.is_(None),
        pauses.c.reason.startswith(cause, autoescape=True),
    )


def is_in_force(tx: Connection, *, who: str, cause: str) -> bool:
    """Whether a pause of everything for that cause holds now."""
    statement = select(pauses.c.id).where(pauses.c.resumed_at.is_(None), *_all_of(who, cause))
    return tx.execute(statement.limit(1)).first() is not None


def last_resumed(tx: Connection, *, who: str, cause: str) -> datetime | None:
    """When a person last lifted such a pause; None when nobody ever did."""
    moment: datetime | None = tx.execute(
        select(func.max(pauses.c.resumed_at)).where(*_all_of(who, cause))
    ).scalar()
    return moment


def unknown_since(tx: Connection, moment: datetime, *, limit: int = 20) -> list[int]:
    """Numbers of the posts that became unknown after `moment`, and wait for a person."""
    statement = (
        select(posts.c.id)
        .where(posts.c.state == State.UNKNOWN.value, posts.c.changed_at > moment)
        .order_by(posts.c.id)
        .limit(limit)
    )
    return list(tx.execute(statement).scalars())


def newest_entry_at(tx: Connection) -> datetime | None:
    """The moment of the send log's newest entry; None while the log is empty."""
    moment: datetime | None = tx.execute(
        select(send_log.c.at).order_by(send_log.c.seq.desc()).limit(1)
    ).scalar()
    return moment
