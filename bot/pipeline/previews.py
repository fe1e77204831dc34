"""An item as followers would see it: for each account and language its post, or why it cannot be one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.campaign import Account, Campaign, Item, Network
from bot.core.errors import RenderError, TooLongError
from bot.core.media import PostPicture
from bot.core.post import Part
from bot.pipeline.compose import Prices, Renders
from bot.pipeline.guards import Guard, judge_moment, judge_text
from bot.pipeline.money import cost_of
from bot.rendering.renderer import place_of
from bot.text.networks import rules_for, rules_of_part


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What an item would be in one language for one account, if it left now."""

    account: str
    network: Network
    language: str
    #: What leaves; the text at its shortest where it does not fit; nothing where there is no text at all.
    parts: tuple[Part, ...]
    #: Of each part, in the unit in which the network counts.
    limits: tuple[int, ...]
    content_warning: str | None
    picture: PostPicture | None
    dropped_hashtags: tuple[str, ...]
    used_short: bool
    cost_usd_micros: int
    #: What the guards say of the text and of this moment.
    guards: tuple[Guard, ...]
    #: Why it can never be a post, and what to do; empty when it can.
    refusal: str = ""

    @property
    def length(self) -> int:
        """Of its fullest part, as the network counts."""
        return self._fullest[0]

    @property
    def limit(self) -> int:
        """Of its fullest part."""
        return self._fullest[1]

    @property
    def _fullest(self) -> tuple[int, int]:
        return _fullest(self.network, self.parts, self.limits)

    @property
    def held(self) -> str:
        """Why it would be held now; empty when it would not."""
        return next((guard.reason for guard in self.guards if not guard.holds), "")


def previews(
    item: Item, *, campaign: Campaign, renderer: Renders, prices: Prices, now: datetime
) -> Iterator[Preview]:
    """Write the item in each of its languages for each of the campaign's accounts. Never raises."""
    for account in campaign.accounts:
        for language in account.languages:
            if language in item.wordings:
                yield _preview(item, campaign, account, language, renderer=renderer, prices=prices, now=now)


def limits_of(
    network: Network, parts: Sequence[Part], *, warning: str | None, has_picture: bool
) -> tuple[int, ...]:
    """The limit of each part, beside what leaves with it."""
    return tuple(
        rules_of_part(network, part.number, warning=warning, has_picture=has_picture).max_length
        for part in parts
    )


def fullest_of(
    network: Network, parts: Sequence[Part], *, warning: str | None, has_picture: bool
) -> tuple[int, int]:
    """The length and the limit of the part with the least room, beside what leaves with it."""
    return _fullest(network, parts, limits_of(network, parts, warning=warning, has_picture=has_picture))


def _fullest(network: Network, parts: Sequence[Part], limits: Sequence[int]) -> tuple[int, int]:
    measured = [(part.length, limit) for part, limit in zip(parts, limits, strict=True)]
    empty = (0, rules_for(network).max_length)
    return max(measured, key=lambda one: one[0] / one[1], default=empty)


def _preview(
    item: Item,
    campaign: Campaign,
    account: Account,
    language: str,
    *,
    renderer: Renders,
    prices: Prices,
    now: datetime,
) -> Preview:
    # A slot as such an item gets: templates may name the occasion.
    occasion = next((key for key in item.occasions if campaign.occasion(key)), None)
    try:
        rendered = renderer.render(
            item, campaign=campaign, account=account, language=language, occasion=occasion
        )
    except RenderError as error:
        # The message names the place; who looks at a preview knows it.
        place = place_of(item, language=language, account=account.name)
        return _refused(error, account, language, refusal=str(error).removeprefix(f"{place}: "))
    return Preview(
        account=account.name,
        network=account.network,
        language=language,
        parts=rendered.parts,
        limits=limits_of(
            account.network,
            rendered.parts,
            warning=rendered.content_warning,
            has_picture=rendered.picture is not None,
        ),
        content_warning=rendered.content_warning,
        picture=rendered.picture,
        dropped_hashtags=rendered.dropped_hashtags,
        used_short=rendered.used_short,
        cost_usd_micros=cost_of(
            prices, account.network, [part.text for part in rendered.parts], picture=rendered.picture
        ),
        guards=(
            *judge_text(item, rendered, campaign=campaign, account=account, language=language),
            *judge_moment(item, account=account, campaign=campaign, at=now),
        ),
    )


def _refused(error: RenderError, account: Account, language: str, *, refusal: str) -> Preview:
    parts: tuple[Part, ...] = ()
    if isinstance(error, TooLongError):
        parts = (Part(number=1, text=error.text, length=error.length),)
    return Preview(
        account=account.name,
        network=account.network,
        language=language,
        parts=parts,
        limits=limits_of(account.network, parts, warning=None, has_picture=False),
        content_warning=None,
        picture=None,
        dropped_hashtags=(),
        used_short=False,
        cost_usd_micros=0,
        guards=(),
        refusal=refusal,
    )
