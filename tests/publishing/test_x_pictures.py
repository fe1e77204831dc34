"""Bringing a picture to X, and the post that shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from album import Album
from bot.core.errors import AccountError, NotNowError, NotSentError, PublishError, RejectedError
from bot.publishing.protocol import OutgoingPicture, UploadsPictures
from bot.publishing.x_media import KEEPS_UPLOADS, METADATA, UPLOAD

PICTURE, WORDS = f"POST {UPLOAD}", f"POST {METADATA}"
STATUS = f"GET {UPLOAD}"


@pytest.fixture
def picture() -> OutgoingPicture:
    return Album().outgoing("a picture")


@pytest.fixture
def bring(publisher, picture) -> Callable[..., OutgoingPicture]:
    """Bring a picture to X, as the step between claim and intent does."""

    def make(**changes: object) -> OutgoingPicture:
        changed = replace(picture, **changes)
        return replace(changed, uploaded=publisher.upload(changed).name)

    return make


def _asked(fake_x) -> list[str]:
    return [f"{entry['method']} {entry['path']}" for entry in fake_x.journal()]


def test_publisher_brings_pictures(publisher):
    assert isinstance(publisher, UploadsPictures)


@pytest.mark.parametrize("warning", [True, False], ids=["with a warning", "without a warning"])
def test_picture_leaves_with_its_bytes_its_words_and_its_warning(
    publisher, fake_x, request_of, bring, warning
):
    brought = bring(warning=warning)

    publisher.publish(request_of("حقائق", picture=brought))

    [post] = fake_x.posts()
    assert post["media"] == [brought.uploaded]
    assert post["pictures"] == [
        {"sha256": brought.file.digest, "alt": brought.alt, "warning": warning},
    ]


def test_jpeg_of_the_largest_size_is_brought(publisher, fake_x, request_of):
    picture = Album().outgoing("a photo", kind="jpeg")
    assert picture.data is not None
    picture = replace(picture, data=picture.data.ljust(5_000_000, b"\0"))

    assert publisher.upload(picture)


def test_nothing_is_public_before_the_post(fake_x, bring):
    bring()

    assert fake_x.posts() == []
    assert _asked(fake_x) == [PICTURE, WORDS]


def test_post_whose_picture_was_not_brought_does_not_leave(publisher, fake_x, request_of, picture):
    with pytest.raises(NotSentError, match="not brought"):
        publisher.publish(request_of(picture=picture))

    assert fake_x.journal() == []


_PROBLEM = {"title": "Invented", "detail": "Not this one.", "type": "about:blank"}


@pytest.mark.parametrize("on", [PICTURE, WORDS], ids=["picture", "words"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        *(
            pytest.param({"kind": kind, "when": when}, NotSentError, id=f"{kind} {when}")
            for kind in ("drop", "reset")
            for when in ("before", "after")
        ),
        *(
            pytest.param({"kind": "status", "status": status, "when": "after"}, NotSentError, id=str(status))
            for status in (301, 408, 409, 500, 502, 503, 504, 418)
        ),
        *(
            pytest.param({"kind": kind}, NotSentError, id=kind)
            for kind in ("truncated", "wrong_json", "empty")
        ),
        pytest.param({"kind": "errors_only"}, NotSentError, id="200 with only errors"),
        pytest.param({"kind": "redirect"}, NotSentError, id="redirect"),
        pytest.param({"kind": "status", "status": 200, "body": [1]}, NotSentError, id="200 with a list"),
        pytest.param(
            {"kind": "status", "status": 200, "body": {"data": {"id": 7}}}, NotSentError, id="id is a number"
        ),
        pytest.param(
            {"kind": "status", "status": 200, "body": {"data": {"id": "../7"}}},
            NotSentError,
            id="id is no id",
        ),
        pytest.param({"kind": "status", "status": 403, "body": ""}, NotSentError, id="403 unreadable"),
        pytest.param({"kind": "status", "status": 429}, NotNowError, id="429"),
        *(
            pytest.param({"kind": "status", "status": status}, AccountError, id=str(status))
            for status in (401, 402)
        ),
        *(
            pytest.param(
                {"kind": "status", "status": status, "body": _PROBLEM}, RejectedError, id=str(status)
            )
            for status in (400, 403, 404, 413, 415, 422)
        ),
    ],
)
def test_fault_is_classified_and_a_picture_without_its_words_is_no_upload(
    publisher, fake_x, picture, fault, error, on
):
    fake_x.faults({**fault, "on": on})

    with pytest.raises(PublishError) as caught:
        publisher.upload(picture)

    assert type(caught.value) is error
    assert fake_x.posts() == []
    assert "Not this one" in str(caught.value) or error is not RejectedError
    assert _asked(fake_x)[-1] == on


def test_words_that_x_gave_to_another_picture_are_no_upload(publisher, fake_x, picture):
    fake_x.faults({"kind": "status", "status": 200, "body": {"data": {"id": "1"}}, "on": WORDS})

    with pytest.raises(NotSentError):
        publisher.upload(picture)


def test_picture_that_could_not_be_brought_is_brought_whole_again(fake_x, bring):
    fake_x.faults({"kind": "drop", "when": "after", "on": WORDS})
    with pytest.raises(NotSentError, match="brought again"):
        bring()

    bring()

    assert _asked(fake_x) == [PICTURE, WORDS, PICTURE, WORDS]


# -- a picture that X is not done with -----------------------------------------------------------


@pytest.mark.parametrize("questions", [1, 3])
def test_picture_is_described_once_x_is_done_with_it(publisher, fake_x, request_of, bring, questions):
    fake_x.settings(processing_questions=questions)

    brought = bring()

    assert _asked(fake_x) == [PICTURE, *[STATUS] * questions, WORDS]
    assert publisher.publish(request_of(picture=brought))


def test_picture_that_takes_x_long_is_not_waited_for(fake_x, clock, bring):
    fake_x.settings(processing_questions=100)

    with pytest.raises(NotNowError) as caught:
        bring()

    assert caught.value.until == clock.now() + timedelta(seconds=1)
    assert _asked(fake_x) == [PICTURE, STATUS, STATUS, STATUS]


@pytest.mark.parametrize(
    "seconds", [None, "soon", 10**400, 3600], ids=["none", "a word", "absurd", "an hour"]
)
def test_absurd_wait_for_a_picture_is_a_minute(fake_x, clock, bring, seconds):
    info = {"state": "in_progress", "check_after_secs": seconds}
    body = json.dumps({"data": {"id": "1", "processing_info": info}})
    fake_x.settings(processing_questions=100)
    fake_x.faults(*[{"kind": "status", "status": 200, "body": body, "on": STATUS}] * 3)

    with pytest.raises(NotNowError) as caught:
        bring()

    assert caught.value.until == clock.now() + timedelta(minutes=1)


def test_picture_that_x_cannot_use_is_refused(fake_x, bring):
    fake_x.settings(processing_questions=-1)

    with pytest.raises(RejectedError, match="cannot use the picture"):
        bring()


# -- how long X keeps it --------------------------------------------------------------------------


def test_upload_is_kept_as_long_as_is_sure(publisher, picture):
    uploaded = publisher.upload(picture)

    assert uploaded.keeps == KEEPS_UPLOADS


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param(3595, timedelta(seconds=3595), id="less"),
        pytest.param(10**400, KEEPS_UPLOADS, id="more"),
        pytest.param("a day", KEEPS_UPLOADS, id="no number"),
        pytest.param(-1, KEEPS_UPLOADS, id="below nothing"),
    ],
)
def test_upload_is_kept_for_less_where_x_says_so(publisher, fake_x, picture, said, kept):
    body = json.dumps({"data": {"id": "1", "expires_after_secs": said}})
    fake_x.faults({"kind": "status", "status": 200, "body": body, "on": PICTURE})
    fake_x.faults({"kind": "status", "status": 200, "body": {"data": {"id": "1"}}, "on": WORDS})

    uploaded = publisher.upload(picture)

    assert uploaded.keeps == kept


# -- looking back ---------------------------------------------------------------------------------


@pytest.mark.parametrize("vocabulary", ["current", "legacy"])
@pytest.mark.parametrize("text", ["حقائق", "Read https://example.org/a?x=1&y=2", "a < b https://example.org"])
def test_post_with_a_picture_is_found(publisher, fake_x, clock, request_of, bring, picture, text, vocabulary):
    fake_x.settings(vocabulary=vocabulary)
    receipt = publisher.publish(request_of(text, picture=bring()))

    # A look has neither the bytes nor what X calls them.
    found = publisher.find(request_of(text, picture=replace(picture, data=None)), since=clock.now())

    assert found == receipt
