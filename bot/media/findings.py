"""What a file carries beside its pixels: told to people, who then know what was removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.media.exif import read_exif
from bot.media.formats import Format
from bot.media.original import AFTER_THE_END, Piece

#: Chunks and segments that hold pixels or say how to read them.
_OF_THE_PICTURE: Final = frozenset(
    {"SOF", "SOS", "DHT", "DQT", "DAC", "DRI", "DNL", "EOI", "IHDR", "PLTE", "tRNS", "IDAT", "IEND"}
    | {"VP8X", "VP8 ", "VP8L", "ALPH"}
)
#: Chunks of PNG that say how its colours are meant; nothing of who and where.
_OF_COLOURS: Final = frozenset({"gAMA", "cHRM", "sRGB", "sBIT", "bKGD", "hIST", "cICP", "mDCV", "cLLI"})
#: A file may be made of thousands of pieces, and nobody reads so many lines.
_MOST_TOLD: Final = 40
_WHAT_PNG_SAYS: Final[Mapping[str, tuple[str, str]]] = {
    **dict.fromkeys(("tEXt", "zTXt", "iTXt"), ("words", "a text")),
    "tIME": ("date", "when it was last changed"),
    "pHYs": ("measure", "pixels by metre"),
    "sPLT": ("palette", "a suggested one, with its name"),
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that a file carried, and that is not in the rebuilt picture."""

    #: In a word or two, e.g. `place`.
    what: str
    #: What may be said of it; never where, and never who.
    detail: str = ""


def orientation_of(pieces: list[Piece]) -> int:
    """How the pixels are to be turned, 1 to 8; the first EXIF block decides."""
    blocks = (block for piece in pieces if (block := _exif_block(piece)) is not None)
    return read_exif(next(blocks, b"")).orientation


def findings_in(pieces: list[Piece], format_: Format) -> list[Finding]:
    """Return what the file carries beside its picture, each once, in its order."""
    found: list[Finding] = []
    for piece in pieces:
        found += _findings(piece, format_)
    each = list(dict.fromkeys(found))
    if len(each) <= _MOST_TOLD:
        return each
    return [*each[:_MOST_TOLD], Finding(what="and more", detail=f"{len(each) - _MOST_TOLD:,}")]


def _findings(piece: Piece, format_: Format) -> list[Finding]:
    if piece.name == AFTER_THE_END:
        return [
            Finding(what=AFTER_THE_END, detail=f"{_sort_of_trailer(piece.body)}, {len(piece.body):,} bytes")
        ]
    block = _exif_block(piece)
    if block is not None:
        tells = [Finding(what=what, detail=detail) for what, detail in read_exif(block).tells]
        return [*tells, Finding(what="EXIF", detail=f"{len(block):,} bytes")]
    if piece.name in _OF_THE_PICTURE or piece.name in _OF_COLOURS:
        return []
    if _is_xmp(piece):
        place = b"GPSLatitude" in piece.body or b"GPSLongitude" in piece.body
        told = [Finding(what="place", detail="a place (latitude, longitude)")] if place else []
        return [*told, Finding(what="XMP", detail=f"{len(piece.body):,} bytes")]
    if format_ is Format.JPEG:
        return _in_jpeg(piece)
    if piece.name in ("iCCP", "ICCP"):
        return [Finding(what="colour profile")]
    if piece.name in _WHAT_PNG_SAYS:
        what, detail = _WHAT_PNG_SAYS[piece.name]
        return [Finding(what=what, detail=detail)]
    return [_unknown(piece)]


def _in_jpeg(piece: Piece) -> list[Finding]:
    body = piece.body
    if piece.name == "COM":
        return [Finding(what="words", detail="a comment")]
    if body.startswith(b"ICC_PROFILE\0"):
        return [Finding(what="colour profile")]
    if body.startswith(b"Photoshop 3.0\0"):
        return [Finding(what="IPTC", detail=f"names, places, words of an editor; {len(body):,} bytes")]
    if body.startswith(b"MPF\0"):
        return [Finding(what="further pictures", detail="in the same file")]
    if body.startswith(b"JFIF\0"):
        has_thumbnail = len(body) > 14
        return [Finding(what="thumbnail", detail="a small copy")] if has_thumbnail else []
    if body.startswith(b"JFXX\0"):
        return [Finding(what="thumbnail", detail="a small copy")]
    if piece.name == "APP14" and body.startswith(b"Adobe"):
        return []
    return [_unknown(piece)]


def _exif_block(piece: Piece) -> bytes | None:
    if piece.name == "APP1" and piece.body.startswith(b"Exif\0"):
        return piece.body
    return piece.body if piece.name in ("eXIf", "EXIF") else None


def _is_xmp(piece: Piece) -> bool:
    beginning = b"http://ns.adobe.com/"
    if piece.name == "APP1":
        return piece.body.startswith(beginning)
    return piece.name == "XMP " or (piece.name == "iTXt" and piece.body.startswith(b"XML:com.adobe.xmp"))


def _unknown(piece: Piece) -> Finding:
    name = "".join(sign if sign.isascii() and sign.isalnum() else "?" for sign in piece.name)
    return Finding(what="of a program", detail=f"{name}, {len(piece.body):,} bytes")


def _sort_of_trailer(body: bytes) -> str:
    if body[:4] == b"PK\x03\x04":
        return "a ZIP archive"
    if body[4:8] == b"ftyp":
        return "a video"
    if body.startswith(b"\xff\xd8\xff"):
        return "another picture"
    return "nothing known" if body.strip(b"\0") else "zeros"
