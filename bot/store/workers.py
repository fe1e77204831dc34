"""Processes that send: when each began, was last seen, and is certain never to send again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from bot.store.tables import workers


@dataclass(frozen=True, kw_only=True)
class Worker:
    """One life of one process."""

    id: str
    host: str
    pid: int
    ended: bool
    #: When it last said that it is alive; None before it began.
    seen_at: datetime | None = None


def begin(tx: Connection, worker: Worker, *, now: datetime) -> None:
    tx.execute(
        insert(workers).values(id=worker.id, host=worker.host, pid=worker.pid, started_at=now, seen_at=now)
    )


def seen(tx: Connection, worker_id: str, *, now: datetime) -> None:
    tx.execute(update(workers).where(workers.c.id == worker_id).values(seen_at=now))


def end(tx: Connection, worker_id: str, *, now: datetime) -> None:
    tx.execute(
        update(workers).where(workers.c.id == worker_id, workers.c.ended_at.is_(None)).values(ended_at=now)
    )


def read_worker(tx: Connection, worker_id: str) -> Worker | None:
    row = tx.execute(select(workers).where(workers.c.id == worker_id)).first()
    if row is None:
        return None
    return Worker(id=row.id, host=row.host, pid=row.pid, ended=row.ended_at is not None, seen_at=row.seen_at)
