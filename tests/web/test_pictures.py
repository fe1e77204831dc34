"""Pictures in the console: shown as proven, taken in without what they carried, and nothing typed is lost."""

from __future__ import annotations

import hashlib
import html
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from bot.core.campaign import Network
from bot.core.people import Role
from bot.media.limits import LARGEST_FILE, SMALL_FILE
from bot.web.gate.headers import HEADERS
from bot.web.pages import PICTURE_BODY, SHEET_BODY
from bot.web.pages.pictures import _turn
from bot.web.serving import serving
from nasty import NASTY
from photos import CAMPAIGN, PHOTO, SENTINEL, TYPED, added, chosen, send
from pictures import drawing, encoded
from visiting import words_of
from visitors import ADDRESS, Guest, Visited, visited

FORMS = [
    pytest.param("new", id="new post"),
    pytest.param("item", id="new item"),
    pytest.param("edit", id="an item of the library"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, prepared_sqlite: Path) -> Iterator[Visited]:
    with visited(tmp_path_factory.mktemp("pictures"), prepared_sqlite) as place:
        place.fill()
        place.add_users()
        yield place


@pytest.fixture
def author(place: Visited) -> Guest:
    return place.visitor(Role.AUTHOR)


# -- shown -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_a_viewer_sees_the_very_file_that_leaves_under_the_headers_of_every_answer(place: Visited, kind: str):
    stored = added(place, encoded(drawing(size=(300, 200)), kind))

    for network in Network:
        file = stored.networks[network]
        answer = place.visitor(Role.VIEWER).get(f"/pictures/{file.digest}")

        assert answer.status_code == 200
        assert hashlib.sha256(answer.data).hexdigest() == file.digest
        assert answer.headers["Content-Type"] == f"image/{kind}"
        assert answer.headers["Content-Disposition"] == "inline"
        assert answer.headers["Cache-Control"] == "no-store"
        assert HEADERS.items() <= dict(answer.headers).items()


def test_pages_get_a_small_copy_of_a_large_picture(place: Visited):
    noise = Image.merge("RGB", [Image.effect_noise((2600, 2000), 110)] * 3)
    stored = added(place, encoded(noise, "jpeg", quality=90))

    answer = place.visitor(Role.VIEWER).get(f"/pictures/{stored.networks[Network.BLUESKY].digest}/small")

    assert answer.status_code == 200
    assert len(answer.data) <= SMALL_FILE
    assert stored.small.width / stored.small.height == pytest.approx(1.3, abs=0.01)


def test_nobody_sees_a_picture_without_signing_in(place: Visited):
    digest = added(place).file.digest

    for path in (f"/pictures/{digest}", f"/pictures/{digest}/small"):
        answer = place.visitor().get(path)

        assert (answer.status_code, answer.location) == (303, f"/sign-in?next={path}")


@pytest.mark.parametrize(
    "name",
    [
        "0" * 64,
        "A" * 64,
        "..%2f..%2fcampaign-bot.sqlite3",
        "....//media",
        "{digest}.json",
        "{digest}.jpg",
        "{digest}%00",
        "{digest}{digest}",
        "*",
        "%e2%80%ae",
    ],
)
@pytest.mark.parametrize("end", ["", "/small"])
def test_whatever_is_no_picture_is_not_there(place: Visited, name: str, end: str):
    digest = added(place).file.digest

    answer = place.visitor(Role.ADMIN).get(f"/pictures/{name.format(digest=digest)}{end}")

    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize("harm", ["changed", "gone", "swapped"])
def test_a_file_that_is_not_what_was_proven_is_not_shown(place: Visited, harm: str):
    stored = added(place, encoded(drawing(size=(200 + len(harm), 90)), "png"))
    path = place.app.media.path_of(stored.file)
    if harm == "gone":
        path.unlink()
    elif harm == "changed":
        path.write_bytes(path.read_bytes() + b"<script>alert(1)</script>")
    else:
        path.write_bytes(encoded(drawing(size=(90, 90)), "png"))

    for end in ("", "/small"):
        assert place.visitor(Role.ADMIN).get(f"/pictures/{stored.file.digest}{end}").status_code == 404


def test_the_policy_lets_pages_show_pictures_of_this_console_alone():
    sources = re.search(r"img-src ([^;]*)", HEADERS["Content-Security-Policy"])

    assert sources is not None
    assert sources[1].split() == ["'self'", "data:"]


# -- taken in --------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", FORMS)
def test_without_scripts_the_form_comes_back_with_the_picture_and_all_that_was_typed(
    place: Visited, author: Guest, page: str
):
    key = place.sql("SELECT key FROM items WHERE campaign = ?", CAMPAIGN)[0][0]

    answer = send(author, picture=PHOTO, written_on=page, key=key if page == "edit" else "")

    assert answer.status_code == 200
    assert len(chosen(answer.text)) == 64
    for text in (TYPED["text_en"], TYPED["text_ar"], TYPED["picture_alt_ar"], TYPED["url"]):
        assert text in html.unescape(answer.text)
    assert "Removed: the place, names of people, the device, the time, written words and" in words_of(
        answer.text
    )
    assert "Your file stays as it is." in words_of(answer.text)
    assert "Nothing was stored yet" not in answer.text
    assert ("Queue 2 posts" in words_of(answer.text)) == (page == "new")
    assert (f"Edit {key}" in words_of(answer.text)) == (page == "edit")


def test_nothing_that_the_file_carried_is_kept_or_shown(place: Visited, author: Guest):
    answer = send(author, picture=PHOTO)

    for data in (answer.data, *(path.read_bytes() for path in place.folder.rglob("*") if path.is_file())):
        assert SENTINEL not in data
        assert b"huda-in-idlib" not in data


def test_a_script_gets_the_pictures_part_of_the_form(author: Guest):
    answer = send(author, picture=PHOTO, script=True)

    assert answer.status_code == 200
    part = answer.json
    assert part is not None
    assert part["html"].startswith("<fieldset")
    assert len(chosen(part["html"])) == 64
    assert "An invented drawing." in part["html"]
    assert not part["busy"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(b"GIF89a" + bytes(50), "it is a GIF, which may move: save it as JPEG", id="gif"),
        pytest.param(b"words", "it is no picture that can be read", id="words"),
        pytest.param(b"<svg onload=alert(1)>", "it is a drawing (SVG)", id="svg"),
        pytest.param(PHOTO[:3000], "it is broken", id="cut off"),
        pytest.param(encoded(drawing(size=(300, 5)), "png"), "20 times the other", id="too long"),
        pytest.param(PHOTO + bytes(LARGEST_FILE), "it is larger than 25 MB", id="too large"),
        pytest.param(None, "no picture is chosen", id="none"),
    ],
)
def test_a_refused_picture_loses_nothing_typed(place: Visited, author: Guest, data: bytes | None, said: str):
    before = place.snapshot()
    kept = "a" * 64

    answer = send(author, picture=data, picture_file=kept)

    assert answer.status_code == 422
    assert said in words_of(answer.text)
    assert chosen(answer.text) == kept
    assert TYPED["text_ar"] in answer.text
    assert 'href="#picture-field"' in answer.text
    assert place.snapshot() == before


