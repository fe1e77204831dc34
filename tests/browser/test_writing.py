"""Writing as a newcomer does it: in two languages, seen before it leaves, and found again in the send log."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser import DESK, LOOKS, Guard, Opens

TEXTS = {
    "en": "At least 14,388 people were killed under torture.",
    "ar": "قُتل تحت التعذيب ما لا يقل عن 14388 شخصاً.",
}


def _write(page: Page, number: int = 14388) -> None:
    """Type a whole fact, its source and its time."""
    for language, text in TEXTS.items():
        page.fill(f"#text_{language}", text.replace("14,388", f"{number:,}").replace("14388", str(number)))
    page.fill("#publisher_en", "Invented Observatory")
    page.fill("#publisher_ar", "مرصد مختلق")
    page.fill("#url", "https://example.org/report")
    page.fill("#period_from", "2011-03")
    page.fill("#period_to", "2020-06")


@pytest.mark.parametrize(("language", "size"), LOOKS)
def test_a_newcomers_first_bilingual_fact_takes_two_clicks_besides_typing(
    open_page: Opens, language: str, size: tuple[int, int]
):
    page = open_page(language=language, size=size)
    number = 1000 + DESK[0] * (size == DESK) + 7 * (language == "ar")

    page.click('a[href="/new"] >> nth=0')
    _write(page, number)
    expect(page.locator("[data-previews] .seen")).to_have_count(2)
    page.click("[data-queue]")

    expect(page).to_have_url(re.compile(r"/posts/\d+$"))
    expect(page.locator(".told").first).to_be_visible()


def test_a_fact_for_now_is_in_the_send_log_after_four_clicks_besides_typing(page: Page):
    page.click('a[href="/new"] >> nth=0')
    _write(page, 777)
    page.check('input[name="when"][value="now"]')
    page.click("[data-queue]")
    expect(page).to_have_url(re.compile(r"/posts/\d+$"))

    page.click('nav.places a[href="/log"]')
    for _ in range(60):
        if page.get_by_text("777").count():
            break
        page.wait_for_timeout(500)
        page.reload()

    expect(page.get_by_text("777").first).to_be_visible()


def test_the_post_is_seen_while_it_is_typed_with_its_length(page: Page):
    page.goto("/new")
    page.fill("#text_en", "Some words.")
    meter = page.locator('[data-meter="en"]')
    expect(meter).to_contain_text("of 280")
    before = meter.inner_text()

    page.fill("#text_en", "Some words, and many more of them.")

    expect(page.locator("[data-previews]")).to_contain_text("many more of them")
    expect(meter).not_to_have_text(before)
    page.fill("#text_en", "")


def test_only_fields_that_somebody_came_to_are_called_wrong(page: Page):
    page.goto("/new")

    page.fill("#text_en", "Some #Foreign words.")

    expect(page.locator("#text_en-wrong")).to_contain_text("#Foreign")
    expect(page.locator("#period_from-wrong")).to_be_empty()


def test_a_refused_form_leads_to_its_first_mistake(page: Page, guards: list[Guard]):
    guards[0].expected.append("status of 422")
    page.goto("/new")
    page.fill("#text_en", "Some words.")
    page.fill("#text_ar", "بعض الكلمات.")

    page.click("[data-queue]")

    expect(page.locator("#mend")).to_be_visible()
    expect(page.locator("#text_en")).to_have_value("Some words.")
    assert page.evaluate("document.activeElement.closest('.wrong') !== null")


def test_enter_in_a_field_queues_nothing(page: Page):
    page.goto("/new")
    _write(page, 31)

    page.press("#url", "Enter")

    expect(page).to_have_url(re.compile("/new$"))


def test_a_number_that_differs_is_named_while_it_is_typed(page: Page):
    page.goto("/new")
    page.fill("#text_en", "Some 12 people.")
    page.fill("#text_ar", "نحو 13 شخصاً.")

    expect(page.locator("[data-numbers]")).to_contain_text("12 stands in English and not in Arabic.")


def test_rows_for_figures_are_added_and_a_known_source_folds_the_new_one(page: Page):
    page.goto("/library/invented/invented-fact/edit")
    rows = page.locator("[data-rows] .figure-row")
    before = rows.count()

    page.click("[data-add-row]")
    page.select_option("#source", index=1)

    expect(rows).to_have_count(before + 1)
    expect(page.locator("#url")).to_be_hidden()


def test_two_people_at_one_item_lose_nothing(open_page: Opens, guards: list[Guard]):
    mine, theirs = open_page(), open_page()
    guards[0].expected.append("status of 409")
    for page in (mine, theirs):
        page.goto("/library/invented/another-fact/edit")
    theirs.fill("#text_en", "Their words are stored.")
    theirs.click("form.writing button.primary")
    expect(theirs.locator(".told")).to_be_visible()

    mine.fill("#text_en", "My words came later.")
    mine.click("form.writing button.primary")

    expect(mine.locator("#stale")).to_be_visible()
    expect(mine.locator(".differences")).to_contain_text("Their words are stored.")
    expect(mine.locator("#text_en")).to_have_value("My words came later.")
    mine.click("form.writing button.primary")
    expect(mine.locator(".told")).to_be_visible()
    expect(mine.locator("main")).to_contain_text("My words came later.")


@pytest.mark.parametrize(("language", "size"), LOOKS)
@pytest.mark.parametrize("dark", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["light", "dark"])
def test_the_pages_of_writing_are_accessible_and_fit_the_screen(
    open_page: Opens,
    faults_of_access: Callable[..., Any],
    language: str,
    size: tuple[int, int],
    dark: bool,
):
    page = open_page(language=language, size=size, dark=dark)
    faults = []

    for path in ("/new", "/library", "/library/invented/invented-fact", "/library/new", "/import"):
        page.goto(path)
        if path == "/new":
            page.fill("#text_en", "Some #Foreign words 12.")
            expect(page.locator("[data-previews] .seen").first).to_be_visible()
        faults += [f"{path}: {fault}" for fault in faults_of_access(page)]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append(f"{path} is wider than the screen")

    assert faults == []
