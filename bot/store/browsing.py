"""Long lists, a page at a time: each read takes an index and a bounded number of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    Table,
    Text,
    any_,
    cast,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)

from bot.core.post import State
from bot.store.log_reading import LoggedAttempt
from bot.store.tables import attempts, posts

#: Where a row stands in its list: its moment and its number.
Position = tuple[datetime, int]


@dataclass(frozen=True, kw_only=True)
class PostsWanted:
    """Which posts are wanted; what is left out is not asked for."""

    states: tuple[State, ...] = ()
    campaign: str | None = None
    account: str | None = None
    network: str | None = None
    language: str | None = None
    kind: str | None = None
    item: str | None = None
    #: Numbers of their texts (bot.store.search).
    texts: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class AttemptsWanted:
    """Which attempts are wanted; what is left out is not asked for."""

    since: datetime | None = None
    until: datetime | None = None
    states: tuple[State, ...] = ()
    campaign: str | None = None
    account: str | None = None
    network: str | None = None
    #: Numbers of the texts that their posts have (bot.store.search).
    texts: tuple[int, ...] | None = None
    post: int | None = None


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A piece of a list, in its order."""

    found: tuple[Position, ...]
    #: The last row that was looked at, where so many were that the rest is for another look.
    looked_to: Position | None = None


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many there are, or that there are at least so many."""

    number: int
    or_more: bool


#: An attempt as the send log shows it.
_LOGGED = select(
    *(
        attempts.c[{"post": "post_id", "attempt": "number"}.get(name, name)].label(name)
        for name in LoggedAttempt.__dataclass_fields__
    )
)
#: What is in the indexes by moment, beside the moment: a look at it reads no post.
_IN_INDEX = ("campaign", "account", "network", "language", "kind")


def walk_posts(
    tx: Connection,
    wanted: PostsWanted,
    *,
    after: Position | None,
    descending: bool,
    limit: int,
    look: int,
) -> Stretch:
    """Up to `limit` posts past a position in order of their moments, among the next `look` of each state."""
    if wanted.item is not None and wanted.campaign is not None:
        of_item = [posts.c.campaign == wanted.campaign, posts.c.item == wanted.item]
        left = _left(replace(wanted, campaign=None), "state")
        return _walk_index(tx, posts, of_item, left, after, descending, limit, look)
    streams: list[list[ColumnElement[bool]]] = [[_is(state)] for state in wanted.states] or [[]]
    stretches = [
        _walk_index(tx, posts, [*stream], _left(wanted), after, descending, limit, look) for stream in streams
    ]
    return _merged(stretches, descending=descending, limit=limit)


def gather_posts(
    tx: Connection,
    wanted: PostsWanted,
    *,
    after: Position | None,
    descending: bool,
    limit: int,
) -> Stretch:
    """The same for texts that few posts have: all of these are read and sorted."""
    conditions = [_among(tx, posts.c.text_id, wanted.texts or ()), *_of(posts, wanted, *_IN_INDEX, "item")]
    if wanted.states:
        conditions.append(posts.c.state.in_([state.value for state in wanted.states]))
    statement = _ordered(select(posts.c.due_at, posts.c.id).where(*conditions), posts, after, descending)
    return Stretch(found=_positions(tx, statement.limit(limit)))


def are_many(tx: Connection, texts: Sequence[int], *, more_than: int) -> bool:
    """Whether more posts than that have one of the texts."""
    some = select(posts.c.id).where(_among(tx, posts.c.text_id, texts)).limit(more_than + 1).subquery()
    return int(tx.execute(select(func.count()).select_from(some)).scalar_one()) > more_than


def count_posts(tx: Connection, wanted: PostsWanted, *, look: int) -> Mapping[State, Counted]:
    """Count the posts of each state, each among its first `look`."""
    left = _left(wanted)
    each = []
    for state in wanted.states or tuple(State):
        seen = _window(posts, [_is(state)], left, None, False, look + 1)
        found = func.count().filter(*_left_of(tx, seen, left)) if left else func.count()
        each.append(
            select(
                literal(state.value).label("state"), func.count().label("seen"), found.label("found")
            ).select_from(seen)
        )
    return {
        State(row.state): Counted(number=min(int(row.found), look), or_more=row.seen > look)
        for row in tx.execute(union_all(*each))
    }


def count_few(tx: Connection, wanted: PostsWanted, *, look: int) -> Mapping[State, Counted]:
    """Count the posts of each state among the first `look` of an item, or of texts that few posts have."""
    if wanted.item is not None:
        stream = [posts.c.campaign == wanted.campaign, posts.c.item == wanted.item]
    else:
        stream = [_among(tx, posts.c.text_id, wanted.texts or ())]
    left = _left(wanted, "state")
    columns = [posts.c[name] for name in {**left, "state": None}]
    seen = select(*columns).where(*stream).limit(look + 1).subquery("seen")
    statement = select(seen.c.state, func.count().label("number")).where(*_left_of(tx, seen, left))
    found = {State(row.state): int(row.number) for row in tx.execute(statement.group_by(seen.c.state))}
    or_more = sum(found.values()) > look
    states = wanted.states or tuple(State)
    return {state: Counted(number=found.get(state, 0), or_more=or_more) for state in states}


def walk_attempts(
    tx: Connection,
    wanted: AttemptsWanted,
    *,
    after: Position | None,
    descending: bool,
    limit: int,
    look: int,
) -> Stretch:
    """Up to `limit` attempts past a position in order of their starts, among the next `look` of an index."""
    conditions, left = _attempts_wanted(wanted)
    if wanted.post is None and wanted.texts is not None:
        left["texts"] = wanted.texts
    return _walk_index(tx, attempts, conditions, left, after, descending, limit, look)


def gather_attempts(
    tx: Connection, wanted: AttemptsWanted, *, after: Position | None, descending: bool, limit: int
) -> Stretch:
    """The same for texts that few posts have: the attempts of all these posts are read and sorted."""
    having = select(posts.c.id).where(_among(tx, posts.c.text_id, wanted.texts or ()))
    conditions = [attempts.c.post_id.in_(having), *_of(attempts, wanted, "campaign", "account", "network")]
    if wanted.states:
        conditions.append(attempts.c.state.in_([state.value for state in wanted.states]))
    conditions += _within(wanted)
    statement = select(attempts.c.started_at, attempts.c.id).where(*conditions)
    return Stretch(found=_positions(tx, _ordered(statement, attempts, after, descending).limit(limit)))


def read_attempts(
    tx: Connection, *, ids: Sequence[int] | None = None, of_posts: Sequence[int] = (), limit: int
) -> list[LoggedAttempt]:
    """Up to `limit` attempts, of those numbers or of those posts, in order of their starts."""
    wanted = attempts.c.post_id.in_(of_posts) if ids is None else attempts.c.id.in_(ids)
    rows = tx.execute(_LOGGED.where(wanted).order_by(attempts.c.started_at, attempts.c.id).limit(limit))
    return [LoggedAttempt(**row._mapping) for row in rows]


# -- one index ---------------------------------------------------------------------------------------


def _walk_index(
    tx: Connection,
    table: Table,
    stream: Sequence[ColumnElement[bool]],
    left: dict[str, Any],
    after: Position | None,
    descending: bool,
    limit: int,
    look: int,
) -> Stretch:
    """Read one index in its order; `left` is what it is not sorted by, and asked of each row."""
    all_of_it = _ordered(select(*_keys(table)).where(*stream), table, after, descending)
    if not left:
        return Stretch(found=_positions(tx, all_of_it.limit(limit)))
    seen = _window(table, stream, left, after, descending, look)
    statement: Select[Any] = select(seen.c.moment, seen.c.id).where(*_left_of(tx, seen, left)).limit(limit)
    if tx.dialect.name == "postgresql":
        # It sees that the window is in this order. SQLite does not, and would read all of it to sort it: what
        # it lets through stays in the window's order.
        order = (seen.c.moment.desc(), seen.c.id.desc()) if descending else (seen.c.moment, seen.c.id)
        statement = statement.order_by(*order)
    found = _positions(tx, statement)
    if len(found) == limit:
        return Stretch(found=found)
    last = _positions(tx, all_of_it.offset(look - 1).limit(1))
    return Stretch(found=found, looked_to=last[0] if last else None)


def _window(
    table: Table,
    stream: Sequence[ColumnElement[bool]],
    names: Iterable[str],
    after: Position | None,
    descending: bool,
    look: int,
) -> Subquery:
    """The next rows of an index, with those columns alone that are asked of each: others may not be in it."""
    moment, number = _keys(table)
    asked = [table.c["post_id" if name == "texts" else name] for name in names]
    columns = [moment.label("moment"), number, *asked]
    return _ordered(select(*columns).where(*stream), table, after, descending).limit(look).subquery("seen")


def _left_of(tx: Connection, seen: FromClause, left: dict[str, Any]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for name, value in left.items():
        if name == "texts":
            # Of a post that never left, the text may have changed since: it is found by the one that it has.
            has = select(posts.c.id).where(posts.c.id == seen.c.post_id, _among(tx, posts.c.text_id, value))
            conditions.append(has.exists())
        elif name == "text_id":
            conditions.append(_among(tx, seen.c[name], value))
        elif isinstance(value, tuple):
            conditions.append(seen.c[name].in_(value))
        else:
            conditions.append(seen.c[name] == value)
    return conditions


def _left(wanted: PostsWanted, *more: str) -> dict[str, Any]:
    """What the indexes by moment are not sorted by."""
    left: dict[str, Any] = {
        name: getattr(wanted, name) for name in _IN_INDEX if getattr(wanted, name) is not None
    }
    if wanted.texts is not None:
        left["text_id"] = wanted.texts
    if "state" in more and wanted.states:
        left["state"] = tuple(state.value for state in wanted.states)
    return left


def _attempts_wanted(wanted: AttemptsWanted) -> tuple[list[ColumnElement[bool]], dict[str, Any]]:
    """What the best index for it is sorted by, and what is left to ask of each row."""
    conditions = _within(wanted)
    names = ("campaign", "account", "network")
    left: dict[str, Any] = {name: value for name in names if (value := getattr(wanted, name)) is not None}
    if wanted.states:
        left["state"] = tuple(state.value for state in wanted.states)
    if wanted.post is not None:
        return [attempts.c.post_id == wanted.post, *conditions], left
    if len(wanted.states) == 1 and "account" not in left:
        del left["state"]
        return [attempts.c.state == wanted.states[0].value, *conditions], left
    for name in ("account", "campaign"):
        if name in left:
            return [attempts.c[name] == left.pop(name), *conditions], left
    return conditions, left


def _within(wanted: AttemptsWanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        conditions.append(attempts.c.started_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(attempts.c.started_at < wanted.until)
    return conditions


def _of(table: Table, wanted: PostsWanted | AttemptsWanted, *names: str) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name in names if (value := getattr(wanted, name)) is not None]


def _among(tx: Connection, column: ColumnElement[Any], numbers: Sequence[int]) -> ColumnElement[bool]:
    """One of many numbers, given as one value: naming each would take longer than the read."""
    if tx.dialect.name == "postgresql":
        written = "{" + ",".join(map(str, numbers)) + "}"
        return column == any_(cast(literal(written, Text), ARRAY(BigInteger)))
    each = func.json_each(msgspec.json.encode(list(numbers)).decode()).table_valued("value")
    return column.in_(select(each.c.value))


def _is(state: State) -> ColumnElement[bool]:
    # Written into the statement: a database uses a partial index only where it can read what is asked for.
    return posts.c.state == literal_column(f"'{state.value}'")


def _keys(table: Table) -> tuple[Column[Any], Column[Any]]:
    return (posts.c.due_at, posts.c.id) if table is posts else (attempts.c.started_at, attempts.c.id)


def _ordered(statement: Select[Any], table: Table, after: Position | None, descending: bool) -> Select[Any]:
    moment, number = _keys(table)
    if after is not None:
        key = tuple_(moment, number)
        statement = statement.where(key < after if descending else key > after)
    if descending:
        return statement.order_by(moment.desc(), number.desc())
    return statement.order_by(moment, number)


def _positions(tx: Connection, statement: Select[Any]) -> tuple[Position, ...]:
    return tuple((row[0], row[1]) for row in tx.execute(statement))


def _merged(stretches: Sequence[Stretch], *, descending: bool, limit: int) -> Stretch:
    """One list of several; it ends where the first of them was looked through no further."""
    if len(stretches) == 1:
        return stretches[0]
    found = sorted((one for stretch in stretches for one in stretch.found), reverse=descending)
    ends = [stretch.looked_to for stretch in stretches if stretch.looked_to is not None]
    if ends:
        end = max(ends) if descending else min(ends)
        found = [one for one in found if (one >= end if descending else one <= end)]
        if len(found) < limit:
            return Stretch(found=tuple(found), looked_to=end)
    return Stretch(found=tuple(found[:limit]))
