"""A network in memory that keeps the truth, and lies about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot.core.clock import Clock
from bot.core.errors import AccountError, NotNowError, NotSentError, RejectedError, UnconfirmedError
from bot.core.post import Receipt
from bot.publishing.protocol import PublishRequest, Recovery
from posting import LIKE_X, receipt


class Crash(BaseException):
    """The process dies here."""


@dataclass(frozen=True, kw_only=True)
class _Stored:
    """A post on the network. `visible_at` lies ahead where the network is slow to store it."""

    remote_id: str
    text: str
    visible_at: datetime


def _drop() -> None:
    raise UnconfirmedError("the connection was reset")


def _fail_unforeseen() -> None:
    raise ValueError("the answer makes no sense")


def _crash() -> None:
    raise Crash


#: What happens after the post was stored, or where it would have been.
_ENDS: dict[str, Callable[[], None]] = {"drop": _drop, "nonsense": _fail_unforeseen, "crash": _crash}

#: Everything that a network can do to a request. `x-before` stores nothing, `x-after` stores the post first.
FAULTS = (
    "none",
    *(f"{end}-{when}" for end in _ENDS for when in ("before", "after")),
    "drop-slowly",
    "wait",
    "wait-until",
    "unreachable",
    "refuse",
    "refuse-account",
)
#: Everything that it can do to a look: read on, show less than there is, or not answer.
LOOKS = ("none", "stale", "unreadable", "wait")


@dataclass
class LyingNetwork:
    """Stores what it is sent, unless the fault says otherwise; knows every text that it ever took."""

    clock: Clock
    pause_file: Path
    recovery: Recovery = LIKE_X
    #: What happens to the next request, and to the next look; then nothing does.
    fault: str = "none"
    look: str = "none"
    stored: list[_Stored] = field(default_factory=list)
    #: Requests that arrived while the PAUSE file was there.
    after_the_pause_file: int = 0

    def publish(self, request: PublishRequest) -> Receipt:
        fault, self.fault = self.fault, "none"
        self.after_the_pause_file += self.pause_file.exists()
        match fault:
            case "wait":
                raise NotNowError("too many requests", until=None)
            case "wait-until":
                raise NotNowError("too many requests", until=self.clock.now() + timedelta(minutes=3))
            case "unreachable":
                raise NotSentError("no route")
            case "refuse":
                raise RejectedError("not this one")
            case "refuse-account":
                raise AccountError("who are you?")
        end, _, when = fault.partition("-")
        if when == "before":
            _ENDS[end]()
        # Within the settle time, so that a look after it sees the post.
        delay = timedelta(seconds=100 if when == "slowly" else 0)
        new = _Stored(
            remote_id=str(len(self.stored) + 1), text=request.text, visible_at=self.clock.now() + delay
        )
        self.stored.append(new)
        if when:
            _ENDS[end]()
        return receipt(new.remote_id)

    def find(self, request: PublishRequest, *, since: datetime) -> Receipt | None:
        look, self.look = self.look, "none"
        match look:
            case "stale":
                return None
            case "unreadable":
                raise UnconfirmedError("the timeline cannot be read")
            case "wait":
                raise NotNowError("too many requests", until=self.clock.now() + timedelta(minutes=2))
        now = self.clock.now()
        there = [one for one in self.stored if one.text == request.text and one.visible_at <= now]
        return receipt(there[-1].remote_id) if there else None

    def texts(self) -> Counter[str]:
        """How often each text is on the network."""
        return Counter(one.text for one in self.stored)

    def withdraw(self, remote_id: str) -> None:
        raise NotImplementedError

    def check(self) -> str:
        return "invented"
