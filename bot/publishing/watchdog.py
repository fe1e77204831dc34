"""Ends what takes too long: deadlines of a whole process, watched by one thread."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from bot.core.clock import SystemClock

#: Real time, whatever clock the posts follow: a request is real work.
_CLOCK = SystemClock()


class Watchdog:
    """Calls back when a deadline has passed, unless it was called off before.

    A `threading.Timer` for each request would take longer to start than a request takes.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._deadlines: dict[object, tuple[float, Callable[[], None]]] = {}
        self._wakes_at = math.inf
        self._thread: threading.Thread | None = None
        self._ends = False

    def watch(self, seconds: float, expire: Callable[[], None]) -> object:
        """Call `expire` after so many seconds, from another thread; returns what `call_off` takes."""
        watched, deadline = object(), _CLOCK.monotonic() + seconds
        with self._changed:
            self._deadlines[watched] = deadline, expire
            # A thread does not live on in a forked process.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                self._thread.start()
            elif deadline < self._wakes_at:
                self._changed.notify()
        return watched

    def call_off(self, watched: object) -> None:
        """Forget a deadline; one that has just passed may still be called."""
        # The thread sleeps on until then: waking it for each request would cost as much as a Timer.
        with self._changed:
            self._deadlines.pop(watched, None)

    def end(self) -> None:
        """Let the thread end, as before a fork; whatever is watched next begins another one."""
        with self._changed:
            thread, self._thread, self._ends = self._thread, None, True
            self._changed.notify_all()
        if thread is not None:
            thread.join()
        self._ends = False

    def _run(self) -> None:
        while not self._ends:
            for expire in self._wait():
                expire()

    def _wait(self) -> list[Callable[[], None]]:
        """Sleep until the earliest deadline and return what is to be called."""
        with self._changed:
            if self._ends:
                return []
            self._wakes_at = min((at for at, _ in self._deadlines.values()), default=math.inf)
            seconds = self._wakes_at - _CLOCK.monotonic()
            self._changed.wait(None if math.isinf(seconds) else max(seconds, 0))
            now = _CLOCK.monotonic()
            passed = [watched for watched, (at, _) in self._deadlines.items() if at <= now]
            return [self._deadlines.pop(watched)[1] for watched in passed]
