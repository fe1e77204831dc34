"""What the database would read for the store's own statements: each must take the index made for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from filling import ACCOUNTS
from sqlalchemy import event

from bot.store import claims
from bot.store.database import Database, Tx


def statements_of(tx: Tx, call: Callable[[], object]) -> list[tuple[str, object]]:
    """What a call says to the database, with its parameters."""
    said: list[tuple[str, object]] = []

    def listen(_connection, _cursor, statement, parameters, _context, _many) -> None:
        said.append((statement, parameters))

    event.listen(tx, "before_cursor_execute", listen)
    call()
    event.remove(tx, "before_cursor_execute", listen)
    return said


def bad_plans(db: Database, *, now: datetime) -> int:
    """How many of the statements of a look, a claim and a sweep read more posts than they have to."""
    with db.read() as tx:
        said = statements_of(tx, lambda: claims.next_due_at(tx, after=now))
        said += statements_of(tx, lambda: claims.accounts_with_due(tx, ACCOUNTS[:1], now=now))
        said += statements_of(tx, lambda: claims.overdue_posts(tx, now=now - timedelta(days=1)))
        said += statements_of(tx, lambda: claims.in_flight_posts(tx))
        said += statements_of(tx, lambda: claims.expired_claims(tx, now=now))
        said += statements_of(tx, lambda: claims.posts_to_look_for(tx, now=now))
        return sum(_is_bad(tx, statement, values) for statement, values in said)


def _is_bad(tx: Tx, statement: str, values: object) -> bool:
    explain = "EXPLAIN QUERY PLAN " if tx.dialect.name == "sqlite" else "EXPLAIN "
    plan = "\n".join(str(line) for line in tx.connection.cursor().execute(explain + statement, values))
    whole_table = "SCAN posts" in plan or "Seq Scan on posts" in plan
    by_moment = "ix_posts_ready" in plan or "due_at<?" in plan
    return whole_table or ("pauses" in statement and not by_moment)
