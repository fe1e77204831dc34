"""The queue as people use it: they look, narrow, choose, and act on many posts at once."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from bot.core.post import State
from bot.pipeline.rewriting import Rewriter
from bot.pipeline.seen import standing_of
from posting import CAMPAIGN, NOW, SECOND_ACCOUNT, fact, force_state
from stage import Stage
from visiting import Visitor, words_of

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


def _add(stage: Stage, number: int = 3) -> list[int]:
    return [
        stage.add(due_at=NOW + timedelta(hours=1 + place), texts=(f"Invented words number {place}.",))
        for place in range(number)
    ]


def _chosen(stage: Stage, *numbers: int) -> dict[str, object]:
    """What the form says of these posts as they stand now."""
    seen = {f"seen-{number}": standing_of(stage.post(number)) for number in numbers}
    return {"post": list(numbers), **seen}


def _undo(page: str) -> dict[str, str]:
    """The fields of the form that takes back what was done last."""
    form = re.search(r'<form method="post" action="/queue/\w+" class="inline">(.*?)</form>', page, re.DOTALL)
    assert form is not None, "nothing can be undone"
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[1])
    return {name: html.unescape(value) for name, value in fields if name not in ("csrf_token", "back")}


def _texts(page: str) -> list[str]:
    return re.findall(r"Invented words number (\d+)\.", page)


def test_an_empty_queue_says_what_to_do_first(viewer: Visitor):
    assert "Nothing is waiting to leave" in viewer.see("/queue")


def test_what_comes_is_listed_soonest_first_with_its_why(stage: Stage, viewer: Visitor):
    _add(stage)

    page = viewer.see("/queue")

    assert _texts(page) == ["0", "1", "2"]
    assert "Why this item now an invented reason" in words_of(page)
    assert 'dir="auto" lang="en"' in page


def test_tabs_count_posts_by_state(stage: Stage, viewer: Visitor):
    first, *_ = _add(stage, 4)
    stage.operator().hold(first, reason="invented")

    page = words_of(viewer.see("/queue?tab=held"))

    assert "Coming 3 Held 1 Missed 0 Unknown 0 Rejected 0 Sent 0 All 4" in page


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        pytest.param("/queue?order=latest", ["2", "1", "0"], id="latest-first"),
        pytest.param("/queue?text=NUMBER+1", ["1"], id="text"),
        pytest.param("/queue?account=second_x", [], id="account"),
        pytest.param(
            "/queue?language=en&network=x&kind=fact&campaign=invented-campaign", ["0", "1", "2"], id="all"
        ),
        pytest.param("/queue?campaign=invented-campaign&item=invented-fact", ["2", "1", "0"], id="item"),
        pytest.param("/queue?state=held", [], id="state"),
        pytest.param("/queue?state=ready", ["0", "1", "2"], id="state-without-a-tab"),
        pytest.param("/queue?person=1", [], id="person"),
        pytest.param(
            "/queue?tab=nonsense&order=nonsense&page=nonsense&older=x", ["0", "1", "2"], id="nonsense"
        ),
        pytest.param("/queue?network=%ff&kind='&language=%F0%9F%92%A3&campaign=%01", [], id="hostile"),
    ],
)
def test_the_list_is_narrowed_and_sorted_by_its_address(stage: Stage, viewer: Visitor, address, shown):
    _add(stage)

    assert _texts(viewer.see(address)) == shown


def test_a_long_queue_goes_on_and_comes_back(stage: Stage, viewer: Visitor):
    _add(stage, 53)

    first = viewer.see("/queue?text=invented")
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = viewer.see(following[1].replace("&amp;", "&"))
    before = re.search(r'rel="prev" href="([^"]+)"', second)
    assert before is not None
    again = viewer.see(before[1].replace("&amp;", "&"))

    assert (len(_texts(first)), _texts(second)) == (50, ["50", "51", "52"])
    assert _texts(again) == _texts(first)


def test_several_are_held_at_once_and_each_refusal_is_told(stage: Stage, approver: Visitor):
    first, second, third = _add(stage)
    with stage.db.write() as tx:
        force_state(tx, third, State.SENT)

    chosen = _chosen(stage, first, second, third)
    answer = approver.send("/queue/hold", page="/queue", reason="to be checked", **chosen)
    page = words_of(approver.follow(answer))

    assert [stage.state(number) for number in (first, second, third)] == [State.HELD, State.HELD, State.SENT]
    assert stage.reason(first) == "to be checked"
    assert "2 posts are held." in page
    assert f"Post {third}: a post that is “sent” cannot become “held”" in page


def test_what_was_held_is_let_go_with_undo(stage: Stage, approver: Visitor):
    first, second, _ = _add(stage)
    held = approver.follow(approver.send("/queue/hold", page="/queue", **_chosen(stage, first, second)))

    page = approver.follow(approver.send("/queue/release", page="/queue", **_undo(held)))

    assert "2 posts are released." in words_of(page)
    assert {stage.state(first), stage.state(second)} == {State.READY}


def test_posts_move_by_a_span_and_back_with_undo(stage: Stage, author: Visitor):
    first, second, _ = _add(stage)

    moved = author.follow(
        author.send("/queue/move", page="/queue", by="2", unit="days", **_chosen(stage, first, second))
    )
    after = stage.post(first).due_at
    page = author.follow(author.send("/queue/move", page="/queue", **_undo(moved)))

    assert "2 posts are moved." in words_of(page)
    assert after == NOW + timedelta(hours=1, days=2)
    assert stage.post(first).due_at == NOW + timedelta(hours=1)


def test_a_post_moves_to_wall_time_of_its_campaign(stage: Stage, author: Visitor):
    first, *_ = _add(stage)

    author.send("/queue/move", page="/queue", to="2026-03-02T12:00", **_chosen(stage, first))

    # Damascus is three hours ahead of UTC.
    assert stage.post(first).due_at == NOW.replace(day=2, hour=9, minute=0)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"by": "0"},
        {"by": "x"},
        {"by": "9" * 30},
        {"to": "tomorrow"},
        {"to": "1999-01-01"},
        {"was": "1:x :3 4"},
    ],
)
def test_a_move_to_nowhere_moves_nothing_and_says_so(stage: Stage, author: Visitor, fields):
    first, *_ = _add(stage)

    page = author.follow(author.send("/queue/move", page="/queue", **_chosen(stage, first), **fields))

    assert 'class="told warning"' in page
    assert stage.post(first).due_at == NOW + timedelta(hours=1)


def test_cancelling_names_the_posts_before_it_is_done(stage: Stage, author: Visitor):
    first, second, third = _add(stage)

    asked = author.follow(
        author.send("/queue/cancelling", page="/queue", post=[first, second], back="/queue?order=latest")
    )
    before = stage.states()
    seen = dict(re.findall(r'name="(seen-\d+)" value="(\w+)"', asked))
    page = author.follow(
        author.send(
            "/queue/cancel", page="/queue", posts=f"{first} {second}", back="/queue?order=latest", **seen
        )
    )

    assert "Cancel 2 posts?" in words_of(asked)
    assert _texts(asked) == ["0", "1"]
    assert set(before.values()) == {State.READY}
    assert "2 posts are cancelled." in words_of(page)
    assert stage.states() == {first: State.CANCELLED, second: State.CANCELLED, third: State.READY}


@pytest.mark.parametrize("path", ["/queue/hold", "/queue/release", "/queue/cancel"])
def test_nothing_chosen_is_said_and_changes_nothing(stage: Stage, approver: Visitor, path):
    _add(stage, 1)

    page = approver.follow(approver.send(path, page="/queue"))

    assert "Choose the posts first." in words_of(page)


@pytest.mark.parametrize("post", ["x", "-1", "99999999999999999999999", "٣", "77"])
def test_a_number_that_is_no_posts_is_told_or_ignored(stage: Stage, approver: Visitor, post):
    _add(stage, 1)

    page = approver.follow(approver.send("/queue/hold", page="/queue", post=post))

    assert 'class="told warning"' in page


def test_a_viewer_sees_no_boxes_and_may_do_nothing(stage: Stage, viewer: Visitor):
    first, *_ = _add(stage)

    page = viewer.see("/queue")
    answers = [
        viewer.send(f"/queue/{what}", post=first, by="1").status_code
        for what in ("hold", "release", "move", "cancelling", "cancel")
    ]

    assert 'type="checkbox"' not in page
    assert answers == [403] * 5
    assert stage.state(first) is State.READY


def test_an_author_holds_but_does_not_release(stage: Stage, author: Visitor):
    first, *_ = _add(stage)

    held = author.follow(author.send("/queue/hold", page="/queue", **_chosen(stage, first)))
    released = author.send("/queue/release", page="/queue", **_chosen(stage, first))

    assert "Undo" not in words_of(held)
    assert released.status_code == 403
    assert stage.state(first) is State.HELD


def test_a_form_sends_nobody_to_another_site(stage: Stage, approver: Visitor):
    first, *_ = _add(stage)

    evil = "https://evil.example.org/"
    answer = approver.send("/queue/hold", page="/queue", back=evil, **_chosen(stage, first))
    asked = approver.send("/queue/cancelling", page="/queue", post=first, back="//evil.example.org/")

    assert "evil" not in answer.location + asked.location
    page = approver.see(f"/queue/cancelling?posts={first}&back=//evil.example.org")
    assert 'href="//evil' not in page
    assert 'value="//evil' not in page


def test_hostile_words_are_letters_on_the_page(stage: Stage, viewer: Visitor):
    stage.add(texts=("<script>alert(1)</script>",), why="<img src=x>", account=SECOND_ACCOUNT.name)

    page = viewer.see('/queue?text=<b>x</b>&account="><script>') + viewer.see("/queue")

    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    assert "<b>x</b>" not in page


# -- what was seen is what is decided ----------------------------------------------------------------

_ACTS = [
    pytest.param("hold", {}, State.READY, id="hold"),
    pytest.param("release", {}, State.HELD, id="release"),
    pytest.param("move", {"by": "1", "unit": "hours"}, State.READY, id="move"),
    pytest.param("cancel", {}, State.READY, id="cancel"),
]


def _waiting(stage: Stage, state: State, item: str = "invented-fact") -> int:
    stage.take_in(items=[fact(), fact("another")])
    at = NOW + timedelta(hours=2 if item == "another" else 3)
    queued = stage.operator().queue_item(CAMPAIGN.key, item, account="invented_x", language="en", at=at)
    if state is State.HELD:
        stage.operator().hold(queued.post.id, reason="to be checked")
    return queued.post.id


def _write_anew(stage: Stage, text: str) -> None:
    """The item of `_waiting` says something else from now on, and so does its post."""
    item = fact(text=text)
    stage.take_in(items=[item, fact("another")])
    with stage.db.write() as tx:
        Rewriter(renderer=stage.renderer, prices=lambda *_: 0).bring_up_to_date(
            tx, CAMPAIGN, only={item.key}, now=stage.clock.now()
        )


@pytest.mark.parametrize(("act", "more", "state"), _ACTS)
def test_a_row_says_how_its_post_stood_and_the_form_is_believed(
    stage: Stage, approver: Visitor, act, more, state
):
    number = _waiting(stage, state)
    rows = dict(re.findall(r'name="(seen-\d+)" value="(\w+)" form="bulk"', approver.see("/queue?tab=all")))
    before = stage.post(number)

    page = approver.follow(approver.send(f"/queue/{act}", page="/queue", post=number, **more, **rows))

    assert "1 post is" in words_of(page)
    assert stage.post(number) != before


@pytest.mark.parametrize(("act", "more", "state"), _ACTS)
def test_a_form_that_does_not_say_what_was_seen_changes_no_post(
    stage: Stage, approver: Visitor, act, more, state
):
    number = _waiting(stage, state)
    before = stage.post(number)

    page = approver.follow(approver.send(f"/queue/{act}", page="/queue", post=number, **more))

    assert "was changed after you read it" in words_of(page)
    assert stage.post(number) == before


@pytest.mark.parametrize(("act", "more", "state"), _ACTS)
def test_what_was_written_anew_meanwhile_is_not_decided(stage: Stage, approver: Visitor, act, more, state):
    number, other = _waiting(stage, state), _waiting(stage, state, "another")
    chosen = _chosen(stage, number, other)
    _write_anew(stage, "Words that nobody chose.")
    before = stage.post(number)

    page = approver.follow(approver.send(f"/queue/{act}", page="/queue", **chosen, **more))

    assert "Words that nobody chose." in before.text
    assert f"post {number} was changed after you read it" in words_of(page)
    assert "1 post is" in words_of(page)
    assert stage.post(number) == before


def test_what_another_holds_by_now_is_not_released(stage: Stage, approver: Visitor):
    number = _waiting(stage, State.HELD)
    chosen = _chosen(stage, number)
    stage.operator("Bob").release(number)
    stage.operator("Bob").hold(number, reason="do not send")

    page = approver.follow(approver.send("/queue/release", page="/queue", **chosen))

    assert "was changed after you read it" in words_of(page)
    assert (stage.state(number), stage.reason(number)) == (State.HELD, "do not send")


def test_a_release_overrules_the_guard_of_its_row_alone(stage: Stage, approver: Visitor):
    said = _waiting(stage, State.READY)
    number = (
        stage.operator()
        .queue_item(
            CAMPAIGN.key, "invented-fact", account="invented_x", language="en", at=NOW + timedelta(hours=4)
        )
        .post.id
    )
    assert stage.post(number).guard == "repeats"
    chosen = _chosen(stage, number)
    approver.follow(approver.send("/queue/release", page="/queue", **chosen))
    assert stage.post(number).overruled == {"repeats"}
    with stage.db.write() as tx:
        force_state(tx, number, State.HELD, guard="person", reason="to be checked", overruled="")

    page = approver.follow(approver.send("/queue/release", page="/queue", **_chosen(stage, number)))

    assert f"post {number} stays held; by now repeats" in words_of(page)
    assert (stage.state(said), stage.state(number)) == (State.READY, State.HELD)


@pytest.mark.parametrize("reason", ["do not send", ""], ids=["another-reason", "no-reason-either"])
def test_an_undo_releases_nothing_that_somebody_held_since(stage: Stage, approver: Visitor, reason):
    first, second, _ = _add(stage)
    held = approver.follow(approver.send("/queue/hold", page="/queue", **_chosen(stage, first, second)))
    stage.pass_time(seconds=5)
    stage.operator("Bob").release(first)
    stage.operator("Bob").hold(first, reason=reason or stage.reason(second))

    page = approver.follow(approver.send("/queue/release", page="/queue", **_undo(held)))

    assert f"post {first} was changed after you read it" in words_of(page)
    assert [stage.state(number) for number in (first, second)] == [State.HELD, State.READY]


def test_an_undo_moves_nothing_back_that_somebody_moved_since(stage: Stage, author: Visitor):
    first, second, _ = _add(stage)
    chosen = _chosen(stage, first, second)
    moved = author.follow(author.send("/queue/move", page="/queue", by="2", unit="days", **chosen))
    elsewhere = NOW + timedelta(days=5)
    stage.operator("Bob").move(first, to=elsewhere)

    page = author.follow(author.send("/queue/move", page="/queue", **_undo(moved)))

    assert f"post {first} was changed after you read it" in words_of(page)
    assert stage.post(first).due_at == elsewhere
    assert stage.post(second).due_at == NOW + timedelta(hours=2)


def test_the_undo_of_a_whole_page_fits_into_the_browsers_cookie(stage: Stage, author: Visitor):
    numbers = _add(stage, 51)
    chosen = _chosen(stage, *numbers[:50])

    answer = author.send("/queue/move", page="/queue", by="2", unit="days", **chosen)

    # RFC 6265, 6.1: a browser keeps at least 4,096 bytes of a cookie with its name; read 2026-11.
    assert max(len(cookie) for cookie in answer.headers.getlist("Set-Cookie")) < 4096
    author.follow(author.send("/queue/move", page="/queue", **_undo(author.follow(answer))))
    assert stage.post(numbers[49]).due_at == NOW + timedelta(hours=50)


def test_the_queue_reads_from_right_to_left_in_arabic(stage: Stage, url: str):
    _add(stage)
    visitor = Visitor(stage, url=url, language="ar")

    page = visitor.see("/queue")

    visitor.close()
    assert '<html lang="ar" dir="rtl"' in page
