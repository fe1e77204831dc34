"""Nothing that a file carries beside its pixels comes out: 300 files, each with a sentinel in one place."""

from __future__ import annotations

import base64
import random
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from bot.media.bytes_check import prove_bare
from bot.media.child import work_on
from pictures import (
    archive,
    chunk,
    drawing,
    encoded,
    exif_segment,
    in_jpeg,
    in_png,
    in_webp,
    iptc,
    pixels,
    profile,
    riff_chunk,
    segment,
    tiff,
    xmp,
)

LIMITS = [16_000_000, 5_000_000, 2_000_000]
#: Bytes of a sentinel that may never stand together in a file.
WINDOW = 6

WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda words: words,
    "reversed": lambda words: words[::-1],
    "utf-16-le": lambda words: words.decode().encode("utf-16-le"),
    "utf-16-be": lambda words: words.decode().encode("utf-16-be"),
    "base64": base64.b64encode,
    "hex": lambda words: words.hex().encode(),
}

JPEG = encoded(drawing(), "jpeg", quality=90)
PNG = encoded(drawing(), "png")
WEBP = encoded(drawing(), "webp", lossless=True)
LOSSY = encoded(drawing(), "webp", quality=80)


def _tiny(words: bytes) -> bytes:
    return in_jpeg(encoded(drawing(size=(16, 16)), "jpeg"), segment(0xFE, words))


def _icc_segments(words: bytes) -> list[bytes]:
    whole = profile(words=words)
    half = len(whole) // 2
    return [
        segment(0xE2, b"ICC_PROFILE\0\x01\x02" + whole[:half]),
        segment(0xE2, b"ICC_PROFILE\0\x02\x02" + whole[half:]),
    ]


def _jpeg_tag(**lists: Callable[[bytes], dict[int, object]]) -> Callable[[bytes], bytes]:
    return lambda words: in_jpeg(
        JPEG, exif_segment(tiff(**{name: value(words) for name, value in lists.items()}))
    )


