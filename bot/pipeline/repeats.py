"""The guard against repeats: an account does not say the same twice within thirty days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta

from bot.core.post import State
from bot.planning.calendar import zone_named
from bot.store.sayings import Saying

#: How long followers remember.
WITHIN = timedelta(days=30)

#: States in which a post is public, or may be.
_LEFT = frozenset({State.SENDING, State.UNCONFIRMED, State.UNKNOWN, State.SENT})
_WAITS = frozenset({State.HELD, State.READY, State.CLAIMED})


class Sayings:
    """What accounts said and are about to say, to be asked whether they say it again."""

    def __init__(self, known: Iterable[Saying] = ()) -> None:
        # By text, then by item: the rotation's own repeats are passed over together.
        self._known: dict[tuple[str, str], dict[tuple[str, str], list[Saying]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for saying in known:
            self.add(saying)

    def add(self, saying: Saying) -> None:
        self._known[saying.account, saying.fingerprint][saying.campaign, saying.item].append(saying)

    def same_as(self, saying: Saying, *, only_left: bool = False) -> Saying | None:
        """The earlier post that says the same; None when none does.

        `saying.is_live` says whether the post would leave the machine: then what only a dry run sent
        does not count. `only_left` leaves out what still waits.
        """
        if not saying.fingerprint:
            return None
        earlier = [
            other
            for other in self._others(saying)
            if other.due_at > saying.due_at - WITHIN
            if _left(other, saying) or (not only_left and _waits_before(other, saying))
        ]
        # What is public already says more than what waits.
        return min(earlier, key=lambda other: (not _left(other, saying), other.due_at), default=None)

    def _others(self, saying: Saying) -> Iterator[Saying]:
        by_item = self._known.get((saying.account, saying.fingerprint), {})
        for item, others in by_item.items():
            # What the rotation repeats, its campaign's cool-down governs.
            if saying.is_queued or item != (saying.campaign, saying.item):
                yield from (other for other in others if other.post is None or other.post != saying.post)


def told(other: Saying) -> str:
    """Say which post says the same: `says the same as post 41, sent 2026-03-01 on invented_x`."""
    day = f"{other.due_at.astimezone(zone_named(other.zone)):%Y-%m-%d}"
    name = f"post {other.post}" if other.post is not None else f"the item {other.item}"
    if other.state is State.SENT:
        when = f"sent {day}"
    elif other.state in _LEFT or other.is_begun:
        when = f"which may be public since {day}"
    else:
        when = f"which waits for {day}"
    return f"says the same as {name}, {when} on {other.account}"


def _left(other: Saying, saying: Saying) -> bool:
    return (other.state in _LEFT or other.is_begun) and (other.is_live or not saying.is_live)


def _waits_before(other: Saying, saying: Saying) -> bool:
    if other.state not in _WAITS:
        return False
    if other.due_at == saying.due_at and saying.post is not None and other.post is not None:
        return other.post < saying.post
    return other.due_at <= saying.due_at
