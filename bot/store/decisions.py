"""The send log's newest entries for people who browse: what was decided, and which posts changed last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, select

from bot.core.post import State
from bot.store.browsing import PostsWanted
from bot.store.send_log import Entry, entry_from
from bot.store.tables import posts, send_log

#: What the bot does by itself, post by post: the attempts show it.
_ITS_OWN = ("intent", "outcome", "looked")


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """Some of what was decided, in the order asked for."""

    entries: tuple[Entry, ...]
    #: Number of the last entry that was read, where so many were that the rest is for another look.
    looked_to: int | None


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Posts by their newest entries in the log: pairs of the entry's number and the post's."""

    found: tuple[tuple[int, int], ...]
    looked_to: int | None


def walk_decisions(
    tx: Connection, *, after: int | None, descending: bool, limit: int, look: int, bot: str
) -> Decisions:
    """Up to `limit` entries past a number that are no mere step of sending, among the next `look`.

    A post that moved is a decision where a person moved it: `bot` is the name under which none did.
    """
    seen = _window(after, descending, look).subquery("seen")
    by_itself = and_(seen.c.event == "moved", seen.c.body.contains(f'"who":"{bot}"', autoescape=True))
    statement = select(seen).where(seen.c.event.not_in(_ITS_OWN), ~by_itself).limit(limit)
    order = seen.c.seq.desc() if descending else seen.c.seq
    entries = tuple(entry_from(row) for row in tx.execute(statement.order_by(order)))
    return Decisions(
        entries=entries,
        looked_to=None if len(entries) == limit else _end(tx, after, descending, look),
    )


def walk_changes(
    tx: Connection, wanted: PostsWanted, *, after: int | None, descending: bool, limit: int, look: int
) -> Changes:
    """Up to `limit` posts in order of their newest entries, among the next `look` entries."""
    seen = _window(after, descending, look).subquery("seen")
    later = send_log.alias("later")
    newer = select(later.c.seq).where(later.c.post_id == seen.c.post_id, later.c.seq > seen.c.seq)
    statement = (
        select(seen.c.seq, posts.c.id)
        .join(posts, posts.c.id == seen.c.post_id)
        .where(~newer.exists(), *_wanted(wanted))
        .order_by(seen.c.seq.desc() if descending else seen.c.seq)
        .limit(limit)
    )
    found = tuple((row.seq, row.id) for row in tx.execute(statement))
    return Changes(found=found, looked_to=None if len(found) == limit else _end(tx, after, descending, look))


def _window(after: int | None, descending: bool, look: int) -> Select[Any]:
    statement = select(send_log)
    if after is not None:
        statement = statement.where(send_log.c.seq < after if descending else send_log.c.seq > after)
    return statement.order_by(send_log.c.seq.desc() if descending else send_log.c.seq).limit(look)


def _end(tx: Connection, after: int | None, descending: bool, look: int) -> int | None:
    """Number of the last entry of a window; None when the log ends within it."""
    last = _window(after, descending, look).with_only_columns(send_log.c.seq).offset(look - 1).limit(1)
    number = tx.execute(last).scalar()
    return None if number is None else int(number)


def _wanted(wanted: PostsWanted) -> list[ColumnElement[bool]]:
    names = ("campaign", "account", "network", "language", "kind", "item")
    conditions: list[ColumnElement[bool]] = [
        posts.c[name] == value for name in names if (value := getattr(wanted, name)) is not None
    ]
    if wanted.states:
        conditions.append(posts.c.state.in_([State(state).value for state in wanted.states]))
    if wanted.texts is not None:
        conditions.append(posts.c.text_id.in_(wanted.texts))
    return conditions
