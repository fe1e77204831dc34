"""The statements of claim, intent and outcome. Each compares before it sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    Row,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from bot.core.errors import NotAllowedError
from bot.core.media import PostPicture
from bot.core.post import Mode, Part, Post, Receipt, State
from bot.store.codec import picture_column, picture_from
from bot.store.posts import POSTS, move, post_from, read_post
from bot.store.spending import give_back, reserve
from bot.store.tables import accounts, attempts, parts, pauses, posts

#: What one request is known by from another for the same part.
_ASKED = ("key", "text", "content_warning", "picture")
#: How an attempt ends of which certainly nothing is public.
CERTAINLY_UNSENT = frozenset({State.READY, State.REJECTED})


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try to send one part, as it stands on disk."""

    id: int
    post: int
    part: int
    number: int
    key: str
    mode: str
    worker: str
    account: str
    network: str
    language: str
    text: str
    content_warning: str | None
    #: The first part's alone.
    picture: PostPicture | None
    #: The post's due moment when this began.
    due_at: datetime
    #: The moment that the post was planned for, wherever it was moved since.
    planned: datetime
    started_at: datetime
    #: No connection is begun after this moment.
    not_after: datetime


@dataclass(frozen=True, kw_only=True)
class PartToSend:
    """The next message of a post, and the remote id of the one before it."""

    part: Part
    reply_to: str | None


def _is(*states: State, of: FromClause = posts) -> ColumnElement[bool]:
    """Whether a post is in one of the states.

    They are written into the statement, not bound to it: a database uses a partial index only
    where it can read that the index holds what is asked for.
    """
    names: list[ColumnElement[str]] = [literal_column(f"'{state.value}'") for state in states]
    return of.c.state.in_(names) if len(names) > 1 else of.c.state == names[0]


_PAUSED = (
    select(pauses.c.id)
    .where(pauses.c.resumed_at.is_(None))
    .where(or_(pauses.c.campaign.is_(None), pauses.c.campaign == posts.c.campaign))
    .where(or_(pauses.c.account.is_(None), pauses.c.account == posts.c.account))
    .where(or_(pauses.c.language.is_(None), pauses.c.language == posts.c.language))
    .exists()
)


def _asked_to_wait(account: ColumnElement[str]) -> ColumnElement[bool]:
    until = accounts.c.not_before
    return select(accounts.c.name).where(accounts.c.name == account, until > bindparam("now")).exists()


# The statements are built once: building one takes longer than running it.
_DUE = (_is(State.READY), posts.c.due_at <= bindparam("now"), ~_PAUSED)
_ACCOUNTS_WITH_DUE = select(posts.c.account).where(*_DUE, ~_asked_to_wait(posts.c.account)).distinct()
_NEXT_DUE_AT = select(func.min(posts.c.due_at)).where(_is(State.READY), posts.c.due_at > bindparam("after"))
_others = posts.alias("others")
_BUSY = (
    select(_others.c.id)
    .where(_others.c.account == bindparam("account"), _is(State.CLAIMED, State.SENDING, of=_others))
    .exists()
)
#: An account's first due post, whole and locked, where the account may be served now.
_FIRST_FREE = (
    POSTS.where(posts.c.account == bindparam("account"), *_DUE)
    .where(~_asked_to_wait(bindparam("account")), ~_BUSY)
    .order_by(posts.c.due_at, posts.c.id)
    .limit(1)
    .with_for_update(skip_locked=True, of=posts)
)
_PARTS = select(parts).where(parts.c.post_id == bindparam("post")).order_by(parts.c.number)
_OPEN = insert(attempts).returning(attempts.c.id)
# These two set the columns that are named when they are executed.
_CLOSE = update(attempts).where(attempts.c.id == bindparam("attempt"))
_KEEP = update(parts).where(parts.c.post_id == bindparam("post"), parts.c.number == bindparam("part"))


def next_due_at(tx: Connection, *, after: datetime) -> datetime | None:
    """The earliest moment of a ready post past `after`; None when none waits."""
    moment: datetime | None = tx.execute(_NEXT_DUE_AT, {"after": after}).scalar()
    return moment


