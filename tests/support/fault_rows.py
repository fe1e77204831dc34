"""The fault table for X: what may happen to one request, and where the post must stand for it.

Each row is one fault, with its expectations as plain values. The rows that say that X stored a post, or did
not, are two rows. Where X says a clear no (400, 401, 402, 403, 404, 413, 422, 429) its word counts: such a
row has no twin in which X stored the post all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.core.post import State

TIMELINE, ME = "GET /2/users/{id}/tweets", "GET /2/users/me"
#: What X's timeline shows when it lags behind, or lies.
STALE, NOTHING = {"kind": "stale", "seconds": 10**6}, {"kind": "empty_page"}
#: Longer than a test ever takes; the timeouts of these requests are short.
_FOR_EVER = 60.0

Fault = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One fault of one request."""

    id: str
    #: What the fake X does with the request. None: it never gets there, or answers as X would.
    fault: Fault | None = None
    #: Where the request goes: `x`, or an address at which nobody takes it (`x_stage.Doors`).
    door: str = "x"
    #: Whether timeouts are short, for an answer that comes late or never.
    impatient: bool = False
    #: Whether the post is public once the fault is over.
    stored: bool = False
    #: What spoils the looks, in order; afterwards X tells the truth.
    lies: Sequence[Fault] = ()
    #: Where the post stands right after the answer.
    at_once: State
    #: A word of the reason that a person reads then.
    says: str
    #: How long the account then waits, at the first attempt. None: not at all.
    waits: timedelta | None = None
    #: Whether the account is paused until a person resumes it.
    pauses: bool = False
    #: Where the post stands when the bot has done all it does by itself.
    finally_: State
    #: The same, when the text was public before: a person was wrong and had it sent again.
    finally_if_public_before: State = State.SENT

    @property
    def is_stored_late(self) -> bool:
        """Whether X stores the post when its answer is awaited no longer."""
        return self.fault is not None and (self.fault["kind"], self.fault.get("when")) == ("late", "before")

    @property
    def public(self) -> int:
        """How often the text is public in the end."""
        return int(self.stored or self.finally_ is State.SENT)


def _unconfirmed(name: str, says: str, *, stored: bool, **fault: Any) -> Row:
    """An answer that leaves open whether the post is public: the look tells, or a person does."""
    when = "after" if stored else "before"
    return Row(
        id=f"{name}, {'stored' if stored else 'not stored'}",
        fault={"when": when, **fault},
        stored=stored,
        at_once=State.UNCONFIRMED,
        says=says,
        finally_=State.SENT if stored else State.UNKNOWN,
    )


def _both(name: str, says: str, **fault: Any) -> list[Row]:
    return [_unconfirmed(name, says, stored=stored, **fault) for stored in (True, False)]


def _status(status: int, says: str = "", **more: Any) -> list[Row]:
    name = f"{status} {more.pop('name', '')}".strip()
    return _both(name, says or f"answered {status}", kind="status", status=status, **more)


def _refused(status: int, says: str, *, name: str = "", pauses: bool = False, **more: Any) -> Row:
    return Row(
        id=f"{status} {name}".strip(),
        fault={"kind": "status", "status": status, **more},
        at_once=State.REJECTED,
        says=says,
        pauses=pauses,
        finally_=State.REJECTED,
        # X's last word is a no; that the text is there all the same, only the person could have seen.
        finally_if_public_before=State.REJECTED,
    )


def _problem(detail: str, *, kind: str = "about:blank") -> dict[str, str]:
    return {"title": "Invented", "detail": detail, "type": kind}


def _not_reached(door: str, says: str, *, impatient: bool = False) -> Row:
    return Row(
        id=f"not reached: {door}",
        door=door,
        impatient=impatient,
        at_once=State.READY,
        says=says,
        waits=timedelta(seconds=30),
        finally_=State.SENT,
    )


def _limited(name: str, waits: timedelta, **headers: str | None) -> Row:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Row(
        id=f"429 {name}",
        fault={"kind": "status", "status": 429, "headers": {**dict.fromkeys(_LIMITS), **given}},
        at_once=State.READY,
        says="answered 429",
        waits=waits,
        finally_=State.SENT,
    )


_LIMITS = ("x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset")
_WINDOW, _SOONEST, _LATEST = timedelta(minutes=15), timedelta(minutes=1), timedelta(days=1)


def _look(name: str, *lies: Fault, stored: bool, finally_: State | None = None, **more: Any) -> Row:
    """A request whose outcome is not known, and looks that are spoiled."""
    row = _unconfirmed(f"look: {name}", "gave no answer", stored=stored, kind="drop")
    hidden = {} if finally_ is None else {"finally_": finally_, "finally_if_public_before": finally_}
    return replace(row, lies=lies, **hidden, **more)


def _answered(status: int, body: Any = "", on: str = TIMELINE, **more: Any) -> Fault:
    return {"kind": "status", "status": status, "body": body, "on": on, **more}


