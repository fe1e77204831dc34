"""A person's word on posts that wait for it: many at once, refused, and only as they were read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.errors import NotAllowedError, UnconfirmedError
from bot.core.people import Role
from bot.core.post import State
from bot.pipeline.approvals import Approver
from bot.pipeline.dossier import PAGE, Dossiers
from bot.pipeline.money import FREE
from bot.pipeline.seen import standing_of
from bot.publishing.x_answers import profile_of
from bot.store import people, posts
from posting import CAMPAIGN, NOW, fact
from stage import Stage

SOON = NOW + timedelta(hours=2)


@pytest.fixture
def approver(stage: Stage) -> Approver:
    stage.take_in(replace(CAMPAIGN, approval=True), [fact(f"fact-{place}") for place in range(3)])
    return Approver(stage.db, stage.clock, who="An Approver", renderer=stage.renderer, prices=lambda *_: 0)


@pytest.fixture
def dossiers(stage: Stage) -> Dossiers:
    return Dossiers(
        stage.db,
        stage.clock,
        budget=FREE,
        mode_of=lambda _: "live",
        profile_of=lambda _, url: profile_of(url),
    )


def _queued(stage: Stage, place: int = 0, who: str = "A Person") -> int:
    queued = stage.operator(who).queue_item(
        CAMPAIGN.key,
        f"fact-{place}",
        account="invented_x",
        language="en",
        at=SOON + timedelta(hours=place),
    )
    return queued.post.id


def _seen(stage: Stage, *numbers: int) -> dict[int, str]:
    return {number: stage.post(number).digest for number in numbers}


def test_one_that_cannot_be_approved_stops_no_other(stage: Stage, approver: Approver):
    own, changed, fine = _queued(stage, 0, "An Approver"), _queued(stage, 1), _queued(stage, 2)
    seen = {**_seen(stage, own, changed, fine), 4711: ""}
    stage.operator().move(changed, to=SOON + timedelta(hours=9))

    decided = approver.approve_all(seen)

    assert [(one.id, one.post is not None) for one in decided] == [
        (own, False),
        (changed, False),
        (fine, True),
        (4711, False),
    ]
    assert [stage.state(number) for number in (own, changed, fine)] == [State.HELD, State.HELD, State.READY]
    assert "wrote post" in decided[0].error
    assert "was changed after you read it" in decided[1].error
    assert stage.log_problems() == []


def test_a_refusal_is_logged_with_what_was_refused(stage: Stage, approver: Approver):
    number = _queued(stage)
    before = stage.post(number)

    refused = approver.refuse(number, reason="the figure is old", seen=before.digest)

    assert (refused.state, refused.guard, refused.reason) == (State.HELD, "person", "the figure is old")
    entry = stage.entries(number)[-1]
    assert (entry.event, entry.body["who"], entry.body["digest"], entry.text) == (
        "refused",
        "An Approver",
        before.digest,
        before.text,
    )
    assert stage.log_problems() == []


def test_a_refused_post_is_missed_at_its_moment(stage: Stage, approver: Approver):
    number = _queued(stage)
    approver.refuse(number, reason="no")

    stage.pass_time(hours=3)
    stage.process().sweep()

    assert stage.state(number) is State.MISSED


def test_what_waits_for_no_approval_is_not_refused(stage: Stage, approver: Approver):
    ready, approved = stage.add(due_at=SOON), _queued(stage, 1)
    approver.approve(approved)

    for number in (ready, approved):
        with pytest.raises(NotAllowedError, match="waits for no approval"):
            approver.refuse(number, reason="no")


def test_an_approved_post_that_is_held_on_is_cancelled_not_refused(stage: Stage, approver: Approver):
    number = _queued(stage)
    approver.refuse(number, reason="no")
    approver.approve(number)

    with pytest.raises(NotAllowedError, match="approved by An Approver: cancel it instead"):
        approver.refuse(number, reason="no")


@pytest.mark.parametrize(
    "decide",
    [
        pytest.param(lambda a, n, s: a.approve(n, seen=s), id="approve"),
        pytest.param(lambda a, n, s: a.refuse(n, reason="no", seen=s), id="refuse"),
        pytest.param(lambda a, n, s: a.release(n, seen=s), id="release"),
        pytest.param(lambda a, n, s: a.hold(n, reason="no", seen=s), id="hold"),
        pytest.param(lambda a, n, s: a.cancel(n, reason="no", seen=s), id="cancel"),
        pytest.param(lambda a, n, s: a.move(n, to=SOON, seen=s), id="move"),
    ],
)
def test_a_decision_is_about_what_was_read(
    stage: Stage, approver: Approver, decide: Callable[[Approver, int, str], object]
):
    number = _queued(stage)
    (seen,) = _seen(stage, number).values()
    stage.operator().move(number, to=SOON + timedelta(hours=1))
    before = stage.post(number)

    with pytest.raises(NotAllowedError, match="was changed after you read it"):
        decide(approver, number, seen)

    assert stage.post(number) == before


def _held(stage: Stage) -> int:
    number = stage.add(due_at=SOON)
    stage.operator("Carol").hold(number, reason="to be checked")
    return number


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(lambda one, number: one.release(number), id="released"),
        pytest.param(
            lambda one, number: (one.release(number), one.hold(number, reason="do not send")), id="held-anew"
        ),
        pytest.param(
            lambda one, number: (one.release(number), one.hold(number, reason="to be checked")),
            id="held-for-the-same-reason",
        ),
        pytest.param(lambda one, number: one.move(number, to=SOON + timedelta(hours=3)), id="moved"),
    ],
)
@pytest.mark.parametrize(
    "decide",
    [
        pytest.param(lambda one, number, seen: one.release(number, seen=seen), id="release"),
        pytest.param(lambda one, number, seen: one.cancel(number, reason="no", seen=seen), id="cancel"),
        pytest.param(lambda one, number, seen: one.move(number, to=SOON, seen=seen), id="move"),
    ],
)
def test_a_decision_is_bound_to_how_the_post_stood(stage: Stage, decide, meanwhile):
    stage.take_in()
    number = _held(stage)
    seen = standing_of(stage.post(number))
    stage.pass_time(seconds=1)
    meanwhile(stage.operator("Bob"), number)
    before = stage.post(number)

    with pytest.raises(NotAllowedError, match="was changed after you read it"):
        decide(stage.operator(), number, seen)

    assert stage.post(number) == before


def test_what_stands_as_it_was_seen_is_decided(stage: Stage):
    number = _held(stage)
    stage.pass_time(minutes=5)

    released = stage.operator().release(number, seen=standing_of(stage.post(number)))

    assert released.state is State.READY


def test_a_ready_post_is_held_though_the_bot_noted_why_it_waits(stage: Stage):
    number = stage.add(due_at=NOW)
    seen = standing_of(stage.post(number))
    with stage.db.write() as tx:
        posts.wait_for(tx, "invented_x", until=NOW + timedelta(hours=1), reason="its account waits")

    held = stage.operator().hold(number, reason="no", seen=seen)

    assert held.state is State.HELD


def test_a_word_on_an_unknown_post_is_about_the_attempt_that_was_looked_for(stage: Stage):
    number = stage.add()
    process = stage.process()
    for _ in range(2):
        stage.network(UnconfirmedError("silence"))
        process.send()
        for _ in range(2):
            stage.pass_time(minutes=3)
            process.sweep()
        if stage.post(number).attempts == 1:
            stage.resolver().send_again(number, attempt=1)

    with pytest.raises(NotAllowedError, match="was tried again after you looked"):
        stage.resolver().send_again(number, attempt=1)

    assert stage.state(number) is State.UNKNOWN


# -- reading -----------------------------------------------------------------------------------------


def test_own_posts_are_apart_and_each_of_the_others_is_on_one_page(
    stage: Stage, approver: Approver, dossiers: Dossiers
):
    own = _queued(stage, 0, "An Approver")
    with stage.db.write() as tx:
        people.add_user(tx, "Huda", role=Role.APPROVER, nonce="0" * 32, now=NOW)
        people.add_user(tx, "Sami", role=Role.AUTHOR, nonce="1" * 32, now=NOW)
    others = [
        stage.add(
            # Three of each moment: a page ends between two of one.
            due_at=SOON + timedelta(minutes=place // 3),
            account=("invented_x", "second_x", "invented_x")[place % 3],
            language=("en", "en", "ar")[place % 3],
            state=State.HELD,
            guard="approval",
            approval_needed=True,
        )
        for place in range(PAGE + 5)
    ]

    first = dossiers.to_approve("An Approver")
    second = dossiers.to_approve("An Approver", after=first.after)

    assert [one.post.id for page in (first, second) for one in page.waiting] == others
    assert (len(first.waiting), second.after) == (PAGE, None)
    assert [one.post.id for one in first.own] == [own]
    assert first.approvers == ("Huda",)


def test_the_last_approval_keeps_its_text_and_its_moment(
    stage: Stage, approver: Approver, dossiers: Dossiers
):
    number = _queued(stage)
    text = stage.post(number).text
    approver.approve(number)
    stage.operator().move(number, to=SOON + timedelta(hours=1))

    (waiting,) = dossiers.to_approve("Somebody Else").waiting

    assert waiting.approved is not None
    assert (waiting.approved.who, waiting.approved.text) == ("An Approver", text)
    assert (waiting.approved.due_at, waiting.approved.at) == (SOON, NOW)


def test_of_two_approvals_the_last_counts(stage: Stage, approver: Approver, dossiers: Dossiers):
    number = _queued(stage)
    approver.approve(number)
    stage.operator().move(number, to=SOON + timedelta(hours=1))
    stage.operator("Huda").approve(number)
    stage.operator().move(number, to=SOON + timedelta(hours=2))

    (waiting,) = dossiers.to_approve("Somebody Else").waiting

    assert waiting.approved is not None
    assert (waiting.approved.who, waiting.approved.due_at) == ("Huda", SOON + timedelta(hours=1))


def test_a_dossier_names_the_receipts_the_attempts_and_their_mode(stage: Stage, dossiers: Dossiers):
    number = stage.add()
    stage.process().send()

    found = dossiers.post(number)

    assert [part.url for part in found.receipts] == ["https://example.org/posts/1"]
    assert [(one.number, one.state, one.mode) for one in found.tries] == [(1, State.SENT, "live")]
    assert (found.mode, found.against) == ("live", ())


def test_what_the_bot_still_looks_for_is_no_unknown_post_yet(stage: Stage, dossiers: Dossiers):
    number = stage.add()
    stage.network(UnconfirmedError("silence"))
    stage.process().send()

    found = dossiers.unknown()

    assert found.posts == ()
    assert [(one.post.id, one.next_look) for one in found.looked_for] == [
        (number, NOW + timedelta(minutes=3))
    ]


@pytest.mark.parametrize(
    ("link", "profile"),
    [
        pytest.param("https://x.com/invented/status/77", "https://x.com/invented", id="named"),
        pytest.param("https://twitter.com/invented/status/77/photo/1", "https://x.com/invented", id="former"),
        pytest.param("https://x.com/i/web/status/77", None, id="nobody"),
        pytest.param("https://x.com/i/status/77", None, id="nobody, short"),
        pytest.param("https://example.org/invented/status/77", None, id="elsewhere"),
        pytest.param("https://x.com/invented", None, id="no post"),
    ],
)
def test_a_profile_is_read_from_a_link_that_names_it(link: str, profile: str | None):
    assert profile_of(link) == profile
