"""The library as people leaf through it: looked for by words, and by what is amiss; read, retired, queued."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.core.campaign import Item, Kind, Wording
from bot.core.post import State
from bot.pipeline.edit import Editor
from bot.pipeline.library import PAGE
from bot.store import contents, posts
from posting import CAMPAIGN, NOW, fact, force_state
from stage import Stage
from visiting import Visitor, words_of

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

ITEM = f"/library/{CAMPAIGN.key}/invented-fact"


def _whole(key: str = "invented-fact", **changes: object) -> Item:
    """A fact that keeps every rule of the files."""
    source = fact().source
    assert source is not None
    return fact(key, **{"source": replace(source, read_on=NOW.date()), **changes})


def _keys(page: str) -> list[str]:
    words = words_of(page)
    return [key for key in ("invented-fact", "second", "third") if f" {key} " in words]


def _digest(stage: Stage, key: str = "invented-fact") -> str:
    with stage.db.read() as tx:
        stored = contents.read_item(tx, CAMPAIGN.key, key)
    assert stored is not None
    return stored.digest


def _editor(stage: Stage) -> Editor:
    return Editor(stage.db, stage.clock, who="Another Person", renderer=stage.renderer, prices=lambda *_: 0)


def test_every_language_stands_side_by_side_with_the_source_and_the_time(viewer: Visitor):
    page = words_of(viewer.see("/library"))

    for words in (
        "Invented words of invented-fact.",
        "كلمات مخترعة",
        "Invented Network",
        "March 2011 – June 2020",
    ):
        assert words in page


def test_figures_are_shown_as_their_numbers(stage: Stage, viewer: Visitor):
    wordings = {"en": Wording(text="At least {total} people."), "ar": Wording(text="نحو {total} شخصاً.")}
    stage.take_in(items=[fact(figures={"total": 14388}, wordings=wordings)])

    assert "At least 14,388 people." in " ".join(words_of(viewer.see("/library")).split())


@pytest.mark.parametrize(
    ("words", "found"),
    [
        pytest.param("كلماتٌ second", ["second"], id="marks"),
        pytest.param("WORDS of third", ["third"], id="capitals"),
        pytest.param("١٤٣٨٨", ["second"], id="figure-in-arabic-digits"),
        pytest.param("nothing like it", [], id="none"),
    ],
)
def test_an_item_is_found_by_its_words_however_they_are_spelled(
    stage: Stage, viewer: Visitor, words: str, found: list[str]
):
    texts = {"en": Wording(text="Words of second {total}."), "ar": Wording(text="كلمات second {total}.")}
    stage.take_in(items=[fact(), fact("second", wordings=texts, figures={"total": 14388}), fact("third")])

    assert _keys(viewer.see(f"/library?q={words}")) == found


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        pytest.param("kind=call", ["second"], id="kind"),
        pytest.param("show=recheck", ["third"], id="recheck"),
        pytest.param("show=unused", ["second", "third"], id="unused"),
        pytest.param("show=missing-ar", [], id="missing"),
        pytest.param("show=conflict", [], id="conflict"),
        pytest.param("campaign=nowhere", [], id="campaign"),
        pytest.param("", ["invented-fact", "second", "third"], id="all"),
    ],
)
def test_the_library_is_narrowed_to_what_is_asked_for(
    stage: Stage, viewer: Visitor, shown: str, found: list[str]
):
    call = fact("second", kind=Kind.CALL, source=None, period=None)
    stale = fact("third", period=None, recheck_on=date(2026, 3, 20))
    stage.take_in(items=[fact(), call, stale])
    post = stage.add()
    with stage.db.write() as tx:
        force_state(tx, post, State.SENT)

    assert _keys(viewer.see(f"/library?{shown}")) == found


def test_a_draft_says_which_language_is_to_be_written(stage: Stage, viewer: Visitor):
    item = _whole("second", wordings={"en": Wording(text="Only this.")})
    _editor(stage).save(item, based_on=None, draft=True)

    page = words_of(viewer.see("/library?show=missing-ar"))

    assert "draft: no text in Arabic" in page
    assert "Still to be written" in page


def test_an_item_whose_day_has_passed_says_so(stage: Stage, viewer: Visitor):
    stage.take_in(items=[fact(period=None, recheck_on=date(2026, 2, 28))])

    assert "check it again: its day has passed" in words_of(viewer.see("/library"))


def test_pages_lead_on_and_back_and_show_every_item_once(stage: Stage, viewer: Visitor):
    many = [fact(f"item-{number:03}") for number in range(PAGE + 5)]
    stage.take_in(items=many)

    first = viewer.see("/library")
    after = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = viewer.see(after)
    before = second.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&")

    shown = [sum(f" {item.key} " in words_of(page) for page in (first, second)) for item in many]
    assert shown == [1] * len(many)
    assert [key.key for key in many if f" {key.key} " in words_of(viewer.see(before))] == [
        key.key for key in many if f" {key.key} " in words_of(first)
    ]
    assert 'rel="next"' not in second


def test_an_item_says_where_and_when_it_is_used(stage: Stage, viewer: Visitor):
    stage.add(due_at=NOW + timedelta(hours=3), language="ar")

    page = words_of(viewer.see(ITEM))

    assert "Sun 1 Mar, 15:00 (Damascus)" in page
    assert "invented_x Arabic" in page


def test_an_item_is_retired_and_used_again(stage: Stage, author: Visitor):
    stage.take_in(items=[_whole()])
    stage.add(due_at=NOW + timedelta(hours=3))

    page = author.follow(author.send(f"{ITEM}/retire", page=ITEM, based_on=_digest(stage)))

    assert "it is used no more, and its waiting posts are held" in words_of(page)
    assert "Undo" in page
    assert _keys(author.see("/library")) == []
    author.follow(author.send(f"{ITEM}/restore", page=ITEM, based_on=_digest(stage)))
    assert _keys(author.see("/library")) == ["invented-fact"]


def test_an_item_that_changed_meanwhile_is_not_retired(stage: Stage, author: Visitor):
    answer = author.send(f"{ITEM}/retire", page=ITEM, based_on="0" * 64)

    assert answer.status_code == 409
    assert "meanwhile" in words_of(answer.text)


def test_the_item_page_says_whose_place_its_next_free_time_takes(stage: Stage, author: Visitor):
    planned = stage.add(due_at=NOW.replace(hour=10))
    stage.take_in(replace(CAMPAIGN, approval=True))

    page = words_of(author.see(f"/library/{CAMPAIGN.key}/invented-fact"))

    assert f"Takes the place of post {planned}, planned for invented_x in English:" in page
    assert "It leaves only if somebody else approves it before" in page
    assert "Now only if somebody else approves it within" in page


def test_an_item_is_queued_for_a_moment_of_its_own(stage: Stage, author: Visitor):
    fields = {"to": ["invented_x|en", "invented_x|ar"], "when": "chosen", "at": "2026-03-05T18:30"}

    page = author.follow(author.send(f"{ITEM}/queue", page=ITEM, **fields))

    with stage.db.read() as tx:
        assert {post.due_at.isoformat() for post in posts.read_posts(tx)} == {"2026-03-05T15:30:00+00:00"}
    assert "2 posts are queued" in words_of(page)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"to": [], "when": "next"}, "choose an account", id="nowhere"),
        pytest.param(
            {"to": ["invented_x|en"], "when": "chosen", "at": "soon"}, "cannot be read", id="moment"
        ),
        pytest.param(
            {"to": ["invented_x|en"], "when": "chosen", "at": "2020-01-01T10:00"}, "is past", id="past"
        ),
    ],
)
def test_what_cannot_be_queued_says_why(stage: Stage, author: Visitor, fields: dict[str, object], said: str):
    answer = author.send(f"{ITEM}/queue", page=ITEM, **fields)

    assert answer.status_code == 422
    assert said in words_of(answer.text)


def _disagree(stage: Stage) -> None:
    """Let file and console each change the item."""
    stage.take_in(items=[_whole()])
    console = _whole(wordings={"en": Wording(text="The console's words."), "ar": Wording(text="كلمات هنا.")})
    _editor(stage).save(console, based_on=_digest(stage))
    with stage.db.write() as tx:
        contents.note_conflict(
            tx, _whole(wordings={"en": Wording(text="The file's words."), "ar": Wording(text="كلمات هنا.")})
        )


@pytest.mark.parametrize(
    ("keep", "text"),
    [("file", "The file's words."), ("console", "The console's words.")],
)
def test_what_file_and_console_disagree_about_is_shown_and_settled(
    stage: Stage, author: Visitor, keep: str, text: str
):
    _disagree(stage)
    page = author.see(ITEM)
    on_file = page.split('name="on_file" value="')[1].split('"')[0]

    author.follow(
        author.send(f"{ITEM}/settle", page=ITEM, keep=keep, based_on=_digest(stage), on_file=on_file)
    )

    assert "<del>file&#39;s</del><ins>console&#39;s</ins>" in page
    with stage.db.read() as tx:
        stored = contents.read_item(tx, CAMPAIGN.key, "invented-fact")
    assert stored is not None
    assert stored.item.wordings["en"].text == text
    assert stored.conflict is None


def test_the_viewer_reads_and_finds_nothing_to_press(viewer: Visitor):
    page = viewer.see(ITEM)

    for path in ("/edit", "/retire", "/queue"):
        assert f"{ITEM}{path}" not in page


def test_an_empty_library_says_what_to_do_first(stage: Stage, author: Visitor):
    with stage.db.write() as tx:
        contents.retire_item(tx, CAMPAIGN.key, "invented-fact", now=NOW)

    assert "The library is empty" in words_of(author.see("/library"))


def test_what_was_queued_on_the_spot_is_no_piece_of_the_library(stage: Stage, viewer: Visitor):
    words = {"en": Wording(text="Said once.")}
    spot = fact("spot", kind=Kind.CALL, source=None, period=None, wordings=words)
    stage.operator().queue(spot, account="invented_x", language="en", at=None)

    assert "Said once." not in viewer.see("/library")
