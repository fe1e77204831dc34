"""An operator pauses an account, rehearses the month, and reads what left, in the browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from browser import DESK, LOOKS, PHONE, Opens, Program

SIZES = [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk")]
#: Every post of a page was loaded and has a size.
_DRAWN = (
    "() => [...document.querySelectorAll('img.drawn')].every(one => one.complete && one.naturalWidth > 0)"
)
_EAGER = "() => document.querySelectorAll('img.drawn').forEach(one => { one.loading = 'eager'; })"


@pytest.fixture(scope="module")
def sent(program: Program) -> Program:
    """A program from which two posts went out in dry-run."""
    for language, text in (("en", "An invented call for today."), ("ar", "نداء مختلق لهذا اليوم.")):
        program.run(
            *("queue", "add", "--campaign", "invented", "--account", "invented_x"),
            *("--language", language, "--kind", "call", "--text", text, "--at", "now"),
        )
    program.run("send")
    return program


def _see_all_pictures(page: Page) -> None:
    page.evaluate(_EAGER)
    page.wait_for_function(_DRAWN)


def test_an_account_is_paused_and_resumed_with_the_keyboard(open_page: Opens) -> None:
    page = open_page()
    page.goto("/accounts")

    page.locator("summary", has_text="Pause this account").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Why? It stands in the send log and above every page.").fill(
        "somebody else posts there"
    )
    page.keyboard.press("Enter")

    expect(page.get_by_role("status").filter(has_text="invented_x is paused")).to_be_visible()
    expect(page.locator(".account .badge", has_text="paused")).to_be_visible()

    page.get_by_role("button", name="Resume this account").click()

    expect(page.get_by_role("button", name="Test credentials")).to_be_visible()
    expect(page.locator(".account .badge", has_text="paused")).to_have_count(0)


def test_testing_in_a_dry_run_says_that_nobody_is_asked(open_page: Opens) -> None:
    page = open_page()
    page.goto("/accounts")

    page.get_by_role("button", name="Test credentials").click()

    expect(page.get_by_role("status").filter(has_text="nothing to test")).to_be_visible()


@pytest.mark.parametrize(("language", "size"), LOOKS)
def test_what_left_in_the_dry_run_is_drawn_with_a_table_behind(
    sent: Program,
    open_page: Opens,
    faults_of_access: Callable[[Page], list[str]],
    language: str,
    size: tuple[int, int],
) -> None:
    page = open_page(language=language, size=size)
    page.goto("/insight?mode=dry-run&days=7")

    _see_all_pictures(page)
    page.locator("details.behind > summary").first.focus()
    page.keyboard.press("Enter")

    assert page.locator("img.drawn").count() >= 6
    expect(page.locator("details.behind table").first).to_be_visible()
    assert faults_of_access(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_live_figures_hold_nothing_of_the_dry_run(sent: Program, open_page: Opens) -> None:
    page = open_page()
    page.goto("/insight?mode=live")

    page.get_by_role("link", name="Show the dry run").click()

    expect(page.get_by_text("dry run: none of it left the machine")).to_be_visible()
    expect(page.get_by_role("heading", name="Posts by day")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_browser_takes_the_picture_that_fits(
    sent: Program, open_page: Opens, size: tuple[int, int], dark: bool
) -> None:
    page = open_page(size=size, dark=dark)
    page.goto("/insight?mode=dry-run")

    _see_all_pictures(page)
    taken = page.locator("img.drawn").first.evaluate("one => one.currentSrc")

    assert ("width=narrow" in taken) is (size == PHONE)
    assert ("theme=dark" in taken) is dark


@pytest.mark.parametrize(("language", "size"), LOOKS)
def test_the_month_is_rehearsed_as_a_list_and_a_picture(
    open_page: Opens,
    faults_of_access: Callable[[Page], list[str]],
    language: str,
    size: tuple[int, int],
) -> None:
    page = open_page(language=language, size=size)
    page.goto("/rehearse?days=30")

    _see_all_pictures(page)

    assert page.locator(".post-line .follower-text").count() >= 100
    assert (
        page.locator(".follower-text[lang=ar]").first.evaluate("one => getComputedStyle(one).direction")
        == "rtl"
    )
    assert faults_of_access(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
