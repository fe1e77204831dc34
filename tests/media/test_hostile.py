"""200 hostile files: each is refused in words or rebuilt, in bounded time and memory; nothing comes down."""

from __future__ import annotations

import random
import resource
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.errors import PictureError
from bot.media.bytes_check import prove_bare
from bot.media.child import MEMORY, TIME
from bot.media.decoder import decode
from pictures import (
    archive,
    chunk,
    drawing,
    encoded,
    exif_segment,
    in_jpeg,
    in_png,
    in_webp,
    pixels,
    profile,
    riff,
    riff_chunk,
    segment,
    tiff,
)

JPEG = encoded(drawing(), "jpeg", quality=90)
PROGRESSIVE = encoded(drawing(), "jpeg", progressive=True)
PNG = encoded(drawing(), "png")
WEBP = encoded(drawing(), "webp")
LOSSLESS = encoded(drawing("RGBA"), "webp", lossless=True)
#: Real seconds of one file, on a machine that is busy with other things.
PATIENCE = 30
LIMITS = [16_000_000, 2_000_000]


def _cut_off() -> Iterator[bytes]:
    for data in (JPEG, PROGRESSIVE, PNG, WEBP, LOSSLESS):
        for share in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.999):
            yield data[: int(len(data) * share)]


def _spoilt() -> Iterator[bytes]:
    dice = random.Random(7)
    for data in (JPEG, PROGRESSIVE, PNG, WEBP, LOSSLESS):
        for number in range(8):
            spoilt = bytearray(data)
            for _ in range(1 + number * 4):
                spoilt[dice.randrange(12, len(spoilt))] = dice.randrange(256)
            yield bytes(spoilt)


