"""One database, run live and in dry-run in turn: neither mode judges what the other one tried."""

from __future__ import annotations

from datetime import timedelta

from bot.core.errors import UnconfirmedError
from bot.core.post import State
from posting import LIKE_DRY_RUN, receipt
from stage import Stage

LONG = timedelta(minutes=10)


def test_dry_run_does_not_call_absent_what_was_tried_live(stage: Stage):
    number = stage.add(grace=timedelta(hours=1))
    stage.network(UnconfirmedError("no answer"))
    process = stage.process()
    process.send()
    stage.network().recovery = LIKE_DRY_RUN
    stage.outlets.mode = "dry-run"

    stage.clock.advance(LONG)
    process.sweep()

    assert stage.state(number) is State.UNCONFIRMED
    assert stage.network().looks == []


def test_what_was_tried_in_dry_run_goes_on_live_without_a_look(stage: Stage):
    number = stage.add(grace=timedelta(hours=1))
    stage.outlets.mode = "dry-run"
    stage.network(UnconfirmedError("an invented failure"))
    process = stage.process()
    process.send()
    stage.outlets.mode = "live"

    stage.clock.advance(LONG)
    process.sweep()

    assert stage.state(number) is State.READY
    assert stage.network().looks == []


def test_a_public_post_of_the_same_text_is_no_proof_of_another(stage: Stage):
    first = stage.add()
    process = stage.process()
    process.send()
    stage.pass_time(seconds=1)
    second = stage.add(grace=timedelta(hours=1))
    network = stage.network(UnconfirmedError("403: duplicate content"))
    process.send()
    published = receipt(stage.remote_ids(first)[0])
    network.found += [published, published]

    for _ in range(2):
        stage.clock.advance(LONG)
        process.sweep()

    assert stage.state(first) is State.SENT
    assert stage.state(second) is State.UNKNOWN
    assert stage.log_problems() == []
