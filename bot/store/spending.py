"""What was spent, month by month: reserved with an intent, given back when nothing was published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.tables import attempts, spending


def month_of(moment: datetime) -> str:
    """The month of UTC, as `2026-03`: by these months ceilings are counted."""
    return f"{moment.astimezone(UTC):%Y-%m}"


def month_total(tx: Connection, *, month: str) -> int:
    """What all accounts spent in a month, in millionths of a US dollar; what may have left counts."""
    statement = select(func.coalesce(func.sum(spending.c.cost_usd_micros), 0))
    return int(tx.execute(statement.where(spending.c.month == month)).scalar_one())


def by_account(tx: Connection, *, month: str) -> Mapping[str, int]:
    """What each account spent in a month, by name; one that spent nothing is not there."""
    rows = tx.execute(select(spending.c.account, spending.c.cost_usd_micros).where(spending.c.month == month))
    return {row.account: row.cost_usd_micros for row in rows if row.cost_usd_micros}


def reserve(tx: Connection, *, account: str, cost_usd_micros: int, now: datetime) -> None:
    """Count what a request may cost, before it leaves."""
    if cost_usd_micros == 0:
        return
    flavour = postgresql if tx.dialect.name == "postgresql" else sqlite
    statement = flavour.insert(spending).values(
        month=month_of(now), account=account, cost_usd_micros=cost_usd_micros
    )
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[spending.c.month, spending.c.account],
            set_={"cost_usd_micros": spending.c.cost_usd_micros + cost_usd_micros},
        )
    )


def give_back(tx: Connection, attempt_id: int) -> None:
    """Take back what an attempt reserved: it is certain that nothing was published. Twice does nothing."""
    row = tx.execute(
        select(attempts.c.account, attempts.c.started_at, attempts.c.cost_usd_micros)
        .where(attempts.c.id == attempt_id)
        # Two who look at the same attempt must not both give back.
        .with_for_update()
    ).one()
    if row.cost_usd_micros == 0:
        return
    tx.execute(update(attempts).where(attempts.c.id == attempt_id).values(cost_usd_micros=0))
    tx.execute(
        update(spending)
        .where(spending.c.month == month_of(row.started_at), spending.c.account == row.account)
        .values(cost_usd_micros=spending.c.cost_usd_micros - row.cost_usd_micros)
    )
