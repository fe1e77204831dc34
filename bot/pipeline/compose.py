"""Makes posts of items: picks for slots, renders for accounts, and lets the guards speak. Stores nothing.

Planning writes what comes out of here, rehearsing prints it: so a rehearsal
shows the very texts that will leave.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.core.campaign import Account, Campaign, Item
from bot.core.errors import RenderError
from bot.core.post import Mode, Part, RenderedPost, Slot, SlotKind, State, digest_of
from bot.pipeline.guards import Guard, first_refusal, judge_moment, judge_repeats, judge_text
from bot.pipeline.money import Prices as Prices
from bot.pipeline.money import cost_of
from bot.pipeline.repeats import WITHIN, Sayings
from bot.planning.calendar import zone_named
from bot.planning.picker import Picker
from bot.store.contents import StoredItem
from bot.store.database import Tx
from bot.store.plans import NewPost
from bot.store.sayings import Saying, read_sayings
from bot.text.fingerprint import fingerprint
from bot.text.numbering import without_number

#: Who wrote a post that came out of the files.
FILES = "content files"
#: Why a post is held until somebody approves it.
WAITS_FOR_APPROVAL = "waits for an approval of this text"
#: What a post is held by that waits for nothing else.
APPROVAL = "approval"


class Renders(Protocol):
    """Turns an item into the very text that leaves."""

    def render(
        self, item: Item, *, campaign: Campaign, account: Account, language: str, occasion: str | None = None
    ) -> RenderedPost: ...


@dataclass(frozen=True, kw_only=True)
class ComposedPost:
    """A post as it would be stored, and what the guards said of it."""

    new: NewPost
    guards: tuple[Guard, ...]


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """A text with what holds of it at each of its moments."""

    rendered: RenderedPost
    guards: tuple[Guard, ...]
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class ComposedSlot:
    """A slot with its item and its posts; `item` is None where it stays empty, and `why` says so."""

    slot: Slot
    item: str | None
    why: str
    posts: tuple[ComposedPost, ...]


class Composer:
    """Composes one campaign's posts.

    `sayings` is what its accounts said and are about to say; what is composed joins it. `mode` is that of
    the installation: what only a dry run sent is not repeated by what leaves the machine.
    """

    def __init__(
        self,
        campaign: Campaign,
        items: Sequence[StoredItem],
        *,
        renderer: Renders,
        prices: Prices,
        sayings: Sayings | None = None,
        mode: Mode = Mode.DRY_RUN,
    ) -> None:
        self._campaign = campaign
        self._items = {stored.item.key: stored for stored in items}
        self._renderer = renderer
        self._prices = prices
        self._sayings = sayings
        self._mode = mode
        #: By item digest, account, language and occasion: an item says the same at each of its moments.
        self._judged: dict[tuple[str, str, str, str | None], _Judged] = {}

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
                    author = writer_of(stored)
                    yield self.post(stored, slot, account=account, language=language, why=why, author=author)

    def post(
        self,
        stored: StoredItem,
        slot: Slot,
        *,
        account: Account,
        language: str,
        why: str,
        author: str,
        post: int | None = None,
        overruled: Collection[str] = (),
    ) -> ComposedPost:
        """One item, in one language, for one account, at one slot.

        `post` is its number if it has one, `overruled` what a person let pass for this text and moment.
        """
        try:
            judged = self._judge(stored, slot, account=account, language=language)
        except RenderError as error:
            judged = _unrendered(str(error))
        rendered = judged.rendered
        guards = judged.guards
        guard: str | None = None
        if not rendered.parts[0].text:
            state, reason = State.REJECTED, guards[0].detail
        else:
            guards += judge_moment(stored.item, account=account, campaign=self._campaign, at=slot.due_at)
            if self._sayings is not None:
                saying = self._saying(stored, slot, account, judged.fingerprint, post=post)
                guards += judge_repeats(saying, self._sayings)
            state, reason, guard = self._first_state(guards, overruled=overruled)
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
            cost_usd_micros=cost_of(self._prices, account.network, texts, picture=rendered.picture),
            digest=digest_of(
                account=account.name,
                language=language,
                due_at=slot.due_at,
                texts=texts,
                content_warning=rendered.content_warning,
                picture=rendered.picture,
            ),
            author=author,
            approval_needed=self._campaign.approval,
            guard=guard,
            fingerprint=judged.fingerprint,
            picture=rendered.picture,
        )
        if self._sayings is not None and post is None and state is not State.REJECTED:
            self._sayings.add(replace(saying, state=state, is_live=True))
        return ComposedPost(new=new, guards=guards)

    def _saying(
        self, stored: StoredItem, slot: Slot, account: Account, words: str, *, post: int | None
    ) -> Saying:
        return Saying(
            post=post,
            account=account.name,
            fingerprint=words,
            campaign=self._campaign.key,
            item=stored.item.key,
            is_queued=slot.kind is SlotKind.QUEUED,
            due_at=slot.due_at,
            zone=self._campaign.zone,
            state=State.READY,
            is_live=self._mode is Mode.LIVE and not account.dry_run,
        )

    def _judge(self, stored: StoredItem, slot: Slot, *, account: Account, language: str) -> _Judged:
        occasion = slot.occasion if slot.kind is SlotKind.OCCASION else None
        key = (stored.digest, account.name, language, occasion)
        judged = self._judged.get(key)
        if judged is None:
            rendered = self._renderer.render(
                stored.item, campaign=self._campaign, account=account, language=language, occasion=occasion
            )
            judged = self._judged[key] = _Judged(
                rendered=rendered,
                guards=judge_text(
                    stored.item,
                    rendered,
                    campaign=self._campaign,
                    account=account,
                    language=language,
                ),
                fingerprint=fingerprint(_whole(rendered)),
            )
        return judged

    def _first_state(
        self, guards: Sequence[Guard], *, overruled: Collection[str]
    ) -> tuple[State, str, str | None]:
        refusal = first_refusal(guards, overruled=overruled)
        if refusal is not None:
            return State.HELD, refusal.reason, refusal.name
        if self._campaign.approval:
            return State.HELD, WAITS_FOR_APPROVAL, APPROVAL
        return State.READY, "", None


def writer_of(stored: StoredItem) -> str:
    """Who wrote last in an item, as the author of its posts."""
    return stored.written_by[-1] if stored.written_by else FILES


def _unrendered(reason: str) -> _Judged:
    return _Judged(
        rendered=RenderedPost(parts=(Part(number=1, text="", length=0),)),
        guards=(Guard(name="length", holds=False, detail=reason),),
        fingerprint="",
    )


def _whole(rendered: RenderedPost) -> str:
    # The whole thread: its first part alone may be what many threads begin with. Without its numbers: in one
    # message it says the same.
    count = len(rendered.parts)
    return "\n\n".join(without_number(part.text, part.number, count) for part in rendered.parts)


def sayings_of(tx: Tx, campaign: Campaign, *, since: datetime, but: Collection[int] = ()) -> Sayings:
    """What the campaign's accounts said and are about to say, as far as it forbids anything from then on.

    The posts `but`, by number, are left out.
    """
    accounts = [account.name for account in campaign.accounts]
    said = read_sayings(tx, accounts, since=since - WITHIN)
    return Sayings(one for one in said if one.post not in but)


def local_time(moment: datetime, zone: str) -> datetime:
    """The moment as the campaign's own clocks show it."""
    return moment.astimezone(zone_named(zone))
