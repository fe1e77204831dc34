"""What each of a Mastodon server's answers means: a receipt, or which error."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from bot.core.campaign import Network
from bot.core.errors import AccountError, PublishError, RejectedError, UnconfirmedError
from bot.core.post import Receipt
from bot.publishing.refusals import asks_to_wait, one_line
from bot.publishing.transport import Answer
from bot.text.networks import MASTODON_LINK_LENGTH, rules_for

#: A string, whatever the server makes of it: a number on Mastodon, letters on others ("Entity IDs" in
#: docs.joinmastodon.org: "cast from an integer, but not guaranteed to be a number", 2026-07).
STATUS_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", re.ASCII)
#: A reset in the past would mean at once, and again at once; one far off would silence an account.
_SOONEST, _LATEST = timedelta(minutes=1), timedelta(hours=24)
#: 403 says these of the account or its token, not of the post (config/locales/en.yml and the API's own
#: "This action is outside the authorized scopes", Mastodon 4.5, 2026-07).
_ABOUT_ACCOUNT = re.compile(
    r"scope|login|disabled|suspend|confirm|pending|approv|token|locked|your account", re.IGNORECASE
)

_NAME = r"@?(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*)"
#: Where the servers show a post: Mastodon; its ActivityPub address; GoToSocial; snac.
_POST_PATHS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"/@{_NAME[2:]}/(?P<id>[0-9]{{1,20}})/?",
        rf"/users/{_NAME}/statuses/(?P<id>[0-9A-Za-z]{{1,40}})/?",
        rf"/@{_NAME[2:]}/statuses/(?P<id>[0-9A-Z]{{26}})/?",
        rf"/{_NAME}/p/(?P<moment>[0-9]{{10}})\.[0-9]{{1,9}}/?",
    )
)
#: Akkoma and Pleroma name nobody in theirs.
_NOTICE_PATH = re.compile(r"/notice/(?P<id>[0-9A-Za-z]{10,40})/?", re.ASCII)


def receipt_from(answer: Answer, *, now: datetime) -> Receipt:
    """Read the answer to a new status. Raises the PublishError that it means, if it is no receipt."""
    if not 200 <= answer.status < 300:
        raise refusal(answer, now=now)
    body = object_of(answer)
    status_id = body.get("id")
    if isinstance(status_id, str) and STATUS_ID.fullmatch(status_id):
        return Receipt(remote_id=status_id, url=link_of(body))
    if reason := _reason(answer, fallback=""):
        raise UnconfirmedError(
            f"Mastodon answered {answer.status} without a post: {reason}; the post may be public"
        )
    why = answer.broken or "it holds no post id"
    raise UnconfirmedError(
        f"Mastodon accepted the post ({answer.status}), but its answer cannot be read: {why};"
        " its link is not known"
    )


def link_of(status: Mapping[str, object]) -> str | None:
    """Where people see a status; None when the server names no web address."""
    for name in ("url", "uri"):
        link = status.get(name)
        if isinstance(link, str) and re.fullmatch(r"https?://[!-~]{1,2000}", link):
            return link
    return None


def remote_id_of(url: str) -> str | None:
    """The id of the post that a link leads to; None when it is no link as these servers write them."""
    path = _path_of(url)
    if path is None:
        return None
    if "moment" not in path.re.groupindex:
        return path["id"]
    # snac2 2.75: the id is the post's second and the MD5 of its address (seen on the server itself).
    return path["moment"] + hashlib.md5(url.strip().rstrip("/").encode(), usedforsecurity=False).hexdigest()


def profile_of(url: str) -> str | None:
    """The profile of the user whom a link of a post names; None when it names nobody."""
    path = _path_of(url)
    if path is None or "name" not in path.re.groupindex:
        return None
    parts = urlsplit(url.strip())
    at = "" if "moment" in path.re.groupindex else "@"
    return f"{parts.scheme}://{parts.netloc}/{at}{path['name']}"


def _path_of(url: str) -> re.Match[str] | None:
    try:
        parts = urlsplit(url.strip())
        here = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    except ValueError:
        return None
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
        return None
    found = (form.fullmatch(parts.path) for form in (*_POST_PATHS, _NOTICE_PATH))
    return next((path for path in found if path is not None), None)


def refusal(answer: Answer, *, now: datetime) -> PublishError:
    """The error that an answer other than 2xx means."""
    said = f"Mastodon answered {answer.status}: {_reason(answer, fallback=answer.phrase)}"
    match answer.status:
        case 400 | 404 | 413 | 422:
            return RejectedError(said)
        case 401 | 402:
            return AccountError(f"{said} — check the account's access token, and make a new one if need be")
        case 403:
            return _forbidden(answer, said)
        case 429:
            return asks_to_wait(said, until=_not_before(answer.headers, now=now))
        case _:
            return UnconfirmedError(f"{said}; the outcome is not known")


def _forbidden(answer: Answer, said: str) -> PublishError:
    body = answer.json()
    if not isinstance(body, dict) or not isinstance(body.get("error"), str):
        # Something before the server may say so, of a request that it let through first.
        return UnconfirmedError(f"{said}; the answer cannot be read, so the outcome is not known")
    if _ABOUT_ACCOUNT.search(body["error"]):
        return AccountError(
            f"{said} — sign in to the account with a browser, and make a token with the scopes that it needs"
        )
    return RejectedError(said)


def _not_before(headers: Mapping[str, str], *, now: datetime) -> datetime | None:
    """The moment that a used-up limit names, within bounds."""
    moment = _reset(headers.get("X-RateLimit-Reset", "").strip())
    if moment is None and re.fullmatch(r"[0-9]{1,9}", seconds := headers.get("Retry-After", "").strip()):
        moment = now + timedelta(seconds=int(seconds))
    return None if moment is None else min(max(moment, now + _SOONEST), now + _LATEST).astimezone(UTC)


def _reset(text: str) -> datetime | None:
    # "2018-05-31T05:15:00.000Z" (docs.joinmastodon.org, rate limits, 2026-07).
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def limits_problem(instance: Mapping[str, object]) -> str | None:
    """Why a server takes less than the bot may write; None when it takes it all, or does not say."""
    configuration = instance.get("configuration")
    statuses = configuration.get("statuses") if isinstance(configuration, dict) else None
    said = statuses if isinstance(statuses, dict) else {}
    most = _number(said.get("max_characters")) or _number(instance.get("max_toot_chars"))
    link = _number(said.get("characters_reserved_per_url")) or MASTODON_LINK_LENGTH
    ordinary = rules_for(Network.MASTODON).max_length
    if most is None:
        return None
    # As many links as a post can hold, each counted as more than the bot counts it.
    longest = ordinary + (ordinary // MASTODON_LINK_LENGTH) * max(0, link - MASTODON_LINK_LENGTH)
    if longest <= most:
        return None
    return (
        f"takes posts of {most} characters, and counts a link as {link}; the bot writes up to {ordinary},"
        f" with {MASTODON_LINK_LENGTH} for a link — take an account on another server"
    )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def object_of(answer: Answer) -> Mapping[str, object]:
    """The JSON object of an answer; empty when it is none."""
    body = answer.json()
    return body if isinstance(body, dict) else {}


def _reason(answer: Answer, *, fallback: str) -> str:
    """What the server says, on one line, for a person."""
    body = object_of(answer)
    sayings = [
        said for key in ("error", "error_description") if isinstance(said := body.get(key), str) and said
    ]
    text = "; ".join(dict.fromkeys(said.rstrip(".") for said in sayings)) or fallback
    return one_line(text)
