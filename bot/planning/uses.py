"""What was used when: last uses and cool-down, by item and by language."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.core.campaign import Kind

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, order=True)
class Use:
    """One item said in one language at one moment, on however many accounts."""

    at: datetime
    item: str
    language: str
    kind: Kind


class Uses:
    """Everything used so far, and what is already planned for later moments.

    Questions cost no more as the years go by: each item and language keeps its own times.
    """

    def __init__(self) -> None:
        self._by_item: dict[str, list[datetime]] = defaultdict(list)
        self._by_language: dict[str, list[datetime]] = defaultdict(list)
        self._by_both: dict[tuple[str, str], list[datetime]] = defaultdict(list)

    def add(self, use: Use) -> None:
        _insert(self._by_item[use.item], use.at)
        _insert(self._by_language[use.language], use.at)
        _insert(self._by_both[use.item, use.language], use.at)

    def count(self, item: str) -> int:
        return len(self._by_item.get(item, ()))

    def count_in(self, language: str) -> int:
        return len(self._by_language.get(language, ()))

    def last(self, item: str, *, by: datetime) -> datetime:
        """Give the item's last use at or before a moment; the year 1 when there is none."""
        return _last(self._by_item.get(item), by)

    def last_of(self, item: str, language: str, *, by: datetime) -> datetime:
        """Give the item's last use in one language; the year 1 when there is none."""
        return _last(self._by_both.get((item, language)), by)

    def last_in(self, language: str, *, by: datetime) -> datetime:
        """Give the language's last use by any item; the year 1 when there is none."""
        return _last(self._by_language.get(language), by)

    def is_cooling(self, item: str, language: str, *, at: datetime, cooldown: timedelta) -> bool:
        """Whether the item is used in this language less than the cool-down before or after."""
        return _is_near(self._by_both.get((item, language)), at, cooldown)

    def next_free(
        self, item: str, languages: Iterable[str], *, at: datetime, cooldown: timedelta
    ) -> datetime:
        """Give the first moment from `at` on at which the item cools down in none of the languages."""
        near = {
            use
            for language in languages
            for use in _after(self._by_both.get((item, language)), at - cooldown)
        }
        free = at
        for use in sorted(near):
            if use >= free + cooldown:
                break
            free = max(free, use + cooldown)
        return free


def was_used(moment: datetime) -> bool:
    """Whether a last use is one, and not the year 1 that stands for none."""
    return moment != _NEVER


def _insert(times: list[datetime], moment: datetime) -> None:
    if not times or times[-1] < moment:
        times.append(moment)
    elif times[bisect_left(times, moment)] != moment:
        insort(times, moment)


def _last(times: list[datetime] | None, by: datetime) -> datetime:
    if not times:
        return _NEVER
    if times[-1] <= by:
        return times[-1]
    place = bisect_right(times, by)
    return times[place - 1] if place else _NEVER


def _after(times: list[datetime] | None, moment: datetime) -> list[datetime]:
    return times[bisect_right(times, moment) :] if times else []


def _is_near(times: list[datetime] | None, at: datetime, within: timedelta) -> bool:
    if not times:
        return False
    if times[-1] <= at:
        return at - times[-1] < within
    # Uses that are already planned for later count too: a slot may be added between two others.
    place = bisect_right(times, at - within)
    return times[place] < at + within
