"""Brings waiting posts up to date with what they are made of: a new text, or held, or cancelled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.campaign import Account, Campaign, Item
from bot.core.errors import RenderError
from bot.core.post import WAITING, Mode, Post, RenderedPost, Slot, SlotKind, State, digest_of
from bot.pipeline.compose import (
    APPROVAL,
    WAITS_FOR_APPROVAL,
    Composer,
    Prices,
    Renders,
    sayings_of,
    writer_of,
)
from bot.pipeline.guards import CONTENT
from bot.pipeline.moves import BOT, move
from bot.planning.calendar import slots_between
from bot.store import claims, contents, plans, posts, send_log
from bot.store.contents import StoredItem
from bot.store.database import Tx


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """What became of waiting posts."""

    #: Those that got a new text.
    rewritten: int
    #: Those that were held or cancelled.
    stopped: int


class Rewriter:
    """Writes waiting posts anew after their item or their campaign changed."""

    def __init__(self, *, renderer: Renders, prices: Prices, mode: Mode = Mode.DRY_RUN) -> None:
        self._renderer = renderer
        self._prices = prices
        self._mode = mode

    def bring_up_to_date(
        self,
        tx: Tx,
        campaign: Campaign,
        *,
        only: Collection[str] | None,
        now: datetime,
        editor: str | None = None,
    ) -> Rewritten:
        """Re-render the waiting posts of the items in `only` (None: all); stop those out of place.

        `editor` is who changed them in the console, as the send log shows it. What somebody queued keeps that
        person as its author: neither that one nor whoever wrote in the item approves it.
        """
        if only is not None and not only:
            return Rewritten(rewritten=0, stopped=0)
        waiting = [
            post
            for post in posts.read_posts(tx, states=tuple(WAITING), campaign=campaign.key, start=now)
            if only is None or post.item in only
        ]
        items = _items_of(tx, campaign, waiting)
        composer = Composer(
            campaign,
            list(items.values()),
            renderer=self._renderer,
            prices=self._prices,
            sayings=sayings_of(tx, campaign, since=now) if waiting else None,
            mode=self._mode,
        )
        rewritten = stopped = 0
        for post in waiting:
            halt = _halt(post, campaign, items)
            if halt is not None:
                state, reason = halt
                stopped += move_all(tx, [post], state, reason=reason, now=now, who=editor or BOT)
            else:
                new = _composed(composer, items[post.item], post, campaign)
                rewritten += rewrite(tx, post, new, now=now, who=editor or BOT)
        return Rewritten(rewritten=rewritten, stopped=stopped)


class Written:
    """A renderer that has written some posts before: inside a transaction, for which sending waits."""

    def __init__(self, renderer: Renders) -> None:
        self._renderer = renderer
        self._written: dict[tuple[str, str, str, str | None], tuple[Item, Campaign, RenderedPost]] = {}

    def prepare(self, item: Item, post: Post, *, campaign: Campaign) -> None:
        """Write what a waiting post will say of an item as it is about to be."""
        account, slot = campaign.account(post.account), post.slot
        if account is None or post.language not in item.wordings:
            return
        occasion = slot.occasion if slot.kind is SlotKind.OCCASION else None
        try:
            rendered = self._renderer.render(
                item, campaign=campaign, account=account, language=post.language, occasion=occasion
            )
        except RenderError:
            # It is written once more in its turn, where this is said.
            return
        self._written[item.key, account.name, post.language, occasion] = item, campaign, rendered

    def render(
        self, item: Item, *, campaign: Campaign, account: Account, language: str, occasion: str | None = None
    ) -> RenderedPost:
        known = self._written.get((item.key, account.name, language, occasion))
        if known is not None and known[:2] == (item, campaign):
            return known[2]
        return self._renderer.render(
            item, campaign=campaign, account=account, language=language, occasion=occasion
        )


def _items_of(tx: Tx, campaign: Campaign, waiting: Sequence[Post]) -> dict[str, StoredItem]:
    """The items in use of those posts: never the whole campaign, for which sending would wait."""
    named = contents.read_items_named(tx, campaign.key, {post.item for post in waiting})
    return {stored.item.key: stored for stored in named if not stored.retired}


def _halt(post: Post, campaign: Campaign, items: Mapping[str, StoredItem]) -> tuple[State, str] | None:
    """Where a post goes that has no place any more, and why; None for one that has."""
    account = campaign.account(post.account)
    if post.item not in items:
        return State.HELD, f"the item {post.item} was retired"
    if _place(campaign, post) is None:
        return State.CANCELLED, "the campaign no longer posts at this moment"
    if account is None or post.language not in account.languages:
        return State.CANCELLED, f"the account {post.account} no longer posts in {post.language}"
    return None


def _composed(composer: Composer, stored: StoredItem, post: Post, campaign: Campaign) -> plans.NewPost:
    slot, account = _place(campaign, post), campaign.account(post.account)
    assert slot is not None
    assert account is not None
    return composer.post(
        stored,
        slot,
        account=account,
        language=post.language,
        why=post.why,
        author=post.author if post.slot.kind is SlotKind.QUEUED else writer_of(stored),
        post=post.id,
    ).new


def rewrite(tx: Tx, post: Post, new: plans.NewPost, *, now: datetime, who: str = BOT) -> int:
    """Give a waiting post the text and moment of `new`, which voids an approval. Returns 0 or 1."""
    if posts.has_receipts(tx, post.id):
        new = _as_begun(tx, post, new)
    same = (post.digest, post.item_digest, post.approval_needed) == (
        new.digest,
        new.item_digest,
        new.approval_needed,
    )
    if same:
        return 0
    if new.guard in post.overruled and post.digest == new.digest:
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
        body={"before": post.digest, "after": new.digest, "state": state.value, "reason": reason, "who": who},
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
        author=post.author,
        item_digest=post.item_digest,
        content_warning=post.content_warning,
        cost_usd_micros=post.cost_usd_micros,
        picture=post.picture,
        digest=digest_of(
            account=post.account,
            language=post.language,
            due_at=new.due_at,
            texts=texts,
            content_warning=post.content_warning,
            picture=post.picture,
        ),
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


def move_all(
    tx: Tx, waiting: Iterable[Post], after: State, *, reason: str, now: datetime, who: str = BOT
) -> int:
    """Move those that are not there yet; returns how many."""
    moved = 0
    for post in waiting:
        if post.state is not after:
            guard = CONTENT if after is State.HELD else None
            move(tx, post, after, reason=reason, now=now, who=who, guard=guard)
            moved += 1
    return moved
