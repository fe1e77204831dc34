"""The contract table: every fault of one request, on every network, on every road to it.

Where the post stands, and how often it is public. The rows are in `fault_rows.py` and in each network's stage
file. The network's own journal is the judge: whatever happens, no text is stored twice, a sent post is public
exactly once, and a post that is refused or waits is not public.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.media import PostPicture
from bot.core.post import State
from contract import EVERY_DAY_WITH_PICTURES, STAGES, every_row
from fault_rows import Before, Row, bringing
from network_stage import NetworkStage, on, words
from posting import ACCOUNT, CAMPAIGN, fact
from stage import Process

#: Nothing is missed here: `test_stale.py` is about that.
LONG = timedelta(days=30)
_PATIENT_CAMPAIGN = replace(CAMPAIGN, grace=LONG)


def _hold_against(
    stage: NetworkStage, row: Row, process: Process, post_id: int, *, text: str, before: Before
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
    expected_at_last = row.finally_if_public_before if was_public else row.finally_
    if before is Before.LOOKED_FOR and expected is State.REJECTED:
        # A look may have been shown an old page: a no to the repeat does not settle what became of the first.
        expected = expected_at_last = State.UNKNOWN
    assert at_once is expected
    assert row.says in reason or was_public
    assert (None if waits is None else _about(waits - met)) == expected_wait
    assert finally_ is expected_at_last
    assert len(stage.public(text)) == (1 if was_public else row.public)
    picture = stage.post(post_id).picture
    assert all(post.get("pictures", []) == stage.as_seen(picture) for post in stage.public(text))
    assert len(stage.paused()) - pauses == row.pauses
    assert not row.pauses or row.says in stage.paused()[-1]
    assert stage.state(post_id) is State.SENT or stage.reason(post_id) != "", "a person is told why"
    if finally_ is State.UNKNOWN and "whole reads" in stage.reason(post_id):
        assert stage.whole_looks() - looks >= 2
    _hold_promises(stage)


def _wait(stage: NetworkStage, row: Row, post_id: int) -> timedelta | None:
    """How long the account is to wait.

    A connection that is not made is tried again after a while that grows with the attempts.
    """
    if row.waits is None:
        may_be_public = row.at_once in (State.SENT, State.UNCONFIRMED)
        return stage.gap if may_be_public and stage.gap else None
    if row.door == "open" or row.brings_picture:
        return row.waits
    return row.waits * stage.post(post_id).attempts


def _about(wait: timedelta) -> timedelta:
    """X names whole seconds."""
    return timedelta(seconds=math.ceil(wait.total_seconds()))


def _hold_promises(stage: NetworkStage) -> None:
    assert stage.stored_twice() == []
    assert stage.log_problems() == []


def _go_through(
    stage: NetworkStage, process: Process, row: Row, before: Before, *, picture: PostPicture | None = None
) -> None:
    """One post goes that road and meets the fault; then the account is resumed, should it be paused."""
    # Three that become unknown within ten minutes pause everything: `test_self_pause.py` is about that.
    stage.pass_time(minutes=11)
    text = words(f"{row.id}, {before}")
    post_id = stage.add(texts=(text,), grace=LONG, picture=picture)
    stage.prepare(post_id, process, before)
    _hold_against(stage, row, process, post_id, text=text, before=before)
    stage.resume(account=ACCOUNT.name)
    if stage.state(post_id) is State.READY:
        # Nothing of it had left: it waited for the account.
        assert stage.come_to_rest(post_id, process) is State.SENT
        assert len(stage.public(text)) == 1


@pytest.mark.parametrize(("network", "row"), every_row(lambda stage: [*stage.requests, *stage.looks]))
def test_a_fault_leaves_the_post_where_it_belongs_and_public_at_most_once(
    network_stage: Callable[[str], NetworkStage], network: str, row: Row
):
    stage = network_stage(network)
    stage.take_in(on(stage.network, _PATIENT_CAMPAIGN), [fact()])
    process = stage.process()

    # A look is the same look, whatever came before it: each road in `make prove`.
    for before in stage.roads if row in stage.requests else stage.roads[:1]:
        _go_through(stage, process, row, before)


@pytest.mark.parametrize(
    ("network", "row"), every_row(lambda stage: stage.requests, every_day=EVERY_DAY_WITH_PICTURES)
)
def test_a_fault_of_a_post_with_a_picture_ends_as_without_and_its_picture_is_shown_with_it(
    network_stage: Callable[[str], NetworkStage], network: str, row: Row
):
    stage = network_stage(network)
    stage.take_in(on(stage.network, _PATIENT_CAMPAIGN), [fact()])
    process = stage.process()

    for before in stage.roads:
        # What strikes the next connection strikes the one that brings the picture, where one goes before.
        # It is there already after a request of the same moment; one that is sent again has another.
        is_there = before in (Before.NOT_SENT, Before.LOOKED_FOR)
        is_brought_first = stage.uploads and row.meets_whatever_comes and not is_there
        met = bringing(row) if is_brought_first else row
        picture = stage.album.add(f"{row.id}, {before}", warning=before is Before.NOTHING)
        _go_through(stage, process, met, before, picture=picture)


@pytest.mark.parametrize(
    ("network", "row"), every_row(lambda stage: stage.uploads, every_day=EVERY_DAY_WITH_PICTURES)
)
def test_a_fault_while_a_picture_is_brought_makes_nothing_public_and_loses_nothing(
    network_stage: Callable[[str], NetworkStage], network: str, row: Row
):
    stage = network_stage(network)
    stage.take_in(on(stage.network, _PATIENT_CAMPAIGN), [fact()])
    process = stage.process()

    _go_through(stage, process, row, Before.NOTHING, picture=stage.album.add(row.id, warning=True))


@pytest.mark.slow
@pytest.mark.parametrize("network", list(STAGES))
@pytest.mark.parametrize(
    ("kind", "seed"),
    [("postgresql" if seed % 2 else "sqlite", seed) for seed in range(20)],
    indirect=["kind"],
)
def test_an_account_that_met_every_fault_in_any_order_has_no_text_twice(
    network_stage_on_both: Callable[[str], NetworkStage], network: str, seed: int
):
    stage, dice = network_stage_on_both(network), random.Random(seed)
    stage.take_in(on(stage.network, _PATIENT_CAMPAIGN), [fact()])
    process = stage.process()

    rows = [*stage.requests, *stage.looks, *dice.sample(stage.uploads, k=len(stage.uploads) // 4)]
    for row in dice.sample(rows, k=len(rows)):
        if row.brings_picture:
            _go_through(stage, process, row, Before.NOTHING, picture=stage.album.add(row.id))
        else:
            _go_through(stage, process, row, dice.choice(list(stage.roads)))
