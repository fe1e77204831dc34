"""What each of Bluesky's answers means: a receipt, a record, or which error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from bot.core.errors import (
    AccountError,
    NotNowError,
    NotSentError,
    PublishError,
    RejectedError,
    UnconfirmedError,
)
from bot.core.media import PictureFile
from bot.core.post import Receipt
from bot.publishing.bluesky_picture import blob_of, picture_name
from bot.publishing.bluesky_record import COLLECTION
from bot.publishing.refusals import asks_to_wait, one_line
from bot.publishing.transport import Answer

#: A TID (atproto.com/specs/tid, read 2026-11-21).
KEY = re.compile(r"[2-7a-j][2-7a-z]{12}", re.ASCII)
#: A DID of any method (atproto.com/specs/did, read 2026-11-21).
DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,2000}(?<![:%])", re.ASCII)
#: A handle: a host name of at least two labels (atproto.com/specs/handle, read 2026-11-21).
HANDLE = re.compile(
    r"(?=.{3,253}\Z)(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+"
    r"[a-zA-Z](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?",
    re.ASCII,
)
_APP = "https://bsky.app"
_POST_PATH = re.compile(r"/profile/([^/]+)/post/([^/]+)/?(?:[^/]+/?)?", re.ASCII)

#: Error names, as a PDS 0.5.35 gave them (a deactivated account with 401) or its lexicons list them.
_TOKEN_IS_OVER = frozenset({"ExpiredToken", "InvalidToken"})
_ACCOUNT_PROBLEMS = frozenset(
    {"AccountTakedown", "AccountDeactivated", "AccountSuspended", "RepoTakendown", "RepoDeactivated"}
)
#: A reset in the past would mean at once, and again at once; one far off would silence an account.
_SOONEST, _LATEST = timedelta(minutes=1), timedelta(hours=24)


def receipt_from(answer: Answer, *, key: str, handle: str, now: datetime) -> Receipt:
    """Read the answer to a put. Raises the PublishError that it means, if it is no receipt."""
    if not 200 <= answer.status < 300:
        raise refusal(answer, now=now)
    uri = text_of(answer, "uri")
    if uri is not None and uri.endswith(f"/{COLLECTION}/{key}"):
        return receipt(key, handle=handle)
    why = answer.broken or "it does not name the post"
    raise UnconfirmedError(
        f"Bluesky accepted the post ({answer.status}), but its answer cannot be read: {why}"
    )


def receipt(key: str, *, handle: str) -> Receipt:
    """The receipt of the account's post under that key."""
    return Receipt(remote_id=key, url=f"{_APP}/profile/{handle}/post/{key}")


def name_from(answer: Answer, file: PictureFile) -> str:
    """What the server calls the file that it took. Raises a PublishError where that is not this file."""
    body = answer.json()
    blob = body.get("blob") if isinstance(body, dict) else None
    if not isinstance(blob, dict):
        why = answer.broken or "it names no picture"
        raise NotSentError(f"{what_it_said(answer)}, but the answer cannot be read: {why}")
    expected = blob_of(file)
    if {name: blob.get(name) for name in expected} != expected:
        raise RejectedError(
            f"Bluesky keeps another file than the one it was given: {_shown(blob)} in place of"
            f" {_shown(expected)} — add the picture again"
        )
    return picture_name(file)


def remote_id_of(url: str) -> str | None:
    """The key of the post that a link leads to; None when it leads to no post of Bluesky."""
    path = _path_of(url)
    return None if path is None else path[2]


def profile_of(url: str) -> str | None:
    """The profile of the account whom a link of a post names; None when it is no such link."""
    path = _path_of(url)
    return None if path is None else f"{_APP}/profile/{path[1]}"


def _path_of(url: str) -> re.Match[str] | None:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    if parts.scheme != "https" or parts.hostname != "bsky.app":
        return None
    path = _POST_PATH.fullmatch(parts.path)
    is_post = path is not None and KEY.fullmatch(path[2])
    return path if path is not None and is_post and _is_account(path[1]) else None


