"""Taking content in: what changes in the files changes what waits, and never what a person decided."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from bot.content.reading import Content
from bot.core.campaign import Campaign, Hashtags, Item, PostingTime, Source, Wording
from bot.core.errors import NotAllowedError
from bot.core.post import Post, SlotKind, State
from bot.pipeline.compose import WAITS_FOR_APPROVAL
from bot.pipeline.plan import Planner
from bot.pipeline.sync import Synced, Syncer
from bot.store import contents, posts
from posting import ACCOUNT, CAMPAIGN, NOW, SECOND_ACCOUNT, fact, put_post, slot_at
from stage import Stage

ITEMS = (fact("first-fact"), fact("second-fact"), fact("third-fact"))
HOUR = timedelta(hours=1)


def _sync(stage: Stage, campaigns: Iterable[Campaign] = (CAMPAIGN,), items: Iterable[Item] = ITEMS) -> Synced:
    content = Content(campaigns=tuple(campaigns), items=tuple(items))
    return Syncer(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 15_000).sync(content)


def _plan(stage: Stage, *, days: int = 1) -> None:
    Planner(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 15_000).plan(days=days)


def _synced_and_planned(stage: Stage, campaign: Campaign = CAMPAIGN, items: Iterable[Item] = ITEMS) -> None:
    _sync(stage, [campaign], items)
    _plan(stage)


def _posts(stage: Stage, **wanted: Any) -> list[Post]:
    with stage.db.read() as tx:
        return posts.read_posts(tx, **wanted)


def _edited(item: Item, words: str) -> Item:
    return replace(item, wordings={**item.wordings, "en": Wording(text=words)})


# -- what is new, changed, retired ---------------------------------------------------------------


def test_new_changed_and_retired_items_are_told_by_name(stage: Stage):
    _sync(stage)

    synced = _sync(stage, items=[_edited(ITEMS[0], "Other words."), ITEMS[1], fact("fourth-fact")])

    assert synced.new == ("invented-campaign/fourth-fact",)
    assert synced.changed == ("invented-campaign/first-fact",)
    assert synced.retired == ("invented-campaign/third-fact",)
    assert synced.unchanged == 2
    assert stage.entries()[-1].event == "synced"


def test_taking_in_the_same_again_changes_nothing(stage: Stage):
    _synced_and_planned(stage)
    before = (_posts(stage), stage.entries())

    synced = _sync(stage)

    assert (synced.new, synced.changed, synced.retired, synced.unchanged) == ((), (), (), 4)
    assert (_posts(stage), stage.entries()) == before


def test_two_syncs_at_once_take_everything_in_once(stage: Stage):
    start = threading.Barrier(2)
    done: list[Synced] = []

    def sync() -> None:
        start.wait()
        done.append(_sync(stage, items=[fact(f"fact-{number}") for number in range(10)]))

    threads = [threading.Thread(target=sync) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(len(one.new) for one in done) == [0, 10]
    assert stage.log_problems() == []


def test_an_item_that_was_retired_and_comes_back_is_used_again(stage: Stage):
    _sync(stage)
    _sync(stage, items=ITEMS[1:])

    _sync(stage)

    with stage.db.read() as tx:
        assert [stored.item.key for stored in contents.read_items(tx, CAMPAIGN.key)] == [
            "first-fact",
            "second-fact",
            "third-fact",
        ]


def test_what_a_person_queued_on_the_spot_is_not_retired_by_the_files(stage: Stage):
    _sync(stage)
    queued = stage.operator().queue(
        replace(
            fact("spot"),
            wordings={"en": Wording(text="Said on the spot.")},
            source=Source(publisher={"en": "Invented Network"}, url="https://example.org/report"),
        ),
        account=ACCOUNT.name,
        language="en",
        at=NOW + HOUR,
    )

    synced = _sync(stage)

    assert synced.retired == ()
    assert stage.state(queued.post.id) is State.READY


# -- waiting posts -------------------------------------------------------------------------------


def test_an_edited_item_gives_its_waiting_posts_the_new_text(stage: Stage):
    _synced_and_planned(stage)
    first = _posts(stage)[0]
    edited = [_edited(item, "Other words.") if item.key == first.item else item for item in ITEMS]

    synced = _sync(stage, items=edited)

    after = stage.post(first.id)
    assert "Other words." in after.text
    assert after.digest != first.digest
    assert (after.state, after.due_at) == (State.READY, first.due_at)
    assert synced.rewritten == len(_posts(stage, item=first.item))
    assert [post for post in _posts(stage) if post.item != first.item] == [
        post for post in _posts(stage) if "Other words." not in post.text
    ]
    stage.clock.advance(first.due_at - NOW)
    stage.process().sender.drain(ACCOUNT.name)
    assert [request.text for request in stage.network().requests] == [after.text]


def test_an_edit_voids_an_approval(stage: Stage):
    campaign = replace(CAMPAIGN, approval=True)
    _synced_and_planned(stage, campaign)
    first = _posts(stage)[0]
    stage.operator("An Approver").approve(first.id)

    _sync(stage, [campaign], [_edited(item, "Other words.") for item in ITEMS])

    after = stage.post(first.id)
    assert (after.state, after.reason) == (State.HELD, WAITS_FOR_APPROVAL)
    assert (after.approved_by, after.approved_digest) == (None, None)
    stage.clock.advance(first.due_at - NOW)
    assert stage.process().send() is None


def test_an_edit_in_another_language_leaves_an_approved_text_approved(stage: Stage):
    # The digest binds what leaves; but the item is another, and the claim would ask why.
    campaign = replace(CAMPAIGN, approval=True)
    _synced_and_planned(stage, campaign)
    first = _posts(stage)[0]
    stage.operator("An Approver").approve(first.id)
    other = [replace(item, wordings={**item.wordings, "ar": Wording(text="كلمات أخرى.")}) for item in ITEMS]

    _sync(stage, [campaign], other)
    stage.clock.advance(first.due_at - NOW)
    stage.process().send()

    assert stage.state(first.id) in {State.SENT, State.HELD}
    assert [request.text for request in stage.network().requests] in ([], [first.text])


def test_a_retired_item_holds_its_waiting_posts(stage: Stage):
    _synced_and_planned(stage)
    first = _posts(stage)[0]

    synced = _sync(stage, items=[item for item in ITEMS if item.key != first.item])

    assert stage.state(first.id) is State.HELD
    assert f"{first.item} was retired" in stage.reason(first.id)
    assert synced.stopped == len(_posts(stage, item=first.item))


def test_a_retired_campaign_holds_its_waiting_posts(stage: Stage):
    _synced_and_planned(stage)

    synced = _sync(stage, [], [])

    assert synced.retired == (CAMPAIGN.key,)
    assert {post.state for post in _posts(stage)} == {State.HELD}


def test_a_posting_time_that_is_gone_cancels_its_waiting_posts(stage: Stage):
    _synced_and_planned(stage)

    _sync(stage, [replace(CAMPAIGN, posting_times=CAMPAIGN.posting_times[1:])])

    assert [(post.due_at - NOW, post.state) for post in _posts(stage)] == [
        (HOUR, State.CANCELLED),
        (HOUR, State.CANCELLED),
        (7 * HOUR, State.READY),
    ]


def test_an_account_that_is_gone_cancels_its_waiting_posts(stage: Stage):
    _synced_and_planned(stage)

    _sync(stage, [replace(CAMPAIGN, accounts=(ACCOUNT,))])

    assert {(post.account, post.state) for post in _posts(stage)} == {
        (ACCOUNT.name, State.READY),
        (SECOND_ACCOUNT.name, State.CANCELLED),
    }


def test_a_post_that_a_person_moved_stays_there_whatever_the_posting_times_say(stage: Stage):
    _synced_and_planned(stage)
    moved = _posts(stage)[0].id
    stage.operator().move(moved, to=NOW + 3 * HOUR)
    times = (PostingTime(at=time(22, 0)),)

    _sync(
        stage,
        [replace(CAMPAIGN, posting_times=times)],
        [_edited(item, "Other words.") for item in ITEMS],
    )

    after = stage.post(moved)
    assert (after.state, after.due_at) == (State.READY, NOW + 3 * HOUR)
    assert "Other words." in after.text


def test_a_post_that_a_person_holds_stays_held_through_an_edit(stage: Stage):
    _synced_and_planned(stage)
    first = _posts(stage)[0].id
    stage.operator().hold(first, reason="until the family agrees")

    _sync(stage, items=[_edited(item, "Other words.") for item in ITEMS])

    after = stage.post(first)
    assert (after.state, after.reason) == (State.HELD, "until the family agrees")
    assert "Other words." in after.text


def test_a_post_that_a_person_holds_stays_held_though_no_approval_is_asked_for_any_more(stage: Stage):
    campaign = replace(CAMPAIGN, approval=True)
    _synced_and_planned(stage, campaign)
    first = _posts(stage)[0].id
    stage.operator("An Approver").approve(first)
    stage.operator().hold(first, reason="until the family agrees")

    _sync(stage)

    assert stage.state(first) is State.HELD


def test_posts_that_waited_for_an_approval_only_go_once_none_is_asked_for(stage: Stage):
    _synced_and_planned(stage, replace(CAMPAIGN, approval=True))

    _sync(stage)

    assert {(post.state, post.reason) for post in _posts(stage)} == {(State.READY, "")}


def test_a_campaign_that_begins_to_ask_for_approvals_holds_what_waits(stage: Stage):
    _synced_and_planned(stage)

    _sync(stage, [replace(CAMPAIGN, approval=True)])

    assert {(post.state, post.reason) for post in _posts(stage)} == {(State.HELD, WAITS_FOR_APPROVAL)}


def test_a_campaigns_new_hashtag_is_in_every_waiting_text(stage: Stage):
    _synced_and_planned(stage)
    tags = {**CAMPAIGN.hashtags, "en": Hashtags(required=("#Invented", "#Another"))}

    _sync(stage, [replace(CAMPAIGN, hashtags=tags)])

    assert all("#Another" in post.text for post in _posts(stage, language="en"))


def test_an_edit_that_does_not_fit_holds_the_post_and_says_why(stage: Stage):
    _synced_and_planned(stage)
    first = _posts(stage)[0].id

    _sync(stage, items=[_edited(item, "word " * 200) for item in ITEMS])

    assert stage.state(first) is State.HELD
    assert "cut" in stage.reason(first)
    with pytest.raises(NotAllowedError, match="nobody can overrule content: it has no text"):
        stage.operator().release(first)
    stage.pass_time(hours=1)
    stage.process().sender.drain(ACCOUNT.name)
    assert stage.network().requests == []


def test_sent_posts_keep_their_text(stage: Stage):
    _synced_and_planned(stage)
    first = _posts(stage)[0]
    stage.pass_time(hours=1)
    stage.process().sender.send_due()

    _sync(stage, items=[_edited(item, "Other words.") for item in ITEMS])

    assert stage.post(first.id).text == first.text
    assert stage.state(first.id) is State.SENT
    assert stage.log_problems() == []


def test_an_edit_between_two_parts_never_sends_the_first_again(stage: Stage):
    _sync(stage)
    new = stage.ready_post(texts=("One.", "Two."), item="first-fact")
    with stage.db.write() as tx:
        number = put_post(tx, new, slot=slot_at(NOW, kind=SlotKind.QUEUED))
    process = stage.process()
    process.send()

    _sync(stage, items=[_edited(item, "Other words.") for item in ITEMS])
    process.sender.drain(ACCOUNT.name)
    with pytest.raises(NotAllowedError, match="changed after this post was written"):
        stage.operator().release(number)
    process.sender.drain(ACCOUNT.name)

    assert [request.text for request in stage.network().requests] == ["One."]
    assert stage.state(number) is State.HELD


def test_every_rewritten_post_is_in_the_log_with_its_new_text(stage: Stage):
    _synced_and_planned(stage)
    first = _posts(stage)[0]

    _sync(stage, items=[_edited(item, "Other words.") for item in ITEMS])

    (entry,) = [one for one in stage.entries(first.id) if one.event == "rewritten"]
    assert (entry.body["before"], entry.body["after"]) == (first.digest, stage.post(first.id).digest)
    assert entry.text == stage.post(first.id).text
    assert stage.log_problems() == []
