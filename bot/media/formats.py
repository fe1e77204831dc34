"""What a file is by its first bytes. Its name says nothing: anybody may have chosen it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from bot.core.errors import PictureError


class Format(StrEnum):
    """The pictures that are taken in."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"

    @property
    def media_type(self) -> str:
        return f"image/{self.value}"

    @property
    def suffix(self) -> str:
        """What ends a file's name."""
        return {Format.JPEG: "jpg"}.get(self, self.value)

    @property
    def words(self) -> str:
        """As people write it."""
        return {Format.WEBP: "WebP"}.get(self, self.value.upper())


#: The longest beginning that is looked at.
_BEGINNING: Final = 16
_VIDEO: Final = "video is not published yet: use a picture from it, as JPEG, PNG or WebP"
_OTHER: Final = "save it as JPEG, PNG or WebP"
#: Brands of ISO files (`ftyp`) that hold a still picture.
_STILL_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
#: First boxes of QuickTime files without `ftyp`.
_QUICKTIME: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})


def recognise(data: bytes) -> Format:
    """Return the format that the content has. Raises PictureError, which says what it is instead."""
    head = bytes(data[:_BEGINNING])
    if not head:
        raise PictureError("the file is empty")
    if head.startswith(b"\xff\xd8\xff"):
        return Format.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Format.PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Format.WEBP
    for fits, words in _OTHERS:
        if fits(head):
            raise PictureError(words)
    raise PictureError(f"it is no picture that can be read: {_OTHER}")


def _begins(*beginnings: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(beginnings)


_OTHERS: Final[tuple[tuple[Callable[[bytes], bool], str], ...]] = (
    (_begins(b"GIF8"), f"it is a GIF, which may move: {_OTHER}"),
    (
        lambda head: head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS,
        f"it is a HEIC or AVIF picture: {_OTHER}",
    ),
    (lambda head: head[4:8] == b"ftyp" or head[4:8] in _QUICKTIME, f"it is a video: {_VIDEO}"),
    (_begins(b"\x1aE\xdf\xa3"), f"it is a video (WebM or Matroska): {_VIDEO}"),
    (lambda head: head.startswith(b"RIFF") and head[8:12] == b"AVI ", f"it is a video (AVI): {_VIDEO}"),
    (_begins(b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"FLV\x01", b"OggS"), f"it is a video: {_VIDEO}"),
    (_begins(b"II*\x00", b"MM\x00*"), f"it is a TIFF or raw picture: {_OTHER}"),
    (_begins(b"BM"), f"it is a BMP picture: {_OTHER}"),
    (_begins(b"\x00\x00\x00\x0cJXL ", b"\xff\x0a"), f"it is a JPEG XL picture: {_OTHER}"),
    (_begins(b"\x00\x00\x00\x0cjP  "), f"it is a JPEG 2000 picture: {_OTHER}"),
    (_begins(b"%PDF"), f"it is a PDF: {_OTHER}"),
    (_begins(b"<svg", b"<?xml"), f"it is a drawing (SVG): {_OTHER}"),
)
