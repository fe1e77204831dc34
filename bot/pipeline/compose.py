"""Makes posts of items: picks for slots, renders for accounts, and lets the guards speak. Stores nothing.

Planning writes what comes out of here, rehearsing prints it: so a rehearsal
shows the very texts that will leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.campaign import Account, Campaign, Item
from bot.core.errors import RenderError
from bot.core.post import Part, RenderedPost, Slot, SlotKind, State, digest_of
from bot.pipeline.guards import Guard, first_refusal, judge
from bot.planning.calendar import zone_named
from bot.planning.picker import Picker
from bot.store.contents import StoredItem
from bot.store.plans import NewPost

#: Who wrote a post that came out of the files.
FILES = "content files"
#: Why a post is held until somebody approves it.
WAITS_FOR_APPROVAL = "waits for an approval of this text"


class Renders(Protocol):
    """Turns an item into the very text that leaves."""

    def render(
        self, item: Item, *, campaign: Campaign, account: Account, language: str, occasion: str | None = None
    ) -> RenderedPost: ...


#: What a post with this text costs on a network, in millionths of a US dollar.
Prices = Callable[[str, str], int]


@dataclass(frozen=True, kw_only=True)
class ComposedPost:
    """A post as it would be stored, and what the guards said of it."""

    new: NewPost
    guards: tuple[Guard, ...]


@dataclass(frozen=True, kw_only=True)
class ComposedSlot:
    """A slot with its item and its posts; `item` is None where it stays empty, and `why` says so."""

    slot: Slot
    item: str | None
    why: str
    posts: tuple[ComposedPost, ...]


class Composer:
    """Composes one campaign's posts."""

    def __init__(
        self, campaign: Campaign, items: Sequence[StoredItem], *, renderer: Renders, prices: Prices
    ) -> None:
        self._campaign = campaign
        self._items = {stored.item.key: stored for stored in items}
        self._renderer = renderer
        self._prices = prices
        self._zone = zone_named(campaign.zone)
        #: By item digest, account, language and occasion: an item says the same at each of its moments.
        self._rendered: dict[tuple[str, str, str, str | None], RenderedPost] = {}

    def slots(self, slots: Iterable[Slot], *, picker: Picker) -> Iterator[ComposedSlot]:
        """Give each slot its item and its posts, in order."""
        for slot in slots:
            pick = picker.pick(slot)
            stored = None if pick.item is None else self._items[pick.item]
            posts = () if stored is None else tuple(self._posts(stored, slot, pick.languages, pick.why))
            yield ComposedSlot(slot=slot, item=pick.item, why=pick.why, posts=posts)

    def _posts(
        self, stored: StoredItem, slot: Slot, languages: Sequence[str], why: str
    ) -> Iterator[ComposedPost]:
        for language in languages:
            for account in self._campaign.accounts:
                if language in account.languages:
                    yield self.post(stored, slot, account=account, language=language, why=why, author=FILES)

    def post(
        self,
        stored: StoredItem,
        slot: Slot,
        *,
        account: Account,
        language: str,
        why: str,
        author: str,
    ) -> ComposedPost:
        """One item, in one language, for one account, at one slot."""
        try:
            rendered = self._render(stored, slot, account=account, language=language)
        except RenderError as error:
            rendered = RenderedPost(parts=(Part(number=1, text="", length=0),))
            guards: tuple[Guard, ...] = (Guard(name="length", holds=False, detail=str(error)),)
            state, reason = State.REJECTED, str(error)
        else:
            on = slot.due_at.astimezone(self._zone).date()
            guards = judge(stored.item, rendered, campaign=self._campaign, language=language, on=on)
            state, reason = self._first_state(guards)
        texts = tuple(part.text for part in rendered.parts)
        new = NewPost(
            campaign=self._campaign.key,
            account=account.name,
            network=account.network,
            language=language,
            kind=stored.item.kind,
            item=stored.item.key,
            item_digest=stored.digest,
            due_at=slot.due_at,
            grace_until=slot.due_at + self._campaign.grace,
            state=state,
            reason=reason,
            why=why,
            content_warning=rendered.content_warning,
            parts=rendered.parts,
            cost_usd_micros=sum(self._prices(account.network, text) for text in texts),
            digest=digest_of(account=account.name, language=language, due_at=slot.due_at, texts=texts),
            author=author,
            approval_needed=self._campaign.approval,
        )
        return ComposedPost(new=new, guards=guards)

    def _render(self, stored: StoredItem, slot: Slot, *, account: Account, language: str) -> RenderedPost:
        occasion = slot.occasion if slot.kind is SlotKind.OCCASION else None
        key = (stored.digest, account.name, language, occasion)
        rendered = self._rendered.get(key)
        if rendered is None:
            rendered = self._rendered[key] = self._renderer.render(
                stored.item, campaign=self._campaign, account=account, language=language, occasion=occasion
            )
        return rendered

    def _first_state(self, guards: Sequence[Guard]) -> tuple[State, str]:
        refusal = first_refusal(guards)
        if refusal is not None:
            return State.HELD, refusal
        if self._campaign.approval:
            return State.HELD, WAITS_FOR_APPROVAL
        return State.READY, ""


def local_time(moment: datetime, zone: str) -> datetime:
    """The moment as the campaign's own clocks show it."""
    return moment.astimezone(zone_named(zone))
