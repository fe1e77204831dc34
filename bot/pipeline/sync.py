"""Takes content files into the store: what is new, changed, retired; and re-renders the posts that wait."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.content.reading import Content
from bot.core.campaign import Campaign, Item
from bot.core.clock import Clock
from bot.core.post import WAITING, Mode, Post, Slot, SlotKind, State, digest_of
from bot.pipeline.compose import APPROVAL, WAITS_FOR_APPROVAL, Composer, Prices, Renders, sayings_of
from bot.pipeline.guards import CONTENT
from bot.pipeline.moves import BOT, deciding, move
from bot.planning.calendar import slots_between
from bot.store import claims, codec, contents, plans, posts, send_log
from bot.store.contents import Origin, StoredItem
from bot.store.database import Database, Tx

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Synced:
    """What a sync found, as `campaign` or `campaign/item`, and what it did to waiting posts."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    retired: tuple[str, ...]
    unchanged: int
    #: Waiting posts that got a new text.
    rewritten: int
    #: Waiting posts that were held or cancelled.
    stopped: int


class Syncer:
    """Takes content into the store, in one transaction."""

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

    def sync(self, content: Content) -> Synced:
        """Write what is new or changed, retire what is gone, and bring the waiting posts up to date."""
        now = self._clock.now()
        with deciding(self._db) as tx:
            stored_campaigns = {
                stored.campaign.key: stored for stored in contents.read_campaigns(tx, retired=True)
            }
            tally = _Tally()
            for campaign in content.campaigns:
                stored = stored_campaigns.get(campaign.key)
                digest = codec.digest(codec.encode(campaign))
                campaign_changed = stored is None or stored.digest != digest or stored.retired
                tally.count(campaign.key, is_new=stored is None, changed=campaign_changed)
                if campaign_changed:
                    contents.save_campaign(tx, campaign, now=now)
                items = [item for item in content.items if item.campaign == campaign.key]
                touched = self._sync_items(tx, campaign, items, tally, now=now)
                if stored is not None:
                    self._bring_up_to_date(
                        tx, campaign, tally, only=None if campaign_changed else touched, now=now
                    )
            self._retire_campaigns(tx, content, stored_campaigns, tally, now=now)
            synced = tally.synced()
            _log_sync(tx, synced, now=now)
        log.info(
            "content: %d new, %d changed, %d retired",
            len(synced.new),
            len(synced.changed),
            len(synced.retired),
        )
        return synced

    def _sync_items(
        self, tx: Tx, campaign: Campaign, items: Sequence[Item], tally: _Tally, *, now: datetime
    ) -> set[str]:
        """Write the campaign's items; returns the keys of those that changed or went."""
        known = {stored.item.key: stored for stored in contents.read_items(tx, campaign.key, retired=True)}
        touched: set[str] = set()
        for position, item in enumerate(items):
            stored = known.pop(item.key, None)
            digest = codec.digest(codec.encode(item))
            same = stored is not None and stored.digest == digest and not stored.retired
            tally.count(f"{campaign.key}/{item.key}", is_new=stored is None, changed=not same)
            if not same or (stored is not None and stored.position != position):
                contents.save_item(tx, item, position=position, origin=Origin.FILE, now=now)
            if stored is not None and not same:
                touched.add(item.key)
        for key, stored in known.items():
            if stored.origin is Origin.FILE and not stored.retired:
                contents.retire_item(tx, campaign.key, key, now=now)
                tally.retired.append(f"{campaign.key}/{key}")
                touched.add(key)
        return touched

    def _retire_campaigns(
        self,
        tx: Tx,
        content: Content,
        stored: dict[str, contents.StoredCampaign],
        tally: _Tally,
        *,
        now: datetime,
    ) -> None:
        on_file = {campaign.key for campaign in content.campaigns}
        for key, campaign in stored.items():
            if key not in on_file and not campaign.retired:
                contents.retire_campaign(tx, key, now=now)
                tally.retired.append(key)
                waiting = posts.read_posts(tx, states=(State.READY,), campaign=key)
                reason = f"the campaign {key} was retired"
                tally.stopped += _move_all(tx, waiting, State.HELD, reason=reason, now=now)

    # -- waiting posts -----------------------------------------------------------------------------

    def _bring_up_to_date(
        self, tx: Tx, campaign: Campaign, tally: _Tally, *, only: set[str] | None, now: datetime
    ) -> None:
        """Re-render the waiting posts of the items in `only` (None: all); stop those out of place."""
        if only is not None and not only:
            return
        waiting = [
            post
            for post in posts.read_posts(tx, states=tuple(WAITING), campaign=campaign.key, start=now)
            if only is None or post.item in only
        ]
        items = {stored.item.key: stored for stored in contents.read_items(tx, campaign.key)}
        composer = Composer(
            campaign,
            list(items.values()),
            renderer=self._renderer,
            prices=self._prices,
            sayings=sayings_of(tx, campaign, since=now) if waiting else None,
            mode=self._mode,
        )
        for post in waiting:
            self._update(tx, post, campaign, items, composer, tally, now=now)

    def _update(
        self,
        tx: Tx,
        post: Post,
        campaign: Campaign,
        items: dict[str, StoredItem],
        composer: Composer,
        tally: _Tally,
        *,
        now: datetime,
    ) -> None:
        stored, account = items.get(post.item), campaign.account(post.account)
        slot = _place(campaign, post)
        if stored is None:
            reason = f"the item {post.item} was retired"
            tally.stopped += _move_all(tx, [post], State.HELD, reason=reason, now=now)
        elif slot is None:
            reason = "the campaign no longer posts at this moment"
            tally.stopped += _move_all(tx, [post], State.CANCELLED, reason=reason, now=now)
        elif account is None or post.language not in account.languages:
            reason = f"the account {post.account} no longer posts in {post.language}"
            tally.stopped += _move_all(tx, [post], State.CANCELLED, reason=reason, now=now)
        else:
            composed = composer.post(
                stored,
                slot,
                account=account,
                language=post.language,
                why=post.why,
                author=post.author,
                post=post.id,
            )
            tally.rewritten += rewrite(tx, post, composed.new, now=now)


