"""People are told what a file carried: what, never where and never who."""

from __future__ import annotations

import pytest

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
    profile,
    riff_chunk,
    segment,
    tiff,
    xmp,
)

JPEG = encoded(drawing(), "jpeg")
PNG = encoded(drawing(), "png")
WEBP = encoded(drawing(), "webp")
EXIF = tiff(
    {
        0x010F: b"Invented\0",
        0x0110: b"Camera 7\0",
        0x013B: b"Huda\0",
        0x0131: b"Programme 3\0",
        0x0132: b"2026:01:02 03:04:05\0",
    },
    details={
        0x9003: b"2025:12:31 23:59:58\0",
        0x927C: b"secret",
        0xA431: b"SN-123456\0",
        0x9286: b"ASCII\0\0\0hidden",
    },
    place={1: b"N\0", 2: b"\x21\0\0\0\x01\0\0\0" * 3, 4: b"\x24\0\0\0\x01\0\0\0" * 3},
    thumbnail=encoded(drawing(size=(16, 16)), "jpeg"),
)


def told(data: bytes) -> dict[str, str]:
    answer, _ = work_on(data, limits=[16_000_000])
    return dict(answer["findings"])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(in_jpeg(JPEG, exif_segment(EXIF)), id="jpeg"),
        pytest.param(in_png(PNG, chunk(b"eXIf", EXIF)), id="png"),
        pytest.param(in_webp(WEBP, riff_chunk(b"EXIF", EXIF), flags=8), id="webp"),
    ],
)
def test_what_a_camera_writes_is_told(data):
    found = told(data)

    assert found.pop("EXIF").endswith(" bytes")
    assert found == {
        "place": "a place (latitude, longitude)",
        "person": "an author or owner",
        "camera": "Invented Camera 7",
        "serial number": "of the camera, the lens or the picture",
        "date": "2025:12:31 23:59:58",
        "thumbnail": "a small copy, perhaps of what was cut away or covered",
        "words": "a description or comment",
        "program": "Programme 3",
        "maker note": "what the camera's maker writes for itself",
    }


@pytest.mark.parametrize(
    ("data", "what", "detail"),
    [
        pytest.param(in_jpeg(JPEG, segment(0xFE, b"x")), "words", "a comment", id="comment"),
        pytest.param(in_jpeg(JPEG, segment(0xED, iptc(b"x"))), "IPTC", "names", id="IPTC"),
        pytest.param(
            in_jpeg(JPEG, segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(b"33"))),
            "place",
            "a place",
            id="XMP",
        ),
        pytest.param(in_jpeg(JPEG, segment(0xE2, b"MPF\0x")), "further pictures", "", id="MPF"),
        pytest.param(in_jpeg(JPEG, segment(0xE0, b"JFXX\0\x10x")), "thumbnail", "", id="JFXX"),
        pytest.param(in_jpeg(JPEG, segment(0xE5, b"x")), "of a program", "APP5, 1 bytes", id="APP5"),
        pytest.param(encoded(drawing(), "jpeg", icc_profile=profile()), "colour profile", "", id="ICC"),
        pytest.param(JPEG + archive(b"x"), "after the end", "a ZIP archive", id="zip"),
        pytest.param(JPEG + b"\0\0\0\x18ftypmp42", "after the end", "a video", id="film"),
        pytest.param(JPEG + JPEG, "after the end", "another picture", id="second picture"),
        pytest.param(in_png(PNG, chunk(b"tEXt", b"a\0b")), "words", "a text", id="tEXt"),
        pytest.param(in_png(PNG, chunk(b"tIME", bytes(7))), "date", "", id="tIME"),
        pytest.param(in_png(PNG, chunk(b"inVt", b"")), "of a program", "inVt", id="own chunk"),
        pytest.param(in_webp(WEBP, riff_chunk(b"XMP ", xmp(b"3")), flags=4), "XMP", "", id="WebP XMP"),
    ],
)
def test_what_programs_write_is_told(data, what, detail):
    found = told(data)

    assert what in found
    assert detail in found[what]


@pytest.mark.parametrize("data", [JPEG, PNG, WEBP], ids=["jpeg", "png", "webp"])
def test_bare_picture_carries_nothing(data):
    assert told(data) == {}


def test_name_of_a_camera_cannot_disturb_a_terminal():
    block = tiff({0x010F: "\x1b[31mred\u202e\nline".encode(), 0x0110: b"x" * 500})

    camera = told(in_jpeg(JPEG, exif_segment(block)))["camera"]

    assert camera == "[31mredline " + "x" * 60


def test_many_pieces_are_summed_up():
    chunks = [chunk(b"inVt", bytes(number)) for number in range(300)]

    found = told(in_png(PNG, *chunks))

    assert found["and more"] == "260"
