"""How the bot stands, for those who watch it: its last tick, what should have left, what is unknown."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.core.clock import Clock
from bot.core.errors import BotError
from bot.core.post import State
from bot.pipeline.causes import OVERDUE_AFTER
from bot.store import pauses, spending, watching
from bot.store.database import SCHEMA, Database

#: The send step runs at least every ten seconds: after so long without one something is wrong.
TICK_WITHIN = timedelta(seconds=60)
#: Posts of one state are counted no further: a large store answers as fast as a small one.
COUNTED_UP_TO = 10_000
#: Whoever asks more often gets the same answer, in real seconds.
_FRESH_FOR = 1.0


class Pulse:
    """Remembers when the send step last ran in this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._beat_at = clock.monotonic()

    def beat(self) -> None:
        """The send step ran."""
        self._beat_at = self._clock.monotonic()

    def age(self) -> timedelta:
        """How long ago that was, or this process began."""
        return timedelta(seconds=self._clock.monotonic() - self._beat_at)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What the store says. `posts` are counted up to COUNTED_UP_TO in each state."""

    schema: str
    posts: Mapping[State, int]
    pauses: int
    #: How long the oldest post waits that should have left and that nothing holds back; None: none does.
    oldest_due: timedelta | None
    #: Spent on all accounts in this month of UTC.
    spent_usd_micros: int


@dataclass(frozen=True, kw_only=True)
class Health:
    """How the bot stands."""

    last_tick: timedelta
    is_paused_by_file: bool
    #: None: the database cannot be read.
    stored: Stored | None

    @property
    def problems(self) -> tuple[str, ...]:
        """Why it is not well, in few words; empty when it is."""
        found: list[str] = []
        if self.last_tick > TICK_WITHIN:
            found.append("the send step does not run")
        if self.stored is None:
            found.append("the database cannot be read")
        elif self.stored.oldest_due is not None and self.stored.oldest_due > OVERDUE_AFTER:
            found.append("a post is due and not tried")
        return tuple(found)

    @property
    def is_paused(self) -> bool:
        return self.is_paused_by_file or (self.stored is not None and self.stored.pauses > 0)


class Watch:
    """Looks at the bot for those who ask, at most once a second."""

    def __init__(self, db: Database, clock: Clock, *, pulse: Pulse, pause_file: Path) -> None:
        self._db = db
        self._clock = clock
        self._pulse = pulse
        self._pause_file = pause_file
        self._lock = threading.Lock()
        self._health: Health | None = None
        self._looked_at = 0.0

    def health(self) -> Health:
        """How the bot stands now, or stood a second ago."""
        with self._lock:
            now = self._clock.monotonic()
            if self._health is None or now - self._looked_at >= _FRESH_FOR:
                self._health = self._look()
                self._looked_at = now
            return self._health

    def _look(self) -> Health:
        is_paused_by_file = self._is_paused_by_file()
        return Health(
            last_tick=self._pulse.age(),
            is_paused_by_file=is_paused_by_file,
            stored=self._read(is_paused=is_paused_by_file),
        )

    def _read(self, *, is_paused: bool) -> Stored | None:
        now = self._clock.now()
        try:
            # A file that was deleted can be read on by whoever holds it open, and nothing written will last.
            if not self._db.is_there():
                return None
            with self._db.read() as tx:
                first_due = None if is_paused else watching.first_due(tx, now=now)
                return Stored(
                    schema=SCHEMA,
                    posts=watching.count_states(tx, at_most=COUNTED_UP_TO),
                    pauses=len(pauses.active(tx)),
                    oldest_due=None if first_due is None else now - first_due,
                    spent_usd_micros=spending.month_total(tx, month=spending.month_of(now)),
                )
        except BotError:
            return None

    def _is_paused_by_file(self) -> bool:
        try:
            self._pause_file.lstat()
        except OSError:
            return False
        return True
