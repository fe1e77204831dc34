"""A content warning reaches the followers, or the post waits for a person's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.content.reading import Content
from bot.core.campaign import Account, Campaign, Network
from bot.core.errors import NotAllowedError
from bot.core.media import PictureFile, PostPicture
from bot.core.post import Part, Post, RenderedPost, State
from bot.pipeline.guards import judge_text
from bot.pipeline.sync import Syncer
from posting import ACCOUNT, CAMPAIGN, NOW, fact
from stage import Stage

SOON = NOW + timedelta(hours=2)
WARNED = fact("warned-fact", content_warning={"en": "Torture", "ar": "تعذيب"})
HELD = "warning: x cannot put a content warning before a text"
#: Where the network itself shows a warning before a text.
_WARNS = {Network.MASTODON, Network.TELEGRAM}
PICTURE = PostPicture(
    file=PictureFile(digest="ab" * 32, media_type="image/png", width=9, height=9, size=99),
    alt="Invented chairs",
    warning=True,
)


def _account(**changes: object) -> Campaign:
    return replace(CAMPAIGN, accounts=(replace(ACCOUNT, **changes), *CAMPAIGN.accounts[1:]))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _warned_fact(stage: Stage) -> None:
    stage.take_in(items=[WARNED])


def _queued(stage: Stage, who: str = "Sami") -> Post:
    queued = stage.operator(who).queue_item(
        CAMPAIGN.key, WARNED.key, account=ACCOUNT.name, language="en", at=SOON
    )
    return queued.post


def _sync(stage: Stage, campaign: Campaign = CAMPAIGN, **changes: object) -> None:
    content = Content(campaigns=(campaign,), items=(fact(), replace(WARNED, **changes)))  # type: ignore[arg-type]
    Syncer(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 0).sync(content)


def _send(stage: Stage) -> None:
    stage.pass_time(hours=2)
    stage.process().send()


# -- who is held --------------------------------------------------------------------------------------


@pytest.mark.parametrize("unwarned", [False, True], ids=["asks", "unwarned"])
@pytest.mark.parametrize("number", [1, 2], ids=["one part", "thread"])
@pytest.mark.parametrize("picture", [None, PICTURE], ids=["text alone", "with a picture"])
@pytest.mark.parametrize("warning", [None, "Torture"], ids=["no warning", "warned"])
@pytest.mark.parametrize("network", Network)
def test_only_a_warning_that_nobody_would_see_holds_a_text(
    network: Network, warning: str | None, picture: PostPicture | None, number: int, unwarned: bool
):
    account = Account(name="invented", network=network, languages=("en",), unwarned=unwarned)
    parts = tuple(Part(number=one, text="Words.", length=6) for one in range(1, number + 1))
    rendered = RenderedPost(parts=parts, content_warning=warning, picture=picture)

    said = judge_text(WARNED, rendered, campaign=CAMPAIGN, account=account, language="en")

    is_seen = warning is None or network in _WARNS
    assert [guard.name for guard in said if guard.name == "warning"] == (
        [] if is_seen or unwarned else ["warning"]
    )
    assert all(not guard.holds for guard in said if guard.name == "warning")


def test_a_warned_text_without_a_picture_is_held_on_x_with_the_reason(stage: Stage):
    post = _queued(stage)

    assert (post.state, post.guard, post.reason) == (State.HELD, "warning", HELD)
    assert post.content_warning == "Torture"


def test_where_the_campaign_says_so_it_leaves_without_its_warning(stage: Stage):
    stage.take_in(_account(unwarned=True), [WARNED])

    post = _queued(stage)
    _send(stage)

    assert (post.state, stage.state(post.id)) == (State.READY, State.SENT)


# -- a person's word ----------------------------------------------------------------------------------


def test_a_person_may_let_it_leave_without_its_warning(stage: Stage):
    number = _queued(stage).id

    released = stage.operator("Huda").release(number)
    _send(stage)

    assert (released.state, released.guard, released.overruled) == (State.READY, None, {"warning"})
    assert stage.state(number) is State.SENT
    (entry,) = [entry for entry in stage.entries(number) if entry.event == "overruled"]
    assert {"who": "Huda", "guards": "warning", "reason": HELD}.items() <= entry.body.items()
    assert stage.log_problems() == []


def test_a_word_about_other_guards_does_not_overrule_the_warning(stage: Stage):
    number = _queued(stage).id

    with pytest.raises(NotAllowedError, match="stays held; by now warning: x cannot put"):
        stage.operator("Huda").release(number, overruling={"repeats"})

    assert stage.state(number) is State.HELD


def test_another_warning_needs_another_word(stage: Stage):
    number = _queued(stage).id
    stage.operator("Huda").release(number)

    _sync(stage, content_warning={"en": "Violence", "ar": "عنف"})

    post = stage.post(number)
    assert (post.state, post.guard, post.content_warning) == (State.HELD, "warning", "Violence")
    assert post.overruled == frozenset()


def test_what_was_let_pass_stays_so_while_its_words_are_the_same(stage: Stage):
    number = _queued(stage).id
    stage.operator("Huda").release(number)

    _sync(stage, recheck_on=(NOW + timedelta(days=90)).date())

    post = stage.post(number)
    assert (post.state, post.overruled) == (State.READY, {"warning"})


def test_an_approval_does_not_overrule_the_warning(stage: Stage):
    stage.take_in(replace(CAMPAIGN, approval=True), [WARNED])
    number = _queued(stage).id
    huda = stage.operator("Huda")

    with pytest.raises(NotAllowedError, match="needs an approval"):
        huda.release(number)
    approved = huda.approve(number)
    released = huda.release(number)

    assert (approved.state, approved.guard) == (State.HELD, "warning")
    assert (released.state, released.overruled) == (State.READY, {"warning"})


# -- what the campaign says by now --------------------------------------------------------------------


def test_what_was_planned_while_its_account_asked_for_nothing_is_held_once_it_does(stage: Stage):
    stage.take_in(_account(unwarned=True), [WARNED])
    number = _queued(stage).id

    _sync(stage)
    _send(stage)

    assert (stage.state(number), stage.post(number).guard, stage.reason(number)) == (
        State.HELD,
        "warning",
        HELD,
    )
    assert stage.network().requests == []


def test_what_a_person_held_too_is_released_with_both_named(stage: Stage):
    stage.take_in(_account(unwarned=True), [WARNED])
    number = _queued(stage).id
    stage.operator().hold(number, reason="until the family agrees")
    _sync(stage)

    released = stage.operator("Huda").release(number)
    _send(stage)

    assert released.overruled == {"warning"}
    assert stage.state(number) is State.SENT


def test_what_no_rule_holds_any_more_still_waits_for_its_release(stage: Stage):
    number = _queued(stage).id

    _sync(stage, _account(unwarned=True))
    waits = stage.state(number)
    stage.operator("Huda").release(number)
    _send(stage)

    assert (waits, stage.state(number)) == (State.HELD, State.SENT)
