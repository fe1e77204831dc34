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
from bot.rendering.renderer import place_of
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
    #: What leaves all the same, but not as its campaign asks: a fact that is too long for a card.
    notes: tuple[Problem, ...] = ()


def check_posts(
    content: Content, *, renderer: Renders, pictures: Pictures, prices: Prices, now: datetime
) -> Checked:
    """Compose every item in every language for every account of its campaign.

    One whose picture is not there is named once, whatever it would be written for; what is wrong in a
    language on every account, once for the language.
    """
    places = _Places(content)
    lacking = {
        (item.campaign, item.key): problem
        for item in content.items
        if (problem := _picture_problem(item, pictures, places)) is not None
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
        problems=(*lacking.values(), *_problems(composed, State.REJECTED, content, places)),
        held=tuple(_problems(composed, State.HELD, content, places)),
        notes=tuple(_without_card(composed, content, places)),
    )


class _Places:
    """Names an item where a person can mend it: its file and line, or its campaign where no file has it."""

    def __init__(self, content: Content) -> None:
        self._places = content.places

    def problem(self, item: Item, what: str, *, inside: str = "", remedy: str = "") -> Problem:
        """`inside` says in which language, and for whom if not for all."""
        file, line = self._places.get((item.campaign, item.key), (None, None))
        if file is None:
            what = f"{inside.strip()}: {what}" if inside else what
            return Problem(where=f"{item.campaign}/{item.key}", what=what, remedy=remedy)
        return Problem(where=file, line=line, what=f"{item.key}{inside}: {what}", remedy=remedy)


def _picture_problem(item: Item, pictures: Pictures, places: _Places) -> Problem | None:
    """Why an item's own picture cannot leave; None when it can."""
    if item.picture is None:
        return None
    try:
        for network in Network:
            pictures.file_for(item.picture.file, network)
    except NotFoundError:
        remedy = (
            "take it in with `campaign-bot media add FILE`, or copy the media folder from the machine that "
            "has it; `campaign-bot media list` shows what is there"
        )
        what = f"its picture {item.picture.file} is not in the media folder"
        return places.problem(item, what, remedy=remedy)
    except BotError as error:
        return places.problem(item, f"its picture cannot be used: {error}")
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


def _problems(
    composed: Sequence[tuple[Item, ComposedPost]], state: State, content: Content, places: _Places
) -> Iterator[Problem]:
    """What stands against posts of that state: once for a language where all its accounts have it."""
    found: dict[tuple[str, str, str, str], tuple[Item, list[str]]] = {}
    for item, post in composed:
        new = post.new
        place = f"{place_of(item, language=new.language, account=new.account)}: "
        refused = [guard.detail for guard in post.guards if not guard.holds]
        for detail in refused if new.state is state else ():
            language = new.language if detail.startswith(place) else ""
            what = detail.removeprefix(place)
            found.setdefault((item.campaign, item.key, language, what), (item, []))[1].append(new.account)
    for (_, _, language, what), (item, accounts) in found.items():
        yield places.problem(item, what, inside=_inside(item, language, accounts, content))


def _inside(item: Item, language: str, accounts: Sequence[str], content: Content) -> str:
    if not language:
        return ""
    campaign = next(one for one in content.campaigns if one.key == item.campaign)
    everybody = {account.name for account in campaign.accounts if language in account.languages}
    only = "" if everybody <= set(accounts) else f" for {', '.join(accounts)}"
    return f" in {language}{only}"


def _without_card(
    composed: Sequence[tuple[Item, ComposedPost]], content: Content, places: _Places
) -> Iterator[Problem]:
    """Facts that leave without the card that their campaign asks for: only its size takes it from them."""
    campaigns = {campaign.key: campaign for campaign in content.campaigns}
    found = {
        (item.campaign, item.key, post.new.language): item
        for item, post in composed
        if campaigns[item.campaign].illustrates(item)
        and post.new.state is not State.REJECTED
        and post.new.picture is None
    }
    for (_, _, language), item in found.items():
        yield places.problem(
            item,
            "its words are too long for a card, so it leaves without one",
            inside=f" in {language}",
            remedy=f'write a shorter wording under "short: {language}:", or give it a picture of its own',
        )
