"""A clock whose wall time can be set while the machine goes on; and a stage that watches it."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.clock import Clock, FixedClock
from bot.pipeline.clock_watch import ClockWatch
from bot.pipeline.self_pause import SelfPause
from bot.pipeline.send import Sender
from bot.pipeline.sweep import Sweeper
from stage import Process, Stage


class SteppedClock:
    """Another clock whose wall time somebody sets; its monotonic time nobody can set."""

    def __init__(self, under: Clock) -> None:
        self._under = under
        self.off = timedelta(0)

    def now(self) -> datetime:
        return self._under.now() + self.off

    def monotonic(self) -> float:
        return self._under.monotonic()

    def step(self, by: timedelta) -> None:
        """Set the wall clock; no time passes."""
        self.off += by

    def advance(self, step: timedelta) -> None:
        """Let time pass, on a clock that stands still by itself."""
        assert isinstance(self._under, FixedClock)
        self._under.advance(step)


def watching(stage: Stage) -> tuple[Process, SelfPause]:
    """A process that pauses by itself, as the app builds it."""
    process = stage.process()
    self_pause = SelfPause(stage.db, stage.clock, watch=ClockWatch(stage.clock))
    process.sender = Sender(
        stage.db,
        stage.clock,
        stage.outlets,
        worker=process.incarnation.id,
        pause_file=stage.pause_file,
        self_pause=self_pause,
    )
    process.sweeper = Sweeper(
        stage.db,
        stage.clock,
        stage.outlets,
        incarnation=process.incarnation,
        sender=process.sender,
        self_pause=self_pause,
    )
    return process, self_pause
