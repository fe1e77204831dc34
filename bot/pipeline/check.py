"""Whether everything that organisers wrote can become posts: found out now, not hours before one leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.content.reading import Content
from bot.core.campaign import Campaign, Item, Network
from bot.core.errors import BotError, NotFoundError, Problem
from bot.core.post import Slot, SlotKind, State
from bot.pipeline.compose import ComposedPost, Composer, Prices, Renders, local_time
from bot.pipeline.illustrated import Pictures
from bot.store import codec
from bot.store.contents import Origin, StoredItem


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What was composed, and what stands against it."""

    posts: int
    #: What can never be a post: too long, a language missing.
    problems: tuple[Problem, ...]
    #: What would be held today, e.g. a fact that was to be checked again by now.
    held: tuple[Problem, ...]


def check_posts(
    content: Content, *, renderer: Renders, pictures: Pictures, prices: Prices, now: datetime
) -> Checked:
    """Compose every item in every language for every account of its campaign.

    One whose picture is not there is named once, whatever it would be written for.
    """
    lacking = {
        (item.campaign, item.key): problem
        for item in content.items
        if (problem := _picture_problem(item, pictures)) is not None
    }
    composed = [
        (item, post)
        for campaign in content.campaigns
        for item in content.items
        if item.campaign == campaign.key and (item.campaign, item.key) not in lacking
        for post in _posts(campaign, item, renderer=renderer, prices=prices, now=now)
    ]
    return Checked(
        posts=len(composed),
        problems=(*lacking.values(), *_problems(composed, State.REJECTED)),
        held=tuple(_problems(composed, State.HELD)),
    )


def _picture_problem(item: Item, pictures: Pictures) -> Problem | None:
    """Why an item's own picture cannot leave; None when it can."""
    if item.picture is None:
        return None
    where = f"{item.campaign}/{item.key}"
    try:
        for network in Network:
            pictures.file_for(item.picture.file, network)
    except NotFoundError:
        remedy = (
            "take it in with `campaign-bot media add FILE`, or copy the media folder from the machine that "
            "has it; `campaign-bot media list` shows what is there"
        )
        what = f"its picture {item.picture.file} is not in the media folder"
        return Problem(where=where, what=what, remedy=remedy)
    except BotError as error:
        return Problem(where=where, what=f"its picture cannot be used: {error}")
    return None


def _posts(
    campaign: Campaign, item: Item, *, renderer: Renders, prices: Prices, now: datetime
) -> Iterator[ComposedPost]:
    digest = codec.digest(codec.encode(item))
    stored = StoredItem(item=item, digest=digest, position=0, origin=Origin.FILE, retired=False)
    composer = Composer(campaign, [stored], renderer=renderer, prices=prices)
    slot = _slot(campaign, item, now=now)
    for account in campaign.accounts:
        for language in account.languages:
            yield composer.post(stored, slot, account=account, language=language, why="", author="")


def _slot(campaign: Campaign, item: Item, *, now: datetime) -> Slot:
    """A slot as such an item gets: templates may name the occasion."""
    moment = now.replace(microsecond=0) + timedelta(seconds=1)
    return Slot(
        campaign=campaign.key,
        key="check",
        kind=SlotKind.OCCASION if item.occasions else SlotKind.REGULAR,
        due_at=moment,
        wall_time=local_time(moment, campaign.zone).replace(tzinfo=None),
        zone=campaign.zone,
        occasion=item.occasions[0] if item.occasions else None,
    )


def _problems(composed: Sequence[tuple[Item, ComposedPost]], state: State) -> Iterator[Problem]:
    seen: set[Problem] = set()
    for item, post in composed:
        refused = [guard for guard in post.guards if not guard.holds]
        for guard in refused if post.new.state is state else ():
            problem = Problem(where=f"{item.campaign}/{item.key}", what=guard.detail)
            if problem not in seen:
                seen.add(problem)
                yield problem
