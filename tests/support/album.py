"""Pictures that posts on a stage carry: small, each another, in a media folder as it is."""

from __future__ import annotations

import random
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any

from PIL import Image

from bot.core.campaign import Campaign, Item
from bot.core.media import PictureFile, PostPicture
from bot.media.folder import MediaFolder
from bot.pipeline.fact_cards import CardPicture
from bot.publishing.protocol import OutgoingPicture
from pictures import encoded

#: What the pictures of a stage show, in words of two directions and more than one byte.
ALT = "صورة مخترعة: خطّ أحمر على ورق — an invented drawing & <nothing> else"


class Album:
    """Makes pictures in a media folder, and loses them."""

    def __init__(self, path: Path | None = None) -> None:
        """Without `path` the folder goes with the album."""
        if path is None:
            path = Path(tempfile.mkdtemp(prefix="album-"))
            weakref.finalize(self, shutil.rmtree, path, ignore_errors=True)
        self.folder = MediaFolder(path)

    def add(
        self, seed: str, *, kind: str = "png", alt: str = ALT, warning: bool = False, side: int = 24
    ) -> PostPicture:
        """The picture of a post; another one for each seed."""
        dice = random.Random(seed)
        colour = (dice.randrange(256), dice.randrange(256), dice.randrange(256))
        size = (side, side + dice.randrange(side))
        data = encoded(Image.new("RGB", size, colour), kind)
        return PostPicture(file=self.folder.keep_drawn(data, small=data), alt=alt, warning=warning)

    def outgoing(self, seed: str, **more: Any) -> OutgoingPicture:
        """The same, as a publisher takes it."""
        picture = self.add(seed, **more)
        return OutgoingPicture(
            file=picture.file, alt=picture.alt, warning=picture.warning, data=self.read(picture.file)
        )

    def lose(self, file: PictureFile) -> None:
        """Let the file be gone; the same seed brings it back."""
        self.folder.path_of(file).unlink()

    def read(self, file: PictureFile) -> bytes:
        return self.folder.read(file)


class NoCards:
    """Where no campaign asks for cards."""

    def picture_of(self, item: Item, *, campaign: Campaign, language: str) -> CardPicture:
        raise AssertionError(f"{campaign.key} asked for no card of {item.key} in {language}")
