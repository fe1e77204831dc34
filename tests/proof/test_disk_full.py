"""A disk that is full at any write: nothing is sent that cannot be recorded, or lost, or sent twice."""

from __future__ import annotations

import logging
import random
import resource
import signal
from collections.abc import Callable

import pytest

from bot.app import App
from bot.selftest.forks import fork, wait_for_any
from bot.selftest.proof import Found, Plan, prove
from bot.selftest.stand import Stand
from bot.selftest.verdict import Violation
from bot.selftest.worker import live

#: How long a worker may go on with a full disk, in real seconds.
_LIFE = 0.12
#: No transaction of these proofs writes more to SQLite's journal, in bytes.
_JOURNAL = 48 * 1024
_NEVER = 60.0


class FullDisks:
    """Lives in which no file may be written past some byte from the start, or from some moment on."""

    is_whole = False

    def run(
        self, stand: Stand, app: App, plan: Plan, *, dice: random.Random, on_time: Callable[[int], None]
    ) -> Found:
        violations = []
        self._said = ""
        for life in range(plan.times):
            if not self._live(stand, app, dice):
                violations.append(Violation(kind="unforeseen", detail=f"life {life} ended by itself"))
            on_time(life)
        stand.errors.write_text(self._said, encoding="utf-8")
        waited = self._said.count("its outcome waits for the database")
        return Found(times=plan.times, figures={"waited": waited}, violations=tuple(violations))

    def _live(self, stand: Stand, app: App, dice: random.Random) -> bool:
        size = (stand.data_dir / "campaign-bot.sqlite3").stat().st_size
        # Either the journal cannot be written to its end, or the database cannot grow by another page.
        limit = dice.choice((dice.randrange(_JOURNAL), size + dice.randrange(3 * 4096)))
        limits = (limit, resource.RLIM_INFINITY)
        at_once = dice.random() < 0.5

        def work(say: Callable[[bytes], None]) -> None:
            def fill() -> None:
                # Their own file could not grow either.
                logging.getLogger().handlers[:] = [logging.StreamHandler(_Line(say))]
                # Only from now on: taking its place among the workers is no write of the protocol.
                if at_once:
                    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
                say(b"+")

            live(stand, app, began=fill, sweeps_first=dice.random() < 0.5)

        child = fork(work, errors=stand.errors)
        wait_for_any([child], seconds=_NEVER)
        if not at_once:
            # In the middle of whatever it is doing: an intent may be on disk, and its outcome not.
            wait_for_any([], seconds=_LIFE * dice.random())
            resource.prlimit(child.pid, resource.RLIMIT_FSIZE, limits)
        wait_for_any([], seconds=_LIFE * dice.random())
        child.send(signal.SIGKILL)
        self._said += child.read_all().decode().removeprefix("+")
        return child.wait() == -signal.SIGKILL


class _Line:
    """What the parent reads, as a stream to log to."""

    def __init__(self, say: Callable[[bytes], None]) -> None:
        self._say = say

    def write(self, said: str) -> None:
        self._say(said.encode())

    def flush(self) -> None:
        """Nothing is kept back."""


def _proves(times: int, *, seed: int) -> None:
    proof = prove(
        Plan(disturbance="full disks", times=times, seed=seed, workers=1, chance=0.0, accounts=8),
        FullDisks(),
        on_time=lambda _: None,
    )

    assert [f"{one.kind}: {one.detail}" for one in proof.verdict.violations] == []
    assert proof.times == times
    # The disk was full where it hurts most: between a request and its outcome.
    assert proof.figures["waited"] > 0


def test_fifty_full_disks_lose_nothing_and_send_nothing_twice():
    _proves(50, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(2, 42))
def test_full_disks_at_every_write_lose_nothing_and_send_nothing_twice(seed: int):
    _proves(250, seed=seed)
