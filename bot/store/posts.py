"""Posts as they stand: reading them, and moving one from state to state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, select, tuple_, update

from bot.core.campaign import Kind, Network
from bot.core.errors import NotAllowedError, NotFoundError
from bot.core.post import WAITING, Post, Slot, SlotKind, State, check_move
from bot.store.codec import picture_column, picture_from
from bot.store.plans import NewPost, write_parts
from bot.store.search import keep_text
from bot.store.tables import parts, posts, slots

#: A post and its slot: what `post_from` reads.
POSTS = select(
    posts,
    slots.c.key.label("slot_key"),
    slots.c.kind.label("slot_kind"),
    slots.c.due_at.label("slot_due_at"),
    slots.c.wall_time,
    slots.c.zone,
    slots.c.occasion,
).join(slots, slots.c.id == posts.c.slot_id)
_POST = POSTS.where(posts.c.id == bindparam("post"))


def read_post(tx: Connection, post_id: int) -> Post:
    """The post of that number. Raises NotFoundError when there is none."""
    row = tx.execute(_POST, {"post": post_id}).first()
    if row is None:
        raise NotFoundError(f"post {post_id}: there is no such post; `campaign-bot queue list` shows them")
    return post_from(row)


def read_posts(
    tx: Connection,
    *,
    states: Sequence[State] = (),
    campaign: str | None = None,
    account: str | None = None,
    language: str | None = None,
    item: str | None = None,
    ids: Sequence[int] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    after: tuple[datetime, int] | None = None,
    limit: int | None = None,
) -> list[Post]:
    """Posts in order of their moments; `after` is the (due_at, id) of the last one already read."""
    wanted: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (posts.c.campaign, campaign),
            (posts.c.account, account),
            (posts.c.language, language),
            (posts.c.item, item),
        )
        if value is not None
    ]
    if states:
        wanted.append(posts.c.state.in_([state.value for state in states]))
    if ids is not None:
        wanted.append(posts.c.id.in_(ids))
    if start is not None:
        wanted.append(posts.c.due_at >= start)
    if end is not None:
        wanted.append(posts.c.due_at < end)
    if after is not None:
        wanted.append(tuple_(posts.c.due_at, posts.c.id) > after)
    statement = POSTS.where(*wanted).order_by(posts.c.due_at, posts.c.id)
    return [post_from(row) for row in tx.execute(statement if limit is None else statement.limit(limit))]


def post_from(row: Row[*tuple[Any, ...]]) -> Post:
    """The post that a row of POSTS holds."""
    return Post(
        id=row.id,
        campaign=row.campaign,
        account=row.account,
        network=Network(row.network),
        language=row.language,
        kind=Kind(row.kind),
        item=row.item,
        item_digest=row.item_digest,
        slot=Slot(
            campaign=row.campaign,
            key=row.slot_key,
            kind=SlotKind(row.slot_kind),
            due_at=row.slot_due_at,
            wall_time=datetime.fromisoformat(row.wall_time),
            zone=row.zone,
            occasion=row.occasion,
        ),
        due_at=row.due_at,
        grace_until=row.grace_until,
        state=State(row.state),
        reason=row.reason,
        why=row.why,
        text=row.text,
        content_warning=row.content_warning,
        length=row.length,
        cost_usd_micros=row.cost_usd_micros,
        digest=row.digest,
        author=row.author,
        approval_needed=row.approval_needed,
        approved_by=row.approved_by,
        approved_digest=row.approved_digest,
        epoch=row.epoch,
        worker=row.worker,
        attempts=row.attempts,
        absent_reads=row.absent_reads,
        guard=row.guard,
        overruled=frozenset(row.overruled.split()),
        fingerprint=row.fingerprint,
        changed_at=row.changed_at,
        picture=picture_from(row.picture),
    )


# Statements of the way to a network are built once: building one takes longer than running it.
#: A post as it was read, and not moved or rewritten since.
#: The epoch grows with each claim, the digest changes with text and moment.
_UNCHANGED = (
    posts.c.id == bindparam("post"),
    posts.c.state == bindparam("before"),
    posts.c.epoch == bindparam("claim"),
    posts.c.digest == bindparam("as_read"),
)
#: Sets the columns that are named when it is executed.
_CHANGE = update(posts).where(*_UNCHANGED)
_LEASE = select(posts.c.lease_until).where(*_UNCHANGED)


def _as_read(post: Post) -> dict[str, object]:
    return {"post": post.id, "before": post.state.value, "claim": post.epoch, "as_read": post.digest}


def move(
    tx: Connection,
    post: Post,
    after: State,
    *,
    reason: str,
    now: datetime,
    **values: object,
) -> None:
    """Move a post as it was read to another state; `values` may name the `guard` that holds it there.

    Raises NotAllowedError when the states forbid it, or when somebody moved or
    rewrote the post since: the comparison is in the same statement.
    """
    check_move(post.state, after)
    changed = {"guard": None, **values, "state": after.value, "reason": reason, "changed_at": now}
    moved = tx.execute(_CHANGE, _as_read(post) | changed).rowcount
    if moved != 1:
        raise NotAllowedError(f"post {post.id} is no longer {post.state}: look again before you change it")


def lease_of(tx: Connection, claimed: Post) -> datetime | None:
    """Until when a claim holds that somebody took; None when it was lost."""
    until: datetime | None = tx.execute(_LEASE, _as_read(claimed)).scalar()
    return until


def rewrite(
    tx: Connection,
    post: Post,
    new: NewPost,
    *,
    state: State,
    reason: str,
    guard: str | None = None,
    now: datetime,
) -> None:
    """Give a waiting or missed post another text or moment; any approval of the old one is void.

    A guard that was overruled for the old one speaks again.
    Raises NotAllowedError for any other, and for another text where a part is public already.
    """
    if post.state not in WAITING | {State.MISSED}:
        raise NotAllowedError(f"post {post.id} is {post.state}: what may have left keeps its text")
    begun = has_receipts(tx, post.id)
    if begun and ([part.text for part in new.parts], new.picture) != (_texts(tx, post.id), post.picture):
        raise NotAllowedError(f"post {post.id}: a part of it is public, so it keeps its text")
    if state is not post.state:
        check_move(post.state, state)
    changed = tx.execute(
        _CHANGE.values(
            state=state.value,
            reason=reason,
            guard=guard,
            overruled=" ".join(sorted(post.overruled)) if post.digest == new.digest else "",
            fingerprint=new.fingerprint,
            item_digest=new.item_digest,
            due_at=new.due_at,
            grace_until=new.grace_until,
            text=new.text,
            text_id=keep_text(tx, new.text),
            content_warning=new.content_warning,
            picture=picture_column(new.picture),
            length=new.length,
            cost_usd_micros=new.cost_usd_micros,
            digest=new.digest,
            author=new.author,
            approval_needed=new.approval_needed,
            approved_by=None,
            approved_digest=None,
            approved_at=None,
            changed_at=now,
        ),
        _as_read(post),
    ).rowcount
    if changed != 1:
        raise NotAllowedError(f"post {post.id} is no longer {post.state}: it stays as it is")
    if not begun:
        tx.execute(delete(parts).where(parts.c.post_id == post.id))
        write_parts(tx, post.id, new.parts)


def overrule(tx: Connection, post: Post, guards: Iterable[str]) -> None:
    """Note which guards a person overrules for the post's very text and moment."""
    tx.execute(
        update(posts)
        .where(posts.c.id == post.id, posts.c.digest == post.digest)
        .values(overruled=" ".join(sorted(post.overruled.union(guards))))
    )


