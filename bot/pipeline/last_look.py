"""What is looked at once more when the connection stands, right before a request's first byte."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.core.clock import Clock
from bot.core.errors import NotSentError, PublishError

#: No first byte leaves later than this after the intent: 5 s to begin the connection, 5 s until it stands,
#: 5 s for TLS (`Timeouts.connect`). A slow network gets that time; a process that froze sends nothing.
FIRST_BYTE_HOLDS = timedelta(seconds=15)


class LastLook:
    """Says whether a request may still leave, and remembers why not."""

    def __init__(self, clock: Clock, *, began: float, pause_file_is_there: Callable[[], bool]) -> None:
        """`began` is the intent's moment on the monotonic clock, in seconds."""
        self._clock = clock
        self._deadline = began + FIRST_BYTE_HOLDS.total_seconds()
        self._pause_file_is_there = pause_file_is_there
        self._refusal = ""

    def may_leave(self) -> bool:
        """Ask for the PAUSE file and the time: name, connection and TLS may have taken long."""
        if self._pause_file_is_there():
            self._refusal = "the PAUSE file appeared before the first byte: nothing was sent"
        elif self._clock.monotonic() > self._deadline:
            self._refusal = "this process was held up before the first byte: nothing was sent"
        return not self._refusal

    def in_words(self, error: PublishError) -> PublishError:
        """The error; with the reason, where this look is why nothing was sent."""
        return NotSentError(self._refusal) if self._refusal and isinstance(error, NotSentError) else error
