"""The rehearsal: what is to come, before anything is switched on. Nothing is stored."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import func, select

from bot.store.tables import metadata
from stage import Stage
from visiting import Visitor, words_of
from written import CAMPAIGN, ITEMS

PAGE = "/rehearse"


@pytest.fixture
def content(stage: Stage, viewer: Visitor) -> Path:
    """A campaign in the content folder that nobody took in."""
    folder = stage.data_dir / "content" / "invented"
    folder.mkdir()
    (folder / "campaign.yaml").write_text(CAMPAIGN, encoding="utf-8")
    (folder / "items.yaml").write_text(ITEMS, encoding="utf-8")
    return folder


def _rows(stage: Stage) -> dict[str, int]:
    with stage.db.read() as tx:
        return {
            table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def test_without_a_campaign_the_page_says_what_to_do_first(viewer: Visitor):
    answer = viewer.ask(PAGE)

    assert answer.status_code == 422
    assert "there is no campaign here" in words_of(answer.text)
    assert "make a folder for each campaign, with a campaign.yaml in it" in words_of(answer.text)


def test_the_week_stands_there_as_a_follower_sees_it(content: Path, viewer: Visitor):
    page = viewer.see(PAGE)
    words = words_of(page)

    assert "28 posts, and nothing in the way." in words
    assert "This is an invented fact about 14,388 people." in words
    assert 'dir="auto" lang="ar"' in page
    assert "13:00 (Damascus)" in words


def test_nothing_is_stored(stage: Stage, content: Path, viewer: Visitor):
    viewer.see("/")
    before = _rows(stage)

    viewer.see(PAGE)
    viewer.ask("/rehearse.svg?days=30")

    assert _rows(stage) == before


def test_a_month_goes_on_from_page_to_page_and_shows_each_post_once(content: Path, viewer: Visitor):
    address: str | None = f"{PAGE}?days=30"
    moments: list[str] = []
    pages = 0

    while address is not None:
        page = viewer.see(address)
        moments += re.findall(r'<div class="when"><time datetime="([^"]+)"', page)
        more = re.search(r'href="([^"]+after=[^"]+)"', page)
        address = unescape(more[1]) if more else None
        pages += 1

    assert pages == 2
    assert len(moments) == 30 * 4
    assert moments == sorted(set(moments))


def test_it_begins_on_the_day_that_was_asked_for(content: Path, viewer: Visitor):
    page = viewer.see(f"{PAGE}?from=2026-04-10")

    # Midnight in Damascus is 21:00 UTC of the day before.
    first = re.search(r'<div class="when"><time datetime="([^"]+)"', page)
    assert first is not None
    assert first[1] == "2026-04-10T06:00:00+00:00"
    assert 'value="2026-04-10"' in page


def test_what_is_held_stands_first_with_its_reason(content: Path, viewer: Visitor):
    campaign = content / "campaign.yaml"
    campaign.write_text(campaign.read_text(encoding="utf-8") + "approval: true\n", encoding="utf-8")

    words = words_of(viewer.see(PAGE))

    assert "Look at this first" in words
    assert re.search(r"held 28 .*approv", words)


def test_moments_with_nothing_to_say_are_named(content: Path, viewer: Visitor):
    campaign = content / "campaign.yaml"
    text = campaign.read_text(encoding="utf-8").replace("cooldown: 6 hours", "cooldown: 20 days")
    campaign.write_text(text, encoding="utf-8")

    words = words_of(viewer.see(PAGE))
    drawn = viewer.ask("/rehearse.svg").text

    assert "moments stay empty" in words
    assert "stroke=" in drawn


def test_a_mistake_in_the_content_is_shown_with_its_place(content: Path, viewer: Visitor):
    (content / "items.yaml").write_text(
        ITEMS.replace("source: invented", "source: nobody", 1), encoding="utf-8"
    )

    answer = viewer.ask(PAGE)

    assert answer.status_code == 422
    assert re.search(r"items\.yaml:\d+", answer.text)
    assert "nobody" in words_of(answer.text)


def test_one_campaign_leaves_the_others_out_and_an_unknown_one_is_named(content: Path, viewer: Visitor):
    assert "28 posts" in words_of(viewer.see(f"{PAGE}?campaign=invented"))
    assert viewer.ask(f"{PAGE}?campaign=nobody").status_code == 404


@pytest.mark.parametrize("query", ["days=x", "days=9999", "from=yesterday", "from=2026-13-40", "after=soon"])
def test_what_is_not_understood_is_as_if_it_were_not_there(content: Path, viewer: Visitor, query: str):
    assert "28 posts" in words_of(viewer.see(f"{PAGE}?{query}"))


@pytest.mark.parametrize(
    "query", ["from=0001-01-01", "from=9999-12-31", "after=0001-01-01", "after=9999-12-31T23:59"]
)
def test_the_ends_of_the_calendar_break_nothing(content: Path, viewer: Visitor, query: str):
    assert viewer.ask(f"{PAGE}?{query}").status_code < 500
    assert viewer.ask(f"/rehearse.svg?{query}").status_code < 500


def test_the_picture_has_a_row_for_each_day_and_a_table_behind_it(content: Path, viewer: Visitor):
    page = viewer.see(PAGE)
    drawn = ET.fromstring(viewer.ask("/rehearse.svg").text)

    days = {text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text") if len(text.text or "") > 6}
    # From a Sunday at noon until the next one at noon.
    assert len(days) == 8
    assert page.count('<th scope="row">') == 8


def test_an_arabic_text_keeps_its_direction_on_an_english_page(content: Path, viewer: Visitor):
    assert re.search(r'<div class="follower-text[^"]*" dir="auto" lang="ar">', viewer.see(PAGE))
