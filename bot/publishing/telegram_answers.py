"""What each of the Bot API's answers means: a receipt, or which error; and where Telegram's links lead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.core.errors import AccountError, PublishError, RejectedError, UnconfirmedError
from bot.core.post import Receipt
from bot.publishing.refusals import asks_to_wait, one_line
from bot.publishing.transport import Answer

#: A channel as a campaign file names it: its public name, or the number of one that has none. Names have up
#: to 32 letters a-z, digits and `_`; numbers begin with -100 (core.telegram.org/bots/api, 2026-11).
CHANNEL = re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}|-100[0-9]{5,13}", re.ASCII)
#: `message_id`: 1 and up, of 32 bits, unique within its channel.
MESSAGE_ID = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
_HOSTS = frozenset({"t.me", "www.t.me", "telegram.me", "telegram.dog"})
#: `/<name>/<id>`, `/s/<name>/<id>` as a browser shows it, `/c/<number>/<id>` of a channel without a name.
_POST_PATH = re.compile(
    r"/(?:s/)?([A-Za-z][A-Za-z0-9_]{3,31})/([1-9][0-9]{0,9})/?|/c/([1-9][0-9]*)/([1-9][0-9]{0,9})/?", re.ASCII
)

#: What `description` says when it is the channel or the bot's place in it, not the post, that is wrong
#: (error texts of the Bot API server and of Telegram behind it, as seen until 2026-11).
_ABOUT_THE_CHANNEL = re.compile(
    r"chat not found|not enough rights|no rights to send|need administrator rights|not a member|was kicked"
    r"|upgraded to a supergroup|deactivated|member list is inaccessible"
    r"|CHAT_WRITE_FORBIDDEN|CHAT_SEND_PHOTOS_FORBIDDEN|CHAT_ADMIN_REQUIRED|CHAT_RESTRICTED|CHANNEL_PRIVATE|CHANNEL_INVALID|PEER_ID_INVALID",
    re.IGNORECASE,
)
#: One far off would silence an account.
_LATEST = timedelta(hours=24)


def receipt_from(answer: Answer, *, channel: str, now: datetime) -> Receipt:
    """Read the answer to a new message. Raises the PublishError that it means, if it is no receipt."""
    if not 200 <= answer.status < 300:
        raise refusal(answer, now=now)
    message = result_of(answer)
    if isinstance(message, dict):
        message_id = message.get("message_id")
        # `True` is a whole number to Python.
        if type(message_id) is int and MESSAGE_ID.fullmatch(str(message_id)):
            return receipt(str(message_id), channel=_public_name(message) or channel)
    if reason := _description(answer):
        raise UnconfirmedError(
            f"Telegram answered {answer.status} without a message: {reason}; the post may be public"
        )
    why = answer.broken or "it holds no message id"
    raise UnconfirmedError(
        f"Telegram accepted the post ({answer.status}), but its answer cannot be read: {why};"
        " its link is not known"
    )


def receipt(message_id: str, *, channel: str) -> Receipt:
    """The receipt of a message; its link opens for members only where the channel has no public name."""
    return Receipt(remote_id=message_id, url=f"{_base_of(channel)}/{message_id}")


def link_of(channel: str) -> str:
    """A link that leads to the channel."""
    # A channel without a name has links to its messages only: the first is the one that made it.
    return _base_of(channel) if channel.startswith("@") else f"{_base_of(channel)}/1"


def remote_id_of(url: str) -> str | None:
    """The id of the message that a link leads to; None when it leads to no message of Telegram."""
    path = _path_of(url)
    return None if path is None else path[2] or path[4]


def profile_of(url: str) -> str | None:
    """The channel whose message a link leads to; None where the channel has no public name."""
    path = _path_of(url)
    return None if path is None or path[1] is None else f"https://t.me/{path[1]}"


def result_of(answer: Answer) -> object:
    """The `result` of an answer that says `ok`; None when there is none."""
    body = answer.json()
    return body.get("result") if isinstance(body, dict) and body.get("ok") is True else None


def refusal(answer: Answer, *, now: datetime) -> PublishError:
    """The error that an answer other than 2xx means."""
    said = f"Telegram answered {answer.status}: {_description(answer) or answer.phrase}"
    match answer.status:
        case 400 if _ABOUT_THE_CHANNEL.search(said):
            return AccountError(f"{said} — {_remedy(answer)}")
        case 400 | 413 | 422:
            return RejectedError(said)
        case 401 | 404:
            # 404: the address, of which the token is a part, leads nowhere.
            return AccountError(f"{said} — check the account's BOT_TOKEN: BotFather shows it")
        case 403 if _says_no(answer):
            return AccountError(f"{said} — {_remedy(answer)}")
        case 429:
            return asks_to_wait(said, until=_not_before(answer, now=now))
        case _:
            # A 403 that is not the Bot API's own among them: somebody in between, who may have passed it on.
            return UnconfirmedError(f"{said}; the outcome is not known")


def _remedy(answer: Answer) -> str:
    moved_to = _parameters(answer).get("migrate_to_chat_id")
    if type(moved_to) is int:
        return f"it is another chat now: write `channel: {moved_to!s}`"
    return "make the bot an administrator of the account's channel that may post messages"


def _not_before(answer: Answer, *, now: datetime) -> datetime | None:
    """The moment that a 429 names, no later than in a day. None: it names none."""
    seconds = _parameters(answer).get("retry_after")
    if type(seconds) is not int:
        header = answer.headers.get("Retry-After", "").strip()
        if not re.fullmatch(r"[0-9]{1,30}", header, re.ASCII):
            return None
        seconds = int(header)
    return now + timedelta(seconds=min(max(seconds, 1), _LATEST.total_seconds()))


def _says_no(answer: Answer) -> bool:
    body = answer.json()
    return isinstance(body, dict) and body.get("ok") is False


def _parameters(answer: Answer) -> Mapping[str, object]:
    body = answer.json()
    parameters = body.get("parameters") if isinstance(body, dict) else None
    return parameters if isinstance(parameters, dict) else {}


def _description(answer: Answer) -> str:
    """What Telegram says, on one line, for a person; empty when it says nothing."""
    body = answer.json()
    said = body.get("description") if isinstance(body, dict) else None
    if not isinstance(said, str):
        return ""
    return one_line(said).rstrip(".")


def _public_name(message: Mapping[str, object]) -> str | None:
    """The channel's public name as the answer gives it: it is given to numbered ones later, and changed."""
    chat = message.get("chat")
    name = chat.get("username") if isinstance(chat, dict) else None
    return f"@{name}" if isinstance(name, str) and CHANNEL.fullmatch(f"@{name}") else None


def _base_of(channel: str) -> str:
    if channel.startswith("@"):
        return f"https://t.me/{channel.removeprefix('@')}"
    return f"https://t.me/c/{channel.removeprefix('-100')}"


def _path_of(url: str) -> re.Match[str] | None:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    is_of_telegram = parts.scheme == "https" and parts.hostname in _HOSTS
    return _POST_PATH.fullmatch(parts.path) if is_of_telegram else None
