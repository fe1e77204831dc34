"""`media`: pictures in, what was removed of them, and what there is."""

from __future__ import annotations

import os
import re
import stat

import pytest
from PIL import Image

from pictures import drawing, encoded, exif_segment, in_jpeg, tiff

BLOCK = tiff(
    {0x010F: b"Invented\0", 0x0110: b"Camera 7\0", 0x0112: 6},
    place={2: b"\x21\0\0\0\x01\0\0\0" * 3, 4: b"\x24\0\0\0\x01\0\0\0" * 3},
)


@pytest.fixture
def photo(clone):
    """A picture as a camera leaves it, held upright."""
    path = clone.path / "photo.jpg"
    path.write_bytes(in_jpeg(encoded(drawing(size=(480, 320)), "jpeg"), exif_segment(BLOCK)) + b"after")
    return path


def test_added_picture_is_shown_with_what_was_removed(here, photo):
    before = photo.read_bytes()

    done = here("media", "add", "photo.jpg")

    assert done.status == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].startswith("photo.jpg: JPEG, 480 × 320, ")
    assert lines[0].endswith("It stays as it is.")
    assert [line.split(maxsplit=1) for line in lines[3:8]] == [
        ["what", "that is"],
        ["place", "a place (latitude, longitude)"],
        ["camera", "Invented Camera 7"],
        ["EXIF", f"{len(BLOCK) + 6} bytes"],
        ["after", "the end  nothing known, 5 bytes"],
    ]
    assert "  turned upright" in lines
    assert any(line.startswith("bluesky ") and "320 × 480" in line for line in lines)
    assert photo.read_bytes() == before


def test_added_picture_as_json(here, photo):
    added = here("media", "add", str(photo), "--json").json
    listed = here("media", "list", "--json").json

    assert added["original"] | {"size": 0} == {
        "file": str(photo),
        "format": "jpeg",
        "width": 480,
        "height": 320,
        "size": 0,
    }
    assert added["removed"][0] == {"what": "place", "detail": "a place (latitude, longitude)"}
    assert added["done"] == ["turned upright"]
    assert set(added["networks"]) == {"x", "mastodon", "bluesky", "telegram"}
    assert added["picture"]["path"] == f"data/media/{added['picture']['digest']}.jpg"
    assert listed == {"pictures": [{"picture": added["picture"], "networks": added["networks"]}]}


def test_pictures_are_listed(here, clone, photo):
    none = here("media", "list")
    here("media", "add", "photo.jpg")
    one = here("media", "list")

    assert none.out == "No picture yet: `campaign-bot media add FILE` takes one in.\n"
    path, sizes = one.out.splitlines()
    assert (clone.path / path).is_file()
    assert re.fullmatch(
        r"  320 × 480; x (\d+ KB), mastodon (\d+ KB), bluesky (\d+ KB), telegram (\d+ KB)", sizes
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"\0\0\0\x18ftypmp42", "it is a video: video is not published yet", id="video"),
        pytest.param(b"GIF89a", "it is a GIF, which may move: save it as JPEG, PNG or WebP", id="gif"),
        pytest.param(b"", "the file is empty", id="empty"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line(here, clone, content, words):
    (clone.path / "photo.jpg").write_bytes(content)

    done = here("media", "add", "photo.jpg")

    assert done.status == 1
    assert len(done.complaints) == 1
    assert done.complaints[0].startswith(f"photo.jpg: {words}")
    assert not clone.data.exists()


def test_file_that_is_not_there_is_named(here):
    assert here("media", "add", "absent.jpg").complaints == [
        "absent.jpg: it cannot be read (No such file or directory)"
    ]


def test_line_break_in_a_files_name_is_printed_as_an_escape(here, clone, photo):
    (clone.path / photo).rename(clone.path / "two\nlines.jpg")
    (clone.path / "no\npicture.jpg").write_bytes(b"")

    added, refused = here("media", "add", "two\nlines.jpg"), here("media", "add", "no\npicture.jpg")

    assert added.out.startswith("two\\nlines.jpg: ")
    assert refused.complaints == ["no\\npicture.jpg: the file is empty"]


def test_picture_of_which_nothing_can_be_seen_is_refused(here, clone):
    (clone.path / "glass.png").write_bytes(encoded(Image.new("RGBA", (64, 64), (9, 9, 9, 0)), "png"))

    assert here("media", "add", "glass.png").complaints == [
        "glass.png: nothing of it can be seen: all its pixels are transparent"
    ]


def test_first_picture_makes_a_data_folder_that_is_nobody_elses_business(here, clone, photo):
    previous = os.umask(0o022)

    done = here("media", "add", photo)

    os.umask(previous)
    assert done.status == 0, done.err
    assert stat.S_IMODE(clone.data.stat().st_mode) == 0o700
    assert stat.S_IMODE((clone.data / "media").stat().st_mode) == 0o700
