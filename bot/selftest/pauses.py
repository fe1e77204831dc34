"""Pauses at a random microsecond, by a person in another process; now and then by the PAUSE file alone."""

from __future__ import annotations

import random
import struct
import threading
from collections.abc import Callable

from bot.core.clock import SystemClock
from bot.selftest.fakes import entries_of
from bot.selftest.forks import Child, end_all, fork
from bot.selftest.networks import NETWORKS
from bot.selftest.person import WHO
from bot.selftest.proof import Found, Plan
from bot.selftest.stand import ProofApp, Stand
from bot.selftest.verdict import Violation
from bot.selftest.worker import keep_errors, live

#: How long after the last resume the next pause comes, at most, in real seconds.
_UNTIL_NEXT = 0.05
#: How long it is paused, in real seconds: longer than any worker needs from claim to request.
_PAUSED = 0.05
#: Every so many pauses the file alone says stop.
_BY_FILE = 20
#: What had passed the last look at the file may still be on its way: thread and kernel need their turn.
_ON_ITS_WAY, _PAUSED_BY_FILE = 0.4, 0.8
_MOMENTS = struct.Struct("dd")


class Pauses:
    """Pauses and resumes everything, again and again, while workers send."""

    is_whole = False

    def run(
        self, stand: Stand, app: ProofApp, plan: Plan, *, dice: random.Random, on_time: Callable[[int], None]
    ) -> Found:
        children: list[Child] = []
        try:
            children += [
                fork(lambda say: live(stand, app, began=lambda: say(b"+")), errors=stand.errors)
                for _ in range(plan.workers)
            ]
            seed = dice.randrange(2**32)
            person = fork(
                lambda say: _pause_on(stand, app, plan.times, seed=seed, say=say), errors=stand.errors
            )
            children.append(person)
            spans: list[tuple[float, float]] = []
            times = 0
            with open(person.line, "rb", closefd=False) as said:
                while moments := said.read(_MOMENTS.size):
                    began, ended = _MOMENTS.unpack(moments)
                    times += 1
                    on_time(times)
                    if ended:
                        spans.append((began, ended))
        finally:
            end_all(children)
        violations = tuple(_arrivals_within(stand, spans))
        if times < plan.times:
            violations += (Violation(kind="unforeseen", detail="the person who pauses ended too soon"),)
        return Found(times=times, figures={"by the file": len(spans)}, violations=violations)


def _pause_on(stand: Stand, app: ProofApp, times: int, *, seed: int, say: Callable[[bytes], None]) -> None:
    keep_errors(stand)
    clock, rest, dice = SystemClock(), threading.Event(), random.Random(seed)
    operator = app.operator(WHO)
    for number in range(1, times + 1):
        rest.wait(dice.uniform(0, _UNTIL_NEXT))
        if number % _BY_FILE == 0:
            app.pause_file.touch()
            began = clock.monotonic()
            rest.wait(_PAUSED_BY_FILE)
            ended = clock.monotonic()
            app.pause_file.unlink()
            say(_MOMENTS.pack(began, ended))
            continue
        operator.pause(campaign=None, account=None, language=None, reason="a pause of the proof")
        rest.wait(_PAUSED)
        operator.resume(campaign=None, account=None, language=None)
        say(_MOMENTS.pack(0, 0))


def _arrivals_within(stand: Stand, spans: list[tuple[float, float]]) -> list[Violation]:
    """Requests to post that arrived while the file was there, but for those on their way."""
    found: list[Violation] = []
    for network in stand.urls:
        for entry in entries_of(NETWORKS[network], stand.folder):
            at = entry["monotonic_ns"] / 1e9
            if any(began + _ON_ITS_WAY < at < ended for began, ended in spans):
                detail = (
                    f"{entry['account']}: a request arrived at {entry['at']} while the PAUSE file was there"
                )
                found.append(Violation(kind="after a pause", detail=detail))
    return found
