"""Every page that the console leads to, in a browser: in both directions, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from browser import DESK, LOOKS, PHONE, Guard, Opens, Program, reading

SIZES = [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk")]
LANGUAGES = ["ar", "en", "tr"]


def places(page: Page) -> list[str]:
    """The paths that the console's own list of pages leads to."""
    return page.locator("nav.places a").evaluate_all("links => links.map(link => link.pathname)")


@pytest.mark.parametrize(
    ("language", "size"), [*LOOKS, pytest.param("tr", PHONE, id="Turkish on a phone", marks=pytest.mark.slow)]
)
def test_every_page_opens_without_an_error_and_fits_the_screen(
    open_page: Opens, language: str, size: tuple[int, int]
) -> None:
    page = open_page(language=language, size=size)
    wide = []

    for path in places(page):
        answer = page.goto(path)

        assert answer is not None, path
        assert answer.status == 200, path
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        assert page.locator("h1").count() == 1, path
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(path)

    assert wide == []


@pytest.mark.parametrize(
    ("language", "size", "dark"),
    [
        pytest.param("ar", PHONE, False, id="Arabic on a phone"),
        pytest.param("en", DESK, False, id="English on a desk", marks=pytest.mark.slow),
        pytest.param("ar", DESK, True, id="Arabic on a desk, dark", marks=pytest.mark.slow),
        pytest.param("en", PHONE, True, id="English on a phone, dark", marks=pytest.mark.slow),
    ],
)
def test_every_page_is_accessible_to_everybody(
    open_page: Opens,
    faults_of_access: Callable[[Page], list[str]],
    language: str,
    size: tuple[int, int],
    dark: bool,
) -> None:
    page = open_page(language=language, size=size, dark=dark)
    faults = []

    for path in places(page):
        page.goto(path)
        faults += [f"{path}: {fault}" for fault in faults_of_access(page)]

    assert faults == []


def test_a_person_changes_the_language_and_stays_on_the_page(open_page: Opens) -> None:
    page = open_page(language="en")
    path = places(page)[-1]
    page.goto(path)

    page.locator("details.menu summary").click()
    page.get_by_role("button", name="العربية").click()

    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.url.endswith(path)


def test_an_arabic_page_is_mirrored(open_page: Opens) -> None:
    edges = {}

    for language in ("ar", "en"):
        page = open_page(language=language)
        box = page.locator("nav.places").bounding_box()
        assert box is not None
        edges[language] = box["x"] + box["width"] / 2

    assert edges["en"] < DESK[0] / 2 < edges["ar"]


def test_the_first_key_leads_past_the_list_of_pages(page: Page) -> None:
    page.keyboard.press("Tab")
    skip = page.evaluate("document.activeElement.getAttribute('href')")

    page.keyboard.press("Enter")

    assert skip == "#main"
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_stranger_is_sent_to_the_door(browser: Browser, program: Program) -> None:
    with reading(browser, program.address, language="ar") as (stranger, guard):
        guard.expected.append("status of 40")

        answer = stranger.goto("/queue")

        assert answer is not None
        assert answer.status in {200, 401, 403}
        assert stranger.locator("nav.places").count() == 0
        assert stranger.locator("html").get_attribute("dir") == "rtl"


def test_the_guard_over_pages_notices_what_it_is_for(
    program: Program, page: Page, guards: list[Guard]
) -> None:
    page.evaluate("fetch('http://127.0.0.1:9/elsewhere').catch(() => {})")
    page.evaluate("console.error('an invented error')")
    page.wait_for_timeout(200)

    noticed = " ".join(guards[0].faults)
    guards[0].faults.clear()

    assert "an invented error" in noticed
    assert "elsewhere" in noticed or "Content Security Policy" in noticed
