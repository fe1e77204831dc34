"""The scheduler drives the steps: in time, in order, each account by itself, and it ends cleanly."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.clock import Clock, FastClock, SystemClock
from bot.core.errors import StoreError
from bot.core.post import Receipt, State
from bot.pipeline.scheduler import Scheduler
from bot.pipeline.self_pause import SelfPause
from bot.publishing.dry_run import DryRunPublisher
from bot.publishing.protocol import PublishRequest
from bot.rendering.renderer import Renderer
from bot.store.database import Database
from bot.store.tables import attempts
from posting import ACCOUNT, SECOND_ACCOUNT, receipt
from stage import Process, Stage
from stepping import SteppedClock, watching

#: Real seconds after which a test gives up: far more than any of them needs.
PATIENCE = 60

MakeStage = Callable[[Clock], Stage]


@pytest.fixture
def stage_at(db: Database, tmp_path: Path, renderer: Renderer) -> Iterator[MakeStage]:
    """Makes a stage with a clock that goes."""
    stages: list[Stage] = []

    def make(clock: Clock) -> Stage:
        stages.append(Stage(db, clock, data_dir=tmp_path, renderer=renderer))
        return stages[-1]

    yield make
    for stage in stages:
        stage.close()


class _Running:
    """A scheduler at work, stopped when the block ends."""

    def __init__(
        self,
        stage: Stage,
        process: Process,
        *,
        plan: Callable[[], object] = lambda: None,
        speed: float = 1.0,
        self_pause: SelfPause | None = None,
    ) -> None:
        self.scheduler = Scheduler(
            stage.db,
            stage.clock,
            sender=process.sender,
            plan=plan,
            sweep=process.sweep,
            speed=speed,
            self_pause=self_pause,
        )

    def __enter__(self) -> Scheduler:
        self.scheduler.start()
        return self.scheduler

    def __exit__(self, *_: object) -> None:
        self.scheduler.stop()


def _tell_when(stage: Stage, count: int) -> tuple[Process, threading.Event]:
    """A process, and an event that is set once it has sent so many posts."""
    process, done, sent = stage.process(), threading.Event(), []

    def note(one: object) -> None:
        sent.append(one)
        if len(sent) >= count:
            done.set()

    process.sender._on_sent = note
    return process, done


def test_a_simulated_day_passes_in_two_seconds_and_each_post_leaves_once_in_order(stage_at: MakeStage):
    speed = 43_200.0
    stage = stage_at(FastClock(speed, real=SystemClock()))
    names = [ACCOUNT.name, SECOND_ACCOUNT.name]
    stage.outlets.publishers.update({name: DryRunPublisher(name) for name in names})
    start = stage.clock.now()
    # A real second of this machine's own work is twelve hours late here.
    numbers = stage.add_all(
        [
            stage.ready_post(account=name, due_at=start + timedelta(hours=hour), grace=timedelta(days=90))
            for name in names
            for hour in range(24)
        ]
    )
    process, done = _tell_when(stage, len(numbers))

    with _Running(stage, process, speed=speed):
        assert done.wait(PATIENCE)

    assert set(stage.states().values()) == {State.SENT}
    with stage.db.read() as tx:
        logged = tx.execute(select(attempts).order_by(attempts.c.id)).all()
    assert len(logged) == len(numbers)
    assert {one.mode for one in logged} == {"live"}
    for name in names:
        moments = [one.due_at for one in logged if one.account == name]
        assert moments == sorted(moments)
    assert all(one.started_at >= one.due_at for one in logged)
    assert stage.log_problems() == []


def test_a_post_leaves_at_its_moment_not_at_the_next_look(stage_at: MakeStage):
    stage = stage_at(SystemClock())
    due_at = stage.clock.now() + timedelta(seconds=0.5)
    stage.add(due_at=due_at)
    process, done = _tell_when(stage, 1)

    with _Running(stage, process):
        assert done.wait(PATIENCE)
        late = stage.clock.now() - due_at

    assert timedelta(0) <= late < timedelta(seconds=5)


def test_posts_due_one_after_another_each_leave_at_their_moment(stage_at: MakeStage):
    stage = stage_at(SystemClock())
    start = stage.clock.now() + timedelta(seconds=0.3)
    stage.add_all([stage.ready_post(due_at=start + timedelta(milliseconds=20 * n)) for n in range(20)])
    process, done = _tell_when(stage, 20)

    with _Running(stage, process):
        assert done.wait(PATIENCE)

    with stage.db.read() as tx:
        late = [
            one.started_at - one.due_at for one in tx.execute(select(attempts).order_by(attempts.c.id)).all()
        ]
    assert len(late) == 20
    assert min(late) >= timedelta(0)
    assert max(late) < timedelta(seconds=5)


def _blocking(released: threading.Event, entered: threading.Event) -> Callable[[PublishRequest], Receipt]:
    def block(request: PublishRequest) -> Receipt:
        entered.set()
        assert released.wait(PATIENCE)
        return receipt()

    return block


def test_an_account_that_blocks_delays_no_other(stage_at: MakeStage):
    stage = stage_at(SystemClock())
    released, entered = threading.Event(), threading.Event()
    stage.network(_blocking(released, entered))
    blocked = stage.add()
    others = [
        stage.add(account=SECOND_ACCOUNT.name, due_at=stage.clock.now() + timedelta(seconds=0.2 * n))
        for n in range(3)
    ]
    process, done = _tell_when(stage, 3)

    with _Running(stage, process):
        assert entered.wait(PATIENCE)
        assert done.wait(PATIENCE)
        meanwhile = stage.states()
        released.set()

    assert [meanwhile[number] for number in others] == [State.SENT] * 3
    assert meanwhile[blocked] is State.SENDING
    assert stage.state(blocked) is State.SENT


def test_stopping_lets_a_slow_request_end_and_be_written_down(stage_at: MakeStage):
    stage = stage_at(SystemClock())
    released, entered = threading.Event(), threading.Event()
    stage.network(_blocking(released, entered))
    number = stage.add()
    waiting = stage.add(due_at=stage.clock.now() - timedelta(seconds=1), language="ar")
    first, second = sorted((number, waiting), key=lambda one: stage.post(one).due_at)
    running = _Running(stage, stage.process())
    running.scheduler.start()
    assert entered.wait(PATIENCE)

    stopping = threading.Thread(target=running.scheduler.stop)
    stopping.start()
    stopping.join(0.2)
    still_stopping = stopping.is_alive()
    released.set()
    stopping.join(PATIENCE)

    assert still_stopping
    assert (stage.state(first), stage.state(second)) == (State.SENT, State.READY)


def test_stopping_with_work_left_is_no_error(stage_at: MakeStage, caplog: pytest.LogCaptureFixture):
    stage = stage_at(SystemClock())
    now = stage.clock.now()
    stage.add_all([stage.ready_post(due_at=now - timedelta(milliseconds=n)) for n in range(50)])
    process, done = _tell_when(stage, 3)

    with caplog.at_level(logging.WARNING), _Running(stage, process):
        assert done.wait(PATIENCE)

    assert [record.getMessage() for record in caplog.records] == []


def test_a_step_that_fails_is_told_and_tried_again_and_stops_nothing(
    stage_at: MakeStage, caplog: pytest.LogCaptureFixture
):
    speed = 36_000.0
    stage = stage_at(FastClock(speed, real=SystemClock()))
    number = stage.add(due_at=stage.clock.now() + timedelta(hours=5), grace=timedelta(days=90))
    process, done = _tell_when(stage, 1)
    errors = [StoreError("the database went away"), ZeroDivisionError("what?")]
    planned = threading.Event()

    def plan() -> None:
        if errors:
            raise errors.pop(0)
        planned.set()

    with _Running(stage, process, plan=plan, speed=speed):
        assert planned.wait(PATIENCE)
        assert done.wait(PATIENCE)

    assert stage.state(number) is State.SENT
    told = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert ["the database went away" in record.getMessage() for record in told] == [True, False]
    # A mistake of ours comes with its traceback, what the bot can name does not.
    assert [record.exc_info is not None for record in told] == [False, True]


def test_what_another_process_left_is_swept_up(stage_at: MakeStage):
    speed = 3_600.0
    stage = stage_at(FastClock(speed, real=SystemClock()))
    number = stage.add(grace=timedelta(days=90))
    dead = stage.process()
    dead.sender._claim(ACCOUNT.name)
    dead.die()
    process, done = _tell_when(stage, 1)

    with _Running(stage, process, speed=speed):
        assert done.wait(PATIENCE)

    assert stage.state(number) is State.SENT


def _watched(stage: Stage) -> tuple[Process, SelfPause, threading.Event]:
    process, self_pause = watching(stage)
    done = threading.Event()
    process.sender._on_sent = lambda _: done.set()
    return process, self_pause, done


@pytest.mark.parametrize("hours", [-1, 1], ids=["back", "forward"])
def test_a_step_of_the_clock_while_it_runs_pauses_everything_within_seconds(stage_at: MakeStage, hours: int):
    stage = stage_at(SteppedClock(SystemClock()))
    number = stage.add(due_at=stage.clock.now() + timedelta(minutes=30))
    process, self_pause, _ = _watched(stage)
    running = _Running(stage, process, self_pause=self_pause)

    with running:
        stage.clock.step(timedelta(hours=hours))
        assert _until(lambda: stage.pauses() != [])

    assert [reason[:34] for reason in stage.pauses()] == ["the clock of this machine stepped "]
    assert stage.state(number) is State.READY


def test_steps_go_on_though_the_clock_was_set_back_an_hour(stage_at: MakeStage):
    stage = stage_at(SteppedClock(SystemClock()))
    process, self_pause, _ = _watched(stage)
    running = _Running(stage, process, self_pause=self_pause)

    with running as scheduler:
        # Where a clock that is set back leaves them: far away.
        for job in scheduler._scheduler.get_jobs():
            job.modify(next_run_time=SystemClock().now() + timedelta(hours=2))
        stage.clock.step(timedelta(seconds=-3))
        assert _until(lambda: all(_is_near(job) for job in scheduler._scheduler.get_jobs()))
        stage.add()
        scheduler._send()
        assert _until(lambda: State.SENT in stage.states().values())


def _is_near(job: Any) -> bool:
    every = {"send-at-least": 10, "sweep": 60}.get(job.id, 3600)
    return bool(job.next_run_time - SystemClock().now() <= timedelta(seconds=every))


def _until(holds: Callable[[], bool]) -> bool:
    """Wait until it holds, as long as a busy machine may need."""
    rest, end = threading.Event(), SystemClock().monotonic() + PATIENCE
    while not holds() and SystemClock().monotonic() < end:
        rest.wait(0.05)
    return holds()
