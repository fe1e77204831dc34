"""An account keeps its pace: gap, caps and quiet hours, however many workers there are."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.reading import Content
from bot.core.campaign import LanguagesAtSlot, Pace, PostingTime, QuietHours
from bot.core.clock import FixedClock
from bot.core.errors import NotSentError, UnconfirmedError
from bot.core.post import State
from bot.pipeline.pace import quiet_hours
from bot.pipeline.rehearse import rehearse
from bot.pipeline.send import Sender
from bot.rendering.renderer import Renderer
from bot.store.database import Database
from posting import ACCOUNT, CAMPAIGN, NOW, SECOND_ACCOUNT, OpenOutlets, ScriptedPublisher, fact
from stage import Stage

QUARTER = timedelta(minutes=15)
NIGHT = QuietHours(start=time(23), end=time(7))


def _at_pace(stage: Stage, **pace: object) -> None:
    account = replace(ACCOUNT, pace=Pace(**pace))  # type: ignore[arg-type]
    stage.take_in(replace(CAMPAIGN, accounts=(account, SECOND_ACCOUNT)), [fact()])


def _add(stage: Stage, count: int, *, grace: timedelta = timedelta(days=2), **changes: object) -> list[int]:
    moments = [stage.clock.now() + timedelta(seconds=second) for second in range(count)]
    return [stage.add(due_at=moment, grace=grace, **changes) for moment in moments]


def _leave(stage: Stage, *, step: timedelta, steps: int) -> list[datetime]:
    """When posts left while time passes."""
    process, left = stage.process(), []
    for _ in range(steps):
        stage.pass_time(seconds=step.total_seconds())
        before = len(stage.network().requests)
        process.sender.send_due()
        left += [stage.clock.now()] * (len(stage.network().requests) - before)
    return left


def test_the_gap_parts_two_posts(stage: Stage):
    _at_pace(stage, gap=QUARTER)
    _add(stage, 3)

    left = _leave(stage, step=timedelta(minutes=1), steps=60)

    assert len(left) == 3
    assert all(later - earlier >= QUARTER for earlier, later in pairwise(left))
    assert left[-1] - left[0] <= 2 * QUARTER + timedelta(minutes=2)


def test_the_hours_cap_holds_in_any_sixty_minutes(stage: Stage):
    _at_pace(stage, per_hour=2)
    _add(stage, 5)

    left = _leave(stage, step=timedelta(minutes=7), steps=30)

    assert len(left) == 5
    assert all(left[at + 2] - left[at] >= timedelta(hours=1) for at in range(3))


def test_the_days_cap_counts_the_campaigns_own_day(stage: Stage):
    _at_pace(stage, per_day=2)
    _add(stage, 6)

    left = _leave(stage, step=timedelta(minutes=30), steps=48)

    days = [moment.astimezone(ZoneInfo(CAMPAIGN.zone)).date() for moment in left]
    assert [days.count(day) for day in sorted(set(days))] == [2, 2]
    # Midnight in Damascus is 21:00 UTC.
    assert left[2] < NOW + timedelta(hours=13)


def test_a_waiting_account_holds_up_no_other(stage: Stage):
    _at_pace(stage, gap=QUARTER)
    _add(stage, 2)
    others = [stage.add(account=SECOND_ACCOUNT.name, due_at=NOW + timedelta(seconds=n)) for n in range(2)]

    stage.pass_time(minutes=1)
    stage.process().sender.send_due()

    assert len(stage.network().requests) == 1
    assert [stage.state(number) for number in others] == [State.SENT, State.SENT]


def test_a_post_that_waits_too_long_is_missed_for_its_pace(stage: Stage):
    _at_pace(stage, gap=timedelta(hours=1))
    first, second, third = _add(stage, 3, grace=timedelta(minutes=20))
    process = stage.process()
    stage.pass_time(minutes=1)
    process.sender.send_due()
    waiting = stage.reason(second)

    stage.pass_time(minutes=30)
    process.sender.send_due()
    process.sweep()

    assert stage.state(first) is State.SENT
    assert waiting == "pace: invented_x leaves 60 minutes between two posts"
    for number in (second, third):
        assert stage.state(number) is State.MISSED
        assert "pace: invented_x leaves 60 minutes between two posts" in stage.reason(number)


def test_a_thread_counts_once_and_goes_on_without_waiting(stage: Stage):
    _at_pace(stage, gap=QUARTER, per_hour=1)
    number = stage.add(texts=("One.", "Two.", "Three."))

    stage.process().sender.drain(ACCOUNT.name)

    assert stage.state(number) is State.SENT


@pytest.mark.parametrize(
    ("answer", "requests"),
    [
        pytest.param(NotSentError("no route"), 2, id="certainly not sent"),
        pytest.param(UnconfirmedError("no answer"), 1, id="perhaps sent"),
    ],
)
def test_only_what_certainly_did_not_leave_is_not_counted(stage: Stage, answer: Exception, requests: int):
    _at_pace(stage, per_hour=1)
    _add(stage, 2)
    stage.network(answer)
    process = stage.process()

    stage.pass_time(minutes=1)
    process.send()
    stage.pass_time(minutes=2)
    process.send()

    assert len(stage.network().requests) == requests


def test_a_pace_that_was_lifted_is_noticed_within_minutes(stage: Stage):
    _at_pace(stage, per_day=1)
    _, second = _add(stage, 2)
    process = stage.process()
    stage.pass_time(minutes=1)
    process.sender.send_due()

    _at_pace(stage)
    stage.pass_time(minutes=11)
    process.sender.send_due()

    assert stage.state(second) is State.SENT


# -- quiet hours -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "silent"),
    [
        pytest.param("2026-03-01 22:59", False, id="before"),
        pytest.param("2026-03-01 23:00", True, id="first minute"),
        pytest.param("2026-03-02 03:00", True, id="after midnight"),
        pytest.param("2026-03-02 06:59", True, id="last minute"),
        pytest.param("2026-03-02 07:00", False, id="after"),
    ],
)
def test_quiet_hours_span_midnight(at: str, silent: bool):
    zone = ZoneInfo("Asia/Damascus")
    account = replace(ACCOUNT, pace=Pace(quiet=NIGHT))
    moment = datetime.fromisoformat(at).replace(tzinfo=zone).astimezone(UTC)

    assert (quiet_hours(account, moment, zone=zone) is not None) is silent


@given(st.datetimes(datetime(2026, 3, 28), datetime(2026, 3, 30)), st.sampled_from(["Europe/Berlin", "UTC"]))
def test_quiet_hours_are_those_of_the_clock_on_the_wall(moment: datetime, name: str):
    zone = ZoneInfo(name)
    account = replace(ACCOUNT, pace=Pace(quiet=NIGHT))
    instant = moment.replace(tzinfo=UTC)

    wall_time = instant.astimezone(zone)
    assert (quiet_hours(account, instant, zone=zone) is not None) is (
        wall_time.hour >= 23 or wall_time.hour < 7
    )


@pytest.mark.parametrize("late", [0, 10], ids=["due in them", "late into them"])
def test_what_would_leave_in_quiet_hours_is_held(stage: Stage, late: int):
    # 09:00 UTC is 12:00 in Damascus.
    _at_pace(stage, quiet=QuietHours(start=time(12, late), end=time(13)))
    number = stage.add()

    stage.pass_time(minutes=late)
    stage.process().send()

    assert (stage.state(number), stage.post(number).guard) == (State.HELD, "pace")
    assert stage.reason(number) == (
        f"pace: 12:{late:02d} is in the quiet hours of invented_x (12:{late:02d}-13:00)"
    )


def test_a_person_lets_a_post_go_in_quiet_hours(stage: Stage):
    _at_pace(stage, quiet=QuietHours(start=time(12), end=time(13)))
    number = stage.add()
    process = stage.process()
    process.send()

    stage.operator("Huda").release(number)
    process.send()

    assert stage.state(number) is State.SENT
    (overruled,) = [entry for entry in stage.entries(number) if entry.event == "overruled"]
    assert (overruled.body["who"], overruled.body["guards"]) == ("Huda", "pace")


# -- several workers -------------------------------------------------------------------------------


def test_many_threads_never_exceed_the_cap(stage: Stage):
    _at_pace(stage, per_hour=3)
    _add(stage, 12)
    stage.pass_time(minutes=1)
    senders = [stage.process().sender for _ in range(4)]

    threads = [Thread(target=sender.drain, args=(ACCOUNT.name,)) for sender in senders for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(stage.network().requests) == 3
    assert sorted(stage.states().values()) == [State.READY] * 9 + [State.SENT] * 3


def _drain(url: str, folder: str, worker: str) -> None:
    db = Database(url)
    clock = FixedClock(NOW + timedelta(minutes=1))
    outlets = OpenOutlets({ACCOUNT.name: ScriptedPublisher()})
    sender = Sender(db, clock, outlets, worker=worker, pause_file=Path(folder) / "PAUSE")
    for _ in range(5):
        sender.drain(ACCOUNT.name)
    db.close()


def test_many_processes_never_exceed_the_cap(stage: Stage, url: str, tmp_path: Path):
    _at_pace(stage, per_day=3)
    _add(stage, 12)
    start: Callable[..., multiprocessing.context.SpawnProcess]
    start = multiprocessing.get_context("spawn").Process

    workers = [start(target=_drain, args=(url, str(tmp_path), f"worker-{n}")) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert sum(state is State.SENT for state in stage.states().values()) == 3


# -- rehearsing ------------------------------------------------------------------------------------


def test_a_rehearsal_shows_what_the_pace_would_hold_delay_and_miss(renderer: Renderer):
    account = replace(
        ACCOUNT, languages=("en",), pace=Pace(gap=QUARTER, quiet=QuietHours(start=time(19), end=time(20)))
    )
    moments = ["13:00", "13:10", "13:14", "19:00"]
    times = tuple(PostingTime(at=time.fromisoformat(moment)) for moment in moments)
    campaign = replace(
        CAMPAIGN, accounts=(account,), posting_times=times, languages_at_slot=LanguagesAtSlot.ALL
    )
    content = Content(campaigns=(campaign,), items=tuple(fact(f"fact-{n}") for n in range(9)))

    rehearsal = rehearse(
        content,
        db=None,
        start=NOW,
        end=NOW + timedelta(days=1),
        renderer=renderer,
        prices=lambda *_: 0,
    )

    assert [(f"{post.local_time:%H:%M}", post.state) for post in rehearsal.posts] == [
        ("13:00", State.READY),
        ("13:10", State.READY),
        ("13:14", State.MISSED),
        ("19:00", State.HELD),
    ]
    details = [guard.detail for post in rehearsal.posts for guard in post.guards if guard.name == "pace"]
    assert details == [
        "leaves 5 minutes late (invented_x leaves 15 minutes between two posts)",
        "its grace ends before it may leave (pace: invented_x leaves 15 minutes between two posts)",
        "19:00 is in the quiet hours of invented_x (19:00-20:00)",
    ]
