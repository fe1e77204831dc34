"""Pictures for tests, as bytes: plain ones, and pieces that are put into them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageCms

SIZE = (48, 32)


def drawing(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """Something with many colours, in which no side equals another."""
    width, height = size
    bands = [
        Image.linear_gradient("L").resize(size),
        Image.linear_gradient("L").rotate(90).resize(size),
        Image.radial_gradient("L").resize(size),
    ]
    picture = Image.merge("RGB", bands)
    picture.paste((255, 0, 0), (0, 0, width // 4, height // 4))
    if mode in ("RGBA", "LA"):
        alpha = Image.new("L", size, 255)
        alpha.paste(0, (0, 0, width // 2, height // 2))
        alpha.paste(100, (0, height // 2, width // 2, height))
        picture.putalpha(alpha)
    return picture.convert(mode)


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file: `jpeg`, `png` or `webp`."""
    out = io.BytesIO()
    picture.save(out, kind.upper(), **options)
    return out.getvalue()


def pixels(data: bytes) -> Image.Image:
    """The picture of a file, decoded."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        return picture.copy()


# -- pieces ---------------------------------------------------------------------------------------


def segment(code: int, body: bytes) -> bytes:
    return bytes([0xFF, code]) + struct.pack(">H", len(body) + 2) + body


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def riff_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def in_jpeg(data: bytes, *segments: bytes, before: int = 0xDB) -> bytes:
    """The JPEG with segments put before its first one with that code."""
    place = 2
    while data[place + 1] != before:
        place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    return data[:place] + b"".join(segments) + data[place:]


def in_png(data: bytes, *chunks: bytes, before: bytes = b"IDAT") -> bytes:
    """The PNG with chunks put before its first one of that name."""
    place = data.index(before) - 4
    return data[:place] + b"".join(chunks) + data[place:]


def riff(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def in_webp(data: bytes, *chunks: bytes, flags: int = 0) -> bytes:
    """The WebP, of one frame, in the extended form with chunks after the frame; ICCP goes before it."""
    with Image.open(io.BytesIO(data)) as picture:
        width, height = picture.size
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    rest = data[30:] if data[12:16] == b"VP8X" else data[12:]
    flags |= data[20] if data[12:16] == b"VP8X" else 0
    first = b"".join(one for one in chunks if one.startswith(b"ICCP"))
    last = b"".join(one for one in chunks if not one.startswith(b"ICCP"))
    return riff(riff_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + canvas), first, rest, last)


# -- what cameras and programs write -------------------------------------------------------------------


def tiff(
    main: Mapping[int, object] = {},
    *,
    details: Mapping[int, object] = {},
    place: Mapping[int, object] = {},
    thumbnail: bytes = b"",
) -> bytes:
    """An EXIF block without its `Exif` head. Values are bytes or a number."""
    out = io.BytesIO()
    out.write(b"II*\0\x08\0\0\0")
    lists: list[tuple[Mapping[int, object], dict[int, int]]] = [(dict(main), {})]
    if details:
        lists.append((details, {}))
    if place:
        lists.append((place, {}))
    offset = 8
    sizes = []
    for number, (values, _) in enumerate(lists):
        extra = (bool(details) + bool(place)) if number == 0 else 0
        sizes.append(offset)
        offset += 2 + 12 * (len(values) + extra) + 4
    thumbnail_list = offset
    offset += 2 + 12 * 2 + 4 if thumbnail else 0
    heap = io.BytesIO()
    start = offset
    pointers = {}
    if details:
        pointers[0x8769] = sizes[1]
    if place:
        pointers[0x8825] = sizes[-1]
    for number, (values, _) in enumerate(lists):
        entries = dict(values) | (pointers if number == 0 else {})
        out.write(struct.pack("<H", len(entries)))
        for tag, value in sorted(entries.items()):
            if isinstance(value, int):
                out.write(struct.pack("<HHII", tag, 4, 1, value))
                continue
            assert isinstance(value, bytes)
            out.write(struct.pack("<HHII", tag, 7, len(value), start + heap.tell()))
            heap.write(value.ljust(5, b"\0"))
        out.write(struct.pack("<I", thumbnail_list if thumbnail and number == 0 else 0))
    if thumbnail:
        out.write(struct.pack("<H", 2))
        out.write(struct.pack("<HHII", 0x0201, 4, 1, start + heap.tell()))
        out.write(struct.pack("<HHII", 0x0202, 4, 1, len(thumbnail)))
        out.write(struct.pack("<I", 0))
        heap.write(thumbnail)
    return out.getvalue() + heap.getvalue()


def exif_segment(block: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + block)


def profile(*, words: bytes = b"") -> bytes:
    """An sRGB profile; with words in a text tag of its own."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if not words:
        return plain
    count = struct.unpack(">I", plain[128:132])[0]
    table, rest = plain[132 : 132 + 12 * count], plain[132 + 12 * count :]
    moved = b"".join(
        table[at : at + 4]
        + struct.pack(">I", struct.unpack(">I", table[at + 4 : at + 8])[0] + 12)
        + table[at + 8 : at + 12]
        for at in range(0, len(table), 12)
    )
    text = b"text\0\0\0\0" + words + b"\0"
    entry = b"targ" + struct.pack(">II", len(plain) + 12, len(text))
    body = plain[4:128] + struct.pack(">I", count + 1) + moved + entry + rest + text
    return struct.pack(">I", len(body) + 4) + body


def xmp(words: bytes) -> bytes:
    begin = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>'
    return begin + words + b"</exif:GPSLatitude></x:xmpmeta>"


def iptc(words: bytes) -> bytes:
    record = b"\x1c\x02\x78" + struct.pack(">H", len(words)) + words
    block = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(record)) + record + b"\0" * (len(record) % 2)
    return b"Photoshop 3.0\0" + block


def archive(words: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("words.txt", words)
    return out.getvalue()
