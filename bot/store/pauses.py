"""The kill switch: what is paused, by whom and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from bot.core.post import Post
from bot.store.tables import pauses


@dataclass(frozen=True, kw_only=True)
class Pause:
    """What is paused. A name left out names everything: all three left out stops all."""

    campaign: str | None = None
    account: str | None = None
    language: str | None = None
    reason: str
    who: str
    paused_at: datetime

    def holds(self, post: Post) -> bool:
        """Whether it keeps that post back."""
        return (
            self.campaign in (None, post.campaign)
            and self.account in (None, post.account)
            and self.language in (None, post.language)
        )

    def covers(self) -> str:
        """In words, what it holds."""
        named = [
            f"{name} {value}"
            for name, value in (
                ("campaign", self.campaign),
                ("account", self.account),
                ("language", self.language),
            )
            if value is not None
        ]
        return ", ".join(named) or "everything"


def pause(tx: Connection, new: Pause) -> int:
    """Hold what `new` names, from this transaction's commit on."""
    statement = insert(pauses).values(
        campaign=new.campaign,
        account=new.account,
        language=new.language,
        reason=new.reason,
        who=new.who,
        paused_at=new.paused_at,
    )
    number: int = tx.execute(statement.returning(pauses.c.id)).scalar_one()
    return number


def active(tx: Connection) -> list[Pause]:
    """Every pause in force, oldest first."""
    rows = tx.execute(select(pauses).where(pauses.c.resumed_at.is_(None)).order_by(pauses.c.id))
    return [_pause(row) for row in rows]


def _pause(row: object) -> Pause:
    columns = ("campaign", "account", "language", "reason", "who", "paused_at")
    return Pause(**{column: getattr(row, column) for column in columns})


#: Built once: it is asked before each request.
_HOLDING = (
    select(pauses)
    .where(pauses.c.resumed_at.is_(None))
    .where(or_(pauses.c.campaign.is_(None), pauses.c.campaign == bindparam("campaign")))
    .where(or_(pauses.c.account.is_(None), pauses.c.account == bindparam("account")))
    .where(or_(pauses.c.language.is_(None), pauses.c.language == bindparam("language")))
    .order_by(pauses.c.id)
    .limit(1)
)


def holding(tx: Connection, *, campaign: str, account: str, language: str) -> Pause | None:
    """The oldest pause that holds such a post; None when nothing does."""
    asked = {"campaign": campaign, "account": account, "language": language}
    row = tx.execute(_HOLDING, asked).first()
    return None if row is None else _pause(row)


def resume(
    tx: Connection,
    *,
    campaign: str | None,
    account: str | None,
    language: str | None,
    who: str,
    now: datetime,
) -> Sequence[Pause]:
    """Lift the pauses that name exactly this, and return them."""
    same = [
        column.is_(None) if value is None else column == value
        for column, value in (
            (pauses.c.campaign, campaign),
            (pauses.c.account, account),
            (pauses.c.language, language),
        )
    ]
    lifted = tx.execute(select(pauses).where(pauses.c.resumed_at.is_(None), *same)).all()
    tx.execute(
        update(pauses).where(pauses.c.resumed_at.is_(None), *same).values(resumed_at=now, resumed_by=who)
    )
    return [_pause(row) for row in lifted]
