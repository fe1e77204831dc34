"""A fake Telegram: its Bot API in a process of its own, with the fake X's faults and the fake X's journal.

    python -m bot.emulator.telegram --port 0 --journal FILE

Any bot exists: the token of `anna` is `4200:invented-token-of-anna`, and its name on Telegram is `anna_bot`.
Any channel exists, and every bot is an administrator there who may post, until `settings` say otherwise.
Control is the fake X's: POST /_fake/faults, /_fake/settings, /_fake/reset; GET /_fake/posts, /_fake/journal.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.core.clock import Clock
from bot.emulator.contract import Contract
from bot.emulator.faults import Fault, read_fault
from bot.emulator.handler import Handler
from bot.emulator.pictures import Measures, measure, seen
from bot.emulator.routes import Call, Reply
from bot.emulator.server import FakeX
from bot.emulator.starting import run
from bot.emulator.state import State

TOKEN_PREFIX = "4200:invented-token-of-"
#: Of a text and of a picture alike: sendMessage, sendPhoto.
SEND = "POST /bot{token}/send{what}"
_ROUTE = re.compile(r"/bot([^/]*)/([A-Za-z]+)")
#: In UTF-16 units, after entities parsing: of a text, and of one beside a picture.
_MAX_LENGTH, _MAX_CAPTION = 4096, 1024
#: Of a photo: bytes; pixels of width and height together; the longer side by the shorter.
_MAX_BYTES, _MAX_SIDES, _MAX_RATIO = 10_000_000, 10_000, 20
_CAN_BE_DELETED_FOR = timedelta(hours=48)
#: As the server behind the Bot API cleans each text: what becomes a blank, what is left out, and what becomes
#: a mark of another kind (`clean_input_string`, td/telegram/misc.cpp of TDLib, 2026-11).
_TO_BLANK = re.compile("[\0-\x09\x0b\x0c\x0e-\x1f]")
_LEFT_OUT = re.compile("[\r\u2028-\u202e\u030a\u0333\u033f]")
_TO_JOINER = re.compile("[\u200e\u200f](?=[\u200e\u200f])")


class _RefusalError(Exception):
    """What the Bot API says instead of a result."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.reply: Reply = (status, {"ok": False, "error_code": status, "description": description})
        if parameters:
            self.reply[1]["parameters"] = parameters


@dataclass(kw_only=True)
class Message:
    id: int
    bot: str
    text: str
    entities: list[dict[str, Any]]
    options: dict[str, Any]
    made_at: datetime
    reply_to: int | None
    #: The bytes as they arrived, and whether they are covered until a follower touches them.
    photo: bytes | None = None
    covered: bool = False
    deleted: bool = False


@dataclass(kw_only=True)
class Chat:
    id: int
    #: None: a channel without a public name.
    name: str | None
    messages: dict[int, Message] = field(default_factory=dict)

    def view(self) -> dict[str, Any]:
        chat = {"id": self.id, "title": "An invented channel", "type": "channel"}
        return chat if self.name is None else {**chat, "username": self.name}


