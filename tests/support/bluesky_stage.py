"""Bluesky on a stage: how its accounts are built, and its rows of the contract table."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.core.campaign import Network
from bot.core.post import State
from bot.publishing.bluesky import BlueskyPublisher
from bot.publishing.protocol import AccountSettings
from bot.publishing.transport import Timeouts
from fault_rows import Before, Fate, Fault, Row, bringing, common_rows, limited, refused
from network_stage import PATIENT, NetworkStage

GET, PUT = "GET /xrpc/com.atproto.repo.getRecord", "POST /xrpc/com.atproto.repo.putRecord"
UPLOAD = "POST /xrpc/com.atproto.repo.uploadBlob"

#: It shows what it stored, and takes a repeat of what it did not store: nobody has to be asked.
_FATE = Fate(stored=State.SENT, absent=State.SENT)
_WINDOW, _SOONEST, _LATEST = timedelta(minutes=15), timedelta(minutes=1), timedelta(days=1)
_LIMITS = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")
#: Longer than any road takes, in seconds: what a session goes through is no matter of this table.
_EVER = 10**9
#: What a server calls a picture that nobody brought.
_ANOTHER = {"$type": "blob", "ref": {"$link": "bafkreiinvented"}, "mimeType": "image/png", "size": 1}
#: Looks from three minutes after the attempt on, once a minute, until an hour has passed.
_FOR_AN_HOUR = 59


def _no(name: str, message: str = "Invented") -> dict[str, str]:
    return {"error": name, "message": message}


def _limited(name: str, waits: timedelta, **headers: str | None) -> Row:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return limited(name, waits, headers={**dict.fromkeys(_LIMITS), **given})


def _about_the_account(status: int, name: str, says: str, **more: Any) -> Row:
    return refused(status, says, name=name, pauses=True, body=_no(name), **more)


def _look(name: str, *lies: Fault, stored: bool, finally_: State = State.SENT) -> Row:
    """A request whose outcome is not known, and looks that are spoiled."""
    row = _FATE.row(f"look: {name}", "gave no answer", stored=stored, kind="drop")
    return replace(row, lies=lies, finally_=finally_, finally_if_public_before=finally_)


def _answered(status: int, body: Any = "", **more: Any) -> Fault:
    return {"kind": "status", "status": status, "body": body, "on": GET, **more}


#: A 400 without a word is none of this network: it may be all that is left of one that says what is there.
_COMMON: tuple[Row, ...] = tuple(
    row if row.id != "400" else refused(400, "answered 400", body=_no("InvalidRequest"))
    for row in common_rows(_FATE)
)

#: A clear no, or a later moment: what a server says of a post, and of a picture too.
_REFUSALS: tuple[Row, ...] = (
    Row(
        id="400 ExpiredToken once",
        fault={"kind": "status", "status": 400, "body": _no("ExpiredToken")},
        stored=True,
        at_once=State.SENT,
        says="",
        finally_=State.SENT,
    ),
    _about_the_account(400, "ExpiredToken", "check the account's handle and app password", times=2),
    _about_the_account(401, "AuthMissing", "check the account's handle and app password"),
    _about_the_account(402, "PaymentRequired", "answered 402"),
    _about_the_account(400, "AccountTakedown", "see what is wrong"),
    _about_the_account(403, "AccountDeactivated", "see what is wrong"),
    refused(403, "Not for you", name="for this post", body=_no("Forbidden", "Not for you")),
    refused(404, "answered 404"),
    _limited("without a moment", _WINDOW),
    _limited("with a moment", timedelta(minutes=10), ratelimit_reset="+600"),
    _limited("in the year 9999", _LATEST, ratelimit_reset="253402300799"),
    _limited("before 1970", _SOONEST, ratelimit_reset="-5"),
    _limited("in words", _WINDOW, ratelimit_reset="tomorrow"),
    _limited("in a number without an end", _WINDOW, ratelimit_reset="9" * 5000),
    _limited("of a limit that is not used up", _WINDOW, ratelimit_reset="+60", ratelimit_remaining="5"),
)

_REQUESTS: tuple[Row, ...] = (
    *_COMMON,
    *(
        row
        for status in (400, 403)
        for row in (
            *_FATE.status(status, "cannot be read", name="without a word"),
            *_FATE.status(
                status, "cannot be read", name="as a page", body="<html>no</html>", content_type="text/html"
            ),
        )
    ),
    *_FATE.status(200, "accepted the post", name="with another shape", body=["1"]),
    *_FATE.status(200, "accepted the post", name="with another post's address", body={"uri": "at://x/y/z"}),
    *_FATE.status(400, "another record", name="InvalidSwap", body=_no("InvalidSwap")),
    *_FATE.status(500, "answered 500", name="of a key that is there", body=_no("InternalServerError")),
    refused(400, "longer than 300", name="too long", body=_no("InvalidRequest", "longer than 300 graphemes")),
    *_REFUSALS,
)

#: What the request may meet that brings a picture.
_UPLOADS: tuple[Row, ...] = (
    *(bringing(row, on=UPLOAD) for row in (*_COMMON, *_REFUSALS)),
    bringing(
        refused(200, "another file", name="with another picture's name", body={"blob": _ANOTHER}), on=UPLOAD
    ),
    # Not the picture's own request, but the post's: its server kept the picture for less than it was to.
    Row(
        id="400 BlobNotFound once",
        fault={"kind": "status", "status": 400, "body": _no("BlobNotFound"), "on": PUT},
        brings_picture=True,
        stored=True,
        at_once=State.SENT,
        says="",
        finally_=State.SENT,
    ),
)

#: What the looks after a request may meet. Only the server's own "no such record" calls a post absent.
_LOOKS: tuple[Row, ...] = (
    # A look that lies makes the post leave again: under its own key, which is no second post.
    _look("not found although it is there", {"kind": "empty_page"}, stored=True),
    *(
        _look(name, *lies, *lies, stored=stored)
        for stored in (True, False)
        for name, lies in {
            "closed": ({"kind": "drop", "on": GET},),
            "reset": ({"kind": "reset", "on": GET},),
            "half an answer": ({"kind": "truncated", "on": GET},),
            "no JSON": ({"kind": "wrong_json", "when": "after", "on": GET},),
            "no body": ({"kind": "empty", "on": GET},),
            "redirect": ({"kind": "redirect", "on": GET},),
            "503 that says not found": (_answered(503, _no("RecordNotFound")),),
            "upstream failure": (_answered(502, _no("UpstreamFailure")),),
            "400 about the repository": (_answered(400, _no("InvalidRequest", "Could not find repo")),),
            "401, 402, 403, 404": tuple(_answered(status) for status in (401, 402, 403, 404)),
            "limited": (_answered(429),),
        }.items()
    ),
    *(
        _look(name, _answered(*answer, times=_FOR_AN_HOUR), stored=stored, finally_=State.UNKNOWN)
        for stored in (True, False)
        for name, answer in {
            "no answer for an hour": (503,),
            "another record under the key": (200, {"uri": "at://x/y/z", "value": {"text": "another"}}),
        }.items()
    ),
)


class BlueskyStage(NetworkStage):
    """A stage on which the accounts are those of a fake Bluesky server."""

    network = Network.BLUESKY
    requests = _REQUESTS
    looks = _LOOKS
    uploads = _UPLOADS
    reset_header = "ratelimit-reset"
    # What a person sends again keeps its key: the server refuses it where it is, and a look finds it.
    roads = tuple(Before)
    hiding = (_answered(503, times=_FOR_AN_HOUR),)
    # Where the thread begins stands in the part before.
    asks_before_replying = True
    one_too_many = {"kind": "status", "status": 429, "headers": {"ratelimit-reset": "0"}}  # noqa: RUF012

    def settings_of(self, account: str, *, api_url: str) -> AccountSettings:
        handle = _handle(account)
        return AccountSettings(
            account=account,
            api_url=api_url,
            secrets={"APP_PASSWORD": f"invented-app-password-of-{handle}"},
            handle=handle,
            keep=self.data_dir / "publishers",
        )

    def publisher_of(self, settings: AccountSettings, *, timeouts: Timeouts) -> BlueskyPublisher:
        self._keep_session(settings)
        return BlueskyPublisher(settings, clock=self.clock, timeouts=timeouts)

    def _keep_session(self, settings: AccountSettings) -> None:
        """Let the account be signed in at that address, whether or not anybody answers there."""
        assert settings.keep is not None
        file = settings.keep / f"bluesky-{settings.account}.json"
        if not file.exists():
            self.fake.settings(access_seconds=_EVER, refresh_seconds=_EVER)
            there = replace(settings, api_url=self.fake.url)
            BlueskyPublisher(there, clock=self.clock, timeouts=PATIENT).check()
        session = json.loads(file.read_text())
        file.write_text(json.dumps({**session, "service": settings.api_url, "pds": settings.api_url}))

    def link_of(self, post: dict[str, Any]) -> str:
        return f"https://bsky.app/profile/{post['account']}/post/{post['id']}"

    def public(self, text: str) -> list[dict[str, Any]]:
        return [post for post in self.fake.posts() if post["text"] == text]

    def whole_looks(self) -> int:
        return sum(
            entry.get("path", "").endswith("getRecord") and entry["fault"] in (None, "empty_page before")
            for entry in self.fake.journal()
        )


def _handle(account: str) -> str:
    return f"{account.replace('_', '-')}.example.org"
