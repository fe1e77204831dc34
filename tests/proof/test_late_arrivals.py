"""Requests that X takes long after their answer was given up, and timelines that show a post late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.core.post import State
from bot.publishing.protocol import PublishRequest
from posting import ACCOUNT
from x_stage import SETTLE, STALE, XStage, words

LONG = timedelta(days=1)


@pytest.fixture
def lost(x_stage_on_both: XStage) -> Callable[[], tuple[int, str]]:
    """Lets a request end without an answer, and without a post."""

    def lose() -> tuple[int, str]:
        text = words("a request that is stuck on its way")
        post_id = x_stage_on_both.add(texts=(text,), grace=LONG)
        x_stage_on_both.faults({"kind": "drop", "when": "before"})
        x_stage_on_both.process().send()
        return post_id, text

    return lose


def _arrive(stage: XStage, text: str) -> str:
    """The request that was stuck on its way reaches X after all."""
    publisher = stage.outlets.publishers[ACCOUNT.name]
    return publisher.publish(PublishRequest(key="invented-key", text=text, language="en")).remote_id


def test_a_request_that_arrives_between_the_two_looks_is_found(x_stage_on_both: XStage, lost):
    stage = x_stage_on_both
    post_id, text = lost()
    process = stage.process()
    stage.pass_time(seconds=SETTLE.total_seconds())
    process.sweep()
    after_one_look = stage.state(post_id)

    remote_id = _arrive(stage, text)
    finally_ = stage.come_to_rest(post_id, process)

    assert (after_one_look, finally_) == (State.UNCONFIRMED, State.SENT)
    assert stage.remote_ids(post_id) == [remote_id]
    assert stage.stored_twice() == []


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="X-names-the-duplicate"),
        pytest.param({"kind": "drop", "when": "before"}, id="and-the-next-answer-is-lost-too"),
        pytest.param({"kind": "status", "status": 503, "when": "before"}, id="and-the-next-answer-is-503"),
    ],
)
def test_a_request_that_arrives_after_a_person_spoke_is_found_and_not_repeated(
    x_stage_on_both: XStage, lost, answer
):
    stage = x_stage_on_both
    post_id, text = lost()
    process = stage.process()
    assert stage.come_to_rest(post_id, process) is State.UNKNOWN

    remote_id = _arrive(stage, text)
    stage.pass_time(hours=2)
    stage.resolver().send_again(post_id)
    stage.faults(*([] if answer is None else [answer]))
    finally_ = stage.come_to_rest(post_id, process)

    assert finally_ is State.SENT
    assert stage.remote_ids(post_id) == [remote_id]
    assert len(stage.public(text)) == 1
    assert stage.log_problems() == []


def test_a_post_that_x_hides_each_time_is_never_there_twice_however_often_a_person_sends_it(
    x_stage_on_both: XStage,
):
    stage = x_stage_on_both
    text = words("a post that hides")
    post_id = stage.add(texts=(text,), grace=LONG)
    process = stage.process()
    stage.faults({"kind": "drop", "when": "after"})

    for _ in range(3):
        process.send()
        stage.faults(STALE, STALE)
        assert stage.come_to_rest(post_id, process) is State.UNKNOWN
        stage.resolver().send_again(post_id)

    assert len(stage.public(text)) == 1
    assert stage.come_to_rest(post_id, process) is State.SENT
    assert stage.stored_twice() == []
