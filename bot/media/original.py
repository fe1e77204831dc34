"""The pieces of a file as it came in: what the pixels need, and everything else that it carries."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.core.errors import PictureError
from bot.media.formats import Format

#: Bytes of a colour profile that is used. Those of scanners reach two million.
LARGEST_PROFILE: Final = 4_000_000
#: Far more than any camera or program writes.
_MOST_PIECES: Final = 20_000
#: Each pass over a progressive JPEG decodes the whole picture; programs write about ten.
_MOST_SCANS: Final = 32
_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
#: A marker within the data of a scan: 0xFF that is neither stuffed nor a restart.
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
#: What comes after the file's own end.
AFTER_THE_END: Final = "after the end"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A segment or chunk, named e.g. `APP1`, `tEXt`, `EXIF`; `body` is without its head, `raw` with it."""

    name: str
    body: bytes
    raw: bytes


def pieces_of(data: bytes, format_: Format) -> list[Piece]:
    """Return the pieces in their order. Raises PictureError where the file ends before the picture does."""
    walk = {Format.JPEG: _jpeg, Format.PNG: _png, Format.WEBP: _webp}[format_]
    pieces = []
    for piece in walk(data):
        pieces.append(piece)
        if len(pieces) > _MOST_PIECES:
            raise PictureError("it is made of too many pieces: open it in a program and save it anew")
    return pieces


def measures_of(pieces: list[Piece], format_: Format) -> list[tuple[int, int]]:
    """Every width and height that the file claims, in pixels. Raises PictureError when it claims none."""
    read = {Format.JPEG: _jpeg_measures, Format.PNG: _png_measures, Format.WEBP: _webp_measures}[format_]
    try:
        measures = [found for piece in pieces if (found := read(piece)) is not None]
    except struct.error:
        raise _broken() from None
    if not measures:
        raise _broken()
    return measures


def moves(pieces: list[Piece], format_: Format) -> bool:
    """Whether the picture is animated."""
    if format_ is Format.JPEG:
        return False
    names = {piece.name for piece in pieces}
    flagged = any(piece.name == "VP8X" and piece.body[:1] and piece.body[0] & 0x02 for piece in pieces)
    return bool(names & {"acTL", "fcTL", "ANIM", "ANMF"}) or flagged


def profile_of(pieces: list[Piece], format_: Format) -> bytes | None:
    """The colour profile (ICC) that the pixels are meant by; None when there is none that can be read."""
    if format_ is Format.JPEG:
        head = b"ICC_PROFILE\0"
        parts = [piece.body for piece in pieces if piece.name == "APP2" and piece.body.startswith(head)]
        # After the head its number and how many there are; then the part.
        parts.sort(key=lambda body: body[len(head) : len(head) + 1])
        return b"".join(body[len(head) + 2 :] for body in parts) or None
    named = "iCCP" if format_ is Format.PNG else "ICCP"
    body = next((piece.body for piece in pieces if piece.name == named), None)
    return body if body is None or format_ is Format.WEBP else _unpacked(body.partition(b"\0")[2])


def essentials_of(pieces: list[Piece], format_: Format) -> bytes:
    """Return the file with only what its pixels need: the decoder is shown nothing else."""
    kept = b"".join(piece.raw for piece in pieces if _is_essential(piece, format_))
    if format_ is Format.JPEG:
        return b"\xff\xd8" + kept
    if format_ is Format.PNG:
        return _PNG_SIGNATURE + kept
    return b"RIFF" + struct.pack("<I", len(kept) + 4) + b"WEBP" + kept


def is_lossless(pieces: list[Piece], format_: Format) -> bool:
    """Whether no pixel was changed for the file's sake: such a picture is often a drawing or a text."""
    return format_ is Format.PNG or any(piece.name == "VP8L" for piece in pieces)


def _unpacked(body: bytes) -> bytes | None:
    """A profile as PNG packs it, after its name: zlib's way, which is 0, and the data."""
    try:
        return zlib.decompressobj().decompress(body[1:], LARGEST_PROFILE + 1) if body[:1] == b"\0" else None
    except zlib.error:
        return None