class TelegramState(State):
    """What the fake Telegram keeps; faults, journal and clock are the fake X's."""

    accepting = (200, {"ok": True, "result": {"message_id": 1}})
    unauthorized = (401, {"ok": False, "error_code": 401, "description": "Unauthorized"})

    def __init__(self, *, clock: Clock, journal: Path | None = None, keep_journal: bool = True) -> None:
        super().__init__(contract=Contract(None), clock=clock, journal=journal, keep_journal=keep_journal)
        self._forget()

    def _forget(self) -> None:
        self._chats: list[Chat] = []
        #: What a bot may do in a chat, by `chat_id`: the fields of a ChatMember; or None: no such chat.
        self.members: dict[str, dict[str, Any] | None] = {}
        self.types: dict[str, str] = {}
        #: Messages that one chat takes in a minute. None: any number.
        self.per_minute: int | None = None

    def reset(self) -> None:
        with self.lock:
            super().reset()
            self._forget()

    def settle(self, given: dict[str, Any]) -> None:
        known = {"members", "types", "per_minute"}
        own = {name: given.pop(name) for name in known & set(given)}
        super().settle(given)
        with self.lock:
            for name, value in own.items():
                setattr(self, name, value)

    def read_fault(self, given: dict[str, Any]) -> Fault:
        return read_fault({"on": SEND, **given})

    def account_of(self, _: str, address: str, __: str) -> str | None:
        route = _ROUTE.fullmatch(urlsplit(address).path)
        name = re.fullmatch(re.escape(TOKEN_PREFIX) + r"(\w+)", route[1] if route else "", re.ASCII)
        return None if name is None else name[1]

    def echo(self, told: str) -> dict[str, Any]:
        return {"ok": False, "error_code": 400, "description": told}

    def limit_headers(self, account: str) -> dict[str, str]:  # noqa: ARG002
        return {}

    def stored_by(self, call: Call, reply: Reply) -> str | None:
        is_message = reply[0] == 200 and call.path.endswith(("/sendMessage", "/sendPhoto"))
        return str(reply[1]["result"]["message_id"]) if is_message else None

    def perform(self, call: Call) -> Reply:
        route, fields = _ROUTE.fullmatch(call.path), _fields_of(call)
        method = _METHODS.get(route[2].lower()) if route else None
        with self.lock:
            try:
                if method is None:
                    raise _RefusalError(404, "Not Found")
                if not isinstance(fields, dict):
                    raise _RefusalError(400, "Bad Request: can't parse the body")
                return 200, {"ok": True, "result": method(self, call.account, fields)}
            except _RefusalError as error:
                return error.reply

    def told_by(self, call: Call) -> dict[str, Any]:
        fields = _fields_of(call)
        asked = fields if isinstance(fields, dict) else {}
        photo = asked.pop("photo", None)
        return {
            "text": asked.get("text", asked.get("caption")),
            "picture": photo,
            # Its token stands there.
            "path": re.sub("/bot[^/]*", "/bot", call.path),
            "fields": fields,
        }

    def view_of_posts(self) -> list[dict[str, Any]]:
        return [
            {
                "id": str(message.id),
                "account": message.bot,
                "chat": chat.name or chat.id,
                "text": message.text,
                "entities": message.entities,
                "options": message.options,
                # A follower is told nothing of what a picture shows.
                "pictures": []
                if message.photo is None
                else [seen(message.photo, alt=None, warning=message.covered)],
                "made_at": message.made_at.isoformat(),
                "reply_to": None if message.reply_to is None else str(message.reply_to),
                "deleted": message.deleted,
            }
            for chat in self._chats
            for message in chat.messages.values()
        ]

    # -- what the methods need ---------------------------------------------------------------------

    def chat_of(self, fields: dict[str, Any]) -> Chat:
        wanted = str(fields.get("chat_id", ""))
        if not wanted:
            raise _RefusalError(400, "Bad Request: chat_id is empty")
        is_name = re.fullmatch(r"@\w{4,32}", wanted, re.ASCII)
        is_number = re.fullmatch(r"-100[0-9]+", wanted, re.ASCII)
        if not (is_name or is_number) or self.members.get(wanted, {}) is None:
            raise _RefusalError(400, "Bad Request: chat not found")
        for chat in self._chats:
            if wanted.lower() in (str(chat.id), f"@{chat.name}".lower()):
                return chat
        number = int(wanted) if is_number else -(100 * 10**10 + len(self._chats) + 1)
        self._chats.append(Chat(id=number, name=wanted[1:] if is_name else None))
        return self._chats[-1]

    def member(self, fields: dict[str, Any]) -> dict[str, Any]:
        given = self.members.get(str(fields.get("chat_id", "")))
        rights = {"can_post_messages": True, "can_delete_messages": True}
        return {"status": "administrator", **rights} if given is None else given

    def check_rights(self, fields: dict[str, Any]) -> None:
        member = self.member(fields)
        match member["status"]:
            case "kicked":
                raise _RefusalError(403, "Forbidden: bot was kicked from the channel chat")
            case "left":
                raise _RefusalError(403, "Forbidden: bot is not a member of the channel chat")
        if member.get("can_post_messages") is not True:
            raise _RefusalError(400, "Bad Request: need administrator rights in the channel chat")

    def check_limit(self, chat: Chat) -> None:
        start = self.world.now() - timedelta(minutes=1)
        newest = [message.made_at for message in chat.messages.values() if message.made_at > start]
        if self.per_minute is not None and len(newest) >= self.per_minute:
            wait = int((min(newest) - start).total_seconds()) + 1
            raise _RefusalError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)


def _send_message(state: TelegramState, bot: str, fields: dict[str, Any]) -> dict[str, Any]:
    chat, text = _allowed(state, fields), _cleaned(str(fields.get("text", "")))
    if not text:
        raise _RefusalError(400, "Bad Request: message text is empty")
    if _utf16(text) > _MAX_LENGTH:
        raise _RefusalError(400, "Bad Request: message is too long")
    entities = [_checked(entity, text) for entity in fields.get("entities", ())]
    told = _post(state, chat, fields, bot=bot, text=text, entities=entities)
    return {**told, "text": text, **({"entities": entities} if entities else {})}


def _send_photo(state: TelegramState, bot: str, fields: dict[str, Any]) -> dict[str, Any]:
    chat, text = _allowed(state, fields), _cleaned(str(fields.get("caption", "")))
    photo = fields.get("photo", b"")
    measures = _check_photo(photo)
    if _utf16(text) > _MAX_CAPTION:
        raise _RefusalError(400, "Bad Request: message caption is too long")
    entities = [_checked(entity, text) for entity in fields.get("caption_entities", ())]
    covered = fields.get("has_spoiler") is True
    more = {"bot": bot, "photo": photo, "covered": covered}
    told = _post(state, chat, fields, text=text, entities=entities, **more)
    told["photo"] = [{"file_id": "invented", "width": measures.width, "height": measures.height}]
    told |= {"caption": text, **({"caption_entities": entities} if entities else {})}
    return {**told, "has_media_spoiler": True} if covered else told


