"""Mastodon on a stage: how its accounts are built, and its rows of the contract table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.core.campaign import Network
from bot.core.post import State
from bot.publishing.mastodon import MastodonPublisher
from bot.publishing.protocol import AccountSettings
from bot.publishing.transport import Timeouts
from fault_rows import Before, Fate, Fault, Row, bringing, common_rows, limited, refused
from network_stage import NetworkStage

TIMELINE = "GET /api/v1/accounts/{id}/statuses"
ME = "GET /api/v1/accounts/verify_credentials"
MEDIA = "POST /api/v2/media"
#: What is there it shows; what is not is repeated under its key, with which a hidden one is the same post.
_FATE = Fate(stored=State.SENT, absent=State.SENT)
_STALE, _NOTHING = {"kind": "stale", "seconds": 10**6}, {"kind": "empty_page"}
_WINDOW, _SOONEST = timedelta(minutes=15), timedelta(minutes=1)
_NO_MOMENT = {"X-RateLimit-Reset": None}
#: Looks from five minutes after the attempt on, once a minute, until an hour has passed.
_FOR_AN_HOUR = 57


def _error(said: str) -> dict[str, str]:
    return {"error": said}


def _limited(name: str, waits: timedelta, **headers: str | None) -> Row:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return limited(name, waits, body=_error("Too many requests"), headers={**_NO_MOMENT, **given})


def _about_the_account(said: str) -> Row:
    return refused(403, "scopes that it needs", name=said, pauses=True, body=_error(said))


def _answered(status: int, body: Any = "", on: str = TIMELINE, **more: Any) -> Fault:
    return {"kind": "status", "status": status, "body": body, "on": on, **more}


def _look(name: str, *lies: Fault, stored: bool, finally_: State = State.SENT) -> Row:
    """A request whose outcome is not known, and looks that are spoiled."""
    row = _FATE.row(f"look: {name}", "gave no answer", stored=stored, kind="drop")
    return replace(row, lies=lies, finally_=finally_)


_REQUESTS: tuple[Row, ...] = (
    *common_rows(_FATE),
    *_FATE.status(403, "cannot be read", name="without a word"),
    *_FATE.status(403, "cannot be read", name="as a page", body="<html>403</html>"),
    *_FATE.status(500, "Something went wrong", name="in words", body=_error("Something went wrong")),
    *_FATE.status(503, "Try again", name="of a key in use", body=_error("Try again")),
    *_FATE.status(200, "without a post: Odd", name="that is an error", body=_error("Odd")),
    *_FATE.status(200, "no post id", name="with an id that is none", body={"id": "../1"}),
    *_FATE.status(200, "no post id", name="with another shape", body=["1"]),
    _limited("without a moment", _WINDOW),
    _limited("in seconds", timedelta(minutes=10), Retry_After="600"),
    _limited("before now", _SOONEST, X_RateLimit_Reset="1970-01-01T00:00:00.000000Z"),
    _limited("in words", _WINDOW, X_RateLimit_Reset="tomorrow"),
    _limited("in a number without an end", _WINDOW, X_RateLimit_Reset="9" * 5000),
    _limited("with an empty moment", _WINDOW, X_RateLimit_Reset=""),
    refused(404, "answered 404"),
    refused(422, "Text can't be blank", name="in words", body=_error("Text can't be blank")),
    refused(403, "not allowed", name="for this post", body=_error("This action is not allowed")),
    refused(401, "access token", name="in mid-run", pauses=True, body=_error("The access token was revoked")),
    _about_the_account("This action is outside the authorized scopes"),
    _about_the_account("Your login is currently disabled"),
)


class MastodonStage(NetworkStage):
    """A stage on which the accounts are users of the fake Mastodon server."""

    network = Network.MASTODON
    requests = _REQUESTS
    uploads = (
        *(bringing(row, on=MEDIA) for row in common_rows(_FATE)),
        *(bringing(row, on=MEDIA) for row in _REQUESTS if row.id.startswith(("401", "403", "429"))),
        bringing(refused(422, "blank", name="in words", body=_error("File can't be blank")), on=MEDIA),
        *(bringing(row, on=MEDIA) for row in _FATE.status(200, "cannot be read", name="with no id", body={})),
    )
    looks = (
        # A look that shows nothing leads to a repeat under the key: the server knows better than its page.
        _look("stale once", _STALE, stored=True),
        _look("empty once", _NOTHING, stored=True),
        *(
            _look(name, *lies, *lies, stored=stored)
            for stored in (True, False)
            for name, lies in {
                "closed": ({"kind": "drop", "on": TIMELINE},),
                "reset": ({"kind": "reset", "on": TIMELINE},),
                "half a page": ({"kind": "truncated", "on": TIMELINE},),
                "no JSON": ({"kind": "wrong_json", "when": "after", "on": TIMELINE},),
                "no body": ({"kind": "empty", "on": TIMELINE},),
                "redirect": ({"kind": "redirect", "on": TIMELINE},),
                "503 that looks empty": (_answered(503, []),),
                "401, 402, 403, 404": tuple(_answered(status) for status in (401, 402, 403, 404)),
                "no list": (_answered(200, {}),),
                "a post without a moment": (_answered(200, [{"id": "1", "content": ""}]),),
                "limited": (_answered(429, headers=_NO_MOMENT),),
                "who am I closed": ({"kind": "drop", "on": ME},),
                "who am I 401": (_answered(401, on=ME),),
                "who am I somebody": (_answered(200, {}, on=ME),),
            }.items()
        ),
        *(
            _look(
                "no page for an hour",
                _answered(503, times=_FOR_AN_HOUR),
                stored=stored,
                finally_=State.UNKNOWN,
            )
            for stored in (True, False)
        ),
        # Fifty minutes after the first request its key may be forgotten: a person judges what is absent then.
        _look("no page for 50 minutes", _answered(503, times=46), stored=True),
        _look("no page for 50 minutes", _answered(503, times=46), stored=False, finally_=State.UNKNOWN),
    )
    # Nothing would keep a person's wrong word from being public twice.
    roads = (Before.NOTHING, Before.NOT_SENT, Before.LOOKED_FOR, Before.SENT_AGAIN)
    hiding: Sequence[Fault] = (_answered(503, times=_FOR_AN_HOUR),)
    one_too_many: Fault = {"kind": "status", "status": 429, "headers": _NO_MOMENT}  # noqa: RUF012

    def settings_of(self, account: str, *, api_url: str) -> AccountSettings:
        return AccountSettings(
            account=account, api_url=api_url, secrets={"ACCESS_TOKEN": f"invented-token-of-{account}"}
        )

    def publisher_of(self, settings: AccountSettings, *, timeouts: Timeouts) -> MastodonPublisher:
        return MastodonPublisher(settings, clock=self.clock, timeouts=timeouts)

    def link_of(self, post: dict[str, Any]) -> str:
        return f"https://social.example/@{post['account']}/{post['id']}"

    def whole_looks(self) -> int:
        return sum(
            entry.get("path", "").endswith("/statuses")
            and entry["method"] == "GET"
            and entry["fault"] in (None, "stale before", "empty_page before")
            for entry in self.fake.journal()
        )
