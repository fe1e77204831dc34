"""Brings the parts together that make a fact's card: its words, the drawing, and the folder that keeps it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from bot.core.campaign import Campaign, Item
from bot.core.card import CardText
from bot.core.media import PictureFile
from bot.rendering.card import card_text

#: More cards than two campaigns have facts and languages.
_MANY: Final = 512


class Drawn(Protocol):
    """A drawn card."""

    @property
    def data(self) -> bytes: ...

    @property
    def small(self) -> bytes: ...

    @property
    def alt(self) -> str: ...


class Draws(Protocol):
    """Turns the words of a card into a picture."""

    def draw(self, card: CardText) -> Drawn: ...


@dataclass(frozen=True, kw_only=True)
class CardPicture:
    """A card as posts carry it."""

    file: PictureFile
    #: In the card's language.
    alt: str


class FactCards:
    """Cards of facts, each made once for the same words. `take` keeps one, or only says what it would be."""

    def __init__(
        self,
        drawer: Draws,
        *,
        take: Callable[[Drawn], PictureFile],
        is_there: Callable[[PictureFile], bool],
        remembered: int = _MANY,
    ) -> None:
        """`remembered` is how many of the last ones are not drawn again while `is_there` says so of them."""
        self._remembered = remembered
        self._is_there = is_there
        self._drawer = drawer
        self._take = take
        self._made: OrderedDict[CardText, CardPicture] = OrderedDict()

    def picture_of(self, item: Item, *, campaign: Campaign, language: str) -> CardPicture:
        """The card of a fact in one language.

        Raises RenderError when the fact lacks something, PictureError when no card can be made of its words,
        ConfigError when what draws is not installed.
        """
        words = card_text(item, campaign=campaign, language=language)
        made = self._made.get(words)
        if made is None or not self._is_there(made.file):
            drawn = self._drawer.draw(words)
            made = self._made[words] = CardPicture(file=self._take(drawn), alt=drawn.alt)
            while len(self._made) > self._remembered:
                self._made.popitem(last=False)
        return made
