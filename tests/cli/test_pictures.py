"""Posts with pictures on the command line: written, shown, logged, and what is wrong with them."""

from __future__ import annotations

import csv
import io

import pytest

from pictures import drawing, encoded

_ADD = (
    *("queue", "add", "--campaign", "not-hostages", "--account", "not_hostages_x", "--language", "en"),
    *("--kind", "call", "--by", "Huda", "--text", "Where are they?"),
)
_LATER = ("--at", "2031-05-05 10:00")
_SHOWN = ("--alt", "en=A drawing of 3 empty chairs", "--picture-warning", "no")


@pytest.fixture
def photo(clone):
    path = clone.path / "photo.jpg"
    path.write_bytes(encoded(drawing(size=(480, 320)), "jpeg"))
    return path.name


@pytest.fixture
def call_with_picture(clone, photo, here):
    """A campaign file's item with a picture; `write` puts other words into it."""
    digest = here("media", "add", photo, "--json").json["picture"]["digest"]
    path = clone.path / "content" / "not-hostages" / "pictures.yaml"

    def write(*, file: str = digest, alt: str = "A drawing of empty chairs", warning: str = "no") -> str:
        path.write_text(
            "calls:\n  empty-chairs:\n    text: {ar: كراسي فارغة, en: Empty chairs.}\n    picture:\n"
            f"      file: '{file}'\n      warning: {warning}\n"
            f"      alt: {{ar: رسم لكراسٍ فارغة, en: {alt}}}\n",
            encoding="utf-8",
        )
        return digest

    return write


def test_picture_is_queued_with_its_words_and_shown(here, photo):
    added = here(*_ADD, *_LATER, "--picture", photo, *_SHOWN)
    shown = here("queue", "show", "1")
    document = here("queue", "show", "1", "--json").json["post"]["picture"]

    assert added.status == 0, added.err
    for out in (added.out, shown.out):
        assert f"picture: {document['digest'][:12]}… 480 × 320\n" in out
        assert "it shows: A drawing of 3 empty chairs" in out
    assert document | {"digest": "", "size": 0} == {
        "digest": "",
        "media_type": "image/jpeg",
        "width": 480,
        "height": 320,
        "size": 0,
        "alt": "A drawing of 3 empty chairs",
        "warning": False,
    }


def test_list_marks_posts_that_carry_a_picture(here, photo):
    here(*_ADD, *_LATER, "--picture", photo, *_SHOWN)
    here(*_ADD[:-1], "Who took them?", "--at", "2031-05-06 10:00")

    lines = here("queue", "list").out.splitlines()
    listed = here("queue", "list", "--json").json["posts"]

    column = lines[0].index("picture")
    assert [line[column : column + 8].strip() for line in lines[1:3]] == ["picture", ""]
    assert [post["picture"] is None for post in listed] == [False, True]


def test_picture_that_may_distress_says_so(here, photo):
    shown = here(
        *_ADD, *_LATER, "--picture", photo, "--alt", "en=A drawing of chairs", "--picture-warning", "yes"
    )

    assert "480 × 320, behind a warning\n" in shown.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("--alt", "en=Chairs"), "--alt and --picture-warning speak of a picture", id="no-file"),
        pytest.param(
            ("--picture", "p.jpg", "--picture-warning", "no"), "what the picture shows", id="no-alt"
        ),
        pytest.param(
            ("--picture", "p.jpg", "--alt", "en=Chairs"), "whether the picture may distress", id="no-answer"
        ),
        pytest.param(("--picture", "p.jpg", "--alt", "Chairs"), "names no language", id="no-language"),
        pytest.param(
            ("--picture", "p.jpg", "--alt", "en="), "the description in en is empty", id="empty-description"
        ),
        pytest.param(
            ("--picture", "p.jpg", "--alt", "en=A", "--alt", "en=B", "--picture-warning", "no"),
            "twice for one language",
            id="twice",
        ),
    ],
)
def test_half_a_picture_is_no_use(here, arguments, says):
    done = here(*_ADD, *_LATER, *arguments)

    assert done.status == 2
    assert says in done.err


