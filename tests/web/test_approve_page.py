"""Approving: who may, what was seen, what changed, many at once, and refusing with a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.content.reading import Content
from bot.core.campaign import Campaign, Item
from bot.core.people import Role
from bot.core.post import Mode, State
from bot.pipeline.sync import Syncer
from bot.store import posts
from posting import CAMPAIGN, NOW, fact
from stage import Stage
from visiting import Visitor, words_of

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

SOON = NOW + timedelta(hours=2)
STRICT = replace(CAMPAIGN, approval=True, cooldown=timedelta(0))


@pytest.fixture
def approver(stage: Stage, url: str) -> Iterator[Visitor]:
    stage.take_in(STRICT, [fact(f"fact-{place}") for place in range(3)])
    visitor = Visitor(stage, url=url)
    yield visitor
    visitor.close()


def _queued(stage: Stage, place: int = 0, who: str = "A Person", hours: int = 0) -> int:
    return (
        stage.operator(who)
        .queue_item(
            STRICT.key,
            f"fact-{place}",
            account="invented_x",
            language="en",
            at=SOON + timedelta(hours=place + hours),
        )
        .post.id
    )


def _sync(stage: Stage, campaign: Campaign, *items: Item) -> None:
    syncer = Syncer(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 0, mode=Mode.DRY_RUN)
    syncer.sync(Content(campaigns=(campaign,), items=items))


def _seen(stage: Stage, *numbers: int) -> dict[str, str]:
    return {f"seen-{number}": stage.post(number).digest for number in numbers}


def _listed(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<article class="card to-approve" id="post-(\d+)"', page)]


def _own(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="own-(\d+)"', page)]


def test_where_no_campaign_asks_for_approvals_the_page_says_how_it_would(stage: Stage, url: str):
    visitor = Visitor(stage, url=url)

    assert "No campaign asks for approvals" in words_of(visitor.see("/approve"))
    visitor.close()


def test_where_nothing_waits_the_page_says_so(approver: Visitor):
    assert "Nothing waits for your approval" in words_of(approver.see("/approve"))


def test_what_waits_is_listed_by_moment_and_day_with_its_source(stage: Stage, approver: Visitor):
    later, first = _queued(stage, 1, hours=24), _queued(stage, 0)

    page = approver.see("/approve")

    assert _listed(page) == [first, later]
    words = words_of(page)
    assert words.index("Sunday 1 March") < words.index("Monday 2 March")
    assert "Invented Network https://example.org/report" in words
    assert "Nobody approved it before: all of it is new." in words


def test_what_a_person_wrote_is_listed_apart_with_who_may_approve_it(
    stage: Stage, url: str, approver: Visitor
):
    number = _queued(stage, who=approver.name)
    other = Visitor(stage, url=url, role=Role.ADMIN)

    page = approver.see("/approve")

    assert (_listed(page), _own(page)) == ([], [number])
    assert f"Somebody else approves these: {other.name}." in words_of(page)
    other.close()


def test_where_nobody_else_may_approve_the_page_says_how_to_add_somebody(stage: Stage, approver: Visitor):
    _queued(stage, who=approver.name)

    assert "campaign-bot users add" in words_of(approver.see("/approve"))


def test_many_are_approved_at_once_and_each_is_told(stage: Stage, approver: Visitor):
    first, second, third = (_queued(stage, place) for place in range(3))

    page = approver.follow(
        approver.send("/approve", page="/approve", post=[first, second], **_seen(stage, first, second, third))
    )

    assert [stage.state(number) for number in (first, second, third)] == [
        State.READY,
        State.READY,
        State.HELD,
    ]
    assert f"2 posts are approved and leave at their moments: {first}, {second}" in words_of(page)
    assert _listed(page) == [third]
    assert stage.post(first).approved_by == approver.name


def test_one_alone_is_approved_by_its_own_button(stage: Stage, approver: Visitor):
    first, second = _queued(stage, 0), _queued(stage, 1)

    approver.follow(
        approver.send("/approve", page="/approve", post=[first], only=second, **_seen(stage, first, second))
    )

    assert (stage.state(first), stage.state(second)) == (State.HELD, State.READY)


def test_what_changed_after_it_was_read_is_not_approved_and_the_others_are(stage: Stage, approver: Visitor):
    first, second = _queued(stage, 0), _queued(stage, 1)
    seen = _seen(stage, first, second)
    stage.operator().move(first, to=SOON + timedelta(hours=9))

    page = approver.follow(approver.send("/approve", page="/approve", post=[first, second], **seen))

    assert (stage.state(first), stage.state(second)) == (State.HELD, State.READY)
    assert f"post {first} was changed after you read it: read it again, then decide" in words_of(page)


def test_a_form_that_names_no_digest_approves_nothing(stage: Stage, approver: Visitor):
    number = _queued(stage)

    approver.follow(approver.send("/approve", page="/approve", post=[number]))

    assert stage.state(number) is State.HELD


def test_nobody_approves_their_own_among_many(stage: Stage, approver: Visitor):
    own, other = _queued(stage, 0, who=approver.name), _queued(stage, 1)

    page = approver.follow(
        approver.send("/approve", page="/approve", post=[own, other], **_seen(stage, own, other))
    )

    assert (stage.state(own), stage.state(other)) == (State.HELD, State.READY)
    assert f"{approver.name} wrote post {own}" in words_of(page)


@pytest.mark.parametrize("chosen", [[], ["x"], ["٣x"], ["-1"], ["9" * 30]])
def test_a_form_that_chooses_nothing_says_so(approver: Visitor, chosen: list[str]):
    page = approver.follow(approver.send("/approve", page="/approve", post=chosen))

    assert "Choose the posts first" in words_of(page)


def test_a_number_of_no_post_is_told_in_words(approver: Visitor):
    page = approver.follow(approver.send("/approve", page="/approve", post=["4711"], **{"seen-4711": "x"}))

    assert "post 4711" in words_of(page)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUTHOR])
def test_only_an_approver_approves(stage: Stage, url: str, approver: Visitor, role: Role):
    number = _queued(stage)
    other = Visitor(stage, url=url, role=role)

    page = other.see("/approve")

    assert _listed(page) == [number]
    assert "Approve this one" not in page
    assert other.send("/approve", post=[number], **_seen(stage, number)).status_code == 403
    assert other.send(f"/approve/{number}/refuse", reason="no").status_code == 403
    assert stage.state(number) is State.HELD
    other.close()


def test_an_edit_makes_the_approval_void_and_the_page_shows_each_changed_word(
    stage: Stage, approver: Visitor
):
    items = [fact(f"fact-{place}") for place in range(3)]
    _sync(stage, STRICT, *items)
    number = _queued(stage)
    stage.operator("An Approver").approve(number)
    assert stage.state(number) is State.READY

    _sync(stage, STRICT, fact("fact-0", text="Quite other words of fact-0."), *items[1:])

    page = approver.see("/approve")
    assert _listed(page) == [number]
    assert "What changed since An Approver approved it" in words_of(page)
    assert "<del>Invented</del><ins>Quite other</ins>" in page


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param({}, {"alt": "Other words"}, "Its picture is described in other words.", id="alt"),
        pytest.param(
            {}, {"warning": True}, "Followers now see its picture only after a warning.", id="warning"
        ),
        pytest.param(
            {"warning": True}, {}, "Followers now see its picture without a warning.", id="no-warning"
        ),
        pytest.param({}, {"kind": "jpeg"}, "Its picture is another one.", id="another"),
        pytest.param({}, None, "It had a picture; it has none now.", id="gone"),
        pytest.param(None, {}, "It has a picture now; it had none.", id="new"),
        pytest.param({}, {}, None, id="the same"),
    ],
)
def test_what_changed_of_a_picture_is_told_whatever_else_did(
    stage: Stage, approver: Visitor, before, after, told
):
    old, new = (None if one is None else stage.album.add("drawing", **one) for one in (before, after))
    waiting = {"due_at": SOON, "approval_needed": True, "author": "A Person", "item": "fact-0"}
    number = stage.add(**waiting, state=State.HELD, guard="approval", picture=old)
    stage.operator("An Approver").approve(number)
    with stage.db.write() as tx:
        anew = stage.ready_post(**waiting, texts=("Other words.",), picture=new)
        post = posts.read_post(tx, number)
        posts.rewrite(tx, post, anew, state=State.HELD, reason="", guard="approval", now=stage.clock.now())

    for page in ("/approve", f"/posts/{number}"):
        words = words_of(approver.see(page))

        assert "What changed since An Approver approved it" in words
        assert [one for one in _OF_PICTURES if one in words] == ([] if told is None else [told])


_OF_PICTURES = (
    "Its picture is described in other words.",
    "Followers now see its picture only after a warning.",
    "Followers now see its picture without a warning.",
    "Its picture is another one.",
    "It had a picture; it has none now.",
    "It has a picture now; it had none.",
)


def test_a_refused_post_waits_for_its_author_and_comes_back_once_it_is_written_anew(
    stage: Stage, approver: Visitor
):
    items = [fact(f"fact-{place}") for place in range(3)]
    _sync(stage, STRICT, *items)
    number = _queued(stage)

    page = approver.follow(
        approver.send(
            f"/approve/{number}/refuse",
            page="/approve",
            reason="the figure is old",
            seen=stage.post(number).digest,
        )
    )

    assert (stage.state(number), stage.reason(number)) == (State.HELD, "the figure is old")
    assert _listed(page) == []
    (entry,) = [one for one in stage.entries(number) if one.event == "refused"]
    assert (entry.body["who"], entry.body["reason"]) == (approver.name, "the figure is old")
    assert "Refused by An Invented Approver" in words_of(approver.see(f"/posts/{number}"))
    _sync(stage, STRICT, fact("fact-0", text="Newer words."), *items[1:])
    assert _listed(approver.see("/approve")) == [number]
    assert stage.log_problems() == []


def test_a_refused_post_does_not_leave_when_somebody_approves_it_after_all(stage: Stage, approver: Visitor):
    number = _queued(stage)
    approver.send(f"/approve/{number}/refuse", page="/approve", reason="no", seen=stage.post(number).digest)

    page = approver.follow(approver.send(f"/posts/{number}/approve", seen=stage.post(number).digest))

    assert stage.state(number) is State.HELD
    assert "stays held until somebody releases it" in words_of(page)


@pytest.mark.parametrize(
    ("reason", "seen", "told", "status"),
    [
        pytest.param(" ", None, "Say why", 422, id="no reason"),
        pytest.param("a reason", "0" * 64, "was changed after you read it", 409, id="changed"),
    ],
)
def test_a_refusal_that_cannot_be_keeps_what_was_typed(
    stage: Stage, approver: Visitor, reason: str, seen: str | None, told: str, status: int
):
    number = _queued(stage)

    answer = approver.send(
        f"/approve/{number}/refuse",
        page="/approve",
        reason=reason,
        seen=seen or stage.post(number).digest,
    )

    assert answer.status_code == status
    assert told in words_of(answer.text)
    assert f'value="{reason}"' in answer.text
    assert stage.post(number).guard == "approval"


def test_an_approved_post_is_not_refused_any_more(stage: Stage, approver: Visitor):
    number = _queued(stage)
    seen = stage.post(number).digest
    stage.operator("An Approver").approve(number)

    answer = approver.send(f"/approve/{number}/refuse", page="/approve", reason="late", seen=seen)

    assert answer.status_code == 409
    assert stage.state(number) is State.READY


def test_pages_go_on_by_moment_and_no_post_is_on_two(stage: Stage, approver: Visitor):
    numbers = [
        stage.add(
            due_at=SOON + timedelta(minutes=place // 2),
            state=State.HELD,
            guard="approval",
            approval_needed=True,
            item="fact-0",
            texts=(f"Invented words {place}.",),
            fingerprint="",
            account=("invented_x", "second_x")[place % 2],
        )
        for place in range(45)
    ]

    found: list[int] = []
    path: str | None = "/approve"
    while path:
        page = approver.see(path)
        found += _listed(page)
        following = re.search(r'href="(/approve\?after=[^"]+)"', page)
        path = following[1].replace("&amp;", "&") if following else None

    assert found == numbers


@pytest.mark.parametrize(
    "after",
    [
        "",
        "x",
        "2026-01-01~1",
        "2026-01-01T00:00:00+00:00~" + "9" * 400,
        "~",
        "%01",
        "0001-01-01T00:00:00%2B14:00~1",
    ],
)
def test_a_page_that_is_none_is_the_first(stage: Stage, approver: Visitor, after: str):
    number = _queued(stage)

    assert _listed(approver.see(f"/approve?after={after}")) == [number]
