"""Plans the days ahead: slots, an item for each, and the posts that will leave."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.campaign import Campaign, Item
from bot.core.clock import Clock
from bot.core.errors import ConfigError, NotAllowedError
from bot.core.post import Mode, Post, Slot, SlotKind, State
from bot.pipeline.compose import ComposedSlot, Composer, Prices, Renders, sayings_of
from bot.pipeline.guards import OVERRULABLE, REMEDIES
from bot.pipeline.last_word import is_plannable
from bot.pipeline.moves import deciding, move
from bot.planning.calendar import slots_between
from bot.planning.picker import GIVE_WAY, Picker, Use
from bot.store import claims, contents, plans, posts
from bot.store.contents import StoredItem
from bot.store.database import Database, Tx

log = logging.getLogger(__name__)

#: How far back the picker looks for where items were used: more than a year, so that yearly occasions
#: remember what they said last time.
MEMORY = timedelta(days=400)
#: What a person queued and one of these guards holds takes nobody's place: it may never leave.
HOLDING = OVERRULABLE | REMEDIES.keys()


@dataclass(frozen=True, kw_only=True)
class PlannedCampaign:
    """What one planning added for one campaign."""

    campaign: str
    slots: int
    posts: int
    #: Moments without an item, with the reason.
    empty: tuple[tuple[datetime, str], ...]
    #: Posts that cannot be rendered, named hours before their time.
    rejected: tuple[tuple[int, str], ...]


class Planner:
    """Plans every campaign of the store."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        renderer: Renders,
        prices: Prices,
        mode: Mode = Mode.DRY_RUN,
    ) -> None:
        self._db = db
        self._clock = clock
        self._renderer = renderer
        self._prices = prices
        self._mode = mode

    def plan(self, *, days: int) -> list[PlannedCampaign]:
        """Fill the moments from now until `days` ahead that are not planned yet.

        Raises ConfigError, once all others are planned, for a campaign that needs what is not installed.
        """
        now = self._clock.now()
        with self._db.read() as tx:
            campaigns = [stored.campaign for stored in contents.read_campaigns(tx)]
        done, lacking = [], None
        for campaign in campaigns:
            try:
                done.append(self._plan(campaign, start=now, end=now + timedelta(days=days)))
            except ConfigError as error:
                # What one campaign needs and this machine has not keeps no other one from its posts.
                lacking = error
        if lacking is not None:
            raise lacking
        return done

    def _plan(self, campaign: Campaign, *, start: datetime, end: datetime) -> PlannedCampaign:
        with self._db.read() as tx:
            items = _plannable_items(tx, campaign)
            written = [stored.item for stored in items]
            draft = draft_of(tx, campaign, items=written, start=start, end=end)
            sayings = sayings_of(tx, campaign, since=start) if draft.open_slots else None
        composer = Composer(
            campaign,
            items,
            renderer=self._renderer,
            prices=self._prices,
            sayings=sayings,
            mode=self._mode,
        )
        composed = list(composer.slots(draft.open_slots, picker=draft.picker))
        with deciding(self._db) as tx:
            unchanged = contents.read_campaign(tx, campaign.key) == campaign
            if not unchanged or _plannable_items(tx, campaign) != items:
                # A sync or an edit came in between: what was composed is of yesterday.
                raise NotAllowedError(f"{campaign.key} changed while it was planned: plan again")
            added = [self._add(tx, slot) for slot in composed]
            self._give_way(tx, campaign, start=start, end=end)
        done = PlannedCampaign(
            campaign=campaign.key,
            slots=sum(ids is not None for ids in added),
            posts=sum(len(ids or ()) for ids in added),
            empty=tuple((slot.slot.due_at, slot.why) for slot in composed if slot.item is None),
            rejected=tuple(_rejected(composed, added)),
        )
        log.info("%s: %d slots planned, %d posts", campaign.key, done.slots, done.posts)
        return done

    def _add(self, tx: Tx, composed: ComposedSlot) -> list[int] | None:
        """Numbers of the new posts; None when another process planned the slot meanwhile."""
        now = self._clock.now()
        slot_id = plans.add_slot(tx, composed.slot, item=composed.item, why=composed.why, now=now)
        if slot_id is None and composed.item is not None:
            slot_id = plans.fill_slot(
                tx,
                composed.slot.campaign,
                composed.slot.key,
                item=composed.item,
                why=composed.why,
                now=now,
            )
        if slot_id is None:
            return None
        return plans.add_posts(tx, slot_id, [post.new for post in composed.posts], now=now)

    def _give_way(self, tx: Tx, campaign: Campaign, *, start: datetime, end: datetime) -> None:
        for moment in plans.queued_moments(tx, campaign.key, start=start, end=end, but_held_by=HOLDING):
            give_way(tx, campaign.key, moment, now=self._clock.now())


def _plannable_items(tx: Tx, campaign: Campaign) -> list[StoredItem]:
    return [
        stored for stored in contents.read_items(tx, campaign.key) if is_plannable(stored, campaign=campaign)
    ]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is needed to fill a campaign's open slots."""

    open_slots: Sequence[Slot]
    picker: Picker


def draft_of(tx: Tx, campaign: Campaign, *, items: Sequence[Item], start: datetime, end: datetime) -> Draft:
    """Read which of a campaign's coming moments are open, and where its items stand."""
    planned = plans.slot_keys(tx, campaign.key, start=start, end=end)
    picker = Picker(
        campaign,
        items,
        history=[
            Use(item=use.item, kind=use.kind, language=use.language, at=use.at)
            for use in plans.uses(tx, campaign.key, since=start - MEMORY)
        ],
        queued=plans.queued_moments(
            tx, campaign.key, start=start - GIVE_WAY, end=end + GIVE_WAY, but_held_by=HOLDING
        ),
    )
    slots = slots_between(campaign, start=start, end=end)
    return Draft(open_slots=[slot for slot in slots if planned.get(slot.key) is None], picker=picker)


def give_way(tx: Tx, campaign: str, moment: datetime, *, now: datetime) -> list[int]:
    """Take planned posts out of the way of what a person queued for `moment`; returns their numbers."""
    planned = in_the_way(tx, campaign, moment)
    for post in planned:
        reason = f"gives way to what a person queued for {moment:%Y-%m-%d %H:%M} UTC"
        move(tx, post, State.CANCELLED, reason=reason, now=now)
    return [post.id for post in planned]


def in_the_way(tx: Tx, campaign: str, moment: datetime) -> list[Post]:
    """The planned posts that give way to what a person queues for `moment`."""
    near = posts.read_posts(
        tx,
        states=(State.READY, State.HELD),
        campaign=campaign,
        start=moment - GIVE_WAY,
        end=moment + GIVE_WAY,
    )
    return [
        post
        for post in near
        if post.slot.kind is not SlotKind.QUEUED and abs(post.due_at - moment) < GIVE_WAY
        # What a person moved or approved is a person's decision, too.
        if post.due_at == post.slot.due_at and post.approved_by is None
        # What may have left is no plan any more.
        if not claims.may_have_left(tx, post)
    ]


def _rejected(
    composed: Sequence[ComposedSlot], added: Sequence[list[int] | None]
) -> Iterator[tuple[int, str]]:
    for slot, ids in zip(composed, added, strict=True):
        for post, post_id in zip(slot.posts, ids or (), strict=False):
            if post.new.state is State.REJECTED:
                yield post_id, post.new.reason
