"""Fixtures for every test: a clock that stands still, and a fake X in its own process.

`fake_x` is one server for the whole run (one per worker of pytest-xdist), emptied before each test. It
holds every message against X's API description where a copy lies beside the project, and fails the test
whose messages differ.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from bot.core.clock import FixedClock
from pds import Pds

_OPENAPI = Path(__file__).parents[2] / "shared" / "x-openapi.json"
#: Never through a proxy: the machine may have one.
_opener = build_opener(ProxyHandler({}))


class FakeX:
    """The tests' hand on the fake X: what it stores, how it fails, what it saw."""

    def __init__(self, url: str, journal_file: Path) -> None:
        self.url = url
        #: One JSON line for each request and each reset, of the whole run.
        self.journal_file = journal_file

    def faults(self, *faults: dict[str, Any]) -> None:
        """Spoil the next fitting requests, in order, e.g. `{"kind": "drop", "when": "after"}`."""
        self._call("faults", {"faults": faults})

    def faults_by_chance(self, chance: float, *among: dict[str, Any], seed: int) -> None:
        """Spoil this share of all fitting requests, 0 to 1, until the test ends."""
        self._call("faults", {"chance": chance, "among": among, "seed": seed})

    def settings(self, **settings: Any) -> None:
        """Change `vocabulary`, `long_posts`, `post_limit` or `clock_offset_seconds`."""
        self._call("settings", settings)

    def posts(self, account: str | None = None) -> list[dict[str, Any]]:
        """What is public, oldest first; of one user name, or of all."""
        return [
            post
            for post in self._call("posts")["posts"]
            if not post["deleted"] and account in (None, post["account"])
        ]

    def journal(self) -> list[dict[str, Any]]:
        """What arrived since the test began, oldest first."""
        return [entry for entry in self._call("journal")["journal"] if entry["event"] != "reset"]

    def violations(self) -> list[str]:
        """Where the fake itself was not as X describes its API."""
        violations: list[str] = self._call("violations")["violations"]
        return violations

    def reset(self) -> None:
        self._call("reset", {})

    def _call(self, what: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with _opener.open(Request(f"{self.url}/_fake/{what}", data=data), timeout=10) as answer:
            return json.load(answer)


@contextmanager
def _fake(module: str, folder: Path, *options: str) -> Iterator[FakeX]:
    """A fake network in a process of its own, which ends with this one."""
    journal = folder / "journal.jsonl"
    command = [sys.executable, "-m", module, "--journal", str(journal), "--until-stdin-closes", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        yield FakeX(f"http://127.0.0.1:{port}", journal)
        process.stdin.close()


@pytest.fixture(scope="session")
def _fake_x_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeX]:
    described = ("--openapi", str(_OPENAPI)) if _OPENAPI.exists() else ()
    with _fake("bot.emulator", tmp_path_factory.mktemp("fake_x"), *described) as fake:
        yield fake


@pytest.fixture
def fake_x(_fake_x_process: FakeX) -> Iterator[FakeX]:
    """A fake X without posts and faults. Its `url` is what BOT_X_API_URL would be."""
    _fake_x_process.reset()
    yield _fake_x_process
    assert _fake_x_process.violations() == []


def _process_of(module: str) -> Any:
    """A fixture of one fake network for the whole run."""

    @pytest.fixture(scope="session")
    def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeX]:
        with _fake(module, tmp_path_factory.mktemp(module)) as fake:
            yield fake

    return process


_fake_telegram_process = _process_of("bot.emulator.telegram")
_fake_bluesky_process = _process_of("bot.emulator.bluesky")
_fake_mastodon_process = _process_of("bot.emulator.mastodon")


@pytest.fixture
def fake_telegram(_fake_telegram_process: FakeX) -> FakeX:
    """A fake Telegram without messages and faults. Its `url` is what BOT_TELEGRAM_API_URL would be."""
    _fake_telegram_process.reset()
    return _fake_telegram_process


@pytest.fixture
def fake_bluesky(_fake_bluesky_process: FakeX) -> FakeX:
    """A fake Bluesky without posts and faults. Its `url` is what BOT_BLUESKY_URL would be."""
    _fake_bluesky_process.reset()
    return _fake_bluesky_process


@pytest.fixture
def fake_mastodon(_fake_mastodon_process: FakeX) -> FakeX:
    """A fake Mastodon server without posts and faults. Its `url` is what an account's `server` would be."""
    _fake_mastodon_process.reset()
    return _fake_mastodon_process


@pytest.fixture(scope="session")
def pds_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pds]:
    """A real server of Bluesky, empty but for what tests make. Skips where it is not installed."""
    server = Pds(tmp_path_factory.mktemp("pds"))
    yield server
    server.stop()


@pytest.fixture
def x_secrets_of() -> Callable[[str], dict[str, str]]:
    """The secrets of any user name on the fake X; visibly invented. Every user name exists."""

    def secrets(user: str) -> dict[str, str]:
        return {
            "API_KEY": "invented-api-key",
            "API_SECRET": "invented-api-secret",
            "ACCESS_TOKEN": f"invented-access-token-{user}",
            "ACCESS_TOKEN_SECRET": f"invented-access-token-secret-{user}",
        }

    return secrets


@pytest.fixture
def x_secrets(x_secrets_of: Callable[[str], dict[str, str]]) -> dict[str, str]:
    """The secrets of the user `campaign` on the fake X."""
    return x_secrets_of("campaign")


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at an ordinary moment, on a Sunday, until the test moves it."""
    return FixedClock(datetime(2026, 3, 1, 9, 0, tzinfo=UTC))
