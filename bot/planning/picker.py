"""With what a campaign speaks: the item and the languages of a slot, chosen fairly, with the reason."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from bot.core.campaign import Campaign, Item, Kind, LanguagesAtSlot
from bot.core.post import Slot, SlotKind
from bot.planning.calendar import zone_named
from bot.planning.pool import Entry, Pool
from bot.planning.reasons import Blocked, Choice, why_nothing, why_picked, why_queued
from bot.planning.share import CallsShare
from bot.planning.uses import Use, Uses

#: A slot closer than this to a moment for which a person queued something gives way to it.
#: Ten minutes itself is far enough: it is the rhythm of a burst.
GIVE_WAY = timedelta(minutes=10)

#: The one lane of the share of calls where all languages speak at once.
_TOGETHER = "*"

#: The occasion, None being the ordinary rotation, and the kind.
_PoolKey = tuple[str | None, Kind]


@dataclass(frozen=True, kw_only=True)
class Pick:
    """What a slot says. No item: the slot stays empty, and `why` tells the reason."""

    item: str | None
    languages: tuple[str, ...]
    #: One clear sentence for organisers.
    why: str


class Picker:
    """Chooses an item for one slot after the other, and remembers each choice as a use.

    The same campaign, items, history and slots give the same picks, in one go or in pieces, when
    the history of a piece holds all uses before it. `history` may be in any order, name a use
    once for each account, and hold items that are gone. `queued` are the moments of what people
    queued, whatever its language or account. Pick each slot once, earliest first. Raises
    ContentError when the campaign's zone is not known.
    """

    def __init__(
        self,
        campaign: Campaign,
        items: Sequence[Item],
        *,
        history: Iterable[Use] = (),
        queued: Sequence[datetime] = (),
    ) -> None:
        self._campaign = campaign
        self._zone: ZoneInfo = zone_named(campaign.zone)
        self._in_turn = campaign.languages_at_slot is LanguagesAtSlot.TURN
        self._queued = sorted(queued)
        self._pools = self._sorted_into_pools(items)
        self._pools_of: dict[str, list[Pool]] = defaultdict(list)
        for pool in self._pools.values():
            for entry in pool.entries:
                self._pools_of[entry.item.key].append(pool)
        self._uses = Uses()
        self._share = CallsShare(
            campaign.calls_share, lanes=campaign.languages if self._in_turn else [_TOGETHER]
        )
        for _, uses in groupby(sorted(set(history)), key=lambda use: (use.at, use.item)):
            self._remember(list(uses))

    def pick(self, slot: Slot) -> Pick:
        """Choose what the slot says, and remember it as used."""
        if slot.kind is SlotKind.QUEUED:
            raise ValueError(f"slot {slot.key}: what a person queued is not picked")
        queued = self._queued_near(slot.due_at)
        if queued is not None:
            return Pick(item=None, languages=(), why=why_queued(self._wall(queued), give_way=GIVE_WAY))
        occasion = slot.occasion if slot.kind is SlotKind.OCCASION else None
        choice = self._choose(slot.due_at, occasion)
        if choice is None:
            blocked = self._blocked(slot.due_at, occasion)
            return Pick(item=None, languages=(), why=why_nothing(blocked, cooldown=self._campaign.cooldown))
        why = why_picked(
            choice,
            at=slot.due_at,
            occasion=occasion,
            percent=self._share.percent,
            wanted=self._share.wanted_percent,
        )
        item = choice.item
        self._remember(
            [
                Use(item=item.key, kind=item.kind, language=language, at=slot.due_at)
                for language in choice.languages
            ]
        )
        return Pick(item=item.key, languages=choice.languages, why=why)

    def _sorted_into_pools(self, items: Sequence[Item]) -> dict[_PoolKey, Pool]:
        pools: dict[_PoolKey, Pool] = {}
        for place, item in enumerate(items):
            languages = tuple(one for one in self._campaign.languages if one in item.wordings)
            for occasion in item.occasions or (None,):
                pool = pools.setdefault((occasion, item.kind), Pool(cooldown=self._campaign.cooldown))
                pool.entries.append(Entry(item=item, place=place, languages=languages))
        return pools

    def _choose(self, at: datetime, occasion: str | None) -> Choice | None:
        day = self._wall(at).date()
        turns = self._turns(at)
        for key, language in self._attempts(turns, occasion):
            pool = self._pools.get(key)
            found = pool and pool.find(language, at=at, day=day, uses=self._uses)
            if found:
                return Choice(
                    item=found.entry.item,
                    languages=found.entry.spoken(language),
                    last=found.last,
                    in_line=found.in_line,
                    of_occasion=key[0] is not None,
                    due=self._share.kinds(language or _TOGETHER)[0],
                    turn=turns[0],
                )
        return None

    def _turns(self, at: datetime) -> list[str | None]:
        """List the languages, least recently used first; None stands for all at once."""
        if not self._in_turn:
            return [None]
        languages = self._campaign.languages
        uses = self._uses
        ranked = [
            (uses.last_in(language, by=at), uses.count_in(language), place, language)
            for place, language in enumerate(languages)
        ]
        return [language for *_, language in sorted(ranked)]

    def _attempts(
        self, turns: Sequence[str | None], occasion: str | None
    ) -> Iterator[tuple[_PoolKey, str | None]]:
        """Give where to look, in order: the occasion's own items in any language, then the rotation."""
        if occasion is not None:
            for language in turns:
                kinds = self._share.kinds(language or _TOGETHER)
                # A share of 0 or 1 shuts a kind out of the rotation, not out of its own occasion.
                for kind in (*kinds, *(kind for kind in Kind if kind not in kinds)):
                    yield (occasion, kind), language
        for language in turns:
            for kind in self._share.kinds(language or _TOGETHER):
                yield (None, kind), language

    def _blocked(self, at: datetime, occasion: str | None) -> Blocked:
        """Sort out why nothing was free. Only called when nothing was."""
        left_out = self._share.left_out
        keys: list[_PoolKey] = [(None, kind) for kind in Kind if kind is not left_out]
        if occasion is not None:
            keys = [*((occasion, kind) for kind in Kind), *keys]
        entries = [entry for key in keys if key in self._pools for entry in self._pools[key].entries]
        day = self._wall(at).date()
        fresh = [entry for entry in entries if not entry.is_stale(day)]
        cooling = [entry for entry in fresh if entry.languages]
        cooldown = self._campaign.cooldown
        return Blocked(
            cooling=[entry.item for entry in cooling],
            recheck=[entry.item for entry in entries if entry.is_stale(day)],
            speechless=[entry.item for entry in fresh if not entry.languages],
            left_out=left_out if left_out and (None, left_out) in self._pools else None,
            next_free=self._next_free(cooling, at),
            planned_later=any(
                at - self._uses.last_of(entry.item.key, language, by=at) >= cooldown
                for entry in cooling
                for language in entry.languages
            ),
        )

    def _next_free(self, cooling: Sequence[Entry], at: datetime) -> datetime | None:
        """Give the wall time at which the first of the items is free, if it is still fresh then."""
        cooldown = self._campaign.cooldown
        moments = []
        for entry in cooling:
            together = [(language,) for language in entry.languages] if self._in_turn else [entry.languages]
            for languages in together:
                moment = self._uses.next_free(entry.item.key, languages, at=at, cooldown=cooldown)
                wall_time = self._wall(moment)
                if not entry.is_stale(wall_time.date()):
                    moments.append((moment, wall_time))
        return min(moments)[1] if moments else None

    def _remember(self, uses: Sequence[Use]) -> None:
        """Take in the uses of one pick: one item at one moment, in one language or several."""
        first = uses[0]
        day = self._wall(first.at).date()
        for use in uses:
            self._uses.add(use)
        for language in [use.language for use in uses] if self._in_turn else [None]:
            self._share.count(first.kind, language or _TOGETHER)
            for pool in self._pools_of.get(first.item, ()):
                pool.note(first.item, language, day=day)
        self._share.tell(first.kind)

    def _queued_near(self, at: datetime) -> datetime | None:
        """Give the nearest queued moment the slot has to give way to."""
        place = bisect_left(self._queued, at)
        nearest = min(
            self._queued[max(place - 1, 0) : place + 1], key=lambda one: abs(one - at), default=None
        )
        return nearest if nearest is not None and abs(nearest - at) < GIVE_WAY else None

    def _wall(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone).replace(tzinfo=None)


__all__ = ["GIVE_WAY", "Pick", "Picker", "Use"]