def _is_essential(piece: Piece, format_: Format) -> bool:
    if piece.name == AFTER_THE_END:
        return False
    if format_ is Format.PNG:
        return piece.name in {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"}
    if format_ is Format.WEBP:
        return piece.name in {"VP8X", "ALPH", "VP8 ", "VP8L"}
    beginning = {"APP0": b"JFIF\0", "APP14": b"Adobe"}
    if piece.name in beginning:
        return piece.body.startswith(beginning[piece.name])
    return not piece.name.startswith(("APP", "COM", "JPG"))


def _jpeg(data: bytes) -> Iterator[Piece]:
    position, scans = 2, 0
    while True:
        start = position
        while data[position : position + 1] == b"\xff":
            position += 1
        if position == start or position >= len(data):
            raise _broken()
        code = data[position]
        position += 1
        if code == 0xD9:
            yield Piece(name="EOI", body=b"", raw=b"\xff\xd9")
            if position < len(data):
                yield Piece(name=AFTER_THE_END, body=data[position:], raw=data[position:])
            return
        if code in (0x01, 0xD8) or 0xD0 <= code <= 0xD7:
            continue
        length = int.from_bytes(data[position : position + 2], "big")
        end = position + length
        if length < 2 or end > len(data):
            raise _broken()
        body = data[position + 2 : end]
        if code == 0xDA:
            scans += 1
            if scans > _MOST_SCANS:
                raise PictureError("it is built in too many passes: open it in a program and save it anew")
            found = _MARKER.search(data, end)
            if found is None:
                raise _broken()
            end = found.start()
        yield Piece(name=_segment_name(code), body=body, raw=b"\xff" + data[position - 1 : end])
        position = end


def _segment_name(code: int) -> str:
    if 0xE0 <= code <= 0xEF:
        return f"APP{code - 0xE0}"
    if 0xC0 <= code <= 0xCF and code not in (0xC4, 0xC8, 0xCC):
        return "SOF"
    named = {0xDA: "SOS", 0xFE: "COM", 0xC4: "DHT", 0xDB: "DQT", 0xCC: "DAC", 0xDD: "DRI", 0xDC: "DNL"}
    return named.get(code, f"JPG{code:02X}")


def _png(data: bytes) -> Iterator[Piece]:
    position = len(_PNG_SIGNATURE)
    while True:
        head = data[position : position + 8]
        length = int.from_bytes(head[:4], "big")
        end = position + 12 + length
        if len(head) < 8 or end > len(data):
            raise _broken()
        name = head[4:].decode("latin-1")
        yield Piece(name=name, body=data[position + 8 : end - 4], raw=data[position:end])
        position = end
        if name == "IEND":
            if position < len(data):
                yield Piece(name=AFTER_THE_END, body=data[position:], raw=data[position:])
            return


def _webp(data: bytes) -> Iterator[Piece]:
    whole = 8 + int.from_bytes(data[4:8], "little")
    if whole > len(data):
        raise _broken()
    position = 12
    while position < whole:
        head = data[position : position + 8]
        length = int.from_bytes(head[4:8], "little")
        end = position + 8 + length
        if len(head) < 8 or end > whole:
            raise _broken()
        body = data[position + 8 : end]
        padding = b"\0" * (length % 2)
        yield Piece(name=head[:4].decode("latin-1"), body=body, raw=head + body + padding)
        position = end + len(padding)
    if whole < len(data):
        yield Piece(name=AFTER_THE_END, body=data[whole:], raw=data[whole:])


def _jpeg_measures(piece: Piece) -> tuple[int, int] | None:
    if piece.name != "SOF":
        return None
    height, width = struct.unpack_from(">HH", piece.body, 1)
    return width, height


def _png_measures(piece: Piece) -> tuple[int, int] | None:
    if piece.name != "IHDR":
        return None
    width, height = struct.unpack_from(">II", piece.body)
    return width, height


def _webp_measures(piece: Piece) -> tuple[int, int] | None:
    if piece.name == "VP8X":
        _, low_width, high_width, low_height, high_height = struct.unpack_from("<IHBHB", piece.body)
        return low_width + (high_width << 16) + 1, low_height + (high_height << 16) + 1
    if piece.name == "VP8 ":
        width, height = struct.unpack_from("<HH", piece.body, 6)
        return width & 0x3FFF, height & 0x3FFF
    if piece.name == "VP8L":
        (bits,) = struct.unpack_from("<I", piece.body, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def _broken() -> PictureError:
    return PictureError("it is broken or cut off: open it in a program and save it anew")
