"""A post and its states. The moves between states are data; nothing else may move a post."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.campaign import Kind, Network
from bot.core.errors import NotAllowedError
from bot.core.media import PostPicture


class State(StrEnum):
    """Where a post stands."""

    #: Waits for a person: an approval is missing, or a guard said no; the reason says which.
    HELD = "held"
    #: Leaves at its moment.
    READY = "ready"
    #: A worker holds it under a lease; nothing was sent.
    CLAIMED = "claimed"
    #: The intent is on disk; a request may have left.
    SENDING = "sending"
    #: The outcome of an attempt is not known; the network will be looked at.
    UNCONFIRMED = "unconfirmed"
    #: It could not be found out; waits for a person's word.
    UNKNOWN = "unknown"
    #: Published, with a receipt. Immutable.
    SENT = "sent"
    #: The network refused it, or it cannot be rendered.
    REJECTED = "rejected"
    #: Its moment and its grace passed.
    MISSED = "missed"
    #: A person took it out of the queue.
    CANCELLED = "cancelled"
    #: Deleted on the network.
    WITHDRAWN = "withdrawn"


#: Every allowed move. `CLAIMED -> MISSED` and `CLAIMED -> HELD` happen only before the intent is on disk;
#: `MISSED -> HELD` is a missed post moved to a new moment that needs an approval. A post that waits, or was
#: missed, becomes `SENT` only when a restored database learns from the network that it had left; it becomes
#: `UNKNOWN` only when its grace passes after an attempt that may have left it public, whatever looks showed.
MOVES: Mapping[State, frozenset[State]] = {
    State.HELD: frozenset({State.READY, State.CANCELLED, State.MISSED, State.UNKNOWN, State.SENT}),
    State.READY: frozenset(
        {State.CLAIMED, State.HELD, State.MISSED, State.UNKNOWN, State.CANCELLED, State.SENT}
    ),
    State.CLAIMED: frozenset({State.SENDING, State.READY, State.HELD, State.MISSED, State.UNKNOWN}),
    State.SENDING: frozenset({State.SENT, State.READY, State.REJECTED, State.UNCONFIRMED}),
    State.UNCONFIRMED: frozenset({State.SENT, State.SENDING, State.READY, State.UNKNOWN}),
    State.UNKNOWN: frozenset({State.SENT, State.READY, State.CANCELLED}),
    State.MISSED: frozenset({State.READY, State.HELD, State.CANCELLED, State.SENT}),
    State.SENT: frozenset({State.WITHDRAWN}),
    State.REJECTED: frozenset(),
    State.CANCELLED: frozenset(),
    State.WITHDRAWN: frozenset(),
}

#: States in which a post has not left and may still change its text.
WAITING = frozenset({State.HELD, State.READY})


def check_move(before: State, after: State) -> None:
    """Raise NotAllowedError unless a post may move from `before` to `after`."""
    if after not in MOVES[before]:
        allowed = ", ".join(sorted(MOVES[before])) or "nothing: it is final"
        raise NotAllowedError(f"a {before} post cannot become {after}; from {before} it may become {allowed}")


class Mode(StrEnum):
    """Whether posts leave the machine."""

    DRY_RUN = "dry-run"
    LIVE = "live"


class SlotKind(StrEnum):
    """Why a slot exists."""

    REGULAR = "regular"
    BURST = "burst"
    OCCASION = "occasion"
    QUEUED = "queued"


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One moment of one campaign: its UTC instant, its wall time and its zone."""

    campaign: str
    #: Unique within the campaign, and the same each time the same moment is planned.
    key: str
    kind: SlotKind
    due_at: datetime
    #: Naive, in `zone`, as the organisers wrote it (before any shift over a clock change).
    wall_time: datetime
    zone: str
    #: Key of the occasion or burst; None for a regular slot.
    occasion: str | None = None


@dataclass(frozen=True, kw_only=True)
class Part:
    """One message of a post, frozen. A thread has several."""

    number: int
    text: str
    #: As the network counts.
    length: int


@dataclass(frozen=True, kw_only=True)
class RenderedPost:
    """What rendering gives: the very text that leaves, and what was given up to make it fit."""

    parts: tuple[Part, ...]
    content_warning: str | None = None
    used_short: bool = False
    dropped_hashtags: tuple[str, ...] = ()
    #: Leaves with the first part.
    picture: PostPicture | None = None


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the network returned for one part."""

    remote_id: str
    url: str | None
    #: What the network made otherwise than it was asked to, for a person to look at; empty when nothing.
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Post:
    """One item, in one language, for one account, at one slot."""

    id: int
    campaign: str
    account: str
    network: Network
    language: str
    kind: Kind
    item: str
    item_digest: str
    #: As planned; the post's own `due_at` differs once a person moved it.
    slot: Slot
    due_at: datetime
    #: Until this moment it may leave; later it is missed.
    grace_until: datetime
    state: State
    #: Why it stands where it stands; empty while nothing is to be said.
    reason: str
    #: Why this item was picked for this moment.
    why: str
    text: str
    content_warning: str | None
    #: As the network counts; of the longest part, when there are several.
    length: int
    cost_usd_micros: int
    #: Binds text, content warning, picture, account, language and moment: what an approval is given for.
    digest: str
    author: str
    approval_needed: bool
    approved_by: str | None
    approved_digest: str | None
    #: Grows with each claim.
    epoch: int
    worker: str | None
    attempts: int
    #: Whole reads of the network that showed it absent, while unconfirmed.
    absent_reads: int
    #: The guard that holds it, by name; None when no guard does.
    guard: str | None = None
    #: Guards that a person overruled for this very text and moment.
    overruled: frozenset[str] = frozenset()
    #: The text as a follower would remember it; empty where it was never taken.
    fingerprint: str = ""
    #: When it was last moved, rewritten, or held for another reason; None where nobody asked the store.
    changed_at: datetime | None = None
    #: Leaves with the first part.
    picture: PostPicture | None = None


def digest_of(
    *,
    account: str,
    language: str,
    due_at: datetime,
    texts: tuple[str, ...],
    content_warning: str | None = None,
    picture: PostPicture | None = None,
) -> str:
    """SHA-256 over all that an approval binds: text, warning, picture, account, language and moment."""
    hasher = hashlib.sha256()
    shown = () if picture is None else ("picture", picture.file.digest, picture.alt, str(picture.warning))
    warned = () if content_warning is None else ("warning", content_warning)
    # How many texts there are stands before all other words, which no text can then be taken for.
    count = (str(len(texts)),) if shown or warned else ()
    for field in (*count, account, language, due_at.isoformat(), *texts, *warned, *shown):
        encoded = field.encode()
        hasher.update(len(encoded).to_bytes(8, "big") + encoded)
    return hasher.hexdigest()
