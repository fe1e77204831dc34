"""A process that dies, freezes or loses its database: nothing is sent twice, nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import NotNowError, NotSentError, StoreError, UnconfirmedError
from bot.core.post import Receipt, State
from bot.pipeline.last_look import FIRST_BYTE_HOLDS
from bot.pipeline.outcome import Sent
from bot.pipeline.send import INTENT_HOLDS, LEASE
from bot.pipeline.sweep import LOOK_FOR_AT_MOST
from bot.pipeline.worker import Incarnation
from bot.publishing.protocol import PublishRequest
from bot.publishing.transport import Timeouts
from bot.store.workers import read_worker
from databases import Outage
from posting import ACCOUNT, LIKE_DRY_RUN, NOW, force_state, receipt
from stage import Process, Stage

SETTLE = timedelta(seconds=180)


class Killed(BaseException):
    """What a process does not survive."""


def _killed_while_sending(stage: Stage, *, after: Receipt | None = None) -> Process:
    """A process that dies inside the request; `after` is what the network has stored by then."""

    def die(request: object) -> Receipt:
        if after is not None:
            stage.network().found.append(after)
        raise Killed

    stage.network(die)
    process = stage.process()
    with pytest.raises(Killed):
        process.send()
    process.die()
    return process


def _claimed_only(stage: Stage) -> Process:
    process = stage.process()
    process.sender._claim(ACCOUNT.name)
    return process


# -- after the claim -----------------------------------------------------------------------------


def test_a_claim_of_a_dead_process_lapses_after_its_lease_and_the_post_is_sent_once(stage: Stage):
    number = stage.add()
    _claimed_only(stage).die()
    second = stage.process()

    stage.clock.advance(LEASE)
    second.sweep()
    early = (stage.state(number), second.send())
    stage.pass_time(seconds=1)
    second.sweep()
    second.send()

    assert early == (State.CLAIMED, None)
    assert stage.state(number) is State.SENT
    assert len(stage.network().requests) == 1


def test_a_claim_lapses_while_everything_is_paused(stage: Stage):
    number = stage.add()
    _claimed_only(stage).die()
    stage.pause()
    second = stage.process()

    stage.clock.advance(LEASE + timedelta(seconds=1))
    second.sweep()

    assert stage.state(number) is State.READY


def test_a_process_that_froze_after_its_claim_sends_nothing_when_it_wakes(stage: Stage):
    number = stage.add()
    frozen, second = stage.process(), stage.process()
    outlet = stage.outlets.of(ACCOUNT.name)
    assert outlet is not None
    claimed = frozen.sender._claim(ACCOUNT.name)
    stage.clock.advance(LEASE + timedelta(seconds=1))
    second.sweep()
    second.send()

    woken = frozen.sender._intend(claimed, outlet)

    assert woken is None
    assert stage.state(number) is State.SENT
    assert len(stage.network().requests) == 1


def test_a_process_that_froze_does_not_take_the_post_from_another_claim(stage: Stage):
    # The second process claimed it, too: same state, later epoch.
    stage.add()
    frozen, second = stage.process(), stage.process()
    outlet = stage.outlets.of(ACCOUNT.name)
    assert outlet is not None
    claimed = frozen.sender._claim(ACCOUNT.name)
    stage.clock.advance(LEASE + timedelta(seconds=1))
    second.sweep()
    again = second.sender._claim(ACCOUNT.name)

    assert frozen.sender._intend(claimed, outlet) is None
    assert second.sender._intend(again, outlet) is not None


# -- after the intent ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Killed(), id="killed-in-the-request"),
        pytest.param(SystemExit(1), id="exit-in-the-request"),
        pytest.param(KeyboardInterrupt(), id="interrupted-in-the-request"),
    ],
)
def test_a_post_of_a_dead_process_is_looked_for_and_never_sent_again(stage: Stage, answer):
    number = stage.add()
    network = stage.network(answer)
    first = stage.process()
    with pytest.raises(type(answer)):
        first.send()
    first.die()
    second = stage.process()

    second.sweep()
    judged = stage.state(number)
    second.sender.send_due()

    assert judged is State.UNCONFIRMED
    assert "died" in stage.reason(number)
    assert len(network.requests) == 1
    assert stage.log_problems() == []


def test_what_the_network_had_stored_is_found_and_the_post_is_sent(stage: Stage):
    number = stage.add()
    _killed_while_sending(stage, after=receipt("77"))
    second = stage.process()
    second.sweep()

    stage.clock.advance(SETTLE)
    second.sweep()

    assert (stage.state(number), stage.remote_ids(number)) == (State.SENT, ["77"])
    assert len(stage.network().requests) == 1
    assert stage.log_problems() == []


def test_what_the_network_does_not_have_waits_for_a_person_where_absence_proves_nothing(stage: Stage):
    number = stage.add(grace=timedelta(hours=1))
    _killed_while_sending(stage)
    second = stage.process()
    second.sweep()
    network = stage.network()

    stage.clock.advance(SETTLE)
    second.sweep()
    after_one = (stage.state(number), len(network.looks))
    stage.pass_time(seconds=59)
    second.sweep()
    too_soon = (stage.state(number), len(network.looks))
    stage.pass_time(seconds=1)
    second.sweep()
    second.sender.send_due()

    assert after_one == too_soon == (State.UNCONFIRMED, 1)
    assert (stage.state(number), len(network.looks)) == (State.UNKNOWN, 2)
    assert "do not show it" in stage.reason(number)
    assert len(network.requests) == 1
    assert stage.log_problems() == []


def test_what_certainly_never_left_goes_on_by_itself(stage: Stage):
    number = stage.add()
    stage.network().recovery = LIKE_DRY_RUN
    _killed_while_sending(stage)
    second = stage.process()

    second.sweep()
    second.send()

    assert stage.state(number) is State.SENT
    assert stage.post(number).epoch == 2
    assert stage.log_problems() == []


def test_a_network_that_cannot_be_read_is_asked_again_for_an_hour_then_a_person(stage: Stage):
    number = stage.add()
    _killed_while_sending(stage)
    second = stage.process()
    network = stage.network()
    network.found += [UnconfirmedError("the timeline cannot be read")] * 1000
    second.sweep()

    while stage.clock.now() - NOW <= LOOK_FOR_AT_MOST:
        state = stage.state(number)
        stage.pass_time(minutes=1)
        second.sweep()

    assert state is State.UNCONFIRMED
    assert stage.state(number) is State.UNKNOWN
    assert "cannot be read" in stage.reason(number)
    assert 50 < len(network.looks) < 65
    assert len(network.requests) == 1


def test_a_network_that_names_a_moment_is_looked_at_then(stage: Stage):
    stage.add()
    _killed_while_sending(stage)
    second = stage.process()
    network = stage.network()
    network.found.append(NotNowError("wait", until=NOW + timedelta(minutes=20)))
    second.sweep()
    stage.clock.advance(SETTLE)
    second.sweep()

    stage.clock.advance(timedelta(minutes=20) - SETTLE - timedelta(seconds=1))
    second.sweep()
    early = len(network.looks)
    stage.pass_time(seconds=1)
    second.sweep()

    assert (early, len(network.looks)) == (1, 2)


def test_looking_that_fails_in_a_way_nobody_foresaw_proves_nothing(stage: Stage):
    number = stage.add()
    _killed_while_sending(stage)
    second = stage.process()
    stage.network().found.append(ZeroDivisionError("what?"))
    second.sweep()

    stage.clock.advance(SETTLE)
    second.sweep()

    assert stage.state(number) is State.UNCONFIRMED
    assert stage.post(number).absent_reads == 0


def test_looking_goes_on_while_everything_is_paused(stage: Stage):
    number = stage.add()
    _killed_while_sending(stage, after=receipt())
    stage.pause()
    stage.pause_file.touch()
    second = stage.process()
    second.sweep()

    stage.clock.advance(SETTLE)
    second.sweep()

    assert stage.state(number) is State.SENT


def test_a_post_whose_account_is_gone_waits_for_a_person(stage: Stage):
    number = stage.add()
    _killed_while_sending(stage)
    del stage.outlets.publishers[ACCOUNT.name]
    second = stage.process()
    second.sweep()

    stage.pass_time(hours=1)
    second.sweep()

    assert stage.state(number) is State.UNKNOWN


def test_an_unconfirmed_post_never_becomes_missed(stage: Stage):
    number = stage.add()
    _killed_while_sending(stage)
    second = stage.process()
    second.sweep()

    with stage.db.write() as tx:
        force_state(tx, number, State.UNCONFIRMED, look_at=NOW + timedelta(days=2))
    stage.pass_time(days=1)
    second.sweep()

    assert stage.state(number) is State.UNCONFIRMED


# -- who is dead ---------------------------------------------------------------------------------


def test_a_living_process_is_never_judged_however_long_it_takes(stage: Stage):
    number = stage.add()
    second = stage.process()

    def slowly(request: object) -> Receipt:
        stage.pass_time(hours=5)
        second.sweep()
        assert stage.state(number) is State.SENDING
        return receipt()

    stage.network(slowly)
    first = stage.process()

    first.send()

    assert stage.state(number) is State.SENT


def test_a_process_does_not_judge_what_it_is_sending_itself(stage: Stage):
    number = stage.add()
    first = stage.process()

    def sweep_meanwhile(request: object) -> Receipt:
        stage.pass_time(hours=5)
        first.sweep()
        return receipt()

    stage.network(sweep_meanwhile)

    sent = first.send()

    assert sent is not None
    assert sent.state is State.SENT
    assert stage.state(number) is State.SENT


def test_a_process_judges_what_it_lost_itself(stage: Stage):
    number = stage.add()
    stage.network(Killed())
    first = stage.process()
    with pytest.raises(Killed):
        first.send()

    first.sweep()

    assert stage.state(number) is State.UNCONFIRMED
    assert "request" in stage.reason(number)


def test_a_process_on_another_host_is_never_judged(stage: Stage, tmp_path: Path):
    number = stage.add()
    _killed_while_sending(stage)
    elsewhere = Process(stage.db, stage.clock, stage.outlets, data_dir=tmp_path / "another-machine")

    elsewhere.sweep()
    elsewhere.die()

    assert stage.state(number) is State.SENDING


def test_a_lock_file_that_was_removed_proves_nothing(stage: Stage):
    number = stage.add()
    dead = _killed_while_sending(stage)
    (stage.data_dir / "locks" / f"{dead.incarnation.id}.lock").unlink()

    stage.process().sweep()

    assert stage.state(number) is State.SENDING


def test_a_late_outcome_changes_nothing(stage: Stage):
    # A network call that outlived every deadline, of a process that was declared dead by mistake.
    number = stage.add()
    network = stage.network()
    network.recovery = LIKE_DRY_RUN
    second = stage.process()
    late: list[Process] = []

    def outlive(request: object) -> Receipt:
        late[0].die()
        second.sweep()
        second.send()
        return receipt("late")

    network.then(outlive, receipt("first"))
    late.append(stage.process())

    late[0].send()
    late[0].sender.record_waiting()

    assert (stage.state(number), stage.remote_ids(number)) == (State.SENT, ["first"])
    assert stage.post(number).attempts == 2
    assert stage.log_problems() == []


def test_a_process_that_says_goodbye_needs_no_lock_file(stage: Stage):
    incarnation = Incarnation(stage.db, stage.clock, data_dir=stage.data_dir)
    with incarnation.alive():
        with stage.db.read() as tx:
            alive = read_worker(tx, incarnation.id)
        other = stage.process().incarnation
        assert alive is not None
        assert not other.is_dead(alive)
    with stage.db.read() as tx:
        ended = read_worker(tx, incarnation.id)

    assert ended is not None
    assert other.is_dead(ended)
    assert not (stage.data_dir / "locks" / f"{incarnation.id}.lock").exists()


_CHILD = """
import os, sys
from pathlib import Path
from bot.core.clock import FixedClock
from bot.pipeline.send import Sender
from bot.pipeline.worker import Incarnation
from bot.store.database import Database
from posting import ACCOUNT, NOW, OpenOutlets, ScriptedPublisher
url, data_dir = sys.argv[1], Path(sys.argv[2])
db, clock = Database(url), FixedClock(NOW)
network = ScriptedPublisher(lambda request: os._exit(9))
incarnation = Incarnation(db, clock, data_dir=data_dir)
with incarnation.alive():
    outlets = OpenOutlets({ACCOUNT.name: network})
    sender = Sender(db, clock, outlets, worker=incarnation.id, pause_file=data_dir / "PAUSE")
    sender.send_next(ACCOUNT.name)
