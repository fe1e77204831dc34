"""Planning: each moment once, whoever plans; a text for each account, held where a guard says no."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.core.campaign import Campaign, Item, LanguagesAtSlot, PostingTime, Wording
from bot.core.post import Post, SlotKind, State, digest_of
from bot.pipeline.compose import WAITS_FOR_APPROVAL
from bot.pipeline.plan import Planner
from bot.store import contents, posts
from bot.store.tables import parts, slots
from bot.store.tables import posts as post_table
from posting import ACCOUNT, CAMPAIGN, NOW, SECOND_ACCOUNT, fact
from stage import Stage

ITEMS = [fact("first-fact"), fact("second-fact"), fact("third-fact")]


def _plan(stage: Stage, *, days: int = 2) -> Any:
    planner = Planner(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 15_000)
    (planned,) = planner.plan(days=days)
    return planned


def _with(stage: Stage, *items: Item, **changes: Any) -> Campaign:
    campaign = replace(CAMPAIGN, **changes)
    stage.take_in(campaign, items or ITEMS)
    with stage.db.write() as tx:
        contents.retire_item(tx, CAMPAIGN.key, "invented-fact", now=NOW)
    return campaign


def _posts(stage: Stage) -> list[Post]:
    with stage.db.read() as tx:
        return posts.read_posts(tx)


def _everything(stage: Stage) -> Any:
    with stage.db.read() as tx:
        return [tx.execute(select(table)).all() for table in (slots, post_table, parts)]


def test_each_posting_time_gets_an_item_and_a_post_for_each_account(stage: Stage):
    _with(stage)

    planned = _plan(stage, days=1)

    assert (planned.slots, planned.posts, planned.empty, planned.rejected) == (2, 3, (), ())
    english, arabic = NOW + timedelta(hours=1), NOW + timedelta(hours=7)
    assert [(post.due_at, post.account, post.language) for post in _posts(stage)] == [
        (english, ACCOUNT.name, "en"),
        (english, SECOND_ACCOUNT.name, "en"),
        (arabic, ACCOUNT.name, "ar"),
    ]


def test_a_planned_post_is_the_very_text_that_leaves(stage: Stage):
    _with(stage)
    _plan(stage, days=1)
    first = _posts(stage)[0]

    stage.clock.advance(first.due_at - NOW)
    stage.process().sender.drain(ACCOUNT.name)

    assert [request.text for request in stage.network().requests] == [first.text]
    for told in ("Invented words of", "Invented Network", "#Invented"):
        assert told in first.text
    assert first.digest == digest_of(
        account=ACCOUNT.name, language="en", due_at=first.due_at, texts=(first.text,)
    )
    assert (first.state, first.cost_usd_micros) == (State.READY, 15_000)
    assert first.why


def test_a_slot_keeps_its_instant_its_wall_time_and_its_zone(stage: Stage):
    _with(stage)

    _plan(stage, days=1)

    slot = _posts(stage)[0].slot
    assert slot.due_at == NOW + timedelta(hours=1)
    assert (slot.wall_time, slot.zone) == (datetime(2026, 3, 1, 13, 0), "Asia/Damascus")
    assert slot.kind is SlotKind.REGULAR


def test_planning_twice_changes_nothing(stage: Stage):
    _with(stage)
    _plan(stage)
    before = _everything(stage)

    again = _plan(stage)

    assert (again.slots, again.posts) == (0, 0)
    assert _everything(stage) == before


def test_planning_goes_on_where_it_ended(stage: Stage):
    _with(stage)
    _plan(stage, days=2)
    before = [post.id for post in _posts(stage)]

    stage.pass_time(days=1)
    later = _plan(stage, days=2)

    assert later.slots == 2
    assert [post.id for post in _posts(stage)][: len(before)] == before


def test_planning_in_pieces_picks_the_same_as_at_once(stage: Stage):
    _with(stage)
    _plan(stage, days=1)
    _plan(stage, days=4)
    in_pieces = [(post.due_at, post.item, post.language) for post in _posts(stage)]

    with stage.db.write() as tx:
        for table in (parts, post_table, slots):
            tx.execute(table.delete())
    _plan(stage, days=4)

    assert [(post.due_at, post.item, post.language) for post in _posts(stage)] == in_pieces


def test_two_planners_at_once_plan_each_moment_once(stage: Stage):
    _with(stage)
    start = threading.Barrier(2)
    planned: list[Any] = []

    def plan() -> None:
        start.wait()
        planned.append(_plan(stage, days=5))

    threads = [threading.Thread(target=plan) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(one.slots for one in planned) == 10
    assert sum(one.posts for one in planned) == len(_posts(stage))
    with stage.db.read() as tx:
        counted = Counter(tx.execute(select(slots.c.key)).scalars())
        bare = tx.execute(
            select(func.count()).select_from(post_table.outerjoin(parts)).where(parts.c.number.is_(None))
        ).scalar_one()
    assert set(counted.values()) == {1}
    assert bare == 0


def test_a_slot_without_an_item_says_why_and_is_filled_once_there_is_one(stage: Stage):
    _with(stage, fact("only-fact"), cooldown=timedelta(days=30))
    first = _plan(stage, days=2)
    stage.take_in(replace(CAMPAIGN, cooldown=timedelta(days=30)), [fact("only-fact"), *ITEMS])

    second = _plan(stage, days=2)

    assert len(first.empty) == 2
    assert all(why for _, why in first.empty)
    assert (second.slots, second.empty) == (2, ())


def test_all_languages_speak_at_once_where_the_campaign_says_so(stage: Stage):
    _with(stage, languages_at_slot=LanguagesAtSlot.ALL)

    _plan(stage, days=1)

    first = [post for post in _posts(stage) if post.due_at == NOW + timedelta(hours=1)]
    assert {(post.account, post.language) for post in first} == {
        (ACCOUNT.name, "en"),
        (ACCOUNT.name, "ar"),
        (SECOND_ACCOUNT.name, "en"),
    }
    assert len({post.item for post in first}) == 1


def test_a_campaign_that_asks_for_approvals_gets_held_posts(stage: Stage):
    _with(stage, approval=True)

    _plan(stage, days=1)

    assert {(post.state, post.reason, post.approval_needed) for post in _posts(stage)} == {
        (State.HELD, WAITS_FOR_APPROVAL, True)
    }


def test_a_fact_is_not_planned_past_the_day_on_which_it_is_to_be_checked(stage: Stage):
    _with(stage, replace(fact("stale-soon"), period=None, recheck_on=date(2026, 3, 1)))

    planned = _plan(stage, days=2)

    assert {post.due_at.date() for post in _posts(stage)} == {date(2026, 3, 1)}
    assert len(planned.empty) == 2


def test_a_text_that_does_not_fit_is_rejected_hours_before_its_time(stage: Stage):
    long = {"en": Wording(text="word " * 100), "ar": Wording(text="كلمة " * 100)}
    _with(stage, replace(fact("too-long"), wordings=long))

    planned = _plan(stage, days=1)

    assert [post.state for post in _posts(stage)] == [State.REJECTED] * len(planned.rejected)
    number, reason = planned.rejected[0]
    assert number == _posts(stage)[0].id
    assert "too-long" in reason
    assert "cut" in reason


def test_planned_posts_give_way_to_what_a_person_queued(stage: Stage):
    _with(stage)
    _plan(stage, days=1)
    planned = [post.id for post in _posts(stage)]

    queued = stage.operator().queue_item(
        CAMPAIGN.key, "third-fact", account=ACCOUNT.name, language="en", at=NOW + timedelta(minutes=55)
    )

    assert set(queued.gave_way) == set(planned[:2])
    assert [stage.state(number) for number in planned] == [State.CANCELLED, State.CANCELLED, State.READY]
    assert "gives way" in stage.reason(planned[0])
    assert stage.state(queued.post.id) is State.READY


def test_a_moment_that_a_person_queued_for_is_not_planned_over(stage: Stage):
    _with(stage)
    stage.operator().queue_item(
        CAMPAIGN.key, "third-fact", account=ACCOUNT.name, language="en", at=NOW + timedelta(minutes=55)
    )

    planned = _plan(stage, days=1)

    assert planned.posts == 1
    assert [moment for moment, _ in planned.empty] == [NOW + timedelta(hours=1)]


def test_a_queued_post_that_a_person_moved_makes_way_at_its_new_moment(stage: Stage):
    _with(stage)
    queued = stage.operator().queue_item(
        CAMPAIGN.key, "third-fact", account=ACCOUNT.name, language="en", at=NOW + timedelta(days=3)
    )
    stage.operator().move(queued.post.id, to=NOW + timedelta(minutes=55))

    _plan(stage, days=1)

    left = [post for post in _posts(stage) if post.state is State.READY]
    assert [post.due_at for post in left] == [NOW + timedelta(minutes=55), NOW + timedelta(hours=7)]


@pytest.mark.parametrize(
    "times", [(time(3, 0),), (time(13, 0), time(13, 5))], ids=["night", "close-together"]
)
def test_a_plan_fits_the_posting_times_that_there_are(stage: Stage, times):
    _with(stage, posting_times=tuple(PostingTime(at=at) for at in times))

    planned = _plan(stage, days=3)

    assert planned.slots == 3 * len(times)
