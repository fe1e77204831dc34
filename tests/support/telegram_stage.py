"""Telegram on a stage: how its accounts are built, and its rows of the contract table."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.core.campaign import Network
from bot.core.post import State
from bot.publishing.protocol import AccountSettings
from bot.publishing.telegram import TelegramPublisher
from bot.publishing.transport import Timeouts
from fault_rows import Before, Fate, Row, common_rows, limited, refused
from network_stage import NetworkStage

#: It shows nothing: whatever is not known, a person must say.
_FATE = Fate(stored=State.UNKNOWN, absent=State.UNKNOWN)
_WINDOW, _SOONEST, _LATEST = timedelta(minutes=15), timedelta(seconds=30), timedelta(days=1)


def _no(status: int, description: str, **parameters: object) -> dict[str, Any]:
    return {"ok": False, "error_code": status, "description": description, "parameters": parameters}


def _limited(name: str, waits: timedelta, **parameters: object) -> Row:
    return limited(name, waits, body=_no(429, "Too Many Requests", **parameters))


def _about_the_channel(status: int, said: str) -> Row:
    says = "make the bot an administrator"
    return refused(status, says, name=said, pauses=True, body=_no(status, f"Invented: {said}"))


class TelegramStage(NetworkStage):
    """A stage on which each account is a bot of the fake Telegram with a channel."""

    network = Network.TELEGRAM
    shows_alt = False
    requests = (
        *common_rows(_FATE),
        *_FATE.status(403, "answered 403", name="as a page", body="<html>403</html>"),
        *_FATE.status(200, "without a message: Odd", name="that is not ok", body=_no(200, "Odd")),
        *_FATE.status(200, "no message id", name="without an id", body={"ok": True, "result": {}}),
        *_FATE.status(200, "no message id", name="with another shape", body=["1"]),
        _limited("without a moment", _WINDOW),
        _limited("with a moment", timedelta(minutes=10), retry_after=600),
        _limited("at once", _SOONEST, retry_after=0),
        _limited("before now", _SOONEST, retry_after=-5),
        _limited("without an end", _LATEST, retry_after=10**30),
        _limited("in words", _WINDOW, retry_after="tomorrow"),
        refused(400, "too long", name="too long", body=_no(400, "Bad Request: message is too long")),
        refused(401, "BOT_TOKEN", name="in mid-run", pauses=True, body=_no(401, "Unauthorized")),
        refused(404, "BOT_TOKEN", name="in mid-run", pauses=True, body=_no(404, "Not Found")),
        _about_the_channel(400, "chat not found"),
        _about_the_channel(400, "not enough rights to send text messages to the chat"),
        _about_the_channel(403, "bot was kicked from the channel chat"),
    )
    # Nothing would keep a person's wrong word from being public twice.
    roads = (Before.NOTHING, Before.NOT_SENT, Before.SENT_AGAIN)
    one_too_many = {"kind": "status", "status": 429, "body": _no(429, "Wait", retry_after=60)}  # noqa: RUF012

    def settings_of(self, account: str, *, api_url: str) -> AccountSettings:
        token = f"4200:invented-token-of-{account}"
        return AccountSettings(
            account=account, api_url=api_url, secrets={"BOT_TOKEN": token}, channel=f"@{account}"
        )

    def publisher_of(self, settings: AccountSettings, *, timeouts: Timeouts) -> TelegramPublisher:
        return TelegramPublisher(settings, clock=self.clock, timeouts=timeouts)

    def link_of(self, post: dict[str, Any]) -> str:
        return f"https://t.me/{post['chat']}/{post['id']}"
