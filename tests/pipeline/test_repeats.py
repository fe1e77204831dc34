"""An account says nothing twice within thirty days, unless its rotation was told to or a person insists."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from bot.core.campaign import Item, Kind, Wording
from bot.core.post import Mode, SlotKind, State
from bot.pipeline.operate import Operator
from posting import ACCOUNT, CAMPAIGN, NOW, SECOND_ACCOUNT, fact, force_state, put_post, slot_at
from stage import Stage

DAY = timedelta(days=1)
SAYS = "f" * 64


def _call(text: str) -> Item:
    return Item(campaign=CAMPAIGN.key, key="queued", kind=Kind.CALL, wordings={"en": Wording(text=text)})


def _queue(stage: Stage, text: str, *, days: float, account: str = ACCOUNT.name):
    queued = stage.operator().queue(_call(text), account=account, language="en", at=NOW + days * DAY)
    return queued.post


def test_the_same_text_queued_twice_holds_the_second_and_names_the_first(stage: Stage):
    first = _queue(stage, "Where are they?", days=1)

    second = _queue(stage, "WHERE are  they", days=3)

    assert first.state is State.READY
    assert (second.state, second.guard) == (State.HELD, "repeats")
    assert second.reason == (
        f"repeats: says the same as post {first.id}, which waits for 2026-03-02 on invented_x"
    )


@pytest.mark.parametrize(
    ("text", "days", "account"),
    [
        pytest.param("Where are 35 of them?", 3, ACCOUNT.name, id="another figure"),
        pytest.param("Where are 53 of them?", 32, ACCOUNT.name, id="after thirty days"),
        pytest.param("Where are 53 of them?", 3, SECOND_ACCOUNT.name, id="another account"),
        pytest.param("Where are 53 of them?", 0.5, ACCOUNT.name, id="before it"),
    ],
)
def test_what_is_no_repeat_is_ready(stage: Stage, text: str, days: float, account: str):
    first = stage.operator().queue(
        _with_number("Where are 53 of them?"), account=ACCOUNT.name, language="en", at=NOW + DAY
    )

    second = stage.operator().queue(_with_number(text), account=account, language="en", at=NOW + days * DAY)

    assert (first.post.state, second.post.state) == (State.READY, State.READY)


def _with_number(text: str) -> Item:
    number = "35" if "35" in text else "53"
    return Item(
        campaign=CAMPAIGN.key,
        key="queued",
        kind=Kind.CALL,
        wordings={"en": Wording(text=text)},
        plain_numbers=(number,),
    )


def test_two_people_at_once_cannot_both_pass(stage: Stage):
    ready = threading.Barrier(4)
    posts = []

    def queue(hours: int) -> None:
        ready.wait()
        posts.append(_queue(stage, "Where are they?", days=1 + hours / 24))

    threads = [threading.Thread(target=queue, args=(hours,)) for hours in (1, 1, 1, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(post.state for post in posts) == [State.HELD] * 3 + [State.READY]


def test_what_was_said_meanwhile_is_held_at_the_intent(stage: Stage):
    late = _queue(stage, "Where are they?", days=2)
    early = _queue(stage, "Where are they?", days=1)

    stage.pass_time(days=1)
    stage.process().send()
    stage.pass_time(days=1)
    stage.process().send()

    assert stage.state(early.id) is State.SENT
    assert stage.state(late.id) is State.HELD
    assert (
        stage.reason(late.id) == f"repeats: says the same as post {early.id}, sent 2026-03-02 on invented_x"
    )
    assert len(stage.network().requests) == 1


@pytest.mark.parametrize("state", [State.SENDING, State.UNCONFIRMED, State.UNKNOWN])
def test_what_may_be_public_counts_as_said(stage: Stage, state: State):
    first = _queue(stage, "Where are they?", days=1)
    with stage.db.write() as tx:
        force_state(tx, first.id, state)

    second = _queue(stage, "Where are they?", days=2)

    assert "which may be public since 2026-03-02" in second.reason


def test_the_rotation_repeats_its_item_and_no_other(stage: Stage):
    stage.take_in(items=[fact("other-fact")])
    stage.add(fingerprint=SAYS)
    stage.process().send()
    stage.pass_time(hours=36)

    same = stage.add(fingerprint=SAYS)
    stage.process().send()
    stage.pass_time(hours=1)
    other = stage.add(fingerprint=SAYS, item="other-fact")
    stage.process().send()

    assert stage.state(same) is State.SENT
    assert (stage.state(other), stage.post(other).guard) == (State.HELD, "repeats")


def test_a_queued_item_of_the_rotation_is_held(stage: Stage):
    stage.add(fingerprint=SAYS)
    stage.process().send()
    stage.pass_time(hours=36)

    with stage.db.write() as tx:
        new = stage.ready_post(fingerprint=SAYS)
        queued = put_post(tx, new, slot=slot_at(stage.clock.now(), kind=SlotKind.QUEUED))
    stage.process().send()

    assert stage.post(queued).guard == "repeats"


def test_the_next_part_of_a_thread_is_no_repeat(stage: Stage):
    stage.take_in(items=[fact("other-fact")])
    number = stage.add(texts=("One.", "Two."), fingerprint=SAYS)
    process = stage.process()
    process.send()
    other = stage.add(fingerprint=SAYS, item="other-fact", due_at=NOW + timedelta(minutes=1))

    stage.pass_time(minutes=1)
    process.sender.drain(ACCOUNT.name)

    assert stage.state(number) is State.SENT
    assert stage.state(other) is State.HELD


def test_what_only_a_dry_run_sent_may_be_said_live(stage: Stage):
    stage.outlets.mode = "dry-run"
    _queue(stage, "Where are they?", days=1)
    stage.pass_time(days=1)
    stage.process().send()
    stage.outlets.mode = "live"
    live = Operator(
        stage.db, stage.clock, who="A", renderer=stage.renderer, prices=lambda *_: 0, mode=Mode.LIVE
    )

    again = live.queue(_call("Where are they?"), account=ACCOUNT.name, language="en", at=NOW + 2 * DAY).post
    stage.pass_time(days=1)
    stage.process().send()

    assert again.state is State.READY
    assert stage.state(again.id) is State.SENT


def test_moving_a_post_into_the_thirty_days_holds_it(stage: Stage):
    _queue(stage, "Where are they?", days=1)
    later = _queue(stage, "Where are they?", days=40)

    moved = stage.operator().move(later.id, to=NOW + 5 * DAY)

    assert later.state is State.READY
    assert (moved.state, moved.guard) == (State.HELD, "repeats")
