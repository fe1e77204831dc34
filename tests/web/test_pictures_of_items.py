"""An item with its picture: what is missing of it is told, and every page that shows its posts shows it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from bot.core.campaign import Network
from bot.core.media import Picture
from bot.core.people import Role
from bot.store import contents, posts
from photos import CAMPAIGN, TYPED, added, chosen
from pictures import drawing, encoded
from visiting import words_of
from visitors import ADDRESS, Guest, Visited, visited


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, prepared_sqlite: Path) -> Iterator[Visited]:
    with visited(tmp_path_factory.mktemp("items"), prepared_sqlite) as place:
        place.fill()
        place.add_users()
        yield place


@pytest.fixture
def author(place: Visited) -> Guest:
    return place.visitor(Role.AUTHOR)


def queue(author: Guest, **fields: str) -> TestResponse:
    typed = {**TYPED, "url": "", "to": "not_hostages_x|en", **fields}
    return author.client.post(
        "/new",
        data={"csrf_token": author.token(), **typed},
        base_url=ADDRESS,
        headers={"Accept-Language": "en", "Sec-Fetch-Site": "same-origin", "Origin": "null"},
    )


def test_a_picture_whose_name_alone_arrived_stops_the_queueing(author: Guest):
    answer = queue(author, picture="huda.jpg")

    assert answer.status_code == 422
    assert "a picture was chosen that is not here yet — add it first" in words_of(answer.text)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"picture_warning": ""}, "picture_warning", id="distress"),
        pytest.param({"picture_alt_ar": ""}, "picture_alt_ar", id="description"),
    ],
)
def test_what_is_missing_of_a_picture_is_told_at_its_field(
    place: Visited, author: Guest, changes: dict[str, str], field: str
):
    whole = {"picture_file": added(place).file.digest, "picture_warning": "no"}

    answer = queue(author, **{**whole, **changes})

    assert answer.status_code == 422
    assert re.search(rf'id="{field}-wrong"[^>]*><li', answer.text)


def test_words_about_a_picture_that_is_not_there_keep_nothing_back(author: Guest):
    answer = queue(
        author, text_en="Words without a picture.", text_ar="كلمات بلا صورة.", picture_warning="yes"
    )

    assert answer.status_code == 303


def test_a_queued_post_shows_its_picture_wherever_it_is_read(place: Visited, author: Guest):
    stored = added(place, encoded(drawing(size=(333, 222)), "jpeg"))
    alt = 'An invented <b onmouseover="x">drawing</b> & "more"'

    answer = queue(
        author,
        picture_file=stored.file.digest,
        picture_warning="yes",
        picture_alt_en=alt,
        text_en="Shown words.",
    )

    assert answer.status_code == 303, words_of(answer.text)
    with place.app.db.read() as tx:
        post = max(posts.read_posts(tx), key=lambda one: one.id)
        item = contents.read_item(tx, CAMPAIGN, post.item)
    assert post.picture is not None
    assert (post.picture.file, post.picture.alt, post.picture.warning) == (
        stored.networks[Network.X],
        alt,
        True,
    )
    assert item is not None
    assert item.item.picture == Picture(
        file=stored.file.digest, alt={"ar": TYPED["picture_alt_ar"], "en": alt}, warning=True
    )
    small = f"/pictures/{stored.networks[Network.X].digest}/small"
    page = author.get(f"/posts/{post.id}").text
    image = re.search(rf'<img src="{small}"[^>]*>', page)
    assert image is not None
    assert 'width="333" height="222" loading="lazy"' in image[0]
    assert alt in html.unescape(image[0])
    assert "May distress: show it" in page
    assert "<b onmouseover" not in page
    assert "with a picture" in words_of(author.get("/queue?tab=all&text=Shown").text)
    for path in (
        f"/library/{CAMPAIGN}/{post.item}",
        "/library?q=Shown",
        f"/library/{CAMPAIGN}/{post.item}/edit",
    ):
        assert "/small" in author.get(path).text, path


def test_a_picture_is_seen_before_it_is_described(place: Visited, author: Guest):
    digest = added(place).file.digest
    fields = {**TYPED, "picture_file": digest, "picture_alt_en": "", "to": "not_hostages_x|en"}

    answer = author.post("/preview", **fields)

    assert answer.json is not None
    assert "/small" in answer.json["previews"]
    assert "problem" not in answer.json["previews"]


def test_a_post_whose_picture_is_gone_says_so(place: Visited, author: Guest):
    stored = added(place, encoded(drawing(size=(123, 45)), "png"))
    queue(author, picture_file=stored.file.digest, picture_warning="no", text_en="Gone.", text_ar="ذهبت.")
    with place.app.db.read() as tx:
        number = max(one.id for one in posts.read_posts(tx))

    place.app.media.path_of(stored.networks[Network.X]).unlink()

    page = words_of(author.get(f"/posts/{number}").text)
    assert "The picture is gone from the media folder. The post does not leave without it." in page
    assert "Described as: An invented drawing." in page


def test_a_picture_of_an_item_survives_being_edited(place: Visited, author: Guest):
    stored = added(place)
    key = place.sql("SELECT key FROM items WHERE campaign = ?", CAMPAIGN)[1][0]
    with place.app.db.write() as tx:
        found = contents.read_item(tx, CAMPAIGN, key)
        assert found is not None
        picture = Picture(file=stored.file.digest, alt={"ar": "صورة", "en": "A picture."}, warning=False)
        contents.save_item(
            tx,
            replace(found.item, picture=picture),
            position=found.position,
            origin=found.origin,
            now=place.clock.now(),
        )

    page = author.get(f"/library/{CAMPAIGN}/{key}/edit").text

    assert chosen(page) == stored.file.digest
    assert ">\nA picture.</textarea>" in page
    assert re.search(r'name="picture_warning" value="no" checked', page)
