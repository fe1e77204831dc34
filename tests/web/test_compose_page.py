"""A new post as people write it: seen, queued in all its languages, and nothing typed is lost."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.campaign import Pace
from bot.core.people import Role
from bot.core.post import State
from bot.planning.calendar import zone_named
from bot.store import contents, posts
from bot.web.look.follower import shown_text
from posting import CAMPAIGN, NOW
from stage import Stage
from visiting import Visitor, words_of

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

FACT: dict[str, object] = {
    "campaign": CAMPAIGN.key,
    "kind": "fact",
    "text_en": "Invented words about 14,388 people.",
    "text_ar": "كلمات مخترعة عن 14388 شخصاً.",
    "publisher_en": "Invented Network",
    "publisher_ar": "الشبكة المخترعة",
    "url": "https://example.org/report",
    "read_on": "2026-02-01",
    "period_from": "2011-03",
    "period_to": "2020-06",
    "to": ["invented_x|en", "invented_x|ar"],
    "when": "next",
}


def _queue(author: Visitor, **changes: object) -> str:
    """Queue the fact with changes, and read the page that follows."""
    return author.follow(author.send("/new", page="/new", **{**FACT, **changes}))


def _mistakes(author: Visitor, **changes: object) -> str:
    """The page that comes back when something of the fact is to be mended."""
    answer = author.send("/new", page="/new", **{**FACT, **changes})
    assert answer.status_code == 422, answer.status
    return answer.text


def _posts(stage: Stage) -> list[posts.Post]:
    with stage.db.read() as tx:
        return posts.read_posts(tx)


def test_a_bilingual_fact_is_queued_in_both_languages_at_one_moment(stage: Stage, author: Visitor):
    page = _queue(author)

    first, second = _posts(stage)
    assert {first.language, second.language} == {"en", "ar"}
    assert first.due_at == second.due_at == NOW.replace(hour=10)
    assert first.state is second.state is State.READY
    assert "2 posts are queued: they leave Sun 1 Mar, 13:00 (Damascus)." in words_of(page)


def test_the_item_is_in_the_library_under_words_of_its_text(stage: Stage, author: Visitor):
    _queue(author)

    with stage.db.read() as tx:
        stored = contents.read_item(tx, CAMPAIGN.key, "invented-words-about-people")
    assert stored is not None
    assert stored.changed_by == author.name
    assert stored.item.plain_numbers == ("14388",)


def test_a_second_item_of_the_same_words_gets_a_key_of_its_own(stage: Stage, author: Visitor):
    _queue(author)
    _queue(author, text_en="Invented words about 5 people.", text_ar="كلمات مخترعة عن 5 أشخاص.")

    with stage.db.read() as tx:
        assert contents.read_item(tx, CAMPAIGN.key, "invented-words-about-people-2") is not None


def test_what_is_seen_is_what_is_stored_to_the_character(stage: Stage, author: Visitor):
    seen = author.send("/preview", page="/new", **FACT).json
    assert seen is not None
    _queue(author)

    for post in _posts(stage):
        shown = shown_text(post.text, network=post.network)
        assert words_of(shown) in words_of(seen["previews"])


def test_numbers_that_differ_between_languages_are_named_with_both(stage: Stage, author: Visitor):
    page = _mistakes(author, text_ar="كلمات مخترعة عن 14387 شخصاً.")

    assert "14388 stands in English and not in Arabic." in words_of(page)
    assert "14387 stands in Arabic and not in English." in words_of(page)
    assert _posts(stage) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"url": "", "publisher_en": "", "publisher_ar": ""}, "needs its source", id="source"),
        pytest.param({"period_from": "", "period_to": ""}, "needs the time it speaks of", id="period"),
        pytest.param({"period_from": "2020-13"}, "no date", id="month"),
        pytest.param({"text_en": "Some #Foreign tag of 14388."}, "#Foreign", id="hashtag"),
        pytest.param({"text_en": "x" * 300 + " 14388"}, "over its limit", id="too-long"),
        pytest.param({"text_en": "x" * 20_001}, "20,001 characters", id="endless"),
        pytest.param({"when": "chosen", "at": ""}, "this moment cannot be read", id="moment"),
        pytest.param({"when": "chosen", "at": "2020-01-01T10:00"}, "is past", id="past"),
        pytest.param({"to": []}, "no account is chosen", id="account"),
        pytest.param({"text_en": "", "text_ar": ""}, "missing", id="nothing"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_stored(
    stage: Stage, author: Visitor, changes: dict[str, object], said: str
):
    page = _mistakes(author, **changes)

    assert said in words_of(page)
    assert "Nothing was stored yet" in words_of(page)
    assert _posts(stage) == []
    with stage.db.read() as tx:
        assert [one.item.key for one in contents.read_items(tx, CAMPAIGN.key)] == ["invented-fact"]


def test_nothing_typed_is_lost_by_a_mistake(author: Visitor):
    typed = {
        "text_en": " Words  with\n\nlines, & <marks> 14388 ",
        "short_ar": "قصير",
        "warning_en": "Careful",
        "period_to": "soon",
        "url": "https://example.org/تقرير",
        "at": "2026-03-05T18:30",
        "when": "chosen",
        "to": ["second_x|en"],
    }

    page = _mistakes(author, **typed)

    assert "\n Words  with\n\nlines, &amp; &lt;marks&gt; 14388 </textarea>" in page
    for kept in ("قصير", 'value="Careful"', 'value="soon"', "https://example.org/تقرير", "2026-03-05T18:30"):
        assert kept in page
    assert re.search(r'value="second_x\|en" checked', page)
    assert not re.search(r'value="invented_x\|en" checked', page)


def test_each_mistake_leads_to_its_field(author: Visitor):
    page = _mistakes(author, period_from="", period_to="")

    assert '<a href="#period_from">' in page
    assert 'id="period_from"' in page


def test_a_known_source_needs_no_name_and_no_link(stage: Stage, author: Visitor):
    option = re.search(r'<option value="([0-9a-f]{12})"', author.see("/new"))
    assert option is not None

    _queue(author, source=option[1], publisher_en="", publisher_ar="", url="")

    assert all("Invented Network" in post.text for post in _posts(stage) if post.language == "en")


def test_a_link_is_taken_as_browsers_show_it(stage: Stage, author: Visitor):
    _queue(author, url="https://example.org/تقرير")

    assert "https://example.org/%D8%AA%D9%82%D8%B1%D9%8A%D8%B1" in _posts(stage)[0].text


def test_a_call_needs_neither_source_nor_time(stage: Stage, author: Visitor):
    bare = dict.fromkeys(("publisher_en", "publisher_ar", "url", "period_from", "period_to"), "")

    _queue(author, kind="call", **bare)

    assert len(_posts(stage)) == 2


def test_one_language_alone_is_queued_and_the_other_is_named(stage: Stage, author: Visitor):
    page = _queue(author, text_ar="")

    assert [post.language for post in _posts(stage)] == ["en"]
    assert "Still to be written: Arabic." in words_of(page)


def test_a_chosen_moment_is_wall_time_of_the_campaign(stage: Stage, author: Visitor):
    _queue(author, when="chosen", at="2026-03-05T18:30")

    assert {post.due_at.isoformat() for post in _posts(stage)} == {"2026-03-05T15:30:00+00:00"}


def test_a_moment_of_the_calendar_is_chosen_from_the_start(author: Visitor):
    page = author.see("/new?at=2026-03-05T18:30")

    assert 'value="2026-03-05T18:30"' in page
    assert re.search(r'value="chosen"[^>]* checked', page)


def test_two_posts_are_queued_or_none(stage: Stage, author: Visitor):
    page = _mistakes(author, short_ar="", text_ar="م" * 300 + " 14388")

    assert "over its limit" in words_of(page)
    assert _posts(stage) == []


def test_a_post_that_needs_an_approval_says_that_somebody_else_gives_it(stage: Stage, author: Visitor):
    stage.take_in(replace(CAMPAIGN, approval=True))

    page = _queue(author)

    end = (NOW.replace(hour=10) + CAMPAIGN.grace).astimezone(zone_named(CAMPAIGN.zone))
    assert f"only if somebody else approves them before Sun 1 Mar, {end:%H:%M} (Damascus)" in words_of(page)
    assert {post.state for post in _posts(stage)} == {State.HELD}


def test_what_says_the_same_again_is_held_and_says_so_before(stage: Stage, author: Visitor):
    _queue(author)
    again = {**FACT, "text_ar": "كلمات أخرى عن 14388 شخصاً."}
    seen = author.send("/preview", page="/new", **again).json
    assert seen is not None

    page = _queue(author, **again)

    assert "It would be held" in words_of(seen["previews"])
    assert "and held: their pages say why" in words_of(page)


def test_the_same_texts_sent_again_are_refused_with_a_link_to_the_first(stage: Stage, author: Visitor):
    _queue(author)
    first = _posts(stage)[-1].id

    answer = author.send("/new", page="/new", **FACT)

    assert answer.status_code == 409
    assert f"These very texts are queued already: post {first}" in words_of(answer.text)
    assert f'href="/posts/{first}"' in answer.text
    assert str(FACT["text_ar"]) in answer.text
    assert len(_posts(stage)) == 2


def test_whose_place_is_taken_is_said_before_and_after_the_press(stage: Stage, author: Visitor):
    planned = stage.add(due_at=NOW.replace(hour=10))

    before = author.send("/preview", page="/new", **FACT).json
    page = _queue(author)

    assert before is not None
    said = f"Takes the place of post {planned}, planned for invented_x in English:"
    assert said in words_of(before["outlook"])
    assert "so it does not leave: post" in words_of(page)
    assert f'<a href="/posts/{planned}">post {planned}</a>' in page
    assert stage.state(planned) is State.CANCELLED


def test_the_blank_form_says_whose_place_the_next_free_time_takes(stage: Stage, author: Visitor):
    planned = stage.add(due_at=NOW.replace(hour=10))

    page = author.see("/new")

    assert f"Takes the place of post {planned}" in words_of(page)


def test_posts_that_their_pace_keeps_apart_are_each_told_with_their_time(stage: Stage, author: Visitor):
    paced = replace(CAMPAIGN.accounts[0], pace=Pace(gap=timedelta(minutes=5)))
    stage.take_in(replace(CAMPAIGN, accounts=(paced,)))

    seen = author.send("/preview", page="/new", **FACT).json
    page = _queue(author)

    assert seen is not None
    assert "in Arabic leaves at about Sun 1 Mar, 13:05 (Damascus)" in words_of(seen["outlook"])
    assert (
        "At the pace of their accounts they leave: English at 13:00 and Arabic at about 13:05."
        in words_of(page)
    )


def test_now_says_until_when_somebody_must_approve(stage: Stage, author: Visitor):
    stage.take_in(replace(CAMPAIGN, approval=True, grace=timedelta(minutes=41)))

    seen = author.send("/preview", page="/new", **{**FACT, "when": "now"}).json
    page = _queue(author, when="now")

    assert seen is not None
    assert "before Sun 1 Mar, 12:41 (Damascus)" in words_of(seen["outlook"])
    assert "before Sun 1 Mar, 12:41 (Damascus)" in words_of(page)


def test_dates_and_periods_are_taken_in_arabic_and_persian_digits(stage: Stage, author: Visitor):
    _queue(author, period_from="٢٠١١-٠٣", period_to="۲۰۲۰-۰۶", read_on="٢٠٢٦-٠٢-٠١")

    with stage.db.read() as tx:
        stored = contents.read_item(tx, CAMPAIGN.key, "invented-words-about-people")
    assert stored is not None
    assert str(stored.item.period) == "2011-03/2020-06"


@pytest.mark.parametrize("name", ["period_from", "period_to"])
def test_a_wrong_end_of_the_period_is_named_at_its_own_field(author: Visitor, name: str):
    page = _mistakes(author, **{name: "20-11"})

    found = re.search(f'id="{name}-wrong"[^>]*>(.*?)</ul>', page, re.DOTALL)
    assert found is not None
    assert '"20-11" is no date' in words_of(found[1])
    assert "20-11/" not in page
    assert "/20-11" not in page


def test_a_source_without_its_link_is_told_in_words(author: Visitor):
    page = words_of(_mistakes(author, url=""))

    assert "the link to the source is missing" in page
    assert "write url" not in page


def test_a_check_without_scripts_shows_the_posts_and_queues_nothing(stage: Stage, author: Visitor):
    answer = author.send("/new", page="/new", check="yes", **FACT)

    assert answer.status_code == 200
    assert "As followers on X will see it" in answer.text
    assert _posts(stage) == []


def test_the_button_promises_as_many_posts_as_are_queued(stage: Stage, author: Visitor):
    seen = author.send("/preview", page="/new", **{**FACT, "text_ar": "", "to": FACT["to"]}).json
    assert seen is not None

    _queue(author, text_ar="")

    assert seen["button"] == "Queue 1 post"
    assert len(_posts(stage)) == 1


def test_the_preview_is_as_long_as_the_network_counts_and_says_what_is_left_out(author: Visitor):
    seen = author.send("/preview", page="/new", **FACT).json
    assert seen is not None

    lengths = re.findall(r"(\d+) of 280 characters", words_of(seen["previews"]))
    assert len(lengths) == 2
    assert lengths[0] in words_of(seen["meters"]["en"])


def test_a_text_is_seen_before_its_source_and_its_time_are_written(author: Visitor):
    fields = {"campaign": CAMPAIGN.key, "kind": "fact", "text_en": "Some words.", "to": ["invented_x|en"]}

    seen = author.send("/preview", page="/new", when="next", **fields).json

    assert seen is not None
    assert "Some words. Source: …" in words_of(seen["previews"])
    assert "period_from" in seen["problems"]


def test_no_campaign_is_no_error_but_says_what_to_do(stage: Stage, author: Visitor):
    with stage.db.write() as tx:
        contents.retire_campaign(tx, CAMPAIGN.key, now=NOW)

    assert "No campaign yet" in words_of(author.see("/new"))


def test_the_next_free_moment_is_named_with_its_zone(stage: Stage, author: Visitor):
    assert "Sun 1 Mar, 13:00 (Damascus)" in words_of(author.see("/new"))
    _queue(author)
    stage.pass_time(minutes=1)

    assert "Sun 1 Mar, 19:00 (Damascus)" in words_of(author.see("/new"))


def test_without_a_free_posting_time_now_is_chosen(stage: Stage, author: Visitor):
    stage.take_in(replace(CAMPAIGN, posting_times=()))

    page = author.see("/new")

    assert 'value="next"' not in page
    assert re.search(r'value="now"[^>]* checked', page)


@pytest.mark.parametrize("path", ["/new", "/library/new", f"/library/{CAMPAIGN.key}/invented-fact/edit"])
def test_who_may_only_read_cannot_write(stage: Stage, url: str, path: str):
    viewer = Visitor(stage, url=url, role=Role.VIEWER)

    assert viewer.ask(path).status_code == 403

    viewer.close()


def test_a_moment_far_ahead_is_taken(stage: Stage, author: Visitor):
    _queue(author, when="chosen", at="2026-04-05T12:00")

    assert all(post.due_at > NOW + timedelta(days=30) for post in _posts(stage))
