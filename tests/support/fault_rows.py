"""The contract table: what may happen to one request, and where the post must stand for it.

Each row is one fault, with its expectations as plain values. The rows that say that the network stored a
post, or did not, are two rows. Where it says a clear no its word counts: such a row has no twin in which it
stored the post all the same. `common_rows` are the faults of every network; what a network says in words of
its own, and what its looks may meet, stands in the network's stage file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from bot.core.post import State

#: How long an account waits whose picture could not be brought.
_BRINGS_AGAIN_IN = timedelta(seconds=30)
#: Longer than a test ever takes; the timeouts of these requests are short.
_FOR_EVER = 60.0

Fault = Mapping[str, Any]


class Before(StrEnum):
    """What the post went through before the request that meets the fault."""

    NOTHING = "first"
    #: Its first request never got there, its second was one too many.
    NOT_SENT = "repeat"
    #: An earlier request left nothing behind, which a look showed: the same request is made again.
    LOOKED_FOR = "looked-for"
    #: A person said, rightly, that an earlier request left nothing behind.
    SENT_AGAIN = "sent-again"
    #: A person said so, and was wrong: the network had not shown it yet.
    SENT_AGAIN_WRONGLY = "sent-again-wrongly"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One fault of one request."""

    id: str
    #: What the fake network does with the request. None: it never gets there, or is answered in earnest.
    fault: Fault | None = None
    #: Where the request goes: `open`, or an address at which nobody takes it (the proof's fixture `doors`).
    door: str = "open"
    #: Whether timeouts are short, for an answer that comes late or never.
    impatient: bool = False
    #: Whether the post is public once the fault is over.
    stored: bool = False
    #: What spoils the looks, in order; afterwards the network tells the truth.
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
    #: Whether the request is one that goes before the post's own, and brings its picture.
    brings_picture: bool = False

    @property
    def is_stored_late(self) -> bool:
        """Whether the network stores the post when its answer is awaited no longer."""
        return self.fault is not None and (self.fault["kind"], self.fault.get("when")) == ("late", "before")

    @property
    def meets_whatever_comes(self) -> bool:
        """Whether it strikes the next connection, whatever is asked on it."""
        return self.door != "open" or (self.fault is not None and self.fault["kind"] == "refuse")

    @property
    def public(self) -> int:
        """How often the text is public in the end."""
        return int(self.stored or self.finally_ is State.SENT)


@dataclass(frozen=True, kw_only=True)
class Fate:
    """Where a post ends of whose request nobody knows what came: what the network can show decides."""

    #: When the network stored it: SENT where a look finds it or a repeat is harmless, else UNKNOWN.
    stored: State
    #: When it did not: SENT where a repeat is harmless, else UNKNOWN.
    absent: State

    def row(self, name: str, says: str, *, stored: bool, **fault: Any) -> Row:
        """An answer that leaves open whether the post is public."""
        return Row(
            id=f"{name}, {'stored' if stored else 'not stored'}",
            fault={"when": "after" if stored else "before", **fault},
            stored=stored,
            at_once=State.UNCONFIRMED,
            says=says,
            finally_=self.stored if stored else self.absent,
        )

    def both(self, name: str, says: str, **fault: Any) -> list[Row]:
        """The same, with and without a post."""
        return [self.row(name, says, stored=stored, **fault) for stored in (True, False)]

    def status(self, status: int, says: str = "", *, name: str = "", **more: Any) -> list[Row]:
        """A status that leaves it open."""
        known_as = f"{status} {name}".strip()
        return self.both(known_as, says or f"answered {status}", kind="status", status=status, **more)


def refused(status: int, says: str, *, name: str = "", pauses: bool = False, **more: Any) -> Row:
    """A clear no."""
    return Row(
        id=f"{status} {name}".strip(),
        fault={"kind": "status", "status": status, **more},
        at_once=State.REJECTED,
        says=says,
        pauses=pauses,
        finally_=State.REJECTED,
        # The last word is a no; that the text is there all the same, only the person could have seen.
        finally_if_public_before=State.REJECTED,
    )


def limited(name: str, waits: timedelta, **more: Any) -> Row:
    """One request too many: it did not leave, and the account waits."""
    return Row(
        id=f"429 {name}",
        fault={"kind": "status", "status": 429, **more},
        at_once=State.READY,
        says="answered 429",
        waits=waits,
        finally_=State.SENT,
    )


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


def common_rows(fate: Fate) -> list[Row]:
    """What one request may meet on any network."""
    return [
        *fate.both("closed without an answer", "gave no answer", kind="drop"),
        *fate.both("reset", "was reset", kind="reset"),
        fate.row("reset unread", "had left", stored=False, kind="refuse"),
        Row(
            id="silence",
            door="silent",
            impatient=True,
            at_once=State.UNCONFIRMED,
            says="nothing came",
            finally_=fate.absent,
        ),
        *(
            row
            for status in (500, 502, 503, 504, 408, 409, 301, 302, 418, 599)
            for row in fate.status(status)
        ),
        *fate.both("redirect", "answered 307", kind="redirect"),
        *fate.both("half an answer", "accepted the post", kind="truncated"),
        *fate.both("an answer that is no JSON", "accepted the post", kind="wrong_json"),
        *fate.both("an empty answer", "accepted the post", kind="empty"),
        *fate.status(204, "accepted the post"),
        *(
            replace(fate.row(name, says, stored=True, kind="dribble", interval=0.05, **how), impatient=True)
            for name, says, how in (
                ("an answer that never ends", "no whole answer", {}),
                ("an answer that never ends, of no length", "no whole answer", {"sized": False}),
                ("a head that never ends", "had left", {"part": "head"}),
            )
        ),
        replace(
            fate.row("an answer after the deadline", "had left", stored=True, kind="late"),
            impatient=True,
            fault={"kind": "late", "when": "after", "seconds": _FOR_EVER},
        ),
        replace(
            fate.row("stored after the deadline", "had left", stored=True, kind="late"),
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
        refused(400, "answered 400"),
        refused(413, "answered 413"),
        refused(422, "answered 422"),
    ]


def bringing(row: Row, *, on: str = "") -> Row:
    """The same fault of a request that brings a picture: nothing of it is public, whatever happened.

    `on` is that request's route. What is not certain is tried again; a no holds the post for a person.
    """
    fault = {**row.fault, "on": on} if row.fault is not None and on else row.fault
    # What cannot be read accepted no post, but a picture.
    says = row.says.replace("accepted the post", "cannot be read")
    moved = replace(row, id=f"picture: {row.id}", fault=fault, says=says, stored=False, brings_picture=True)
    match row.at_once:
        case State.UNCONFIRMED:
            return replace(moved, at_once=State.READY, waits=_BRINGS_AGAIN_IN, finally_=State.SENT)
        case State.REJECTED if row.pauses:
            return replace(moved, at_once=State.READY, finally_=State.READY)
        case State.REJECTED:
            return replace(moved, at_once=State.HELD, finally_=State.HELD)
        case _:
            return moved
