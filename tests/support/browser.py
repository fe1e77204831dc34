"""The real program on a folder of its own, and a browser that trips over everything it should not do."""

from __future__ import annotations

import os
import queue
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request
from pyotp import TOTP

from bot.core.people import Role
from written import CAMPAIGN, ITEMS

REPOSITORY = Path(__file__).parents[2]
PHONE = (360, 740)
DESK = (1280, 800)
#: Language and size. Each language and each size every day; the other two with the long proofs.
LOOKS = [
    pytest.param("ar", PHONE, id="Arabic on a phone"),
    pytest.param("en", DESK, id="English on a desk"),
    pytest.param("ar", DESK, id="Arabic on a desk", marks=pytest.mark.slow),
    pytest.param("en", PHONE, id="English on a phone", marks=pytest.mark.slow),
]
#: Debian's names first.
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_ARGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--force-color-profile=srgb"),
)
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+[^\s│]*")
_PATH_OF_LINK = re.compile(r"/password/\S+")
#: Seconds: the slowest machine that runs the tests starts the program in a few.
_START, _STOP = 40, 10


def chromium() -> str | None:
    """The path of a Chromium of this machine; None when it has none."""
    return next((path for path in map(shutil.which, _CHROMIUM) if path), None)


class Program:
    """`campaign-bot run`, as a person starts it, with its pages on a free port."""

    def __init__(
        self, folder: Path, *, settings: Mapping[str, str] | None = None, content: Path | None = None
    ) -> None:
        self.data_dir = folder / "data"
        self._folder = folder
        self._settings = dict(settings or {})
        self._content = content or _written_content(folder / "content")
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.output: list[str] = []
        #: Users added so far.
        self.users = 0
        #: Whether the link that was printed at the start let somebody in.
        self._is_used = False

    @property
    def link(self) -> str:
        """A link that lets a person in, which works once: the printed one, then one after another."""
        pages = [one for one in self._addresses() if not one.endswith("/healthz")]
        if self._is_used:
            # The command knows the port of the settings, and those say: any free one.
            pages = [self.address + urlsplit(one).path for one in _ADDRESS.findall(self.run("console"))]
        self._is_used = True
        return max(pages, key=len, default=self.address)

    @property
    def address(self) -> str:
        parts = urlsplit(self._addresses()[0])
        return f"{parts.scheme}://{parts.netloc}"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "bot", "run"],
            cwd=self._folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()
        while "Running." not in (line := self._next_line()):
            self.output.append(line)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_STOP)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def run(self, *words: str, given: str = "") -> str:
        """What a command of the bot prints, run on the same folder. Fails where the command does."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=self._folder,
            env=self._environment(),
            input=given,
            capture_output=True,
            text=True,
            timeout=_START,
        )
        # 3: done, and an unknown post waits for a person.
        assert done.returncode in {0, 3}, f"{words}: {done.stderr}{done.stdout}"
        return done.stdout

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BOT_")}  # noqa: TID251
        return {
            **kept,
            "PYTHONPATH": str(REPOSITORY),
            "COLUMNS": "500",
            "BOT_DATA_DIR": str(self.data_dir),
            "BOT_CONTENT_DIR": str(self._content),
            "BOT_TEMPLATES_DIR": str(REPOSITORY / "templates"),
            "BOT_MODE": "dry-run",
            "BOT_CONSOLE_PORT": "0",
            **self._settings,
        }

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self._lines.put(line)
        self._lines.put(None)

    def _next_line(self) -> str:
        try:
            line = self._lines.get(timeout=_START)
        except queue.Empty:
            line = None
        assert line is not None, "the program did not start:\n" + "".join(self.output)
        return line

    def _addresses(self) -> list[str]:
        found = _ADDRESS.findall("".join(self.output))
        assert found, "the program printed no address:\n" + "".join(self.output)
        return found


def _written_content(folder: Path) -> Path:
    campaign = folder / "invented"
    campaign.mkdir(parents=True, exist_ok=True)
    (campaign / "campaign.yaml").write_text(CAMPAIGN)
    (campaign / "items.yaml").write_text(ITEMS)
    return folder


@contextmanager
def browsing(playwright: Playwright) -> Iterator[Browser]:
    """The machine's Chromium, which asks nobody for anything by itself."""
    path = chromium()
    assert path is not None
    browser = playwright.chromium.launch(executable_path=path, args=list(_ARGS))
    yield browser
    browser.close()


@dataclass
class Guard:
    """Notes what no page may do: errors, a broken policy, requests that fail or go elsewhere."""

    address: str
    faults: list[str] = field(default_factory=list)
    #: What this test brings about itself, as parts of the messages: `status of 404`.
    expected: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self._note(f"script error: {error.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)

    def check(self) -> None:
        assert self.faults == []

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._note(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.address}/", "data:", "blob:")):
            self._note(f"asked elsewhere: {request.url}")

    def _failed(self, request: Request) -> None:
        # A page that is left drops what it was still loading.
        if request.failure != "net::ERR_ABORTED":
            self._note(f"failed: {request.url} ({request.failure})")

    def _note(self, fault: str) -> None:
        if not any(part in fault for part in self.expected):
            self.faults.append(fault)


@contextmanager
def reading(
    browser: Browser,
    address: str,
    *,
    language: str = "en",
    size: tuple[int, int] = DESK,
    dark: bool = False,
    zone: str = "Asia/Damascus",
    **more: Any,
) -> Iterator[tuple[Page, Guard]]:
    """A page of a fresh reader, and the guard over it, which is checked at the end."""
    context = browser.new_context(
        base_url=address,
        locale={"ar": "ar-SY", "en": "en-GB", "tr": "tr-TR"}[language],
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        timezone_id=zone,
        **more,
    )
    context.set_default_timeout(10_000)
    guard = Guard(address)
    guard.watch(context)
    page = context.new_page()
    try:
        yield page, guard
        guard.check()
    finally:
        context.close()


def come_in(page: Page, program: Program, *, role: Role, name: str = "") -> None:
    """Add a user of the role, and sign in: with a password, and a code where the role needs one."""
    program.users += 1
    name = name or f"An Invented {role.value.title()} {program.users}"
    password = "invented words that nobody guesses"
    link = _PATH_OF_LINK.search(program.run("users", "add", name, "--role", role.value, "--by", "A Test"))
    assert link is not None
    page.goto(link[0])
    page.locator("#password").fill(password)
    page.locator("#again").fill(password)
    page.locator("main button[type=submit], main form button").first.click()
    page.goto("/sign-in")
    page.locator("#name").fill(name)
    page.locator("#password").fill(password)
    page.locator("#password").press("Enter")
    if role.includes(Role.APPROVER):
        secret = page.locator("code.secret").text_content() or ""
        page.locator("#code").fill(TOTP(secret.replace(" ", "")).now())
        page.locator("#code").press("Enter")
    page.wait_for_url(f"{program.address}/")


#: Gives a page of a reader who has come in by the link.
Opens = Callable[..., Page]
