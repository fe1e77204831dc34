"""A network that takes so much and no faster: the account waits between two requests, and it alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.errors import NotNowError, RejectedError, UnconfirmedError
from bot.core.post import State
from posting import ACCOUNT, SECOND_ACCOUNT, ScriptedPublisher
from stage import Stage

GAP = timedelta(seconds=3)


class Slow(ScriptedPublisher):
    """A network's edge that wants a gap."""

    gap = GAP


@pytest.fixture
def slow(stage: Stage) -> Slow:
    network = Slow()
    stage.outlets.publishers[ACCOUNT.name] = network
    return network


def _add(stage: Stage, count: int, account: str = ACCOUNT.name) -> list[int]:
    now = stage.clock.now()
    moments = [now - timedelta(seconds=count - number) for number in range(count)]
    return [stage.add(account=account, due_at=at, grace=timedelta(hours=1)) for at in moments]


def test_posts_that_are_due_together_leave_a_gap_apart_in_their_order(stage: Stage, slow: Slow):
    numbers = _add(stage, 3)
    process = stage.process()

    left = []
    for _ in range(9):
        left.append([sent.post.id for sent in process.sender.send_due()])
        stage.pass_time(seconds=1)

    first, second, third = numbers
    assert left == [[first], [], [], [second], [], [], [third], [], []]


def test_another_process_keeps_to_the_gap_too(stage: Stage, slow: Slow):
    _add(stage, 2)
    stage.process().sender.send_due()

    at_once = stage.process().sender.send_due()
    stage.pass_time(seconds=GAP.total_seconds())
    later = stage.process().sender.send_due()

    assert (len(at_once), len(later)) == (0, 1)


def test_a_gap_delays_no_other_account(stage: Stage, slow: Slow):
    _add(stage, 2)
    others = _add(stage, 5, SECOND_ACCOUNT.name)

    stage.process().sender.send_due()

    assert [stage.state(other) for other in others] == [State.SENT] * 5
    assert len(slow.requests) == 1


def test_the_parts_of_a_thread_are_a_gap_apart(stage: Stage, slow: Slow):
    number = stage.add(texts=("One.", "Two."), grace=timedelta(hours=1))
    process = stage.process()
    process.sender.send_due()

    before = (stage.state(number), stage.waits_until())
    stage.pass_time(seconds=GAP.total_seconds())
    process.sender.send_due()

    assert before == (State.READY, stage.clock.now())
    assert stage.state(number) is State.SENT


@pytest.mark.parametrize(
    ("answer", "waits"),
    [
        pytest.param(UnconfirmedError("silence"), GAP, id="what may have left counts"),
        pytest.param(RejectedError("no"), None, id="what was refused does not"),
        pytest.param(NotNowError("wait", until=None), timedelta(minutes=15), id="a longer wait stays"),
    ],
)
def test_the_gap_follows_what_may_be_public(stage: Stage, slow: Slow, answer: Exception, waits):
    _add(stage, 1)
    slow.then(answer)

    stage.process().sender.send_due()

    assert stage.waits_until() == (None if waits is None else stage.clock.now() + waits)


def test_a_network_without_a_gap_makes_nobody_wait(stage: Stage):
    numbers = _add(stage, 3)

    stage.process().sender.send_due()

    assert [stage.state(number) for number in numbers] == [State.SENT] * 3
    assert stage.waits_until() is None
