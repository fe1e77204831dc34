"""One life of a worker in a proof: it sends and sweeps until it is killed."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence

from bot.core.errors import BotError
from bot.selftest.stand import ProofApp, Stand
from bot.sending import worker_of

log = logging.getLogger(__name__)

#: How long a worker rests when nothing is due, and between two sweeps, in real seconds.
IDLE = 0.003
SWEEP_EVERY = 0.05


def live(
    stand: Stand,
    app: ProofApp,
    *,
    began: Callable[[], None],
    sweeps_first: bool = False,
    serves: Sequence[str] | None = None,
) -> None:
    """Send and sweep, as `run` does, until this process is killed or whoever forked it is gone."""
    keep_errors(stand)
    app.outlets.served = serves
    parent, rest = os.getppid(), threading.Event()
    with worker_of(app) as worker:
        sweeping = threading.Thread(
            target=_sweep_on,
            args=(worker.sweeper.sweep, rest),
            kwargs={"waits": not sweeps_first},
            daemon=True,
        )
        began()
        sweeping.start()
        while os.getppid() == parent:
            if not safely("send", worker.sender.send_due):
                rest.wait(IDLE)


def _sweep_on(sweep: Callable[[], object], rest: threading.Event, *, waits: bool) -> None:
    if waits:
        rest.wait(SWEEP_EVERY)
    while True:
        safely("sweep", sweep)
        rest.wait(SWEEP_EVERY)


def safely(name: str, step: Callable[[], object]) -> object:
    """Take a step as the scheduler does: one that fails is written down and tried again."""
    try:
        return step()
    except BotError as error:
        log.error("%s: %s", name, error)
    except Exception:
        log.exception("%s failed in a way nobody foresaw", name)
    return None


def keep_errors(stand: Stand) -> None:
    """Write errors to the stand's own file, and nothing to the terminal."""
    root = logging.getLogger()
    root.handlers[:] = [logging.FileHandler(stand.errors)]
    root.setLevel(logging.ERROR)
