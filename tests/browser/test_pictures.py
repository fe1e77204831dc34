"""A picture in a browser: added on the page, seen by all who decide, and left without what it carried."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from bot.core.people import Role
from browser import DESK, LOOKS, PHONE, Guard, Opens, Program
from pictures import drawing, encoded, exif_segment, in_jpeg, tiff
from written import CAMPAIGN, ITEMS

SENTINEL = b"INVENTED-SENTINEL-2290"
PHOTO: FilePayload = {
    "name": "huda-in-idlib.jpg",
    "mimeType": "image/jpeg",
    "buffer": in_jpeg(
        encoded(drawing(size=(900, 600)), "jpeg"),
        exif_segment(tiff({0x010F: b"Invented\0", 0x013B: SENTINEL}, place={2: SENTINEL, 4: SENTINEL})),
    ),
}
#: Whether the browser has decoded a picture: nothing of it is seen otherwise.
IS_SEEN = "image => image.complete && image.naturalWidth > 0"


@pytest.fixture(scope="module")
def program(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program with a campaign whose every post waits for an approval, on X and on Telegram."""
    folder = tmp_path_factory.mktemp("pictures")
    campaign = folder / "content" / "invented"
    campaign.mkdir(parents=True)
    telegram = (
        '  - {name: invented_t, network: telegram, channel: "@invented", languages: [ar]}\nposting_times'
    )
    (campaign / "campaign.yaml").write_text(
        f"{CAMPAIGN}approval: true\n".replace("posting_times", telegram, 1)
    )
    (campaign / "items.yaml").write_text(ITEMS)
    program = Program(folder, content=folder / "content")
    program.start()
    yield program
    program.stop()


def write(page: Page, words: str) -> None:
    page.goto("/new")
    page.check('input[name="kind"][value="call"]')
    page.fill("#text_en", f"{words} of an invented call.")
    page.fill("#text_ar", f"نداء مختلق {words}.")


def describe(page: Page, *, warning: str) -> None:
    page.fill("#picture_alt_en", "An invented drawing.")
    page.fill("#picture_alt_ar", "رسم مختلق.")
    page.locator(f'label:has(input[name="picture_warning"][value="{warning}"])').click()


def seen(page: Page) -> list[bool]:
    """Of each picture of a post on the page whether it is seen, once it was scrolled to."""
    images = page.locator(".follower-picture img")
    expect(images.first).to_be_visible()
    for image in images.all():
        image.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    return [bool(image.evaluate(IS_SEEN)) for image in images.all()]