#: A page of the timeline that shows nothing and says that there is another one.
_FIRST_PAGE = _answered(200, {"meta": {"result_count": 0, "next_token": "next"}})
_EMPTY_LOOKING = _answered(503, {"meta": {"result_count": 0}})
_UNTIL_9999 = _answered(429, headers={"x-rate-limit-reset": "253402300799", "x-rate-limit-remaining": "0"})
#: Looks from three minutes after the attempt on, once a minute, until an hour has passed.
_FOR_AN_HOUR = 59

_OLD_DUPLICATE = {"code": 187, "message": "sorry"}

#: What one request may meet.
REQUESTS: tuple[Row, ...] = (
    *_both("closed without an answer", "gave no answer", kind="drop"),
    *_both("reset", "was reset", kind="reset"),
    _unconfirmed("reset unread", "had left", stored=False, kind="refuse"),
    Row(
        id="silence",
        door="silent",
        impatient=True,
        at_once=State.UNCONFIRMED,
        says="nothing came",
        finally_=State.UNKNOWN,
    ),
    *(row for status in (500, 502, 503, 504, 408, 409, 301, 302, 418, 599) for row in _status(status)),
    *_both("redirect", "answered 307", kind="redirect"),
    *_status(403, "cannot be read", name="without a word"),
    *_status(403, "cannot be read", name="as a page", body="<html>403</html>", content_type="text/html"),
    *_both("duplicate", "duplicate content", kind="duplicate"),
    *_status(403, "sorry", name="with the old code of duplicates", body={"errors": [_OLD_DUPLICATE]}),
    *_both("half an answer", "accepted the post", kind="truncated"),
    *_both("an answer that is no JSON", "accepted the post", kind="wrong_json"),
    *_both("an empty answer", "accepted the post", kind="empty"),
    *_status(204, "accepted the post"),
    *_status(201, "no post id", name="with an id that is none", body={"data": {"id": "../1"}}),
    *_status(201, "no post id", name="with another shape", body=["1"]),
    *_both("nothing but errors", "without a post: Something is off", kind="errors_only"),
    *(
        replace(_unconfirmed(name, says, stored=True, kind="dribble", interval=0.05, **how), impatient=True)
        for name, says, how in (
            ("an answer that never ends", "no whole answer", {}),
            ("an answer that never ends, of no length", "no whole answer", {"sized": False}),
            ("a head that never ends", "had left", {"part": "head"}),
        )
    ),
    replace(
        _unconfirmed("an answer after the deadline", "had left", stored=True, kind="late"),
        impatient=True,
        fault={"kind": "late", "when": "after", "seconds": _FOR_EVER},
    ),
    replace(
        _unconfirmed("stored after the deadline", "had left", stored=True, kind="late"),
        impatient=True,
        fault={"kind": "late", "when": "before", "seconds": 0.45},
    ),
    Row(
        id="a byte at a time, in time",
        fault={"kind": "dribble", "interval": 0.0005},
        stored=True,
        at_once=State.SENT,
        says="",
        finally_=State.SENT,
    ),
    _not_reached("closed", "was refused"),
    _not_reached("nameless", "could not be resolved"),
    _not_reached("plain", "TLS connection failed"),
    _not_reached("full", "took no connection", impatient=True),
    _not_reached("mute", "nothing was sent", impatient=True),
    _limited("without a moment", _WINDOW),
    _limited("with a moment", timedelta(minutes=10), x_rate_limit_reset="+600"),
    _limited("in the year 9999", _LATEST, x_rate_limit_reset="253402300799"),
    _limited("before 1970", _SOONEST, x_rate_limit_reset="-5"),
    _limited("in words", _WINDOW, x_rate_limit_reset="tomorrow"),
    _limited("in a number without an end", _WINDOW, x_rate_limit_reset="9" * 5000),
    _limited("with a fraction", _WINDOW, x_rate_limit_reset="1e9"),
    _limited("with an empty moment", _WINDOW, x_rate_limit_reset=""),
    _limited("of a limit that is not used up", _WINDOW, x_rate_limit_reset="+60", x_rate_limit_remaining="5"),
    _refused(400, "answered 400"),
    _refused(404, "answered 404"),
    _refused(413, "answered 413"),
    _refused(422, "answered 422"),
    _refused(400, "too long", name="with its reason", body=_problem("Your Tweet text is too long.")),
    _refused(403, "not allowed", name="for this post", body=_problem("You are not allowed to do this.")),
    _refused(
        403,
        "Read and write",
        name="for this app",
        pauses=True,
        body=_problem("No.", kind="https://api.x.com/2/problems/oauth1-permissions"),
    ),
    _refused(
        401, "check the account's API key", name="in mid-run", pauses=True, body=_problem("Unauthorized")
    ),
    _refused(402, "no credits", name="without credits", pauses=True, body=_problem("CreditsDepleted")),
)

#: What the looks after a request may meet. A look that is no whole read proves nothing.
LOOKS: tuple[Row, ...] = (
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
