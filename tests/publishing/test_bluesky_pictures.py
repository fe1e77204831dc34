"""A picture on Bluesky: brought before its post, named by its bytes, shown with its words, and never lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import requests

from album import Album
from bot.core.errors import AccountError, NotNowError, NotSentError, PublishError, RejectedError
from bot.publishing.bluesky_picture import picture_name
from bot.publishing.protocol import OutgoingPicture, UploadsPictures

HANDLE = "campaign.example.org"
PUT = "POST /xrpc/com.atproto.repo.putRecord"
UPLOAD = "POST /xrpc/com.atproto.repo.uploadBlob"


@pytest.fixture
def picture() -> OutgoingPicture:
    return Album().outgoing("an invented picture", alt="وصف مخترع", warning=True)


def asked(fake: Any, method: str) -> list[dict[str, Any]]:
    return [entry for entry in fake.journal() if entry["path"].endswith(method)]


def said(status: int, name: str, **more: Any) -> dict[str, Any]:
    return {"kind": "status", "status": status, "body": {"error": name, "message": "Invented"}, **more}


def test_publisher_takes_pictures_first(bluesky_publisher):
    assert isinstance(bluesky_publisher, UploadsPictures)


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_the_very_bytes_arrive_and_their_name_is_known_before(bluesky_publisher, fake_bluesky, kind):
    picture = Album().outgoing("an invented picture", kind=kind)

    name = bluesky_publisher.upload(picture).name

    (arrived,) = asked(fake_bluesky, "uploadBlob")
    assert arrived["body_sha256"] == picture.file.digest
    assert name == picture_name(picture.file)
    assert fake_bluesky.posts() == []


def test_type_of_the_file_is_said_for_servers_that_do_not_look(bluesky_publisher, picture):
    data = b"invented bytes in which nobody sees a picture"
    file = replace(picture.file, size=len(data), digest=hashlib.sha256(data).hexdigest())

    bluesky_publisher.upload(replace(picture, file=file, data=data))


def test_post_shows_its_picture_with_its_words_and_behind_a_warning(
    bluesky_publisher, fake_bluesky, bluesky_request_of, picture
):
    uploaded = replace(picture, uploaded=bluesky_publisher.upload(picture).name)

    bluesky_publisher.publish(bluesky_request_of(picture=uploaded))

    (post,) = fake_bluesky.posts(HANDLE)
    assert post["pictures"] == [{"sha256": picture.file.digest, "alt": "وصف مخترع", "warning": True}]


def test_bringing_a_picture_again_does_no_harm(bluesky_publisher, bluesky_request_of, fake_bluesky, picture):
    names = {bluesky_publisher.upload(picture).name for _ in range(2)}
    bluesky_publisher.publish(bluesky_request_of(picture=picture))
    names.add(bluesky_publisher.upload(picture).name)
    bluesky_publisher.publish(bluesky_request_of(picture=picture))

    assert names == {picture_name(picture.file)}
    assert len(fake_bluesky.posts()) == 1


def test_repeat_is_the_same_bytes_and_asks_for_no_picture(
    make_bluesky, fake_bluesky, bluesky_request_of, picture
):
    publisher = make_bluesky()
    publisher.upload(picture)
    first = publisher.publish(bluesky_request_of(picture=picture))

    again = make_bluesky().publish(bluesky_request_of(picture=replace(picture, uploaded="another name")))

    assert again == first
    assert len({entry["body_sha256"] for entry in asked(fake_bluesky, "putRecord")}) == 1


def test_look_compares_the_picture_too(bluesky_publisher, bluesky_request_of, clock, picture):
    bluesky_publisher.upload(picture)
    receipt = bluesky_publisher.publish(bluesky_request_of(picture=picture))
    seen = replace(picture, data=None)

    assert bluesky_publisher.find(bluesky_request_of(picture=seen), since=clock.now()) == receipt
    for other in (None, replace(seen, alt="another"), Album().outgoing("another")):
        with pytest.raises(PublishError, match="another post under this one's key"):
            bluesky_publisher.find(bluesky_request_of(picture=other), since=clock.now())


# -- a server that does not keep it ------------------------------------------------------------------


def test_picture_that_was_collected_meanwhile_is_brought_anew_and_the_post_leaves_once(
    bluesky_publisher, fake_bluesky, bluesky_request_of, picture
):
    fake_bluesky.settings(keeps_blobs_seconds=60)
    bluesky_publisher.upload(picture)
    fake_bluesky.settings(clock_offset_seconds=61)

    bluesky_publisher.publish(bluesky_request_of(picture=picture))

    (post,) = fake_bluesky.posts()
    assert [entry["committed"] for entry in asked(fake_bluesky, "putRecord")] == [False, True]
    assert [one["sha256"] for one in post["pictures"]] == [picture.file.digest]


def test_post_whose_picture_is_gone_for_good_is_refused_in_words(
    bluesky_publisher, fake_bluesky, bluesky_request_of, picture
):
    fake_bluesky.faults(said(400, "BlobNotFound", on=PUT, times=2))

    with pytest.raises(RejectedError, match="BlobNotFound"):
        bluesky_publisher.publish(bluesky_request_of(picture=picture))

    assert len(asked(fake_bluesky, "putRecord")) == 2


def test_post_whose_picture_cannot_be_brought_anew_is_certainly_not_sent(
    bluesky_publisher, fake_bluesky, bluesky_request_of, picture
):
    fake_bluesky.faults({"kind": "drop", "when": "after", "on": UPLOAD})

    with pytest.raises(NotSentError, match="brought again"):
        bluesky_publisher.publish(bluesky_request_of(picture=picture))

    assert fake_bluesky.posts() == []


def test_picture_of_a_post_that_may_not_leave_any_more_is_not_brought_anew(
    bluesky_publisher, fake_bluesky, bluesky_request_of, picture
):
    bluesky_publisher.check()
    words = iter((True, False))

    with pytest.raises(NotSentError, match="held back"):
        bluesky_publisher.publish(bluesky_request_of(picture=picture, may_leave=lambda: next(words)))

    assert asked(fake_bluesky, "uploadBlob") == []


# -- what its answers mean ---------------------------------------------------------------------------


_NO_CERTAIN_ANSWERS: dict[str, dict[str, Any]] = {
    **{kind: {"kind": kind} for kind in ("drop", "reset", "truncated", "wrong_json", "empty", "redirect")},
    "502": {"kind": "status", "status": 502, "body": "<html>"},
    "403 without a word": {"kind": "status", "status": 403, "body": ""},
    "400 without a word": {"kind": "status", "status": 400, "body": ""},
    "another shape": {"kind": "status", "status": 200, "body": {"blob": "bafkrei"}},
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fault", _NO_CERTAIN_ANSWERS.values(), ids=_NO_CERTAIN_ANSWERS)
def test_whatever_is_not_certain_is_tried_again_and_then_holds(
    bluesky_publisher, fake_bluesky, fault, when, picture
):
    fake_bluesky.faults({**fault, "when": when, "on": UPLOAD})

    with pytest.raises(NotSentError) as caught:
        bluesky_publisher.upload(picture)

    assert "outcome is not known" not in str(caught.value)
    assert bluesky_publisher.upload(picture).name == picture_name(picture.file)


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        pytest.param(said(413, "PayloadTooLarge"), RejectedError, "413: PayloadTooLarge", id="too large"),
        pytest.param(said(429, "RateLimitExceeded"), NotNowError, "answered 429", id="limited"),
        pytest.param(said(401, "AuthMissing"), AccountError, "app password", id="not us"),
        pytest.param(said(400, "AccountTakedown"), AccountError, "see what is wrong", id="suspended"),
    ],
)
def test_clear_answer_is_said_as_for_a_post(bluesky_publisher, fake_bluesky, picture, fault, error, words):
    fake_bluesky.faults({**fault, "on": UPLOAD})

    with pytest.raises(error, match=words) as caught:
        bluesky_publisher.upload(picture)

    assert type(caught.value) is error


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"ref": {"$link": "bafkreiinvented"}}, id="another name"),
        pytest.param({"ref": None}, id="no name"),
        pytest.param({"mimeType": "image/jpeg"}, id="another type"),
        pytest.param({"size": 5}, id="another size"),
    ],
)
def test_server_that_keeps_another_file_is_an_error_in_words(
    bluesky_publisher, fake_bluesky, picture, changed
):
    blob = {
        "$type": "blob",
        "ref": {"$link": picture_name(picture.file)},
        "mimeType": "image/png",
        "size": picture.file.size,
        **changed,
    }
    fake_bluesky.faults({"kind": "status", "status": 200, "body": {"blob": blob}, "on": UPLOAD})

    with pytest.raises(RejectedError, match="keeps another file than the one it was given") as caught:
        bluesky_publisher.upload(picture)

    assert len(str(caught.value).splitlines()) == 1


def test_bytes_that_are_not_those_of_the_file_are_noticed(bluesky_publisher, picture):
    with pytest.raises(RejectedError, match="keeps another file"):
        bluesky_publisher.upload(replace(picture, data=picture.data + b"\0"))


def test_picture_that_is_too_large_asks_nobody(bluesky_publisher, fake_bluesky, picture):
    large = replace(picture, file=replace(picture.file, size=2_300_000), data=b"\xff" * 2_300_000)

    with pytest.raises(RejectedError, match="takes pictures of 2,000,000 bytes, this one has 2,300,000"):
        bluesky_publisher.upload(large)

    assert fake_bluesky.journal() == []


def test_token_that_is_over_is_renewed_and_the_picture_brought_once_more(
    bluesky_publisher, fake_bluesky, picture
):
    fake_bluesky.faults(said(400, "ExpiredToken", on=UPLOAD))

    bluesky_publisher.upload(picture)

    assert [entry["body_sha256"] for entry in asked(fake_bluesky, "uploadBlob")] == [picture.file.digest] * 2
    assert len(asked(fake_bluesky, "refreshSession")) == 1


def test_nobody_can_fetch_a_picture_before_its_post_or_after_its_withdrawal(
    bluesky_publisher, bluesky_request_of, picture, fetch_blob
):
    bluesky_publisher.upload(picture)
    before = fetch_blob(picture)
    receipt = bluesky_publisher.publish(bluesky_request_of(picture=picture))
    shown = fetch_blob(picture)
    bluesky_publisher.withdraw(receipt.remote_id)

    assert (before, fetch_blob(picture)) == (None, None)
    assert hashlib.sha256(shown).hexdigest() == picture.file.digest


@pytest.fixture
def fetch_blob(bluesky_settings) -> Callable[[OutgoingPicture], bytes | None]:
    """Fetch a picture as anybody may; None when the server shows none."""

    def fetch(picture: OutgoingPicture) -> bytes | None:
        file = bluesky_settings.keep / f"bluesky-{bluesky_settings.account}.json"
        where = {"did": json.loads(file.read_text())["did"], "cid": picture_name(picture.file)}
        with requests.Session() as session:
            session.trust_env = False
            address = f"{bluesky_settings.api_url}/xrpc/com.atproto.sync.getBlob"
            answer = session.get(address, params=where, timeout=10)
        return answer.content if answer.status_code == 200 else None

    return fetch
