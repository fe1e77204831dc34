"""The items as people leaf through them: in pages by their place, with when each was and will be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, select, tuple_

from bot.core.campaign import Kind
from bot.core.post import State
from bot.store.contents import ItemRow, Origin, StoredItem
from bot.store.tables import items, posts

#: States in which a post says the item to followers, now or before.
_USED = (State.SENT, State.WITHDRAWN)
_WAITS = (State.HELD, State.READY, State.CLAIMED, State.SENDING)
#: By which items are stepped through: a campaign's in the order of its files, then those written later.
_PLACE = (items.c.campaign, items.c.position, items.c.key)


@dataclass(frozen=True, kw_only=True, order=True)
class Place:
    """Where an item stands among all of them."""

    campaign: str
    position: int
    key: str


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which items are looked for. None: any."""

    campaign: str | None = None
    kind: Kind | None = None
    retired: bool = False
    #: Only those whose file and whose console's version disagree.
    in_conflict: bool = False
    #: Only those that no follower ever saw.
    never_used: bool = False


@dataclass(frozen=True, kw_only=True)
class Used:
    """When an item was used last, and when it will be next; None where it was not, or will not be."""

    last: datetime | None
    next: datetime | None


def rows_beside(
    tx: Connection, wanted: Wanted, *, place: Place | None, backwards: bool, limit: int
) -> Sequence[ItemRow]:
    """The next items after `place`, or those before it, nearest first; None is the end one steps from."""
    statement = select(items).where(*_conditions(wanted))
    here = tuple_(*_PLACE)
    if place is not None:
        there = tuple_(place.campaign, place.position, place.key)
        statement = statement.where(here < there if backwards else here > there)
    order = [column.desc() for column in _PLACE] if backwards else list(_PLACE)
    return tx.execute(statement.order_by(*order).limit(limit)).all()


def place_of(stored: StoredItem) -> Place:
    return Place(campaign=stored.item.campaign, position=stored.position, key=stored.item.key)


def uses_of(
    tx: Connection, keys: Sequence[tuple[str, str]], *, now: datetime
) -> Mapping[tuple[str, str], Used]:
    """When each item, named by campaign and key, was used last and will be next."""
    of_item = (posts.c.campaign == items.c.campaign, posts.c.item == items.c.key)
    last = (
        select(posts.c.due_at)
        .where(*of_item, posts.c.state.in_([state.value for state in _USED]))
        .order_by(posts.c.due_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    coming = (
        select(posts.c.due_at)
        .where(*of_item, posts.c.due_at >= now, posts.c.state.in_([state.value for state in _WAITS]))
        .order_by(posts.c.due_at)
        .limit(1)
        .scalar_subquery()
    )
    statement = select(items.c.campaign, items.c.key, last.label("last"), coming.label("coming")).where(
        tuple_(items.c.campaign, items.c.key).in_(list(keys))
    )
    return {(row.campaign, row.key): Used(last=row.last, next=row.coming) for row in tx.execute(statement)}


def is_taken(tx: Connection, campaign: str, key: str) -> bool:
    """Whether the campaign has, or had, an item of that key."""
    found = select(items.c.key).where(items.c.campaign == campaign, items.c.key == key)
    return tx.execute(found).first() is not None


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    retired = items.c.retired_at.is_not(None) if wanted.retired else items.c.retired_at.is_(None)
    # What somebody queued on the spot is a post's text, not a piece of the library.
    found: list[ColumnElement[bool]] = [retired, items.c.origin != Origin.QUEUE.value]
    if wanted.campaign is not None:
        found.append(items.c.campaign == wanted.campaign)
    if wanted.kind is not None:
        found.append(items.c.kind == wanted.kind.value)
    if wanted.in_conflict:
        found.append(items.c.conflict_document.is_not(None))
    if wanted.never_used:
        of_item = (posts.c.campaign == items.c.campaign, posts.c.item == items.c.key)
        found.append(~exists().where(*of_item, posts.c.state.in_([state.value for state in _USED])))
    return found