def accounts_with_due(tx: Connection, names: Sequence[str], *, now: datetime) -> list[str]:
    """Which of the named accounts have something due and are not asked to wait."""
    due = set(tx.execute(_ACCOUNTS_WITH_DUE, {"now": now}).scalars())
    return [name for name in names if name in due]


def claim_due(
    tx: Connection, account: str, *, now: datetime, worker: str, lease_until: datetime
) -> Post | None:
    """Take the account's first due post under a lease; None when nothing is due, or one is in flight.

    Raises NotAllowedError when another worker takes one of the account's posts at the same moment.
    """
    row = tx.execute(_FIRST_FREE, {"account": account, "now": now}).first()
    if row is None:
        return None
    post = post_from(row)
    claim = {"epoch": post.epoch + 1, "worker": worker}
    try:
        # Its reason stays: should it be missed, it says what it waited for.
        move(tx, post, State.CLAIMED, reason=post.reason, now=now, lease_until=lease_until, **claim)
    except IntegrityError as error:
        # On PostgreSQL two workers may find the account idle at once: uq_posts_in_flight lets one through.
        raise NotAllowedError(f"another worker is sending a post of {account}") from error
    return replace(post, state=State.CLAIMED, epoch=post.epoch + 1, worker=worker)


def read_parts(tx: Connection, post_id: int) -> list[Part]:
    """A post's messages, in order, as they are frozen."""
    rows = tx.execute(_PARTS, {"post": post_id})
    return [Part(number=row.number, text=row.text, length=row.length) for row in rows]


def next_part(tx: Connection, post_id: int) -> PartToSend | None:
    """The first part without a receipt; None when every part has one."""
    rows = tx.execute(_PARTS, {"post": post_id}).all()
    reply_to: str | None = None
    for row in rows:
        if row.remote_id is None:
            return PartToSend(
                part=Part(number=row.number, text=row.text, length=row.length), reply_to=reply_to
            )
        reply_to = row.remote_id
    return None


def open_attempt(
    tx: Connection,
    post: Post,
    part: Part,
    *,
    key: str,
    mode: str,
    worker: str,
    now: datetime,
    not_after: datetime,
    cost_usd_micros: int = 0,
) -> Attempt:
    """Move a claimed post to sending and open its attempt, its cost reserved.

    Raises NotAllowedError when the claim is lost.
    """
    move(tx, post, State.SENDING, reason="", now=now, attempts=post.attempts + 1)
    number = post.attempts + 1
    picture = post.picture if part.number == 1 else None
    values = {
        "post_id": post.id,
        "part": part.number,
        "number": number,
        "key": key,
        "mode": mode,
        "worker": worker,
        "epoch": post.epoch,
        "campaign": post.campaign,
        "account": post.account,
        "network": post.network.value,
        "language": post.language,
        "kind": post.kind.value,
        "item": post.item,
        "due_at": post.due_at,
        "text": part.text,
        "started_at": now,
        "not_after": not_after,
        "state": State.SENDING.value,
        "cost_usd_micros": cost_usd_micros,
        "picture": picture_column(picture),
        "content_warning": post.content_warning,
    }
    attempt_id: int = tx.execute(_OPEN, values).scalar_one()
    reserve(tx, account=post.account, cost_usd_micros=cost_usd_micros, now=now)
    return Attempt(
        id=attempt_id,
        post=post.id,
        part=part.number,
        number=number,
        key=key,
        mode=mode,
        worker=worker,
        account=post.account,
        network=post.network.value,
        language=post.language,
        text=part.text,
        content_warning=post.content_warning,
        picture=picture,
        due_at=post.due_at,
        planned=post.slot.due_at,
        started_at=now,
        not_after=not_after,
    )


def last_attempt(tx: Connection, post: Post) -> Attempt | None:
    """The newest attempt of a post; None when it was never tried."""
    row = tx.execute(
        select(attempts).where(attempts.c.post_id == post.id).order_by(attempts.c.number.desc()).limit(1)
    ).first()
    return None if row is None else _attempt(row, post)


