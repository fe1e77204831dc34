"""The byte check refuses whatever a bare picture does not need, wherever it stands."""

from __future__ import annotations

import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.errors import PictureError
from bot.media.bytes_check import Bare, prove_bare
from pictures import (
    SIZE,
    chunk,
    drawing,
    encoded,
    exif_segment,
    in_jpeg,
    in_png,
    profile,
    riff,
    riff_chunk,
    segment,
    tiff,
)

BARE = {
    "jpeg grey": encoded(drawing("L"), "jpeg"),
    "jpeg colours": encoded(drawing(), "jpeg", quality=90, subsampling="4:4:4", optimize=True),
    "jpeg 4:2:0": encoded(drawing(), "jpeg", quality=40, subsampling="4:2:0"),
    "png grey": encoded(drawing("L"), "png"),
    "png grey, alpha": encoded(drawing("LA"), "png"),
    "png colours": encoded(drawing(), "png"),
    "png colours, alpha": encoded(drawing("RGBA"), "png", compress_level=1),
    "webp": encoded(drawing(), "webp"),
    "webp lossless": encoded(drawing("RGBA"), "webp", lossless=True),
    "webp alpha": encoded(drawing("RGBA"), "webp"),
}
NAMES = st.binary(min_size=4, max_size=4)
BODIES = st.binary(max_size=80)
property_test = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _jpeg_borders(data: bytes) -> list[int]:
    """Where a segment may be put in: before each one, and before the end."""
    borders, place = [2], 2
    while data[place + 1] != 0xDA:
        place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
        borders.append(place)
    return [*borders, len(data) - 2]


def _png_borders(data: bytes) -> list[int]:
    borders, place = [8], 8
    while place < len(data):
        place += 12 + struct.unpack(">I", data[place : place + 4])[0]
        borders.append(place)
    return borders


def _webp_chunks(data: bytes) -> list[bytes]:
    chunks, place = [], 12
    while place < len(data):
        length = struct.unpack("<I", data[place + 4 : place + 8])[0]
        chunks.append(data[place : place + 8 + length + length % 2])
        place += 8 + length + length % 2
    return chunks


def _of(kind: str) -> list[str]:
    return [name for name in BARE if name.startswith(kind)]


@pytest.mark.parametrize("name", BARE)
def test_bare_picture_passes_with_its_measures(name):
    assert prove_bare(BARE[name]) == Bare(format=name.split()[0], width=SIZE[0], height=SIZE[1])


@property_test
@given(name=st.sampled_from(_of("jpeg")), code=st.integers(0x01, 0xFE), body=BODIES, data=st.data())
def test_every_segment_put_into_a_jpeg_is_refused(name, code, body, data):
    at = data.draw(st.sampled_from(_jpeg_borders(BARE[name])))

    with pytest.raises(PictureError):
        prove_bare(BARE[name][:at] + segment(code, body) + BARE[name][at:])


@pytest.mark.parametrize("name", _of("jpeg"))
@pytest.mark.parametrize(
    "extra",
    [
        pytest.param(segment(0xE1, b"Exif\0\0" + tiff({0x0112: 6})), id="EXIF"),
        pytest.param(segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"), id="second JFIF"),
        pytest.param(segment(0xE2, b"ICC_PROFILE\0\x01\x01" + profile()), id="ICC"),
        pytest.param(segment(0xDB, b"\x03" + b"\x01" * 64), id="table of no use"),
        pytest.param(segment(0xC4, b"\x13" + b"\0\x01" + b"\0" * 14 + b"\x05"), id="Huffman table of no use"),
        pytest.param(segment(0xDD, b"\0\x04"), id="restarts"),
        pytest.param(segment(0xFE, b""), id="empty comment"),
        pytest.param(b"\xff\xff", id="fill bytes"),
        pytest.param(b"\xff\xd0", id="restart"),
    ],
)
def test_well_formed_piece_put_into_a_jpeg_is_refused(name, extra):
    for at in _jpeg_borders(BARE[name]):
        with pytest.raises(PictureError):
            prove_bare(BARE[name][:at] + extra + BARE[name][at:])


@property_test
@given(name=st.sampled_from(_of("jpeg")), extra=st.binary(min_size=1, max_size=60), data=st.data())
def test_bytes_between_two_segments_of_a_jpeg_are_refused(name, extra, data):
    at = data.draw(st.sampled_from(_jpeg_borders(BARE[name])[:-1]))

    with pytest.raises(PictureError):
        prove_bare(BARE[name][:at] + extra + BARE[name][at:])


@pytest.mark.parametrize("name", _of("jpeg"))
def test_restart_within_the_pixels_of_a_jpeg_is_refused(name):
    data = BARE[name]
    for at in range(_jpeg_borders(data)[-2] + 20, len(data) - 2, 7):
        with pytest.raises(PictureError):
            prove_bare(data[:at] + b"\xff\xd3" + data[at:])


@pytest.mark.parametrize("name", _of("jpeg"))
def test_no_byte_of_the_jfif_segment_can_say_anything(name):
    for at in range(2, 20):
        changed = bytearray(BARE[name])
        changed[at] ^= 1
        with pytest.raises(PictureError):
            prove_bare(bytes(changed))


def test_progressive_jpeg_is_refused():
    with pytest.raises(PictureError, match="0xC2"):
        prove_bare(encoded(drawing(), "jpeg", progressive=True))


@property_test
@given(name=st.sampled_from(_of("png")), chunk_name=NAMES, body=BODIES, data=st.data())
def test_every_chunk_put_into_a_png_is_refused(name, chunk_name, body, data):
    at = data.draw(st.sampled_from(_png_borders(BARE[name])))

    with pytest.raises(PictureError):
        prove_bare(BARE[name][:at] + chunk(chunk_name, body) + BARE[name][at:])


@pytest.mark.parametrize(
    "chunk_name", [b"IHDR", b"IDAT", b"IEND", b"PLTE", b"tRNS", b"gAMA", b"pHYs", b"tEXt", b"eXIf"]
)
@pytest.mark.parametrize("name", _of("png"))
@pytest.mark.parametrize("body", [b"", b"\0", b"words"], ids=["empty", "zero", "words"])
def test_known_chunk_put_into_a_png_is_refused(name, chunk_name, body):
    for at in _png_borders(BARE[name]):
        with pytest.raises(PictureError):
            prove_bare(BARE[name][:at] + chunk(chunk_name, body) + BARE[name][at:])


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(encoded(drawing().quantize(8), "png"), id="palette"),
        pytest.param(encoded(drawing("L").convert("1"), "png"), id="one bit"),
        pytest.param(encoded(drawing("L").convert("I;16"), "png"), id="sixteen bits"),
        pytest.param(encoded(drawing(), "png", dpi=(72, 72)), id="pHYs"),
        pytest.param(in_png(BARE["png grey"], chunk(b"tIME", b"\x07\xea\x01\x02\x03\x04\x05")), id="tIME"),
    ],
)
def test_png_that_is_not_plain_is_refused(picture):
    with pytest.raises(PictureError):
        prove_bare(picture)


