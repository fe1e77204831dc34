"""A network in memory that keeps the truth, and lies about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.core.clock import Clock
from bot.core.errors import AccountError, NotNowError, NotSentError, RejectedError, UnconfirmedError
from bot.core.post import Receipt
from bot.publishing.protocol import MayLeave, OutgoingPicture, PublishRequest, Recovery, Uploaded, always
from posting import LIKE_X, receipt


class Crash(BaseException):
    """The process dies here."""


@dataclass(frozen=True, kw_only=True)
class _Stored:
    """A post on the network. `visible_at` lies ahead where the network is slow to store it."""

    remote_id: str
    text: str
    #: What its picture shows; None without one.
    alt: str | None
    visible_at: datetime


def _drop() -> None:
    raise UnconfirmedError("the connection was reset")


def _fail_unforeseen() -> None:
    raise ValueError("the answer makes no sense")


def _crash() -> None:
    raise Crash


def _refuse(fault: str, *, now: datetime) -> None:
    """Say a clear no, or a later moment, where the fault is one."""
    match fault:
        case "wait":
            raise NotNowError("too many requests", until=None)
        case "wait-until":
            raise NotNowError("too many requests", until=now + timedelta(minutes=3))
        case "unreachable":
            raise NotSentError("no route")
        case "refuse":
            raise RejectedError("not this one")
        case "refuse-account":
            raise AccountError("who are you?")


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
#: Everything that it can do to a picture that is brought before its post.
PICTURE_FAULTS = tuple(
    f"picture-{what}"
    for what in ("unreachable", "wait", "refuse", "refuse-account", "nonsense", "crash", "crash-late")
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
    #: Pictures by their names, and when they came.
    brought: dict[str, tuple[OutgoingPicture, datetime]] = field(default_factory=dict)
    keeps_uploads: timedelta = timedelta(minutes=14)
    #: Requests that arrived while the PAUSE file was there.
    after_the_pause_file: int = 0

    def publish(self, request: PublishRequest) -> Receipt:
        fault, self.fault = self.fault, "none"
        fault = "none" if fault in PICTURE_FAULTS else fault
        self.after_the_pause_file += self.pause_file.exists()
        _refuse(fault, now=self.clock.now())
        end, _, when = fault.partition("-")
        if when == "before":
            _ENDS[end]()
        # Within the settle time, so that a look after it sees the post.
        delay = timedelta(seconds=100 if when == "slowly" else 0)
        new = _Stored(
            remote_id=str(len(self.stored) + 1),
            text=request.text,
            alt=self._alt_of(request),
            visible_at=self.clock.now() + delay,
        )
        self.stored.append(new)
        if when:
            _ENDS[end]()
        return receipt(new.remote_id)

    def upload(self, picture: OutgoingPicture, *, may_leave: MayLeave = always) -> Uploaded:
        if not may_leave():
            raise NotSentError("held back")
        fault = self.fault.removeprefix("picture-") if self.fault in PICTURE_FAULTS else "none"
        if fault != "none":
            self.fault = "none"
        _refuse(fault, now=self.clock.now())
        if fault in _ENDS:
            _ENDS[fault]()
        name = f"picture-{len(self.brought) + 1}"
        self.brought[name] = picture, self.clock.now()
        if fault == "crash-late":
            raise Crash
        return Uploaded(name=name, keeps=self.keeps_uploads)

    def _alt_of(self, request: PublishRequest) -> str | None:
        """What the picture shows that the network has; it is the one that the request speaks of."""
        if request.picture is None:
            return None
        assert request.picture.uploaded is not None
        picture, brought_at = self.brought[request.picture.uploaded]
        assert self.clock.now() < brought_at + self.keeps_uploads, "the network has forgotten it"
        assert replace(picture, uploaded=request.picture.uploaded) == request.picture
        return picture.alt

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
