"""What accounts said, are saying and are about to say, by fingerprint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from bot.core.post import Mode, SlotKind, State
from bot.store.tables import attempts, parts, posts, slots


@dataclass(frozen=True, kw_only=True)
class Saying:
    """A post that says something, as far as repeating it is concerned."""

    #: None in a rehearsal, where posts have no number.
    post: int | None
    account: str
    fingerprint: str
    campaign: str
    item: str
    #: Whether a person queued it, rather than the rotation.
    is_queued: bool
    due_at: datetime
    #: The zone of its campaign.
    zone: str
    state: State
    #: A part of it is public, although it waits for the next.
    is_begun: bool = False
    #: Whether it left the machine, if it left.
    is_live: bool = True


_RECEIPT = (
    select(parts.c.number).where(parts.c.post_id == posts.c.id, parts.c.remote_id.is_not(None)).exists()
)
_LIVE = (
    select(attempts.c.id).where(attempts.c.post_id == posts.c.id, attempts.c.mode == Mode.LIVE.value).exists()
)
_COLUMNS = (
    posts.c.id,
    posts.c.account,
    posts.c.fingerprint,
    posts.c.campaign,
    posts.c.item,
    posts.c.due_at,
    posts.c.state,
    slots.c.kind.label("slot_kind"),
    slots.c.zone,
    _RECEIPT.label("is_begun"),
    _LIVE.label("is_live"),
)
#: What nobody will ever read, unless a part of it is public.
_GONE = frozenset({State.CANCELLED, State.MISSED, State.REJECTED, State.WITHDRAWN})


def read_sayings(
    tx: Connection, accounts: Sequence[str], *, since: datetime, fingerprint: str | None = None
) -> list[Saying]:
    """What the accounts said since then and are about to say, in order of moments; of one text, or all."""
    statement = (
        select(*_COLUMNS)
        .join(slots, slots.c.id == posts.c.slot_id)
        .where(posts.c.account.in_(accounts), posts.c.due_at >= since)
        .order_by(posts.c.due_at, posts.c.id)
    )
    if fingerprint is None:
        statement = statement.where(posts.c.fingerprint != "")
    else:
        statement = statement.where(posts.c.fingerprint == fingerprint)
    return [
        Saying(
            post=row.id,
            account=row.account,
            fingerprint=row.fingerprint,
            campaign=row.campaign,
            item=row.item,
            is_queued=row.slot_kind == SlotKind.QUEUED.value,
            due_at=row.due_at,
            zone=row.zone,
            state=State(row.state),
            is_begun=row.is_begun,
            is_live=row.is_live,
        )
        for row in tx.execute(statement)
        if State(row.state) not in _GONE or row.is_begun
    ]
