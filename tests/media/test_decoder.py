"""Whatever the process that decodes answers, nothing is believed that is not proven."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.core.errors import PictureError
from bot.media.decoder import read_answer
from pictures import SIZE, drawing, encoded, exif_segment, in_jpeg, tiff

BARE = encoded(drawing(), "jpeg")
PNG = encoded(drawing(), "png")
LIMIT = 100_000


def answer(*, data: bytes = BARE, **changes: object) -> io.BytesIO:
    """What an honest child would answer, but for the changes."""
    told = {
        "format": "jpeg",
        "width": SIZE[0],
        "height": SIZE[1],
        "size": 1000,
        "findings": [["place", "a place (latitude, longitude)"]],
        "done": [],
        "files": [["jpeg", *SIZE, len(data)]],
        "chosen": [0],
    }
    return io.BytesIO(json.dumps(told | changes).encode() + b"\n" + data)


def test_honest_answer_is_read():
    rebuilt = read_answer(answer(), limits=[LIMIT])

    assert [file.data for file in rebuilt.files] == [BARE]
    assert rebuilt.findings[0].what == "place"


@pytest.mark.parametrize(
    ("forged", "words"),
    [
        pytest.param(
            answer(data=in_jpeg(BARE, exif_segment(tiff({0x010F: b"Invented"})))),
            "no bare picture",
            id="EXIF left",
        ),
        pytest.param(answer(data=BARE + b"words"), "no bare picture", id="trailer"),
        pytest.param(answer(data=b"MZ" + bytes(100)), "no bare picture", id="a program"),
        pytest.param(answer(data=PNG), "not rebuilt as it should be", id="another format"),
        pytest.param(
            answer(files=[["jpeg", 7, 7, len(BARE)]]), "not rebuilt as it should be", id="other measures"
        ),
        pytest.param(answer(files=[["jpeg", *SIZE, 10]]), "no bare picture", id="cut off"),
        pytest.param(answer(files=[]), "cannot be understood", id="no file"),
        pytest.param(answer(chosen=[]), "small enough", id="none chosen"),
        pytest.param(answer(chosen=[0, 0]), "small enough", id="too many chosen"),
        pytest.param(answer(chosen=["a"]), "cannot be understood", id="words for numbers"),
        pytest.param(answer(format="exe"), "cannot be understood", id="unknown format"),
        pytest.param(answer(findings=7), "cannot be understood", id="a number for a list"),
        pytest.param(answer(refused="it is broken"), "it is broken", id="refusal"),
        pytest.param(io.BytesIO(b""), "cannot be understood", id="nothing"),
        pytest.param(io.BytesIO(b"[]\n"), "cannot be understood", id="a list"),
        pytest.param(io.BytesIO(b"[" * 90_000), "cannot be understood", id="deep nesting"),
        pytest.param(io.BytesIO(b'{"files": "' + b"x" * 10**7), "cannot be understood", id="endless line"),
    ],
)
def test_forged_answer_is_refused(forged, words):
    with pytest.raises(PictureError, match=words):
        read_answer(forged, limits=[LIMIT])


def test_file_above_its_limit_is_refused():
    with pytest.raises(PictureError, match="small enough"):
        read_answer(answer(), limits=[len(BARE) - 1])


def test_process_of_the_user_loads_no_pillow():
    root = str(Path(__file__).parents[2])
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import bot.media.folder; print('PIL' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-c", program, root], capture_output=True, text=True, timeout=60
    )

    assert done.stdout == "False\n"