def _attempt(row: Row[*tuple[Any, ...]], post: Post) -> Attempt:
    return Attempt(
        id=row.id,
        post=row.post_id,
        part=row.part,
        number=row.number,
        key=row.key,
        mode=row.mode,
        worker=row.worker,
        account=row.account,
        network=row.network,
        language=row.language,
        text=row.text,
        # An older program did not write it down; a post of which an attempt is open keeps it, too.
        content_warning=row.content_warning or post.content_warning,
        picture=picture_from(row.picture),
        due_at=row.due_at,
        planned=post.slot.due_at,
        started_at=row.started_at,
        not_after=row.not_after,
    )


def first_of_repeats(tx: Connection, attempt: Attempt) -> tuple[str, datetime]:
    """Key and beginning of the first attempt which this one repeats, or its own when it repeats none.

    A network that knows such keys takes all of them for one request. It repeats those before it that
    asked for the same text, warning and picture, in the same mode, of which none ended in a receipt or
    in a person's word.
    """
    earlier = tx.execute(
        select(*(attempts.c[name] for name in _ASKED), attempts.c.state, attempts.c.started_at)
        .where(attempts.c.post_id == attempt.post, attempts.c.part == attempt.part)
        .where(attempts.c.mode == attempt.mode, attempts.c.number < attempt.number)
        .order_by(attempts.c.number.desc())
    )
    key, started_at = attempt.key, attempt.started_at
    for row in earlier:
        if row.state != State.READY.value or row.text != attempt.text:
            break
        # An older program did not write a warning down.
        if row.content_warning not in (None, attempt.content_warning):
            break
        if picture_from(row.picture) != attempt.picture:
            break
        key, started_at = row.key, row.started_at
    return key, started_at


def first_tried_at(tx: Connection, attempt: Attempt) -> datetime:
    """When the attempt's part was first tried in its mode: any try since then may have left it public.

    A network that refuses a duplicate, or shows a post late, speaks of an earlier attempt.
    """
    earliest: datetime | None = tx.execute(
        select(func.min(attempts.c.started_at))
        .where(attempts.c.post_id == attempt.post, attempts.c.part == attempt.part)
        .where(attempts.c.mode == attempt.mode)
    ).scalar()
    return earliest or attempt.started_at


def close_attempt(
    tx: Connection,
    attempt: Attempt,
    state: State,
    *,
    now: datetime,
    error: str | None = None,
    receipt: Receipt | None = None,
) -> None:
    """Write down how an attempt ended; a later look may say more of the same attempt.

    What it reserved is given back once it is certain that nothing was published.
    """
    if receipt is None and state in CERTAINLY_UNSENT:
        give_back(tx, attempt.id)
    doubt = {"doubted": True} if state is State.UNCONFIRMED else {}
    tx.execute(
        _CLOSE,
        {
            "attempt": attempt.id,
            "state": state.value,
            "ended_at": now,
            "error": error,
            "remote_id": None if receipt is None else receipt.remote_id,
            "url": None if receipt is None else receipt.url,
            **doubt,
        },
    )


def repeats_a_doubt(tx: Connection, attempt: Attempt) -> bool:
    """Whether an earlier attempt of the part may have left, and only looks said that it had not."""
    earlier = attempts.c.number < attempt.number
    return _is_doubted(tx, attempt.post, attempt.part, earlier, mode=attempt.mode)


def may_have_left(tx: Connection, post: Post) -> bool:
    """Whether the next part of a post that waits may be public, and only looks said that it is not."""
    if post.attempts == 0:
        return False
    following = next_part(tx, post.id)
    return following is not None and _is_doubted(tx, post.id, following.part.number, mode=Mode.LIVE.value)


