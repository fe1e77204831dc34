"""Every part of a thread is looked at before the first one leaves: what breaks off is public for ever."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.core.post import State
from bot.store.tables import parts
from x_stage import XStage


def _forge(stage: XStage, post_id: int, text: str) -> None:
    """What somebody does who opens the database by hand."""
    with stage.db.write() as tx:
        tx.execute(update(parts).where(parts.c.post_id == post_id, parts.c.number == 3).values(text=text))


@pytest.mark.parametrize(
    ("third", "says"),
    [
        pytest.param("", "no text", id="empty"),
        pytest.param(" \n\u00a0", "no text", id="blank"),
        pytest.param("x" * 281, "part 3 is too long for x (281/280)", id="one-too-many"),
        pytest.param("س" * 281, "part 3 is too long for x (281/280)", id="arabic"),
        pytest.param("字" * 141, "part 3 is too long for x (282/280)", id="letters-that-weigh-two"),
    ],
)
def test_a_thread_whose_last_part_cannot_leave_keeps_its_first(
    x_stage_on_both: XStage, third: str, says: str
):
    stage = x_stage_on_both
    post_id = stage.add(texts=("One.", "Two.", third))

    stage.process().sender.send_due()

    assert stage.fake.journal() == []
    assert stage.state(post_id) is State.HELD
    assert says in stage.reason(post_id)


@pytest.mark.parametrize("forged", ["Three, forged.", "", "x" * 281], ids=["other", "emptied", "too-long"])
def test_a_thread_whose_last_part_was_changed_in_the_database_keeps_its_first(
    x_stage_on_both: XStage, forged: str
):
    stage = x_stage_on_both
    post_id = stage.add(texts=("One.", "Two.", "Three."))
    _forge(stage, post_id, forged)

    stage.process().sender.send_due()

    assert stage.fake.journal() == []
    assert stage.state(post_id) is State.HELD
    assert "not the one that was planned" in stage.reason(post_id)


def test_a_part_that_is_changed_after_the_first_left_stays_back(x_stage_on_both: XStage):
    stage = x_stage_on_both
    post_id = stage.add(texts=("One.", "Two.", "Three."))
    process = stage.process()
    process.send()

    _forge(stage, post_id, "Three, forged.")
    process.sender.send_due()

    assert [post["text"] for post in stage.fake.posts()] == ["One."]
    assert stage.state(post_id) is State.HELD


def test_a_thread_of_parts_that_just_fit_leaves_whole(x_stage_on_both: XStage):
    stage = x_stage_on_both
    texts = ("x" * 280, "س" * 280, "字" * 140)
    post_id = stage.add(texts=texts)

    stage.process().sender.send_due()

    assert [post["text"] for post in stage.fake.posts()] == list(texts)
    assert stage.state(post_id) is State.SENT
