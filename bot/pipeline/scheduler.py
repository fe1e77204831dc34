"""Drives the steps with APScheduler: send at the next due moment, plan hourly, sweep each minute.

The scheduler holds no state and decides nothing: what is due stands in the
store. A step that fails is logged and tried again at its next turn.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.core.clock import Clock, SystemClock
from bot.core.errors import BotError
from bot.pipeline.outcome import Sent
from bot.pipeline.self_pause import CHECK_EVERY, SelfPause
from bot.pipeline.send import ACCOUNTS_AT_ONCE, Sender
from bot.store import claims
from bot.store.database import Database

log = logging.getLogger(__name__)

#: Whatever the next due moment is, what another process queued is seen at least this often.
SEND_AT_LEAST = timedelta(seconds=10)
PLAN_EVERY = timedelta(hours=1)
SWEEP_EVERY = timedelta(minutes=1)
#: Looks for what is due that may be under way together: they do no harm to one another.
LOOKS_AT_ONCE = 4
#: How often the clock is looked at, in seconds of the clock that never steps.
LOOK_AT_CLOCK_EVERY = 1.0
#: How long the look for the next moment waits for posts that are due now: until their intents are on disk
#: it would only stand in their way, at the database and in this process.
HEAD_START = timedelta(milliseconds=10)
#: However fast the clock runs, the machine is asked no more often than this, in real seconds.
SHORTEST_INTERVAL = 0.1


class Scheduler:
    """Runs the steps until it is stopped."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        sender: Sender,
        plan: Callable[[], object],
        sweep: Callable[[], object],
        speed: float = 1.0,
        on_tick: Callable[[], None] = lambda: None,
        self_pause: SelfPause | None = None,
    ) -> None:
        self._self_pause = self_pause
        self._ended = threading.Event()
        self._db = db
        self._clock = clock
        self._sender = sender
        self._plan = plan
        self._sweep = sweep
        #: Virtual seconds in a real one.
        self._speed = speed
        #: Called each time the send step ran to its end.
        self._on_tick = on_tick
        self._others: list[tuple[str, Callable[[], object], timedelta]] = []
        #: Accounts that are being served: a slow network holds up nobody else.
        self._busy: set[str] = set()
        #: Accounts for which something became due while they were being served.
        self._again: set[str] = set()
        self._stopping = False
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(ACCOUNTS_AT_ONCE, thread_name_prefix="send")
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            # Its own defaults would drop a step that is a second late.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def add(self, name: str, step: Callable[[], object], *, every: timedelta) -> None:
        """Run another step too, so often; call it before `start`."""
        self._others.append((name, step, every))

    def start(self) -> None:
        """Begin; the first send comes at once."""
        self._add_steps()
        self._scheduler.start()
        if self._self_pause is not None and self._self_pause.watch is not None:
            threading.Thread(target=self._watch_clock, name="clock", daemon=True).start()
        self._send()

    def _add_steps(self) -> None:
        self._every("send-at-least", self._send, SEND_AT_LEAST)
        self._every("plan", self._safely("plan", self._plan), PLAN_EVERY)
        self._every("sweep", self._safely("sweep", self._sweep), SWEEP_EVERY)
        for name, step, every in self._others:
            self._every(name, self._safely(name, step), every)
        if self._self_pause is not None:
            self._every("check-log", self._safely("check-log", self._self_pause.check_log), CHECK_EVERY)

    def stop(self) -> None:
        """Start nothing new, and let every request that is under way end and be written down."""
        with self._lock:
            self._stopping = True
        self._ended.set()
        self._sender.stop()
        self._scheduler.shutdown(wait=True)
        self._pool.shutdown(wait=True)

    def _every(self, name: str, step: Callable[[], None], interval: timedelta) -> None:
        seconds = max(interval.total_seconds() / self._speed, SHORTEST_INTERVAL)
        self._scheduler.add_job(step, IntervalTrigger(seconds=seconds), id=name, replace_existing=True)

    def _watch_clock(self) -> None:
        """Look at the clock each second until the end; `wait` goes by the clock that never steps."""
        assert self._self_pause is not None
        watch = self._self_pause.watch
        assert watch is not None
        steps = watch.steps
        while not self._ended.wait(LOOK_AT_CLOCK_EVERY):
            self._safely("clock", self._self_pause.holds)()
            if watch.steps != steps:
                steps = watch.steps
                self._safely("clock", self._begin_anew)()

    def _begin_anew(self) -> None:
        """Add every step again: by a clock that was set back each would sleep until its old moment."""
        with self._lock:
            if self._stopping:
                return
            self._add_steps()
        self._send()

    def _safely(self, name: str, step: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            try:
                step()
            except BotError as error:
                log.error("%s: %s", name, error)
            except Exception:
                log.exception("%s failed in a way nobody foresaw; it is tried again at its next turn", name)

        return run

    def _send(self) -> None:
        # What becomes due from here on is the next moment, however long this takes.
        now = self._clock.now()
        self._safely("send", self._start_drains)()
        self._safely("send", lambda: self._arm(after=now))()

    def _start_drains(self) -> None:
        started = False
        for account in self._sender.due_accounts():
            with self._lock:
                if self._stopping:
                    continue
                if account in self._busy:
                    self._again.add(account)
                    continue
                self._busy.add(account)
                try:
                    self._pool.submit(self._drain, account)
                except RuntimeError:
                    # No thread can be had now: the account must not count as served for ever.
                    self._busy.discard(account)
                    raise
                started = True
        if started:
            self._ended.wait(HEAD_START.total_seconds() / self._speed)
        self._on_tick()

    def _drain(self, account: str) -> None:
        sent: list[Sent] = []
        try:
            self._safely("send", lambda: sent.extend(self._sender.drain(account)))()
        finally:
            with self._lock:
                self._busy.discard(account)
                is_asked_again = account in self._again
                self._again.discard(account)
        if sent or is_asked_again:
            # Something may have become due between the last look and now.
            self._send()

    def _arm(self, *, after: datetime) -> None:
        """Ask to be woken at the next due moment."""
        with self._db.read() as tx:
            due_at = claims.next_due_at(tx, after=after)
        if due_at is None:
            return
        wait = (due_at - self._clock.now()) / self._speed
        moment = SystemClock().now() + max(wait, timedelta(0))
        if self._scheduler.running:
            self._scheduler.add_job(
                self._send,
                DateTrigger(moment),
                id="send-next",
                replace_existing=True,
                # One that is still under way must not swallow the next.
                max_instances=LOOKS_AT_ONCE,
            )