def _allowed(state: TelegramState, fields: dict[str, Any]) -> Chat:
    """The chat to post to, where the bot may."""
    chat = state.chat_of(fields)
    state.check_rights(fields)
    if "parse_mode" in fields:
        raise _RefusalError(400, "Bad Request: this fake reads no markup")
    return chat


def _check_photo(photo: bytes) -> Measures:
    if not photo:
        raise _RefusalError(400, "Bad Request: there is no photo in the request")
    measures = measure(photo)
    if measures is None:
        raise _RefusalError(400, "Bad Request: IMAGE_PROCESS_FAILED")
    if len(photo) > _MAX_BYTES:
        raise _RefusalError(413, "Request Entity Too Large")
    sides = (measures.width, measures.height)
    if sum(sides) > _MAX_SIDES or max(sides) > _MAX_RATIO * min(sides):
        raise _RefusalError(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    return measures


def _post(state: TelegramState, chat: Chat, fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Put a message into its chat, and tell what every message tells."""
    reply_to = fields.get("reply_parameters", {}).get("message_id")
    if reply_to is not None and (reply_to not in chat.messages or chat.messages[reply_to].deleted):
        raise _RefusalError(400, "Bad Request: message to be replied not found")
    state.check_limit(chat)
    message = Message(
        id=len(chat.messages) + 2,
        options=fields.get("link_preview_options", {}),
        made_at=state.world.now(),
        reply_to=reply_to,
        **more,
    )
    chat.messages[message.id] = message
    stamp = {"message_id": message.id, "date": int(message.made_at.timestamp())}
    return {**stamp, "chat": chat.view(), "sender_chat": chat.view()}


def _delete_message(state: TelegramState, _: str, fields: dict[str, Any]) -> bool:
    chat = state.chat_of(fields)
    state.check_rights(fields)
    message = chat.messages.get(fields.get("message_id", 0))
    if message is None or message.deleted:
        raise _RefusalError(400, "Bad Request: message to delete not found")
    if state.world.now() - message.made_at > _CAN_BE_DELETED_FOR:
        raise _RefusalError(400, "Bad Request: message can't be deleted")
    message.deleted = True
    return True


def _get_me(_: TelegramState, bot: str, __: dict[str, Any]) -> dict[str, Any]:
    return {"id": 4200, "is_bot": True, "first_name": "An invented bot", "username": f"{bot}_bot"}


def _get_chat(state: TelegramState, _: str, fields: dict[str, Any]) -> dict[str, Any]:
    chat, kind = state.chat_of(fields), state.types.get(str(fields["chat_id"]), "channel")
    if state.member(fields)["status"] == "kicked":
        raise _RefusalError(403, "Forbidden: bot was kicked from the channel chat")
    return {**chat.view(), "type": kind}


def _get_chat_member(state: TelegramState, bot: str, fields: dict[str, Any]) -> dict[str, Any]:
    state.chat_of(fields)
    member = state.member(fields)
    if member["status"] == "left":
        raise _RefusalError(400, "Bad Request: member list is inaccessible")
    return {"user": _get_me(state, bot, {}), **member}


_METHODS = {
    "sendmessage": _send_message,
    "sendphoto": _send_photo,
    "deletemessage": _delete_message,
    "getme": _get_me,
    "getchat": _get_chat,
    "getchatmember": _get_chat_member,
}


def _fields_of(call: Call) -> Any:
    """What was asked for: a JSON body, or a form in which lists and the like are JSON."""
    if not call.content_type.startswith("multipart/form-data"):
        return call.json()
    form: dict[str, Any] = dict(call.form())
    for name in set(form) - {"photo"}:
        text = form[name].decode()
        form[name] = text if name in ("caption", "chat_id", "parse_mode") else json.loads(text)
    return form


def _cleaned(text: str) -> str:
    return _TO_JOINER.sub("\u200c", _LEFT_OUT.sub("", _TO_BLANK.sub(" ", text))).strip()


def _checked(entity: dict[str, Any], text: str) -> dict[str, Any]:
    units = text.encode("utf-16-le")
    for place in (entity["offset"], entity["offset"] + entity["length"]):
        if not 0 <= place <= len(units) // 2:
            raise _RefusalError(400, "Bad Request: an entity lies beyond the text")
        if 0xDC <= (units + b"\0\0")[place * 2 + 1] <= 0xDF:
            raise _RefusalError(400, "Bad Request: an entity begins in a middle of a UTF-16 symbol")
    return {name: entity[name] for name in ("type", "offset", "length")}


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class TelegramHandler(Handler):
    server_version = "fake-telegram"

    def credentials(self) -> str:
        return self.path


class FakeTelegram(FakeX):
    """Telegram, as far as the bot can tell."""

    handler = TelegramHandler


def main() -> None:
    run(FakeTelegram, TelegramState, module="bot.emulator.telegram", name="Telegram")


if __name__ == "__main__":
    main()
