"""What the fake networks read from the head of a picture."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.emulator.bluesky_blobs import Blobs
from bot.emulator.pictures import Measures, measure
from pictures import SIZE, drawing, encoded, exif_segment, in_jpeg, tiff


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        pytest.param(encoded(drawing(), "png"), "image/png", id="PNG"),
        pytest.param(encoded(drawing("RGBA"), "png"), "image/png", id="PNG with an alpha channel"),
        pytest.param(encoded(drawing(), "jpeg"), "image/jpeg", id="JPEG"),
        pytest.param(encoded(drawing(), "jpeg", progressive=True), "image/jpeg", id="JPEG in passes"),
        pytest.param(encoded(drawing("L"), "jpeg"), "image/jpeg", id="JPEG in grey"),
        pytest.param(
            in_jpeg(encoded(drawing(), "jpeg"), exif_segment(tiff({1: b"words"}))),
            "image/jpeg",
            id="JPEG, EXIF",
        ),
    ],
)
def test_type_and_measures_are_those_of_the_picture(data, media_type):
    assert measure(data) == Measures(media_type=media_type, width=SIZE[0], height=SIZE[1])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GIF89a" + bytes(50), id="another type"),
        pytest.param(encoded(drawing(), "png")[:30], id="PNG that breaks off"),
        pytest.param(encoded(drawing(), "jpeg")[:40], id="JPEG that breaks off"),
        pytest.param(b"\xff\xd8\xff" + bytes(50), id="JPEG in name only"),
        pytest.param(b"<html>413</html>", id="a page"),
    ],
)
def test_what_is_no_picture_has_no_measures(data):
    assert measure(data) is None


@pytest.mark.parametrize(
    ("labels", "is_covered"),
    [
        pytest.param(["graphic-media"], True, id="for what distresses"),
        pytest.param(["porn", "graphic-media"], True, id="among others"),
        pytest.param(["nudity"], False, id="for something else"),
        pytest.param([], False, id="none"),
    ],
)
def test_bluesky_covers_a_picture_by_the_label_for_it_alone(labels, is_covered):
    now, blobs = datetime(2026, 3, 1, tzinfo=UTC), Blobs()
    blob = blobs.take("invented.test", encoded(drawing(), "png"), declared="image/png", now=now)["blob"]
    record = {
        "embed": {"images": [{"alt": "An invented drawing.", "image": blob}]},
        "labels": {"values": [{"val": label} for label in labels]},
    }
    blobs.show("invented.test", record, now=now)

    (picture,) = blobs.seen("invented.test", record)

    assert picture["warning"] is is_covered
