"""The only place that reads the time. Everything else is given a Clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time: `now` in aware UTC, `monotonic` in seconds that never step back."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


#: Counts the time that the machine slept, too: Linux's CLOCK_MONOTONIC does not (clock_gettime(2)), and a
#: laptop that wakes must not send what it was about to send. Elsewhere there is no other clock.
_AWAKE_OR_ASLEEP = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  (the one place)

    def monotonic(self) -> float:
        return time.clock_gettime(_AWAKE_OR_ASLEEP)


class FastClock:
    """A clock whose `now` runs `speed` times faster than the machine's, from now on.

    `monotonic` stays the machine's own: it bounds real work, which does not run faster. Processes that
    are given the same `start` and `start_monotonic` live at one moment.
    """

    def __init__(
        self,
        speed: float,
        *,
        real: Clock,
        start: datetime | None = None,
        start_monotonic: float | None = None,
    ) -> None:
        self._real = real
        self._speed = speed
        self._start = real.now() if start is None else start
        self._start_monotonic = real.monotonic() if start_monotonic is None else start_monotonic

    def now(self) -> datetime:
        passed = self._real.monotonic() - self._start_monotonic
        return self._start + timedelta(seconds=passed * self._speed)

    def monotonic(self) -> float:
        return self._real.monotonic()


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError(f"{moment} has no zone: give an aware moment")
        self._moment = moment.astimezone(UTC)
        self._monotonic = 0.0

    def now(self) -> datetime:
        return self._moment

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, step: timedelta) -> None:
        """Move both clocks on by `step`."""
        self._moment += step
        self._monotonic += step.total_seconds()
