"""Which database this is, and what one that was restored or copied learns from the networks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from bot.core.post import Mode, Part, Post, Receipt, State
from bot.store.claims import Attempt, keep_receipt
from bot.store.codec import picture_column
from bot.store.spending import reserve
from bot.store.tables import attempts, installation, parts, posts, send_log


def key(tx: Connection) -> str:
    """The key that this database got when it was made; a copy has the same. Empty where it was removed."""
    found: str | None = tx.execute(select(installation.c.key).where(installation.c.id == 1)).scalar()
    return found or ""


def entry_digest(tx: Connection, seq: int) -> str | None:
    """The digest of the send log's entry of that number; None when there is none."""
    found: str | None = tx.execute(select(send_log.c.digest).where(send_log.c.seq == seq)).scalar()
    return found


def has_live_attempts(tx: Connection) -> bool:
    """Whether anything was ever tried that may have left the machine."""
    live = select(attempts.c.id).where(attempts.c.mode == Mode.LIVE.value)
    return tx.execute(live.limit(1)).first() is not None


def last_tried_at(tx: Connection) -> datetime | None:
    """When something last left for a network, as far as this database knows; None when nothing ever did.

    What was only found there does not count: it may have left at any time.
    """
    statement = select(func.max(attempts.c.started_at)).where(
        attempts.c.mode == Mode.LIVE.value, attempts.c.not_after > attempts.c.started_at
    )
    moment: datetime | None = tx.execute(statement).scalar()
    return moment


def changed_at(tx: Connection, post_id: int) -> datetime:
    """When a post's row was last written: the database was saved then or later."""
    moment: datetime = tx.execute(select(posts.c.changed_at).where(posts.c.id == post_id)).scalar_one()
    return moment


def parts_without_receipt(tx: Connection, post_id: int) -> list[Part]:
    """The parts of a post that are not public as far as is known, in order."""
    statement = select(parts).where(parts.c.post_id == post_id, parts.c.remote_id.is_(None))
    rows = tx.execute(statement.order_by(parts.c.number))
    return [Part(number=row.number, text=row.text, length=row.length) for row in rows]


def record_found(
    tx: Connection,
    post: Post,
    part: Part,
    receipt: Receipt,
    *,
    key: str,
    worker: str,
    now: datetime,
    cost_usd_micros: int,
) -> Attempt:
    """Write down that a part had left in an attempt of which this database knows nothing.

    The attempt begins and ends at `now`, with its receipt and its cost; it is the post's newest. The post
    stays where it is.
    """
    picture = post.picture if part.number == 1 else None
    count = update(posts).where(posts.c.id == post.id).values(attempts=posts.c.attempts + 1)
    number: int = tx.execute(count.returning(posts.c.attempts)).scalar_one()
    attempt_id: int = tx.execute(
        insert(attempts)
        .values(
            post_id=post.id,
            part=part.number,
            number=number,
            key=key,
            mode=Mode.LIVE.value,
            worker=worker,
            epoch=post.epoch,
            campaign=post.campaign,
            account=post.account,
            network=post.network.value,
            language=post.language,
            kind=post.kind.value,
            item=post.item,
            due_at=post.due_at,
            text=part.text,
            started_at=now,
            not_after=now,
            ended_at=now,
            state=State.SENT.value,
            remote_id=receipt.remote_id,
            url=receipt.url,
            cost_usd_micros=cost_usd_micros,
            picture=picture_column(picture),
            content_warning=post.content_warning,
        )
        .returning(attempts.c.id)
    ).scalar_one()
    reserve(tx, account=post.account, cost_usd_micros=cost_usd_micros, now=now)
    attempt = Attempt(
        id=attempt_id,
        post=post.id,
        part=part.number,
        number=number,
        key=key,
        mode=Mode.LIVE.value,
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
        not_after=now,
    )
    keep_receipt(tx, attempt, receipt, now=now)
    return attempt