def _is_account(name: str) -> bool:
    return bool(HANDLE.fullmatch(name) or DID.fullmatch(name))


def refusal(answer: Answer, *, now: datetime) -> PublishError:
    """What an answer that is no success means for the post that was to leave."""
    said, name = what_it_said(answer), error_name(answer)
    match answer.status:
        case 400 if name == "InvalidSwap":
            return UnconfirmedError(f"{said} — another record has this post's key already")
        case 401 | 402:
            return account_refusal(answer)
        case 400 | 403 if name in _TOKEN_IS_OVER | _ACCOUNT_PROBLEMS:
            return account_refusal(answer)
        case 400 | 403 if not isinstance(answer.json(), dict):
            # A server names what it refuses; and a 400 may have said that the very post is there.
            return UnconfirmedError(f"{said}; the answer cannot be read; the outcome is not known")
        case 400 | 403 | 404 | 413 | 422:
            return RejectedError(said)
        case 429:
            return not_now(answer, now=now)
        case _:
            return UnconfirmedError(f"{said}; the outcome is not known")


def account_refusal(answer: Answer) -> AccountError:
    """What an answer means that refuses the account, with what a person can do."""
    remedy = "check the account's handle and app password"
    if error_name(answer) in _ACCOUNT_PROBLEMS:
        remedy = "sign in to the account at bsky.app and see what is wrong"
    elif error_name(answer) == "AuthFactorTokenRequired":
        remedy = "this is the account's own password: make an app password and use that"
    return AccountError(f"{what_it_said(answer)} — {remedy}")


def not_now(answer: Answer, *, now: datetime) -> NotNowError:
    """What a 429 means, with the moment it names."""
    return asks_to_wait(what_it_said(answer), until=_not_before(answer.headers, now=now))


def token_is_over(answer: Answer) -> bool:
    """Whether the server looked at nothing but the token: it is renewed, and the call made once more."""
    return answer.status in (400, 401) and error_name(answer) in _TOKEN_IS_OVER


def picture_is_gone(answer: Answer) -> bool:
    """Whether the server says that it has no such picture, before it stores anything: it is brought anew."""
    return answer.status == 400 and error_name(answer) == "BlobNotFound"


def is_absent(answer: Answer) -> bool:
    """Whether the account's server says that no record has the key."""
    return answer.status in (400, 404) and error_name(answer) == "RecordNotFound"


def error_name(answer: Answer) -> str:
    """The error's name, e.g. `InvalidSwap`; empty where the answer names none."""
    return text_of(answer, "error") or ""


def text_of(answer: Answer, name: str) -> str | None:
    """A text of the answer's body, without secrets; None where it has none of that name."""
    body = answer.json()
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, str) else None


def what_it_said(answer: Answer) -> str:
    """The status, and the server's words about it, on one line, for a person."""
    name, message = error_name(answer), text_of(answer, "message") or ""
    words = ": ".join(filter(None, (name, message))) or answer.phrase
    return f"Bluesky answered {answer.status}: {one_line(words).rstrip('.')}"


def _not_before(headers: Mapping[str, str], *, now: datetime) -> datetime | None:
    """When the limit begins anew (`ratelimit-reset`, seconds of Unix time), within bounds."""
    reset = headers.get("ratelimit-reset", "").strip()
    # A limit that does not say what remains counts as used up.
    is_used_up = headers.get("ratelimit-remaining", "0").strip() == "0"
    if not is_used_up or not re.fullmatch(r"-?[0-9]{1,30}", reset):
        return None
    seconds = int(reset) - int(now.timestamp())
    bounded = min(max(seconds, _SOONEST.total_seconds()), _LATEST.total_seconds())
    return (now + timedelta(seconds=bounded)).astimezone(UTC)


def _shown(blob: Mapping[str, object]) -> str:
    ref = blob.get("ref")
    name = ref.get("$link") if isinstance(ref, dict) else ref
    # Whatever a server puts there: some of it, on one line.
    return " ".join(f"{one!s:.80}" for one in (name, blob.get("mimeType"), f"{blob.get('size')} bytes"))
