"""The page of one post: what followers will see, what stands behind it, and what a person does about it."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.core.campaign import Item, Kind, Network, Wording
from bot.core.errors import UnconfirmedError
from bot.core.post import State
from posting import CAMPAIGN, NOW, fact, force_state
from stage import Stage
from visiting import Visitor, words_of

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

SOON = NOW + timedelta(hours=2)


def _with_approval(stage: Stage) -> None:
    stage.take_in(replace(CAMPAIGN, approval=True), [fact()])


def _queued(stage: Stage, who: str = "A Person") -> int:
    """A post of the invented fact, rendered, that leaves soon."""
    return (
        stage.operator(who)
        .queue_item(CAMPAIGN.key, "invented-fact", account="invented_x", language="en", at=SOON)
        .post.id
    )


def _repeated(stage: Stage) -> int:
    """A held post that says what was said an hour before it."""
    for hours in (2, 3):
        item = Item(
            campaign=CAMPAIGN.key,
            key="said",
            kind=Kind.CALL,
            wordings={"en": Wording(text="Where are they?")},
        )
        moment = NOW + timedelta(hours=hours)
        queued = stage.operator().queue(item, account="invented_x", language="en", at=moment)
    return queued.post.id


def _forms(page: str) -> set[str]:
    """What the page lets its reader do with the post."""
    return set(re.findall(r'action="/posts/\d+/(\w+)"', page))


def _seen(stage: Stage, number: int) -> str:
    return stage.post(number).digest


def test_a_post_of_a_dry_run_was_neither_published_nor_charged(stage: Stage, viewer: Visitor):
    stage.outlets.mode = "dry-run"
    sent = stage.add()
    stage.process().send()
    assert stage.state(sent) is State.SENT

    page = words_of(viewer.see(f"/posts/{sent}"))

    assert "Dry run: nothing left this machine." in page
    assert "nothing: it was a dry run; live it would be $0.015" in page
    assert "Published" not in page
    assert "charged by" not in page


def test_an_unconfirmed_post_may_be_charged(stage: Stage, viewer: Visitor):
    stage.network(UnconfirmedError("an invented silence"))
    post = stage.add()
    stage.process().send()

    page = words_of(viewer.see(f"/posts/{post}"))

    assert "$0.015 may be charged by X" in page


def test_the_page_shows_the_text_its_source_its_why_and_its_cost(stage: Stage, viewer: Visitor):
    number = _queued(stage)

    page = viewer.see(f"/posts/{number}")

    words = words_of(page)
    assert f"Post {number}" in words
    assert "What followers will see" in words
    assert "Invented words of invented-fact." in words
    assert "Invented Network https://example.org/report" in words
    assert "March 2011 – June 2020" in words
    assert "queued by A Person" in words
    assert "of 280, as X counts" in words
    assert 'rel="noreferrer noopener"' in page
    assert '<span class="hashtag" dir="auto">#Invented</span>' in page


@pytest.mark.parametrize("number", ["4711", "0", "-1", "x", "9" * 30])
def test_a_number_of_no_post_is_a_page_that_says_so(viewer: Visitor, number: str):
    answer = viewer.ask(f"/posts/{number}")

    assert answer.status_code == 404
    assert "There is nothing here" in words_of(answer.text)


def test_a_thread_is_shown_part_by_part(stage: Stage, viewer: Visitor):
    number = stage.add(texts=("The first part.", "The second part."), due_at=SOON)

    words = words_of(viewer.see(f"/posts/{number}"))

    assert "1 of 2 The first part." in words
    assert "2 of 2 The second part." in words


@pytest.mark.parametrize(
    ("network", "lengths", "changes", "measured"),
    [
        pytest.param(Network.MASTODON, (480,), {}, "480 of 500", id="plain"),
        pytest.param(
            Network.MASTODON, (480,), {"content_warning": "invented violence"}, "480 of 483", id="warned of"
        ),
        pytest.param(Network.TELEGRAM, (1000, 3000), {"picture": True}, "1,000 of 1,024", id="a caption"),
        pytest.param(
            Network.TELEGRAM,
            (500, 3000),
            {"picture": True, "content_warning": "invented violence"},
            "3,000 of 4,074",
            id="a caption with room",
        ),
    ],
)
@pytest.mark.parametrize("page", ["/posts/{number}", "/approve"], ids=["post", "approve"])
def test_the_fullest_part_is_measured_beside_what_leaves_with_it(
    stage: Stage, approver: Visitor, page, network, lengths, changes, measured
):
    stage.take_in(CAMPAIGN, [fact()])
    if "picture" in changes:
        changes = {**changes, "picture": stage.album.add("one")}
    number = stage.add(
        texts=tuple("x" * length for length in lengths),
        due_at=SOON,
        network=network,
        state=State.HELD,
        approval_needed=True,
        **changes,
    )

    words = words_of(approver.see(page.format(number=number)))

    assert f"Length {measured}" in words


def test_a_content_warning_stands_before_the_text_where_the_network_shows_it(stage: Stage, viewer: Visitor):
    number = stage.add(due_at=SOON, content_warning="invented violence", network=Network.MASTODON)

    assert "Content warning invented violence" in words_of(viewer.see(f"/posts/{number}"))


def test_a_content_warning_stands_before_each_part_of_a_thread_in_telegrams_own_words(
    stage: Stage, viewer: Visitor
):
    number = stage.add(
        texts=("One.", "Two."), due_at=SOON, content_warning="invented violence", network=Network.TELEGRAM
    )

    words = words_of(viewer.see(f"/posts/{number}"))

    assert "⚠️ invented violence One." in words
    assert "⚠️ invented violence Two." in words
    assert "shows no content warning" not in words


def test_on_x_nobody_is_told_that_followers_see_a_content_warning(stage: Stage, viewer: Visitor):
    number = stage.add(due_at=SOON, content_warning="invented violence")

    words = words_of(viewer.see(f"/posts/{number}"))

    assert "Content warning" not in words
    assert "X shows no content warning: followers see the text at once. The item has one: invented" in words


def test_a_text_that_turns_its_direction_is_marked_and_warned_of(stage: Stage, viewer: Visitor):
    number = stage.add(due_at=SOON, texts=("In all \u202e123\u202c people.",))

    page = viewer.see(f"/posts/{number}")

    assert 'data-mark="RLO"' in page
    assert "U+202E RIGHT-TO-LEFT OVERRIDE" in page


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}"])
def test_what_people_wrote_never_becomes_a_part_of_the_page(stage: Stage, viewer: Visitor, text: str):
    number = stage.add(due_at=SOON, texts=(text,), why=text, content_warning=text, author=text)
    stage.operator().hold(number, reason=text)

    page = viewer.see(f"/posts/{number}")

    assert text not in page or text == "{{ 7*7 }}"
    assert html.escape(text, quote=False).replace('"', "&#34;") in page


def test_an_item_that_has_to_be_checked_again_says_so(stage: Stage, viewer: Visitor):
    stage.take_in(CAMPAIGN, [fact(period=None, recheck_on=date(2026, 2, 1))])
    number = stage.add(due_at=SOON)

    assert "that day has passed" in words_of(viewer.see(f"/posts/{number}"))


def test_an_item_that_changed_after_the_post_was_written_is_told(stage: Stage, viewer: Visitor):
    number = stage.add(due_at=SOON)
    stage.take_in(CAMPAIGN, [fact(text="Other words.")])

    assert "The item changed after this post was written." in words_of(viewer.see(f"/posts/{number}"))


# -- the timeline ------------------------------------------------------------------------------------


def test_attempts_and_looks_are_told_to_the_second_with_their_mode(stage: Stage, viewer: Visitor):
    number = stage.add()
    stage.network(UnconfirmedError("an invented silence"))
    process = stage.process()
    process.send()
    for _ in range(2):
        stage.pass_time(minutes=3)
        process.sweep()

    words = words_of(viewer.see(f"/posts/{number}"))

    assert "Attempt 1 begins" in words
    assert "live" in words
    assert "12:00:00" in words  # 9:00 UTC in Damascus
    assert "an invented silence" in words
    assert "The network was looked at: it does not show the post" in words
    assert "2 whole reads of X do not show it" in words
    assert "Nobody knows whether it is public" in words


def test_a_sent_post_offers_its_link_and_nothing_that_changes_it(stage: Stage, approver: Visitor):
    number = stage.add()
    stage.process().send()

    page = approver.see(f"/posts/{number}")

    assert 'href="https://example.org/posts/1"' in page
    assert "What followers see" in words_of(page)
    assert _forms(page) == set()


@pytest.mark.parametrize(
    "state", [State.CANCELLED, State.REJECTED, State.WITHDRAWN, State.SENDING, State.CLAIMED]
)
def test_what_is_final_or_under_way_offers_nothing(stage: Stage, approver: Visitor, state: State):
    number = stage.add(due_at=SOON)
    with stage.db.write() as tx:
        force_state(tx, number, state)

    assert _forms(approver.see(f"/posts/{number}")) == set()


# -- acting ------------------------------------------------------------------------------------------


def test_what_a_page_offers_depends_on_who_reads_it(
    stage: Stage, viewer: Visitor, author: Visitor, approver: Visitor
):
    ready, held = stage.add(due_at=SOON), stage.add(due_at=SOON + timedelta(hours=1), state=State.HELD)

    assert _forms(viewer.see(f"/posts/{ready}")) == set()
    assert _forms(author.see(f"/posts/{ready}")) == {"hold", "move", "cancel"}
    assert _forms(author.see(f"/posts/{held}")) == {"move", "cancel"}
    assert _forms(approver.see(f"/posts/{held}")) == {"release", "move", "cancel"}


def test_a_post_is_held_and_its_hold_is_undone(stage: Stage, approver: Visitor):
    number = _queued(stage)

    page = approver.follow(
        approver.send(f"/posts/{number}/hold", reason="the figure is doubted", seen=_seen(stage, number))
    )

    assert stage.state(number) is State.HELD
    assert stage.reason(number) == "the figure is doubted"
    assert "is held" in words_of(page)
    assert f'action="/posts/{number}/release"' in page.split("<h1")[0]
    approver.follow(approver.send(f"/posts/{number}/release", seen=_seen(stage, number)))
    assert stage.state(number) is State.READY


def test_a_release_names_the_guards_it_overrules_before(stage: Stage, approver: Visitor):
    number = _repeated(stage)

    page = approver.see(f"/posts/{number}")

    assert "A release overrules this, for this text and moment alone: repeats" in words_of(page)
    assert 'name="overrules" value="repeats"' in page
    answer = approver.send(
        f"/posts/{number}/release", seen=_seen(stage, number), named="yes", overrules=["repeats"]
    )
    approver.follow(answer)
    assert stage.post(number).overruled == {"repeats"}


def test_a_release_overrules_no_guard_that_its_reader_was_not_told_of(stage: Stage, approver: Visitor):
    number = _repeated(stage)

    answer = approver.send(f"/posts/{number}/release", seen=_seen(stage, number), named="yes")

    assert answer.status_code == 409
    assert "stays held; by now repeats" in words_of(answer.text)
    assert stage.state(number) is State.HELD


def test_what_nobody_may_overrule_is_named_with_its_remedy(stage: Stage, approver: Visitor):
    stage.take_in(CAMPAIGN, [fact(period=None, recheck_on=date(2026, 2, 1))])
    number = stage.add(due_at=SOON, state=State.HELD, guard="period", reason="invented")

    page = approver.see(f"/posts/{number}")

    assert "Nobody can overrule it:" in words_of(page)
    assert _forms(page) == {"move", "cancel"}


def test_a_moment_is_on_the_clocks_of_the_campaign(stage: Stage, author: Visitor):
    number = _queued(stage)

    page = author.follow(
        author.send(f"/posts/{number}/move", to="2026-03-02T18:30", seen=_seen(stage, number))
    )

    assert stage.post(number).due_at.isoformat() == "2026-03-02T15:30:00+00:00"
    assert "is moved" in words_of(page)
    assert "New moment, on the clocks of Damascus" in words_of(page)
    assert 'value="2026-03-02T18:30"' in page


def test_a_move_is_undone(stage: Stage, author: Visitor):
    number = _queued(stage)
    answer = author.send(f"/posts/{number}/move", to="2026-03-02T18:30", seen=_seen(stage, number))
    page = author.follow(answer)

    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.split("<h1")[0]))
    author.follow(author.send(f"/posts/{number}/move", to=fields["to"], seen=fields["seen"]))

    assert stage.post(number).due_at == SOON


def _undo(page: str) -> tuple[str, dict[str, str]]:
    """Where the first form of the page leads, and its fields."""
    form = re.search(r'action="(/posts/[^"]+)" class="inline">(.*?)</form>', page, re.DOTALL)
    assert form is not None, "nothing can be undone"
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[2]))
    del fields["csrf_token"]
    return form[1], fields


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(lambda one, number: one.hold(number, reason="do not send"), id="another-reason"),
        pytest.param(lambda one, number: one.hold(number, reason="doubted"), id="the-same-reason"),
    ],
)
def test_a_hold_is_not_undone_once_somebody_held_the_post_again(stage: Stage, approver: Visitor, again):
    number = _queued(stage)
    page = approver.follow(
        approver.send(f"/posts/{number}/hold", reason="doubted", seen=_seen(stage, number))
    )
    stage.pass_time(seconds=5)
    stage.operator("Bob").release(number)
    again(stage.operator("Bob"), number)

    to, fields = _undo(page)
    answer = approver.send(to, **fields)

    assert answer.status_code == 409
    assert "was changed after you read it" in words_of(answer.text)
    assert stage.state(number) is State.HELD


def test_the_undo_of_a_hold_overrules_nothing_that_came_up_meanwhile(stage: Stage, approver: Visitor):
    number = _repeated(stage)
    stage.operator().release(number)
    with stage.db.write() as tx:
        force_state(tx, number, State.READY, overruled="")
    page = approver.follow(
        approver.send(f"/posts/{number}/hold", reason="doubted", seen=_seen(stage, number))
    )

    to, fields = _undo(page)
    answer = approver.send(to, **fields)

    assert "stays held; by now repeats" in words_of(answer.text)
    assert stage.state(number) is State.HELD


def test_a_move_is_not_undone_once_somebody_held_the_post(stage: Stage, author: Visitor):
    number = _queued(stage)
    page = author.follow(
        author.send(f"/posts/{number}/move", to="2026-03-02T18:30", seen=_seen(stage, number))
    )
    stage.operator("Bob").hold(number, reason="not before Friday")
    before = stage.post(number)

    to, fields = _undo(page)
    answer = author.send(to, **fields)

    assert answer.status_code == 409
    assert stage.post(number) == before


@pytest.mark.parametrize(
    ("to", "told"),
    [
        pytest.param("", "Name the new moment", id="none"),
        pytest.param("yesterday", "is no moment", id="nonsense"),
        pytest.param("2025-01-01T10:00", "is past", id="past"),
    ],
)
def test_a_moment_that_is_none_is_said_and_stays_typed(stage: Stage, author: Visitor, to: str, told: str):
    number = _queued(stage)

    answer = author.send(f"/posts/{number}/move", to=to, seen=_seen(stage, number))

    assert answer.status_code in (409, 422)
    assert told in words_of(answer.text)
    assert not to or f'value="{to}"' in answer.text
    assert stage.post(number).due_at == SOON


def test_a_post_is_cancelled_for_good(stage: Stage, author: Visitor):
    number = _queued(stage)

    page = author.follow(author.send(f"/posts/{number}/cancel", reason="invented", seen=_seen(stage, number)))

    assert stage.state(number) is State.CANCELLED
    assert _forms(page) == set()


@pytest.mark.parametrize("act", ["hold", "cancel", "move", "approve", "release"])
@pytest.mark.parametrize("seen", ["0" * 64, ""], ids=["another", "nothing"])
def test_nothing_is_decided_about_a_post_that_its_reader_did_not_see(
    stage: Stage, approver: Visitor, act: str, seen: str
):
    _with_approval(stage)
    number = _queued(stage)
    before = stage.post(number)

    answer = approver.send(f"/posts/{number}/{act}", seen=seen, to="2026-03-02T18:30")

    assert answer.status_code == 409
    assert "was changed after you read it" in words_of(answer.text)
    assert stage.post(number) == before


@pytest.mark.parametrize("act", ["hold", "cancel", "move", "approve", "release"])
def test_a_form_that_does_not_say_what_was_seen_decides_nothing(stage: Stage, approver: Visitor, act: str):
    _with_approval(stage)
    number = _queued(stage)
    before = stage.post(number)

    answer = approver.send(f"/posts/{number}/{act}", to="2026-03-02T18:30")

    assert answer.status_code == 409
    assert stage.post(number) == before


def test_a_changed_content_warning_counts_as_changed(stage: Stage, approver: Visitor):
    number = stage.add(due_at=SOON, content_warning="invented")

    answer = approver.send(f"/posts/{number}/hold", seen=stage.ready_post(due_at=SOON).digest)

    assert answer.status_code == 409


@pytest.mark.parametrize("act", ["release", "approve"])
def test_an_author_neither_releases_nor_approves(stage: Stage, author: Visitor, act: str):
    number = stage.add(due_at=SOON, state=State.HELD)

    assert author.send(f"/posts/{number}/{act}", seen=_seen(stage, number)).status_code == 403
    assert stage.state(number) is State.HELD


# -- approving ---------------------------------------------------------------------------------------


def test_an_approval_lets_it_leave_and_is_shown_with_its_digest(stage: Stage, approver: Visitor):
    _with_approval(stage)
    number = _queued(stage)

    page = approver.follow(approver.send(f"/posts/{number}/approve", seen=_seen(stage, number)))

    assert stage.state(number) is State.READY
    assert f"by An Invented Approver {stage.post(number).digest[:8]}" in words_of(page)


def test_whoever_wrote_it_is_told_that_somebody_else_approves(stage: Stage, approver: Visitor):
    _with_approval(stage)
    number = _queued(stage, approver.name)

    page = approver.see(f"/posts/{number}")

    assert "You wrote it, so somebody else must approve it." in words_of(page)
    assert "approve" not in _forms(page)
    answer = approver.send(f"/posts/{number}/approve", seen=_seen(stage, number))
    assert answer.status_code == 409
    assert stage.state(number) is State.HELD


def test_a_moved_post_shows_what_changed_since_it_was_approved(stage: Stage, approver: Visitor):
    _with_approval(stage)
    number = _queued(stage)
    stage.operator("An Approver").approve(number)
    stage.operator().move(number, to=SOON + timedelta(hours=1))

    words = words_of(approver.see(f"/posts/{number}"))

    assert "What changed since An Approver approved it" in words
    assert "Its moment: it was Sun 1 Mar, 14:00 (Damascus)." in words
    assert "Its text is the same." in words


@pytest.mark.parametrize(
    ("act", "stored"),
    [
        pytest.param("hold", "held in the console, no reason given", id="hold"),
        pytest.param("cancel", "cancelled in the console, no reason given", id="cancel"),
    ],
)
def test_a_reason_that_a_page_fills_in_is_stored_in_english_whoever_clicks(
    stage: Stage, url: str, act: str, stored: str
):
    number = _queued(stage)
    reader = Visitor(stage, url=url, language="ar")
    try:
        answer = reader.send(f"/posts/{number}/{act}", page=f"/posts/{number}", seen=_seen(stage, number))

        page = reader.see(f"/posts/{number}")
    finally:
        reader.close()

    assert answer.status_code == 303
    assert stage.post(number).reason == stored
    assert stored not in page