"""


def test_a_real_process_that_dies_in_the_request_is_certainly_dead(stage: Stage, url):
    number = stage.add()
    support = str(Path(__file__).parents[1] / "support")

    child = subprocess.run(
        [sys.executable, "-c", _CHILD, url, str(stage.data_dir)], env={"PYTHONPATH": support}, check=False
    )

    assert child.returncode == 9
    assert stage.state(number) is State.SENDING
    stage.process().sweep()
    assert stage.state(number) is State.UNCONFIRMED


# -- between intent and request ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held_up", "leaves"),
    [
        pytest.param(INTENT_HOLDS, True, id="just-in-time"),
        pytest.param(INTENT_HOLDS + timedelta(milliseconds=1), False, id="too-late"),
        pytest.param(timedelta(hours=8), False, id="slept-all-night"),
    ],
)
def test_a_process_held_up_between_intent_and_request_sends_nothing(stage: Stage, held_up, leaves):
    number = stage.add(grace=timedelta(days=1))
    sender = stage.process().sender
    outlet = stage.outlets.of(ACCOUNT.name)
    assert outlet is not None
    claimed = sender._claim(ACCOUNT.name)
    attempt, request = sender._intend(claimed, outlet)
    stage.clock.advance(held_up)

    sender._record(claimed, attempt, sender._request(outlet, attempt, request), outlet)

    assert len(stage.network().requests) == (1 if leaves else 0)
    assert stage.state(number) is (State.SENT if leaves else State.READY)


@pytest.mark.parametrize(
    ("takes", "leaves"),
    [
        pytest.param(INTENT_HOLDS + timedelta(seconds=1), True, id="slow-network"),
        pytest.param(FIRST_BYTE_HOLDS, True, id="just-in-time"),
        pytest.param(FIRST_BYTE_HOLDS + timedelta(milliseconds=1), False, id="too-late"),
        pytest.param(timedelta(hours=8), False, id="slept-all-night"),
    ],
)
def test_a_connection_that_takes_too_long_sends_nothing(stage: Stage, takes, leaves):
    number = stage.add(grace=timedelta(days=1))

    def connect_slowly(request: PublishRequest) -> Receipt:
        stage.clock.advance(takes)
        if not request.may_leave():
            raise NotSentError("held back")
        return receipt()

    stage.network(connect_slowly)
    stage.process().send()

    assert stage.state(number) is (State.SENT if leaves else State.READY)
    assert leaves or "held up before the first byte: nothing was sent" in stage.reason(number)


def test_the_first_byte_may_wait_for_a_connection_and_for_tls():
    assert INTENT_HOLDS + 2 * timedelta(seconds=Timeouts().connect) == FIRST_BYTE_HOLDS


# -- a database that goes away -------------------------------------------------------------------


def _sent_without_database(stage: Stage, process: Process, outage: Outage) -> Sent | None:
    """Send a post whose receipt arrives when the database has gone away."""

    def take_it_away(request: object) -> Receipt:
        outage.start()
        return receipt("77")

    stage.network(take_it_away)
    return process.send()


def test_an_outcome_that_cannot_be_written_is_kept_and_written_later(stage: Stage, outage: Outage):
    number = stage.add()
    process = stage.process()
    sent = _sent_without_database(stage, process, outage)
    still_waiting = process.sender.record_waiting()
    outage.end()

    process.sweep()

    assert sent is not None
    assert (sent.state, still_waiting) == (State.SENDING, 1)
    assert (stage.state(number), stage.remote_ids(number)) == (State.SENT, ["77"])
    assert process.sender.record_waiting() == 0
    assert len(stage.network().requests) == 1


def test_an_outcome_that_is_kept_is_not_judged_meanwhile(stage: Stage, outage: Outage):
    number = stage.add()
    process = stage.process()
    _sent_without_database(stage, process, outage)
    outage.end()

    held = process.sender.holds(number)
    stage.process().sweep()

    assert held
    assert stage.state(number) is State.SENDING


def test_an_outcome_that_is_kept_is_written_though_its_account_is_gone(stage: Stage, outage: Outage):
    number = stage.add()
    process = stage.process()
    _sent_without_database(stage, process, outage)
    outage.end()
    del stage.outlets.publishers[ACCOUNT.name]

    process.sweep()

    assert (stage.state(number), stage.remote_ids(number)) == (State.SENT, ["77"])


def test_an_outcome_that_came_too_late_is_let_go(stage: Stage, outage: Outage):
    number = stage.add()
    process = stage.process()
    _sent_without_database(stage, process, outage)
    outage.end()
    with stage.db.write() as tx:
        force_state(tx, number, State.UNKNOWN)

    left = process.sender.record_waiting()

    assert left == 0
    assert stage.state(number) is State.UNKNOWN


def test_a_database_that_goes_away_before_the_intent_lets_nothing_leave(stage: Stage, outage: Outage):
    number = stage.add()
    process = stage.process()
    outlet = stage.outlets.of(ACCOUNT.name)
    assert outlet is not None
    claimed = process.sender._claim(ACCOUNT.name)
    outage.start()

    with pytest.raises(StoreError):
        process.sender._intend(claimed, outlet)

    outage.end()
    assert stage.network().requests == []
    stage.clock.advance(LEASE + timedelta(seconds=1))
    process.sweep()
    process.send()
    assert stage.state(number) is State.SENT


# -- what a look proves --------------------------------------------------------------------------


def test_what_was_tried_live_is_not_judged_in_dry_run(stage: Stage):
    # The dry-run publisher would call it absent, and it would leave twice.
    number = stage.add(grace=timedelta(days=1))
    _killed_while_sending(stage, after=receipt("77"))
    second = stage.process()
    stage.outlets.mode = "dry-run"
    stage.network().recovery = LIKE_DRY_RUN
    for _ in range(3):
        second.sweep()
        second.sender.send_due()
        stage.clock.advance(SETTLE)
    in_dry_run = (stage.state(number), len(stage.network().looks), len(stage.network().requests))

    stage.outlets.mode = "live"
    second.sweep()

    assert in_dry_run == (State.UNCONFIRMED, 0, 1)
    assert (stage.state(number), stage.remote_ids(number)) == (State.SENT, ["77"])


def test_what_was_tried_in_dry_run_goes_on_live(stage: Stage):
    number = stage.add(grace=timedelta(days=1))
    stage.outlets.mode = "dry-run"
    _killed_while_sending(stage)
    stage.outlets.mode = "live"
    second = stage.process()
    second.sweep()

    stage.clock.advance(SETTLE)
    second.sweep()
    second.send()

    assert stage.network().looks == []
    assert stage.state(number) is State.SENT
    attempt = stage.attempt(number)
    assert attempt is not None
    assert (attempt.mode, attempt.number) == ("live", 2)
    assert stage.log_problems() == []


def test_another_post_of_the_same_text_is_no_proof(stage: Stage):
    # X refuses a repeated text, and then shows the post that had it first.
    first = stage.add(due_at=NOW - timedelta(minutes=1))
    second = stage.add()
    network = stage.network(receipt("77"), UnconfirmedError("duplicate"))
    network.found += [receipt("77")] * 2
    process = stage.process()
    process.sender.send_due()

    for _ in range(2):
        stage.clock.advance(SETTLE)
        process.sweep()

    assert (stage.state(first), stage.state(second)) == (State.SENT, State.UNKNOWN)
    assert stage.remote_ids(second) == [None]


def test_an_absurd_moment_does_not_keep_a_post_from_a_persons_eyes(stage: Stage):
    number = stage.add()
    _killed_while_sending(stage)
    second = stage.process()
    stage.network().found += [NotNowError("wait\0", until=NOW + timedelta(days=4000))] * 3
    second.sweep()

    for _ in range(3):
        stage.pass_time(hours=1)
        second.sweep()

    assert (stage.state(number), stage.reason(number)) == (State.UNKNOWN, "wait")
