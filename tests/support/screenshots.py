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

from playwright.sync_api import Browser, Page, Response, sync_playwright

from browser import DESK, PHONE, REPOSITORY, Program, browsing, chromium, reading

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
            page.goto(path)
            # The whole of a long list is nobody's picture.
            page.screenshot(path=_ALL / f"{name}-{language}-{size}-{tone}.png", animations="disabled")
            if (name, language, size, tone) in _IN_README:
                page.screenshot(path=_SHOWN / f"{name}-{language}-{size}.png", animations="disabled")


def _weigh(browser: Browser, program: Program, state: dict[str, object], pages: dict[str, str]) -> int:
    heaviest = 0
    print(
        f"{'page':<14}{'bytes':>10}{'requests':>10}   of it: page, styles, scripts, pictures, icon and others"
    )
    for name, path in pages.items():
        with reading(browser, program.address, storage_state=state) as (page, _):
            weights = _weights(page, path)
        total = sum(weight for _, weight in weights)
        heaviest = max(heaviest, total)
        kinds = dict.fromkeys(("document", "stylesheet", "script", "image", "other"), 0)
        for kind, weight in weights:
            kinds[kind if kind in kinds else "other"] += weight
        print(f"{name:<14}{total:>10,}{len(weights):>10}   {', '.join(f'{one:,}' for one in kinds.values())}")
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
            found.append(
                (answer.request.resource_type, sizes["responseBodySize"] + sizes["responseHeadersSize"])
            )
    return found


if __name__ == "__main__":
    sys.exit(main())
