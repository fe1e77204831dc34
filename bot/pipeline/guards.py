"""The guards of facts: what must hold of an item before a post of it may leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.core.campaign import Campaign, Item, Kind
from bot.core.post import Post, RenderedPost, State, digest_of
from bot.planning.calendar import zone_named
from bot.store import claims, contents
from bot.store.database import Tx


@dataclass(frozen=True, kw_only=True)
class Guard:
    """One guard's word on one post."""

    name: str
    holds: bool
    detail: str


def judge(
    item: Item, rendered: RenderedPost, *, campaign: Campaign, language: str, on: date
) -> tuple[Guard, ...]:
    """Every guard's word on an item as rendered for one language, on the campaign's own day `on`."""
    return (
        _source(item, rendered, language=language),
        _period(item, on=on),
        _hashtags(rendered, campaign=campaign, language=language),
    )


def first_refusal(guards: Sequence[Guard]) -> str | None:
    """Why a post must be held; None when every guard agrees."""
    return next((f"{guard.name}: {guard.detail}" for guard in guards if not guard.holds), None)


def refusal_at_intent(tx: Tx, post: Post, *, known: bool, now: datetime) -> tuple[State, str] | None:
    """Why a claimed post must not leave, and where it goes instead; None when nothing stands against it.

    `known` says whether its account still belongs to a campaign.
    """
    if now > post.grace_until:
        return State.MISSED, f"its grace ended at {post.grace_until:%Y-%m-%d %H:%M} UTC"
    if not known:
        return State.HELD, f"no campaign has the account {post.account} any more"
    if post.approval_needed and post.approved_digest != post.digest:
        return State.HELD, "waits for an approval of this text"
    texts = tuple(part.text for part in claims.read_parts(tx, post.id))
    if post.digest != digest_of(
        account=post.account, language=post.language, due_at=post.due_at, texts=texts
    ):
        return State.HELD, "its text is not the one that was planned: find out who changed the database"
    if not all(text.strip() for text in texts):
        return State.HELD, "it has no text: its item could not be rendered for this account"
    return _item_refusal(tx, post, now=now)


def _item_refusal(tx: Tx, post: Post, *, now: datetime) -> tuple[State, str] | None:
    stored = contents.read_item(tx, post.campaign, post.item)
    if stored is None or stored.retired:
        return State.HELD, f"the item {post.item} was retired"
    if stored.digest != post.item_digest:
        return State.HELD, f"the item {post.item} changed after this post was written"
    campaign = contents.read_campaign(tx, post.campaign)
    if campaign is None:
        return State.HELD, f"the campaign {post.campaign} was retired"
    period = _period(stored.item, on=now.astimezone(zone_named(campaign.zone)).date())
    return None if period.holds else (State.HELD, f"{period.name}: {period.detail}")


def _source(item: Item, rendered: RenderedPost, *, language: str) -> Guard:
    if item.source is None:
        missing = item.kind is Kind.FACT
        return Guard(
            name="source",
            holds=not missing,
            detail="a fact has no source" if missing else "a call needs none",
        )
    publisher = item.source.publisher.get(language, "")
    shown = bool(publisher) and any(publisher in part.text for part in rendered.parts)
    return Guard(
        name="source",
        holds=shown,
        detail=publisher if shown else f"the text does not name the source {publisher!r}",
    )


def _period(item: Item, *, on: date) -> Guard:
    if item.recheck_on is not None and item.recheck_on < on:
        return Guard(name="period", holds=False, detail=f"was to be checked again by {item.recheck_on}")
    if item.period is not None:
        return Guard(name="period", holds=True, detail=str(item.period))
    if item.recheck_on is not None:
        return Guard(name="period", holds=True, detail=f"to be checked again by {item.recheck_on}")
    missing = item.kind is Kind.FACT
    return Guard(
        name="period",
        holds=not missing,
        detail="a fact has neither a period nor a re-check date" if missing else "a call needs none",
    )


def _hashtags(rendered: RenderedPost, *, campaign: Campaign, language: str) -> Guard:
    tags = campaign.hashtags.get(language)
    required = () if tags is None else tags.required
    words = {word for part in rendered.parts for word in part.text.split()}
    missing = [tag for tag in required if tag not in words]
    return Guard(
        name="hashtags",
        holds=not missing,
        detail=f"the text lacks {' '.join(missing)}" if missing else " ".join(required) or "none required",
    )
