"""Telegram's token is a part of each address: the real program, at its most talkative, tells it nowhere.

All that it leaves is searched: what it prints, its data folder byte by byte, every row of its database.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import pytest

from canaries import CANARIES, hits, said_with
from installation import CRASH_IN_REQUESTS, GO, Installation, driver

ACCOUNT = "not_hostages_telegram"
TOKEN = "4200:invented-token-of-canary_CANARY_0"
SECRETS = {**CANARIES, "BOT_TOKEN": TOKEN, "its secret half": TOKEN.partition(":")[2]}
_ENTRY = f"""
accounts:
  - name: {ACCOUNT}
    network: telegram
    channel: "@invented_channel"
    languages: [en]
"""
_CRASH_IN_PUBLISHER = """
from bot.publishing.telegram import TelegramPublisher
def publish(self, request):
    prepared = self._prepared("sendMessage", {})
    raise ZeroDivisionError(f"{prepared.url} {dict(self._settings.secrets)} {prepared.path_url!r}")
TelegramPublisher.publish = publish
"""


@pytest.fixture
def installation(tmp_path: Path, fake_telegram: Any, doors: dict[str, str]) -> Installation:
    secrets = {
        f"{account}_{name}": secret
        for account in ("NOT_HOSTAGES_X", "ASSADS_PRISONS_X")
        for name, secret in CANARIES.items()
    }
    variables = {
        "BOT_X_API_URL": doors["closed"],
        "BOT_TELEGRAM_API_URL": fake_telegram.url,
        f"{ACCOUNT.upper()}_BOT_TOKEN": TOKEN,
        **secrets,
    }
    installation = Installation(tmp_path, account=ACCOUNT, variables=variables)
    file = tmp_path / "content" / "not-hostages" / "campaign.yaml"
    file.write_text(file.read_text("utf-8").replace("\naccounts:\n", _ENTRY), "utf-8")
    return installation


def _says_all(status: int, method: str = "sendMessage", **more: Any) -> dict[str, Any]:
    """An answer with the token in every form."""
    said = list(said_with(TOKEN))
    random.Random(status).shuffle(said)
    # The description is cut after so many letters: each form is to come before that in one answer or another.
    body = {"ok": False, "error_code": status, "description": " ".join(said), **more}
    headers = {"X-Told": TOKEN}
    on = f"POST /bot{{token}}/{method}"
    return {"kind": "status", "on": on, "status": status, "body": body, "headers": headers}


_FAULTS = (
    *({"kind": "echo", "status": status} for status in (400, 413, 500, 307, 200)),
    *(_says_all(status) for status in (400, 422, 200, 502)),
    _says_all(200, ok=True, result={"message_id": 7, "text": TOKEN, "chat": {"username": "canary_CANARY_0"}}),
    {"kind": "drop"},
    {"kind": "wrong_json"},
    {"kind": "echo", "status": 429},
    _says_all(403),
)
#: One run sends until the account has to wait: after each message, and after each that may be one.
_RUNS = 12


@pytest.mark.slow
def test_the_token_is_told_nowhere_whatever_telegram_answers(installation: Installation, fake_telegram: Any):
    installation.queue(*(f"{place}" for place in range(len(_FAULTS) + 1)))
    fake_telegram.faults(*_FAULTS)

    for _ in range(_RUNS):
        installation.run("send", program=driver())
        # Three that are not known pause everything.
        installation.run("resume", "--by", "Huda")
        installation.end_wait()
    installation.go_on()
    installation.run("send", program=driver())
    for method in ("getMe", "getChat", "getChatMember"):
        fake_telegram.faults(_says_all(401, method))
        installation.run("accounts", "--check", "--json", program=driver())
    installation.run("accounts", "--check", program=driver())
    installation.read_back()

    # Each fault was met, or the silence would prove nothing.
    asked = [entry["path"].rpartition("/")[2] for entry in fake_telegram.journal()]
    assert asked.count("sendMessage") > len(_FAULTS)
    assert asked.count("getMe") >= 4
    left = installation.left()
    assert any(b"@canary_CANARY_0_bot may post to @invented_channel" in content for content in left.values())
    assert hits(left, SECRETS) == []


_QUIET = "import sys\n"


@pytest.mark.parametrize(
    "program",
    [
        pytest.param([sys.executable, "-c", _QUIET + _CRASH_IN_PUBLISHER + GO, "-vv"], id="in-the-bot"),
        pytest.param([sys.executable, "-c", _QUIET + CRASH_IN_REQUESTS + GO, "-vv"], id="below-the-bot"),
        pytest.param(driver(CRASH_IN_REQUESTS), id="below-the-bot-and-every-logger-at-DEBUG"),
    ],
)
def test_the_token_stands_in_no_traceback(installation: Installation, program: list[str]):
    installation.queue("a crash")

    installation.run("send", program=program)
    installation.run("accounts", "--check", program=program)
    installation.run("log", "export")

    left = installation.left()
    assert any(b"nobody foresaw" in content or b"ZeroDivisionError" in content for content in left.values())
    assert hits(left, SECRETS) == []


def test_the_search_would_find_it(installation: Installation):
    installation.queue("anything")
    for name in ("BOT_TOKEN", "its secret half"):
        for said in said_with(SECRETS[name]):
            installation.printed["planted"] = f"before{said}after".encode()

            assert any(name in hit for hit in hits(installation.left(), SECRETS)), said
