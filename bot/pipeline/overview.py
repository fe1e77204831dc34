"""What stands around every page of the console, and what its first page shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.campaign import Campaign
from bot.core.clock import Clock
from bot.core.post import Post, State
from bot.pipeline.compose import APPROVAL
from bot.store import contents, overview, pauses, posts
from bot.store.database import Database, Tx
from bot.store.pauses import Pause

#: Numbers beside the names of pages are counted no further.
COUNTED_UP_TO = 99
#: Posts of each kind on the first page; each list has a page of its own for the rest.
SHOWN = 6
#: What was missed or rejected longer ago does not press any more: the queue still has it.
PRESSES_FOR = timedelta(days=7)
#: A held post whose moment passed so lately may still be let go.
STILL_HELD = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What every page says: what is paused, and how much waits for a person."""

    pauses: tuple[Pause, ...]
    is_paused_by_file: bool
    unknown: int
    to_approve: int
    counted_up_to: int = COUNTED_UP_TO

    @property
    def is_paused(self) -> bool:
        return self.is_paused_by_file or bool(self.pauses)

    @property
    def all_paused(self) -> bool:
        """Whether nothing at all leaves."""
        return self.is_paused_by_file or any(
            pause.campaign is None and pause.account is None and pause.language is None
            for pause in self.pauses
        )

    def fields_of(self, pause: Pause) -> dict[str, str]:
        """What a form names to lift that pause."""
        named = {"campaign": pause.campaign, "account": pause.account, "language": pause.language}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Needing:
    """Posts of one state that a person has to decide about, and how many there are."""

    state: State
    posts: tuple[Post, ...]
    #: Counted up to COUNTED_UP_TO.
    number: int


@dataclass(frozen=True, kw_only=True)
class Today:
    """The first page."""

    campaigns: tuple[Campaign, ...]
    sent: tuple[Post, ...]
    #: When each of them was there, by its number.
    sent_at: Mapping[int, datetime]
    coming: tuple[Post, ...]
    needing: tuple[Needing, ...]
    #: Whether any post was ever planned or queued.
    has_posts: bool

    def zone_of(self, post: Post) -> str:
        """The zone in which the post's moment is told."""
        return post.slot.zone


class Overview:
    """Reads what the console's frame and first page show. Changes nothing."""

    def __init__(self, db: Database, clock: Clock, *, is_paused_by_file: Callable[[], bool]) -> None:
        self._db = db
        self._clock = clock
        self._is_paused_by_file = is_paused_by_file

    def frame(self, who: str) -> Frame:
        """What stands around a page that `who` reads."""
        now = self._clock.now()
        with self._db.read() as tx:
            return Frame(
                pauses=tuple(pauses.active(tx)),
                is_paused_by_file=self._is_paused_by_file(),
                unknown=overview.count_state(tx, State.UNKNOWN, at_most=COUNTED_UP_TO),
                to_approve=overview.count_to_approve(
                    tx, besides=who, guard=APPROVAL, since=now, at_most=COUNTED_UP_TO
                ),
            )

    def today(self) -> Today:
        """What was sent, what comes next, and what needs a person."""
        now = self._clock.now()
        recent = now - PRESSES_FOR
        with self._db.read() as tx:
            needing = tuple(
                Needing(
                    state=state,
                    posts=tuple(self._shown(tx, state, since=since)),
                    number=overview.count_state(tx, state, at_most=COUNTED_UP_TO, since=since),
                )
                for state, since in (
                    (State.UNKNOWN, None),
                    (State.MISSED, recent),
                    (State.REJECTED, recent),
                    (State.HELD, recent),
                )
            )
            sent = overview.newest(tx, State.SENT, limit=SHOWN)
            return Today(
                campaigns=tuple(stored.campaign for stored in contents.read_campaigns(tx)),
                sent=tuple(sent),
                sent_at=overview.sent_at(tx, [post.id for post in sent]),
                coming=tuple(posts.read_posts(tx, states=(State.READY,), start=now, limit=SHOWN)),
                needing=tuple(one for one in needing if one.number),
                has_posts=bool(posts.read_posts(tx, limit=1)),
            )

    def _shown(self, tx: Tx, state: State, *, since: datetime | None) -> list[Post]:
        """The posts of a state that press most: of the held ones the next to come, else the newest."""
        if state is State.HELD:
            start = self._clock.now() - STILL_HELD
            return posts.read_posts(tx, states=(state,), start=start, limit=SHOWN)
        return overview.newest(tx, state, limit=SHOWN, since=since)