@pytest.mark.parametrize(
    ("alt", "says"),
    [
        pytest.param("en=Where are they", "picture.alt.en: this only repeats the text", id="repeats"),
        pytest.param("en=photo.jpg", "picture.alt.en: this is the name of a file", id="file-name"),
        pytest.param("en={chairs}", "--alt: it holds a brace", id="brace"),
        pytest.param(
            "ar=كراس", "--alt: it says in ar what the picture shows, and the text is in en", id="language"
        ),
    ],
)
def test_words_that_show_nobody_anything_are_refused(here, photo, alt, says):
    done = here(*_ADD, *_LATER, "--picture", photo, "--alt", alt, "--picture-warning", "no")

    assert done.status == 1
    assert says in done.err


def test_what_is_no_picture_is_named_and_nothing_is_queued(here, clone):
    (clone.path / "film.mp4").write_bytes(b"\0\0\0\x18ftypmp42")

    done = here(*_ADD, *_LATER, "--picture", "film.mp4", *_SHOWN)

    (complaint,) = done.complaints
    assert complaint.startswith("film.mp4: it is a video: video is not published yet")
    assert here("queue", "list", "--all", "--json").json["posts"] == []


def test_log_names_the_picture_that_left(here, photo):
    here(*_ADD, "--at", "now", "--picture", photo, *_SHOWN)
    sent = here("send", "--json").json["sent"][0]
    digest = sent["picture"]["digest"]

    (attempt,) = here("log", "--json").json["attempts"]
    (row,) = csv.DictReader(io.StringIO(here("log", "--csv").out))
    page = here("log").out
    intent = next(
        entry for entry in here("queue", "show", "1", "--json").json["log"] if entry["event"] == "intent"
    )

    assert (attempt["picture"], attempt["picture_alt"], attempt["picture_warning"]) == (
        digest,
        "A drawing of 3 empty chairs",
        False,
    )
    assert (row["picture"], row["picture_alt"]) == (digest, "A drawing of 3 empty chairs")
    assert digest[:12] in page
    assert intent["body"]["picture"] == digest
    assert len(intent["body"]["picture_alt"]) == 64
    assert intent["body"]["picture_warning"] == "no"
    assert here("log", "verify").status == 0


def test_rehearsal_shows_pictures(here, call_with_picture):
    digest = call_with_picture(warning="yes")

    posts = here("rehearse", "--campaign", "not-hostages", "--days", "40", "--json").json["posts"]
    page = here("rehearse", "--campaign", "not-hostages", "--days", "40").out

    pictured = [post for post in posts if post["item"] == "empty-chairs"]
    assert {(post["picture"]["digest"], post["picture"]["warning"]) for post in pictured} == {(digest, True)}
    assert {post["picture"] for post in posts if post["item"] != "empty-chairs"} == {None}
    assert "it shows: A drawing of empty chairs" in page


def test_check_names_a_picture_that_is_not_in_the_folder_once(here, call_with_picture):
    call_with_picture(file="ab" * 32)

    done = here("check")

    assert done.status == 1
    assert done.complaints == [
        "content/not-hostages/pictures.yaml:2: empty-chairs: "
        f"its picture {'ab' * 32} is not in the media folder — take it in with "
        "`campaign-bot media add FILE`, or copy the media folder from the machine that has it; "
        "`campaign-bot media list` shows what is there"
    ]


def test_check_names_a_picture_whose_record_was_damaged(here, clone, call_with_picture):
    digest = call_with_picture()
    (clone.data / "media" / f"{digest}.json").write_text("{}")

    (complaint,) = here("check").complaints

    assert complaint.startswith(
        "content/not-hostages/pictures.yaml:2: empty-chairs: its picture cannot be used: "
    )
    assert complaint.endswith(
        "the file was changed or damaged: add the picture again, or bring it back from a backup"
    )


def test_check_names_a_picture_whose_files_are_gone_while_its_record_stayed(here, clone, call_with_picture):
    digest = call_with_picture()
    for path in (clone.data / "media").glob("*.jpg"):
        path.unlink()

    (complaint,) = here("check").complaints

    assert complaint.startswith(
        "content/not-hostages/pictures.yaml:2: empty-chairs: "
        f"its picture {digest} is not in the media folder — "
    )


def test_check_names_words_that_are_too_long_for_a_network(here, call_with_picture):
    call_with_picture(alt="chairs " * 200)

    (complaint,) = here("check").complaints

    assert complaint.startswith("content/not-hostages/pictures.yaml:2: empty-chairs in en")
    assert "1,399" in complaint
    assert 'shorten it under "picture: alt: en:"' in complaint


def test_check_is_content_with_a_picture_that_is_there(here, call_with_picture):
    call_with_picture()

    assert here("check").status == 0
