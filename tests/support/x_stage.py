"""X on a stage: how its accounts are built, and its rows of the contract table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.core.campaign import Network
from bot.core.post import State
from bot.publishing.protocol import AccountSettings
from bot.publishing.transport import Timeouts
from bot.publishing.x import XPublisher
from fault_rows import Before, Fate, Fault, Row, bringing, common_rows, limited, refused
from network_stage import NetworkStage, words

__all__ = ["NOTHING", "SETTLE", "STALE", "XStage", "texts_of", "words"]

PICTURE, WORDS = "POST /2/media/upload", "POST /2/media/metadata"
TIMELINE, ME = "GET /2/users/{id}/tweets", "GET /2/users/me"
#: What X's timeline shows when it lags behind, or lies.
STALE, NOTHING = {"kind": "stale", "seconds": 10**6}, {"kind": "empty_page"}
#: What `recovery` of X says: the first look.
SETTLE = timedelta(seconds=180)

#: X shows what it stored; of what it does not show, a person must say.
_FATE = Fate(stored=State.SENT, absent=State.UNKNOWN)
_LIMITS = ("x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset")
_WINDOW, _SOONEST, _LATEST = timedelta(minutes=15), timedelta(minutes=1), timedelta(days=1)
_OLD_DUPLICATE = {"code": 187, "message": "sorry"}


def _problem(detail: str, *, kind: str = "about:blank") -> dict[str, str]:
    return {"title": "Invented", "detail": detail, "type": kind}


def _limited(name: str, waits: timedelta, **headers: str | None) -> Row:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return limited(name, waits, headers={**dict.fromkeys(_LIMITS), **given})


def _look(name: str, *lies: Fault, stored: bool, finally_: State | None = None) -> Row:
    """A request whose outcome is not known, and looks that are spoiled."""
    row = _FATE.row(f"look: {name}", "gave no answer", stored=stored, kind="drop")
    hidden = {} if finally_ is None else {"finally_": finally_, "finally_if_public_before": finally_}
    return replace(row, lies=lies, **hidden)


def _answered(status: int, body: Any = "", on: str = TIMELINE, **more: Any) -> Fault:
    return {"kind": "status", "status": status, "body": body, "on": on, **more}


#: A page of the timeline that shows nothing and says that there is another one.
_FIRST_PAGE = _answered(200, {"meta": {"result_count": 0, "next_token": "next"}})
_EMPTY_LOOKING = _answered(503, {"meta": {"result_count": 0}})
_UNTIL_9999 = _answered(429, headers={"x-rate-limit-reset": "253402300799", "x-rate-limit-remaining": "0"})
#: Looks from three minutes after the attempt on, once a minute, until an hour has passed.
_FOR_AN_HOUR = 59

#: A clear no, or a later moment: what X says of a post, and of a picture too.
_REFUSALS: tuple[Row, ...] = (
    _limited("without a moment", _WINDOW),
    _limited("with a moment", timedelta(minutes=10), x_rate_limit_reset="+600"),
    _limited("in the year 9999", _LATEST, x_rate_limit_reset="253402300799"),
    _limited("before 1970", _SOONEST, x_rate_limit_reset="-5"),
    _limited("in words", _WINDOW, x_rate_limit_reset="tomorrow"),
    _limited("in a number without an end", _WINDOW, x_rate_limit_reset="9" * 5000),
    _limited("with a fraction", _WINDOW, x_rate_limit_reset="1e9"),
    _limited("with an empty moment", _WINDOW, x_rate_limit_reset=""),
    _limited("of a limit that is not used up", _WINDOW, x_rate_limit_reset="+60", x_rate_limit_remaining="5"),
    refused(404, "answered 404"),
    refused(400, "too long", name="with its reason", body=_problem("Your Tweet text is too long.")),
    refused(403, "not allowed", name="for this post", body=_problem("You are not allowed to do this.")),
    refused(
        403,
        "Read and write",
        name="for this app",
        pauses=True,
        body=_problem("No.", kind="https://api.x.com/2/problems/oauth1-permissions"),
    ),
    refused(
        401, "check the account's API key", name="in mid-run", pauses=True, body=_problem("Unauthorized")
    ),
    refused(402, "no credits", name="without credits", pauses=True, body=_problem("CreditsDepleted")),
)

_REQUESTS: tuple[Row, ...] = (
    *common_rows(_FATE),
    *_FATE.status(403, "cannot be read", name="without a word"),
    *_FATE.status(403, "cannot be read", name="as a page", body="<html>403</html>", content_type="text/html"),
    *_FATE.both("duplicate", "duplicate content", kind="duplicate"),
    *_FATE.status(403, "sorry", name="with the old code of duplicates", body={"errors": [_OLD_DUPLICATE]}),
    *_FATE.status(201, "no post id", name="with an id that is none", body={"data": {"id": "../1"}}),
    *_FATE.status(201, "no post id", name="with another shape", body=["1"]),
    *_FATE.both("nothing but errors", "without a post: Something is off", kind="errors_only"),
    *_REFUSALS,
)

#: What the two requests may meet that bring a picture: its bytes, then its words.
_UPLOADS: tuple[Row, ...] = (
    *(bringing(row, on=PICTURE) for row in (*common_rows(_FATE), *_REFUSALS)),
    *(
        replace(bringing(row, on=WORDS), id=f"its words: {row.id}")
        for row in (*common_rows(_FATE), *_REFUSALS)
        if row.fault is not None and not row.meets_whatever_comes
    ),
)

#: What the looks after a request may meet. A look that is no whole read proves nothing.
_LOOKS: tuple[Row, ...] = (
    _look("stale once", STALE, stored=True),
    _look("empty once", NOTHING, stored=True),
    _look("stale twice", STALE, STALE, stored=True, finally_=State.UNKNOWN),
    _look("empty twice", NOTHING, NOTHING, stored=True, finally_=State.UNKNOWN),
    # An hour later it is looked at again, whatever moment was named; then a person looks.
    *(
        _look(f"limited until 9999 {often}", *lies, stored=stored, finally_=finally_)
        for often, lies, stored, finally_ in (
            ("once", (_UNTIL_9999,), True, State.SENT),
            ("once", (_UNTIL_9999,), False, State.UNKNOWN),
            ("twice", (_UNTIL_9999, _UNTIL_9999), True, State.UNKNOWN),
        )
    ),
    *(
        # Twice: two reads that were taken for whole ones would call the post absent.
        _look(name, *lies, *lies, stored=stored)
        for stored in (True, False)
        for name, lies in {
            "closed": ({"kind": "drop", "on": TIMELINE},),
            "reset": ({"kind": "reset", "on": TIMELINE},),
            "half a page": ({"kind": "truncated", "on": TIMELINE},),
            "no JSON": ({"kind": "wrong_json", "when": "after", "on": TIMELINE},),
            "no body": ({"kind": "empty", "on": TIMELINE},),
            "redirect": ({"kind": "redirect", "on": TIMELINE},),
            "nothing but errors": ({"kind": "errors_only", "on": TIMELINE},),
            "some posts in error": (
                _answered(200, {"meta": {"result_count": 0}, "errors": [{"title": "Off"}]}),
            ),
            "fewer posts than it says": (_answered(200, {"meta": {"result_count": 2}, "data": []}),),
            "503 that looks empty": (_EMPTY_LOOKING,),
            "401, 402, 403, 404": tuple(_answered(status) for status in (401, 402, 403, 404)),
            "limited": (_answered(429),),
            "second page closed": (_FIRST_PAGE, {"kind": "drop", "on": TIMELINE}),
            "second page 500": (_FIRST_PAGE, _answered(500)),
            "second page of another shape": (_FIRST_PAGE, _answered(200, {"data": []})),
            "who am I closed": ({"kind": "drop", "on": ME},),
            "who am I 401": (_answered(401, on=ME),),
            "who am I somebody": (_answered(200, {"data": {}}, on=ME),),
        }.items()
    ),
    *(
        _look(
            "no page for an hour", _answered(503, times=_FOR_AN_HOUR), stored=stored, finally_=State.UNKNOWN
        )
        for stored in (True, False)
    ),
)
_LIES = ("stale before", "empty_page before")


class XStage(NetworkStage):
    """A stage on which the accounts are users of the fake X."""

    network = Network.X
    requests = _REQUESTS
    looks = _LOOKS
    uploads = _UPLOADS
    reset_header = "x-rate-limit-reset"
    # X refuses a text that it has: even a person's wrong word publishes nothing twice.
    roads = (Before.NOTHING, Before.NOT_SENT, Before.SENT_AGAIN, Before.SENT_AGAIN_WRONGLY)
    hiding = (STALE, STALE)
    one_too_many = {"kind": "status", "status": 429, "headers": {"x-rate-limit-reset": "+60"}}  # noqa: RUF012

    def settings_of(self, account: str, *, api_url: str) -> AccountSettings:
        secrets = {
            "API_KEY": "invented-api-key",
            "API_SECRET": "invented-api-secret",
            "ACCESS_TOKEN": f"invented-access-token-{account}",
            "ACCESS_TOKEN_SECRET": f"invented-access-token-secret-{account}",
        }
        return AccountSettings(account=account, api_url=api_url, secrets=secrets)

    def publisher_of(self, settings: AccountSettings, *, timeouts: Timeouts) -> XPublisher:
        return XPublisher(settings, clock=self.clock, timeouts=timeouts)

    def link_of(self, post: dict[str, Any]) -> str:
        return f"https://x.com/{post['account']}/status/{post['id']}"

    def whole_looks(self) -> int:
        return sum(
            entry.get("path", "").startswith("/2/users/")
            and entry["path"].endswith("/tweets")
            and entry["fault"] in (None, *_LIES)
            for entry in self.fake.journal()
        )


def texts_of(seed: str, *, parts: int) -> Sequence[str]:
    return [words(f"{seed}, part {number}") for number in range(1, parts + 1)]
