"""The bot pauses everything by itself: clocks that step or differ, a broken log, unknown posts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from bot.core.clock import FixedClock
from bot.core.errors import UnconfirmedError
from bot.core.post import State
from bot.pipeline.clock_watch import Reading, step_between
from bot.rendering.renderer import Renderer
from bot.store import pauses
from bot.store.database import Database
from bot.store.send_log import ChainCheck
from bot.store.tables import send_log, send_log_head
from posting import NOW, SECOND_ACCOUNT, force_state, receipt
from stage import Stage
from stepping import SteppedClock, watching

HOUR = timedelta(hours=1)


@pytest.fixture
def stage(db: Database, clock: FixedClock, tmp_path: Path, renderer: Renderer) -> Iterator[Stage]:
    """A stage whose clock can be set."""
    stage = Stage(db, SteppedClock(clock), data_dir=tmp_path, renderer=renderer)
    yield stage
    stage.close()


def _reasons(stage: Stage) -> list[str]:
    """The pauses in force, each of everything and by the bot."""
    with stage.db.read() as tx:
        active = pauses.active(tx)
    assert all((one.covers(), one.who) == ("everything", "campaign-bot") for one in active)
    return [one.reason for one in active]


def _paused_entries(stage: Stage) -> int:
    return sum(entry.event == "paused" for entry in stage.entries())


# -- clock steps -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wall", "monotonic", "step"),
    [
        pytest.param(10, 10, 0, id="time-passed"),
        pytest.param(36_000, 36_000, 0, id="a-laptop-slept"),
        pytest.param(3_610, 10, 3_600, id="forward"),
        pytest.param(-3_590, 10, -3_600, id="back"),
    ],
)
def test_a_step_is_what_the_wall_clock_went_by_itself(wall: int, monotonic: int, step: int):
    last = Reading(wall=NOW, monotonic=100)

    found = step_between(last, Reading(wall=NOW + timedelta(seconds=wall), monotonic=100 + monotonic))

    assert found == timedelta(seconds=step)


@pytest.mark.parametrize("step", [HOUR, timedelta(seconds=61), timedelta(days=1)], ids=str)
def test_what_became_due_by_a_step_of_the_clock_does_not_leave(stage: Stage, step: timedelta):
    number = stage.add(due_at=stage.clock.now() + timedelta(seconds=30))
    process, _ = watching(stage)

    stage.clock.step(step)
    sent = process.sender.send_due()
    process.sweep()

    assert sent == []
    assert stage.state(number) is State.READY
    seconds = step.total_seconds()
    assert [one.split(", to")[0] for one in _reasons(stage)] == [
        f"the clock of this machine stepped forward by {seconds:.0f} s"
    ]


def test_a_step_between_claim_and_intent_is_noticed_at_the_intent(stage: Stage):
    number = stage.add()
    process, _ = watching(stage)
    claimed = process.sender._claim("invented_x")
    stage.clock.step(HOUR)

    sent = process.sender._intend(claimed, stage.outlets.of("invented_x"))

    assert (sent.state, stage.state(number)) == (State.READY, State.READY)
    assert process.sender.send_due() == []
    assert len(_reasons(stage)) == 1


def test_a_step_back_pauses_too(stage: Stage):
    stage.add()
    process, _ = watching(stage)

    stage.clock.step(-HOUR)
    process.sweep()

    assert ["stepped back by 3600 s" in reason for reason in _reasons(stage)] == [True]


@pytest.mark.parametrize("seconds", [-60, -2, 2, 60])
def test_a_small_step_is_only_logged(stage: Stage, seconds: int, caplog: pytest.LogCaptureFixture):
    number = stage.add(due_at=stage.clock.now() - timedelta(minutes=2))
    process, _ = watching(stage)

    stage.clock.step(timedelta(seconds=seconds))
    process.sender.send_due()

    assert stage.state(number) is State.SENT
    assert _reasons(stage) == []
    assert "the clock of this machine stepped" in caplog.text


def test_time_that_passes_is_no_step(stage: Stage):
    number = stage.add(due_at=stage.clock.now() + 9 * HOUR)
    process, _ = watching(stage)

    stage.clock.advance(9 * HOUR)
    process.sender.send_due()

    assert stage.state(number) is State.SENT


def test_steps_while_one_pause_holds_are_one_row_and_one_entry(stage: Stage):
    process, _ = watching(stage)

    for step in (HOUR, -2 * HOUR, HOUR):
        stage.clock.step(step)
        process.sweep()

    assert (len(_reasons(stage)), _paused_entries(stage)) == (1, 1)


def test_another_step_after_a_person_resumed_pauses_again(stage: Stage):
    process, _ = watching(stage)
    stage.clock.step(HOUR)
    process.sweep()
    stage.resume()

    stage.clock.step(-HOUR)
    process.sweep()

    assert (len(_reasons(stage)), _paused_entries(stage)) == (1, 2)


def test_a_step_that_cannot_be_written_down_holds_this_process_until_it_is(stage: Stage, outage):
    number = stage.add()
    process, self_pause = watching(stage)
    stage.clock.step(timedelta(minutes=5))

    outage.start()
    held = self_pause.holds()
    outage.end()
    held_then = self_pause.holds()
    stage.clock.step(-timedelta(seconds=59))
    process.sender.send_due()

    assert (held, held_then) == (True, True)
    assert stage.state(number) is State.READY
    assert len(_reasons(stage)) == 1


def test_a_clock_that_stands_before_the_newest_entry_pauses_at_the_start(stage: Stage):
    stage.add()
    process, _ = watching(stage)
    process.sender.send_due()
    stage.clock.step(-HOUR)
    _, later = watching(stage)

    later.look_at_start()

    assert _reasons(stage) == [
        "the clock of this machine says 2026-03-01 08:00:00 UTC, 3600 s before the send log's newest entry: "
        "set it right, then `campaign-bot resume`"
    ]


# -- a network's clock -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        pytest.param(121, "121 s ahead of this machine's (account invented_x)", id="ahead"),
        pytest.param(-121, "121 s behind this machine's (account invented_x)", id="behind"),
    ],
)
def test_a_network_whose_clock_is_far_off_pauses_after_its_answer_is_recorded(
    stage: Stage, seconds: int, said: str
):
    first, second = stage.add(), stage.add(due_at=NOW - timedelta(minutes=1), language="ar")
    network = stage.network()

    def answer(request: object) -> object:
        network.clock_skew = timedelta(seconds=seconds)
        return receipt("7")

    network.then(answer)
    process, _ = watching(stage)
    process.sender.send_due()

    assert (stage.state(second), stage.state(first)) == (State.SENT, State.READY)
    assert said in _reasons(stage)[0]


@pytest.mark.parametrize("seconds", [-120, 0, 120, None])
def test_a_network_whose_clock_is_near_enough_pauses_nothing(stage: Stage, seconds: int | None):
    stage.add()
    stage.network().clock_skew = None if seconds is None else timedelta(seconds=seconds)
    process, _ = watching(stage)

    process.sender.send_due()

    assert _reasons(stage) == []


def test_a_look_that_shows_a_clock_far_off_pauses_too(stage: Stage):
    number = stage.add()
    network = stage.network(UnconfirmedError("silence"))
    process, _ = watching(stage)
    process.sender.send_due()
    stage.clock.advance(timedelta(minutes=4))
    network.found = [receipt("9")]
    network.clock_skew = timedelta(hours=1)

    process.sweep()

    assert stage.state(number) is State.SENT
    assert "the network's clock is 3600 s ahead" in _reasons(stage)[0]


# -- the send log ----------------------------------------------------------------------------------


def _log_of(stage: Stage, posts: int) -> None:
    for n in range(posts):
        stage.add(due_at=NOW - timedelta(minutes=n))
    process, _ = watching(stage)
    process.sender.send_due()


def test_a_log_that_holds_pauses_nothing(stage: Stage):
    _log_of(stage, 3)
    _, self_pause = watching(stage)

    self_pause.look_at_start()
    self_pause.check_log(attempts=True)

    assert _reasons(stage) == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param(update(send_log).where(send_log.c.seq == 3).values(body="{}"), "entry 3", id="changed"),
        pytest.param(delete(send_log).where(send_log.c.seq == 3), "entry 3", id="removed"),
        pytest.param(delete(send_log).where(send_log.c.seq > 4), "entries 5 to 6", id="cut-tail"),
    ],
)
def test_a_broken_chain_pauses_everything_and_names_the_place(stage: Stage, damage: object, said: str):
    _log_of(stage, 3)
    with stage.db.write() as tx:
        tx.execute(damage)
    _, self_pause = watching(stage)

    for _ in range(2):
        self_pause.check_log()

    (reason,) = _reasons(stage)
    assert reason.startswith(f"the send log's chain does not hold ({said}")
    assert _paused_entries(stage) == 1


def test_a_log_that_takes_no_entry_holds_this_process(stage: Stage):
    number = stage.add(due_at=NOW - timedelta(minutes=9))
    with stage.db.write() as tx:
        tx.execute(delete(send_log_head))
    process, self_pause = watching(stage)

    self_pause.check_log()

    assert process.sender.send_due() == []
    assert stage.state(number) is State.READY


def test_only_the_newest_entries_are_read(stage: Stage):
    _log_of(stage, 3)
    with stage.db.write() as tx:
        tx.execute(update(send_log).where(send_log.c.seq == 1).values(event="nonsense"))
    with stage.db.read() as tx:
        old, new = ChainCheck.of_newest(tx, 100), ChainCheck.of_newest(tx, 4)
        for check in (old, new):
            while check.read_page(tx, page=4):
                pass

    assert old.problems != []
    assert (new.problems, new.entries) == ([], 4)


# -- unknown posts ---------------------------------------------------------------------------------


def _unknown(stage: Stage, count: int) -> list[int]:
    made = []
    for n in range(count):
        account = ["invented_x", SECOND_ACCOUNT.name][n % 2]
        number = stage.add(account=account, due_at=stage.clock.now() - timedelta(seconds=n))
        with stage.db.write() as tx:
            force_state(tx, number, State.UNKNOWN, changed_at=stage.clock.now())
        made.append(number)
    return made


def test_three_posts_that_become_unknown_within_ten_minutes_pause_everything(stage: Stage):
    process, _ = watching(stage)
    _unknown(stage, 2)
    process.sweep()
    before = _reasons(stage)
    stage.clock.advance(timedelta(minutes=9))
    _unknown(stage, 1)

    for _ in range(2):
        process.sweep()

    assert before == []
    assert _reasons(stage) == [
        "posts became unknown: 1, 2, 3, within 10 minutes; see what the network shows, tell it with "
        "`campaign-bot resolve`, then `campaign-bot resume`"
    ]
    assert _paused_entries(stage) == 1


def test_unknown_posts_far_apart_pause_nothing(stage: Stage):
    process, _ = watching(stage)

    for _ in range(5):
        _unknown(stage, 1)
        process.sweep()
        stage.clock.advance(timedelta(minutes=6))

    assert _reasons(stage) == []


def test_unknown_posts_count_anew_after_a_person_resumed(stage: Stage):
    process, _ = watching(stage)
    _unknown(stage, 3)
    process.sweep()
    stage.clock.advance(timedelta(seconds=1))
    stage.resume()
    stage.clock.advance(timedelta(seconds=1))

    _unknown(stage, 2)
    process.sweep()
    after_two = _reasons(stage)
    stage.clock.advance(timedelta(seconds=1))
    _unknown(stage, 1)
    process.sweep()

    assert after_two == []
    assert len(_reasons(stage)) == 1