def rewrite(tx: Tx, post: Post, new: plans.NewPost, *, now: datetime) -> int:
    """Give a waiting post the text and moment of `new`, which voids an approval. Returns 0 or 1."""
    if posts.has_receipts(tx, post.id):
        new = _as_begun(tx, post, new)
    same = (post.digest, post.item_digest, post.approval_needed, post.content_warning) == (
        new.digest,
        new.item_digest,
        new.approval_needed,
        new.content_warning,
    )
    if same:
        return 0
    if new.guard in post.overruled and (post.digest, post.content_warning) == (
        new.digest,
        new.content_warning,
    ):
        new = _approvable(new)
    # What waited for nothing but an approval may go once none is asked for; what else is held stays held.
    waited = post.guard == APPROVAL
    stays_held = post.state is State.HELD and new.state is State.READY and not waited
    state = State.HELD if stays_held or new.state is State.REJECTED else new.state
    reason = post.reason if stays_held else new.reason
    guard = post.guard if stays_held else CONTENT if new.state is State.REJECTED else new.guard
    posts.rewrite(tx, post, new, state=state, reason=reason, guard=guard, now=now)
    send_log.append(
        tx,
        at=now,
        event="rewritten",
        post=post.id,
        body={"before": post.digest, "after": new.digest, "state": state.value, "reason": reason, "who": BOT},
        text=new.text,
    )
    return 1


def _as_begun(tx: Tx, post: Post, new: plans.NewPost) -> plans.NewPost:
    """The moment of `new` with the text of a post of which a part is public: it must not leave twice."""
    parts = tuple(claims.read_parts(tx, post.id))
    texts = tuple(part.text for part in parts)
    return replace(
        _approvable(new),
        parts=parts,
        item_digest=post.item_digest,
        content_warning=post.content_warning,
        cost_usd_micros=post.cost_usd_micros,
        digest=digest_of(account=post.account, language=post.language, due_at=new.due_at, texts=texts),
        fingerprint=post.fingerprint,
    )


def _approvable(new: plans.NewPost) -> plans.NewPost:
    """The post as no guard holds it: ready, or held for its approval alone."""
    if new.approval_needed:
        return replace(new, state=State.HELD, reason=WAITS_FOR_APPROVAL, guard=APPROVAL)
    return replace(new, state=State.READY, reason="", guard=None)


def _place(campaign: Campaign, post: Post) -> Slot | None:
    """The slot a waiting post stands at; None when the campaign no longer has it.

    What a person queued or moved keeps its moment whatever the campaign's posting times say.
    """
    if post.slot.kind is SlotKind.QUEUED or post.due_at != post.slot.due_at:
        return replace(post.slot, due_at=post.due_at)
    there = slots_between(campaign, start=post.due_at, end=post.due_at + timedelta(microseconds=1))
    return next((slot for slot in there if slot.key == post.slot.key), None)


def _move_all(tx: Tx, waiting: Iterable[Post], after: State, *, reason: str, now: datetime) -> int:
    moved = 0
    for post in waiting:
        if post.state is not after:
            guard = CONTENT if after is State.HELD else None
            move(tx, post, after, reason=reason, now=now, guard=guard)
            moved += 1
    return moved


class _Tally:
    """Counts while a sync goes on."""

    def __init__(self) -> None:
        self.new: list[str] = []
        self.changed: list[str] = []
        self.retired: list[str] = []
        self.unchanged = 0
        self.rewritten = 0
        self.stopped = 0

    def count(self, name: str, *, is_new: bool, changed: bool) -> None:
        if is_new:
            self.new.append(name)
        elif changed:
            self.changed.append(name)
        else:
            self.unchanged += 1

    def synced(self) -> Synced:
        return Synced(
            new=tuple(self.new),
            changed=tuple(self.changed),
            retired=tuple(self.retired),
            unchanged=self.unchanged,
            rewritten=self.rewritten,
            stopped=self.stopped,
        )


def _log_sync(tx: Tx, synced: Synced, *, now: datetime) -> None:
    if not (synced.new or synced.changed or synced.retired):
        return
    send_log.append(
        tx,
        at=now,
        event="synced",
        body={
            "new": " ".join(synced.new),
            "changed": " ".join(synced.changed),
            "retired": " ".join(synced.retired),
            "rewritten": synced.rewritten,
            "stopped": synced.stopped,
        },
    )
