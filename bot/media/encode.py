"""A rebuilt picture as files: one at its best, and smaller ones for networks that take less."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PIL import Image

from bot.media.formats import Format
from bot.media.limits import SMALL_FILE, SMALL_SIDE
from bot.media.rebuild import on_white, scaled

#: From no difference that anybody sees to one that few see; then the picture becomes smaller instead.
_QUALITIES: Final = (90, 85, 80, 75)
#: By so much at each step, until it fits.
_STEP: Final = 0.85
#: zlib's own middle: 9 takes thrice the time for a hundredth of the bytes.
_COMPRESSION: Final = 6


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """The bytes of one file and what they show."""

    data: bytes
    format: Format
    width: int
    height: int


def encode(picture: Image.Image, *, lossless: bool, limits: list[int]) -> list[Encoded]:
    """Return, for each limit in bytes, the best file that keeps it. The limits fall.

    PNG where that fits and suits: what can be seen through, and what came `lossless`. JPEG otherwise, on
    white. The same picture gives the same bytes, as long as Pillow and its libraries are the same. The file
    for `SMALL_FILE` shows fewer pixels from the start.
    """
    lossless = lossless or picture.mode.endswith("A")
    tries = _tries(picture, lossless=lossless)
    current = next(tries)
    found = []
    for limit in limits:
        if limit == SMALL_FILE and max(current.width, current.height) > SMALL_SIDE:
            tries = _tries(scaled(picture, SMALL_SIDE / max(picture.size)), lossless=lossless)
            current = next(tries)
        while len(current.data) > limit:
            current = next(tries)
        found.append(current)
    return found


def _tries(picture: Image.Image, *, lossless: bool) -> Iterator[Encoded]:
    """The picture as files, each smaller than the one before in all likelihood; down to a single pixel."""
    if lossless:
        yield _encoded(picture, Format.PNG)
    picture = on_white(picture)
    for quality in _QUALITIES:
        yield _encoded(picture, Format.JPEG, quality=quality)
    factor = _STEP
    while True:
        yield _encoded(scaled(picture, factor), Format.JPEG, quality=_QUALITIES[-1])
        factor *= _STEP


def _encoded(picture: Image.Image, format_: Format, *, quality: int = 0) -> Encoded:
    out = io.BytesIO()
    if format_ is Format.PNG:
        picture.save(out, "PNG", compress_level=_COMPRESSION)
    else:
        # 4:4:4: red letters on black, as campaigns like them, stay sharp.
        picture.save(out, "JPEG", quality=quality, subsampling="4:4:4", optimize=True)
    return Encoded(data=out.getvalue(), format=format_, width=picture.width, height=picture.height)
