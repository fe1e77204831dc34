"""The calendar in a browser: posts are dragged, moved by key and finger, and read from their first word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.core.clock import SystemClock
from browser import DESK, LOOKS, PHONE, Opens

SIZES = [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk")]
#: Tomorrow, wherever the machine that runs the tests stands: all of it is to come.
TOMORROW = (SystemClock().now() + timedelta(days=1, hours=3)).date()
WEEK = f"/calendar?on={TOMORROW}&hours=all"


def _due(chip: Locator) -> datetime:
    return datetime.fromisoformat(chip.get_attribute("data-due") or "")


def _tomorrow(page: Page) -> Locator:
    """A post of tomorrow that can be moved, but not the first of the day."""
    chip = page.locator(f"#day-{TOMORROW} .chip[data-post]").nth(1)
    return page.locator(f"[id='{chip.get_attribute('id')}']")


def _at(page: Page, due: datetime) -> Locator:
    return page.locator(f".chip[data-due='{due.isoformat()}']")


# -- reading ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["", "/month", "/day"])
@pytest.mark.parametrize(("language", "size"), LOOKS)
def test_each_view_fits_the_screen_and_is_accessible_to_everybody(
    open_page: Opens,
    faults_of_access: Callable[[Page], list[str]],
    language: str,
    view: str,
    size: tuple[int, int],
) -> None:
    page = open_page(language=language, size=size)

    page.goto(f"/calendar{view}?on={TOMORROW}")

    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert faults_of_access(page) == []


@pytest.mark.parametrize(("language", "size"), LOOKS)
def test_every_text_shows_its_first_word_whatever_the_direction_of_the_page(
    open_page: Opens, language: str, size: tuple[int, int]
) -> None:
    page = open_page(language=language, size=size)
    page.goto(WEEK)

    hidden = page.locator(".chip-words").evaluate_all(
        """boxes => boxes.filter((box) => {
          const word = document.createRange();
          word.setStart(box.firstChild, 0);
          word.setEnd(box.firstChild, box.textContent.search(/\\s/));
          const [inside, around] = [word.getBoundingClientRect(), box.getBoundingClientRect()];
          return inside.left < around.left - 1 || inside.right > around.right + 1
            || inside.top < around.top - 3 || inside.bottom > around.bottom + 3;
        }).map((box) => box.textContent)"""
    )

    assert page.locator(".chip-words").count() > 0
    assert hidden == []


def test_the_hours_stand_at_the_start_of_the_page_in_either_direction(open_page: Opens) -> None:
    edges = {}

    for language in ("ar", "en"):
        page = open_page(language=language)
        page.goto(WEEK)
        box = page.locator(".clock .h12").bounding_box()
        first = page.locator(".day.d0").bounding_box()
        assert box is not None
        assert first is not None
        edges[language] = box["x"] < first["x"]

    assert edges == {"ar": False, "en": True}


# -- dragging --------------------------------------------------------------------------------------


def test_a_post_is_dragged_to_another_hour_and_taken_back(page: Page) -> None:
    page.goto(WEEK)
    chip = _tomorrow(page)
    due = _due(chip)
    number = chip.get_attribute("data-post")
    target = page.locator(f"#day-{TOMORROW} .h23 .place")

    _drag(page, chip, target, share=0.5)
    expect(page.locator("#move [data-new]")).to_contain_text("23:30 (Damascus)")
    page.get_by_role("button", name="Move it").click()

    expect(page.locator(".told")).to_contain_text(f"Post {number} now leaves")
    assert page.locator(f"#day-{TOMORROW} .h23 #post-{number}").count() == 1

    page.get_by_role("button", name="Undo").click()

    assert _due(page.locator(f"#post-{number}")) == due


def test_nothing_is_moved_without_a_yes(page: Page) -> None:
    page.goto(WEEK)
    chip = _tomorrow(page)
    due = _due(chip)

    _drag(page, chip, page.locator(f"#day-{TOMORROW} .h22 .place"))
    page.keyboard.press("Escape")
    page.reload()

    assert _due(chip) == due


def test_a_click_opens_a_post_and_a_drag_does_not(page: Page) -> None:
    page.goto(WEEK)
    chip = _tomorrow(page)

    _drag(page, chip, page.locator(f"#day-{TOMORROW} .h22 .place"))
    page.get_by_role("button", name="Leave it").click()
    opened_by_drag = chip.locator("details").get_attribute("open")
    chip.locator("summary").click()

    assert opened_by_drag is None
    expect(chip.locator(".panel")).to_be_visible()


def test_the_moment_is_told_in_the_campaigns_zone_and_in_the_readers(open_page: Opens) -> None:
    page = open_page(zone="America/New_York")
    page.goto(WEEK)
    page.goto(WEEK)

    _drag(page, _tomorrow(page), page.locator(f"#day-{TOMORROW} .h22 .place"))

    expect(page.locator("#move [data-new]")).to_contain_text("22:30 (Damascus)")
    expect(page.locator("#move [data-new] small")).to_contain_text("(New York)")


def test_a_finger_that_rests_lifts_a_post_and_takes_it_to_another_day(open_page: Opens) -> None:
    page = open_page(size=PHONE, has_touch=True, is_mobile=True)
    page.goto(WEEK)
    chip = _tomorrow(page)
    due = _due(chip)
    chip.scroll_into_view_if_needed()
    dates = page.locator(".day-strip a").evaluate_all("links => links.map(link => link.hash.slice(5))")
    other = next((date.fromisoformat(day) for day in dates if day > str(TOMORROW)), None)
    other = other or date.fromisoformat(dates[-2])

    _touch_drag(page, chip.locator("summary"), page.locator(f".day-strip a[href='#day-{other}']"))

    expect(page.locator("#move")).to_be_visible()
    moved = datetime.fromisoformat(page.locator("#move [name=at]").input_value())
    assert moved - due == other - TOMORROW


def test_a_finger_that_moves_at_once_scrolls(open_page: Opens) -> None:
    page = open_page(size=PHONE, has_touch=True, is_mobile=True)
    page.goto(WEEK)
    chip = _tomorrow(page)
    chip.scroll_into_view_if_needed()

    _touch_drag(page, chip.locator("summary"), page.locator(".day-strip a").first, rest=0)

    assert page.locator("#move").is_hidden()
    assert page.locator(".drag-ghost").count() == 0


# -- by keyboard -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "key", "step"),
    [
        pytest.param("en", "ArrowDown", timedelta(minutes=5), id="down"),
        pytest.param("en", "ArrowUp", -timedelta(minutes=5), id="up"),
        pytest.param("en", "Shift+ArrowDown", timedelta(hours=1), id="shift-down"),
        pytest.param("en", "ArrowRight", timedelta(days=1), id="right"),
        pytest.param("ar", "ArrowLeft", timedelta(days=1), id="left-in-arabic"),
        pytest.param("ar", "ArrowRight", -timedelta(days=1), id="right-in-arabic"),
    ],
)
def test_arrows_change_the_moment(open_page: Opens, language: str, key: str, step: timedelta) -> None:
    page = open_page(language=language)
    page.goto(WEEK)
    chip = _tomorrow(page)

    chip.locator("summary").focus()
    page.keyboard.press("m")
    page.keyboard.press(key)

    chosen = datetime.fromisoformat(page.locator("#move [name=at]").input_value())
    assert chosen - _due(chip) == step
    expect(page.locator("#move [data-new]")).to_have_attribute("aria-live", "polite")


def test_a_post_is_moved_by_keyboard_alone(page: Page) -> None:
    page.goto(WEEK)
    chip = _tomorrow(page)
    number, due = chip.get_attribute("data-post"), _due(chip)

    chip.locator("summary").focus()
    page.keyboard.press("m")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.locator(".told")).to_contain_text(f"Post {number} now leaves")
    assert _due(page.locator(f"#post-{number}")) == due + timedelta(minutes=65)


def test_escape_leaves_the_post_and_gives_the_focus_back(page: Page) -> None:
    page.goto(WEEK)
    chip = _tomorrow(page)

    chip.locator("summary").focus()
    page.keyboard.press("m")
    page.keyboard.press("Escape")

    expect(chip.locator("summary")).to_be_focused()


def test_a_moment_that_is_past_is_not_sent(page: Page) -> None:
    page.goto(WEEK)
    chip = _tomorrow(page)

    chip.locator("summary").focus()
    page.keyboard.press("m")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")

    expect(page.locator("#move [data-problem]")).to_have_text("That moment is past.")
    expect(page.locator("#move")).to_be_visible()


def test_the_question_is_accessible_to_everybody(
    page: Page, faults_of_access: Callable[[Page], list[str]]
) -> None:
    page.goto(WEEK)
    _tomorrow(page).locator("summary").focus()

    page.keyboard.press("m")

    assert faults_of_access(page) == []


# -- without a script ------------------------------------------------------------------------------


def test_without_a_script_a_form_moves_the_post(open_page: Opens) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(WEEK)
    chip = _tomorrow(page)
    number = chip.get_attribute("data-post")

    chip.locator("summary").click()
    chip.locator("input[name=at]").fill(f"{TOMORROW}T20:15")
    chip.locator(".plain-move").get_by_role("button", name="Move").click()

    expect(page.locator(".told")).to_contain_text(f"Post {number} now leaves")
    assert page.locator(f"#day-{TOMORROW} .h20 #post-{number}").count() == 1


def _drag(page: Page, chip: Locator, target: Locator, *, share: float = 0.5) -> None:
    chip.scroll_into_view_if_needed()
    box = chip.locator("summary").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 40, steps=3)
    target.evaluate("element => element.scrollIntoView({block: 'center'})")
    goal = target.bounding_box()
    assert goal is not None
    page.mouse.move(goal["x"] + 10, goal["y"] + goal["height"] * share, steps=5)
    page.mouse.up()


def _touch_drag(page: Page, source: Locator, target: Locator, *, rest: int = 500) -> None:
    """A finger on `source`, that rests for so many milliseconds and then goes to `target`."""
    box, goal = source.bounding_box(), target.bounding_box()
    assert box is not None
    assert goal is not None
    x, y = box["x"] + 30, box["y"] + 12
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: dict[str, float]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    touch("touchStart", {"x": x, "y": y})
    page.wait_for_timeout(rest)
    end_x, end_y = goal["x"] + goal["width"] / 2, goal["y"] + goal["height"] / 2
    for part in range(1, 9):
        touch("touchMove", {"x": x + (end_x - x) * part / 8, "y": y + (end_y - y) * part / 8})
    page.wait_for_timeout(50)
    touch("touchEnd")