def _sized(width: int, height: int, *, depth: int = 8, colours: int = 2) -> bytes:
    """A PNG that claims these measures and holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(50)))
        + chunk(b"IEND", b"")
    )


def _lying_sizes() -> Iterator[bytes]:
    for width, height in (
        (0, 0),
        (0, 10),
        (60_000, 60_000),
        (2**31 - 1, 2**31 - 1),
        (2**32 - 1, 4),
        (6000, 6000),
    ):
        yield _sized(width, height)
        yield _sized(width, height, depth=16, colours=6)
    frame = JPEG.index(b"\xff\xc0") + 5
    for height, width in ((0xFFFF, 0xFFFF), (0, 100), (6000, 6000), (100, 0), (2, 0xFFFF)):
        yield JPEG[:frame] + struct.pack(">HH", height, width) + JPEG[frame + 4 :]
    for place in (4, 16):
        for size in (0, 5, 2**31, 2**32 - 1):
            yield WEBP[:place] + struct.pack("<I", size) + WEBP[place + 4 :]
    canvas = struct.pack("<I", 0x10) + b"\xff" * 6
    yield riff(riff_chunk(b"VP8X", canvas), WEBP[12:])
    yield riff(riff_chunk(b"VP8L", b"\x2f" + struct.pack("<I", 16_383 | 16_383 << 14) + bytes(40)))
    yield in_png(PNG, struct.pack(">I", 2**32 - 1) + b"tEXt")
    yield in_jpeg(JPEG, b"\xff\xe1\xff\xff")
    yield in_jpeg(JPEG, b"\xff\xe1\x00\x00")


def _bombs() -> Iterator[bytes]:
    zeros = zlib.compress(bytes(200_000_000), 9)
    yield in_png(PNG, chunk(b"zTXt", b"Comment\0\0" + zeros))
    yield in_png(PNG, chunk(b"iCCP", b"Name\0\0" + zeros))
    yield in_png(PNG, chunk(b"iTXt", b"Title\0\x01\0\0\0" + zeros))
    header = struct.pack(">IIBBBBB", 100, 100, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    yield start + chunk(b"IDAT", zeros) + chunk(b"IEND", b"")
    large = struct.pack(">IIBBBBB", 6_300, 6_300, 16, 6, 0, 0, 0)
    packed = zlib.compress(bytes((6_300 * 8 + 1) * 6_300), 9)
    yield b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", large) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    scan = PROGRESSIVE.index(b"\xff\xda")
    yield PROGRESSIVE[:scan] + (PROGRESSIVE[scan:-2] * 400) + b"\xff\xd9"
    frame = PROGRESSIVE.index(b"\xff\xc2") + 5
    wide = PROGRESSIVE[:frame] + struct.pack(">HH", 6_300, 6_300) + PROGRESSIVE[frame + 4 :]
    yield wide[:scan] + wide[scan:-2] * 2 + b"\xff\xd9"
    yield in_jpeg(JPEG, *[segment(0xFE, b"")] * 100_000)
    yield in_jpeg(JPEG, *[segment(0xE1, b"Exif\0\0" + tiff({0x010E: b"x" * 60_000}))] * 300)
    yield in_png(PNG, *[chunk(b"tEXt", b"a\0b")] * 100_000)
    yield JPEG + bytes(24_000_000)
    yield JPEG + bytes(26_000_000)
    yield b"\xff\xd8\xff" + b"\xff" * 20_000_000


def _loops() -> Iterator[bytes]:
    """EXIF lists that lead to themselves, or are longer than their block."""
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)
    for block in (
        b"II*\0\x08\0\0\0\x01\0" + entry + struct.pack("<I", 8),
        b"II*\0\x08\0\0\0\xff\xff" + entry * 40,
        b"II*\0\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHII", 0x010F, 2, 2**32 - 1, 2**32 - 1) + bytes(4),
        b"MM\0*" + bytes(4),
        b"II*\0\x08\0\0\0"
        + struct.pack("<H", 1000)
        + (struct.pack("<HHII", 0x010F, 12, 2**28, 8) * 1000)
        + bytes(4),
    ):
        yield in_jpeg(JPEG, exif_segment(block))
        yield in_png(PNG, chunk(b"eXIf", block))
        yield in_webp(WEBP, riff_chunk(b"EXIF", block), flags=0x08)


def _nested() -> Iterator[bytes]:
    data = JPEG
    for _ in range(40):
        thumbnail = tiff(thumbnail=data)
        if len(thumbnail) > 65_000:
            break
        data = in_jpeg(JPEG, exif_segment(thumbnail))
    yield data
    inner = PNG
    for _ in range(40):
        inner = in_png(PNG, chunk(b"inVt", inner))
    yield inner
    chunks = WEBP[12:]
    for _ in range(40):
        chunks = riff_chunk(b"ANMF", bytes(16) + chunks)
    yield riff(riff_chunk(b"VP8X", struct.pack("<I", 2) + bytes(6)), chunks)


def _polyglots() -> Iterator[bytes]:
    page = b"<html><script>alert(1)</script></html>"
    for data in (JPEG, PNG, WEBP):
        yield data + archive(b"words")
        yield data + page
        yield page + data
        yield b"GIF89a" + data
        yield b"%PDF-1.7\n" + data
        yield archive(b"words") + data
    yield in_jpeg(JPEG, segment(0xFE, page))
    yield JPEG + PNG
    yield PNG + JPEG
    yield JPEG[:2] + PNG
    yield PNG[:8] + JPEG
    yield b"RIFF" + struct.pack("<I", len(JPEG) + 4) + b"WEBP" + JPEG


def _noise() -> Iterator[bytes]:
    dice = random.Random(11)
    for head in (
        b"",
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x00\x10\x00\x00WEBP",
        b"RIFF\x00\x10\x00\x00WEBPVP8L",
    ):
        for length in (0, 1, 9, 100, 5_000):
            yield head + dice.randbytes(length)


def _profiles() -> Iterator[bytes]:
    dice = random.Random(13)
    for _ in range(12):
        spoilt = bytearray(profile())
        for _ in range(12):
            spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
        yield encoded(drawing(), "png", icc_profile=bytes(spoilt))


HOSTILE = {
    "cut off": _cut_off,
    "spoilt": _spoilt,
    "lying sizes": _lying_sizes,
    "bombs": _bombs,
    "loops": _loops,
    "nested": _nested,
    "polyglots": _polyglots,
    "noise": _noise,
    "profiles": _profiles,
}


def test_there_are_200_files_at_least():
    assert sum(1 for make in HOSTILE.values() for _ in make()) >= 200


def _outcome(path: Path) -> tuple[str, list[bytes]]:
    """The words of a refusal, or the new files."""
    try:
        return "", [file.data for file in decode(path, limits=LIMITS).files]
    except PictureError as error:
        return str(error), []


@pytest.mark.parametrize("sort", HOSTILE)
def test_hostile_file_is_refused_in_words_or_rebuilt(sort, tmp_path):
    path = tmp_path / "picture.jpg"
    for data in HOSTILE[sort]():
        path.write_bytes(data)
        began = time.monotonic()  # noqa: TID251  (what is measured is real time)

        words, files = _outcome(path)

        assert len(words.splitlines()) == (0 if files else 1)
        assert len(words) < 200
        for file in files:
            prove_bare(file)
            pixels(file)
        assert time.monotonic() - began < PATIENCE  # noqa: TID251
        assert path.read_bytes() == data
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < MEMORY
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 < MEMORY


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(b"\0\0\0\x18ftypmp42" + bytes(40), "it is a video", id="mp4"),
        pytest.param(b"\0\0\0\x14ftypqt  " + bytes(40), "it is a video", id="mov"),
        pytest.param(b"\0\0\0\x08wide\0\0\0\0mdat", "it is a video", id="old mov"),
        pytest.param(b"\x1aE\xdf\xa3" + bytes(40), "it is a video", id="webm"),
        pytest.param(b"RIFF\0\0\0\0AVI LIST", "it is a video", id="avi"),
        pytest.param(b"GIF89a" + bytes(40), "it is a GIF", id="gif"),
        pytest.param(b"\0\0\0\x18ftypheic" + bytes(40), "HEIC", id="heic"),
        pytest.param(b"II*\0" + bytes(40), "TIFF", id="tiff"),
        pytest.param(b"%PDF-1.7", "PDF", id="pdf"),
        pytest.param(b"<svg xmlns=", "SVG", id="svg"),
        pytest.param(b"words", "no picture that can be read", id="words"),
        pytest.param(in_png(PNG, chunk(b"acTL", struct.pack(">II", 2, 0))), "animated", id="animated png"),
        pytest.param(
            encoded(drawing(), "webp", save_all=True, append_images=[drawing("L").convert("RGB")]),
            "animated",
            id="animated webp",
        ),
        pytest.param(JPEG[:-2], "cut off", id="cut off"),
        pytest.param(_sized(60_000, 60_000), "60,000 × 60,000 pixels", id="bomb"),
        pytest.param(bytes(25_000_001), "larger than 25 MB", id="too large"),
        pytest.param(in_jpeg(JPEG, *[segment(0xFE, b"")] * 30_000), "too many pieces", id="pieces"),
        pytest.param(
            PROGRESSIVE[:-2] + PROGRESSIVE[PROGRESSIVE.index(b"\xff\xda") : -2] * 4 + b"\xff\xd9",
            "too many passes",
            id="passes",
        ),
    ],
)
def test_what_is_no_picture_is_refused_by_its_name(data, words, tmp_path):
    path = tmp_path / "picture.jpg"
    path.write_bytes(data)

    with pytest.raises(PictureError, match=words):
        decode(path, limits=LIMITS)


@pytest.mark.parametrize("name", ["picture.png", "picture.mp4", "picture", "صورة.txt"])
def test_name_of_a_file_says_nothing(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(JPEG)

    assert decode(path, limits=LIMITS).format == "jpeg"


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(PictureError, match="it is no file"):
        decode(tmp_path, limits=LIMITS)
    with pytest.raises(PictureError, match="it is no file"):
        decode(Path("/dev/zero"), limits=LIMITS)
    with pytest.raises(PictureError, match="No such file"):
        decode(tmp_path / "absent.jpg", limits=LIMITS)
    with pytest.raises(PictureError, match="no file has such a name"):
        decode(tmp_path / "a\0b", limits=LIMITS)


_DEED = """
import sys
sys.path.insert(0, {root!r})
from bot.media.child import _become_poor
_become_poor()
try:
    {deed}
