"""Cards that a person asks for by name: which facts, in which languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.content.reading import Content
from bot.core.campaign import Campaign, Item, Kind
from bot.core.card import CardText
from bot.core.errors import BotError, ConfigError, NotAllowedError, NotFoundError, PictureError
from bot.rendering.card import card_text


@dataclass(frozen=True, kw_only=True)
class CardOrder:
    """One card that is asked for."""

    campaign: Campaign
    item: Item
    language: str

    def words(self) -> CardText:
        """What it says. Raises RenderError when the fact lacks something."""
        return card_text(self.item, campaign=self.campaign, language=self.language)

    def refused(self, error: BotError) -> BotError:
        """The same error with its place; what is not installed has none."""
        if isinstance(error, ConfigError):
            return error
        return PictureError(f"{self.campaign.key}/{self.item.key} in {self.language}: {error}")


def order_cards(
    content: Content, keys: Sequence[str], *, only: str | None, language: str | None
) -> list[CardOrder]:
    """Find the facts of these keys, in one language or in each of theirs.

    `only` is the campaign to look in. Raises NotFoundError for a key or a language that is not there,
    NotAllowedError for a key of several campaigns, and for a call to action.
    """
    return [
        CardOrder(campaign=campaign, item=item, language=one)
        for campaign, item in (_fact(content, key, only=only) for key in dict.fromkeys(keys))
        for one in _languages(item, language)
    ]


def _fact(content: Content, key: str, *, only: str | None) -> tuple[Campaign, Item]:
    found = list(_named(content, key, only=only))
    if not found:
        where = "" if only is None else f" in {only}"
        raise NotFoundError(f"there is no item {key!r}{where}: its key stands in the campaign's files")
    if len(found) > 1:
        campaigns = ", ".join(campaign.key for campaign, _ in found)
        raise NotAllowedError(f"{key!r} is an item of {campaigns}: name one with --campaign")
    campaign, item = found[0]
    if item.kind is not Kind.FACT:
        raise NotAllowedError(f"{campaign.key}/{key} is a call to action: cards show facts")
    return campaign, item


def _named(content: Content, key: str, *, only: str | None) -> Iterator[tuple[Campaign, Item]]:
    for campaign in content.campaigns:
        if only in (None, campaign.key):
            yield from (
                (campaign, item)
                for item in content.items
                if item.campaign == campaign.key and item.key == key
            )


def _languages(item: Item, language: str | None) -> tuple[str, ...]:
    if language is None:
        return item.languages
    if language not in item.wordings:
        known = ", ".join(item.languages)
        raise NotFoundError(f"{item.campaign}/{item.key} is not written in {language!r}; it is in {known}")
    return (language,)
