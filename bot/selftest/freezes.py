"""SIGSTOP, until lease and intent have long lapsed, then SIGCONT: a laptop's lid, while others go on."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from signal import SIGCONT, SIGSTOP

from bot.core.clock import SystemClock
from bot.pipeline.send import INTENT_HOLDS, LEASE
from bot.selftest.forks import Child, end_all, fork
from bot.selftest.proof import Found, Plan
from bot.selftest.stand import ProofApp, Stand
from bot.selftest.worker import live

#: How much longer than a lease and an intent hold a worker is frozen.
_PAST = 1.15
#: How long it works before and between, at most, in real seconds.
_AWAKE = 0.08
#: How often the frozen are looked at, in real seconds.
_TICK = 0.0005


@dataclass(kw_only=True)
class _Sleeper:
    child: Child
    #: When it is frozen next, or thawed.
    at: float
    is_frozen: bool = False


class Freezes:
    """Freezes more than half of the workers at any time; the others may judge their posts."""

    is_whole = True

    def run(
        self, stand: Stand, app: ProofApp, plan: Plan, *, dice: random.Random, on_time: Callable[[int], None]
    ) -> Found:
        clock, rest = SystemClock(), threading.Event()
        length = stand.real_seconds((LEASE + INTENT_HOLDS).total_seconds() * _PAST)
        times = 0
        sleepers: list[_Sleeper] = []
        try:
            for _ in range(plan.workers):
                child = fork(lambda say: live(stand, app, began=lambda: say(b"+")), errors=stand.errors)
                sleepers.append(_Sleeper(child=child, at=clock.monotonic() + 0.2 + dice.uniform(0, _AWAKE)))
            while times < plan.times or any(sleeper.is_frozen for sleeper in sleepers):
                now = clock.monotonic()
                for sleeper in [sleeper for sleeper in sleepers if sleeper.at <= now]:
                    if sleeper.is_frozen:
                        sleeper.child.send(SIGCONT)
                        sleeper.is_frozen, sleeper.at = False, now + dice.uniform(0, _AWAKE)
                    elif times < plan.times and sum(one.is_frozen for one in sleepers) < plan.workers - 2:
                        sleeper.child.send(SIGSTOP)
                        sleeper.is_frozen, sleeper.at = True, now + length
                        times += 1
                        on_time(times)
                rest.wait(_TICK)
        finally:
            end_all(sleeper.child for sleeper in sleepers)
        return Found(times=times)
