"""A picture built anew from its pixels: upright, in sRGB, no larger than networks show, and nothing else."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Final

from PIL import Image, ImageCms, ImageFile

from bot.core.errors import PictureError
from bot.media.formats import Format
from bot.media.limits import LONGEST_SIDE, MOST_PIXELS, check_measures
from bot.media.original import LARGEST_PROFILE

#: Pillow refuses a picture of twice as many by itself; each is held against its measures before that.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
ImageFile.LOAD_TRUNCATED_IMAGES = False

#: How pixels are turned until they stand upright (EXIF 2.32, Orientation).
_TURNS: Final[Mapping[int, Image.Transpose]] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SPACES: Final[Mapping[str, str]] = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}


def rebuild(
    essentials: bytes, format_: Format, *, orientation: int, profile: bytes | None
) -> tuple[Image.Image, list[str]]:
    """Return the picture in mode L, LA, RGB or RGBA, and what was done to it, in words.

    Raises PictureError for one that cannot be decoded or is larger than its file claimed.
    """
    with Image.open(io.BytesIO(essentials), formats=[format_.name]) as opened:
        check_measures(*opened.size)
        opened.load()
        picture = _plain(opened)
    done: list[str] = []
    if max(picture.size) > LONGEST_SIDE:
        picture = scaled(picture, LONGEST_SIDE / max(picture.size))
        done.append(f"scaled down to {LONGEST_SIDE} pixels on its longer side")
    picture, note = _in_srgb(picture, profile)
    if note:
        done.append(note)
    if orientation in _TURNS:
        picture = picture.transpose(_TURNS[orientation])
        done.append("turned upright")
    return _of_pixels_alone(picture), done


def scaled(picture: Image.Image, factor: float) -> Image.Image:
    """The picture with its sides multiplied by the factor; the shorter one is rounded up."""
    longer = max(round(max(picture.size) * factor), 1)
    shorter = max(-(-min(picture.size) * longer // max(picture.size)), 1)
    size = (longer, shorter) if picture.width >= picture.height else (shorter, longer)
    return picture.resize(size, Image.Resampling.LANCZOS)


def on_white(picture: Image.Image) -> Image.Image:
    """The picture with white behind what can be seen through."""
    if picture.mode not in ("LA", "RGBA"):
        return picture
    opaque = picture.mode.removesuffix("A")
    ground = Image.new(opaque, picture.size, "white")
    ground.paste(picture.convert(opaque), mask=picture.getchannel("A"))
    return ground


def _plain(picture: Image.Image) -> Image.Image:
    """The picture in a mode with eight bits for each channel, its transparency as a channel."""
    if picture.mode.startswith("I"):
        # Sixteen bits of grey: `convert` would cut off what is brighter than 255.
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in ("L", "LA", "RGB", "RGBA", "CMYK") and "transparency" not in picture.info:
        return picture
    if "transparency" in picture.info or picture.mode in ("PA", "RGBa", "La"):
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> tuple[Image.Image, str]:
    """The picture in sRGB; what was done is empty when nothing was."""
    alpha = picture.getchannel("A") if picture.mode in ("LA", "RGBA") else None
    if alpha is not None and alpha.getextrema() == (0, 0):
        raise PictureError("nothing of it can be seen: all its pixels are transparent")
    colours = picture.convert(picture.mode.removesuffix("A")) if alpha is not None else picture
    note = ""
    if profile:
        converted = _converted(colours, profile)
        note = "colours converted to sRGB" if converted else "colour profile without use left out"
        colours = converted or colours
    elif colours.mode == "CMYK":
        note = "colours converted from those of print"
    if colours.mode == "CMYK":
        colours = colours.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        colours = colours.copy()
        colours.putalpha(alpha)
    return colours, note


def _converted(colours: Image.Image, profile: bytes) -> Image.Image | None:
    """The colours in sRGB; None where the profile is broken or meant for others."""
    if len(profile) > LARGEST_PROFILE:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != _SPACES[colours.mode]:
            return None
        converted = ImageCms.profileToProfile(
            colours,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    assert converted is not None
    return converted.convert("L") if colours.mode == "L" else converted


def _of_pixels_alone(picture: Image.Image) -> Image.Image:
    """A new picture with these pixels: whatever else the old one holds stays behind.

    Pixels that nobody can see get no colour: what was covered by transparency could be uncovered.
    """
    if picture.mode not in ("L", "LA", "RGB", "RGBA"):
        raise PictureError(f"its pixels ({picture.mode}) cannot be used: save it in RGB colours")
    fresh = Image.new(picture.mode, picture.size)
    if picture.mode in ("LA", "RGBA"):
        seen = picture.getchannel("A").point(lambda alpha: 255 if alpha else 0)
        fresh.paste(picture, mask=seen)
    else:
        fresh.paste(picture)
    return fresh
