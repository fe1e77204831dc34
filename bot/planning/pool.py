"""Which of the items that compete for a slot comes first: rounds, cool-down, least recent use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.core.campaign import Item
from bot.planning.uses import Uses


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An item in its place among the others."""

    item: Item
    #: Place in the content: the last tie-breaker.
    place: int
    #: Those of the campaign's languages that the item has, in the campaign's order.
    languages: tuple[str, ...]

    def is_stale(self, day: date) -> bool:
        """Whether the item has to be checked again before it may be used on this local day."""
        return self.item.recheck_on is not None and self.item.recheck_on < day

    def spoken(self, language: str | None) -> tuple[str, ...]:
        """Give the languages a use would have: the one asked for, or all (None) the item has."""
        if language is None:
            return self.languages
        return (language,) if language in self.languages else ()


@dataclass(frozen=True, kw_only=True)
class Found:
    """The item that comes first."""

    entry: Entry
    #: Last use before the slot: in the language asked for, or in any.
    last: datetime
    #: How many items were next in line, this one included.
    in_line: int


class Pool:
    """Items of one kind that compete for the same slots: the rotation's, or one occasion's.

    Each language goes through all of them, a round, before it repeats one. Least recent use alone
    would not do: where cool-down and slots lock step, an item may keep one language for good.
    """

    def __init__(self, *, cooldown: timedelta) -> None:
        self.entries: list[Entry] = []
        self._cooldown = cooldown
        #: What each language has said in its round; None for all at once.
        self._said: dict[str | None, set[str]] = defaultdict(set)

    def find(self, language: str | None, *, at: datetime, day: date, uses: Uses) -> Found | None:
        """Give the item that comes first in a language, or in all at once (None).

        None when every item is cooling down, waits to be checked again, or lacks the language.
        """
        fresh = self._fresh(language, day)
        free = [entry for entry in fresh if not self._is_cooling(entry, language, at, uses)]
        if not free:
            return None
        said = self._said_this_round(language, fresh)
        lasts = {entry.item.key: uses.last(entry.item.key, by=at) for entry in fresh}
        # Half of them, the longest unused in any language, go first: else the same item would
        # follow itself from language to language.
        rested = sorted(lasts.values())[(len(lasts) - 1) // 2]

        def rank(entry: Entry) -> tuple[bool, bool, datetime, datetime, int, int]:
            key = entry.item.key
            last = lasts[key]
            last_spoken = last if language is None else uses.last_of(key, language, by=at)
            return key in said, last > rested, last_spoken, last, uses.count(key), entry.place

        # Places differ, so entries themselves are never compared.
        ranked = [(rank(entry), entry) for entry in free]
        first, entry = min(ranked)
        in_line = sum(other[:2] == first[:2] for other, _ in ranked)
        return Found(entry=entry, last=first[2], in_line=in_line)

    def note(self, item: str, language: str | None, *, day: date) -> None:
        """Take in that a language, or all at once (None), said one of the items on a local day."""
        said = self._said_this_round(language, self._fresh(language, day))
        self._said[language] = said | {item}

    def _said_this_round(self, language: str | None, fresh: Sequence[Entry]) -> set[str]:
        said = self._said[language]
        return said if any(entry.item.key not in said for entry in fresh) else set()

    def _fresh(self, language: str | None, day: date) -> list[Entry]:
        return [entry for entry in self.entries if not entry.is_stale(day) and entry.spoken(language)]

    def _is_cooling(self, entry: Entry, language: str | None, at: datetime, uses: Uses) -> bool:
        return any(
            uses.is_cooling(entry.item.key, one, at=at, cooldown=self._cooldown)
            for one in entry.spoken(language)
        )
