"""Renders posts whole: the text, and the picture that leaves with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from bot.core.campaign import Account, Campaign, Item, Network
from bot.core.errors import BotError, RenderError
from bot.core.media import PictureFile, PostPicture
from bot.core.post import RenderedPost
from bot.pipeline.compose import Renders


class Pictures(Protocol):
    """Where pictures are kept, and which file of each leaves for which network."""

    def file_for(self, picture: str, network: Network) -> PictureFile:
        """The file of a picture, by its digest. Raises BotError, with the remedy, when there is none."""


class Illustrated:
    """A renderer whose posts have their pictures. Raises RenderError for one that lacks its picture."""

    def __init__(self, renderer: Renders, *, pictures: Pictures) -> None:
        self._renderer = renderer
        self._pictures = pictures

    def render(
        self, item: Item, *, campaign: Campaign, account: Account, language: str, occasion: str | None = None
    ) -> RenderedPost:
        rendered = self._renderer.render(
            item, campaign=campaign, account=account, language=language, occasion=occasion
        )
        if item.picture is None:
            return rendered
        try:
            picture = self._own(item, network=account.network, language=language)
        except BotError as error:
            place = f"{campaign.key}/{item.key} in {language} for {account.name}"
            raise RenderError(f"{place}: {error}") from error
        return replace(rendered, picture=picture)

    def _own(self, item: Item, *, network: Network, language: str) -> PostPicture:
        assert item.picture is not None
        alt = item.picture.alt.get(language)
        if not alt:
            raise RenderError(
                f"its picture is not described in {language}: say what it shows"
                f' under "picture: alt: {language}:"'
            )
        file = self._pictures.file_for(item.picture.file, network)
        return PostPicture(file=file, alt=alt, warning=item.picture.warning)