@pytest.mark.parametrize("language", ["ar", "tr"])
def test_why_a_picture_is_refused_stands_in_the_readers_language(place: Visited, language: str):
    author = place.visitor(Role.AUTHOR)
    author.client.set_cookie("language", language, domain="127.0.0.1")

    answer = send(author, picture=b"GIF89a" + bytes(50))

    assert "which may move" not in answer.text


def test_one_picture_is_taken_in_at_a_time_and_the_others_are_told_so(place: Visited, author: Guest):
    with _turn:
        page, part = send(author, picture=PHOTO), send(author, picture=PHOTO, script=True)
        other = author.get("/queue")

    assert page.status_code == 503
    assert "another picture is being taken in: try again in a few seconds" in words_of(page.text)
    assert TYPED["text_en"] in page.text
    assert (part.status_code, part.json and part.json["busy"]) == (200, True)
    assert other.status_code == 200
    assert send(author, picture=PHOTO).status_code == 200


def test_the_address_of_pictures_takes_one_of_25_mb_with_its_form_and_no_more(author: Guest):
    largest = send(author, picture=bytes(LARGEST_FILE), text_en="x" * 20_000)
    longer = send(author, picture=bytes(PICTURE_BODY))

    assert largest.status_code == 422
    assert longer.status_code == 413