def _is_doubted(tx: Connection, post_id: int, part: int, *which: ColumnElement[bool], mode: str) -> bool:
    statement = (
        select(attempts.c.state, attempts.c.doubted)
        .where(attempts.c.post_id == post_id, attempts.c.part == part, attempts.c.mode == mode, *which)
        .order_by(attempts.c.number.desc())
    )
    for row in tx.execute(statement):
        if row.state != State.READY.value:
            # A receipt, or a person's word, settled what came before it.
            return False
        if row.doubted:
            return True
    return False


def keep_receipt(tx: Connection, attempt: Attempt, receipt: Receipt, *, now: datetime) -> None:
    """Write a part's receipt, so that a thread goes on after it."""
    tx.execute(
        _KEEP,
        {
            "post": attempt.post,
            "part": attempt.part,
            "remote_id": receipt.remote_id,
            "url": receipt.url,
            "sent_at": now,
        },
    )
    note_account(tx, attempt.account, last_sent_at=now)


def owner_of(tx: Connection, receipt: Receipt, *, account: str, post: int, part: int) -> int | None:
    """The post of the account that has this receipt already, for another part; None when none has."""
    statement = (
        select(parts.c.post_id)
        .join(posts, posts.c.id == parts.c.post_id)
        .where(posts.c.account == account, parts.c.remote_id == receipt.remote_id)
        .where((parts.c.post_id != post) | (parts.c.number != part))
    )
    owner: int | None = tx.execute(statement.limit(1)).scalar()
    return owner


def alike(tx: Connection, post: Post) -> dict[str, int]:
    """Remote ids of the account's parts whose posts say the same as this one, with the number of their post.

    Its own parts that have a receipt are among them.
    """
    statement = (
        select(parts.c.remote_id, parts.c.post_id)
        .join(posts, posts.c.id == parts.c.post_id)
        .where(posts.c.account == post.account, posts.c.fingerprint == post.fingerprint)
        .where(parts.c.remote_id.is_not(None))
    )
    return {row.remote_id: row.post_id for row in tx.execute(statement)}


def note_account(tx: Connection, name: str, **values: datetime | None) -> None:
    """Remember what was learnt of an account."""
    tx.execute(_noting(tx.dialect.name, *values), {"name": name, **values})


@cache
def _noting(dialect: str, *columns: str) -> Executable:
    new = (postgresql if dialect == "postgresql" else sqlite).insert(accounts)
    changed = {column: new.excluded[column] for column in columns}
    noting: Executable = new.on_conflict_do_update(index_elements=[accounts.c.name], set_=changed)
    return noting


def in_flight_posts(tx: Connection, *, limit: int = 500) -> list[Post]:
    """Posts under a claim or being sent, by any worker."""
    statement = select(posts.c.id).where(_is(State.CLAIMED, State.SENDING))
    ids = tx.execute(statement.limit(limit)).scalars()
    return [read_post(tx, post_id) for post_id in ids.all()]


def expired_claims(tx: Connection, *, now: datetime, limit: int = 500) -> list[Post]:
    """Claimed posts whose lease ended: nothing of them was sent."""
    statement = select(posts.c.id).where(posts.c.state == State.CLAIMED.value, posts.c.lease_until < now)
    return [read_post(tx, post_id) for post_id in tx.execute(statement.limit(limit)).scalars().all()]


def overdue_posts(tx: Connection, *, now: datetime, limit: int = 500) -> list[Post]:
    """Waiting posts whose grace has passed."""
    statement = (
        select(posts.c.id)
        .where(posts.c.state.in_([State.READY.value, State.HELD.value]), posts.c.due_at < now)
        .where(posts.c.grace_until < now)
        .order_by(posts.c.due_at)
        .limit(limit)
    )
    return [read_post(tx, post_id) for post_id in tx.execute(statement).scalars().all()]


def posts_to_look_for(tx: Connection, *, now: datetime, limit: int = 100) -> list[Post]:
    """Unconfirmed posts whose settle time is over."""
    statement = (
        select(posts.c.id)
        .where(posts.c.state == State.UNCONFIRMED.value, posts.c.look_at <= now)
        .order_by(posts.c.look_at)
        .limit(limit)
    )
    return [read_post(tx, post_id) for post_id in tx.execute(statement).scalars().all()]
