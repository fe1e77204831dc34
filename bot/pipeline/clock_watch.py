"""Notices when the machine's wall clock steps: it is held against the clock that never does."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.clock import Clock

log = logging.getLogger(__name__)

#: Less is the slow correction that every machine's clock gets, and the time between two readings.
NOTICED = timedelta(seconds=1)
#: A larger step holds everything back until a person has looked at the clock.
TOO_FAR = timedelta(seconds=60)
#: How far apart the two clocks may be read, in seconds: a process that slept in between reads again.
_READ_WITHIN = 0.1
_READ_AT_MOST = 20


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Both clocks, read at one moment."""

    wall: datetime
    #: Seconds; counts the time that the machine slept.
    monotonic: float


def step_between(last: Reading, now: Reading) -> timedelta:
    """How far the wall clock went by itself: ahead is positive, back is negative.

    Time that merely passed is no step, however long a machine slept.
    """
    return (now.wall - last.wall) - timedelta(seconds=now.monotonic - last.monotonic)


class ClockWatch:
    """Tells each step of a clock once, to whoever looks first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = self._read()
        #: Steps of more than NOTICED so far.
        self.steps = 0
        self._lock = threading.Lock()

    def look(self) -> timedelta:
        """How far the clock stepped since somebody last looked; nothing when by less than NOTICED."""
        with self._lock:
            now = self._read()
            step = step_between(self._last, now)
            self._last = now
            if abs(step) <= NOTICED:
                return timedelta(0)
            self.steps += 1
        log.warning("the clock of this machine stepped %s", in_words(step))
        return step

    def _read(self) -> Reading:
        for _ in range(_READ_AT_MOST):
            before = self._clock.monotonic()
            wall = self._clock.now()
            after = self._clock.monotonic()
            if after - before <= _READ_WITHIN:
                break
        return Reading(wall=wall, monotonic=after)


def in_words(step: timedelta) -> str:
    """A step as people read it, e.g. `back by 3600 s`."""
    way = "forward" if step > timedelta(0) else "back"
    return f"{way} by {abs(step).total_seconds():.0f} s"
