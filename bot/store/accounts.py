"""What was learnt of accounts while sending, and what was spent through them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.core.post import State
from bot.store.tables import accounts, attempts, posts


@dataclass(frozen=True, kw_only=True)
class AccountNote:
    """What the network said of an account, and when it last took a post."""

    not_before: datetime | None
    last_sent_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Spending:
    """Posts that left through an account, and what they cost."""

    posts: int
    cost_usd_micros: int


def notes(tx: Connection) -> Mapping[str, AccountNote]:
    """What is known of each account, by name; an account that never sent is not there."""
    return {
        row.name: AccountNote(not_before=row.not_before, last_sent_at=row.last_sent_at)
        for row in tx.execute(select(accounts))
    }


def spent(tx: Connection, *, since: datetime) -> Mapping[str, Spending]:
    """What each account sent in live mode since then, by name. A post counts once, however many its parts."""
    sent = (
        select(attempts.c.account, attempts.c.post_id)
        .distinct()
        .where(attempts.c.started_at >= since)
        .where(attempts.c.state == State.SENT.value, attempts.c.mode == "live")
        .subquery()
    )
    statement = (
        select(
            sent.c.account,
            func.count().label("posts"),
            func.sum(posts.c.cost_usd_micros).label("cost_usd_micros"),
        )
        .join(posts, posts.c.id == sent.c.post_id)
        .group_by(sent.c.account)
    )
    return {
        row.account: Spending(posts=row.posts, cost_usd_micros=int(row.cost_usd_micros))
        for row in tx.execute(statement)
    }
