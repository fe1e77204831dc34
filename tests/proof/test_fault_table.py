"""Every fault of one request to X, on every road to it: where the post stands, and how often it is public.

The rows are in `fault_rows.py`. X's own journal is the judge: whatever happens, no text is stored twice, a
sent post is public exactly once, and a post that is refused or waits is not public.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

import pytest
from _pytest.mark import ParameterSet

from bot.core.post import State
from fault_rows import LOOKS, REQUESTS, STALE, Row
from posting import ACCOUNT, CAMPAIGN, fact
from stage import Process
from x_stage import XStage, words

#: Nothing is missed here: `test_stale.py` is about that.
LONG = timedelta(days=30)
_PATIENT_CAMPAIGN = replace(CAMPAIGN, grace=LONG)


class Before(StrEnum):
    """What the post went through before the request that meets the fault."""

    NOTHING = "first"
    #: Its first request never got there, its second was one too many.
    NOT_SENT = "repeat"
    #: A person said, rightly, that an earlier request left nothing behind.
    SENT_AGAIN = "sent-again"
    #: A person said so, and was wrong: X's timeline had not shown it yet.
    SENT_AGAIN_WRONGLY = "sent-again-wrongly"


def _prepare(stage: XStage, post_id: int, process: Process, before: Before) -> None:
    match before:
        case Before.NOT_SENT:
            stage.open_door("closed")
            process.send()
            stage.open_door()
            stage.pass_time(seconds=30)
            stage.faults({"kind": "status", "status": 429, "headers": {"x-rate-limit-reset": "+60"}})
            process.send()
            stage.pass_time(minutes=15)
            assert stage.state(post_id) is State.READY
        case Before.SENT_AGAIN | Before.SENT_AGAIN_WRONGLY:
            is_there = before is Before.SENT_AGAIN_WRONGLY
            stage.faults({"kind": "drop", "when": "after" if is_there else "before"})
            process.send()
            stage.faults(STALE, STALE)
            assert stage.come_to_rest(post_id, process) is State.UNKNOWN
            stage.resolver().send_again(post_id)


def _hold_against(
    stage: XStage, row: Row, process: Process, post_id: int, *, text: str, before: Before
) -> None:
    """Let the post's next request meet the row's fault; then look at all that came of it."""
    was_public = before is Before.SENT_AGAIN_WRONGLY
    pauses, looks = len(stage.paused()), stage.whole_looks()

    stage.meet(row, process)
    at_once, reason, waits = stage.state(post_id), stage.reason(post_id), stage.waits_until()
    if waits is not None and waits <= stage.clock.now():
        waits = None
    if at_once is State.UNCONFIRMED:
        stage.faults(*row.lies)
    met, expected_wait = stage.clock.now(), _wait(stage, row, post_id)
    finally_ = stage.come_to_rest(post_id, process)

    # X refuses a text that it has: nothing that it would have taken can be sent there again.
    expected = State.UNCONFIRMED if was_public and row.at_once is State.SENT else row.at_once
    assert at_once is expected
    assert row.says in reason or was_public
    assert (None if waits is None else _about(waits - met)) == expected_wait
    assert finally_ is (row.finally_if_public_before if was_public else row.finally_)
    assert len(stage.public(text)) == (1 if was_public else row.public)
    assert len(stage.paused()) - pauses == row.pauses
    assert not row.pauses or row.says in stage.paused()[-1]
    assert stage.state(post_id) is State.SENT or stage.reason(post_id) != "", "a person is told why"
    if finally_ is State.UNKNOWN and "whole reads" in stage.reason(post_id):
        assert stage.whole_looks() - looks >= 2
    _hold_promises(stage)


def _wait(stage: XStage, row: Row, post_id: int) -> timedelta | None:
    """A connection that is not made is tried again after a while that grows with the attempts."""
    return row.waits if row.door == "x" or row.waits is None else row.waits * stage.post(post_id).attempts


def _about(wait: timedelta) -> timedelta:
    """X names whole seconds."""
    return timedelta(seconds=round(wait.total_seconds() + 0.5))


def _hold_promises(stage: XStage) -> None:
    assert stage.stored_twice() == []
    assert stage.log_problems() == []


def _go_through(stage: XStage, process: Process, row: Row, before: Before) -> None:
    """One post goes that road and meets the fault; then the account is resumed, should it be paused."""
    stage.pass_time(minutes=1)
    text = words(f"{row.id}, {before}")
    post_id = stage.add(texts=(text,), grace=LONG)
    _prepare(stage, post_id, process, before)
    _hold_against(stage, row, process, post_id, text=text, before=before)
    stage.resume(account=ACCOUNT.name)


def _every(rows: Sequence[Row]) -> list[ParameterSet]:
    return [pytest.param(row, id=row.id) for row in rows]


@pytest.mark.parametrize("row", _every([*REQUESTS, *LOOKS]))
def test_a_fault_leaves_the_post_where_it_belongs_and_public_at_most_once(x_stage: XStage, row: Row):
    x_stage.take_in(_PATIENT_CAMPAIGN, [fact()])
    process = x_stage.process()

    # A look is the same look, whatever came before it: each road in `make prove`.
    for before in Before if row in REQUESTS else list(Before)[:1]:
        _go_through(x_stage, process, row, before)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "seed"),
    [("postgresql" if seed % 2 else "sqlite", seed) for seed in range(20)],
    indirect=["kind"],
)
def test_an_account_that_met_every_fault_in_any_order_has_no_text_twice(x_stage_on_both: XStage, seed: int):
    stage, dice = x_stage_on_both, random.Random(seed)
    stage.take_in(_PATIENT_CAMPAIGN, [fact()])
    process = stage.process()

    for row in dice.sample([*REQUESTS, *LOOKS], k=len(REQUESTS) + len(LOOKS)):
        _go_through(stage, process, row, dice.choice(list(Before)))
