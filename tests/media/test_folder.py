"""The media folder keeps rebuilt pictures under their digests, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
from pathlib import Path

import pytest
from PIL import Image

from bot.core.campaign import Network
from bot.core.errors import NotFoundError, PictureError
from bot.media.bytes_check import prove_bare
from bot.media.folder import MediaFolder
from bot.media.limits import SMALL_FILE, SMALL_SIDE, rules_for
from pictures import (
    chunk,
    drawing,
    encoded,
    exif_segment,
    in_jpeg,
    in_png,
    in_webp,
    riff_chunk,
    segment,
    tiff,
    xmp,
)

WORDS = b"INVENTED-SENTINEL-0193847"
DRESSED = {
    "jpeg": lambda: (
        in_jpeg(
            encoded(drawing(), "jpeg"),
            exif_segment(tiff({0x013B: WORDS}, place={2: WORDS})),
            segment(0xFE, WORDS),
        )
        + WORDS
    ),
    "png": lambda: in_png(encoded(drawing("RGBA"), "png"), chunk(b"tEXt", b"a\0" + WORDS)) + WORDS,
    "webp": lambda: in_webp(encoded(drawing(), "webp"), riff_chunk(b"XMP ", xmp(WORDS)), flags=4) + WORDS,
}


@pytest.fixture
def folder(tmp_path):
    return MediaFolder(tmp_path / "data" / "media")


@pytest.fixture
def picture(tmp_path):
    """A file with that content."""

    def write(data, name="picture.jpg"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize("kind", DRESSED)
def test_picture_is_kept_bare_and_its_file_stays_as_it_was(kind, folder, picture, tmp_path):
    path = picture(DRESSED[kind]())
    before = path.read_bytes(), path.stat().st_mtime_ns

    added = folder.add(path)

    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert added.original.findings
    kept = sorted((tmp_path / "data" / "media").iterdir())
    assert all(WORDS not in file.read_bytes() for file in kept)
    for file in kept:
        if file.suffix != ".json":
            prove_bare(file.read_bytes())
            assert file.stem == hashlib.sha256(file.read_bytes()).hexdigest()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_same_picture_is_kept_once_under_one_name(folder, picture, tmp_path):
    first = folder.add(picture(DRESSED["jpeg"]()))
    before = sorted((tmp_path / "data" / "media").iterdir())

    second = folder.add(picture(DRESSED["jpeg"](), name="other.png"))

    assert second.picture == first.picture
    assert sorted((tmp_path / "data" / "media").iterdir()) == before
    assert folder.pictures() == [first.picture]


def test_each_network_gets_a_file_that_it_takes(folder, picture):
    noise = Image.merge("RGB", [Image.effect_noise((2600, 2000), 110)] * 3)

    stored = folder.add(picture(encoded(noise, "jpeg", quality=95))).picture

    assert list(stored.networks) == list(Network)
    for network, file in stored.networks.items():
        data = folder.read(file)
        assert rules_for(network).fits(width=file.width, height=file.height, size=len(data))
    assert stored.networks[Network.BLUESKY].size <= 2_000_000 < stored.file.size
    assert folder.picture(stored.file.digest) == stored


def test_nothing_is_kept_of_what_is_refused(folder, picture, tmp_path):
    with pytest.raises(PictureError):
        folder.add(picture(b"words"))

    assert not (tmp_path / "data").exists()


def test_folder_without_pictures_has_none(folder):
    assert folder.pictures() == []
    with pytest.raises(NotFoundError, match="no such picture"):
        folder.picture("0" * 64)
    with pytest.raises(NotFoundError, match="no such picture"):
        folder.picture("../../etc/passwd")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda data: data + b"more", id="longer"),
        pytest.param(lambda data: data[:-1], id="shorter"),
        pytest.param(lambda data: DRESSED["jpeg"](), id="another picture"),
        pytest.param(lambda data: b"", id="empty"),
    ],
)
def test_file_that_was_changed_is_not_given_out(spoil, folder, picture):
    stored = folder.add(picture(DRESSED["jpeg"]())).picture
    path = folder.path_of(stored.file)
    path.write_bytes(spoil(path.read_bytes()))

    with pytest.raises(PictureError, match="changed or damaged"):
        folder.read(stored.file)


def test_changed_file_is_mended_by_adding_the_picture_again(folder, picture):
    stored = folder.add(picture(DRESSED["jpeg"]())).picture
    folder.path_of(stored.file).write_bytes(b"")

    folder.add(picture(DRESSED["jpeg"]()))

    assert prove_bare(folder.read(stored.file)).width == stored.file.width


def test_file_that_is_gone_is_named(folder, picture):
    stored = folder.add(picture(DRESSED["jpeg"]())).picture
    folder.path_of(stored.file).unlink()

    with pytest.raises(NotFoundError, match="the picture is gone"):
        folder.read(stored.file)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="a list"),
        pytest.param('{"file": {"digest": "../x", "media_type": "image/png"}, "networks": {}}', id="a path"),
        pytest.param('{"file": 7, "networks": {}}', id="a number"),
    ],
)
def test_damaged_record_is_named(record, folder, picture, tmp_path):
    stored = folder.add(picture(DRESSED["jpeg"]())).picture
    (tmp_path / "data" / "media" / f"{stored.file.digest}.json").write_text(record)

    with pytest.raises(PictureError, match="changed or damaged"):
        folder.picture(stored.file.digest)


def test_record_says_nothing_of_the_original(folder, picture, tmp_path):
    stored = folder.add(picture(DRESSED["jpeg"](), name="huda-in-idlib.jpg")).picture

    record = json.loads((tmp_path / "data" / "media" / f"{stored.file.digest}.json").read_text())

    assert set(record) == {"file", "networks", "small"}
    assert "huda" not in json.dumps(record)


def test_full_disk_leaves_nothing_half_written(folder, picture, tmp_path):
    stored = folder.add(picture(DRESSED["png"]())).picture
    other = picture(DRESSED["jpeg"]())
    media = tmp_path / "data" / "media"
    before = sorted(path.name for path in media.iterdir())
    # A folder stands where the record would be put: the last step fails.
    digest = MediaFolder(tmp_path / "elsewhere").add(other).picture.file.digest
    os.mkdir(media / f"{digest}.json")

    with pytest.raises(OSError):
        folder.add(other)

    left = {path.name for path in media.iterdir()} - set(before) - {f"{digest}.json"}
    assert left == {f"{digest}.jpg"}
    assert folder.picture(stored.file.digest) == stored


def test_sent_bytes_become_the_same_picture_as_their_file(folder, picture):
    data = DRESSED["jpeg"]()

    sent = folder.add_sent(io.BytesIO(data))

    assert sent.picture == folder.add(picture(data)).picture
    assert sent.original.findings


@pytest.mark.parametrize("kind", DRESSED)
def test_small_copy_is_small_and_as_bare_as_the_rest(kind, folder, picture):
    large = encoded(drawing(size=(3000, 2000)), kind)

    stored = folder.add(picture(large)).picture

    assert stored.small.size <= SMALL_FILE
    assert max(stored.small.width, stored.small.height) <= SMALL_SIDE
    assert folder.read(stored.small)
    assert stored.small not in stored.networks.values()


def test_each_file_is_found_by_its_own_digest_with_the_small_copy_of_its_picture(folder, picture):
    noise = Image.merge("RGB", [Image.effect_noise((2600, 2000), 110)] * 3)
    stored = folder.add(picture(encoded(noise, "jpeg", quality=95))).picture

    for file in (stored.file, *stored.networks.values(), stored.small):
        assert folder.file_named(file.digest) == file
        assert folder.small_of(file.digest) == stored.small
    with pytest.raises(NotFoundError, match="no picture has such a file"):
        folder.file_named("0" * 64)


def test_newest_pictures_come_first_without_those_that_were_drawn_here(folder, picture):
    added = [
        folder.add(picture(encoded(drawing(size=(40 + number, 40)), "png"))).picture for number in range(3)
    ]
    card = encoded(drawing(size=(90, 90)), "png")
    folder.keep_drawn(card, small=card)

    assert folder.newest(limit=2) == [added[2], added[1]]
    assert folder.newest(limit=2, skip=2) == [added[0]]


def test_file_that_the_disk_does_not_give_is_named_with_the_reason(folder, picture):
    file = folder.add(picture(DRESSED["jpeg"]())).picture.file
    folder.path_of(file).unlink()
    folder.path_of(file).symlink_to(folder.path_of(file))

    with pytest.raises(
        PictureError, match=r"the picture cannot be read \(too many levels of symbolic links\)"
    ):
        folder.read(file)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"")], ids=["gone", "emptied"])
def test_file_for_a_network_is_looked_for_on_the_disk(folder, picture, spoil):
    kept = folder.add(picture(DRESSED["jpeg"]())).picture
    spoil(folder.path_of(kept.networks[Network.X]))

    with pytest.raises((NotFoundError, PictureError), match="or bring it back from a backup"):
        folder.file_for(kept.file.digest, Network.X)
