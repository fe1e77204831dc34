"""What only a proof reads of the store: every message with its post, and whether the file is sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, inspect, select, text, tuple_

from bot.core.media import PostPicture
from bot.core.post import State
from bot.store.codec import picture_from
from bot.store.tables import parts, posts


@dataclass(frozen=True, kw_only=True)
class Message:
    """One part, with what its post says of itself."""

    post: int
    part: int
    text: str
    remote_id: str | None
    account: str
    language: str
    due_at: datetime
    state: str
    reason: str
    digest: str
    why: str
    approval_needed: bool
    approved_digest: str | None
    #: Leaves with the first part.
    picture: PostPicture | None
    content_warning: str | None = None


def read_messages(tx: Connection, *, after: tuple[int, int], limit: int) -> list[Message]:
    """Up to `limit` messages past a (post, part), in that order."""
    statement = (
        select(parts, posts)
        .join(posts, posts.c.id == parts.c.post_id)
        .with_only_columns(
            parts.c.post_id,
            parts.c.number,
            parts.c.text,
            parts.c.remote_id,
            *(
                posts.c[name]
                for name in ("account", "language", "due_at", "state", "reason", "digest", "why")
            ),
            posts.c.approval_needed,
            posts.c.approved_digest,
            posts.c.picture,
            posts.c.content_warning,
        )
        .where(tuple_(parts.c.post_id, parts.c.number) > after)
        .order_by(parts.c.post_id, parts.c.number)
        .limit(limit)
    )
    return [
        Message(
            post=row.post_id,
            part=row.number,
            text=row.text,
            remote_id=row.remote_id,
            account=row.account,
            language=row.language,
            due_at=row.due_at,
            state=row.state,
            reason=row.reason,
            digest=row.digest,
            why=row.why,
            approval_needed=row.approval_needed,
            approved_digest=row.approved_digest,
            picture=picture_from(row.picture),
            content_warning=row.content_warning,
        )
        for row in tx.execute(statement)
    ]


def count_posts(tx: Connection, *states: State) -> int:
    """How many posts are in one of the states; of all, when none is named."""
    statement = select(func.count()).select_from(posts)
    if states:
        statement = statement.where(posts.c.state.in_([state.value for state in states]))
    return tx.execute(statement).scalar_one()


def table_names(tx: Connection) -> list[str]:
    """Every table of the database, whoever made it."""
    return inspect(tx).get_table_names()


def damage(tx: Connection) -> Iterator[str]:
    """What the database itself finds wrong with its file. PostgreSQL has no such question."""
    if tx.dialect.name == "sqlite":
        for (said,) in tx.execute(text("PRAGMA integrity_check")):
            if said != "ok":
                yield f"the database file is damaged: {said}"
