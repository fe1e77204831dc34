"""Speak to Telegram for one account: the Bot API, posting to one channel."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import requests

from bot.core.clock import Clock
from bot.core.errors import AccountError, RejectedError, UnconfirmedError
from bot.core.post import Receipt, State
from bot.publishing.building import BuildOf, Finding, address_findings
from bot.publishing.protocol import AccountSettings, Build, OutgoingPicture, PublishRequest, Recovery
from bot.publishing.secrecy import Scrubber
from bot.publishing.telegram_answers import (
    CHANNEL,
    MESSAGE_ID,
    link_of,
    profile_of,
    receipt_from,
    refusal,
    remote_id_of,
    result_of,
)
from bot.publishing.transport import Answer, Timeouts, Transport
from bot.text.graphemes import utf16_length
from bot.text.networks import telegram_warning

SECRET_NAMES = ("BOT_TOKEN",)

#: The bot's number, a colon, and the secret itself: what BotFather gives (core.telegram.org/bots/api).
_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{20,100}", re.ASCII)
#: Log the addresses of requests at DEBUG: the token is a part of them.
_TALKATIVE = ("urllib3", "requests")
#: `text` of sendMessage and `caption` of sendPhoto "after entities parsing", in UTF-16 units (Bot API 10.0,
#: read 2026-11-21).
_MAX_LENGTH, _MAX_CAPTION = 4096, 1024
#: What Telegram leaves out of a text or puts something else for: controls, line and paragraph separators,
#: embeddings and overrides of the direction, three marks above and below letters, and of several direction
#: marks in a row all but the last (`clean_input_string` in td/telegram/misc.cpp of TDLib, on which the Bot
#: API is built, read 2026-11-21).
_CHANGED = re.compile("[\0-\x09\x0b-\x1f\u2028-\u202e\u030a\u0333\u033f]|[\u200e\u200f](?=[\u200e\u200f])")


class TelegramPublisher:
    """Posts to, and withdraws from, one channel. One request at a time."""

    #: Telegram knows no key of ours, and a bot can read no channel back: no look tells anything, and a person
    #: is asked at once.
    recovery = Recovery(settle=timedelta(0), absent_reads=0, apart=timedelta(0), absent_means=State.UNKNOWN)
    #: One message a second in one chat, and twenty a minute (core.telegram.org/bots/faq, 2026-11): this gap
    #: keeps to both, and needs no counting.
    gap = timedelta(seconds=3)

    def __init__(self, settings: AccountSettings, *, clock: Clock, timeouts: Timeouts | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._channel = settings.channel or ""
        scrub = Scrubber(_secrets_in(settings))
        self._transport = Transport("Telegram", clock=clock, timeouts=timeouts or Timeouts(), scrub=scrub)
        #: How far Telegram's clock was ahead of ours at its last answer (to about a second). None before one.
        self.clock_skew: timedelta | None = None

    def __repr__(self) -> str:
        return (
            f"TelegramPublisher(account={self._settings.account!r}, api_url={self._settings.api_url!r},"
            f" channel={self._channel!r})"
        )

    def publish(self, request: PublishRequest) -> Receipt:
        """Make one sendMessage, or one sendPhoto that brings picture and text in the same request.

        Telegram knows no key of ours: what is not answered stays unconfirmed. Raises RejectedError, with
        nothing sent, for a text that Telegram would change or not take.
        """
        message, picture, method = _message(request, chat=self._chat), request.picture, "sendMessage"
        if picture is not None:
            covered = picture.warning or request.content_warning is not None
            message, method = _photo(message, covered=covered), "sendPhoto"
        answer = self._ask(method, message, picture=picture, may_leave=request.may_leave)
        receipt = receipt_from(answer, channel=self._channel, now=self._clock.now())
        return replace(receipt, note="; ".join(_changes(answer, message)))

    def find(self, request: PublishRequest, *, since: datetime) -> Receipt | None:  # noqa: ARG002
        """Raise UnconfirmedError, without asking: a bot cannot read what is in a channel."""
        raise UnconfirmedError(
            f"Telegram shows no bot what a channel holds: look for this post at {link_of(self._channel)}"
        )

    def withdraw(self, remote_id: str) -> None:
        """Delete a message. Raises PublishError unless Telegram says that it is deleted."""
        if not MESSAGE_ID.fullmatch(remote_id):
            raise RejectedError(
                f"{remote_id!r} is no message of Telegram: an id is a number of up to 10 digits"
            )
        answer = self._ask("deleteMessage", {"chat_id": self._chat, "message_id": int(remote_id)})
        if answer.status != 200:
            raise refusal(answer, now=self._clock.now())
        if result_of(answer) is not True:
            raise UnconfirmedError(
                f"Telegram did not say that message {remote_id} is deleted: it may still be public"
            )

    def check(self) -> str:
        """Ask Telegram who this bot is and whether it may post; returns `@bot may post to @channel`.

        Raises AccountError when it may not.
        """
        bot = self._result("getMe", {})
        chat = self._result("getChat", {"chat_id": self._chat})
        name, kind = f"@{_told(bot, 'username')}", _told(chat, "type")
        if kind != "channel":
            raise AccountError(f"{self._channel} is no channel on Telegram but a {kind}: name the channel")
        member = self._result("getChatMember", {"chat_id": self._chat, "user_id": bot.get("id")})
        if member.get("can_post_messages") is not True:
            raise AccountError(
                f"{name} may not post to {self._channel}: it is there as {_told(member, 'status')!r} —"
                " make it an administrator of the channel that may post messages"
            )
        return f"{name} may post to {self._channel}"

    def _result(self, method: str, fields: Mapping[str, Any]) -> Mapping[str, object]:
        answer = self._ask(method, fields)
        if answer.status != 200:
            raise refusal(answer, now=self._clock.now())
        result = result_of(answer)
        if not isinstance(result, dict):
            raise UnconfirmedError(f"Telegram's answer to {method} cannot be read")
        return result

    def _ask(
        self,
        method: str,
        fields: Mapping[str, Any],
        *,
        picture: OutgoingPicture | None = None,
        may_leave: Callable[[], bool] = lambda: True,
    ) -> Answer:
        request = self._request(method, fields, picture)
        answer = self._transport.exchange(request, may_leave=may_leave)
        if (date := answer.date()) is not None:
            self.clock_skew = date - self._clock.now()
        return answer

    def _request(
        self, method: str, fields: Mapping[str, Any], picture: OutgoingPicture | None = None
    ) -> requests.Request:
        # In a frame of its own: no error passes through one that holds the address, and the token in it.
        return requests.Request(
            "POST",
            f"{self._settings.api_url.rstrip('/')}/bot{self._settings.secrets['BOT_TOKEN']}/{method}",
            json=dict(fields) if picture is None else None,
            data=None if picture is None else dict(fields),
            files=None if picture is None else {"photo": _file(picture)},
            headers={"User-Agent": "campaign-bot", "Accept-Encoding": "identity", "Connection": "close"},
        )

    @property
    def _chat(self) -> str | int:
        """`chat_id`: a channel's name is a text, its number a number."""
        return self._channel if self._channel.startswith("@") else int(self._channel)


