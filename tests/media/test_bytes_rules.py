"""Each rule of the byte check by itself: a file that breaks one and keeps all others is refused for it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import pytest

from bot.core.errors import PictureError
from bot.media.bytes_check import prove_bare
from pictures import chunk, drawing, encoded, riff, riff_chunk, segment

JPEG = encoded(drawing(), "jpeg", quality=90, subsampling="4:4:4")
GREY = encoded(drawing("L", size=(8, 4)), "png")
WEBP = encoded(drawing(), "webp")
LOSSLESS = encoded(drawing(), "webp", lossless=True)
ALPHA = encoded(drawing("RGBA"), "webp")
DQT, SOF, DHT, SOS = 0xDB, 0xC0, 0xC4, 0xDA


def _segments(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """The segments of a JPEG after its JFIF one, and what follows the last of them."""
    found, place = [], 20
    while not found or found[-1][0] != SOS:
        length = struct.unpack(">H", data[place + 2 : place + 4])[0]
        found.append((data[place + 1], data[place + 4 : place + 2 + length]))
        place += 2 + length
    return found, data[place:]


def _jpeg(change: Callable[[int, bytes], list[tuple[int, bytes]]]) -> bytes:
    """The JPEG with each of its segments changed."""
    found, rest = _segments(JPEG)
    changed = [segment(*one) for code, body in found for one in change(code, body)]
    return JPEG[:20] + b"".join(changed) + rest


def _body(wanted: int, change: Callable[[bytes], bytes]) -> bytes:
    """The JPEG with the body of one sort of segment changed."""
    return _jpeg(lambda code, body: [(code, change(body) if code == wanted else body)])


def _with_first(wanted: int, *extra: tuple[int, bytes]) -> bytes:
    """The JPEG with segments before each one of a sort."""
    return _jpeg(lambda code, body: [*(extra if code == wanted else ()), (code, body)])


def _put(body: bytes, at: int, new: bytes) -> bytes:
    at %= len(body)
    return body[:at] + new + body[at + len(new) :]


TABLE = b"\x13" + b"\0\x01" + b"\0" * 14
FRAME = next(body for code, body in _segments(JPEG)[0] if code == SOF)
QUANTISERS = next(body for code, body in _segments(JPEG)[0] if code == DQT)
HUFFMANS = next(body for code, body in _segments(JPEG)[0] if code == DHT)

JPEGS = {
    "its JFIF segment is not the plain one": JPEG[:2]
    + segment(0xE0, b"JFIF\0\x01\x02\0\0\1\0\1\0\0")
    + JPEG[20:],
    "does not begin where the last one ended": JPEG[:20] + b"x" + JPEG[20:],
    "is longer than the file": JPEG[:20] + b"\xff\xdb\xff\xff" + JPEG[24:],
    "is not 65 bytes long": _body(DQT, lambda body: body + b"\0"),
    "a quantisation table comes twice": _with_first(SOF, (DQT, QUANTISERS)),
    "a quantisation table is missing or of no use": _with_first(SOF, (DQT, b"\x03" + bytes(64))),
    "a Huffman segment is empty": _with_first(SOS, (DHT, b"")),
    "a Huffman table is cut off": _with_first(SOS, (DHT, TABLE)),
    "a Huffman table comes twice": _with_first(SOS, (DHT, HUFFMANS)),
    "a Huffman table names a value twice": _with_first(SOS, (DHT, b"\x13\0\x02" + bytes(14) + b"\x05\x05")),
    "a Huffman table is missing or of no use": _with_first(SOS, (DHT, TABLE + b"\x05")),
    "it has two frames": _with_first(SOF, (SOF, FRAME)),
    "its frame is not that of grey": _body(SOF, lambda body: _put(body, 0, b"\x0c")),
    "its frame is not as long as it must be": _body(SOF, lambda body: _put(body, 1, b"\0\0")),
    "its components are not numbered plainly": _body(SOF, lambda body: _put(body, 6, b"\x07")),
    "its sampling is none that is written": _body(SOF, lambda body: _put(body, 7, b"\x44")),
    "its pixels come before its frame": _jpeg(lambda code, body: [] if code == SOF else [(code, body)]),
    "its scan is not that of the whole picture": _body(SOS, lambda body: body + b"\0"),
    "its scan is not sequential": _body(SOS, lambda body: _put(body, -1, b"\x10")),
    "something follows its pixels": JPEG[:-2] + b"\xff\xd0\xff\xd9",
    "it does not end as a picture does": JPEG[:-1] + b"\xd0",
}
MORE_JPEGS = {
    "cut off within its counts": (_with_first(SOS, (DHT, b"\x13\0\0")), "a Huffman table is cut off"),
    "frame with bytes to spare": (_body(SOF, lambda body: body + b"words "), "its frame is not"),
    "frame of four components": (
        _body(SOF, lambda body: _put(body, 5, b"\x04")),
        "not as long as it must be",
    ),
    "frame without width": (_body(SOF, lambda body: _put(body, 3, b"\0\0")), "not as long as it must be"),
    "scan of other components": (_body(SOS, lambda body: _put(body, 1, b"\x09")), "not that of the whole"),
    "scan of fewer components": (_body(SOS, lambda body: _put(body, 0, b"\x02")), "not that of the whole"),
    "quantiser of a fifth number": (_with_first(SOF, (DQT, b"\x05" + bytes(64))), "table comes twice"),
    "Huffman table of a ninth number": (
        _with_first(SOS, (DHT, b"\x09" + TABLE[1:] + b"\x05")),
        "comes twice",
    ),
    "segment of no length": (JPEG[:20] + b"\xff\xdb\0\0" + JPEG[20:], "is longer than the file"),
}


def _png(
    *,
    header: bytes = struct.pack(">IIBBBBB", 8, 4, 8, 0, 0, 0, 0),
    rows: bytes = bytes(9 * 4),
    packed: bytes | None = None,
    end: bytes = b"",
    signature: bytes = b"\x89PNG\r\n\x1a\n",
) -> bytes:
    pixels = zlib.compress(rows) if packed is None else packed
    return signature + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", end)


def _header(*, width: int = 8, height: int = 4, tail: bytes = b"\x08\0\0\0\0") -> bytes:
    return struct.pack(">II", width, height) + tail


PNGS = {
    "longer header": (_png(header=_header() + b"\0"), "not as long as it must be"),
    "words in the end": (_png(end=b"words"), "not as long as it must be"),
    "no width": (_png(header=_header(width=0), rows=bytes(4)), "not plain ones"),
    "no height": (_png(header=_header(height=0), rows=b""), "not plain ones"),
    "sixteen bits": (_png(header=_header(tail=b"\x10\0\0\0\0"), rows=bytes(17 * 4)), "not plain ones"),
    "palette": (_png(header=_header(tail=b"\x08\x03\0\0\0")), "not plain ones"),
    "other packing": (_png(header=_header(tail=b"\x08\0\1\0\0")), "not plain ones"),
    "other filters": (_png(header=_header(tail=b"\x08\0\0\1\0")), "not plain ones"),
    "interlaced": (_png(header=_header(tail=b"\x08\0\0\0\1")), "not plain ones"),
    "unknown filter in the first row": (_png(rows=b"\x05" + bytes(35)), "a filter that does not exist"),
    "unknown filter in the last row": (
        _png(rows=bytes(27) + b"w" + bytes(8)),
        "a filter that does not exist",
    ),
    "a byte more": (_png(rows=bytes(37)), "more pixels than it shows"),
    "a megabyte more": (_png(rows=bytes(36 + 2**20)), "more pixels than it shows"),
    "a byte less": (_png(rows=bytes(35)), "fewer pixels than it shows"),
    "no end of the pixels": (_png(packed=zlib.compress(bytes(36))[:-4]), "fewer pixels than it shows"),
    "bytes behind the pixels": (_png(packed=zlib.compress(bytes(36)) + b"w"), "something follows its pixels"),
    "pixels twice": (_png(packed=zlib.compress(bytes(36)) * 2), "something follows its pixels"),
    "pixels that are not packed": (_png(packed=b"words"), "cannot be unpacked"),
    "no pixels": (GREY[:33] + chunk(b"IEND", b""), "not in their order"),
    "an empty chunk of pixels": (GREY[:33] + chunk(b"IDAT", b"") + GREY[33:], "a chunk is empty"),
    "pixels after the end": (GREY + chunk(b"IDAT", b"w"), "something follows its end"),
    "header twice": (GREY[:33] + GREY[8:], "not in their order"),
    "unknown chunk": (GREY[:33] + chunk(b"prVt", b"") + GREY[33:], "it has a chunk prVt"),
    "wrong sum": (GREY[:29] + b"\0\0\0\0" + GREY[33:], "sum is wrong"),
    "end within a head": (GREY[:-12] + b"\0\0", "ends in the middle of a chunk"),
    "end within a body": (GREY[:-12] + b"\0\0\0\x09IEND", "ends in the middle of a chunk"),
}


def _frame(name: bytes, change: Callable[[bytes], bytes], data: bytes) -> bytes:
    """The WebP of one chunk with its body changed."""
    length = struct.unpack("<I", data[16:20])[0]
    return riff(riff_chunk(name, change(data[20 : 20 + length])))


def _alpha(*, canvas: bytes | None = None, alpha: Callable[[bytes], bytes] = lambda body: body) -> bytes:
    length = struct.unpack("<I", ALPHA[34:38])[0]
    body, rest = ALPHA[38 : 38 + length], ALPHA[38 + length + length % 2 :]
    head = riff_chunk(b"VP8X", ALPHA[20:30] if canvas is None else canvas)
    return riff(head, riff_chunk(b"ALPH", alpha(body)), rest)


WEBPS = {
    "another sort": (WEBP[:8] + b"WAVE" + WEBP[12:], "begins as no picture"),
    "size too small": (WEBP[:4] + struct.pack("<I", len(WEBP) - 10) + WEBP[8:], "something follows its end"),
    "size too large": (WEBP[:4] + struct.pack("<I", len(WEBP)) + WEBP[8:], "or it is cut off"),
    "unknown chunk": (riff(WEBP[12:], riff_chunk(b"inVt", b"")), "it has a chunk inVt"),
    "frame twice": (riff(WEBP[12:], WEBP[12:]), "a chunk comes twice"),
    "two sorts of frames": (riff(WEBP[12:], LOSSLESS[12:]), "not in their order"),
    "nothing": (riff(), "not in their order"),
    "frame that is no key": (
        _frame(b"VP8 ", lambda body: bytes([body[0] | 1]) + body[1:], WEBP),
        "not whole",
    ),
    "frame that is hidden": (
        _frame(b"VP8 ", lambda body: bytes([body[0] & 0xEF]) + body[1:], WEBP),
        "not whole",
    ),
    "part beyond the frame": (_frame(b"VP8 ", lambda body: _put(body, 1, b"\xff\xff"), WEBP), "not whole"),
    "frame without its code": (
        _frame(b"VP8 ", lambda body: _put(body, 3, b"\0"), WEBP),
        "does not begin as one",
    ),
    "frame to be scaled": (_frame(b"VP8 ", lambda body: _put(body, 7, b"\x40"), WEBP), "to be scaled"),
    "lossless without its sign": (
        _frame(b"VP8L", lambda body: _put(body, 0, b"\0"), LOSSLESS),
        "begin as one",
    ),
    "lossless of another version": (
        _frame(b"VP8L", lambda body: _put(body, 4, bytes([body[4] | 0x20])), LOSSLESS),
        "of no known version",
    ),
    "words in the reserved bytes": (_alpha(canvas=b"\x10wor" + ALPHA[24:30]), "not the plain one"),
    "another canvas": (_alpha(canvas=ALPHA[20:24] + b"\x05\0\0\x05\0\0"), "not the plain one"),
    "reserved bits of transparency": (_alpha(alpha=lambda body: bytes([body[0] | 0x40]) + body[1:]), "ALPH"),
    "unknown treatment of transparency": (
        _alpha(alpha=lambda body: bytes([body[0] | 0x20]) + body[1:]),
        "ALPH",
    ),
    "empty transparency": (_alpha(alpha=lambda body: body[:1]), "ALPH"),
    "padding that says something": (
        riff(b"VP8L" + struct.pack("<I", 7) + LOSSLESS[20:27] + b"w"),
        "something stands between two chunks",
    ),
    "end within a head": (riff(WEBP[12:], b"VP8"), "ends in the middle of a chunk"),
    "end within a body": (riff(b"VP8L" + struct.pack("<I", 900) + LOSSLESS[20:30]), "ends in the middle"),
}


@pytest.mark.parametrize(
    "data", [JPEG, GREY, WEBP, LOSSLESS, ALPHA, _png(), _alpha(), _jpeg(lambda *one: [one])]
)
def test_file_that_breaks_no_rule_passes(data):
    assert prove_bare(data).width > 0


@pytest.mark.parametrize("words", JPEGS)
def test_jpeg_is_refused_for_the_rule_that_it_breaks(words):
    with pytest.raises(PictureError, match=words):
        prove_bare(JPEGS[words])


CASES = {
    f"{kind}: {name}": case
    for kind, cases in (("jpeg", MORE_JPEGS), ("png", PNGS), ("webp", WEBPS))
    for name, case in cases.items()
}


@pytest.mark.parametrize("name", CASES)
def test_file_is_refused_for_the_rule_that_it_breaks(name):
    data, words = CASES[name]

    with pytest.raises(PictureError, match=words):
        prove_bare(data)
