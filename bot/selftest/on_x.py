"""X in a proof: the emulator's process, its faults, its secrets, and a publisher with short deadlines."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from bot.config import Settings
from bot.core.clock import Clock
from bot.core.post import Mode
from bot.outlets import StoredOutlets
from bot.pipeline.outlets import Outlet
from bot.publishing.protocol import AccountSettings
from bot.publishing.transport import Timeouts
from bot.publishing.x import SECRET_NAMES, XPublisher
from bot.store.database import Database

#: In real seconds, on a machine that is busy with killing. `total` is longer than it looks: it is held
#: against the fast clock as well, before the first byte.
TIMEOUTS = Timeouts(connect=2.0, read=0.4, total=60.0)
#: The request's own deadline is over by then, in real seconds; the settle time is not.
PAST_THE_DEADLINE = 0.6

#: The invented secrets that the emulator takes from any user (`python -m bot.emulator --help`).
_INVENTED = {
    "API_KEY": "invented-api-key",
    "API_SECRET": "invented-api-secret",
    "ACCESS_TOKEN": "invented-access-token-{user}",
    "ACCESS_TOKEN_SECRET": "invented-access-token-secret-{user}",
}
_CREATE, _TIMELINE, _WHO = "POST /2/tweets", "GET /2/users/{id}/tweets", "GET /2/users/me"
#: Never through a proxy: the machine may have one.
_opener = build_opener(ProxyHandler({}))


def secrets_of(account: str) -> dict[str, str]:
    """The account's variables, as the environment would name them."""
    return {f"{account.upper()}_{name}": secret for name, secret in _secrets(account).items()}


def _secrets(account: str) -> Mapping[str, str]:
    return {name: _INVENTED[name].format(user=account) for name in SECRET_NAMES}


class HurriedOutlets(StoredOutlets):
    """The outlets as they are in live mode, each built at its first use, with deadlines for a fast clock."""

    def __init__(self, db: Database, settings: Settings, *, clock: Clock) -> None:
        super().__init__(db, settings, clock=clock)
        self._url = settings.x_api_url
        self._fast = clock
        self._hurried: dict[str, Outlet] = {}
        #: The accounts that this life sends for; all, when it is None.
        self.served: Sequence[str] | None = None

    def names(self) -> list[str]:
        return [name for name in super().names() if self.served is None or name in self.served]

    def check(self) -> None:
        """Every account has its secrets: they are invented here."""

    def of(self, account: str) -> Outlet | None:
        if account not in self.accounts():
            return None
        if account not in self._hurried:
            settings = AccountSettings(account=account, api_url=self._url, secrets=_secrets(account))
            publisher = XPublisher(settings, clock=self._fast, timeouts=TIMEOUTS)
            self._hurried[account] = Outlet(account=account, mode=Mode.LIVE.value, publisher=publisher)
        return self._hurried[account]


@contextmanager
def emulator(journal: Path, *, speed: float, start: datetime, start_monotonic: float) -> Iterator[str]:
    """Start the fake X and give its address; its end is this block's end."""
    command = [sys.executable, "-P", "-m", "bot.emulator", "--port", "0", "--until-stdin-closes"]
    command += ["--journal", str(journal), "--journal-in-file-only"]
    command += [
        "--speed",
        repr(speed),
        "--start",
        start.isoformat(),
        "--start-monotonic",
        repr(start_monotonic),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            url = f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
            # Else X would hide that the bot sent something twice.
            _control(url, "settings", {"takes_duplicates": True})
            yield url
        finally:
            # By its own id: whoever else listens on this machine is left alone.
            process.terminate()
            process.stdin.close()


def spoil(url: str, *, chance: float, seed: int) -> None:
    """Let this share of all requests fail, 0 to 1, each by one of the faults below."""
    among = faults() if chance else []
    _control(url, "faults", {"chance": chance, "seed": seed, "among": among})


def _control(url: str, what: str, body: Mapping[str, Any]) -> None:
    request = Request(f"{url}/_fake/{what}", data=json.dumps(body).encode())  # noqa: S310  (this machine)
    with _opener.open(request, timeout=30):
        pass


def public_posts(url: str) -> Sequence[Mapping[str, Any]]:
    """Everything that is public, of every account."""
    with _opener.open(f"{url}/_fake/posts", timeout=120) as answer:
        posts: list[Mapping[str, Any]] = json.load(answer)["posts"]
    return [post for post in posts if not post["deleted"]]


def faults() -> list[dict[str, Any]]:
    """Everything that X can do to a request, before and after it took the post."""
    return [*_faults_of_create(), *_faults_of_timeline(), *_faults_of_who()]


def _faults_of_create() -> Iterator[dict[str, Any]]:
    for when in ("before", "after"):
        both: dict[str, Any] = {"when": when, "on": _CREATE}
        yield {"kind": "drop", **both}
        yield {"kind": "reset", **both}
        yield {"kind": "duplicate", **both}
        yield {"kind": "redirect", **both}
        yield {"kind": "errors_only", **both}
        yield {"kind": "late", "seconds": PAST_THE_DEADLINE, **both}
        yield {"kind": "late", "seconds": 0.05, **both}
        for status in (500, 502, 503, 504, 408, 409):
            yield {"kind": "status", "status": status, **both}
    after = {"on": _CREATE, "when": "after"}
    for kind in ("truncated", "wrong_json", "empty"):
        yield {"kind": kind, **after}
    yield {"kind": "dribble", "interval": 0.002, **after}
    yield {"kind": "dribble", "interval": 0.6, **after}
    yield {"kind": "dribble", "interval": 0.002, "part": "head", "sized": False, **after}
    # X says no: nothing was stored.
    refused: dict[str, Any] = {"kind": "status", "on": _CREATE, "when": "before"}
    yield {**refused, "status": 429}
    for reset in ("1", "-5", "99999999999", "soon"):
        headers = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
        yield {**refused, "status": 429, "headers": headers}
    for status in (400, 401, 403):
        yield {
            **refused,
            "status": status,
            "body": {"title": "Refused", "type": "about:blank", "detail": "no"},
        }


def _faults_of_timeline() -> Iterator[dict[str, Any]]:
    here: dict[str, Any] = {"on": _TIMELINE}
    yield {"kind": "stale", "seconds": 300.0, **here}
    yield {"kind": "empty_page", **here}
    yield from _faults_of_reading(here)
    for kind in ("truncated", "wrong_json", "empty"):
        yield {"kind": kind, **here}
    yield {"kind": "status", "status": 429, "headers": {"x-rate-limit-reset": "1"}, **here}


def _faults_of_who() -> Iterator[dict[str, Any]]:
    yield from _faults_of_reading({"on": _WHO})


def _faults_of_reading(here: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"kind": "drop", **here}
    yield {"kind": "reset", **here}
    yield {"kind": "late", "seconds": PAST_THE_DEADLINE, **here}
    for status in (401, 500, 503):
        yield {"kind": "status", "status": status, **here}
