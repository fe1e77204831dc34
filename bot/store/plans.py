"""Slots and the posts planned for them: what a plan adds, each moment once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.core.campaign import Kind, Network
from bot.core.media import PostPicture
from bot.core.post import Part, Slot, State
from bot.store.codec import picture_column
from bot.store.search import keep_text
from bot.store.tables import parts, posts, slots


@dataclass(frozen=True, kw_only=True)
class NewPost:
    """A post as planned, before it has a number."""

    campaign: str
    account: str
    network: Network
    language: str
    kind: Kind
    item: str
    item_digest: str
    due_at: datetime
    grace_until: datetime
    state: State
    reason: str
    why: str
    content_warning: str | None
    parts: tuple[Part, ...]
    cost_usd_micros: int
    digest: str
    author: str
    approval_needed: bool
    #: The guard that holds it, by name; None when no guard does.
    guard: str | None = None
    #: The text as a follower would remember it; a post without one is compared with no other.
    fingerprint: str = ""
    picture: PostPicture | None = None

    @property
    def text(self) -> str:
        return "\n\n".join(part.text for part in self.parts)

    @property
    def length(self) -> int:
        return max((part.length for part in self.parts), default=0)


@dataclass(frozen=True, kw_only=True)
class ItemUse:
    """That an item stands at a moment in a language."""

    item: str
    kind: Kind
    language: str
    at: datetime


def slot_keys(tx: Connection, campaign: str, *, start: datetime, end: datetime) -> dict[str, str | None]:
    """Keys of the slots already planned with start <= due < end, each with its item (None: empty)."""
    statement = select(slots.c.key, slots.c.item).where(
        slots.c.campaign == campaign, slots.c.due_at >= start, slots.c.due_at < end
    )
    return {row.key: row.item for row in tx.execute(statement)}


def uses(tx: Connection, campaign: str, *, since: datetime) -> list[ItemUse]:
    """Where the campaign's items stand from `since` on, oldest first, one for each slot and language."""
    statement = (
        select(posts.c.item, posts.c.kind, posts.c.language, posts.c.due_at)
        .distinct()
        .where(posts.c.campaign == campaign, posts.c.due_at >= since)
        .where(posts.c.state.not_in([State.CANCELLED.value, State.REJECTED.value]))
        .order_by(posts.c.due_at, posts.c.item, posts.c.language)
    )
    return [
        ItemUse(item=row.item, kind=Kind(row.kind), language=row.language, at=row.due_at)
        for row in tx.execute(statement)
    ]


def queued_moments(
    tx: Connection, campaign: str, *, start: datetime, end: datetime, but_held_by: Collection[str] = ()
) -> list[datetime]:
    """Moments at which something leaves that a person queued, with start <= due < end.

    What one of the guards `but_held_by` holds is left out.
    """
    statement = (
        select(posts.c.due_at)
        .join(slots, posts.c.slot_id == slots.c.id)
        .where(slots.c.campaign == campaign, slots.c.kind == "queued")
        .where(posts.c.due_at >= start, posts.c.due_at < end)
        .where(posts.c.state.not_in([State.CANCELLED.value, State.MISSED.value, State.REJECTED.value]))
        .order_by(posts.c.due_at)
    )
    if but_held_by:
        is_held = (posts.c.state == State.HELD.value) & func.coalesce(posts.c.guard, "").in_(
            sorted(but_held_by)
        )
        statement = statement.where(~is_held)
    return list(tx.execute(statement).scalars())


def add_slot(tx: Connection, slot: Slot, *, item: str | None, why: str, now: datetime) -> int | None:
    """Take a slot; None when it was planned before, by whomever."""
    values = {
        "campaign": slot.campaign,
        "key": slot.key,
        "kind": slot.kind.value,
        "due_at": slot.due_at,
        "wall_time": slot.wall_time.isoformat(timespec="seconds"),
        "zone": slot.zone,
        "occasion": slot.occasion,
        "item": item,
        "why": why,
        "planned_at": now,
    }
    flavour = postgresql if tx.dialect.name == "postgresql" else sqlite
    statement = flavour.insert(slots).values(values).on_conflict_do_nothing().returning(slots.c.id)
    return tx.execute(statement).scalar()


def fill_slot(
    tx: Connection, campaign: str, key: str, *, item: str | None, why: str, now: datetime
) -> int | None:
    """Give an empty slot its item; None when it has one, or does not exist."""
    statement = (
        update(slots)
        .where(slots.c.campaign == campaign, slots.c.key == key, slots.c.item.is_(None))
        .values(item=item, why=why, planned_at=now)
        .returning(slots.c.id)
    )
    return tx.execute(statement).scalar()


def add_posts(tx: Connection, slot_id: int, new: Sequence[NewPost], *, now: datetime) -> list[int]:
    """Write a slot's posts with their parts and return their numbers."""
    return [_add_post(tx, slot_id, post, now=now) for post in new]


def _add_post(tx: Connection, slot_id: int, post: NewPost, *, now: datetime) -> int:
    statement = insert(posts).values(
        slot_id=slot_id,
        campaign=post.campaign,
        account=post.account,
        network=post.network.value,
        language=post.language,
        kind=post.kind.value,
        item=post.item,
        item_digest=post.item_digest,
        due_at=post.due_at,
        grace_until=post.grace_until,
        state=post.state.value,
        reason=post.reason,
        why=post.why,
        text=post.text,
        content_warning=post.content_warning,
        picture=picture_column(post.picture),
        length=post.length,
        cost_usd_micros=post.cost_usd_micros,
        digest=post.digest,
        author=post.author,
        approval_needed=post.approval_needed,
        guard=post.guard,
        fingerprint=post.fingerprint,
        text_id=keep_text(tx, post.text),
        changed_at=now,
    )
    post_id: int = tx.execute(statement.returning(posts.c.id)).scalar_one()
    write_parts(tx, post_id, post.parts)
    return post_id


def write_parts(tx: Connection, post_id: int, new: Iterable[Part]) -> None:
    """Write the frozen messages of a post."""
    rows = [
        {"post_id": post_id, "number": part.number, "text": part.text, "length": part.length} for part in new
    ]
    if rows:
        tx.execute(insert(parts), rows)
