"""What each network can do to a request in a proof: before it took the post, after, and at a look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Fault = dict[str, Any]

#: In real seconds: the request's own deadline is over by then, the settle time is not.
PAST_THE_DEADLINE = 0.6


def of_x() -> list[Fault]:
    """Faults of posting, of the timeline, and of who somebody is."""
    create, timeline, who = "POST /2/tweets", "GET /2/users/{id}/tweets", "GET /2/users/me"
    limits = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0"}
    refused = {"title": "Refused", "type": "about:blank", "detail": "no"}
    return [
        *_posting(create),
        *({"kind": "duplicate", "when": when, "on": create} for when in ("before", "after")),
        *_clear_noes(create, (400, 401, 403), body=refused),
        *_limited(create, {**limits, "x-rate-limit-reset": ""}, ("1", "-5", "99999999999", "soon")),
        {"kind": "stale", "seconds": 300.0, "on": timeline},
        {"kind": "empty_page", "on": timeline},
        *_garbled(timeline),
        *_reading(timeline),
        *_limited(timeline, {"x-rate-limit-reset": ""}, ("1",)),
        *_reading(who),
        *_bringing("POST /2/media/upload", refused),
        *_bringing("POST /2/media/metadata", refused),
    ]


def of_mastodon() -> list[Fault]:
    """As X's; what a look does not show leaves once more, under its key."""
    create, timeline = "POST /api/v1/statuses", "GET /api/v1/accounts/{id}/statuses"
    return [
        *_posting(create),
        *_clear_noes(create, (400, 401, 403, 422), body={"error": "no"}),
        *_limited(create, {"X-RateLimit-Reset": ""}, ("2020-01-01T00:00:00.000000Z", "soon")),
        {"kind": "stale", "seconds": 600.0, "on": timeline},
        {"kind": "empty_page", "on": timeline},
        *_garbled(timeline),
        *_reading(timeline),
        *_limited(timeline, {"X-RateLimit-Reset": ""}, ("2020-01-01T00:00:00.000000Z",)),
        *_reading("GET /api/v1/accounts/verify_credentials"),
        *_reading("GET /api/v1/statuses/{id}/source"),
        *_bringing("POST /api/v2/media", {"error": "no"}),
    ]


def of_bluesky() -> list[Fault]:
    """Faults of the record's put and get, and of the session without which neither goes."""
    put, get = "POST /xrpc/com.atproto.repo.putRecord", "GET /xrpc/com.atproto.repo.getRecord"
    refused = {"error": "InvalidRequest", "message": "no"}
    return [
        *_posting(put),
        *_clear_noes(put, (400,), body=refused),
        *_clear_noes(put, (401,), body={"error": "AuthMissing", "message": "no"}),
        *_limited(put, {"ratelimit-remaining": "0", "ratelimit-reset": ""}, ("1", "99999999999", "soon")),
        *_bringing("POST /xrpc/com.atproto.repo.uploadBlob", refused),
        # It calls a record absent that is there: the put that follows is the same one.
        {"kind": "empty_page", "on": get},
        *_garbled(get),
        *_reading(get),
        *_limited(get, {"ratelimit-reset": ""}, ("1",)),
        *(
            fault
            for method in ("createSession", "refreshSession")
            for fault in _signing_in(f"POST /xrpc/com.atproto.server.{method}")
        ),
    ]


def of_telegram() -> list[Fault]:
    """Faults of posting alone, with a picture or without: nothing else is asked there."""
    send = "POST /bot{token}/send{what}"
    return [
        *_posting(send),
        *(fault for status in (400, 401, 403) for fault in _clear_noes(send, (status,), body=_told(status))),
        *(
            {"kind": "status", "status": 429, "when": "before", "on": send, "body": _told(429, wait)}
            for wait in (1, -5, 10**9, "soon")
        ),
    ]


def _told(status: int, wait: object = None) -> dict[str, Any]:
    said: dict[str, Any] = {"ok": False, "error_code": status, "description": "no"}
    return said if wait is None else {**said, "parameters": {"retry_after": wait}}


def _posting(on: str) -> Iterator[Fault]:
    """What leaves open whether a post was stored."""
    for when in ("before", "after"):
        both: Fault = {"when": when, "on": on}
        for kind in ("drop", "reset", "redirect", "errors_only"):
            yield {"kind": kind, **both}
        for seconds in (PAST_THE_DEADLINE, 0.05):
            yield {"kind": "late", "seconds": seconds, **both}
        for status in (500, 502, 503, 504, 408, 409):
            yield {"kind": "status", "status": status, **both}
    yield from _garbled(on, when="after")
    for how in ({"interval": 0.002}, {"interval": 0.6}, {"interval": 0.002, "part": "head", "sized": False}):
        yield {"kind": "dribble", "when": "after", "on": on, **how}


def _clear_noes(on: str, statuses: Iterable[int], *, body: Mapping[str, Any]) -> Iterator[Fault]:
    """The network says no: nothing was stored."""
    for status in statuses:
        yield {"kind": "status", "status": status, "when": "before", "on": on, "body": body}


def _limited(on: str, headers: Mapping[str, str], moments: Iterable[str]) -> Iterator[Fault]:
    """One request too many, with each moment in the header that is empty, and without a word."""
    here: Fault = {"kind": "status", "status": 429, "when": "before", "on": on}
    yield here
    for moment in moments:
        yield {**here, "headers": {name: value or moment for name, value in headers.items()}}


def _garbled(on: str, **more: str) -> Iterator[Fault]:
    for kind in ("truncated", "wrong_json", "empty"):
        yield {"kind": kind, "on": on, **more}


def _reading(on: str) -> Iterator[Fault]:
    yield {"kind": "drop", "on": on}
    yield {"kind": "reset", "on": on}
    yield {"kind": "late", "seconds": PAST_THE_DEADLINE, "on": on}
    for status in (401, 500, 503):
        yield {"kind": "status", "status": status, "on": on}


def _bringing(on: str, refused: Mapping[str, Any]) -> Iterator[Fault]:
    """What a picture may meet before its post leaves: nothing of it is public, whatever happens."""
    yield from _posting(on)
    yield from _clear_noes(on, (400,), body=refused)
    yield {"kind": "status", "status": 429, "when": "before", "on": on}


def _signing_in(on: str) -> Iterator[Fault]:
    """The session may have been renewed, and the answer be lost."""
    for when in ("before", "after"):
        for kind in ("drop", "reset"):
            yield {"kind": kind, "when": when, "on": on}
        for status in (500, 503):
            yield {"kind": "status", "status": status, "when": when, "on": on}
    yield from _garbled(on)
    yield from _limited(on, {"ratelimit-reset": ""}, ("1",))
