"""What each of X's answers means: a receipt, or which error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from bot.core.errors import (
    AccountError,
    PublishError,
    RejectedError,
    UnconfirmedError,
)
from bot.core.post import Receipt
from bot.publishing.refusals import asks_to_wait, one_line
from bot.publishing.transport import Answer

#: `PostId` in X's API description 2.167: a number as a string.
POST_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
_POST_LINK = "https://x.com/i/web/status/{id}"
#: Hosts under which X shows posts; those of its former name still lead there.
_HOSTS = frozenset(
    prefix + host for host in ("x.com", "twitter.com") for prefix in ("", "www.", "mobile.", "m.")
)
#: `/<user name>/status/<id>`, and `/i/web/status/<id>`; X appends more when a picture of the post is open.
_POST_PATH = re.compile(r"/([A-Za-z0-9_]{1,15}|i/web)/status/([0-9]{1,19})(?:/.*)?", re.ASCII)
#: In place of a user name in links that name nobody.
_NOBODY = frozenset({"i", "i/web"})

#: Sets of limit headers. Only the first is documented (docs.x.com, rate limits, 2026-07-24); the others
#: were seen on older plans.
_LIMITS = ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour")
#: A reset in the past would mean at once, and again at once; one far off would silence an account.
_SOONEST, _LATEST = timedelta(minutes=1), timedelta(hours=24)
#: What `about:blank` does not say: these problem types concern the app or the account, not the post.
_ACCOUNT_PROBLEMS = ("oauth1-permissions", "client-forbidden", "unsupported-authentication")
#: Problem `detail` of 2026-02; v1.1 said "Status is a duplicate." with code 187.
_DUPLICATE = re.compile(r"\bduplicate\b", re.IGNORECASE)


def receipt_from(answer: Answer, *, now: datetime) -> Receipt:
    """Read the answer to a new post. Raises the PublishError that it means, if it is no receipt."""
    if not 200 <= answer.status < 300:
        raise refusal(answer, now=now)
    post_id = data_of(answer).get("id")
    if isinstance(post_id, str) and POST_ID.fullmatch(post_id):
        return receipt(post_id)
    if reason := reason_of(answer, fallback=""):
        raise UnconfirmedError(f"X answered {answer.status} without a post: {reason}; the post may be public")
    why = answer.broken or "it holds no post id"
    raise UnconfirmedError(
        f"X accepted the post ({answer.status}), but its answer cannot be read: {why}; its link is not known"
    )


def remote_id_of(url: str) -> str | None:
    """The id of the post that a link leads to; None when it leads to no post of X."""
    path = _path_of(url)
    return None if path is None else path[2]


def profile_of(url: str) -> str | None:
    """The profile of the user whom a link of a post names; None when it names nobody."""
    path = _path_of(url)
    return None if path is None or path[1] in _NOBODY else f"https://x.com/{path[1]}"


def _path_of(url: str) -> re.Match[str] | None:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    is_of_x = parts.scheme == "https" and parts.hostname in _HOSTS
    return _POST_PATH.fullmatch(parts.path) if is_of_x else None


def receipt(post_id: str) -> Receipt:
    return Receipt(remote_id=post_id, url=_POST_LINK.format(id=post_id))


def refusal(answer: Answer, *, now: datetime) -> PublishError:
    """The error that an answer other than 2xx means."""
    said = f"X answered {answer.status}: {reason_of(answer, fallback=answer.phrase)}"
    match answer.status:
        case 400 | 404 | 413 | 422:
            return RejectedError(said)
        case 401:
            return AccountError(f"{said} — check the account's API key and access token")
        case 402:
            return AccountError(f"{said} — no credits are left: buy some in X's developer console")
        case 403:
            return _forbidden(answer, said)
        case 429:
            return asks_to_wait(said, until=_not_before(answer.headers, now=now))
        case _:
            return UnconfirmedError(f"{said}; the outcome is not known")


def data_of(answer: Answer) -> Mapping[str, object]:
    """The `data` object of an answer; empty when there is none."""
    body = answer.json()
    data = body.get("data") if isinstance(body, dict) else None
    return data if isinstance(data, dict) else {}


def reason_of(answer: Answer, *, fallback: str) -> str:
    """What X says, on one line, for a person."""
    body = answer.json()
    sayings = list(_sayings(body)) if isinstance(body, dict) else []
    text = "; ".join(dict.fromkeys(sayings)) or fallback
    return one_line(text)


def _forbidden(answer: Answer, said: str) -> PublishError:
    body = answer.json()
    if not isinstance(body, dict):
        # A duplicate is a 403 too, and this one does not say what it is.
        return UnconfirmedError(f"{said}; the answer cannot be read, so the outcome is not known")
    codes = {error.get("code") for error in _errors(body)}
    if _DUPLICATE.search(" ".join(_sayings(body))) or 187 in codes:
        return UnconfirmedError(f"{said} — this text may be public already, by an earlier attempt")
    if str(body.get("type", "")).rpartition("/")[2] in _ACCOUNT_PROBLEMS:
        return AccountError(
            f"{said} — set the app's permissions to Read and write, then make a new access token"
        )
    return RejectedError(said)


def _not_before(headers: Mapping[str, str], *, now: datetime) -> datetime | None:
    """The latest reset among the limits that are used up, within bounds."""
    resets = [
        int(reset)
        for limit in _LIMITS
        if re.fullmatch(r"-?[0-9]{1,30}", reset := headers.get(f"{limit}-reset", "").strip())
        # A limit that does not say what remains counts as used up.
        and headers.get(f"{limit}-remaining", "0").strip() == "0"
    ]
    if not resets:
        return None
    seconds = max(resets) - int(now.timestamp())
    bounded = min(max(seconds, _SOONEST.total_seconds()), _LATEST.total_seconds())
    return (now + timedelta(seconds=bounded)).astimezone(UTC)


def _sayings(body: Mapping[str, object]) -> Iterator[str]:
    # A problem's `detail` is general where `errors` name the parameter: both are told.
    for thing in (body, *_errors(body)):
        for key in ("detail", "message", "title"):
            said = thing.get(key)
            if isinstance(said, str) and said:
                yield said.rstrip(".")
                break


def _errors(body: Mapping[str, object]) -> list[Mapping[str, object]]:
    errors = body.get("errors")
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
