"""Runs in procrastinate's own environment: fetching a job while N others wait. Prints seconds as JSON."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time

from procrastinate import App, PsycopgConnector

URL, WAITING, ROUNDS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


async def main() -> dict[str, float]:
    app = App(connector=PsycopgConnector(conninfo=URL, min_size=1, max_size=1))
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        worker = await app.job_manager.register_worker()
        await defer(app, count=WAITING, seconds_ahead=172_800)
        await app.connector.execute_query_async("ANALYZE procrastinate_jobs")
        idle = [await fetch(app, worker, expected=False) for _ in range(ROUNDS)]
        claims = []
        for _ in range(ROUNDS):
            # The due job was queued last, as ours is.
            await defer(app, count=1, seconds_ahead=-1)
            claims.append(await fetch(app, worker, expected=True))
    return {"find": statistics.median(idle), "claim": statistics.median(claims)}


async def defer(app: App, *, count: int, seconds_ahead: int) -> None:
    await app.connector.execute_query_async(
        """INSERT INTO procrastinate_jobs (queue_name, task_name, args, scheduled_at)
        SELECT 'invented', 'invented.post', '{}', now() + make_interval(secs => %(ahead)s + 30 * i)
        FROM generate_series(0, %(count)s - 1) AS i""",
        ahead=seconds_ahead,
        count=count,
    )


async def fetch(app: App, worker: int, *, expected: bool) -> float:
    started = time.perf_counter()
    job = await app.job_manager.fetch_job(queues=["invented"], worker_id=worker)
    passed = time.perf_counter() - started
    assert (job is not None) is expected
    return passed


print(json.dumps(asyncio.run(main())))
