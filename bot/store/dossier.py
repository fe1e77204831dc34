"""What the pages of single posts read: attempts and receipts of one, and those that wait for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, or_, select, tuple_

from bot.core.media import PostPicture
from bot.core.post import Part, Post, State
from bot.store.codec import logged_picture, sealed
from bot.store.contents import was_written_by
from bot.store.posts import POSTS, post_from
from bot.store.tables import attempts, parts, posts, send_log


@dataclass(frozen=True, kw_only=True)
class Try:
    """One attempt to send one part, as its row stands."""

    id: int
    part: int
    number: int
    key: str
    mode: str
    worker: str
    #: The text that left, or was to leave.
    text: str
    started_at: datetime
    ended_at: datetime | None
    #: The state to which it moved its post; `sending` while open.
    state: State
    remote_id: str | None
    url: str | None
    error: str | None
    cost_usd_micros: int


@dataclass(frozen=True, kw_only=True)
class PublicPart:
    """A part of which the network gave a receipt."""

    number: int
    remote_id: str
    url: str | None
    sent_at: datetime | None


class PictureChange(StrEnum):
    """What is another in a post's picture than when it was approved."""

    ADDED = "added"
    REMOVED = "removed"
    #: Another picture.
    FILE = "file"
    #: Another description of it.
    ALT = "alt"
    #: Whether followers see it only after a warning.
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Approved:
    """The last approval of a post, whatever it says by now. `text` None: it was erased from the log."""

    who: str
    at: datetime
    digest: str
    #: None where it was given before moments were written down with it.
    due_at: datetime | None
    text: str | None
    #: What the log says of its picture; empty where it had none.
    picture: Mapping[str, str]
    #: What the log's digests of words are salted with; None: it was erased, and with it those words.
    salt: str | None

    def picture_changes(self, picture: PostPicture | None) -> tuple[PictureChange, ...]:
        """What is another in the picture that the post has by now."""
        now = logged_picture(picture)
        if picture is not None:
            # What was erased cannot be told from what it is now.
            was = self.picture.get("picture_alt", "")
            now["picture_alt"] = was if self.salt is None else sealed(self.salt, picture.alt)
        if not self.picture and now:
            return (PictureChange.ADDED,)
        if self.picture and not now:
            return (PictureChange.REMOVED,)
        return tuple(
            change for name, change in _PICTURE_CHANGES.items() if self.picture.get(name) != now.get(name)
        )


_PICTURE_CHANGES = {
    "picture": PictureChange.FILE,
    "picture_alt": PictureChange.ALT,
    "picture_warning": PictureChange.WARNING,
}


def read_tries(tx: Connection, post_id: int, *, limit: int) -> list[Try]:
    """The newest attempts of a post, oldest first."""
    statement = (
        select(attempts).where(attempts.c.post_id == post_id).order_by(attempts.c.id.desc()).limit(limit)
    )
    found = [
        Try(
            id=row.id,
            part=row.part,
            number=row.number,
            key=row.key,
            mode=row.mode,
            worker=row.worker,
            text=row.text,
            started_at=row.started_at,
            ended_at=row.ended_at,
            state=State(row.state),
            remote_id=row.remote_id,
            url=row.url,
            error=row.error,
            cost_usd_micros=row.cost_usd_micros,
        )
        for row in tx.execute(statement)
    ]
    return found[::-1]


def read_receipts(tx: Connection, post_id: int) -> list[PublicPart]:
    """The parts of a post that are public, as far as is known."""
    statement = (
        select(parts)
        .where(parts.c.post_id == post_id, parts.c.remote_id.is_not(None))
        .order_by(parts.c.number)
    )
    return [
        PublicPart(number=row.number, remote_id=row.remote_id, url=row.url, sent_at=row.sent_at)
        for row in tx.execute(statement)
    ]


def read_parts(tx: Connection, post_ids: Sequence[int]) -> dict[int, list[Part]]:
    """The posts' parts, in order."""
    found: dict[int, list[Part]] = {number: [] for number in post_ids}
    statement = (
        select(parts.c.post_id, parts.c.number, parts.c.text, parts.c.length)
        .where(parts.c.post_id.in_(post_ids))
        .order_by(parts.c.post_id, parts.c.number)
    )
    for row in tx.execute(statement):
        found[row.post_id].append(Part(number=row.number, text=row.text, length=row.length))
    return found


def last_approvals(tx: Connection, post_ids: Sequence[int]) -> dict[int, Approved]:
    """The last approval of each of the posts that ever had one."""
    from msgspec import json

    statement = (
        select(*(send_log.c[name] for name in ("post_id", "at", "body", "text", "salt")))
        .where(send_log.c.post_id.in_(post_ids), send_log.c.event == "approved")
        .order_by(send_log.c.post_id, send_log.c.seq)
    )
    found: dict[int, Approved] = {}
    for row in tx.execute(statement):
        body = json.decode(row.body, type=dict[str, str | int | None])
        due_at = body.get("due_at")
        found[row.post_id] = Approved(
            who=str(body.get("who", "")),
            at=row.at,
            digest=str(body.get("digest", "")),
            due_at=datetime.fromisoformat(str(due_at)) if due_at else None,
            text=row.text,
            picture={name: str(said) for name, said in body.items() if name in _PICTURE_CHANGES},
            salt=row.salt,
        )
    return found


def waiting_for_approval(
    tx: Connection,
    *,
    besides_guard: str,
    of: str | None = None,
    besides: str | None = None,
    after: tuple[datetime, int] | None = None,
    limit: int,
) -> list[Post]:
    """Held posts that nobody approved as they are, oldest moment first.

    `of` takes those that one person wrote in, or queued, `besides` leaves them out. What `besides_guard`
    holds is left out.
    """
    statement = POSTS.where(posts.c.state == State.HELD.value, posts.c.approval_needed.is_(True))
    statement = statement.where(
        or_(posts.c.approved_digest.is_(None), posts.c.approved_digest != posts.c.digest),
        or_(posts.c.guard.is_(None), posts.c.guard != besides_guard),
    )
    if of is not None:
        statement = statement.where(posts_by(of))
    if besides is not None:
        statement = statement.where(~posts_by(besides))
    if after is not None:
        statement = statement.where(tuple_(posts.c.due_at, posts.c.id) > after)
    statement = statement.order_by(posts.c.due_at, posts.c.id).limit(limit)
    return [post_from(row) for row in tx.execute(statement)]


def posts_by(who: str) -> ColumnElement[bool]:
    """The condition that a person queued a post, or is among those who wrote its item."""
    return or_(posts.c.author == who, was_written_by(who, posts.c.campaign, posts.c.item))


def being_looked_for(tx: Connection, *, limit: int) -> list[tuple[Post, datetime | None]]:
    """Unconfirmed posts, each with the moment at which the network is looked at next."""
    statement = (
        POSTS.add_columns(posts.c.look_at.label("next_look"))
        .where(posts.c.state == State.UNCONFIRMED.value)
        .order_by(posts.c.due_at, posts.c.id)
        .limit(limit)
    )
    return [(post_from(row), row.next_look) for row in tx.execute(statement)]


def newest_links(tx: Connection, account: str, *, limit: int) -> list[str]:
    """Links of what the account published last, the newest first."""
    statement = (
        select(attempts.c.url)
        .where(attempts.c.account == account, attempts.c.mode == "live", attempts.c.url.is_not(None))
        .order_by(attempts.c.started_at.desc())
        .limit(limit)
    )
    return [url for url in tx.execute(statement).scalars() if url is not None]
