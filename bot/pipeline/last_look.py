"""What is looked at once more when the connection stands, right before a request's first byte."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.core.clock import Clock
from bot.core.errors import NotSentError, PublishError

#: No first byte leaves later than this after the intent: 5 s to begin the connection, 5 s until it stands,
#: 5 s for TLS (`Timeouts.connect`). A slow network gets that time; a process that froze sends nothing.
FIRST_BYTE_HOLDS = timedelta(seconds=15)
_HELD_UP = "this process was held up before the first byte: nothing was sent"


class LastLook:
    """Says whether a request may still leave, and remembers why not."""

    def __init__(
        self,
        clock: Clock,
        *,
        began: float,
        pause_file_is_there: Callable[[], bool],
        holds: timedelta = FIRST_BYTE_HOLDS,
        until: datetime | None = None,
        late: str = _HELD_UP,
    ) -> None:
        """`began` is the moment on the monotonic clock, in seconds, from which `holds` counts.

        That clock stands still while a machine sleeps: after `until` on the other it is late as well.
        `late` says so in words.
        """
        self._clock = clock
        self._deadline = began + holds.total_seconds()
        self._until = until
        self._late = late
        self._pause_file_is_there = pause_file_is_there
        self._refusal = ""

    def may_leave(self) -> bool:
        """Ask for the PAUSE file and the time: name, connection and TLS may have taken long."""
        if self._pause_file_is_there():
            self._refusal = "the PAUSE file appeared before the first byte: nothing was sent"
        elif self._is_late():
            self._refusal = self._late
        return not self._refusal

    def _is_late(self) -> bool:
        is_past = self._until is not None and self._clock.now() >= self._until
        return is_past or self._clock.monotonic() > self._deadline

    def in_words(self, error: PublishError) -> PublishError:
        """The error; with the reason, where this look is why nothing was sent."""
        return NotSentError(self._refusal) if self._refusal and isinstance(error, NotSentError) else error
