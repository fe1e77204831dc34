"""A person overrules a guard for one text at one moment, and only where a person may."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.core.campaign import Item, Kind, Wording
from bot.core.errors import NotAllowedError, UnconfirmedError
from bot.core.post import State
from bot.pipeline.outlets import Outlet
from bot.pipeline.send import Sender
from posting import ACCOUNT, CAMPAIGN, NOW, OpenOutlets, fact, receipt
from stage import Process, Stage


def _call(text: str) -> Item:
    return Item(campaign=CAMPAIGN.key, key="queued", kind=Kind.CALL, wordings={"en": Wording(text=text)})


def _twice(stage: Stage) -> int:
    """A post that says what was said an hour before it."""
    for hours in (1, 2):
        moment = NOW + timedelta(hours=hours)
        queued = stage.operator("Sami").queue(
            _call("Where are they?"), account=ACCOUNT.name, language="en", at=moment
        )
    return queued.post.id


def _send_both(stage: Stage) -> None:
    process = stage.process()
    for _ in range(2):
        stage.pass_time(hours=1)
        process.sender.drain(ACCOUNT.name)


def test_a_released_repeat_is_sent(stage: Stage):
    number = _twice(stage)

    released = stage.operator("Huda").release(number)
    _send_both(stage)

    assert (released.state, released.guard, released.overruled) == (State.READY, None, {"repeats"})
    assert stage.state(number) is State.SENT
    (entry,) = [entry for entry in stage.entries(number) if entry.event == "overruled"]
    assert entry.body["who"] == "Huda"
    assert entry.body["guards"] == "repeats"
    assert entry.body["digest"] == released.digest
    assert stage.log_problems() == []


def test_another_moment_needs_another_word(stage: Stage):
    number = _twice(stage)
    stage.operator().release(number)

    moved = stage.operator().move(number, to=NOW + timedelta(hours=3))

    assert (moved.state, moved.guard, moved.overruled) == (State.HELD, "repeats", frozenset())


def test_a_fact_past_its_day_is_not_released(stage: Stage):
    stale = fact("stale-fact", period=None, recheck_on=date(2026, 2, 1))
    stage.take_in(items=[stale])
    number = stage.add(item="stale-fact")
    stage.process().send()

    with pytest.raises(NotAllowedError) as refused:
        stage.operator().release(number)

    assert stage.post(number).guard == "period"
    assert str(refused.value) == (
        f"post {number} stays held; nobody can overrule period: was to be checked again by 2026-02-01 — "
        "check the fact again and give it a later recheck_on, then `campaign-bot sync`"
    )


def test_what_lacks_its_source_is_neither_released_nor_approved(stage: Stage):
    stage.take_in(replace(CAMPAIGN, approval=True), [fact()])
    number = stage.add(
        state=State.HELD, reason="source: none", guard="source", approval_needed=True, author="Sami"
    )

    with pytest.raises(NotAllowedError, match="nobody can overrule source: the text does not name"):
        stage.operator("Huda").approve(number)

    assert stage.state(number) is State.HELD


def test_an_approval_does_not_overrule(stage: Stage):
    stage.take_in(replace(CAMPAIGN, approval=True), [fact()])
    number = _twice(stage)
    huda = stage.operator("Huda")

    with pytest.raises(NotAllowedError, match="needs an approval"):
        huda.release(number)
    approved = huda.approve(number)
    assert approved.state is State.HELD
    released = huda.release(number)

    assert (approved.state, approved.guard) == (State.HELD, "repeats")
    assert released.state is State.READY


def test_an_approval_does_not_let_go_what_a_person_held(stage: Stage):
    stage.take_in(replace(CAMPAIGN, approval=True), [fact()])
    number = stage.add(approval_needed=True, author="Sami")
    stage.operator().hold(number, reason="until the family agrees")

    approved = stage.operator("Huda").approve(number)

    assert (approved.state, approved.reason, approved.guard) == (
        State.HELD,
        "until the family agrees",
        "person",
    )
    assert stage.operator("Huda").release(number).state is State.READY


class _OutletsThatSendAgain(OpenOutlets):
    send_again = True

    def of(self, account: str) -> Outlet | None:
        outlet = super().of(account)
        return None if outlet is None else replace(outlet, send_again=self.send_again)


def _process_that_sends_again(stage: Stage, *, send_again: bool = True) -> Process:
    outlets = _OutletsThatSendAgain(stage.outlets.publishers)
    outlets.send_again = send_again
    process = stage.process()
    process.sender = Sender(
        stage.db, stage.clock, outlets, worker=process.incarnation.id, pause_file=stage.pause_file
    )
    process.sweeper._sender, process.sweeper._outlets = process.sender, outlets
    return process


@pytest.mark.parametrize(
    ("send_again", "state", "requests"),
    [pytest.param(True, State.SENT, 2, id="asked for"), pytest.param(False, State.UNKNOWN, 1, id="left out")],
)
def test_only_an_account_that_asks_for_it_sends_again_by_itself(
    stage: Stage, send_again: bool, state: State, requests: int
):
    process = _process_that_sends_again(stage, send_again=send_again)
    number = stage.add()
    network = stage.network(UnconfirmedError("no answer"))
    process.send()

    for _ in range(3):
        stage.pass_time(minutes=4)
        process.sweep()
        process.send()

    assert stage.state(number) is state
    assert len(network.requests) == requests
    assert len({request.key for request in network.requests}) == requests
    assert len(network.looks) == 2


def test_beside_a_post_that_says_the_same_nothing_is_sent_again_by_itself(stage: Stage):
    process = _process_that_sends_again(stage)
    first = _twice(stage) - 1
    second = stage.operator().release(first + 1).id
    network = stage.network(receipt("11"), UnconfirmedError("403: the text is public already"))
    for _ in range(2):
        stage.pass_time(hours=1)
        process.send()

    for _ in range(3):
        stage.pass_time(minutes=4)
        process.sweep()
        process.send()

    assert (stage.state(first), stage.state(second)) == (State.SENT, State.UNKNOWN)
    assert f"beside post {first}" in stage.reason(second)
    assert len(network.requests) == 2
