"""What was learnt of accounts while sending, and when they posted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from bot.core.post import Mode, State
from bot.store.claims import CERTAINLY_UNSENT
from bot.store.tables import accounts, attempts


@dataclass(frozen=True, kw_only=True)
class AccountNote:
    """What the network said of an account, and when it last took a post."""

    not_before: datetime | None
    last_sent_at: datetime | None


def notes(tx: Connection) -> Mapping[str, AccountNote]:
    """What is known of each account, by name; an account that never sent is not there."""
    return {
        row.name: AccountNote(not_before=row.not_before, last_sent_at=row.last_sent_at)
        for row in tx.execute(select(accounts))
    }


def last_refusal(tx: Connection, account: str) -> str | None:
    """Why the account's newest attempt in live mode left nothing and is made again; None where it is not."""
    statement = (
        select(attempts.c.state, attempts.c.error)
        .where(attempts.c.account == account, attempts.c.mode == Mode.LIVE.value)
        .order_by(attempts.c.started_at.desc(), attempts.c.id.desc())
        .limit(1)
    )
    newest = tx.execute(statement).first()
    return newest.error if newest is not None and newest.state == State.READY.value else None


def sent(tx: Connection, *, since: datetime) -> Mapping[str, int]:
    """How many posts each account sent in live mode since then; a thread counts once."""
    statement = (
        select(attempts.c.account, func.count(attempts.c.post_id.distinct()).label("posts"))
        .where(attempts.c.started_at >= since)
        .where(attempts.c.state == State.SENT.value, attempts.c.mode == Mode.LIVE.value)
        .group_by(attempts.c.account)
    )
    return {row.account: row.posts for row in tx.execute(statement)}


def last_left(tx: Connection, account: str, *, mode: str, but: int) -> datetime | None:
    """When the account's newest post left, or may have; post `but` aside. None when none ever did."""
    statement = (
        select(attempts.c.started_at)
        .where(*_may_have_left(account, mode=mode, but=but))
        .order_by(attempts.c.started_at.desc())
        .limit(1)
    )
    moment: datetime | None = tx.execute(statement).scalar()
    return moment


def left_since(
    tx: Connection, account: str, *, mode: str, since: datetime, but: int, limit: int
) -> list[datetime]:
    """When the account's last `limit` posts left, or may have, newest first; post `but` aside.

    A thread counts once, with its first part.
    """
    newest = func.max(attempts.c.started_at)
    statement = (
        select(newest)
        .where(*_may_have_left(account, mode=mode, but=but))
        .where(attempts.c.part == 1, attempts.c.started_at > since)
        .group_by(attempts.c.post_id)
        .order_by(newest.desc())
        .limit(limit)
    )
    return list(tx.execute(statement).scalars())


def _may_have_left(account: str, *, mode: str, but: int) -> tuple[ColumnElement[bool], ...]:
    unsent = [state.value for state in CERTAINLY_UNSENT]
    return (
        attempts.c.account == account,
        attempts.c.mode == mode,
        attempts.c.post_id != but,
        attempts.c.state.not_in(unsent),
    )
