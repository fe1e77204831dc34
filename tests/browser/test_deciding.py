"""Deciding in a browser: approving, refusing, undoing, and the word on an unknown post."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.core.clock import SystemClock
from bot.core.post import State
from bot.store import claims, posts
from bot.store.database import Database
from browser import LOOKS, Guard, Opens, Program
from posting import force_state
from written import CAMPAIGN, ITEMS


@pytest.fixture(scope="module")
def program(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program with a campaign whose posts all wait for an approval."""
    folder = tmp_path_factory.mktemp("program")
    campaign = folder / "content" / "invented"
    campaign.mkdir(parents=True)
    (campaign / "campaign.yaml").write_text(f"{CAMPAIGN}approval: true\n")
    (campaign / "items.yaml").write_text(ITEMS)
    program = Program(folder, content=folder / "content")
    program.start()
    yield program
    program.stop()


@pytest.fixture
def db(program: Program) -> Iterator[Database]:
    database = Database(f"sqlite:///{program.data_dir / 'campaign-bot.sqlite3'}")
    yield database
    database.close()


def _make_unknown(db: Database) -> int:
    """Let the last of the coming posts be tried, and its answer be lost."""
    now = SystemClock().now()
    with db.write() as tx:
        post = posts.read_posts(tx, states=(State.HELD,))[-1]
        force_state(tx, post.id, State.CLAIMED)
        claimed = posts.read_post(tx, post.id)
        (part, *_) = claims.read_parts(tx, post.id)
        attempt = claims.open_attempt(
            tx, claimed, part, key=str(uuid4()), mode="live", worker="w" * 36, now=now, not_after=now
        )
        claims.close_attempt(tx, attempt, State.UNKNOWN, now=now, error="an invented silence")
        force_state(tx, post.id, State.UNKNOWN, reason="2 whole reads of x do not show it")
    return post.id


def _numbers(page: Page) -> list[str]:
    return page.locator("article.to-approve h3 a").all_text_contents()


def test_an_approver_chooses_many_and_the_button_says_how_many(page: Page) -> None:
    page.goto("/approve")
    before = _numbers(page)
    button = page.locator("#many button")
    expect(button).to_be_disabled()

    page.get_by_label("Choose post").nth(0).check()
    page.get_by_label("Choose post").nth(1).check()
    expect(button).to_have_text("Approve 2 posts")
    button.click()

    expect(page.get_by_role("status").first).to_contain_text("2 posts are approved")
    assert not set(before[:2]) & set(_numbers(page))


def test_all_of_a_page_are_chosen_at_once(page: Page) -> None:
    page.goto("/approve")

    page.get_by_label("Choose all on this page").check()

    expect(page.locator("#many button")).to_have_text("Approve 20 posts")
    page.get_by_label("Choose post").nth(3).uncheck()
    expect(page.locator("#many button")).to_have_text("Approve 19 posts")
    assert page.locator("#all").evaluate("box => box.indeterminate")


def test_an_approver_refuses_with_a_reason_that_the_author_reads(page: Page) -> None:
    page.goto("/approve")
    card = page.locator("article.to-approve").first
    address = card.locator("h3 a").get_attribute("href")
    assert address is not None

    card.get_by_text("Refuse it").click()
    card.get_by_label("What is wrong with it").fill("The figure is an old one.")
    card.get_by_role("button", name="Refuse").click()

    expect(page.get_by_role("status").first).to_contain_text("is refused")
    page.goto(address)
    expect(page.locator(".post-reason")).to_contain_text("The figure is an old one.")
    expect(page.locator(".timeline")).to_contain_text("Refused by")


def test_an_approval_is_taken_back_at_once(page: Page) -> None:
    page.goto("/approve")
    page.locator("article.to-approve h3 a").first.click()
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".post-head .badge")).to_have_text("ready")

    page.get_by_role("button", name="Undo").click()

    expect(page.locator(".post-head .badge")).to_have_text("held")
    expect(page.locator(".post-reason")).to_contain_text("approved by mistake")


def test_a_moved_post_needs_a_new_approval_and_says_what_changed(page: Page) -> None:
    page.goto("/approve")
    page.locator("article.to-approve h3 a").last.click()
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("Move to another moment").click()
    field = page.get_by_label(re.compile("New moment"))
    field.fill(field.input_value()[:11] + "23:45")
    page.get_by_role("button", name="Move", exact=True).click()

    expect(page.get_by_role("status").first).to_contain_text("Its approval was for the old moment.")
    expect(page.locator(".changes")).to_contain_text("What changed since")
    expect(page.locator(".changes")).to_contain_text("Its moment: it was")


def test_what_somebody_changed_meanwhile_is_not_approved(open_page: Opens, guards: list[Guard]) -> None:
    first, second = open_page(), open_page()
    guards[0].expected.append("status of 409")
    first.goto("/approve")
    address = first.locator("article.to-approve h3 a").nth(2).get_attribute("href")
    assert address is not None
    first.goto(address)
    second.goto(address)
    second.get_by_text("Move to another moment").click()
    field = second.get_by_label(re.compile("New moment"))
    field.fill(field.input_value()[:11] + "22:22")
    second.get_by_role("button", name="Move", exact=True).click()

    first.get_by_role("button", name="Approve").click()

    expect(first.get_by_role("alert")).to_contain_text("was changed after you read it")
    expect(first.locator(".post-head .badge")).to_have_text("held")


def test_an_unknown_post_is_sent_again_only_when_its_number_is_typed(
    page: Page, db: Database, guards: list[Guard]
) -> None:
    guards[0].expected.append("status of 422")
    number = _make_unknown(db)
    page.goto("/unknown")
    card = page.locator(f"#post-{number}")
    expect(card).to_contain_text("2 whole reads of X do not show it")

    card.get_by_label(f"Type {number} to confirm").fill("1")
    card.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("alert")).to_contain_text("nothing was done")
    card = page.locator(f"#post-{number}")
    card.get_by_label(f"Type {number} to confirm").fill(str(number))
    card.get_by_role("button", name="Send it again").click()

    expect(page.get_by_role("status").first).to_contain_text("waits for a new approval")
    with db.read() as tx:
        assert posts.read_post(tx, number).state is State.HELD


@pytest.mark.parametrize(("language", "size"), LOOKS)
def test_the_pages_fit_the_screen_and_are_accessible(
    open_page: Opens,
    db: Database,
    faults_of_access: Callable[[Page], list[str]],
    language: str,
    size: tuple[int, int],
) -> None:
    number = _make_unknown(db)
    page = open_page(language=language, size=size)
    faults: list[str] = []

    for path in ("/approve", "/unknown", f"/posts/{number}", f"/posts/{number - 1}"):
        page.goto(path)
        for fold in page.locator("main details").all():
            fold.evaluate("one => one.open = true")
        faults += [f"{path}: {fault}" for fault in faults_of_access(page)]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append(f"{path} is wider than the screen")

    assert faults == []


def test_arabic_text_runs_from_the_right_in_an_english_page(page: Page) -> None:
    page.goto("/approve")

    arabic = page.locator('.follower-text[lang="ar"]').first

    assert arabic.evaluate("one => getComputedStyle(one).direction") == "rtl"
    assert arabic.locator(".hashtag").first.evaluate("one => getComputedStyle(one).direction") == "rtl"


def test_without_scripts_posts_are_approved_and_refused_all_the_same(open_page: Opens) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/approve")
    before = len(_numbers(page))

    page.locator('article.to-approve input[name="post"]').first.check()
    page.locator("#many button").click()

    assert "1 post is approved" in page.locator(".told").first.inner_text()
    assert before
