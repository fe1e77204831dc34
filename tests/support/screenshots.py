"""Takes a picture of every page of the console, in both directions, and says what each page weighs.

Run by `make screenshots`: all go into .cache/screenshots/, those of the README into docs/screenshots/.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image, ImageDraw, ImageFilter, ImageOps
from playwright.sync_api import Browser, FilePayload, Page, Response, sync_playwright

from browser import DESK, PHONE, REPOSITORY, Program, browsing, chromium, reading
from pictures import encoded

_ALL = REPOSITORY / ".cache" / "screenshots"
_SHOWN = REPOSITORY / "docs" / "screenshots"
#: Those that the README shows: page, language, size, light or dark.
_IN_README = frozenset(
    {
        ("today", "en", "desk", "light"),
        ("today", "ar", "phone", "light"),
        ("calendar", "ar", "desk", "light"),
        ("library", "en", "desk", "light"),
        ("post", "ar", "desk", "light"),
        ("queue", "en", "desk", "dark"),
    }
)
_CAMPAIGN = "not-hostages"
_SIZES = {"desk": DESK, "phone": PHONE}
#: What is weighed apart: people add them, and each is asked for only where somebody looks.
_OF_POSTS = "picture of a post"
#: Bytes as they travel, for the first view of somebody who was never here.
_GOAL = 100 * 1024


def main() -> int:
    """Take the pictures, print the weights. 1 when a page is heavier than the goal."""
    if chromium() is None:
        print("needs Chromium (on Debian: apt install chromium fonts-noto-core)", file=sys.stderr)
        return 1
    _ALL.mkdir(parents=True, exist_ok=True)
    _SHOWN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        program = Program(Path(folder), content=REPOSITORY / "content", settings={"LOGNAME": "Huda"})
        program.start()
        try:
            with browsing(playwright) as browser:
                state, pages = _come_in(browser, program)
                _arrange(program)
                pages["post-with-picture"] = _queue_with_picture(browser, program, state)
                for look in _looks():
                    _photograph(browser, program, state, pages, *look)
                return _weigh(browser, program, state, pages)
        finally:
            program.stop()


def _looks() -> Iterator[tuple[str, str, bool]]:
    for language in ("en", "ar"):
        for size in _SIZES:
            yield language, size, False
    yield "en", "desk", True
    yield "ar", "phone", True


def _come_in(browser: Browser, program: Program) -> tuple[dict[str, object], dict[str, str]]:
    """What the browser of somebody holds who opened the link, and the pages by name."""
    with reading(browser, program.address) as (page, _):
        page.goto(program.link)
        page.wait_for_url(f"{program.address}/")
        paths = page.locator("nav.places a").evaluate_all("links => links.map(link => link.pathname)")
        pages = {path.strip("/").replace("/", "-") or "today": path for path in paths}
        pages |= {"post": "/posts/1", "pause": "/pause"}
        kept = {}
        for name, path in pages.items():
            answer = page.goto(path)
            if answer is not None and answer.ok:
                kept[name] = path
        return dict(page.context.storage_state()), kept


def _arrange(program: Program) -> None:
    """A store in which something happened: posts sent, held, cancelled and waiting."""
    listed = json.loads(program.run("queue", "list", "--campaign", _CAMPAIGN, "--json"))
    first, second, third = (str(post["id"]) for post in listed["posts"][2:5])
    program.run("queue", "hold", first, "--reason", "the source is being read once more")
    program.run("queue", "hold", second, "--reason", "to be read by somebody from there")
    program.run("queue", "cancel", third, "--reason", "a newer figure is out")
    words = ("queue", "add", "--campaign", _CAMPAIGN, "--account", "not_hostages_x", "--at", "now")
    program.run(*words, "--language", "en", "--kind", "call", "--text", "Ask where the disappeared are.")
    program.run("send")


def _queue_with_picture(browser: Browser, program: Program, state: dict[str, object]) -> str:
    """The page of a post that has a picture, written and queued as people do it."""
    with reading(browser, program.address, storage_state=state) as (page, _):
        page.goto(f"/new?campaign={_CAMPAIGN}")
        page.check('input[name="kind"][value="call"]')
        page.fill("#text_en", "Light a lamp for those who are still waited for.")
        page.fill("#text_ar", "أشعلوا سراجاً لمن لا يزال أهلهم ينتظرونهم.")
        picture: FilePayload = {
            "name": "lamps.jpg",
            "mimeType": "image/jpeg",
            "buffer": encoded(_lamps(), "jpeg"),
        }
        page.set_input_files("#picture", picture)
        page.fill("#picture_alt_en", "A drawing: a row of small lamps in a dark green evening.")
        page.fill("#picture_alt_ar", "رسم: صف من السرج الصغيرة في مساء أخضر داكن.")
        page.check('input[name="picture_warning"][value="no"]')
        page.locator("[data-previews] .follower-picture").first.wait_for()
        page.click("[data-queue]")
        page.wait_for_url("**/posts/*")
        return urlsplit(page.url).path


def _lamps() -> Image.Image:
    """A drawing, so that nobody's photograph stands in our documents."""
    evening = ImageOps.colorize(Image.linear_gradient("L").resize((1600, 1000)), "#101c22", "#0e6153")
    pen = ImageDraw.Draw(evening)
    for number in range(9):
        left, top = 120 + 160 * number, 560 + 60 * (number % 3)
        pen.ellipse((left - 50, top - 60, left + 150, top + 140), fill="#2b6a52")
        pen.ellipse((left, top, left + 100, top + 90), fill="#f3c969")
    return evening.filter(ImageFilter.GaussianBlur(9))


