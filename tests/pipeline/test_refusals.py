"""What is looked at again at the last moment: what must not leave is held or missed, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from bot.core.clock import FixedClock
from bot.core.post import State, digest_of
from bot.store import contents, posts
from bot.store.contents import Origin
from bot.store.tables import parts
from bot.store.tables import posts as post_table
from posting import ACCOUNT, CAMPAIGN, NOW, fact
from stage import Stage

GRACE = CAMPAIGN.grace


def _change_item(stage: Stage, number: int) -> None:
    stage.take_in(items=[fact(text="Other words.")])


def _retire_item(stage: Stage, number: int) -> None:
    with stage.db.write() as tx:
        contents.retire_item(tx, CAMPAIGN.key, "invented-fact", now=NOW)


def _retire_campaign(stage: Stage, number: int) -> None:
    with stage.db.write() as tx:
        contents.retire_campaign(tx, CAMPAIGN.key, now=NOW)


def _tamper_with_text(stage: Stage, number: int) -> None:
    with stage.db.write() as tx:
        tx.execute(update(parts).where(parts.c.post_id == number).values(text="Forged words."))


def _remove_part(stage: Stage, number: int) -> None:
    with stage.db.write() as tx:
        tx.execute(delete(parts).where(parts.c.post_id == number, parts.c.number == 2))


def _add_part(stage: Stage, number: int) -> None:
    with stage.db.write() as tx:
        tx.execute(parts.insert().values(post_id=number, number=3, text="Forged words.", length=13))


def _tamper_with_account(stage: Stage, number: int) -> None:
    with stage.db.write() as tx:
        tx.execute(update(post_table).where(post_table.c.id == number).values(language="ar"))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(_change_item, "changed after this post was written", id="item-changed"),
        pytest.param(_retire_item, "invented-fact was retired", id="item-retired"),
        pytest.param(_retire_campaign, "invented-campaign was retired", id="campaign-retired"),
        pytest.param(_tamper_with_text, "not the one that was planned", id="text-changed-by-hand"),
        pytest.param(_remove_part, "not the one that was planned", id="part-removed-by-hand"),
        pytest.param(_add_part, "not the one that was planned", id="part-added-by-hand"),
        pytest.param(_tamper_with_account, "not the one that was planned", id="language-changed-by-hand"),
    ],
)
def test_a_post_that_must_not_leave_is_held(stage: Stage, spoil: Callable[[Stage, int], None], said):
    number = stage.add(texts=("One.", "Two."))
    network = stage.network()
    spoil(stage, number)

    sent = stage.process().send()

    assert sent is not None
    assert (sent.state, stage.state(number)) == (State.HELD, State.HELD)
    assert said in stage.reason(number)
    assert network.requests == []
    assert [entry.body["reason"] for entry in stage.entries(number)] == [stage.reason(number)]


def test_a_post_that_is_held_does_not_hold_up_the_next(stage: Stage):
    held = stage.add(item_digest="f" * 64)
    sent = stage.add(due_at=NOW - timedelta(minutes=1), language="ar")

    stage.process().sender.drain(ACCOUNT.name)

    assert (stage.state(held), stage.state(sent)) == (State.HELD, State.SENT)


@pytest.mark.parametrize(
    ("late", "state"),
    [
        pytest.param(GRACE, State.SENT, id="to-the-end-of-its-grace"),
        pytest.param(GRACE + timedelta(microseconds=1), State.MISSED, id="a-microsecond-later"),
    ],
)
def test_a_post_leaves_within_its_grace_or_is_missed(stage: Stage, late, state):
    number = stage.add()
    stage.clock.advance(late)

    stage.process().send()

    assert stage.state(number) is state
    assert len(stage.network().requests) == (1 if state is State.SENT else 0)


def test_a_post_of_an_account_that_is_gone_is_held(stage: Stage):
    number = stage.add(account="gone_x")

    stage.process().send("gone_x")

    assert stage.state(number) is State.HELD
    assert "no campaign has the account gone_x any more" in stage.reason(number)


def test_a_post_without_a_word_is_held(stage: Stage):
    # What could not be rendered after an edit stands empty in the queue, and a person may release it.
    number = stage.add(texts=("",))

    stage.process().send()

    assert stage.state(number) is State.HELD
    assert stage.network().requests == []


@pytest.mark.parametrize(
    ("approval", "state"),
    [
        pytest.param({}, State.HELD, id="none"),
        pytest.param({"approved_digest": "f" * 64}, State.HELD, id="of-another-text"),
        pytest.param({"approved_digest": "its own"}, State.SENT, id="of-this-text"),
    ],
)
def test_only_an_approved_text_leaves_where_approval_is_asked_for(stage: Stage, approval, state):
    number = stage.add(approval_needed=True)
    digest = stage.post(number).digest
    given = {name: digest if value == "its own" else value for name, value in approval.items()}
    if given:
        with stage.db.write() as tx:
            tx.execute(update(post_table).where(post_table.c.id == number).values(given))

    stage.process().send()

    assert stage.state(number) is state


def test_a_forged_text_with_a_forged_digest_is_not_the_approved_one(stage: Stage):
    number = stage.add(approval_needed=True, state=State.HELD)
    stage.operator("An Approver").approve(number)
    forged = digest_of(account=ACCOUNT.name, language="en", due_at=NOW, texts=("Forged words.",))
    _tamper_with_text(stage, number)
    with stage.db.write() as tx:
        tx.execute(update(post_table).where(post_table.c.id == number).values(digest=forged))

    stage.process().send()

    assert stage.state(number) is State.HELD
    assert stage.network().requests == []


@pytest.mark.parametrize(
    ("at", "state"),
    [
        # The campaign's clocks are three hours ahead of UTC: its 1 March ends at 21:00.
        pytest.param(datetime(2026, 3, 1, 20, 59, tzinfo=NOW.tzinfo), State.SENT, id="its-last-day"),
        pytest.param(datetime(2026, 3, 1, 21, 0, tzinfo=NOW.tzinfo), State.HELD, id="the-day-after"),
    ],
)
def test_a_fact_past_its_recheck_day_is_held_by_the_campaigns_own_calendar(stage: Stage, at, state):
    item = replace(fact("to-be-checked"), period=None, recheck_on=date(2026, 3, 1))
    stage.take_in(items=[item])
    assert isinstance(stage.clock, FixedClock)
    stage.clock.advance(at - stage.clock.now())
    number = stage.add(item="to-be-checked")

    stage.process().send()

    assert stage.state(number) is state


def test_a_retired_item_that_came_back_leaves_again(stage: Stage):
    number = stage.add()
    _retire_item(stage, number)
    with stage.db.write() as tx:
        contents.save_item(tx, fact(), position=0, origin=Origin.FILE, now=NOW)

    stage.process().send()

    assert stage.state(number) is State.SENT


def test_a_sent_post_is_never_claimed_again_whatever_its_moment(stage: Stage):
    number = stage.add()
    process = stage.process()
    process.send()

    again = process.send()

    assert again is None
    with stage.db.read() as tx:
        assert posts.read_post(tx, number).epoch == 1
