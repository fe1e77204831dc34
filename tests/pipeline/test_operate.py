"""What people decide about single posts, each decision in the send log under its person's name."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.campaign import Item, Source, Wording
from bot.core.errors import ContentError, NotAllowedError, NotFoundError, RenderError
from bot.core.post import SlotKind, State
from bot.pipeline.compose import WAITS_FOR_APPROVAL
from bot.pipeline.operate import Queued
from posting import ACCOUNT, CAMPAIGN, NOW, SECOND_ACCOUNT, fact, force_state
from stage import Stage

HOUR = timedelta(hours=1)


def _said(words: str = "Said on the spot.") -> Item:
    source = Source(publisher={"en": "Invented Network"}, url="https://example.org/report")
    return replace(fact("spot"), wordings={"en": Wording(text=words)}, source=source)


def _queue(stage: Stage, item: Item | None = None, **changes: object) -> Queued:
    named = {"account": ACCOUNT.name, "language": "en", "at": NOW + HOUR, **changes}
    return stage.operator().queue(item or _said(), **named)  # type: ignore[arg-type]


def _with_approval(stage: Stage) -> None:
    stage.take_in(replace(CAMPAIGN, approval=True), [fact()])


# -- queueing ------------------------------------------------------------------------------------


def test_what_is_queued_on_the_spot_is_rendered_logged_and_leaves(stage: Stage):
    queued = _queue(stage).post

    assert (queued.state, queued.due_at, queued.author) == (State.READY, NOW + HOUR, "A Person")
    assert queued.slot.kind is SlotKind.QUEUED
    for told in ("Said on the spot.", "Invented Network", "#Invented"):
        assert told in queued.text
    (entry,) = stage.entries(queued.id)
    assert (entry.event, entry.body["who"], entry.text) == ("queued", "A Person", queued.text)
    stage.pass_time(hours=1)
    stage.process().send()
    assert [request.text for request in stage.network().requests] == [queued.text]


def test_without_a_moment_the_next_posting_time_is_taken(stage: Stage):
    assert _queue(stage, at=None).post.due_at == NOW + HOUR


def test_two_posts_without_a_moment_do_not_leave_together(stage: Stage):
    moments = {
        _queue(stage, _said(f"Said {number} times."), at=None).post.due_at for number in ("two", "three")
    }

    assert len(moments) == 2


def test_a_campaign_without_posting_times_asks_for_a_moment(stage: Stage):
    stage.take_in(replace(CAMPAIGN, posting_times=()), [fact()])

    with pytest.raises(NotAllowedError, match="name a moment"):
        _queue(stage, at=None)


@pytest.mark.parametrize(
    ("late", "taken"),
    [
        pytest.param(timedelta(0), True, id="now"),
        pytest.param(CAMPAIGN.grace, True, id="within-its-grace"),
        pytest.param(CAMPAIGN.grace + timedelta(seconds=1), False, id="past"),
    ],
)
def test_a_moment_that_is_past_is_refused(stage: Stage, late, taken):
    if taken:
        assert _queue(stage, at=NOW - late).post.state is State.READY
    else:
        with pytest.raises(NotAllowedError, match="is past"):
            _queue(stage, at=NOW - late)


@pytest.mark.parametrize(
    ("named", "error", "said"),
    [
        pytest.param({"account": "nobody_x"}, NotFoundError, "has no account 'nobody_x'", id="account"),
        pytest.param(
            {"account": SECOND_ACCOUNT.name, "language": "ar"},
            NotFoundError,
            "does not post in",
            id="language",
        ),
    ],
)
def test_what_does_not_exist_is_named(stage: Stage, named, error, said):
    with pytest.raises(error, match=said):
        _queue(stage, **named)


def test_a_campaign_that_does_not_exist_is_named_with_those_that_do(stage: Stage):
    with pytest.raises(NotFoundError, match=r"no campaign 'nobody'; there is: invented-campaign"):
        _queue(stage, replace(_said(), campaign="nobody"))


def test_a_text_that_breaks_a_rule_is_not_queued(stage: Stage):
    with pytest.raises(ContentError, match="1234"):
        _queue(stage, _said("There were 1234 of them."))

    assert stage.states() == {}
    assert stage.entries() == []


def test_a_text_that_does_not_fit_is_not_queued(stage: Stage):
    with pytest.raises(RenderError, match="cut"):
        _queue(stage, _said("word " * 200))

    assert stage.states() == {}


def test_the_same_item_is_not_queued_twice_for_one_moment(stage: Stage):
    named = {"account": ACCOUNT.name, "language": "en", "at": NOW + HOUR}
    stage.operator().queue_item(CAMPAIGN.key, "invented-fact", **named)  # type: ignore[arg-type]

    with pytest.raises(NotAllowedError, match="already queued"):
        stage.operator().queue_item(CAMPAIGN.key, "invented-fact", **named)  # type: ignore[arg-type]

    assert len(stage.states()) == 1


def test_an_item_that_is_not_there_is_named(stage: Stage):
    with pytest.raises(NotFoundError, match="no item 'nothing'"):
        stage.operator().queue_item(
            CAMPAIGN.key, "nothing", account=ACCOUNT.name, language="en", at=NOW + HOUR
        )


def test_people_who_queue_at_once_all_keep_their_words(stage: Stage):
    start = threading.Barrier(4)
    queued: list[Queued] = []
    errors: list[Exception] = []

    def queue(number: int) -> None:
        start.wait()
        for round_ in range(5):
            try:
                at = NOW + HOUR * (1 + number * 5 + round_)
                queued.append(_queue(stage, _said(f"Words of {'abcd'[number]}{'vwxyz'[round_]}."), at=at))
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=queue, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    words = {f"Words of {person}{round_}." for person in "abcd" for round_ in "vwxyz"}
    assert {stage.post(one.post.id).text.splitlines()[0] for one in queued} == words
    for _ in range(20):
        stage.pass_time(hours=1)
        stage.process().send()
    assert {request.text.splitlines()[0] for request in stage.network().requests} == words


# -- single posts --------------------------------------------------------------------------------


def test_a_held_post_waits_until_it_is_released(stage: Stage):
    number = stage.add()
    stage.operator().hold(number, reason="until the family agrees")
    process = stage.process()
    held = process.send()

    stage.operator().release(number)
    process.send()

    assert held is None
    assert stage.state(number) is State.SENT
    assert [entry.body.get("who") for entry in stage.entries(number)][:2] == ["A Person", "A Person"]


def test_only_a_held_post_is_released(stage: Stage):
    number = stage.add(grace=timedelta(0))
    stage.pass_time(minutes=1)
    stage.process().sweep()

    with pytest.raises(NotAllowedError, match="is missed, not held"):
        stage.operator().release(number)


def test_a_released_post_that_is_late_is_missed_not_sent(stage: Stage):
    number = stage.add()
    stage.operator().hold(number, reason="invented")
    stage.pass_time(hours=1)
    stage.operator().release(number)

    stage.process().send()

    assert stage.state(number) is State.MISSED
    assert stage.network().requests == []


def test_a_post_that_needs_an_approval_is_not_merely_released(stage: Stage):
    number = stage.add(state=State.HELD, approval_needed=True)

    with pytest.raises(NotAllowedError, match=f"queue approve {number}"):
        stage.operator().release(number)


def test_a_cancelled_post_never_leaves(stage: Stage):
    number = stage.add()
    stage.operator().cancel(number, reason="wrong day")

    stage.process().sender.send_due()

    assert (stage.state(number), stage.reason(number)) == (State.CANCELLED, "wrong day")
    assert stage.network().requests == []


@pytest.mark.parametrize(
    "state", ["claimed", "sending", "unconfirmed", "sent", "rejected", "cancelled", "withdrawn"]
)
def test_what_may_have_left_or_is_decided_is_not_cancelled(stage: Stage, state):
    number = stage.add()
    with stage.db.write() as tx:
        force_state(tx, number, State(state))

    with pytest.raises(NotAllowedError):
        stage.operator().cancel(number, reason="invented")

    assert stage.state(number) == state


def test_an_unknown_post_is_not_cancelled_but_resolved(stage: Stage):
    number = stage.add()
    with stage.db.write() as tx:
        force_state(tx, number, State.UNKNOWN)

    with pytest.raises(NotAllowedError, match=f"resolve {number} --leave"):
        stage.operator().cancel(number, reason="invented")


# -- approval ------------------------------------------------------------------------------------


def test_an_approved_post_leaves(stage: Stage):
    _with_approval(stage)
    queued = _queue(stage).post

    approved = stage.operator("An Approver").approve(queued.id)

    assert (queued.state, queued.reason) == (State.HELD, WAITS_FOR_APPROVAL)
    assert (approved.state, approved.approved_by) == (State.READY, "An Approver")
    assert approved.approved_digest == queued.digest
    (entry,) = [one for one in stage.entries(queued.id) if one.event == "approved"]
    assert (entry.body["digest"], entry.body["who"], entry.text) == (
        queued.digest,
        "An Approver",
        queued.text,
    )
    stage.pass_time(hours=1)
    stage.process().send()
    assert stage.state(queued.id) is State.SENT


def test_nobody_approves_what_they_wrote(stage: Stage):
    _with_approval(stage)
    queued = _queue(stage).post

    with pytest.raises(NotAllowedError, match="A Person wrote post"):
        stage.operator("A Person").approve(queued.id)

    assert stage.state(queued.id) is State.HELD


def test_a_post_that_asks_for_no_approval_gets_none(stage: Stage):
    number = stage.add(state=State.HELD)

    with pytest.raises(NotAllowedError, match="needs no approval"):
        stage.operator("An Approver").approve(number)


def test_only_a_held_post_is_approved(stage: Stage):
    number = stage.add(state=State.READY, approval_needed=True)

    with pytest.raises(NotAllowedError, match="only a held post"):
        stage.operator("An Approver").approve(number)


# -- another moment ------------------------------------------------------------------------------


def test_a_moved_post_leaves_at_its_new_moment_only(stage: Stage):
    number = stage.add()
    stage.operator().move(number, to=NOW + HOUR)
    process = stage.process()

    early = process.send()
    stage.pass_time(hours=1)
    process.send()

    assert early is None
    assert stage.state(number) is State.SENT
    assert stage.post(number).grace_until == NOW + HOUR + CAMPAIGN.grace


def test_a_move_is_in_the_log_under_the_name_of_who_moved(stage: Stage):
    before = _queue(stage).post

    moved = stage.operator("Huda").move(before.id, to=NOW + 2 * HOUR)

    entry = stage.entries(before.id)[-1]
    assert (entry.event, entry.body["who"]) == ("rewritten", "Huda")
    assert (entry.body["before"], entry.body["after"]) == (before.digest, moved.digest)
    assert stage.log_problems() == []


def test_moving_a_post_voids_its_approval(stage: Stage):
    _with_approval(stage)
    queued = _queue(stage).post
    stage.operator("An Approver").approve(queued.id)

    moved = stage.operator().move(queued.id, to=NOW + 2 * HOUR)

    assert (moved.state, moved.approved_by) == (State.HELD, None)
    assert moved.digest != queued.digest


@pytest.mark.parametrize("approval", [False, True], ids=["free", "with-approval"])
def test_a_missed_post_gets_a_new_moment(stage: Stage, approval):
    if approval:
        _with_approval(stage)
    number = _queue(stage).post.id
    stage.pass_time(hours=3)
    stage.process().sweep()
    missed = stage.state(number)

    moved = stage.operator().move(number, to=NOW + 4 * HOUR)

    assert missed is State.MISSED
    assert moved.state is (State.HELD if approval else State.READY)


def test_nothing_is_moved_into_the_past(stage: Stage):
    number = stage.add(due_at=NOW + HOUR)

    with pytest.raises(NotAllowedError, match="is past"):
        stage.operator().move(number, to=NOW - timedelta(seconds=1))


@pytest.mark.parametrize("state", ["claimed", "sending", "unconfirmed", "unknown", "sent", "cancelled"])
def test_what_may_have_left_keeps_its_moment(stage: Stage, state):
    number = stage.add()
    with stage.db.write() as tx:
        force_state(tx, number, State(state))

    with pytest.raises(NotAllowedError, match="past changing"):
        stage.operator().move(number, to=NOW + HOUR)


def test_a_post_whose_text_no_longer_fits_keeps_its_moment_and_its_text(stage: Stage):
    number = stage.add()
    stage.take_in(items=[fact(text="word " * 200)])

    with pytest.raises(RenderError, match="cut"):
        stage.operator().move(number, to=NOW + HOUR)

    assert (stage.post(number).due_at, stage.post(number).text) == (NOW, "Invented words.")


def test_the_sweep_does_not_miss_what_a_person_moves_at_that_moment(stage: Stage):
    # Read as overdue, moved by a person, then called missed: the sweep must look again.
    number = stage.add()
    stage.pass_time(hours=1)
    process = stage.process()
    read_as_overdue = stage.post(number)
    stage.operator().move(number, to=NOW + 2 * HOUR)

    swept = process.sweeper._move(read_as_overdue, State.MISSED, "invented")

    assert swept is None
    assert stage.state(number) is State.READY