def _photograph(
    browser: Browser,
    program: Program,
    state: dict[str, object],
    pages: dict[str, str],
    language: str,
    size: str,
    dark: bool,
) -> None:
    tone = "dark" if dark else "light"
    with reading(
        browser, program.address, language=language, size=_SIZES[size], dark=dark, storage_state=state
    ) as (page, _):
        for name, path in pages.items():
            page.goto(path, wait_until="networkidle")
            # The whole of a long list is nobody's picture.
            page.screenshot(path=_ALL / f"{name}-{language}-{size}-{tone}.png", animations="disabled")
            if (name, language, size, tone) in _IN_README:
                page.screenshot(path=_SHOWN / f"{name}-{language}-{size}.png", animations="disabled")


def _weigh(browser: Browser, program: Program, state: dict[str, object], pages: dict[str, str]) -> int:
    heaviest = 0
    print(
        f"{'page':<20}{'bytes':>10}{'requests':>10}"
        "   of it: page, styles, scripts, pictures, icon and others; beside it: pictures of posts"
    )
    for name, path in pages.items():
        with reading(browser, program.address, storage_state=state) as (page, _):
            weights = _weights(page, path)
        # Those of posts come once they are scrolled to, each up to 80 KB: a page is there without them.
        of_posts = sum(weight for kind, weight in weights if kind == _OF_POSTS)
        weights = [one for one in weights if one[0] != _OF_POSTS]
        total = sum(weight for _, weight in weights)
        heaviest = max(heaviest, total)
        kinds = dict.fromkeys(("document", "stylesheet", "script", "image", "other"), 0)
        for kind, weight in weights:
            kinds[kind if kind in kinds else "other"] += weight
        print(
            f"{name:<20}{total:>10,}{len(weights):>10}   {', '.join(f'{one:,}' for one in kinds.values())};"
            f" {of_posts:,}"
        )
    print(f"heaviest {heaviest:,} bytes; goal {_GOAL:,}")
    return 0 if heaviest <= _GOAL else 1


def _weights(page: Page, path: str) -> list[tuple[str, int]]:
    """Kind and bytes of each answer of a first view, with its headers, as they travelled."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(path, wait_until="networkidle")
    found = []
    for answer in answers:
        if urlsplit(answer.url).scheme.startswith("http"):
            sizes = answer.request.sizes()
            kind = answer.request.resource_type
            if urlsplit(answer.url).path.startswith("/pictures/"):
                kind = _OF_POSTS
            found.append((kind, sizes["responseBodySize"] + sizes["responseHeadersSize"]))
    return found


if __name__ == "__main__":
    sys.exit(main())
