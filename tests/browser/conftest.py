"""Fixtures for tests in a browser: the real program, and pages of people who read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

import servers
from bot.core.people import Role
from browser import DESK, PHONE, Guard, Opens, Program, browsing, chromium, come_in, reading

#: What axe-core holds a page against: WCAG 2.2, levels A and AA.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


#: Of files that go into one page's details, what runs every day; the rest runs with the long proofs.
_EVERY_DAY = {
    "test_calendar": {
        "test_a_post_is_dragged_to_another_hour_and_taken_back",
        "test_a_post_is_moved_by_keyboard_alone",
        "test_every_text_shows_its_first_word_whatever_the_direction_of_the_page",
    },
    "test_deciding": {
        "test_an_approver_refuses_with_a_reason_that_the_author_reads",
        "test_an_unknown_post_is_sent_again_only_when_its_number_is_typed",
    },
    "test_insight": set(),
    "test_pictures": {
        "test_a_picture_leaves_with_its_post_as_it_was_approved",
    },
    "test_writing": {
        "test_two_people_at_one_item_lose_nothing",
    },
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of one file together: they share one program."""
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here:
            item.add_marker(pytest.mark.xdist_group(f"browser-{item.path.stem}"))
            chosen = _EVERY_DAY.get(item.path.stem)
            if chosen is not None and item.name.partition("[")[0] not in chosen:
                item.add_marker(pytest.mark.slow)


# For one file only: its driver keeps a thread, and proofs that fork begin in a process without any.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        servers.lack("needs Chromium (on Debian: apt install chromium fonts-noto-core)")
    with sync_playwright() as playwright, browsing(playwright) as browser:
        yield browser


@pytest.fixture(scope="module")
def program(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program with one person and an invented campaign: one for all tests of a file."""
    program = Program(tmp_path_factory.mktemp("program"))
    program.start()
    yield program
    program.stop()


@pytest.fixture(scope="module")
def way_in(browser: Browser, program: Program) -> dict[str, Any]:
    """What the browser of somebody holds who opened the link: it works once, and many tests come in."""
    with reading(browser, program.address) as (page, _):
        page.goto(program.link)
        page.wait_for_url(f"{program.address}/")
        return dict(page.context.storage_state())


@pytest.fixture
def guards() -> list[Guard]:
    """The guards over this test's pages, in the order in which they were opened."""
    return []


@pytest.fixture
def open_page(
    browser: Browser, program: Program, way_in: dict[str, Any], guards: list[Guard]
) -> Iterator[Opens]:
    """Opens the first page for a fresh reader who is signed in."""
    with ExitStack() as stack:

        def open_(*, language: str = "en", size: tuple[int, int] = DESK, **more: Any) -> Page:
            page, guard = stack.enter_context(
                reading(browser, program.address, language=language, size=size, storage_state=way_in, **more)
            )
            guards.append(guard)
            page.goto("/")
            return page

        yield open_


@pytest.fixture
def page(open_page: Opens) -> Page:
    """The console in English on a desk."""
    return open_page()


@pytest.fixture
def arabic(open_page: Opens) -> Page:
    """The console in Arabic on a phone."""
    return open_page(language="ar", size=PHONE)


@pytest.fixture
def page_as(browser: Browser, program: Program, guards: list[Guard]) -> Iterator[Callable[..., Page]]:
    """Gives the page of a user of a role, who was added on the command line and signs in as people do.

    From the first one on nobody comes in by a one-time link: only for tests of a `program` of their own.
    """
    with ExitStack() as stack:

        def as_(role: Role, *, language: str = "en", size: tuple[int, int] = DESK) -> Page:
            page, guard = stack.enter_context(reading(browser, program.address, language=language, size=size))
            guards.append(guard)
            come_in(page, program, role=role)
            return page

        yield as_


@pytest.fixture(scope="session")
def faults_of_access() -> Any:
    """What axe-core finds wrong with a page, one line for each."""

    def find(page: Page, *, but: tuple[str, ...] = ()) -> list[str]:
        # The bar at the foot covers whatever happens to lie there; one scrolls. Its own targets are judged.
        page.evaluate("document.querySelectorAll('.places').forEach(bar => bar.style.position = 'static')")
        found = Axe().run(page, options={"runOnly": _RULES}).response["violations"]
        return [
            f"{one['id']}: {one['help']}: {node['html']}"
            for one in found
            if one["id"] not in but
            for node in one["nodes"]
        ]

    return find
