"""Runs in APScheduler 4's own environment: acquiring a schedule while N others wait. Prints seconds, JSON."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from apscheduler import AsyncScheduler
from apscheduler.datastores.sqlalchemy import SQLAlchemyDataStore
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

FILE, WAITING, ROUNDS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
LEASE = timedelta(seconds=30)


def post() -> None:
    """What would be done; never called."""


async def main() -> dict[str, float]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{FILE}")
    store = SQLAlchemyDataStore(engine)
    async with AsyncExitStack() as stack:
        scheduler = await stack.enter_async_context(AsyncScheduler(store))
        later = datetime.now(UTC) + timedelta(days=2)
        await scheduler.add_schedule(post, DateTrigger(later), id="waiting")
        await multiply(engine)
        idle = [await look(store) for _ in range(ROUNDS)]
        claims = []
        for number in range(ROUNDS):
            moment = datetime.now(UTC) - timedelta(seconds=1)
            await scheduler.add_schedule(post, DateTrigger(moment), id=f"due-{number}")
            claims.append(await acquire(store, expected=1))
            await scheduler.remove_schedule(f"due-{number}")
    return {"find": statistics.median(idle), "claim": statistics.median(claims)}


async def multiply(engine: AsyncEngine) -> None:
    """Copy the one waiting schedule, 30 seconds apart, as its own `add_schedule` would write them."""
    async with engine.begin() as connection:
        columns = [row[1] for row in await connection.execute(text("PRAGMA table_info(schedules)"))]
        chosen = {"id": "id || '-' || i", "next_fire_time": "next_fire_time + i * 30000000"}
        await connection.execute(
            text(
                f"""WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
                INSERT INTO schedules ({", ".join(columns)})
                SELECT {", ".join(chosen.get(name, name) for name in columns)}
                FROM schedules, n WHERE id = 'waiting'"""
            ),
            {"count": WAITING - 1},
        )


async def look(store: SQLAlchemyDataStore) -> float:
    """All that its scheduler asks at each wake: what is due, and when is the next moment."""
    started = time.perf_counter()
    assert await store.acquire_schedules("invented", LEASE, 100) == []
    assert await store.get_next_schedule_run_time() is not None
    return time.perf_counter() - started


async def acquire(store: SQLAlchemyDataStore, *, expected: int) -> float:
    started = time.perf_counter()
    acquired = await store.acquire_schedules("invented", LEASE, 100)
    passed = time.perf_counter() - started
    assert len(acquired) == expected
    return passed


print(json.dumps(asyncio.run(main())))
