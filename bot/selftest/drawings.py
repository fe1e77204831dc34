"""Small pictures for a proof, drawn here: each of one colour, as PNG."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

#: Red, green and blue, 0 to 255.
_COLOURS = ((178, 34, 34), (34, 139, 34), (65, 105, 225))
_WIDTH, _HEIGHT = 48, 32


def draw_all(folder: Path) -> Iterator[Path]:
    """Write one file after another into the folder."""
    for number, colour in enumerate(_COLOURS, start=1):
        file = folder / f"picture-{number}.png"
        file.write_bytes(_png(bytes(colour)))
        yield file


def _png(pixel: bytes) -> bytes:
    # Eight bits each of red, green and blue; each line begins with its filter, none.
    head = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    lines = (b"\0" + pixel * _WIDTH) * _HEIGHT
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