def hold_on(tx: Connection, post: Post, *, guard: str, reason: str, now: datetime) -> None:
    """Keep a held post for another reason. Raises NotAllowedError when it was moved or rewritten since."""
    changed = {"guard": guard, "reason": reason, "changed_at": now}
    if post.state is not State.HELD or tx.execute(_CHANGE, _as_read(post) | changed).rowcount != 1:
        raise NotAllowedError(f"post {post.id} is no longer held: look again before you change it")


def wait_for(tx: Connection, account: str, *, until: datetime, reason: str) -> None:
    """Tell the account's ready posts due by then, and those alone that say nothing yet, why they wait."""
    tx.execute(
        update(posts)
        .where(posts.c.account == account, posts.c.state == State.READY.value)
        .where(posts.c.due_at <= until, posts.c.reason == "")
        .values(reason=reason)
    )


def _texts(tx: Connection, post_id: int) -> list[str]:
    statement = select(parts.c.text).where(parts.c.post_id == post_id).order_by(parts.c.number)
    return list(tx.execute(statement).scalars())


def has_receipts(tx: Connection, post_id: int) -> bool:
    """Whether a part of the post is public, as far as is known."""
    found = select(parts.c.number).where(parts.c.post_id == post_id, parts.c.remote_id.is_not(None))
    return tx.execute(found.limit(1)).first() is not None


def approve(tx: Connection, post: Post, *, who: str, now: datetime) -> None:
    """Bind an approval to the post's digest."""
    tx.execute(
        update(posts)
        .where(posts.c.id == post.id, posts.c.digest == post.digest)
        .values(approved_by=who, approved_digest=post.digest, approved_at=now)
    )


def look_again(tx: Connection, post: Post, *, look_at: datetime, absent_reads: int, now: datetime) -> None:
    """Say when an unconfirmed post is to be looked for next."""
    tx.execute(
        update(posts)
        .where(posts.c.id == post.id, posts.c.state == State.UNCONFIRMED.value, posts.c.epoch == post.epoch)
        .values(look_at=look_at, absent_reads=absent_reads, changed_at=now)
    )
