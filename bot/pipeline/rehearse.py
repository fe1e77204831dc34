"""The run to come on a virtual clock: nothing is stored, nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.content.reading import Content
from bot.core.campaign import Campaign, Item
from bot.core.errors import NotFoundError
from bot.core.media import PostPicture
from bot.core.post import WAITING, Mode, Part, Post, Slot, State
from bot.pipeline.compose import ComposedPost, Composer, Prices, Renders, sayings_of
from bot.pipeline.guards import Guard
from bot.pipeline.last_word import is_plannable, items_after_sync
from bot.pipeline.paced import at_pace
from bot.pipeline.plan import draft_of
from bot.pipeline.repeats import Sayings
from bot.planning.calendar import slots_between, zone_named
from bot.planning.picker import Picker
from bot.store import codec, posts
from bot.store.contents import Origin, StoredItem
from bot.store.database import Database


@dataclass(frozen=True, kw_only=True)
class RehearsedPost:
    """One post of the run to come."""

    campaign: str
    account: str
    network: str
    language: str
    kind: str
    item: str
    due_at: datetime
    #: In the campaign's zone.
    local_time: datetime
    text: str
    #: A thread has several.
    parts: tuple[Part, ...]
    length: int
    cost_usd_micros: int
    why: str
    state: State
    reason: str
    guards: tuple[Guard, ...]
    content_warning: str | None
    picture: PostPicture | None


@dataclass(frozen=True, kw_only=True)
class EmptySlot:
    """A moment with nothing to say."""

    campaign: str
    due_at: datetime
    why: str


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """The run to come: its posts in order of their moments, and the moments that stay empty."""

    posts: tuple[RehearsedPost, ...]
    empty: tuple[EmptySlot, ...]


def rehearse(
    content: Content,
    *,
    db: Database | None,
    start: datetime,
    end: datetime,
    renderer: Renders,
    prices: Prices,
    mode: Mode = Mode.DRY_RUN,
    only: str | None = None,
    on_slot: Callable[[int], None] = lambda _: None,
) -> Rehearsal:
    """Compose every post with start <= due < end, from the files and from what the store has planned.

    What was changed in the console is rehearsed as it stands there.

    `db` None, or another content than the store's, leaves the store out.
    `on_slot` is told the number of slots done.
    """
    chosen = [campaign for campaign in content.campaigns if only in (None, campaign.key)]
    if only is not None and not chosen:
        known = ", ".join(campaign.key for campaign in content.campaigns)
        raise NotFoundError(f"there is no campaign {only!r}; there is: {known}")
    rehearsed: list[RehearsedPost] = []
    empty: list[EmptySlot] = []
    done = 0
    for campaign in chosen:
        draft = _draft(campaign, content, db, start=start, end=end)
        composer = Composer(
            campaign, draft.items, renderer=renderer, prices=prices, sayings=draft.sayings, mode=mode
        )
        zone = zone_named(campaign.zone)
        composed = list(_planned(draft.planned, campaign, draft, composer))
        for slot in composer.slots(draft.open_slots, picker=draft.picker):
            if slot.item is None:
                empty.append(EmptySlot(campaign=campaign.key, due_at=slot.slot.due_at, why=slot.why))
            composed.extend(slot.posts)
            done += 1
            on_slot(done)
        rehearsed.extend(_rehearsed(post, zone) for post in at_pace(composed, campaign))
    rehearsed.sort(key=lambda post: (post.due_at, post.campaign, post.account, post.language))
    return Rehearsal(posts=tuple(rehearsed), empty=tuple(empty))


def count_slots(content: Content, *, start: datetime, end: datetime, only: str | None = None) -> int:
    """How many moments a rehearsal will go through, for a progress bar."""
    return sum(
        len(slots_between(campaign, start=start, end=end))
        for campaign in content.campaigns
        if only in (None, campaign.key)
    )


@dataclass(frozen=True, kw_only=True)
class _Draft:
    items: Sequence[StoredItem]
    open_slots: Sequence[Slot]
    picker: Picker
    planned: Sequence[Post]
    #: What the accounts said, and what they are about to say.
    sayings: Sayings


def _draft(
    campaign: Campaign, content: Content, db: Database | None, *, start: datetime, end: datetime
) -> _Draft:
    """The campaign's open slots and waiting posts: its items as a sync would leave them."""
    if db is None:
        items = [
            _as_stored(item, position)
            for position, item in enumerate(content.items)
            if item.campaign == campaign.key
        ]
        slots = slots_between(campaign, start=start, end=end)
        picker = Picker(campaign, [stored.item for stored in items])
        return _Draft(items=items, open_slots=slots, picker=picker, planned=(), sayings=Sayings())
    with db.read() as tx:
        items = items_after_sync(tx, campaign, content.items)
        plannable = [stored.item for stored in items if is_plannable(stored, campaign=campaign)]
        draft = draft_of(tx, campaign, start=start, end=end, items=plannable)
        planned = posts.read_posts(tx, states=tuple(WAITING), campaign=campaign.key, start=start, end=end)
        sayings = sayings_of(tx, campaign, since=start)
    return _Draft(
        items=items, open_slots=draft.open_slots, picker=draft.picker, planned=planned, sayings=sayings
    )


def _as_stored(item: Item, position: int) -> StoredItem:
    digest = codec.digest(codec.encode(item))
    return StoredItem(item=item, digest=digest, position=position, origin=Origin.FILE, retired=False)


def _planned(
    planned: Sequence[Post], campaign: Campaign, draft: _Draft, composer: Composer
) -> Iterator[ComposedPost]:
    """The waiting posts, as the next sync would write them."""
    items = {stored.item.key: stored for stored in draft.items}
    for post in planned:
        stored, account = items.get(post.item), campaign.account(post.account)
        if stored is not None and account is not None and post.language in account.languages:
            slot = replace(post.slot, due_at=post.due_at)
            composed = composer.post(
                stored,
                slot,
                account=account,
                language=post.language,
                why=post.why,
                author=post.author,
                post=post.id,
                overruled=post.overruled,
            )
            if composed.new.digest == post.digest:
                # The same text at the same moment: held and approved stay what they are.
                composed = replace(composed, new=replace(composed.new, state=post.state, reason=post.reason))
            yield composed


def _rehearsed(composed: ComposedPost, zone: ZoneInfo) -> RehearsedPost:
    new = composed.new
    return RehearsedPost(
        campaign=new.campaign,
        account=new.account,
        network=new.network.value,
        language=new.language,
        kind=new.kind.value,
        item=new.item,
        due_at=new.due_at,
        local_time=new.due_at.astimezone(zone),
        text=new.text,
        parts=new.parts,
        length=new.length,
        cost_usd_micros=new.cost_usd_micros,
        why=new.why,
        state=new.state,
        reason=new.reason,
        guards=composed.guards,
        content_warning=new.content_warning,
        picture=new.picture,
    )