@pytest.mark.parametrize(("language", "size"), LOOKS)
def test_a_picture_is_added_seen_and_described(
    open_page: Opens,
    faults_of_access: Callable[[Page], list[str]],
    language: str,
    size: tuple[int, int],
) -> None:
    page = open_page(language=language, size=size)
    write(page, "Words")

    page.set_input_files("#picture", PHOTO)
    expect(page.locator(".removed")).to_be_visible()
    focused = page.evaluate("document.activeElement.name")
    describe(page, warning="yes")
    expect(page.locator("[data-previews] .veiled")).to_have_count(3)

    assert focused.startswith("picture_alt_")
    assert page.input_value("#text_en") == "Words of an invented call."
    assert seen(page) == [True] * 3
    assert faults_of_access(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    page.click("[name=picture_do][value=remove]")
    expect(page.locator("#picture")).to_be_visible()
    expect(page.locator("[data-previews] img")).to_have_count(0)
    page.click("[name=picture_do][value=shelf]")
    page.locator("[data-shelf] button").first.click()
    expect(page.locator("#picture_alt_en")).to_have_value("An invented drawing.")
    assert faults_of_access(page) == []


def test_a_picture_stands_above_its_words_on_telegram_and_below_on_x(open_page: Opens) -> None:
    page = open_page()
    write(page, "Placed words")
    page.set_input_files("#picture", PHOTO)
    expect(page.locator("[data-previews] .follower-picture")).to_have_count(3)

    order = {
        network: page.locator(f".follower-{network}").first.evaluate(
            "card => [...card.children].map(one => one.className.split(' ')[0])"
        )
        for network in ("x", "telegram")
    }

    assert order["x"] == ["follower-head", "follower-text", "follower-picture"]
    assert order["telegram"] == ["follower-head", "follower-picture", "follower-text"]


def test_what_may_distress_is_seen_only_when_somebody_asks_for_it(open_page: Opens) -> None:
    page = open_page()
    write(page, "Veiled words")
    page.set_input_files("#picture", PHOTO)
    describe(page, warning="yes")
    pane = page.locator("[data-previews] .veiled").first
    expect(pane).to_be_visible()
    filters = "pane => getComputedStyle(pane.querySelector('img')).filter"
    before = pane.evaluate(filters)

    pane.locator("input").focus()
    page.keyboard.press("Space")

    assert "blur" in before
    assert pane.evaluate(filters) == "none"
    # What somebody asked to see stays seen while the text is written on.
    page.fill("#text_en", "Other veiled words of an invented call.")
    expect(page.locator("[data-previews]")).to_contain_text("Other veiled words")
    assert page.locator("[data-previews] .veiled").first.evaluate(filters) == "none"


def test_a_refused_picture_says_why_and_stays_said(open_page: Opens) -> None:
    page = open_page()
    write(page, "Kept words")

    page.set_input_files(
        "#picture", {"name": "a.png", "mimeType": "image/png", "buffer": b"GIF89a" + bytes(60)}
    )
    expect(page.locator("#picture_file-wrong")).to_contain_text("it is a GIF")
    page.fill("#text_en", "Kept and changed words of an invented call.")
    expect(page.locator("[data-previews]")).to_contain_text("changed")

    expect(page.locator("#picture_file-wrong")).to_contain_text("it is a GIF")
    assert page.input_value("#text_ar") == "نداء مختلق Kept words."


def test_a_picture_is_dropped_or_pasted_onto_the_page(open_page: Opens) -> None:
    page = open_page()
    give = """
      async ([kind, bytes]) => {
        const file = new File([new Uint8Array(bytes)], "dropped.jpg", {type: "image/jpeg"});
        const data = new DataTransfer();
        data.items.add(file);
        const event = kind === "drop"
          ? new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true})
          : new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
        document.querySelector("h1").dispatchEvent(event);
      }
    """
    for kind in ("drop", "paste"):
        write(page, kind)

        page.evaluate(give, [kind, list(PHOTO["buffer"])])

        expect(page.locator(".chosen-picture img")).to_be_visible()


def test_without_scripts_a_picture_is_added_by_its_button(open_page: Opens, guards: list[Guard]) -> None:
    page = open_page(java_script_enabled=False, size=DESK)
    write(page, "Plain words")
    page.set_input_files("#picture", PHOTO)

    page.click("[name=picture_do][value=take]")
    describe(page, warning="no")
    page.locator("noscript button, button[name=check]").first.click()

    expect(page.locator("#text_en")).to_have_value("Plain words of an invented call.")
    expect(page.locator(".follower-picture")).to_have_count(3)
    expect(page.locator("#picture_alt_en")).to_have_value("An invented drawing.")


# The last one: from here on people sign in, and nobody comes in by the link.
def test_a_picture_leaves_with_its_post_as_it_was_approved(
    page_as: Callable[..., Page], program: Program
) -> None:
    author, approver = page_as(Role.AUTHOR), page_as(Role.APPROVER, size=PHONE)
    write(author, "Approved words")
    author.set_input_files("#picture", PHOTO)
    describe(author, warning="no")
    expect(author.locator("[data-previews] .follower-picture")).to_have_count(3)
    author.check('input[name="when"][value="now"]')
    author.click("[data-queue]")
    author.wait_for_url(re.compile(r"/posts/\d+$"))

    approver.goto("/approve")
    asked = approver.locator("article.to-approve").filter(has=approver.locator(".follower-picture"))
    expect(asked).to_have_count(3)
    assert seen(approver) == [True] * 3
    for box in asked.locator("input[type=checkbox]").all():
        box.check()
    approver.click("form#many button.primary")
    expect(approver.locator(".told").first).to_be_visible()

    for _ in range(60):
        if author.locator(".badge.state-sent").count():
            break
        author.wait_for_timeout(500)
        author.reload()
    expect(author.locator(".badge.state-sent").first).to_be_visible()
    assert seen(author) == [True]
    kept = [path for path in Path(program.data_dir).rglob("*") if path.is_file()]
    assert [path for path in kept if SENTINEL in path.read_bytes() or b"huda" in path.read_bytes()] == []