except BaseException as error:
    sys.stderr.write(type(error).__name__)
"""


@pytest.mark.parametrize(
    ("deed", "ends"),
    [
        pytest.param("open('/etc/hostname')", "OSError", id="opens a file"),
        pytest.param("open('/tmp/stolen', 'w')", "OSError", id="writes a file"),
        pytest.param("import socket; socket.socket()", "Error", id="opens a connection"),
        pytest.param("bytearray(1_600_000_000)", "MemoryError", id="takes memory"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold all of these limits")
def test_process_that_decodes_can_do_little_else(deed, ends):
    root = str(Path(__file__).parents[2])
    program = _DEED.format(root=root, deed=deed)

    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, timeout=60)

    assert done.stderr.endswith(ends)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems name their limits in other ways")
def test_process_that_decodes_ends_when_its_time_is_over():
    root = str(Path(__file__).parents[2])
    deed = "from resource import *; print(getrlimit(RLIMIT_CPU), getrlimit(RLIMIT_CORE))"

    done = subprocess.run(
        [sys.executable, "-I", "-c", _DEED.format(root=root, deed=deed)],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout.split("\n")[0] == f"({TIME}, {TIME}) (0, 0)"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems show no limits of another process")
def test_process_is_poor_before_it_reads_a_picture():
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from bot.media.child import main; main(['100000'])"
    )
    command = [sys.executable, "-I", "-c", program, str(Path(__file__).parents[2])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        limits = Path(f"/proc/{process.pid}/limits")
        began = time.monotonic()  # noqa: TID251

        # It waits for its picture all the while.
        while "Max open files            0 " not in (text := limits.read_text()):
            assert time.monotonic() - began < PATIENCE  # noqa: TID251
        process.communicate(b"")

    assert f"Max address space         {MEMORY} " in text
    assert process.returncode == 0
