"""What every publisher does: one request, classified; a look for what an earlier attempt left behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, runtime_checkable

from bot.core.clock import Clock
from bot.core.media import PictureFile
from bot.core.post import Receipt, State

#: Asked when a connection stands, right before the first byte. When it says no, nothing is sent.
MayLeave = Callable[[], bool]


def always() -> bool:
    """Nothing forbids it."""
    return True


@dataclass(frozen=True, kw_only=True)
class OutgoingPicture:
    """The picture of a part, as it leaves."""

    file: PictureFile
    #: What it shows, in the part's language.
    alt: str
    #: Whether followers see it only after a warning.
    warning: bool
    #: Whether words of warning stand before its post: some servers cover no picture without them.
    covered_by_text: bool = False
    #: The file, whole. None in a look: nothing leaves then.
    data: bytes | None = field(default=None, repr=False)
    #: How the network names it since `UploadsPictures.upload`; None where it is taken with the text.
    uploaded: str | None = None


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """A picture that a network has, and that no post shows yet."""

    #: What names it in a post.
    name: str
    #: How long the network surely keeps it so.
    keeps: timedelta


@dataclass(frozen=True, kw_only=True)
class PublishRequest:
    """One part of a post, as it leaves."""

    #: Fixed before the call, and the same for each repeat of it. Networks with an idempotency key use it.
    key: str
    text: str
    language: str
    content_warning: str | None = None
    picture: OutgoingPicture | None = None
    #: Remote id of the part before this one in a thread.
    reply_to: str | None = None
    #: The post's number, and which of its parts this is, from 1.
    post: int = 0
    part: int = 1
    #: The post's due moment in UTC, as frozen as its text. None where nobody knows it.
    moment: datetime | None = None
    #: The moment that it was planned for: stays when a person moves the post, or has it sent again. None:
    #: it is `moment`.
    planned: datetime | None = None
    #: Remote ids that are other posts' of ours, as far as is known: a look leaves them out.
    known: frozenset[str] = frozenset()
    may_leave: MayLeave = field(default=always, repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """How an attempt with an unknown outcome is found out, network by network."""

    #: How long after the attempt the network is first looked at: until then it may still be storing the post.
    settle: timedelta
    #: Whole reads, `apart` from each other, that must all show the post absent. 0: the network shows us
    #: nothing, so that one failed look is the last, and a person must say.
    absent_reads: int
    apart: timedelta
    #: Where the post goes then: READY where absence is certain, UNKNOWN where a person must say.
    absent_means: State
    #: How long after the first attempt of a part the network takes a repeat under the same key for the
    #: first one; what is absent later waits for a person. None: for ever, or it knows no such keys.
    repeat_within: timedelta | None = None


class Publisher(Protocol):
    """Speaks to one network for one account. Never retries, never sleeps, never follows a redirect."""

    recovery: Recovery

    def publish(self, request: PublishRequest) -> Receipt:
        """Make one request and return what the network answered.

        Raises NotSentError, NotNowError, RejectedError, AccountError when the post
        is certainly not public, UnconfirmedError whenever it may be. NotSentError, too,
        when `request.may_leave` says no right before the first byte.
        """

    def find(self, request: PublishRequest, *, since: datetime) -> Receipt | None:
        """Look for a part that an earlier attempt may have published; of several, the oldest.

        What is in `request.known` is never it. None: one whole read shows it absent.
        Raises UnconfirmedError when the network offers no way to tell, or could not be
        read to the end; NotNowError when it asks to wait with looking.
        """

    def withdraw(self, remote_id: str) -> None:
        """Delete a published part. Raises PublishError when it may still be public."""

    def check(self) -> str:
        """Ask the network who this account is, without posting; returns its handle."""


@runtime_checkable
class UploadsPictures(Protocol):
    """A publisher whose network takes a picture before the post that shows it. Until then nobody sees it."""

    def upload(self, picture: OutgoingPicture, *, may_leave: MayLeave = always) -> Uploaded:
        """Bring a picture to the network, with its words and its warning; it may take several requests.

        Harmless to repeat, so whatever is not certain is an error to try again after: NotSentError, as when
        `may_leave` says no right before one of the requests. Raises NotNowError, RejectedError and
        AccountError as `publish` does.
        """


@runtime_checkable
class TellsTheTime(Protocol):
    """A publisher whose network says what time it is there."""

    #: How far the network's clock was ahead of ours at its last answer. None: it has not said since
    #: this was last read; whoever reads it sets it to None.
    clock_skew: timedelta | None


@runtime_checkable
class KeepsAGap(Protocol):
    """A publisher whose network takes so much from an account, and no faster."""

    #: The least time between two requests that may make something public.
    gap: timedelta


@dataclass(frozen=True, kw_only=True)
class AccountSettings:
    """What a publisher is built from. `repr` shows no secret."""

    account: str
    #: Where the network is, e.g. `https://api.x.com`.
    api_url: str
    secrets: Mapping[str, str]
    #: As the account has them in its campaign file (`Account`).
    handle: str | None = None
    channel: str | None = None
    visibility: str = "public"
    #: A folder for what the publisher must remember from one process to the next, such as a session.
    keep: Path | None = None

    def __repr__(self) -> str:
        secrets = f"<{len(self.secrets)}>"
        return f"AccountSettings(account={self.account!r}, api_url={self.api_url!r}, secrets={secrets})"


class Build(Protocol):
    """An entry point in the group `campaign_bot.publishers`."""

    @property
    def secret_names(self) -> tuple[str, ...]:
        """Names of the secrets without the account's prefix, e.g. `API_KEY`."""

    def __call__(self, settings: AccountSettings, *, clock: Clock) -> Publisher: ...

    def remote_id_of(self, url: str) -> str | None:
        """The id of the post that a link of this network leads to; None when it is no such link."""

    def profile_of(self, url: str) -> str | None:
        """The profile of the account that a link of a post names; None when it names none."""
