"""A move of a post and its entry in the send log, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from bot.core.post import Post, State
from bot.store import posts, send_log
from bot.store.database import Database, Tx

#: Who moved a post when no person did.
BOT = "campaign-bot"


@contextmanager
def deciding(db: Database) -> Iterator[Tx]:
    """A writing transaction that has the send log's end from its start.

    One that changed posts first would wait for the log, while whoever has the log may wait for
    those posts: on PostgreSQL one of the two would fail.
    """
    with db.log_turn, db.write() as tx:
        send_log.lock(tx)
        yield tx


def move(
    tx: Tx, post: Post, after: State, *, reason: str, now: datetime, who: str = BOT, **values: object
) -> None:
    """Move a post and log who moved it, from where to where, and why."""
    posts.move(tx, post, after, reason=reason, now=now, **values)
    send_log.append(
        tx,
        at=now,
        event="moved",
        post=post.id,
        body={"before": post.state.value, "after": after.value, "reason": reason, "who": who},
    )
