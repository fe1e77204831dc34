"""A process that sends: its parts, put together for one life, once or until it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

from bot.app import App
from bot.core.clock import SystemClock
from bot.pipeline.alert import LOOK_EVERY, AlertThread
from bot.pipeline.clock_watch import ClockWatch
from bot.pipeline.outcome import Sent
from bot.pipeline.restore import Restorer, TakenOver
from bot.pipeline.scheduler import Scheduler
from bot.pipeline.self_pause import SelfPause
from bot.pipeline.send import Sender
from bot.pipeline.sweep import Sweeper, Swept
from bot.pipeline.witness import WitnessFile
from bot.pipeline.worker import Incarnation

#: How often a process says that it is there: others call it gone after minutes of silence.
ALIVE_EVERY = timedelta(seconds=30)
#: How many seconds a process that stops waits for a database that went away.
WRITE_AT_STOP = 10.0
#: How many seconds a process that stops waits for its last alerts: another one tells what is left.
TELL_AT_STOP = 5.0


@contextmanager
def worker_of(
    app: App,
    *,
    on_sent: Callable[[Sent], None] = lambda _: None,
    on_swept: Callable[[Swept], None] = lambda _: None,
) -> Iterator[Worker]:
    """This process as one that sends. A live account without its secrets stops it, by name."""
    app.outlets.check()
    alerts = AlertThread(app.alerter.step)

    def sent(one: Sent) -> None:
        on_sent(one)
        alerts.wake_for(one.state)

    def swept(one: Swept) -> None:
        on_swept(one)
        alerts.wake_for(one.state)

    # A clock that runs faster differs from all others on purpose, and cannot step.
    watch = ClockWatch(app.clock) if isinstance(app.clock, SystemClock) else None
    self_pause = SelfPause(app.db, app.clock, watch=watch)
    incarnation = Incarnation(app.db, app.clock, data_dir=app.settings.data_dir)
    with incarnation.alive(), closing(WitnessFile(app.settings.data_dir / "witness")) as witness:
        restorer = Restorer(app.db, app.clock, app.outlets, incarnation=incarnation, budget=app.budget)
        taken_over = restorer.take_over(witness)
        self_pause.look_at_start()
        sender = Sender(
            app.db,
            app.clock,
            app.outlets,
            worker=incarnation.id,
            pause_file=app.pause_file,
            on_sent=sent,
            budget=app.budget,
            self_pause=self_pause,
            witness=witness,
            media=app.media,
            draw_again=app.lost_cards.draw_again,
        )
        sweeper = Sweeper(
            app.db,
            app.clock,
            app.outlets,
            incarnation=incarnation,
            sender=sender,
            on_swept=swept,
            self_pause=self_pause,
            witness=witness,
        )
        try:
            yield Worker(app, sender, sweeper, alerts, self_pause, taken_over)
        finally:
            # What a network answered is written down before this process is gone.
            sender.finish(patience=WRITE_AT_STOP)


class Worker:
    """A process that sends: once, or until it is stopped."""

    def __init__(
        self,
        app: App,
        sender: Sender,
        sweeper: Sweeper,
        alerts: AlertThread,
        self_pause: SelfPause,
        taken_over: TakenOver | None,
    ) -> None:
        self._app = app
        #: What was done about a database that was restored or copied; None when it was not.
        self.taken_over = taken_over
        self._self_pause = self_pause
        self.sender = sender
        self.sweeper = sweeper
        self._alerts = alerts

    def run(self, stop: threading.Event, *, speed: float = 1.0, on_started: Callable[[], None]) -> None:
        """Send, plan and sweep until `stop` is set; then finish what is under way."""
        app = self._app
        scheduler = Scheduler(
            app.db,
            app.clock,
            sender=self.sender,
            plan=self._plan,
            sweep=self.sweeper.sweep,
            speed=speed,
            on_tick=app.pulse.beat,
            self_pause=self._self_pause,
        )
        if speed == 1.0:
            # On a fast clock nobody is to be told of anything.
            self._alerts.start()
            scheduler.add("alerts", self._alerts.wake, every=LOOK_EVERY)
        scheduler.add("alive", self.sweeper.say_alive, every=ALIVE_EVERY)
        self.check_log(attempts=True)
        # What is due comes first: the networks are looked at by the sweeps that follow.
        self.sweeper.sweep(looks=False)
        on_started()
        scheduler.start()
        try:
            stop.wait()
        finally:
            scheduler.stop()
            self._alerts.stop(patience=TELL_AT_STOP)

    def check_log(self, *, attempts: bool = False) -> None:
        """Pause everything when the send log's newest entries do not hold; its newest attempts, if wanted."""
        self._self_pause.check_log(attempts=attempts)

    def tell_alerts(self) -> None:
        """Tell operators what they should know, once; wait no longer than the addresses may take."""
        from bot.alerting.delivery import PATIENCE

        self._alerts.start()
        self._alerts.stop(patience=PATIENCE + TELL_AT_STOP)

    def _plan(self) -> None:
        self._app.planner.plan(days=self._app.settings.plan_ahead_days)
