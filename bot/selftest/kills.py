"""Kill -9 at random moments: some workers at a time, each replaced at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from bot.core.clock import SystemClock
from bot.selftest.forks import Child, end_all, fork, wait_for_any
from bot.selftest.proof import Found, Plan
from bot.selftest.stand import ProofApp, Stand
from bot.selftest.verdict import Violation
from bot.selftest.worker import live

#: How long a worker may live, in real seconds, and how often: every step of the protocol is hit.
_LIVES = ((0.003, 1), (0.015, 3), (0.04, 4), (0.1, 2))
#: For how many accounts it sends.
_SERVED = (1, 2, 3, 6, 24)
#: A worker that has not begun after this long never will, in real seconds.
_NEVER = 60.0


@dataclass(kw_only=True)
class _Life:
    child: Child
    kill_at: float


class Kills:
    """Forks workers, and kills each a moment after its work began."""

    is_whole = False

    def run(
        self, stand: Stand, app: ProofApp, plan: Plan, *, dice: random.Random, on_time: Callable[[int], None]
    ) -> Found:
        loop = _Loop(stand, app, dice=dice)
        loop.run(plan.times, workers=plan.workers, on_time=on_time)
        unforeseen = "a worker ended by itself, in a way nobody foresaw"
        return Found(
            times=loop.kills,
            violations=(Violation(kind="unforeseen", detail=unforeseen),) * loop.ended,
        )


class _Loop:
    def __init__(self, stand: Stand, app: ProofApp, *, dice: random.Random) -> None:
        self._stand = stand
        self._app = app
        self._dice = dice
        self._clock = SystemClock()
        self._lives: list[_Life] = []
        self.kills = 0
        #: Workers that ended by themselves: none ever should.
        self.ended = 0

    def run(self, kills: int, *, workers: int, on_time: Callable[[int], None]) -> None:
        try:
            while self.kills < kills:
                while len(self._lives) < workers:
                    self._lives.append(_Life(child=self._fork(), kill_at=self._clock.monotonic() + _NEVER))
                self._hear()
                self._kill_due(kills)
                on_time(self.kills)
        finally:
            end_all(life.child for life in self._lives)

    def _fork(self) -> Child:
        sweeps_first, names = self._dice.random() < 0.3, self._stand.names
        # One that serves few accounts comes further with each before it is killed.
        serves = self._dice.sample(names, min(self._dice.choice(_SERVED), len(names)))
        return fork(
            lambda say: live(
                self._stand, self._app, began=lambda: say(b"+"), sweeps_first=sweeps_first, serves=serves
            ),
            errors=self._stand.errors,
        )

    def _hear(self) -> None:
        """Wait until a worker begins, or until the next is to be killed."""
        silent = [life for life in self._lives if not life.child.has_begun]
        wait = min(life.kill_at for life in self._lives) - self._clock.monotonic()
        heard = wait_for_any([life.child for life in silent], seconds=wait)
        for life in silent:
            if life.child in heard:
                life.child.has_begun = True
                life.kill_at = self._clock.monotonic() + self._length_of_life()

    def _length_of_life(self) -> float:
        (longest,) = self._dice.choices(
            [longest for longest, _ in _LIVES], weights=[weight for _, weight in _LIVES]
        )
        return self._dice.uniform(0, longest)

    def _kill_due(self, kills: int) -> None:
        now = self._clock.monotonic()
        for life in [life for life in self._lives if life.kill_at <= now]:
            self._lives.remove(life)
            if life.child.kill():
                self.kills += 1
            else:
                self.ended += 1
            if self.kills >= kills:
                return
