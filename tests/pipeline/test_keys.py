"""The key of a request: kept for its repeats where the network knows keys, and for no longer than it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.errors import AccountError, NotSentError, RejectedError, UnconfirmedError
from bot.core.post import State
from bot.publishing.protocol import Recovery
from bot.store import pauses, posts
from posting import NOW, receipt
from stage import Process, Stage

#: As on Mastodon: one whole read, and a repeat under the same key.
KNOWS_KEYS = Recovery(
    settle=timedelta(minutes=5),
    absent_reads=1,
    apart=timedelta(minutes=1),
    absent_means=State.READY,
    repeat_within=timedelta(minutes=50),
)
LONG = timedelta(days=1)


def _lose_and_look(stage: Stage, process: Process) -> None:
    """One request whose answer is lost, and the look that does not show it."""
    process.send()
    stage.clock.advance(KNOWS_KEYS.settle)
    process.sweep()


def test_what_is_absent_leaves_again_under_the_key_of_the_first_request(stage: Stage):
    number = stage.add(grace=LONG)
    network = stage.network(UnconfirmedError("silence"), UnconfirmedError("silence"), receipt("71"))
    network.recovery = KNOWS_KEYS
    process = stage.process()

    _lose_and_look(stage, process)
    _lose_and_look(stage, process)
    process.send()

    assert stage.state(number) is State.SENT
    assert len({request.key for request in network.requests}) == 1
    assert len(network.requests) == 3
    assert stage.log_problems() == []


def test_a_request_that_never_got_there_has_the_same_key(stage: Stage):
    stage.add(grace=LONG)
    network = stage.network(NotSentError("no route"), receipt("71"))
    network.recovery = KNOWS_KEYS
    process = stage.process()

    process.send()
    stage.pass_time(minutes=1)
    process.send()

    first, second = network.requests
    assert first.key == second.key


@pytest.mark.parametrize(
    ("lost", "after"),
    [
        pytest.param(UnconfirmedError("silence"), State.UNKNOWN, id="lost, and one look was shown nothing"),
        pytest.param(NotSentError("no route"), State.REJECTED, id="never got there"),
    ],
)
@pytest.mark.parametrize("refusal", [RejectedError("no such thing"), AccountError("who are you")])
def test_a_refusal_after_a_request_that_was_lost_waits_for_a_person(stage: Stage, refusal, lost, after):
    number = stage.add(grace=LONG)
    network = stage.network(lost, refusal)
    network.recovery = KNOWS_KEYS
    process = stage.process()

    _lose_and_look(stage, process)
    process.send()

    assert len(network.requests) == 2
    assert stage.state(number) is after
    with stage.db.read() as tx:
        assert len(pauses.active(tx)) == isinstance(refusal, AccountError)
    assert stage.log_problems() == []


@pytest.mark.parametrize(
    ("other", "is_repeat"),
    [
        pytest.param(lambda picture: picture, True, id="the same"),
        pytest.param(lambda picture: replace(picture, alt="Other words"), False, id="other words for it"),
        pytest.param(lambda picture: None, False, id="none"),
    ],
)
def test_only_a_request_for_the_same_picture_has_the_same_key(stage: Stage, other, is_repeat):
    picture = stage.album.add("drawing")
    number = stage.add(grace=LONG, picture=picture)
    network = stage.network(NotSentError("no route"), receipt("71"))
    network.recovery = KNOWS_KEYS
    process = stage.process()
    process.send()
    with stage.db.write() as tx:
        post = posts.read_post(tx, number)
        new = stage.ready_post(grace=LONG, picture=other(picture), due_at=post.due_at)
        posts.rewrite(tx, post, new, state=State.READY, reason="", guard=None, now=stage.clock.now())

    stage.pass_time(minutes=1)
    process.send()

    first, second = network.requests
    assert (first.key == second.key) is is_repeat


def test_each_part_of_a_thread_has_a_key_of_its_own(stage: Stage):
    stage.add(texts=("One.", "One."), grace=LONG)
    network = stage.network(receipt("71"), UnconfirmedError("silence"), receipt("72"))
    network.recovery = KNOWS_KEYS
    process = stage.process()

    process.send()
    _lose_and_look(stage, process)
    process.send()

    first, second, repeat = network.requests
    assert first.key != second.key
    assert second.key == repeat.key


def test_a_network_without_keys_is_given_a_new_one_each_time(stage: Stage):
    stage.add(grace=LONG)
    network = stage.network(NotSentError("no route"), receipt("71"))
    process = stage.process()

    process.send()
    stage.pass_time(minutes=1)
    process.send()

    first, second = network.requests
    assert first.key != second.key


def test_what_a_person_has_sent_again_has_a_new_key(stage: Stage):
    number = stage.add(grace=LONG)
    lost = [UnconfirmedError("silence"), receipt("71")]
    network = stage.network(*lost)
    network.recovery = replace(KNOWS_KEYS, absent_means=State.UNKNOWN)
    process = stage.process()
    _lose_and_look(stage, process)

    stage.resolver().send_again(number)
    process.send()

    first, second = network.requests
    assert stage.state(number) is State.SENT
    assert first.key != second.key


def test_what_is_absent_when_its_key_may_be_forgotten_waits_for_a_person(stage: Stage):
    number = stage.add(grace=LONG)
    network = stage.network(UnconfirmedError("silence"))
    network.recovery = KNOWS_KEYS
    process = stage.process()
    process.send()

    stage.clock.advance(timedelta(minutes=50))
    process.sweep()

    assert stage.state(number) is State.UNKNOWN
    assert stage.reason(number) == (
        "a whole read of x does not show it, and it is too late to repeat it under its key"
    )


@pytest.mark.parametrize(
    ("minutes", "state"),
    [pytest.param(49, State.SENT, id="in time"), pytest.param(51, State.UNKNOWN, id="too late")],
)
def test_what_is_absent_and_then_held_up_leaves_only_while_its_key_is_known(stage: Stage, minutes, state):
    # Paused meanwhile: its campaign would let it be late by a day.
    number = stage.add(grace=LONG)
    network = stage.network(UnconfirmedError("silence"), receipt("71"))
    network.recovery = KNOWS_KEYS
    process = stage.process()
    _lose_and_look(stage, process)
    stage.pause()

    stage.clock.advance(NOW + timedelta(minutes=minutes) - stage.clock.now())
    stage.resume()
    process.sweep()
    process.send()

    assert stage.state(number) is state
    assert len(network.requests) == (2 if state is State.SENT else 1)


def test_a_request_says_which_part_of_which_post_it_is_and_when_that_was_due(stage: Stage):
    due_at = datetime(2026, 3, 1, 8, 59, tzinfo=UTC)
    number = stage.add(due_at=due_at, texts=("One.", "Two."))
    network = stage.network(receipt("71"), UnconfirmedError("silence"))
    process = stage.process()
    process.send()
    process.send()
    stage.clock.advance(timedelta(minutes=5))
    process.sweep()

    asked = [*network.requests, *network.looks]
    assert [(one.post, one.part, one.moment) for one in asked] == [
        (number, 1, due_at),
        (number, 2, due_at),
        (number, 2, due_at),
    ]
