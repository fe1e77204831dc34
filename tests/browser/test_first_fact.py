"""The first fact of two people: written by one, approved by the other, found in the send log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bot.core.people import Role
from browser import DESK, PHONE, Program
from written import CAMPAIGN, ITEMS

LOOKS = [("en", DESK), ("ar", PHONE)]
TEXTS = {"ar": "قُتل تحت التعذيب ما لا يقل عن {} شخصاً.", "en": "At least {} people were killed under torture."}


class Hand:
    """Clicks for a person, and counts."""

    def __init__(self) -> None:
        self.clicks = 0

    def click(self, where: Locator) -> None:
        where.click()
        self.clicks += 1


@pytest.fixture(scope="module")
def program(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program with a campaign whose every post waits for an approval."""
    folder = tmp_path_factory.mktemp("approving")
    campaign = folder / "content" / "invented"
    campaign.mkdir(parents=True)
    (campaign / "campaign.yaml").write_text(CAMPAIGN.replace("calls_share", "approval: true\ncalls_share"))
    (campaign / "items.yaml").write_text(ITEMS)
    program = Program(folder, content=folder / "content")
    program.start()
    yield program
    program.stop()


def _write(page: Page, number: int) -> None:
    for language, text in TEXTS.items():
        page.fill(f"#text_{language}", text.format(number))
    page.fill("#publisher_en", "Invented Observatory")
    page.fill("#publisher_ar", "مرصد مختلق")
    page.fill("#url", "https://example.org/report")
    page.fill("#period_from", "2011-03")
    page.fill("#period_to", "2020-06")


def _go(page: Page, hand: Hand, path: str) -> None:
    """To another page by the list of pages, on a phone by its button."""
    link = page.locator(f"nav.places a[href='{path}']")
    if not link.is_visible():
        hand.click(page.locator(".all-places"))
    hand.click(link)


@pytest.mark.parametrize(("language", "size"), LOOKS, ids=["English on a desk", "Arabic on a phone"])
def test_a_first_bilingual_fact_is_written_approved_sent_and_found(
    page_as: Callable[..., Page], language: Literal["ar", "en"], size: tuple[int, int]
) -> None:
    number = 4301 if language == "ar" else 4207
    author = page_as(Role.AUTHOR, language=language, size=size)
    approver = page_as(Role.APPROVER, language=language, size=size)
    hand = Hand()

    hand.click(author.locator("a[href='/new']").first)
    _write(author, number)
    expect(author.locator("[data-previews] .seen")).to_have_count(2)
    hand.click(author.locator("label:has(input[name='when'][value='now'])"))
    hand.click(author.locator("[data-queue]"))
    expect(author.locator(".badge.state-held").first).to_be_visible()
    by_author = hand.clicks

    own = Hand()
    _go(approver, own, "/approve")
    # The fact in its two languages, and nothing of what was planned.
    for one in (
        approver.locator("article, li, .card")
        .filter(has_text=str(number))
        .locator("input[type=checkbox]")
        .all()
    ):
        if not one.is_checked():
            own.click(one)
    own.click(approver.locator("form#many button.primary"))
    expect(approver.locator(".told").first).to_be_visible()

    after = Hand()
    _go(author, after, "/log")
    sent = author.locator("main li p").filter(has_text=str(number))
    for _ in range(60):
        if sent.count() == len(TEXTS):
            break
        author.wait_for_timeout(500)
        author.reload()
    expect(sent).to_have_count(len(TEXTS))

    assert by_author == 3
    # On a phone the list of pages opens with one click more.
    assert after.clicks == (1 if size == DESK else 2)
    assert by_author + after.clicks <= 5


def test_an_author_stops_everything_and_an_approver_lets_it_go_on(page_as: Callable[..., Page]) -> None:
    author, approver = page_as(Role.AUTHOR), page_as(Role.APPROVER)

    author.get_by_role("link", name="Stop everything").click()
    author.get_by_role("textbox").first.fill("an invented figure is wrong")
    author.get_by_role("button", name="Stop now").click()

    expect(author.get_by_role("alert")).to_contain_text("Paused: nothing is sent.")
    expect(author.get_by_role("alert")).to_contain_text("an invented figure is wrong")
    expect(author.get_by_role("button", name="Resume")).to_have_count(0)

    approver.goto("/calendar")
    approver.get_by_role("button", name="Resume").click()

    expect(approver.get_by_role("alert")).to_have_count(0)
    expect(approver.get_by_role("status").first).to_contain_text("Resumed.")
