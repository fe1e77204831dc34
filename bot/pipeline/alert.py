"""Tells operators what they should know, each cause once, and never in the way of sending.

Causes stand in the store with what was told of them, so that a restart, a crash
or a second worker tells late rather than never, and rarely twice.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.alerting.alert import Alert, AlertKind, alert_of
from bot.alerting.delivery import Deliverer, Delivery
from bot.alerting.message import Message, compose
from bot.core.clock import Clock
from bot.core.errors import BotError
from bot.core.post import State
from bot.pipeline.causes import Found, find
from bot.store import alerts
from bot.store.alerts import Cause
from bot.store.database import Database, Tx

log = logging.getLogger(__name__)

#: How often the step looks; what became unknown or was rejected wakes it at once.
LOOK_EVERY = timedelta(seconds=20)
#: Nobody else tells what one process is telling: longer than the slowest address may take.
LEASE = timedelta(minutes=2)
#: How long an address that took nothing is left alone, doubled with each try …
BACK_OFF = timedelta(seconds=30)
#: … and at most.
BACK_OFF_MAX = timedelta(minutes=15)
#: What happened and is over is told no later than this; what is open is told however late.
EVENTS_FOR = timedelta(days=1)
_TOLD_AT_ONCE = frozenset({State.UNKNOWN, State.REJECTED})
#: Causes in one message: it names the first of them, and counts the others.
AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one round of telling came to."""

    causes: int
    deliveries: Sequence[Delivery]


class Alerter:
    """One process's voice."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        deliverer: Deliverer,
        language: str,
        pause_file: Path,
        budget_usd_micros: int | None = None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._deliverer = deliverer
        self._language = language
        self._pause_file = pause_file
        self._budget_usd_micros = budget_usd_micros
        self._has_looked = False
        self._lock = threading.Lock()

    def step(self) -> Told:
        """Look for causes, write them down, and tell what is untold."""
        with self._lock:
            self.look()
            return self.tell()

    def look(self) -> Found:
        """Bring the table of causes up to date."""
        now = self._clock.now()
        with self._db.read() as tx:
            found = find(
                tx,
                now=now,
                is_paused=self._is_paused,
                budget_usd_micros=self._budget_usd_micros,
                first=not self._has_looked,
            )
        if found.new or found.over:
            with self._db.write() as tx:
                # In one order, whoever writes: two workers find the same.
                alerts.end(tx, sorted(found.over), now=now)
                for cause in sorted(found.new, key=lambda one: one.cause):
                    alerts.begin(tx, cause, now=now)
        self._has_looked = True
        return found

    def _is_paused(self) -> bool:
        try:
            self._pause_file.lstat()
        except OSError:
            return False
        return True

    def tell(self) -> Told:
        """Tell each address what it was not told yet. No transaction is open while it is told."""
        if not self._deliverer.addresses:
            return Told(causes=0, deliveries=())
        now = self._clock.now()
        with self._db.read() as tx:
            if not alerts.to_tell(tx, now=now):
                return Told(causes=0, deliveries=())
        lease_until = now + LEASE
        with self._db.write() as tx:
            alerts.forget_events(tx, began_before=now - EVENTS_FOR)
            claimed = alerts.claim_untold(tx, now=now, lease_until=lease_until, limit=AT_ONCE)
        deliveries = self._deliver(claimed)
        took = {one.address for one in deliveries if one.taken}
        with self._db.write() as tx:
            for cause in claimed:
                self._note(tx, cause, took, lease_until=lease_until)
        for one in deliveries:
            if not one.taken:
                log.warning("alerts: %s: %s; it is tried again", one.name, one.error)
        return Told(causes=len(claimed), deliveries=deliveries)

    def newest(self, limit: int) -> list[Cause]:
        """The newest causes, newest first, told or not."""
        with self._db.read() as tx:
            return alerts.newest(tx, limit=limit)

    def _deliver(self, claimed: Sequence[Cause]) -> list[Delivery]:
        """Give each address one message of what it does not have."""
        lacking: dict[tuple[Cause, ...], list[int]] = defaultdict(list)
        for address in self._deliverer.addresses:
            causes = tuple(cause for cause in claimed if address not in cause.told_to)
            if causes:
                lacking[causes].append(address)
        return [
            delivery
            for causes, to in lacking.items()
            for delivery in self._deliverer.deliver(self._message(causes), to)
        ]

    def _message(self, causes: Sequence[Cause]) -> Message:
        return compose([alert_in(cause) for cause in causes], language=self._language)

    def _note(self, tx: Tx, cause: Cause, took: set[int], *, lease_until: datetime) -> None:
        now = self._clock.now()
        told_to = cause.told_to | took
        is_told = told_to.issuperset(self._deliverer.addresses)
        try_at = None if is_told else now + min(BACK_OFF * 2 ** min(cause.tries, 10), BACK_OFF_MAX)
        alerts.note_told(tx, cause, lease_until=lease_until, told_to=told_to, now=now, try_at=try_at)


def alert_in(cause: Cause) -> Alert:
    """What a cause says; what cannot be read any more is told by its kind."""
    try:
        return alert_of(cause.detail)
    except ValueError:
        return Alert(kind=AlertKind(cause.kind), post=cause.post, account=cause.account)


class AlertThread:
    """Runs the step in a thread of its own whenever it is woken: whoever wakes it goes on at once."""

    def __init__(self, step: Callable[[], object]) -> None:
        self._step = step
        self._woken = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Let the step run, soon."""
        self._woken.set()

    def wake_for(self, state: State) -> None:
        """Let the step run soon when a post came into a state that people should know of."""
        if state in _TOLD_AT_ONCE:
            self.wake()

    def stop(self, *, patience: float) -> None:
        """Let the step run a last time, and wait for it at most so many seconds."""
        self._stopping = True
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(patience)

    def _run(self) -> None:
        while True:
            self._woken.wait()
            self._woken.clear()
            is_last = self._stopping
            self._once()
            if is_last:
                return

    def _once(self) -> None:
        try:
            self._step()
        except BotError as error:
            log.error("alerts: %s", error)
        except Exception:
            log.exception("alerts failed in a way nobody foresaw; they are tried again at their next turn")
