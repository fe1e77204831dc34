"""SIGTERM and SIGINT as an event: what is under way is finished, and a second signal changes nothing."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM})


def stop_on_signals(tell: Callable[[str], None]) -> threading.Event:
    """Give the event that the first signal sets; `tell` is given one line for each signal.

    Signals are waited for in a thread of their own: a handler would run between two instructions of
    the main thread, which may hold the event's own lock just then. Call it before other threads start.
    """
    stop = threading.Event()
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)

    def wait() -> None:
        while True:
            name = signal.Signals(signal.sigwait(_SIGNALS)).name
            tell(f"{name}: already stopping" if stop.is_set() else f"{name}: finishing what is under way …")
            stop.set()

    threading.Thread(target=wait, name="signals", daemon=True).start()
    return stop
