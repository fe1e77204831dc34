"""A picture is rebuilt as people saw it: upright, in its colours, small enough, always to the same bytes."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image, ImageChops, ImageCms

from bot.core.campaign import Network
from bot.core.errors import PictureError
from bot.media.bytes_check import prove_bare
from bot.media.child import work_on
from bot.media.limits import LARGEST_REBUILT, rules_for
from pictures import (
    chunk,
    drawing,
    encoded,
    exif_segment,
    in_jpeg,
    in_png,
    in_webp,
    pixels,
    profile,
    riff_chunk,
    segment,
    tiff,
)

#: Far apart, so that JPEG turns none into another.
COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255), (255, 0, 255)]
BLOCK = 16
ACROSS, DOWN = 3, 2


def rebuilt(data: bytes, *, limit: int = LARGEST_REBUILT) -> Image.Image:
    _, (file,) = work_on(data, limits=[limit])
    prove_bare(file)
    return pixels(file)


def _blocks() -> Image.Image:
    """Six colours in two rows of three: no turn and no mirror gives the same picture."""
    picture = Image.new("RGB", (ACROSS * BLOCK, DOWN * BLOCK))
    for number, colour in enumerate(COLOURS):
        column, row = number % ACROSS, number // ACROSS
        picture.paste(colour, (column * BLOCK, row * BLOCK, (column + 1) * BLOCK, (row + 1) * BLOCK))
    return picture


def _upright(stored: Image.Image, orientation: int) -> Image.Image:
    """As EXIF 2.32 describes Orientation, where row 0 and column 0 are seen: pixel by pixel."""
    width, height = stored.size
    source = {
        1: lambda x, y: (x, y),
        2: lambda x, y: (width - 1 - x, y),
        3: lambda x, y: (width - 1 - x, height - 1 - y),
        4: lambda x, y: (x, height - 1 - y),
        5: lambda x, y: (y, x),
        6: lambda x, y: (y, height - 1 - x),
        7: lambda x, y: (width - 1 - y, height - 1 - x),
        8: lambda x, y: (width - 1 - y, x),
    }[orientation]
    seen = Image.new("RGB", (width, height) if orientation < 5 else (height, width))
    for y in range(seen.height):
        for x in range(seen.width):
            seen.putpixel((x, y), stored.getpixel(source(x, y)))
    return seen


def _nearest(picture: Image.Image) -> Image.Image:
    """Each pixel as the one of the six colours that it is."""
    plain = picture.convert("RGB")
    cleared = Image.new("RGB", plain.size)
    for y in range(plain.height):
        for x in range(plain.width):
            seen = plain.getpixel((x, y))
            distance = {sum((a - b) ** 2 for a, b in zip(seen, one, strict=True)): one for one in COLOURS}
            cleared.putpixel((x, y), distance[min(distance)])
    return cleared


@pytest.mark.parametrize("order", ["II", "MM"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_picture_is_turned_upright_pixel_by_pixel(kind, orientation, order):
    little = tiff({0x0112: orientation})
    block = (
        little
        if order == "II"
        else b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    )
    stored = _blocks()
    data = {
        "jpeg": lambda: in_jpeg(
            encoded(stored, "jpeg", quality=95, subsampling="4:4:4"), exif_segment(block)
        ),
        "png": lambda: in_png(encoded(stored, "png"), chunk(b"eXIf", block)),
        "webp": lambda: in_webp(
            encoded(stored, "webp", lossless=True), riff_chunk(b"EXIF", block), flags=0x08
        ),
    }[kind]()

    seen = rebuilt(data)

    expected = _upright(stored, orientation)
    assert seen.size == expected.size
    exact = seen.convert("RGB") if kind != "jpeg" else _nearest(seen)
    assert ImageChops.difference(exact, expected).getbbox() is None


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_orientation_that_does_not_exist_turns_nothing(orientation):
    data = in_png(encoded(_blocks(), "png"), chunk(b"eXIf", tiff({0x0112: orientation})))

    assert ImageChops.difference(rebuilt(data), _blocks()).getbbox() is None


def test_colours_of_a_profile_become_those_of_srgb():
    # A profile whose red and blue are swapped: what is stored as red is meant, and seen, as blue.
    plain = profile()
    swapped = plain.replace(b"rXYZ", b"????", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"????", b"bXYZ", 1)
    stored = Image.new("RGB", (16, 16), (255, 0, 0))

    seen = rebuilt(encoded(stored, "png", icc_profile=swapped)).getpixel((8, 8))

    assert seen[2] > 250
    assert seen[0] < 5


def test_colours_agree_with_those_of_the_colour_library():
    picture = drawing()
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile()))
    target = ImageCms.createProfile("sRGB")
    expected = ImageCms.profileToProfile(picture, source, target, renderingIntent=1, flags=0x2000)

    seen = rebuilt(encoded(picture, "png", icc_profile=profile()))

    assert ImageChops.difference(seen, expected).getbbox() is None


@pytest.mark.parametrize(
    "broken",
    [b"no profile", profile()[:200], profile()[:-1000], b"\0" * 5000],
    ids=["words", "head", "cut", "zeros"],
)
def test_broken_profile_leaves_the_colours_as_they_are(broken):
    seen = rebuilt(encoded(drawing(), "png", icc_profile=broken))

    assert seen.size == drawing().size


def test_profile_of_grey_fits_no_colours():
    answer, (file,) = work_on(encoded(drawing("L"), "png", icc_profile=profile()), limits=[LARGEST_REBUILT])

    assert answer["done"] == ["colour profile without use left out"]
    assert ImageChops.difference(pixels(file), drawing("L")).getbbox() is None


@pytest.mark.parametrize(
    ("stored", "mode"),
    [
        pytest.param(encoded(drawing("L"), "png"), "L", id="grey"),
        pytest.param(encoded(drawing("LA"), "png"), "LA", id="grey with alpha"),
        pytest.param(encoded(drawing("RGBA"), "png"), "RGBA", id="alpha"),
        pytest.param(encoded(drawing("L").convert("1"), "png"), "L", id="one bit"),
        pytest.param(encoded(drawing("L").convert("I;16"), "png"), "L", id="sixteen bits"),
        pytest.param(encoded(drawing().quantize(32), "png"), "RGB", id="palette"),
        pytest.param(
            encoded(drawing().quantize(32), "png", transparency=3), "RGBA", id="palette with a clear colour"
        ),
        pytest.param(encoded(drawing(), "png", transparency=(255, 0, 0)), "RGBA", id="a clear colour"),
        pytest.param(
            encoded(drawing("L"), "png", transparency=drawing("L").getpixel((0, 0))),
            "RGBA",
            id="a clear grey",
        ),
        pytest.param(encoded(drawing("CMYK"), "jpeg"), "RGB", id="colours of print"),
        pytest.param(encoded(drawing("L"), "jpeg"), "L", id="grey JPEG"),
        pytest.param(encoded(drawing(), "jpeg", progressive=True), "RGB", id="progressive"),
        pytest.param(encoded(drawing("RGBA"), "webp", lossless=True), "RGBA", id="WebP with alpha"),
        pytest.param(encoded(drawing("RGBA"), "webp"), "RGBA", id="lossy WebP with alpha"),
        pytest.param(encoded(drawing(), "webp"), "RGB", id="lossy WebP"),
    ],
)
def test_every_mode_is_taken_in_and_looks_the_same(stored, mode):
    seen = rebuilt(stored)

    assert seen.mode == mode
    expected = pixels(stored)
    if expected.mode == "I;16":
        expected = expected.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    assert _difference(_on_grey(seen), _on_grey(expected)) < 8


def test_sixteen_bits_keep_their_greys():
    ramp = Image.new("I;16", (256, 4))
    for x in range(256):
        for y in range(4):
            ramp.putpixel((x, y), x * 257)
    data = encoded(ramp.resize((256, 32)), "png")

    seen = rebuilt(data)

    assert [seen.getpixel((x, 16)) for x in range(256)] == list(range(256))


def test_colours_that_nobody_sees_are_gone():
    picture = drawing()
    alpha = Image.new("L", picture.size, 0)
    alpha.putpixel((0, 0), 255)
    picture.putalpha(alpha)

    seen = rebuilt(encoded(picture, "png"))

    assert set(seen.tobytes()[4:]) == {0}


def test_a_picture_of_which_nothing_can_be_seen_is_refused():
    picture = drawing()
    picture.putalpha(Image.new("L", picture.size, 0))

    with pytest.raises(PictureError, match="nothing of it can be seen"):
        rebuilt(encoded(picture, "png"))


@pytest.mark.parametrize("size", [(5000, 3000), (3000, 5000), (8000, 400), (4096, 4096)])
def test_sides_are_scaled_to_what_networks_show(size):
    width, height = size

    seen = rebuilt(encoded(Image.new("L", size, 77), "png"))

    assert max(seen.size) == 4096
    assert abs(seen.width * height - seen.height * width) <= max(size)
    for network in Network:
        assert rules_for(network).fits(width=seen.width, height=seen.height, size=1000)


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_file_is_made_small_enough_for_each_limit(kind):
    noise = Image.merge("RGB", [Image.effect_noise((1200, 900), 120)] * 3)
    limits = [2_000_000, 500_000, 100_000, 20_000, 3_000]

    answer, files = work_on(encoded(noise, kind), limits=limits)

    chosen = [files[number] for number in answer["chosen"]]
    assert all(len(file) <= limit for file, limit in zip(chosen, limits, strict=True))
    assert [answer["files"][number][:3] for number in answer["chosen"]] == [
        [bare.format, bare.width, bare.height] for bare in map(prove_bare, chosen)
    ]
    # Nothing is made smaller than it has to be: the first three keep most of their pixels.
    assert pixels(chosen[0]).size == (1200, 900)


def test_what_can_be_seen_through_stands_on_white_where_png_is_too_large():
    picture = Image.merge("RGB", [Image.effect_noise((600, 600), 120)] * 3)
    alpha = Image.new("L", picture.size, 255)
    alpha.paste(0, (0, 0, 300, 600))
    picture.putalpha(alpha)

    answer, files = work_on(encoded(picture, "png"), limits=[5_000_000, 100_000])

    assert [one[0] for one in answer["files"]] == ["png", "jpeg"]
    assert min(pixels(files[1]).convert("L").crop((0, 0, 100, 100)).tobytes()) > 240


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_same_picture_gives_the_same_bytes(kind):
    data = encoded(drawing(size=(300, 200)), kind)

    first, second = (work_on(data, limits=[LARGEST_REBUILT, 5_000]) for _ in range(2))

    assert first == second


def test_same_pixels_with_other_metadata_give_the_same_bytes():
    plain = encoded(drawing(), "jpeg", quality=90)
    dressed = in_jpeg(plain, exif_segment(tiff({0x010F: b"Invented"})), segment(0xFE, b"words")) + b"after"

    assert work_on(plain, limits=[LARGEST_REBUILT])[1] == work_on(dressed, limits=[LARGEST_REBUILT])[1]


@pytest.mark.parametrize(
    ("size", "words"),
    [
        pytest.param((3, 100), "at least 4 on each side", id="too small"),
        pytest.param((2100, 100), "crop it", id="too long"),
        pytest.param((100, 2100), "crop it", id="too high"),
        pytest.param((8000, 5001), "at most 40 million", id="too many pixels"),
    ],
)
def test_measures_that_are_not_taken_in_are_refused_in_words(size, words):
    with pytest.raises(PictureError, match=words):
        work_on(encoded(Image.new("L", size), "png"), limits=[LARGEST_REBUILT])


def _on_grey(picture: Image.Image) -> Image.Image:
    ground = Image.new("RGBA", picture.size, (128, 128, 128, 255))
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")


def _difference(one: Image.Image, other: Image.Image) -> float:
    data = ImageChops.difference(one, other).tobytes()
    return sum(data) / len(data)