def _hidden_pixels(kind: str, **options: object) -> Callable[[bytes], bytes]:
    """Colours where the picture is wholly transparent."""

    def make(words: bytes) -> bytes:
        picture = Image.new("RGBA", (64, 32), (10, 20, 30, 255))
        tripled = words[: len(words) // 3 * 3]
        for number in range(0, len(tripled), 3):
            picture.putpixel((number // 3, 4), (*tripled[number : number + 3], 0))
        return encoded(picture, kind, **options)

    return make


def _palette(words: bytes) -> bytes:
    """Colours of a palette that no pixel has."""
    picture = drawing().quantize(16)
    filled = words[: len(words) // 3 * 3]
    picture.putpalette((picture.getpalette() or [])[:48] + list(filled))
    return encoded(picture, "png", bits=8)


def _idat_tail(words: bytes) -> bytes:
    """Bytes after the end of the packed pixels, within their chunk."""
    at = PNG.index(b"IDAT") - 4
    length = struct.unpack(">I", PNG[at : at + 4])[0]
    return PNG[:at] + chunk(b"IDAT", PNG[at + 8 : at + 8 + length] + words) + PNG[at + 12 + length :]


def _unused_table(words: bytes) -> bytes:
    return in_jpeg(JPEG, segment(0xDB, b"\x03" + words.replace(b"\0", b"").ljust(64, b"x")[:64]), before=0xDA)


def _zipped(words: bytes) -> bytes:
    return zlib.compress(words)


PLACES: dict[str, Callable[[bytes], bytes]] = {
    "jpeg EXIF Make": _jpeg_tag(main=lambda words: {0x010F: words}),
    "jpeg EXIF Model": _jpeg_tag(main=lambda words: {0x0110: words}),
    "jpeg EXIF Artist": _jpeg_tag(main=lambda words: {0x013B: words}),
    "jpeg EXIF Copyright": _jpeg_tag(main=lambda words: {0x8298: words}),
    "jpeg EXIF ImageDescription": _jpeg_tag(main=lambda words: {0x010E: words}),
    "jpeg EXIF XPComment": _jpeg_tag(main=lambda words: {0x9C9C: words}),
    "jpeg EXIF UserComment": _jpeg_tag(details=lambda words: {0x9286: b"ASCII\0\0\0" + words}),
    "jpeg EXIF BodySerialNumber": _jpeg_tag(details=lambda words: {0xA431: words}),
    "jpeg EXIF MakerNote": _jpeg_tag(details=lambda words: {0x927C: b"Invented\0" + words * 9}),
    "jpeg EXIF GPS": _jpeg_tag(place=lambda words: {2: words, 4: words, 0x1B: words}),
    "jpeg EXIF thumbnail": lambda words: in_jpeg(JPEG, exif_segment(tiff(thumbnail=_tiny(words)))),
    "jpeg second EXIF": lambda words: in_jpeg(
        JPEG, exif_segment(tiff({0x0112: 1})), exif_segment(tiff({0x010E: words}))
    ),
    "jpeg EXIF broken": lambda words: in_jpeg(JPEG, segment(0xE1, b"Exif\0\0II*\0\xff\xff" + words)),
    "jpeg XMP": lambda words: in_jpeg(JPEG, segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(words))),
    "jpeg extended XMP": lambda words: in_jpeg(
        JPEG, segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 40 + xmp(words))
    ),
    "jpeg IPTC": lambda words: in_jpeg(JPEG, segment(0xED, iptc(words))),
    "jpeg ICC": lambda words: in_jpeg(JPEG, *_icc_segments(words)),
    "jpeg ICC broken": lambda words: in_jpeg(JPEG, segment(0xE2, b"ICC_PROFILE\0\x01\x01" + words)),
    "jpeg COM": lambda words: in_jpeg(JPEG, segment(0xFE, words)),
    "jpeg COM before the scan": lambda words: in_jpeg(JPEG, segment(0xFE, words), before=0xDA),
    "jpeg JFIF thumbnail": lambda words: (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\x08\x08" + words.ljust(192, b"."))
        + JPEG[20:]
    ),
    "jpeg JFXX thumbnail": lambda words: in_jpeg(JPEG, segment(0xE0, b"JFXX\0\x10" + _tiny(words))),
    "jpeg MPF": lambda words: in_jpeg(JPEG, segment(0xE2, b"MPF\0II*\0" + words)) + _tiny(words),
    "jpeg APP3": lambda words: in_jpeg(JPEG, segment(0xE3, words)),
    "jpeg APP11 JUMBF": lambda words: in_jpeg(JPEG, segment(0xEB, b"JP\0\0" + words)),
    "jpeg APP14": lambda words: in_jpeg(JPEG, segment(0xEE, words)),
    "jpeg APP15": lambda words: in_jpeg(JPEG, segment(0xEF, words)),
    "jpeg unused quantisation table": _unused_table,
    "jpeg trailer": lambda words: JPEG + words,
    "jpeg ZIP": lambda words: JPEG + archive(words),
    "jpeg film": lambda words: JPEG + b"\0\0\0\x18ftypmp42" + words,
    "png tEXt": lambda words: in_png(PNG, chunk(b"tEXt", b"Comment\0" + words)),
    "png zTXt": lambda words: in_png(PNG, chunk(b"zTXt", b"Comment\0\0" + _zipped(words))),
    "png iTXt": lambda words: in_png(PNG, chunk(b"iTXt", b"Title\0\0\0\0\0" + words)),
    "png XMP": lambda words: in_png(PNG, chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(words))),
    "png text after the pixels": lambda words: in_png(PNG, chunk(b"tEXt", b"A\0" + words), before=b"IEND"),
    "png raw profile": lambda words: in_png(
        PNG, chunk(b"zTXt", b"Raw profile type exif\0\0" + _zipped(b"\nexif\n  8\n" + words.hex().encode()))
    ),
    "png eXIf": lambda words: in_png(PNG, chunk(b"eXIf", tiff({0x010F: words}, place={2: words}))),
    "png iCCP": lambda words: in_png(PNG, chunk(b"iCCP", b"Name\0\0" + _zipped(profile(words=words)))),
    "png iCCP name": lambda words: in_png(PNG, chunk(b"iCCP", words[:60] + b"\0\0" + _zipped(profile()))),
    "png own chunk": lambda words: in_png(PNG, chunk(b"inVt", words)),
    "png palette": _palette,
    "png pixels' tail": _idat_tail,
    "png hidden pixels": _hidden_pixels("png"),
    "png trailer": lambda words: PNG + words,
    "webp EXIF": lambda words: in_webp(WEBP, riff_chunk(b"EXIF", tiff({0x010F: words})), flags=0x08),
    "webp XMP": lambda words: in_webp(LOSSY, riff_chunk(b"XMP ", xmp(words)), flags=0x04),
    "webp ICCP": lambda words: in_webp(LOSSY, riff_chunk(b"ICCP", profile(words=words)), flags=0x20),
    "webp hidden pixels": _hidden_pixels("webp", lossless=True, exact=True),
    "webp trailer": lambda words: LOSSY + words,
}
#: There the sentinel is packed, or is pixels: it does not stand in the file as it is.
PACKED = {"png zTXt", "png raw profile", "png iCCP", "webp hidden pixels", "png hidden pixels"}


def _sentinel(place: str, written: str) -> bytes:
    """24 letters and digits that nothing else has."""
    dice = random.Random(f"{place} {written}")
    return "".join(dice.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(24)).encode()


def _traces(words: bytes, data: bytes) -> list[str]:
    """Each form in which any piece of the sentinel stands in the bytes."""
    traces = []
    for name, write in WRITTEN.items():
        written = write(words)
        windows = {written[at : at + WINDOW] for at in range(len(written) - WINDOW + 1)}
        # What any two letters look like in UTF-16 is no trace of these.
        windows = {one for one in windows if one.count(0) < WINDOW // 2 + 1}
        traces += [f"{name}: {one!r}" for one in windows if one in data]
    for shift in (1, 2):
        piece = base64.b64encode(b"\0" * shift + words)[4:-4]
        traces += [f"base64 from {shift}"] if piece in data else []
    return traces


def test_there_are_300_files():
    assert len(PLACES) * len(WRITTEN) == 300


@pytest.mark.parametrize("place", PLACES)
def test_nothing_of_a_sentinel_comes_out(place):
    for name, write in WRITTEN.items():
        words = _sentinel(place, name)
        data = PLACES[place](write(words))
        assert place in PACKED or _traces(words, data), "the file holds no sentinel"

        _, files = work_on(data, limits=LIMITS)

        for file in files:
            prove_bare(file)
            assert _traces(words, file) == []
            assert _traces(words, pixels(file).tobytes()) == []
            assert not pixels(file).info.keys() & {"exif", "icc_profile", "comment", "xmp", "photoshop"}
