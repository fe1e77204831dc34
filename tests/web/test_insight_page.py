"""The insight page: pictures of what left, each with a table behind it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from xml.etree import ElementTree as ET

import pytest

from bot.core.people import Role
from bot.core.post import State
from bot.pipeline.insight import Insight
from posting import ACCOUNT, CAMPAIGN, NOW, force_state, write
from stage import Stage
from visiting import Visitor, words_of

#: The visitor's installation is a dry run; most of these tests are about what left the machine.
ADDRESS = "/insight"
PAGE = f"{ADDRESS}?mode=live"
_PICTURE = re.compile(r'src="(/insight/[^"]+)"')


@pytest.fixture
def sent(stage: Stage) -> Stage:
    """A stage from which two posts left, as they do."""
    stage.add(texts=("Invented words. #Invented",))
    stage.add(due_at=NOW - timedelta(minutes=5), language="ar", texts=("كلمات مخترعة. #مخترع",))
    process = stage.process()
    process.send()
    process.send()
    return stage


def test_before_anything_left_the_page_leads_to_the_rehearsal(viewer: Visitor):
    page = viewer.see(PAGE)

    assert "No figures yet" in words_of(page)
    assert 'href="/rehearse"' in page


def test_a_dry_run_is_shown_only_when_it_is_asked_for_and_is_marked(stage: Stage, viewer: Visitor):
    stage.outlets.mode = "dry-run"
    stage.add()
    stage.process().send()

    live = words_of(viewer.see(f"{ADDRESS}?mode=live"))
    dry = words_of(viewer.see(f"{ADDRESS}?mode=dry-run"))

    assert "1 post was sent in the dry run." in live
    assert "Posts by day" not in live
    assert "dry run: none of it left the machine" in dry
    assert "Posts by day" in dry


def test_left_open_the_page_shows_what_this_installation_does(stage: Stage, viewer: Visitor):
    stage.outlets.mode = "dry-run"
    stage.add()
    stage.process().send()

    page = words_of(viewer.see(ADDRESS))

    assert viewer.app.settings.mode.value == "dry-run"
    assert "Posts by day" in page


def test_every_picture_stands_before_its_table_and_has_words(sent: Stage, viewer: Visitor):
    page = viewer.see(PAGE)

    figures = re.findall(r"<figure.*?</figure>", page, re.DOTALL)
    assert len(figures) >= 7
    for figure in figures:
        alt = re.search(r'<img[^>]* alt="([^"]+)"', figure)
        assert alt is not None
        assert len(alt[1]) > 20
        assert "<caption>" in figure
        assert 'scope="col"' in figure
        assert 'scope="row"' in figure


def test_every_picture_is_drawn_for_each_theme_and_width(sent: Stage, viewer: Visitor):
    page = viewer.see(PAGE)
    addresses = {unescape(one) for one in re.findall(r'(?:src|srcset)="(/insight/[^"]+)"', page)}
    assert len(addresses) >= 4 * 7

    for address in addresses:
        answer = viewer.ask(address)

        assert answer.status_code == 200
        assert answer.mimetype == "image/svg+xml"
        assert ET.fromstring(answer.text).tag == "{http://www.w3.org/2000/svg}svg"


def test_a_chosen_theme_asks_for_no_other(sent: Stage, viewer: Visitor):
    viewer._client.set_cookie("theme", "dark", domain="127.0.0.1")

    page = viewer.see(PAGE)

    assert "prefers-color-scheme" not in page
    assert all("theme=dark" in one for one in _PICTURE.findall(page))


def test_a_picture_in_arabic_is_mirrored(sent: Stage, stage: Stage, url: str):
    visitor = Visitor(stage, url=url, role=Role.VIEWER, language="ar")
    drawn = visitor.ask("/insight/days.svg?mode=live").text
    visitor.close()

    assert ET.fromstring(drawn).attrib["direction"] == "rtl"


@pytest.mark.parametrize(
    "address",
    [
        "/insight/no-such.svg",
        "/insight/../secrets.svg",
        "/insight/cost.svg",
        "/insight/days.svg?days=7&mode=dry-run",
    ],
    ids=["unknown", "elsewhere", "nothing-was-paid", "nothing-left"],
)
def test_a_picture_that_there_is_not_is_not_found(sent: Stage, viewer: Visitor, address: str):
    assert viewer.ask(address).status_code == 404


@pytest.mark.parametrize("query", ["days=x", "days=100000000", "days=-1", "mode=nonsense", "days=7&days=8"])
def test_what_is_not_understood_is_as_if_it_were_not_there(sent: Stage, viewer: Visitor, query: str):
    assert "Posts by day" in words_of(viewer.see(f"{PAGE}&{query}"))


def test_an_unknown_campaign_is_named_in_a_page(viewer: Visitor):
    answer = viewer.ask(f"{PAGE}&campaign=%3Cb%3Enobody")

    assert answer.status_code == 404
    assert "<b>nobody" not in answer.text


def test_hashtags_languages_and_items_stand_in_their_tables(sent: Stage, viewer: Visitor):
    words = words_of(viewer.see(f"{PAGE}&campaign={CAMPAIGN.key}"))

    for said in ("#Invented", "#مخترع", "Arabic", "English", "invented-fact", ACCOUNT.name):
        assert said in words
    assert "0% are calls to action; the campaign wants 25%." in words


def test_what_did_not_leave_leads_to_the_queue(stage: Stage, viewer: Visitor):
    post = stage.add(due_at=NOW - timedelta(hours=2))
    write(stage.db, lambda tx: force_state(tx, post, State.MISSED))

    page = viewer.see(PAGE)

    assert "What did not leave" in page
    assert "state=missed" in page


def test_a_year_is_shown_by_weeks(sent: Stage, viewer: Visitor):
    words = words_of(viewer.see(f"{PAGE}&days=365"))

    assert "Posts by week" in words
    assert "Week from" in words


def test_figures_of_a_part_say_since_when_they_are_whole(sent: Stage, viewer: Visitor):
    viewer.app.__dict__["insight"] = Insight(sent.db, sent.clock, read_at_once=1)

    first = words_of(viewer.see(PAGE))
    sent.pass_time(seconds=1)
    viewer.see(PAGE)
    sent.pass_time(seconds=1)
    last = words_of(viewer.see(PAGE))

    assert "These figures are whole since" in first
    assert "These figures are whole since" not in last