@property_test
@given(name=st.sampled_from(_of("webp")), chunk_name=NAMES, body=BODIES, data=st.data())
def test_every_chunk_put_into_a_webp_is_refused(name, chunk_name, body, data):
    chunks = _webp_chunks(BARE[name])
    at = data.draw(st.integers(0, len(chunks)))

    with pytest.raises(PictureError):
        prove_bare(riff(*chunks[:at], riff_chunk(chunk_name, body), *chunks[at:]))


@pytest.mark.parametrize(
    "chunk_name", [b"EXIF", b"XMP ", b"ICCP", b"ANIM", b"ANMF", b"VP8X", b"ALPH", b"VP8 ", b"VP8L"]
)
@pytest.mark.parametrize("name", _of("webp"))
def test_known_chunk_put_into_a_webp_is_refused(name, chunk_name):
    chunks = _webp_chunks(BARE[name])
    for at in range(len(chunks) + 1):
        with pytest.raises(PictureError):
            prove_bare(riff(*chunks[:at], riff_chunk(chunk_name, b"words"), *chunks[at:]))


@pytest.mark.parametrize("flag", [0x01, 0x02, 0x04, 0x08, 0x20, 0x40, 0x80])
def test_webp_that_announces_more_is_refused(flag):
    data = bytearray(BARE["webp alpha"])
    data[20] |= flag

    with pytest.raises(PictureError):
        prove_bare(bytes(data))


@property_test
@given(name=st.sampled_from(list(BARE)), extra=st.binary(min_size=1, max_size=60))
def test_whatever_follows_the_end_is_refused(name, extra):
    with pytest.raises(PictureError):
        prove_bare(BARE[name] + extra)


@property_test
@given(name=st.sampled_from(list(BARE)), extra=st.binary(min_size=1, max_size=60))
def test_whatever_stands_before_the_beginning_is_refused(name, extra):
    with pytest.raises(PictureError):
        prove_bare(extra + BARE[name])


@pytest.mark.parametrize("name", BARE)
def test_picture_that_is_cut_off_is_refused(name):
    for length in range(len(BARE[name])):
        with pytest.raises(PictureError):
            prove_bare(BARE[name][:length])


@pytest.mark.parametrize("name", _of("png"))
def test_every_changed_byte_of_a_png_is_seen(name):
    for at in range(len(BARE[name])):
        changed = bytearray(BARE[name])
        changed[at] ^= 0x20
        with pytest.raises(PictureError):
            prove_bare(bytes(changed))


@property_test
@given(noise=st.binary(max_size=300), name=st.sampled_from(list(BARE)), keep=st.integers(0, 60))
def test_noise_is_refused_in_words(noise, name, keep):
    data = BARE[name][:keep] + noise
    if data not in BARE.values():
        with pytest.raises(PictureError, match="no bare picture"):
            prove_bare(data)


def test_refusal_names_what_it_saw():
    with pytest.raises(PictureError, match="it has a segment 0xE1"):
        prove_bare(in_jpeg(BARE["jpeg colours"], exif_segment(tiff())))
    with pytest.raises(PictureError, match="it has a chunk tEXt"):
        prove_bare(in_png(BARE["png colours"], chunk(b"tEXt", b"a\0b")))
