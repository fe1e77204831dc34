"""The library for people: items in pages, looked for by their words and by what is amiss with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from bot.content.spreadsheet import export_items
from bot.core.campaign import Campaign, Item, Kind, Source
from bot.core.clock import Clock
from bot.core.errors import NotFoundError
from bot.pipeline.compose import local_time
from bot.store import contents, library
from bot.store.contents import Origin, StoredItem, stored_item
from bot.store.database import Database, Tx
from bot.store.library import Place, Used, Wanted
from bot.text.searching import asked_words, remembered

#: Items on one page.
PAGE = 50
#: Items read at once while looking for those that fit.
_STEP = 200
#: Items looked through for one page: more would hold up the page, and the reader steps on from there.
_READ_AT_MOST = 4000
#: Items whose sources are offered for a new one.
_SOURCES_OF = 300
#: Items whose words are kept in memory as they are searched: some kilobytes each.
_REMEMBERED = 10_000
#: A fact whose day is nearer than this is to be looked at soon.
SOON = timedelta(days=30)
#: Words of a text that make up an item's key.
_KEY_WORDS = 6
_LONGEST_KEY = 60
_NOT_IN_KEY = re.compile("[^a-z0-9]+")


class Recheck(StrEnum):
    """How the day stands on which a fact is to be checked again."""

    PAST = "past"
    SOON = "soon"
    LATER = "later"


@dataclass(frozen=True, kw_only=True)
class Query:
    """What somebody looks for. Empty or None: whatever it is."""

    words: str = ""
    campaign: str | None = None
    kind: Kind | None = None
    #: A language in which the text is still to be written.
    missing: str | None = None
    #: Only facts whose day to check them again is past or near.
    to_recheck: bool = False
    in_conflict: bool = False
    never_used: bool = False
    retired: bool = False


@dataclass(frozen=True, kw_only=True)
class Shelved:
    """An item with all that a list says of it."""

    stored: StoredItem
    campaign: Campaign
    missing: tuple[str, ...]
    recheck: Recheck | None
    used: Used

    @property
    def item(self) -> Item:
        return self.stored.item


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """A page of the library, and from where it goes on; None where it ends."""

    items: tuple[Shelved, ...]
    before: Place | None
    after: Place | None


class Library:
    """Reads items for people. Changes nothing."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        #: By digest, an item as it is searched: what it says does not change under one.
        self._remembered = lru_cache(maxsize=_REMEMBERED)(_remembered)

    def shelf(self, query: Query, *, place: Place | None = None, backwards: bool = False) -> Shelf:
        """The items that fit, after `place` or before it."""
        now = self._clock.now()
        with self._db.read() as tx:
            campaigns = _campaigns(tx)
        if query.campaign is not None and query.campaign not in campaigns:
            return Shelf(items=(), before=None, after=None)
        fits = _Fits(query, campaigns, now=now, said=self._said)
        found, more = self._find(query, fits, place=place, backwards=backwards)
        keys = [(stored.item.campaign, stored.item.key) for stored in found]
        with self._db.read() as tx:
            used = library.uses_of(tx, keys, now=now)
        # The side one came from has items, too: at least those one has just seen.
        behind = (library.place_of(found[0]) if found else place) if place is not None else None
        if backwards:
            found.reverse()
        return Shelf(
            items=tuple(_shelved(stored, campaigns, used, now=now) for stored in found),
            before=more if backwards else behind,
            after=behind if backwards else more,
        )

    def item(self, campaign: str, key: str) -> Shelved:
        """One item, retired or not. Raises NotFoundError."""
        now = self._clock.now()
        with self._db.read() as tx:
            campaigns = _campaigns(tx)
            # PostgreSQL takes no NUL, and no key has one.
            is_asked = campaign in campaigns and "\0" not in key
            stored = contents.read_item(tx, campaign, key) if is_asked else None
            if stored is None:
                raise NotFoundError(f"there is no item {key!r} in the campaign {campaign!r}")
            used = library.uses_of(tx, [(campaign, key)], now=now)
        return _shelved(stored, campaigns, used, now=now)

    def sources(self, campaign: str) -> list[Source]:
        """The sources that the campaign's newest items name, each once, the one used most first."""
        counted: dict[str, tuple[int, Source]] = {}
        wanted = Wanted(campaign=campaign)
        with self._db.read() as tx:
            newest = library.rows_beside(tx, wanted, place=None, backwards=True, limit=_SOURCES_OF)
        for row in newest:
            source = stored_item(row).item.source
            if source is not None:
                name = repr(source)
                counted[name] = (counted.get(name, (0, source))[0] + 1, source)
        return [source for _, source in sorted(counted.values(), key=lambda one: -one[0])]

    def as_csv(self, campaign: str) -> str:
        """The campaign's items as a spreadsheet, which an import takes back. Raises NotFoundError."""
        with self._db.read() as tx:
            found = _campaigns(tx).get(campaign)
        if found is None:
            raise NotFoundError(f"there is no campaign {campaign!r}")
        written = [one for one in self._all(campaign) if not one.retired and one.origin is not Origin.QUEUE]
        written.sort(key=lambda one: (one.position, one.item.key))
        return export_items((one.item for one in written), campaign=found)

    def _all(self, campaign: str) -> Iterator[StoredItem]:
        """Every item of the campaign, some in each transaction: sending waits for none of them."""
        last = ""
        while True:
            with self._db.read() as tx:
                rows = contents.read_rows_after(tx, campaign, last, limit=_STEP)
            found = [stored_item(row) for row in rows]
            yield from found
            if len(found) < _STEP:
                return
            last = found[-1].item.key

    def free_key(self, campaign: str, *, kind: Kind, texts: Sequence[str]) -> str:
        """A key for a new item that no other of the campaign has, from its Latin words where it has any."""
        words = next((found for text in texts if (found := _latin_words(text))), kind.value)
        with self._db.read() as tx:
            return next(key for key in _numbered(words) if not library.is_taken(tx, campaign, key))

    def _said(self, stored: StoredItem) -> str:
        return self._remembered(_Keyed(stored))

    def _find(
        self, query: Query, fits: _Fits, *, place: Place | None, backwards: bool
    ) -> tuple[list[StoredItem], Place | None]:
        """The items of one page, nearest first, and the place from which the next one is looked for.

        Each step has a transaction of its own, and what was read is decoded outside: sending waits for none.
        """
        wanted = Wanted(
            campaign=query.campaign,
            kind=query.kind,
            retired=query.retired,
            in_conflict=query.in_conflict,
            never_used=query.never_used,
        )
        found: list[StoredItem] = []
        here = place
        step = _STEP if fits.looks_inside else PAGE + 1
        for _ in range(_READ_AT_MOST // step):
            with self._db.read() as tx:
                rows = library.rows_beside(tx, wanted, place=here, backwards=backwards, limit=step)
            read = [stored_item(row) for row in rows]
            for stored in read:
                if len(found) == PAGE and fits(stored):
                    return found, library.place_of(found[-1])
                if fits(stored):
                    found.append(stored)
            if len(read) < step:
                return found, None
            here = library.place_of(read[-1])
        return found, here


class _Fits:
    """Whether an item is one of those that are looked for, as far as the store does not say it."""

    def __init__(
        self,
        query: Query,
        campaigns: Mapping[str, Campaign],
        *,
        now: datetime,
        said: Callable[[StoredItem], str],
    ) -> None:
        self._words = asked_words(query.words)
        self._query = query
        self._campaigns = campaigns
        self._now = now
        self._said = said

    @property
    def looks_inside(self) -> bool:
        """Whether items are read that may not fit."""
        return bool(self._words or self._query.missing or self._query.to_recheck)

    def __call__(self, stored: StoredItem) -> bool:
        campaign = self._campaigns.get(stored.item.campaign)
        if campaign is None:
            return False
        if self._query.missing is not None and self._query.missing not in _missing(stored.item, campaign):
            return False
        if self._query.to_recheck and _recheck(stored.item, campaign, now=self._now) not in (
            Recheck.PAST,
            Recheck.SOON,
        ):
            return False
        if not self._words:
            return True
        said = self._said(stored)
        return all(word in said for word in self._words)


class _Keyed:
    """A stored item that is told from others by its key and digest."""

    def __init__(self, stored: StoredItem) -> None:
        self.item = stored.item
        self._name = (stored.item.campaign, stored.item.key, stored.digest)

    def __hash__(self) -> int:
        return hash(self._name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and self._name == other._name


def _remembered(keyed: _Keyed) -> str:
    return remembered("\n".join(_searched(keyed.item)))


def _searched(item: Item) -> Iterator[str]:
    yield item.key
    for wording in item.wordings.values():
        # A figure is found by its number: readers know no names.
        yield wording.text
        yield wording.short or ""
    yield from (str(value) for value in item.figures.values())
    if item.source is not None:
        yield from item.source.publisher.values()
        yield item.source.url
    if item.period is not None:
        yield str(item.period)


def _shelved(
    stored: StoredItem,
    campaigns: Mapping[str, Campaign],
    used: Mapping[tuple[str, str], Used],
    *,
    now: datetime,
) -> Shelved:
    item = stored.item
    campaign = campaigns[item.campaign]
    return Shelved(
        stored=stored,
        campaign=campaign,
        missing=_missing(item, campaign),
        recheck=_recheck(item, campaign, now=now),
        used=used.get((item.campaign, item.key), Used(last=None, next=None)),
    )


def _missing(item: Item, campaign: Campaign) -> tuple[str, ...]:
    return tuple(language for language in campaign.languages if language not in item.wordings)


def _recheck(item: Item, campaign: Campaign, *, now: datetime) -> Recheck | None:
    if item.recheck_on is None:
        return None
    today: date = local_time(now, campaign.zone).date()
    if item.recheck_on < today:
        return Recheck.PAST
    return Recheck.SOON if item.recheck_on - today <= SOON else Recheck.LATER


def _campaigns(tx: Tx) -> dict[str, Campaign]:
    return {stored.campaign.key: stored.campaign for stored in contents.read_campaigns(tx)}


def _latin_words(text: str) -> str:
    words = _NOT_IN_KEY.sub("-", remembered(text)).strip("-").split("-")
    named = [word for word in words if any(letter.isalpha() for letter in word)]
    return "-".join(named[:_KEY_WORDS])[:_LONGEST_KEY].strip("-") if len(named) > 1 else ""


def _numbered(words: str) -> Iterator[str]:
    yield words
    number = 2
    while True:
        yield f"{words}-{number}"
        number += 1
