"""Pictures that posts on a stage carry: small, each another, and as bare as those of a media folder."""

from __future__ import annotations

import hashlib
import random
from typing import Any

from PIL import Image

from bot.core.campaign import Campaign, Item
from bot.core.errors import NotFoundError
from bot.core.media import PictureFile, PostPicture
from bot.pipeline.fact_cards import CardPicture
from bot.publishing.protocol import OutgoingPicture
from pictures import encoded

#: What the pictures of a stage show, in words of two directions and more than one byte.
ALT = "صورة مخترعة: خطّ أحمر على ورق — an invented drawing & <nothing> else"


class Album:
    """Where a stage's pictures are, in place of a media folder."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}

    def add(
        self, seed: str, *, kind: str = "png", alt: str = ALT, warning: bool = False, side: int = 24
    ) -> PostPicture:
        """The picture of a post; another one for each seed."""
        dice = random.Random(seed)
        colour = (dice.randrange(256), dice.randrange(256), dice.randrange(256))
        size = (side, side + dice.randrange(side))
        data = encoded(Image.new("RGB", size, colour), kind)
        file = PictureFile(
            digest=hashlib.sha256(data).hexdigest(),
            media_type=f"image/{kind}",
            width=size[0],
            height=size[1],
            size=len(data),
        )
        self._files[file.digest] = data
        return PostPicture(file=file, alt=alt, warning=warning)

    def outgoing(self, seed: str, **more: Any) -> OutgoingPicture:
        """The same, as a publisher takes it."""
        picture = self.add(seed, **more)
        return OutgoingPicture(
            file=picture.file, alt=picture.alt, warning=picture.warning, data=self.read(picture.file)
        )

    def lose(self, file: PictureFile) -> None:
        """Let the file be gone; the same seed brings it back."""
        del self._files[file.digest]

    def read(self, file: PictureFile) -> bytes:
        try:
            return self._files[file.digest]
        except KeyError:
            raise NotFoundError(f"{file.digest}: no such picture on this stage") from None


class NoCards:
    """Where no campaign asks for cards."""

    def picture_of(self, item: Item, *, campaign: Campaign, language: str) -> CardPicture:
        raise AssertionError(f"{campaign.key} asked for no card of {item.key} in {language}")