def refusal_of(place: Visited, path: str, length: int, *, cookie: str = "") -> list[str]:
    """The status with which the server refuses a body before it comes; empty when it waits for the body."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nContent-Length: {length}\r\n\r\n"
    with serving(place.console.pages, host="127.0.0.1", port=0) as address:
        port = urlsplit(address).port
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(head.encode())
            # Who stops in the middle of a body gets no answer; who may not send it is told before it.
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(100).decode().split()[1:2]


def cookie_of(guest: Guest) -> str:
    found = guest.client.get_cookie("campaign_bot", domain="127.0.0.1")
    return "" if found is None else f"language=en; campaign_bot={found.value}"


@pytest.mark.parametrize(
    ("path", "length", "refusal"),
    [
        pytest.param("/pictures", PICTURE_BODY, [], id="a picture"),
        pytest.param("/pictures", PICTURE_BODY + 1, ["413"], id="more than one"),
        pytest.param("/pictures/", SHEET_BODY + 1, ["413"], id="beside it"),
        pytest.param("/import", SHEET_BODY + 1, ["413"], id="a sheet"),
        pytest.param("/new", SHEET_BODY + 1, ["413"], id="a post"),
    ],
)
def test_the_server_takes_a_body_longer_than_a_sheet_at_the_address_of_pictures_alone(
    place: Visited, author: Guest, path: str, length: int, refusal: list[str]
):
    assert refusal_of(place, path, length, cookie=cookie_of(author)) == refusal


def forged(cookie: str) -> str:
    """The same cookie with a sign of its signature changed; its last holds bits that nobody reads."""
    return cookie[:-5] + ("A" if cookie[-5] != "A" else "B") + cookie[-4:]


@pytest.mark.parametrize("who", ["stranger", "visitor", "half", "forger", "garbler"])
def test_a_body_longer_than_a_sheet_of_who_is_not_in_is_refused_before_it_is_read(place: Visited, who: str):
    guest = place.visitor()
    if who == "visitor":
        guest.token()
    elif who == "half":
        with guest.client.session_transaction(base_url=ADDRESS) as session:
            session["half"] = "an invented token"
    cookies = {
        "stranger": "",
        "forger": forged(cookie_of(place.visitor(Role.AUTHOR))),
        "garbler": "campaign_bot=\xff..=; =;;campaign_bot",
    }
    cookie = cookies.get(who) or cookie_of(guest)

    assert refusal_of(place, "/pictures", SHEET_BODY + 1, cookie=cookie) == ["413"]
    assert bool(cookie) is (who != "stranger")


def test_who_signed_out_meanwhile_gets_the_page_that_says_so(place: Visited):
    author = place.visitor(Role.AUTHOR)
    cookie = cookie_of(author)
    author.post("/sign-out")

    assert refusal_of(place, "/pictures", PICTURE_BODY, cookie=cookie) == []
    assert send(author, picture=PHOTO).status_code == 403


def test_a_field_beside_the_picture_stays_as_bounded_as_elsewhere(author: Guest):
    answer = send(author, picture=PHOTO, text_en="x" * (9 * 1024 * 1024))

    assert answer.status_code == 413


# -- chosen, and taken out again -------------------------------------------------------------------


@pytest.mark.slow
def test_a_picture_that_is_here_already_is_chosen_from_the_newest_on(place: Visited, author: Guest):
    mine = [added(place, encoded(drawing(size=(64 + number, 64)), "png")).file.digest for number in range(14)]

    first = send(author, picture_do="shelf")
    older = send(author, picture_do="shelf12")
    taken = send(author, picture_take=mine[-1])

    offered = re.findall(r'name="picture_take" value="(\w+)"', first.text)
    assert len(offered) == 12
    assert set(mine[2:]) == set(offered)
    assert set(mine[:2]) <= set(re.findall(r'name="picture_take" value="(\w+)"', older.text))
    assert chosen(taken.text) == mine[-1]


@pytest.mark.parametrize("number", range(0, len(NASTY), 5))
def test_a_button_that_no_page_has_is_answered_in_words(author: Guest, number: int):
    nasty = NASTY[number].replace("\0", "")

    for field in (
        "picture_take",
        "picture_do",
        "picture_file",
        "written_on",
        "picture_warning",
        "picture_alt_en",
    ):
        answer = send(author, **{field: nasty, "picture_do" if field != "picture_do" else "x": "shelf"})

        assert answer.status_code in (200, 404, 422)
        assert "<script>alert(1)" not in answer.text
        assert "<img src=x" not in answer.text


def test_a_picture_that_is_taken_out_leaves_its_words_typed(author: Guest, place: Visited):
    digest = added(place).file.digest

    out = send(author, picture_file=digest, picture_do="remove")
    back = send(author, picture_take=digest)

    assert chosen(out.text) == ""
    assert 'name="picture_alt_en" value="An invented drawing."' in out.text
    assert ">\nAn invented drawing.</textarea>" in back.text
