"""An item written and queued in one go: all of it or nothing, at one moment, as it was seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.content.form import form_of, read_form
from bot.core.campaign import Account, Item, Pace, Wording
from bot.core.errors import ContentError, NotAllowedError, NotFoundError, RenderError
from bot.core.post import State
from bot.pipeline.desk import AlreadyThereError, Desk, To
from bot.pipeline.plan import Planner
from bot.store import contents, posts
from posting import ACCOUNT, CAMPAIGN, NOW, fact
from stage import Stage

#: The campaign's first posting time, 13:00 in Damascus.
NOON = NOW + timedelta(hours=1)
EN, AR = To(account="invented_x", language="en"), To(account="invented_x", language="ar")


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage.db, stage.clock, who="A Writer", renderer=stage.renderer, prices=lambda *_: 7)


def _new(key: str = "new-fact", **changes: object) -> Item:
    source = fact().source
    assert source is not None
    return fact(key, **{"source": replace(source, read_on=NOW.date()), **changes})


def _in_other_arabic(item: Item, *, key: str) -> Item:
    """The same English words; another item all the same."""
    wordings = {**item.wordings, "ar": Wording(text=f"كلمات أخرى {key}.")}
    return replace(item, key=key, wordings=wordings)


def _plan(stage: Stage) -> list[int]:
    """Plan a day and give the numbers of its posts at 10:00 UTC."""
    Planner(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 0).plan(days=1)
    with stage.db.read() as tx:
        return [post.id for post in posts.read_posts(tx) if post.due_at == NOON]


def _campaign(stage: Stage, **changes: object) -> None:
    stage.take_in(replace(CAMPAIGN, **changes))  # type: ignore[arg-type]


def _paced(**pace: object) -> Account:
    return replace(ACCOUNT, pace=Pace(**pace))  # type: ignore[arg-type]


def _stored(stage: Stage) -> tuple[list[str], int]:
    with stage.db.read() as tx:
        return [one.item.key for one in contents.read_items(tx, CAMPAIGN.key)], len(posts.read_posts(tx))


def test_all_posts_of_one_item_share_the_next_free_moment(stage: Stage, desk: Desk):
    free = desk.next_free(CAMPAIGN.key)

    queued = desk.queue_new(_new(), to=[EN, AR, EN], at=None)

    assert [(one.post.language, one.post.due_at) for one in queued] == [("en", free), ("ar", free)]
    assert desk.next_free(CAMPAIGN.key) != free


@pytest.mark.parametrize(
    ("item", "to", "error"),
    [
        pytest.param(
            _new(wordings={"en": Wording(text="Short."), "ar": Wording(text="م" * 300)}),
            [EN, AR],
            RenderError,
            id="second-too-long",
        ),
        pytest.param(
            _new(), [EN, To(account="second_x", language="ar")], NotFoundError, id="no-such-account"
        ),
        pytest.param(_new(source=None), [EN], ContentError, id="no-source"),
        pytest.param(_new("invented-fact"), [EN], NotAllowedError, id="key-taken"),
        pytest.param(_new(), [], NotAllowedError, id="nowhere"),
    ],
)
def test_what_cannot_all_be_queued_leaves_nothing_behind(
    stage: Stage, desk: Desk, item: Item, to: list[To], error: type[Exception]
):
    with pytest.raises(error):
        desk.queue_new(item, to=to, at=NOW + timedelta(hours=2))

    assert _stored(stage) == (["invented-fact"], 0)


def test_what_is_written_and_queued_is_in_the_send_log_with_its_name(stage: Stage, desk: Desk):
    desk.queue_new(_new(), to=[EN], at=NOW + timedelta(hours=2))

    events = [(entry.event, entry.body.get("who")) for entry in stage.entries()]

    assert ("item-written", "A Writer") in events
    assert stage.log_problems() == []


def test_a_known_item_is_queued_and_a_retired_one_is_not(stage: Stage, desk: Desk):
    desk.queue_known(CAMPAIGN.key, "invented-fact", to=[EN, AR], at=NOW + timedelta(hours=2))
    with stage.db.write() as tx:
        contents.retire_item(tx, CAMPAIGN.key, "invented-fact", now=NOW)

    with pytest.raises(NotFoundError, match="no item 'invented-fact' in use"):
        desk.queue_known(CAMPAIGN.key, "invented-fact", to=[EN], at=NOW + timedelta(hours=3))

    assert _stored(stage)[1] == 2


def test_a_preview_is_the_very_post_that_is_queued(stage: Stage, desk: Desk):
    item, at = _new(), NOW + timedelta(hours=2)
    form = form_of(item)
    reading = read_form(form, campaign=CAMPAIGN)

    seen = desk.preview(reading, form, campaign=CAMPAIGN.key, to=[EN, AR], at=at, is_new=True)
    queued = desk.queue_new(item, to=[EN, AR], at=at)

    assert [one.parts[0].text for one in seen] == [one.post.text for one in queued]
    assert [one.cost_usd_micros for one in seen] == [one.post.cost_usd_micros for one in queued]
    assert [one.held for one in seen] == ["", ""]


def test_a_preview_says_what_would_hold_the_post(stage: Stage, desk: Desk):
    item, at = _new(), NOW + timedelta(hours=2)
    desk.queue_new(item, to=[EN], at=at)
    again = _in_other_arabic(item, key="again")
    form = form_of(again)
    reading = read_form(form, campaign=CAMPAIGN)

    (seen,) = desk.preview(reading, form, campaign=CAMPAIGN.key, to=[EN], at=at, is_new=True)
    (queued,) = desk.queue_new(again, to=[EN], at=at + timedelta(hours=1))

    assert "says the same" in seen.held
    assert queued.post.state is State.HELD


def test_a_preview_changes_nothing(stage: Stage, desk: Desk):
    form = {"kind": "fact", "key": "x", "text_en": "Some words."}

    (seen,) = desk.preview(
        read_form(form, campaign=CAMPAIGN), form, campaign=CAMPAIGN.key, to=[EN, AR], at=None, is_new=True
    )

    assert seen.parts[0].text.startswith("Some words.")
    assert _stored(stage) == (["invented-fact"], 0)


def test_whose_place_a_post_takes_is_known_before_and_after(stage: Stage, desk: Desk):
    planned = _plan(stage)

    before = desk.outlook(CAMPAIGN.key, to=[EN], at=None)
    queued = desk.queue_new(_new(), to=[EN], at=None)

    assert before is not None
    assert [post.id for post in before.takes_place_of] == planned
    assert planned
    assert [post.id for post in desk.gave_way(queued)] == planned
    assert {stage.state(number) for number in planned} == {State.CANCELLED}


def test_a_copy_that_a_guard_holds_takes_nobodys_place(stage: Stage, desk: Desk):
    desk.queue_new(_new(), to=[EN], at=NOW + timedelta(minutes=20))
    planned = _plan(stage)

    (queued,) = desk.queue_new(_in_other_arabic(_new(), key="again"), to=[EN], at=NOON)
    _plan(stage)

    assert (queued.post.state, queued.post.guard) == (State.HELD, "repeats")
    assert queued.gave_way == ()
    assert planned
    assert {stage.state(number) for number in planned} == {State.READY}


def test_a_copy_that_a_guard_holds_keeps_no_moment_from_the_plan(stage: Stage, desk: Desk):
    desk.queue_new(_new(), to=[EN], at=NOW + timedelta(minutes=20))
    (queued,) = desk.queue_new(_in_other_arabic(_new(), key="again"), to=[EN], at=NOON)

    planned = [number for number in _plan(stage) if number != queued.post.id]

    assert queued.post.state is State.HELD
    assert planned


def test_a_post_that_only_waits_for_its_approval_takes_its_place(stage: Stage, desk: Desk):
    _campaign(stage, approval=True)
    planned = _plan(stage)

    (queued,) = desk.queue_new(_new(), to=[EN], at=NOON)

    assert queued.post.guard == "approval"
    assert planned
    assert list(queued.gave_way) == planned


def test_what_takes_the_place_of_the_same_words_is_no_repeat(stage: Stage, desk: Desk):
    planned = _plan(stage)

    (queued,) = desk.queue_known(CAMPAIGN.key, "invented-fact", to=[EN], at=NOON)

    assert queued.post.state is State.READY
    assert list(queued.gave_way) == planned


def test_posts_of_one_moment_leave_as_far_apart_as_their_account_wants(stage: Stage, desk: Desk):
    _campaign(stage, accounts=(_paced(gap=timedelta(minutes=5)),))

    before = desk.outlook(CAMPAIGN.key, to=[AR, EN], at=NOON)
    queued = desk.queue_new(_new(), to=[AR, EN], at=NOON)
    after = desk.outlook_of(CAMPAIGN.key, queued)

    assert before is not None
    assert [one.leaves_at for one in before.departures] == [NOON, NOON + timedelta(minutes=5)]
    assert after.departures == before.departures
    assert [one.language for one in before.late] == ["en"]


def test_a_post_behind_others_that_wait_leaves_after_them(stage: Stage, desk: Desk):
    _campaign(stage, accounts=(_paced(per_hour=1),))
    stage.add(due_at=NOON - timedelta(minutes=20))

    found = desk.outlook(CAMPAIGN.key, to=[EN], at=NOON)

    assert found is not None
    assert [one.leaves_at for one in found.departures] == [NOON + timedelta(minutes=40)]


def test_a_post_that_its_pace_keeps_beyond_its_grace_is_known_before(stage: Stage, desk: Desk):
    _campaign(stage, accounts=(_paced(gap=timedelta(hours=5)),))

    found = desk.outlook(CAMPAIGN.key, to=[AR, EN], at=NOON)

    assert found is not None
    assert [one.is_too_late for one in found.departures] == [False, True]


def test_until_when_somebody_must_approve_is_known_before(stage: Stage, desk: Desk):
    _campaign(stage, approval=True, grace=timedelta(minutes=41))

    found = desk.outlook(CAMPAIGN.key, to=[EN], at=NOW)

    assert found is not None
    assert found.approve_before == NOW + timedelta(minutes=41)


def test_the_very_same_texts_are_not_stored_twice(stage: Stage, desk: Desk):
    (queued,) = desk.queue_new(_new(), to=[EN], at=NOON)

    with pytest.raises(AlreadyThereError, match=f"queued already: post {queued.post.id}") as refused:
        desk.queue_new(replace(_new(), key="new-fact-2"), to=[EN], at=NOON + timedelta(hours=1))

    assert (refused.value.item, refused.value.post) == ("new-fact", queued.post.id)
    assert _stored(stage) == (["invented-fact", "new-fact"], 1)


def test_texts_of_a_retired_item_may_be_written_again(stage: Stage, desk: Desk):
    desk.queue_new(_new(), to=[EN], at=NOON)
    with stage.db.write() as tx:
        contents.retire_item(tx, CAMPAIGN.key, "new-fact", now=NOW)

    (queued,) = desk.queue_new(replace(_new(), key="new-fact-2"), to=[AR], at=NOON + timedelta(hours=1))

    assert queued.post.item == "new-fact-2"
