"""A clock that is set back: what has left does not leave again when its moment comes once more."""

from __future__ import annotations

from datetime import timedelta

from bot.core.post import State
from posting import NOW
from stage import Stage

TEN_MINUTES = timedelta(minutes=10)


def test_a_clock_that_steps_back_fires_nothing_again(stage: Stage):
    first = stage.add(texts=("One.",))
    process = stage.process()
    process.sender.send_due()
    stage.clock.advance(-TEN_MINUTES)
    second = stage.add(texts=("Two.",))
    process.sender.send_due()

    for _ in range(3):
        stage.clock.advance(TEN_MINUTES)
        process.sweep()
        process.sender.send_due()

    assert stage.clock.now() > NOW
    assert (stage.state(first), stage.state(second)) == (State.SENT, State.SENT)
    assert [request.text for request in stage.network().requests] == ["One.", "Two."]
