"""The calendar as people use it: they look at weeks and months, narrow them, and move posts."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.people import Role
from bot.core.post import State
from posting import CAMPAIGN, NOW, SECOND_ACCOUNT, force_state
from stage import Stage
from visiting import Visitor, words_of

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

#: Monday 2 March, 18:30 in Damascus.
AT = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
WEEK = "/calendar?on=2026-03-02"


def _arabic(stage: Stage, url: str) -> Visitor:
    return Visitor(stage, url=url, role=Role.AUTHOR, language="ar")


def _from(visitor: Visitor, zone: str) -> None:
    visitor._client.set_cookie("zone", zone, domain="127.0.0.1")


def _days(page: str) -> list[str]:
    return re.findall(r'<section class="day [^"]*" id="day-([\d-]+)"', page)


def _chip(page: str, post: int) -> str:
    found = re.search(rf'<li class="chip [^>]*id="post-{post}".*?</details>', page, re.DOTALL)
    assert found is not None, f"post {post} is not on the page"
    return found[0]


# -- looking ---------------------------------------------------------------------------------------


def test_a_calendar_without_campaigns_says_what_to_do_first(stage: Stage, author: Visitor):
    with stage.db.write() as tx:
        from bot.store import contents

        contents.retire_campaign(tx, CAMPAIGN.key, now=NOW)

    assert "No campaign yet" in author.see("/calendar")
    assert "No campaign yet" in author.see("/calendar/month")


def test_a_week_begins_on_monday_in_english_and_on_saturday_in_arabic(
    stage: Stage, url: str, author: Visitor
):
    arabic = _arabic(stage, url)

    assert _days(author.see("/calendar?on=2026-03-04"))[0] == "2026-03-02"
    assert _days(arabic.see("/calendar?on=2026-03-04"))[0] == "2026-02-28"
    arabic.close()


def test_a_post_shows_its_time_its_network_its_language_its_state_and_all_of_its_text(
    stage: Stage, author: Visitor
):
    words = "كلمات مخترعة طويلة. " * 20
    post = stage.add(due_at=AT, language="ar", texts=(words,))

    chip = _chip(author.see(WEEK), post)

    assert words_of(chip).startswith("18:30 X · AR ready")
    assert f'<span class="chip-words" dir="auto" lang="ar">{words}</span>' in chip
    assert f'href="/posts/{post}"' in chip


def test_the_campaigns_clock_comes_first_and_the_readers_beside_it(stage: Stage, author: Visitor):
    post = stage.add(due_at=AT)
    _from(author, "Europe/Berlin")

    page = author.see(WEEK)

    assert "Times of Damascus · yours: Berlin" in words_of(page)
    chip = words_of(_chip(page, post))
    assert "Monday 2 March, 18:30 (Damascus) Monday 2 March, 16:30 (Berlin)" in chip
    assert "18:00 16:00" in words_of(page)


def test_the_grid_can_show_the_readers_clock_and_the_campaigns_beside_it(stage: Stage, author: Visitor):
    post = stage.add(due_at=datetime(2026, 3, 2, 22, 30, tzinfo=UTC))
    _from(author, "Europe/Berlin")

    page = author.see(f"{WEEK}&zone=Europe/Berlin")

    assert "Times of Berlin · your own" in words_of(page)
    assert words_of(_chip(page, post)).startswith("23:30 01:30 in Damascus")
    monday = page.partition('id="day-2026-03-02"')[2].partition('id="day-2026-03-03"')[0]
    assert f'id="post-{post}"' in monday


@pytest.mark.parametrize(
    ("zone", "on", "told"),
    [
        pytest.param(
            *("Africa/Cairo", "2026-04-24", "Clocks go forward at 00:00: 01:00 comes next."), id="forward"
        ),
        pytest.param(
            *("Europe/Berlin", "2026-10-25", "Clocks go back at 03:00: 02:00 comes again."), id="back"
        ),
    ],
)
@pytest.mark.parametrize("view", ["", "/month", "/day"])
def test_a_day_on_which_the_clocks_change_says_so(
    stage: Stage, author: Visitor, view: str, zone: str, on: str, told: str
):
    stage.take_in(replace(CAMPAIGN, zone=zone))

    assert told in words_of(author.see(f"/calendar{view}?on={on}"))


def test_an_hour_that_is_skipped_is_no_place_for_a_post_and_one_that_comes_twice_is_two(
    stage: Stage, author: Visitor
):
    stage.take_in(replace(CAMPAIGN, zone="Europe/Berlin"))

    forward = author.see("/calendar/day?on=2026-03-29&hours=all")
    back = author.see("/calendar/day?on=2026-10-25&hours=all")

    assert "the clocks skip this hour" in forward
    assert forward.count('<ul class="place"') == 23
    assert "02:00 again" in back
    assert back.count('<ul class="place"') == 25


def test_open_times_lead_to_the_page_where_a_post_is_written(author: Visitor):
    page = author.see(WEEK)

    assert "open at 13:00" in page
    assert "/new?campaign=invented-campaign&amp;at=2026-03-02T13:00" in page


def test_what_clashes_is_said_above_the_days_and_at_the_post(stage: Stage, author: Visitor):
    stage.add(due_at=AT, item="one")
    post = stage.add(due_at=AT + timedelta(seconds=20), item="another")

    page = author.see(WEEK)

    assert "1 thing to look at" in page
    assert f'href="#post-{post}"' in page
    assert "same minute" in words_of(_chip(page, post))
    assert "invented_x posts twice in the same minute." in words_of(_chip(page, post))


def test_filters_stay_in_the_address(stage: Stage, author: Visitor):
    mine = stage.add(due_at=AT)
    other = stage.add(due_at=AT, account=SECOND_ACCOUNT.name)

    page = author.see(f"{WEEK}&account=second_x&language=en&state=ready")

    assert f'id="post-{other}"' in page
    assert f'id="post-{mine}"' not in page
    for view in ("", "/month", "/day"):
        path = f"/calendar{view}?on=2026-03-02&amp;account=second_x&amp;language=en&amp;state=ready"
        assert f'href="{path}"' in page


def test_the_clock_is_that_of_the_campaign_whose_account_is_wanted(stage: Stage, author: Visitor):
    account = replace(SECOND_ACCOUNT, name="of_another_x")
    another = replace(CAMPAIGN, key="a-campaign", zone="Europe/Berlin", accounts=(account,))
    stage.take_in(another)

    every, one = author.see(WEEK), author.see(f"{WEEK}&account=second_x")

    assert "Times of Berlin" in words_of(every)
    assert "Times of Damascus" in words_of(one)


@pytest.mark.parametrize(
    "query",
    [
        *("on=nonsense", "on=0001-01-01", "on=9999-12-31", "zone=../../etc/passwd", "zone=Mars/Base"),
        *(
            "state=nonsense",
            "campaign=nobody",
            "account=%01",
            "hours=x",
            "language=<script>",
            "on=2026-02-30",
        ),
    ],
)
@pytest.mark.parametrize("view", ["", "/month", "/day"])
def test_an_address_that_means_nothing_shows_what_it_can(author: Visitor, view: str, query: str):
    page = author.see(f"/calendar{view}?{query}")

    assert "<h1>Calendar</h1>" in page
    assert "<script>" not in page


def test_a_month_leads_to_its_days(stage: Stage, author: Visitor):
    stage.add(due_at=AT)

    page = author.see("/calendar/month?on=2026-03-15")

    assert 'href="/calendar/day?on=2026-03-02"' in page
    assert "Monday 2 March: 1 post 1 ready 18:30 Invented words." in words_of(page)


def test_a_full_day_says_how_many_more_there_are(stage: Stage, author: Visitor):
    stage.add_all([stage.ready_post(due_at=AT + timedelta(minutes=number)) for number in range(30)])

    page = author.see(WEEK)

    assert "14 more" in words_of(page)
    assert author.see("/calendar/day?on=2026-03-02").count('<li class="chip ') == 30


def test_texts_cannot_become_markup(stage: Stage, author: Visitor):
    post = stage.add(due_at=AT, texts=('<b onclick="x">&</b>',), reason='<img src="x">')

    chip = _chip(author.see(WEEK), post)

    assert "<b " not in chip
    assert "<img" not in chip


# -- moving ----------------------------------------------------------------------------------------


def _move(visitor: Visitor, post: int, at: str, **more: str):
    return visitor.send("/calendar/move", page=WEEK, post=post, at=at, back=WEEK, **more)


def _seen(stage: Stage, post: int) -> str:
    return stage.post(post).digest


def test_a_post_is_moved_to_wall_time_of_its_campaign_and_moved_back(stage: Stage, author: Visitor):
    post = stage.add(due_at=AT)

    page = author.follow(_move(author, post, "2026-03-03T10:05", seen=_seen(stage, post)))

    assert stage.post(post).due_at == datetime(2026, 3, 3, 7, 5, tzinfo=UTC)
    assert f"Post {post} now leaves Tue 3 Mar, 10:05 (Damascus)." in words_of(page)

    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.partition("Undo")[0]))
    was = html.unescape(fields["was"])
    undone = author.follow(_move(author, int(fields["post"]), fields["at"], was=was, seen=fields["seen"]))

    assert stage.post(post).due_at == AT
    assert "18:30 (Damascus)" in words_of(undone)


def test_a_post_is_moved_to_an_instant(stage: Stage, author: Visitor):
    post = stage.add(due_at=AT)

    _move(author, post, "2026-03-03T07:05:00.000Z", seen=_seen(stage, post))

    assert stage.post(post).due_at == datetime(2026, 3, 3, 7, 5, tzinfo=UTC)


def test_a_missed_post_is_moved_and_cannot_be_moved_back_into_the_past(stage: Stage, author: Visitor):
    post = stage.add(due_at=NOW - timedelta(hours=2), state=State.MISSED)

    page = author.follow(_move(author, post, "2026-03-03T10:05", seen=_seen(stage, post)))

    assert stage.state(post) is State.READY
    assert "Undo" not in page


@pytest.mark.parametrize(
    ("at", "says"),
    [
        pytest.param("2026-02-20T10:00", "is past", id="past"),
        pytest.param("soon", "no moment", id="nonsense"),
        pytest.param("", "no moment", id="nothing"),
    ],
)
def test_a_move_that_cannot_be_says_why_and_changes_nothing(
    stage: Stage, author: Visitor, at: str, says: str
):
    post = stage.add(due_at=AT)

    page = author.follow(_move(author, post, at, seen=_seen(stage, post)))

    assert says in words_of(page)
    assert stage.post(post).due_at == AT


def test_a_sent_post_has_no_form_and_is_not_moved(stage: Stage, author: Visitor):
    post = stage.add(due_at=AT, state=State.SENT)

    page = author.follow(_move(author, post, "2026-03-03T10:05", seen=_seen(stage, post)))

    assert stage.post(post).due_at == AT
    assert "its moment is past changing" in words_of(page)
    assert "data-post" not in _chip(page, post)


def test_what_somebody_else_moved_meanwhile_is_not_moved_again(stage: Stage, author: Visitor):
    post = stage.add(due_at=AT)
    stage.operator().move(post, to=AT + timedelta(hours=1))

    page = author.follow(_move(author, post, "2026-03-03T10:05", was=AT.isoformat()))

    assert stage.post(post).due_at == AT + timedelta(hours=1)
    assert f"Somebody moved post {post} meanwhile, to Mon 2 Mar, 19:30 (Damascus)." in words_of(page)


@pytest.mark.parametrize("seen", [{}, {"seen": "0" * 64}], ids=["nothing", "another"])
def test_a_move_of_what_its_reader_did_not_see_moves_nothing(stage: Stage, author: Visitor, seen):
    post = stage.add(due_at=AT)

    page = author.follow(_move(author, post, "2026-03-03T10:05", was=AT.isoformat(), **seen))

    assert f"post {post} was changed after you read it" in words_of(page)
    assert stage.post(post).due_at == AT


@pytest.mark.parametrize("warning", [None, "Invented violence"])
def test_the_form_in_a_chip_says_what_its_reader_sees(stage: Stage, author: Visitor, warning):
    post = stage.add(due_at=AT)
    with stage.db.write() as tx:
        force_state(tx, post, State.READY, content_warning=warning)

    chip = _chip(author.see(WEEK), post)

    assert f'name="seen" value="{_seen(stage, post)}"' in chip


def test_a_move_is_not_undone_once_somebody_held_the_post(stage: Stage, author: Visitor):
    post = stage.add(due_at=AT)
    page = author.follow(_move(author, post, "2026-03-03T10:05", seen=_seen(stage, post)))
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.partition("Undo")[0]))
    stage.operator("Bob").hold(post, reason="not before Friday")

    _move(author, post, fields["at"], was=html.unescape(fields["was"]), seen=fields["seen"])

    assert stage.post(post).due_at == datetime(2026, 3, 3, 7, 5, tzinfo=UTC)


@pytest.mark.parametrize("post", ["", "x", "-1", "0", str(2**63), "9" * 5_000])
def test_a_number_that_no_post_can_have_is_not_found(author: Visitor, post: str):
    answer = author.send("/calendar/move", page=WEEK, post=post, at="2026-03-03T10:05")

    assert answer.status_code == 404


def test_a_time_that_the_clocks_skip_is_answered_in_words(stage: Stage, author: Visitor):
    stage.take_in(replace(CAMPAIGN, zone="Europe/Berlin"))
    post = stage.add(due_at=AT)

    answer = _move(author, post, "2026-03-29T02:30")

    assert answer.status_code == 422
    assert "Sunday 29 March, 02:30 does not exist in Berlin" in words_of(answer.text)
    assert 'name="at" value="2026-03-29T01:00:00+00:00"' in answer.text
    assert stage.post(post).due_at == AT


def test_a_time_that_comes_twice_is_asked_for_once_more(stage: Stage, author: Visitor):
    stage.take_in(replace(CAMPAIGN, zone="Europe/Berlin"))
    post = stage.add(due_at=AT)

    answer = _move(author, post, "2026-10-25T02:30")

    words = words_of(answer.text)
    assert "Sunday 25 October, 02:30 comes twice in Berlin" in words
    assert words.index("UTC+02:00 Before the clocks go back") < words.index("UTC+01:00 After the clocks")
    assert re.findall(r'name="at" value="([^"]+)"', answer.text) == [
        "2026-10-25T00:30:00+00:00",
        "2026-10-25T01:30:00+00:00",
    ]


def test_an_approval_that_a_move_voids_is_told_before(stage: Stage, author: Visitor):
    post = stage.add(due_at=AT)
    with stage.db.write() as tx:
        digest = stage.post(post).digest
        force_state(tx, post, State.READY, approved_by="Somebody", approved_digest=digest)

    chip = _chip(author.see(WEEK), post)

    assert "Its approval is void once it moves." in chip
    assert "data-approved" in chip


def test_who_may_only_look_finds_nothing_to_move_with(stage: Stage, viewer: Visitor):
    post = stage.add(due_at=AT)

    page = viewer.see(WEEK)

    assert "data-post" not in _chip(page, post)
    assert 'id="move"' not in page
    assert "/new?" not in page


def test_who_may_only_look_moves_nothing(stage: Stage, viewer: Visitor):
    post = stage.add(due_at=AT)

    answer = viewer.send("/calendar/move", page="/", post=post, at="2026-03-03T10:05")

    assert answer.status_code == 403
    assert stage.post(post).due_at == AT


def test_the_pages_script_is_told_of_clocks_as_the_bot_knows_them(stage: Stage, author: Visitor):
    stage.take_in(replace(CAMPAIGN, zone="Europe/Berlin"))

    page = author.see("/calendar?on=2026-03-25")

    found = re.search(r'data-zones="([^"]+)"', page)
    assert found is not None
    berlin = json.loads(html.unescape(found[1]))["Europe/Berlin"]
    assert berlin["city"] == "Berlin"
    assert [offset for _, offset in berlin["offsets"]][:2] == [3600, 7200]
