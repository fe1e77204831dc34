"""What the first page shows: the newest and the next posts of a state, in bounded reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.core.post import Post, State
from bot.store.contents import was_written_by
from bot.store.posts import POSTS, post_from
from bot.store.tables import parts, posts
from bot.store.types import Instant


def newest(tx: Connection, state: State, *, limit: int, since: datetime | None = None) -> list[Post]:
    """Posts of a state, the newest moment first; none that was due before `since`."""
    statement = POSTS.where(posts.c.state == state.value)
    if since is not None:
        statement = statement.where(posts.c.due_at >= since)
    statement = statement.order_by(posts.c.due_at.desc(), posts.c.id.desc()).limit(limit)
    return [post_from(row) for row in tx.execute(statement)]


def sent_at(tx: Connection, numbers: Sequence[int]) -> dict[int, datetime]:
    """When the last part of each of these posts had its receipt, by the post's number."""
    statement = (
        select(parts.c.post_id, func.max(parts.c.sent_at, type_=Instant()))
        .where(parts.c.post_id.in_(numbers), parts.c.sent_at.is_not(None))
        .group_by(parts.c.post_id)
    )
    return {row[0]: row[1] for row in tx.execute(statement)}


def count_state(tx: Connection, state: State, *, at_most: int, since: datetime | None = None) -> int:
    """How many posts are in a state, counted no further than `at_most`."""
    some = select(posts.c.id).where(posts.c.state == state.value)
    if since is not None:
        some = some.where(posts.c.due_at >= since)
    return int(tx.execute(select(func.count()).select_from(some.limit(at_most).subquery())).scalar_one())


def count_to_approve(tx: Connection, *, besides: str, guard: str, since: datetime, at_most: int) -> int:
    """How many held posts to come wait for the approval of somebody else than `besides`, up to a bound."""
    held = (
        select(posts.c.campaign, posts.c.item, posts.c.author, posts.c.guard)
        .where(posts.c.state == State.HELD.value, posts.c.due_at >= since)
        .order_by(posts.c.due_at)
        # Those of others are among the first: more rows are not read for a number on a badge.
        .limit(at_most * 10)
        .subquery()
    )
    others = ~was_written_by(besides, held.c.campaign, held.c.item)
    some = (
        select(held.c.author)
        .where(held.c.guard == guard, held.c.author != besides, others)
        .limit(at_most)
        .subquery()
    )
    return int(tx.execute(select(func.count()).select_from(some)).scalar_one())
