"""Renders posts whole: the text, and the picture that leaves with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from bot.core.campaign import Account, Campaign, Item, Network
from bot.core.errors import BotError, CardTooLongError, ConfigError, RenderError
from bot.core.media import PictureFile, PostPicture
from bot.core.post import RenderedPost
from bot.pipeline.compose import Renders
from bot.pipeline.fact_cards import CardPicture
from bot.rendering.renderer import place_of
from bot.rendering.wordings import filled
from bot.text.alt import alt_rules_for


class Pictures(Protocol):
    """Where pictures are kept, and which file of each leaves for which network."""

    def file_for(self, picture: str, network: Network) -> PictureFile:
        """The file of a picture, by its digest. Raises BotError, with the remedy, when there is none."""


class Cards(Protocol):
    """Makes cards of facts."""

    def picture_of(self, item: Item, *, campaign: Campaign, language: str) -> CardPicture:
        """The card of a fact in one language. Raises BotError, with the remedy, when there can be none."""


class Illustrated:
    """A renderer whose posts have their pictures. Raises RenderError for one that lacks its picture.

    A fact with more words than a card takes leaves without one: no card says less than its fact. ConfigError
    stays what it is: what is not installed is no fault of an item, and rejects none.
    """

    def __init__(self, renderer: Renders, *, pictures: Pictures, cards: Cards) -> None:
        self._renderer = renderer
        self._pictures = pictures
        self._cards = cards

    def render(
        self, item: Item, *, campaign: Campaign, account: Account, language: str, occasion: str | None = None
    ) -> RenderedPost:
        rendered = self._renderer.render(
            item, campaign=campaign, account=account, language=language, occasion=occasion
        )
        if not campaign.illustrates(item):
            return rendered
        try:
            if item.picture is not None:
                picture = self._own(item, campaign=campaign, network=account.network, language=language)
            else:
                picture = self._card(item, campaign=campaign, language=language)
        except ConfigError:
            raise
        except CardTooLongError:
            return rendered
        except BotError as error:
            place = place_of(item, language=language, account=account.name)
            raise RenderError(f"{place}: {error}") from error
        return replace(rendered, picture=picture)

    def _own(self, item: Item, *, campaign: Campaign, network: Network, language: str) -> PostPicture:
        assert item.picture is not None
        alt = item.picture.alt.get(language)
        if not alt:
            raise RenderError(
                f"its picture is not described in {language}: say what it shows"
                f' under "picture: alt: {language}:"'
            )
        file = self._pictures.file_for(item.picture.file, network)
        alt = filled(alt, item=item, campaign=campaign, language=language)
        rules = alt_rules_for(network)
        if rules is not None and not rules.fits(alt):
            raise RenderError(
                f"what its picture shows is told in {rules.measure(alt):,} characters, and {network} takes "
                f'{rules.max_length:,}: shorten it under "picture: alt: {language}:"'
            )
        return PostPicture(file=file, alt=alt, warning=item.picture.warning)

    def _card(self, item: Item, *, campaign: Campaign, language: str) -> PostPicture:
        card = self._cards.picture_of(item, campaign=campaign, language=language)
        # It shows what the text says: it needs the warning that the text needs.
        return PostPicture(file=card.file, alt=card.alt, warning=bool(item.content_warning))
