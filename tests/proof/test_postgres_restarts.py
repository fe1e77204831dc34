"""PostgreSQL restarted in mid-run, with several workers: nothing is lost, and nothing is sent twice."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from sqlalchemy import text

from bot.app import App
from bot.core.errors import StoreError
from bot.selftest.forks import end_all, fork, wait_for_any
from bot.selftest.proof import Found, Plan, prove
from bot.selftest.stand import Stand
from bot.selftest.worker import live
from bot.store.database import Database
from databases import PostgreSQLServer

_NEVER = 60.0


class Restarts:
    """Ends the server at once and starts it again, while the workers go on."""

    is_whole = False

    def __init__(self, server: PostgreSQLServer) -> None:
        self._server = server

    def run(
        self, stand: Stand, app: App, plan: Plan, *, dice: random.Random, on_time: Callable[[int], None]
    ) -> Found:
        workers = [
            fork(
                lambda say: live(stand, app, began=lambda: say(b"+"), sweeps_first=False), errors=stand.errors
            )
            for _ in range(plan.workers)
        ]
        try:
            for worker in workers:
                assert wait_for_any([worker], seconds=_NEVER)
            for time in range(plan.times):
                wait_for_any([], seconds=dice.uniform(0.2, 0.8))
                self._server.restart()
                on_time(time)
            wait_for_any([], seconds=0.5)
        finally:
            end_all(workers)
        return Found(times=plan.times)


def _proves(server: PostgreSQLServer, times: int, *, seed: int) -> None:
    plan = Plan(
        disturbance="restarts",
        times=times,
        seed=seed,
        workers=3,
        chance=0.0,
        accounts=8,
        database_url=server.url(server.create()),
    )

    proof = prove(plan, Restarts(server), on_time=lambda _: None)

    assert [f"{one.kind}: {one.detail}" for one in proof.verdict.violations] == []
    assert proof.times == times


def test_ten_restarts_lose_nothing_and_send_nothing_twice(mortal_postgresql: PostgreSQLServer):
    _proves(mortal_postgresql, 10, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(2, 12))
def test_five_hundred_restarts_lose_nothing_and_send_nothing_twice(
    seed: int, mortal_postgresql: PostgreSQLServer
):
    _proves(mortal_postgresql, 50, seed=seed)


def test_after_a_restart_one_step_fails_at_most_and_not_one_for_each_connection(
    mortal_postgresql: PostgreSQLServer,
):
    database = Database(mortal_postgresql.url("prepared"))
    with database.read(), database.read(), database.read(), database.write() as tx:
        level = tx.execute(text("SHOW transaction_isolation")).scalar()
    mortal_postgresql.restart()

    failed = 0
    for _ in range(5):
        try:
            with database.write() as tx:
                tx.execute(text("SELECT 1"))
        except StoreError:
            failed += 1
    database.close()

    assert level == "read committed"
    assert failed <= 1
