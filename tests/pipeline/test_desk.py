"""An item written and queued in one go: all of it or nothing, at one moment, as it was seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.content.form import form_of, read_form
from bot.core.campaign import Item, Wording
from bot.core.errors import ContentError, NotAllowedError, NotFoundError, RenderError
from bot.core.post import State
from bot.pipeline.desk import Desk, To
from bot.store import contents, posts
from posting import CAMPAIGN, NOW, fact
from stage import Stage

EN, AR = To(account="invented_x", language="en"), To(account="invented_x", language="ar")


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage.db, stage.clock, who="A Writer", renderer=stage.renderer, prices=lambda *_: 7)


def _new(key: str = "new-fact", **changes: object) -> Item:
    source = fact().source
    assert source is not None
    return fact(key, **{"source": replace(source, read_on=NOW.date()), **changes})


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
    form = form_of(replace(item, key="again"))
    reading = read_form(form, campaign=CAMPAIGN)

    (seen,) = desk.preview(reading, form, campaign=CAMPAIGN.key, to=[EN], at=at, is_new=True)
    (queued,) = desk.queue_new(replace(item, key="again"), to=[EN], at=at + timedelta(hours=1))

    assert "says the same" in seen.held
    assert queued.post.state is State.HELD


def test_a_preview_changes_nothing(stage: Stage, desk: Desk):
    form = {"kind": "fact", "key": "x", "text_en": "Some words."}

    (seen,) = desk.preview(
        read_form(form, campaign=CAMPAIGN), form, campaign=CAMPAIGN.key, to=[EN, AR], at=None, is_new=True
    )

    assert seen.parts[0].text.startswith("Some words.")
    assert _stored(stage) == (["invented-fact"], 0)
