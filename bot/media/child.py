"""The process in which one picture is decoded: poor in memory, time, files and rights, gone afterwards.

It reads the file on stdin and writes one line of JSON on stdout, then the bytes of each new file.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import sys
import warnings
from collections.abc import Mapping
from typing import Any, Final

from PIL import Image, ImageCms, UnidentifiedImageError

from bot.core.errors import PictureError
from bot.media.encode import encode
from bot.media.findings import findings_in, orientation_of
from bot.media.formats import Format, recognise
from bot.media.limits import LARGEST_FILE, check_measures
from bot.media.original import essentials_of, is_lossless, measures_of, moves, pieces_of, profile_of
from bot.media.rebuild import rebuild

#: Bytes of address space, its program and libraries among them: the largest pictures that are taken in
#: need up to 890 million (docs/media.md).
MEMORY: Final = 1_500_000_000
#: Seconds of the processor: those pictures need up to five, on a slow machine some more.
TIME: Final = 30
#: Bytes that it may write: more than the new files of one picture have together.
_WRITTEN: Final = 64_000_000
_LIMITS: Final[Mapping[int, int]] = {
    resource.RLIMIT_AS: MEMORY,
    resource.RLIMIT_CPU: TIME,
    resource.RLIMIT_FSIZE: _WRITTEN,
    # A dump of its memory would keep the picture.
    resource.RLIMIT_CORE: 0,
    # From here on it opens nothing: no file, no connection.
    resource.RLIMIT_NOFILE: 0,
    resource.RLIMIT_NPROC: 0,
}


def main(arguments: list[str]) -> None:
    """Read a picture, rebuild it, and write the answer. The arguments are limits in bytes, which fall."""
    warnings.simplefilter("ignore")
    _warm_up()
    _become_poor()
    data = sys.stdin.buffer.read(LARGEST_FILE + 1)
    answer, files = _answer(data, [int(argument) for argument in arguments])
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    for file in files:
        sys.stdout.buffer.write(file)
    sys.stdout.buffer.flush()


def work_on(data: bytes, *, limits: list[int]) -> tuple[dict[str, Any], list[bytes]]:
    """Rebuild a picture; returns what was found and done, and the bytes of each new file.

    Raises PictureError for what cannot be used.
    """
    if len(data) > LARGEST_FILE:
        raise PictureError(f"it is larger than {LARGEST_FILE // 1_000_000} MB: scale it down")
    format_ = recognise(data)
    pieces = pieces_of(data, format_)
    if moves(pieces, format_):
        raise PictureError(
            "it is animated, and nobody could say which picture of it is seen: save one of them"
        )
    measures = measures_of(pieces, format_)
    for width, height in measures:
        check_measures(width, height)
    picture, done = rebuild(
        essentials_of(pieces, format_),
        format_,
        orientation=orientation_of(pieces),
        profile=profile_of(pieces, format_),
    )
    encoded = encode(picture, lossless=is_lossless(pieces, format_), limits=limits)
    files = list(dict.fromkeys(encoded))
    answer = {
        "format": format_.value,
        "width": measures[0][0],
        "height": measures[0][1],
        "size": len(data),
        "findings": [[finding.what, finding.detail] for finding in findings_in(pieces, format_)],
        "done": done,
        "files": [[file.format.value, file.width, file.height, len(file.data)] for file in files],
        "chosen": [files.index(file) for file in encoded],
    }
    return answer, [file.data for file in files]


def _answer(data: bytes, limits: list[int]) -> tuple[dict[str, Any], list[bytes]]:
    try:
        return work_on(data, limits=limits)
    except PictureError as error:
        return {"refused": str(error)}, []
    except MemoryError:
        return {"refused": "it needs too much memory: open it in a program and save it anew"}, []
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError):
        # What Pillow says of broken files; its own words may quote the file.
        return {"refused": "it is broken: open it in a program and save it anew"}, []


def _warm_up() -> None:
    """Rebuild a tiny picture of each format: Pillow loads its parts when it first needs them."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for format_ in Format:
        tiny = io.BytesIO()
        Image.new("RGB", (8, 8)).save(tiny, format_.name, icc_profile=profile)
        work_on(tiny.getvalue(), limits=[LARGEST_FILE])


def _become_poor() -> None:
    """Give up what decoding does not need. A system without one of the limits keeps the others."""
    os.nice(10)
    for what, most in _LIMITS.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
