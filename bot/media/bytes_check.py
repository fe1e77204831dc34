"""Proof that a file is a bare picture: each byte is walked, without the library that wrote it.

Allowed is only what a picture needs to be shown, each piece once, each exactly as long as it must be, and
nothing after the end. No EXIF, place, XMP, IPTC, colour profile, comment, thumbnail, text or trailer passes,
whatever it is called: what is not on the list is refused. A PNG is proven to its last byte: its pixels are
unpacked and counted. Of JPEG and WebP the compressed pixels themselves are not decoded: that they end where
the decoder stops reading is not seen here.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.core.errors import PictureError


@dataclass(frozen=True, kw_only=True)
class Bare:
    """What a bare picture is; `format` is `jpeg`, `png` or `webp`."""

    format: str
    width: int
    height: int


def prove_bare(data: bytes) -> Bare:
    """Return what the picture is. Raises PictureError that names the first thing a bare picture has not."""
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data.startswith(_PNG_SIGNATURE):
        return _png(data)
    if data.startswith(b"RIFF"):
        return _webp(data)
    raise _refusal("it begins as no picture does")


def _refusal(what: str) -> PictureError:
    return PictureError(f"it is no bare picture: {what}")


def _need(holds: bool, what: str) -> None:
    if not holds:
        raise _refusal(what)


# -- JPEG (ITU-T T.81, annex B; JFIF 1.02) -------------------------------------------------------------

#: JFIF 1.01, no unit, 1 × 1, no thumbnail: none of its bytes can say anything.
_JFIF: Final = b"\xff\xe0\x00\x10JFIF\0\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_DQT, _SOF0, _DHT, _SOS = 0xDB, 0xC0, 0xC4, 0xDA
#: 0xFF within the data of a scan stands only before a zero: no restarts are written.
_NOT_STUFFED: Final = re.compile(rb"\xff(?!\x00)")
#: Of each sort, by number.
_MOST_TABLES: Final = 4


@dataclass
class _Jpeg:
    """What the segments before the scan said."""

    frame: tuple[int, int] | None = None
    components: tuple[int, ...] = ()
    quantisation: tuple[int, ...] = ()
    quantisers: frozenset[int] = frozenset()
    huffmans: frozenset[int] = frozenset()


def _jpeg(data: bytes) -> Bare:
    _need(data[2:20] == _JFIF, "its JFIF segment is not the plain one")
    said = _Jpeg()
    position = 20
    while True:
        head = data[position : position + 4]
        _need(len(head) == 4 and head[0] == 0xFF, "a segment does not begin where the last one ended")
        code, length = head[1], int.from_bytes(head[2:4], "big")
        body = data[position + 4 : position + 2 + length]
        _need(length >= 2 and len(body) == length - 2, f"segment 0x{code:02X} is longer than the file")
        position += 2 + length
        if code == _SOS:
            _scan_head(body, said)
            break
        read = {_DQT: _quantisers, _SOF0: _frame, _DHT: _huffmans}.get(code)
        if read is None:
            raise _refusal(f"it has a segment 0x{code:02X}")
        read(body, said)
    found = _NOT_STUFFED.search(data, position)
    _need(found is not None and found.start() == len(data) - 2, "something follows its pixels")
    _need(data.endswith(b"\xff\xd9"), "it does not end as a picture does")
    assert said.frame is not None
    return Bare(format="jpeg", width=said.frame[0], height=said.frame[1])


def _quantisers(body: bytes, said: _Jpeg) -> None:
    _need(len(body) > 0 and len(body) % 65 == 0, "a quantisation table is not 65 bytes long")
    for start in range(0, len(body), 65):
        number = body[start]
        _need(number < _MOST_TABLES and number not in said.quantisers, "a quantisation table comes twice")
        said.quantisers |= {number}


def _huffmans(body: bytes, said: _Jpeg) -> None:
    position = 0
    _need(len(body) > 0, "a Huffman segment is empty")
    while position < len(body):
        counts = body[position + 1 : position + 17]
        _need(len(counts) == 16, "a Huffman table is cut off")
        number, symbols = body[position], sum(counts)
        is_new = number & 0xEF < _MOST_TABLES and number not in said.huffmans
        _need(is_new, "a Huffman table comes twice")
        values = body[position + 17 : position + 17 + symbols]
        _need(len(values) == symbols, "a Huffman table is cut off")
        _need(len(set(values)) == symbols, "a Huffman table names a value twice")
        said.huffmans |= {number}
        position += 17 + symbols


def _frame(body: bytes, said: _Jpeg) -> None:
    _need(said.frame is None, "it has two frames")
    _need(len(body) in (9, 15) and body[0] == 8, "its frame is not that of grey or colours in eight bits")
    height, width, count = struct.unpack_from(">HHB", body, 1)
    _need(len(body) == 6 + 3 * count and min(height, width) > 0, "its frame is not as long as it must be")
    said.frame = width, height
    said.components = tuple(body[6::3])
    said.quantisation = tuple(body[8::3])
    _need(said.components == tuple(range(1, count + 1)), "its components are not numbered plainly")
    samplings = {sampling for byte in body[7::3] for sampling in (byte >> 4, byte & 15)}
    _need(samplings <= {1, 2}, "its sampling is none that is written")


def _scan_head(body: bytes, said: _Jpeg) -> None:
    _need(said.frame is not None, "its pixels come before its frame")
    count = len(said.components)
    _need(len(body) == 4 + 2 * count and body[0] == count, "its scan is not that of the whole picture")
    _need(tuple(body[1 : 1 + 2 * count : 2]) == said.components, "its scan is not that of the whole picture")
    _need(body[-3:] == b"\x00\x3f\x00", "its scan is not sequential")
    _need(set(said.quantisation) == said.quantisers, "a quantisation table is missing or of no use")
    tables = {table for byte in body[2 : 2 + 2 * count : 2] for table in (byte >> 4, 0x10 | byte & 15)}
    _need(tables == said.huffmans, "a Huffman table is missing or of no use")


# -- PNG (third edition, sections 5 and 11) ------------------------------------------------------------

_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
#: Channels by colour type: grey, colours, grey with alpha, colours with alpha.
_CHANNELS: Final = {0: 1, 2: 3, 4: 2, 6: 4}
#: Bytes that are unpacked at once.
_PORTION: Final = 1 << 20


def _png(data: bytes) -> Bare:
    chunks = list(_png_chunks(data))
    names = [name for name, _ in chunks]
    kinds = set(names) - {b"IHDR", b"IDAT", b"IEND"}
    _need(not kinds, f"it has a chunk {ascii(min(kinds, default=b''))[2:-1]}")
    pixels = names.count(b"IDAT")
    _need(
        pixels > 0 and names == [b"IHDR", *[b"IDAT"] * pixels, b"IEND"], "its chunks are not in their order"
    )
    _need(all(body for name, body in chunks if name == b"IDAT"), "a chunk is empty")
    header, end = chunks[0][1], chunks[-1][1]
    _need(len(header) == 13 and end == b"", "its first or last chunk is not as long as it must be")
    width, height, depth, colours, packing, filters, interlacing = struct.unpack(">IIBBBBB", header)
    plain = depth == 8 and colours in _CHANNELS and (packing, filters, interlacing) == (0, 0, 0)
    _need(plain and width > 0 and height > 0, "its pixels are not plain ones of eight bits")
    _prove_pixels(b"".join(body for _, body in chunks[1:-1]), 1 + width * _CHANNELS[colours], height)
    return Bare(format="png", width=width, height=height)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = len(_PNG_SIGNATURE)
    name = b""
    while name != b"IEND":
        head = data[position : position + 8]
        _need(len(head) == 8, "it ends in the middle of a chunk")
        length, name = int.from_bytes(head[:4], "big"), head[4:]
        body = data[position + 8 : position + 8 + length]
        sum_ = data[position + 8 + length : position + 12 + length]
        _need(len(body) == length and len(sum_) == 4, "it ends in the middle of a chunk")
        _need(zlib.crc32(body, zlib.crc32(name)) == int.from_bytes(sum_, "big"), "a chunk's sum is wrong")
        yield name, body
        position += 12 + length
    _need(position == len(data), "something follows its end")


def _prove_pixels(packed: bytes, row: int, rows: int) -> None:
    """Unpack the pixels: exactly the rows there must be, each with a filter that exists, then the end."""
    unpacker = zlib.decompressobj()
    whole, seen = row * rows, 0
    try:
        portion = unpacker.decompress(packed, _PORTION)
        while portion:
            first = -seen % row
            _need(set(portion[first::row]) <= {0, 1, 2, 3, 4}, "a row has a filter that does not exist")
            seen += len(portion)
            _need(seen <= whole, "it has more pixels than it shows")
            portion = unpacker.decompress(unpacker.unconsumed_tail, _PORTION)
    except zlib.error:
        raise _refusal("its pixels cannot be unpacked") from None
    _need(seen == whole and unpacker.eof, "it has fewer pixels than it shows")
    _need(not unpacker.unused_data, "something follows its pixels")


# -- WebP (RFC 9649) -----------------------------------------------------------------------------------

#: VP8X with the bit for alpha, which this picture may have, and no other.
_ALPHA_FLAG: Final = 0x10


def _webp(data: bytes) -> Bare:
    _need(data[8:12] == b"WEBP", "it begins as no picture does")
    _need(int.from_bytes(data[4:8], "little") == len(data) - 8, "something follows its end, or it is cut off")
    chunks = dict[bytes, bytes]()
    for name, body in _webp_chunks(data):
        _need(name in (b"VP8 ", b"VP8L", b"VP8X", b"ALPH"), f"it has a chunk {ascii(name)[2:-1]}")
        _need(name not in chunks, "a chunk comes twice")
        chunks[name] = body
    names = list(chunks)
    if names == [b"VP8L"]:
        width, height = _vp8l(chunks[b"VP8L"])
    elif names == [b"VP8 "]:
        width, height = _vp8(chunks[b"VP8 "])
    else:
        _need(names == [b"VP8X", b"ALPH", b"VP8 "], "its chunks are not in their order")
        width, height = _vp8(chunks[b"VP8 "])
        canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        _need(
            chunks[b"VP8X"] == bytes([_ALPHA_FLAG, 0, 0, 0]) + canvas, "its VP8X chunk is not the plain one"
        )
        alpha = chunks[b"ALPH"]
        # Two reserved bits; two of what was done before, of which only 0 and 1 exist; two filters; packing.
        _need(len(alpha) > 1 and alpha[0] & 0xE2 == 0, "its ALPH chunk is not a plain one")
    return Bare(format="webp", width=width, height=height)


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 12
    while position < len(data):
        head = data[position : position + 8]
        _need(len(head) == 8, "it ends in the middle of a chunk")
        length = int.from_bytes(head[4:], "little")
        end = position + 8 + length
        padding = data[end : end + length % 2]
        _need(end + length % 2 <= len(data), "it ends in the middle of a chunk")
        _need(not any(padding), "something stands between two chunks")
        yield head[:4], data[position + 8 : end]
        position = end + length % 2


def _vp8(body: bytes) -> tuple[int, int]:
    _need(len(body) > 10 and body[3:6] == b"\x9d\x01\x2a", "its VP8 frame does not begin as one")
    tag = int.from_bytes(body[:3], "little")
    # A key frame that is shown, whose first part lies within.
    _need(tag & 1 == 0 and tag >> 4 & 1 == 1 and 10 + (tag >> 5) <= len(body), "its VP8 frame is not whole")
    width, height = struct.unpack_from("<HH", body, 6)
    _need(0 < width < 0x4000 and 0 < height < 0x4000, "its VP8 frame is to be scaled")
    return width, height


def _vp8l(body: bytes) -> tuple[int, int]:
    _need(len(body) > 5 and body[0] == 0x2F, "its VP8L frame does not begin as one")
    bits = int.from_bytes(body[1:5], "little")
    _need(bits >> 29 == 0, "its VP8L frame is of no known version")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