def _message(request: PublishRequest, *, chat: str | int) -> dict[str, Any]:
    """The fields of sendMessage. Raises RejectedError for a text that would not arrive as it is."""
    # No parse_mode: nothing then has a second meaning, and nothing needs to be escaped. A spoiler is named by
    # its place instead. Hashtags and links Telegram finds by itself either way.
    message: dict[str, Any] = {"chat_id": chat, "text": request.text}
    if request.content_warning is not None:
        warning = telegram_warning(request.content_warning)
        start, length = utf16_length(warning), utf16_length(request.text)
        message["text"] = warning + request.text
        message["entities"] = [{"type": "spoiler", "offset": start, "length": length}]
        # The preview of a link would show uncovered what the warning is about.
        message["link_preview_options"] = {"is_disabled": True}
    if request.reply_to is not None:
        message["reply_parameters"] = {"message_id": int(request.reply_to)}
    _check_text(message["text"], most=_MAX_LENGTH if request.picture is None else _MAX_CAPTION)
    return message


def _photo(message: Mapping[str, Any], *, covered: bool) -> dict[str, str]:
    """The same as fields of sendPhoto beside the picture: in a form, each is a text, and lists are JSON."""
    photo = {"chat_id": str(message["chat_id"]), "caption": message["text"]}
    for name, known_as in (("entities", "caption_entities"), ("reply_parameters", "reply_parameters")):
        if name in message:
            photo[known_as] = json.dumps(message[name])
    return {**photo, "has_spoiler": "true"} if covered else photo


def _file(picture: OutgoingPicture) -> tuple[str, bytes, str]:
    # Its name tells nobody anything; Telegram shows none.
    suffix = "png" if picture.file.media_type == "image/png" else "jpg"
    return f"picture.{suffix}", picture.data or b"", picture.file.media_type


def _changes(answer: Answer, asked: Mapping[str, Any]) -> Iterator[str]:
    """What Telegram made otherwise than it was asked to."""
    result, name = result_of(answer), "caption" if "caption" in asked else "text"
    said: Mapping[str, object] = result if isinstance(result, dict) else {}
    if said.get(name) != asked[name]:
        yield "Telegram changed its text"
    if "has_spoiler" in asked and said.get("has_media_spoiler") is not True:
        yield "it is public with its picture uncovered"


def _check_text(text: str, *, most: int) -> None:
    length = utf16_length(text)
    if length > most:
        raise RejectedError(f"text and content warning are too long for Telegram together ({length}/{most})")
    if changed := dict.fromkeys(f"U+{ord(found[0]):04X}" for found in _CHANGED.findall(text)):
        raise RejectedError(f"Telegram would change the text: take out {', '.join(changed)}")


def _told(said: Mapping[str, object], name: str) -> str:
    """A word that an answer says of a bot, a chat or a member."""
    word = said.get(name)
    if not (isinstance(word, str) and re.fullmatch(r"\w{1,64}", word, re.ASCII)):
        raise UnconfirmedError(f"Telegram's answer about the account holds no {name}")
    return word


def _secrets_in(settings: AccountSettings) -> list[str]:
    """The token, and its secret half by itself."""
    token = settings.secrets.get("BOT_TOKEN", "")
    return [token, token.partition(":")[2]]


def _findings(settings: AccountSettings) -> Iterator[Finding]:
    if not _TOKEN.fullmatch(settings.secrets.get("BOT_TOKEN", "")):
        yield (
            "the secret BOT_TOKEN is missing or no token of a bot",
            "copy it from BotFather, from the number on",
        )
    if not CHANNEL.fullmatch(settings.channel or ""):
        yield (
            f"{settings.channel!r} is no channel",
            "write `channel: @name`, or its number, which begins with -100",
        )
    remedy = "write e.g. https://api.telegram.org"
    yield from address_findings(settings.api_url, of="Telegram", remedy=remedy)


build: Build = BuildOf(
    make=TelegramPublisher,
    secret_names=SECRET_NAMES,
    findings=_findings,
    talkative=_TALKATIVE,
    remote_id=remote_id_of,
    profile=profile_of,
    secrets=_secrets_in,
)
