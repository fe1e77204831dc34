"""Pictures on Mastodon: brought before the post, shown with it, covered where they warn, found with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from album import ALT
from bot.core.errors import (
    AccountError,
    NotNowError,
    NotSentError,
    PublishError,
    RejectedError,
    UnconfirmedError,
)
from bot.media import limits
from bot.publishing.mastodon import MastodonPublisher
from bot.publishing.mastodon_media import LARGEST, MOST_PIXELS, name_of
from bot.publishing.protocol import OutgoingPicture, UploadsPictures

MEDIA, LOOK = "POST /api/v2/media", "GET /api/v1/media/{id}"
SNAC = {"version": "4.0.0 (not true; really snac/2.75)", "covers_by_mark": False}


@pytest.fixture
def picture(album) -> OutgoingPicture:
    return album.outgoing("one")


@pytest.fixture
def publish(mastodon_publisher, request_of):
    """Bring a picture and publish a text with it, as a post does."""

    def act(picture: OutgoingPicture, *, publisher: MastodonPublisher = mastodon_publisher, **more: Any):
        picture = replace(picture, covered_by_text=more.get("content_warning") is not None)
        brought = replace(picture, uploaded=publisher.upload(picture).name)
        request = request_of(**{"text": "With a picture.", **more, "picture": brought})
        return publisher.publish(request), request

    return act


def asked(fake: Any) -> list[str]:
    """What arrived, as `POST /api/v2/media`, ids left out."""
    return [f"{entry['method']} {entry['path'].rstrip('0123456789')}" for entry in fake.journal()]


# -- what followers see ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_followers_see_the_very_bytes_and_what_they_show(fake_mastodon, album, publish, kind):
    picture = album.outgoing("one", kind=kind)

    publish(picture)

    [post] = fake_mastodon.posts("campaign")
    assert post["text"] == "With a picture."
    assert post["pictures"] == [{"sha256": picture.file.digest, "alt": ALT, "warning": False}]


@pytest.mark.parametrize(
    ("picture_warns", "content_warning", "sensitive"),
    [(False, None, False), (True, None, True), (False, "تعذيب", True), (True, "تعذيب", True)],
    ids=["neither", "the picture", "the post", "both"],
)
def test_picture_is_covered_when_it_or_its_post_warns(
    fake_mastodon, album, publish, picture_warns, content_warning, sensitive
):
    publish(album.outgoing("one", warning=picture_warns), content_warning=content_warning)

    [post] = fake_mastodon.posts()
    assert post["pictures"][0]["warning"] is sensitive
    assert post["fields"].get("spoiler_text") == content_warning


def test_post_without_a_picture_names_none(mastodon_publisher, fake_mastodon, request_of):
    mastodon_publisher.publish(request_of())

    [entry] = fake_mastodon.journal()
    assert "media_ids" not in entry["fields"]


def test_what_is_brought_nobody_sees(mastodon_publisher, fake_mastodon, picture):
    mastodon_publisher.upload(picture)

    assert fake_mastodon.posts() == []


def test_publisher_says_how_long_the_server_keeps_what_no_post_shows(mastodon_publisher, picture):
    assert isinstance(mastodon_publisher, UploadsPictures)
    assert timedelta(hours=1) < mastodon_publisher.upload(picture).keeps < timedelta(days=1)


def test_repeat_after_a_lost_answer_sends_the_same_body_and_is_the_same_post(
    mastodon_publisher, fake_mastodon, request_of, picture
):
    request = request_of(picture=replace(picture, uploaded=mastodon_publisher.upload(picture).name))
    fake_mastodon.faults({"kind": "drop", "when": "after"})
    with pytest.raises(UnconfirmedError):
        mastodon_publisher.publish(request)

    receipt = mastodon_publisher.publish(request)

    first, second = (entry for entry in fake_mastodon.journal() if entry["path"].endswith("/statuses"))
    assert (first["fields"], first["key"]) == (second["fields"], second["key"])
    [post] = fake_mastodon.posts()
    assert (post["id"], len(post["pictures"])) == (receipt.remote_id, 1)


# -- bringing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("questions", [1, 2])
def test_picture_that_is_ready_soon_is_asked_for_and_shown(fake_mastodon, picture, publish, questions):
    fake_mastodon.settings(is_ready_after=questions - 1)

    publish(picture)

    assert len(fake_mastodon.posts()[0]["pictures"]) == 1
    assert asked(fake_mastodon).count("GET /api/v1/media/") == (0 if questions == 1 else 2)


def test_picture_that_takes_its_time_is_asked_for_again_later_and_not_brought_twice(
    mastodon_publisher, fake_mastodon, clock, picture, publish
):
    fake_mastodon.settings(is_ready_after=3)
    with pytest.raises(NotNowError, match="still processing") as caught:
        mastodon_publisher.upload(picture)

    publish(picture)

    assert clock.now() < caught.value.until <= clock.now() + timedelta(minutes=1)
    assert asked(fake_mastodon).count("POST /api/v2/media") == 1
    assert len(fake_mastodon.posts()[0]["pictures"]) == 1


def test_picture_in_work_that_the_server_forgot_is_brought_again(
    mastodon_publisher, fake_mastodon, picture, publish
):
    fake_mastodon.settings(is_ready_after=3)
    with pytest.raises(NotNowError):
        mastodon_publisher.upload(picture)
    fake_mastodon.settings(is_ready_after=0, keeps_pictures_for=-1)
    with pytest.raises(NotSentError, match="does not know the picture any more"):
        mastodon_publisher.upload(picture)
    fake_mastodon.settings(keeps_pictures_for=86_400)

    publish(picture)

    assert len(fake_mastodon.posts()[0]["pictures"]) == 1


def test_server_without_the_second_version_gets_the_picture_by_the_first(fake_mastodon, picture, publish):
    fake_mastodon.settings(knows_media_v2=False)

    publish(picture)

    assert asked(fake_mastodon)[:2] == ["POST /api/v2/media", "POST /api/v1/media"]
    assert len(fake_mastodon.posts()[0]["pictures"]) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": "drop"}, id="closed"),
        pytest.param({"kind": "reset"}, id="reset"),
        pytest.param({"kind": "truncated"}, id="half an answer"),
        pytest.param({"kind": "wrong_json"}, id="no JSON"),
        pytest.param({"kind": "empty"}, id="empty"),
        pytest.param({"kind": "redirect"}, id="redirect"),
        pytest.param({"kind": "status", "status": 500}, id="500"),
        pytest.param({"kind": "status", "status": 503}, id="503"),
        pytest.param({"kind": "status", "status": 403}, id="403 without a word"),
        pytest.param({"kind": "status", "status": 200, "body": {"id": "../1"}}, id="an id that is none"),
        pytest.param({"kind": "status", "status": 200, "body": ["1"]}, id="another shape"),
    ],
)
def test_whatever_is_not_certain_of_a_picture_was_certainly_not_sent(
    mastodon_publisher, fake_mastodon, picture, publish, fault, when
):
    fake_mastodon.faults({"on": MEDIA, **fault, "when": when})

    with pytest.raises(NotSentError) as caught:
        mastodon_publisher.upload(picture)

    assert type(caught.value) is NotSentError
    publish(picture)
    assert [len(post["pictures"]) for post in fake_mastodon.posts()] == [1]


@pytest.mark.parametrize(
    "fault", [{"kind": "drop"}, {"kind": "status", "status": 500}], ids=["closed", "500"]
)
def test_question_for_a_picture_in_work_that_is_not_answered_is_no_answer(
    mastodon_publisher, fake_mastodon, picture, fault
):
    fake_mastodon.settings(is_ready_after=1)
    fake_mastodon.faults({"on": LOOK, **fault})

    with pytest.raises(NotSentError):
        mastodon_publisher.upload(picture)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        pytest.param({"supported_mime_types": ["image/webp"]}, "content type is invalid", id="type"),
        pytest.param({"image_size_limit": 10}, "size must be less", id="bytes"),
        pytest.param({"image_matrix_limit": 10}, "images are not supported", id="pixels"),
        pytest.param({"description_limit": 10}, "Description is too long", id="words"),
    ],
)
def test_picture_that_the_server_does_not_take_is_refused_with_its_words(
    mastodon_publisher, fake_mastodon, picture, settings, says
):
    fake_mastodon.settings(**settings)

    with pytest.raises(RejectedError, match=says):
        mastodon_publisher.upload(picture)


def test_one_picture_too_many_waits_as_the_server_says(mastodon_publisher, fake_mastodon, clock, picture):
    fake_mastodon.settings(media_limit=0)

    with pytest.raises(NotNowError) as caught:
        mastodon_publisher.upload(picture)

    assert caught.value.until > clock.now()


def test_token_without_the_right_to_bring_pictures_is_the_accounts_matter(
    mastodon_publisher, fake_mastodon, picture
):
    said = {"error": "This action is outside the authorized scopes"}
    fake_mastodon.faults({"on": MEDIA, "kind": "status", "status": 403, "body": said})

    with pytest.raises(AccountError, match="scopes"):
        mastodon_publisher.upload(picture)


def test_post_whose_picture_was_never_brought_does_not_leave(
    mastodon_publisher, fake_mastodon, request_of, picture
):
    with pytest.raises(NotSentError):
        mastodon_publisher.publish(request_of(picture=picture))

    assert fake_mastodon.journal() == []


def test_picture_that_the_server_keeps_no_more_refuses_the_post(fake_mastodon, publish, picture):
    fake_mastodon.settings(keeps_pictures_for=-1)

    with pytest.raises(RejectedError, match="not found or already attached"):
        publish(picture)


def test_picture_that_a_server_left_out_is_told_an_operator(fake_mastodon, publish, picture):
    fake_mastodon.settings(keeps_pictures_for=-1, leaves_out_unknown_pictures=True)

    receipt, _ = publish(picture)

    assert receipt.note == "it is public without its picture"


@pytest.mark.parametrize(
    ("shown", "sensitive", "says"),
    [
        pytest.param([], True, "it is public without its picture", id="none"),
        pytest.param([{"id": "1"}, {"id": "2"}], True, "it is public without its picture", id="others"),
        pytest.param([{"id": "1"}], True, "it is public without what its picture shows", id="no words"),
        pytest.param(
            [{"description": ALT}], False, "it is public with its picture uncovered", id="uncovered"
        ),
        pytest.param([{"description": ALT}], True, "", id="as it was asked to"),
    ],
)
def test_receipt_says_what_the_server_made_otherwise(
    mastodon_publisher, fake_mastodon, request_of, album, shown, sensitive, says
):
    status = {"id": "7", "url": "https://social.example/@a/7", "media_attachments": shown}
    body = {**status, "sensitive": sensitive}
    fake_mastodon.faults({"on": "POST /api/v1/statuses", "kind": "status", "status": 200, "body": body})
    picture = replace(album.outgoing("one", warning=True), uploaded="1")

    assert mastodon_publisher.publish(request_of(picture=picture)).note == says


def test_each_picture_and_its_words_have_a_name_of_their_own(album):
    names = [
        name_of(album.outgoing(seed, alt=alt, kind=kind))
        for seed, alt, kind in [
            ("one", "a", "png"),
            ("one", "b", "png"),
            ("two", "a", "png"),
            ("one", "a", "jpeg"),
        ]
    ]

    assert len(set(names)) == 4
    assert name_of(album.outgoing("one", alt="a")) == names[0]
    assert [name.rpartition(".")[2] for name in names] == ["png", "png", "png", "jpg"]


# -- a server that covers by words only ----------------------------------------------------------------


def test_picture_that_a_server_would_show_uncovered_is_refused_before_its_post(
    mastodon_publisher, fake_mastodon, album
):
    fake_mastodon.settings(**SNAC)

    with pytest.raises(RejectedError, match="give the item a content warning"):
        mastodon_publisher.upload(album.outgoing("one", warning=True))

    assert not [entry for entry in fake_mastodon.journal() if entry["method"] == "POST"]


@pytest.mark.parametrize(
    ("picture_warns", "content_warning"), [(True, "تعذيب"), (False, None)], ids=["with words", "no warning"]
)
def test_what_needs_no_more_than_words_leaves_there(
    fake_mastodon, album, publish, picture_warns, content_warning
):
    fake_mastodon.settings(**SNAC)

    publish(album.outgoing("one", warning=picture_warns), content_warning=content_warning)

    assert fake_mastodon.posts()[0]["pictures"][0]["warning"] is picture_warns


def test_server_that_became_another_since_it_took_the_picture_is_no_last_word(
    mastodon_publisher, make_mastodon, fake_mastodon, request_of, album
):
    picture = album.outgoing("one", warning=True)
    brought = replace(picture, uploaded=mastodon_publisher.upload(picture).name)
    fake_mastodon.settings(**SNAC)

    with pytest.raises(NotSentError, match=r"uncovered.*; nothing was sent"):
        make_mastodon().publish(request_of(picture=brought))

    assert fake_mastodon.posts() == []


@pytest.mark.parametrize(
    "fault", [{"kind": "drop"}, {"kind": "status", "status": 503}], ids=["closed", "503"]
)
def test_picture_that_warns_waits_until_the_server_says_what_it_is(
    mastodon_publisher, fake_mastodon, request_of, album, fault
):
    fake_mastodon.faults(*({"on": f"GET /api/{version}/instance", **fault} for version in ("v2", "v1")))
    picture = replace(album.outgoing("one", warning=True), uploaded="1")

    with pytest.raises(NotSentError, match="nothing was sent"):
        mastodon_publisher.publish(request_of(picture=picture))

    assert fake_mastodon.posts() == []


# -- looking back ------------------------------------------------------------------------------------


def test_post_with_its_picture_is_found(mastodon_publisher, clock, publish, picture):
    receipt, request = publish(picture)

    # As a look has it: without its bytes, and without what the server called it.
    asked_for = replace(request, picture=replace(request.picture, data=None, uploaded=None))
    assert mastodon_publisher.find(asked_for, since=clock.now()) == receipt


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(None, id="without a picture"),
        pytest.param({"alt": "Another drawing."}, id="with a picture that shows something else"),
    ],
)
def test_post_with_the_text_but_another_picture_is_a_persons_to_judge(
    mastodon_publisher, clock, request_of, publish, picture, change
):
    request = request_of("With a picture.", picture=picture)
    if change is None:
        mastodon_publisher.publish(request_of("With a picture."))
    else:
        publish(replace(picture, **change))

    with pytest.raises(UnconfirmedError, match="not with its picture"):
        mastodon_publisher.find(request, since=clock.now())


def test_post_with_a_picture_is_not_taken_for_the_text_alone(
    mastodon_publisher, clock, request_of, publish, picture
):
    publish(picture)

    with pytest.raises(UnconfirmedError, match="not with its picture"):
        mastodon_publisher.find(request_of("With a picture."), since=clock.now())


def test_the_one_with_its_picture_is_found_among_those_without(
    mastodon_publisher, clock, request_of, publish, picture
):
    mastodon_publisher.publish(request_of("With a picture.", key="a"))
    receipt, request = publish(picture, key="b")
    mastodon_publisher.publish(request_of("With a picture.", key="c"))

    assert mastodon_publisher.find(request, since=clock.now()) == receipt


def test_post_of_a_server_that_shows_no_words_of_a_picture_is_a_persons_to_judge(
    mastodon_publisher, fake_mastodon, clock, publish, picture
):
    _, request = publish(replace(picture, alt=""))

    with pytest.raises(UnconfirmedError):
        mastodon_publisher.find(replace(request, picture=picture), since=clock.now())


# -- the server's limits -------------------------------------------------------------------------------


def test_what_is_compared_is_what_the_bot_makes():
    rules = limits.rules_for(limits.Network.MASTODON)

    assert (rules.max_bytes, limits.LONGEST_SIDE**2) == (LARGEST, MOST_PIXELS)
    assert rules.max_pixels >= MOST_PIXELS


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        pytest.param({"image_size_limit": LARGEST - 1}, "sets image_size_limit to 16777215", id="bytes"),
        pytest.param(
            {"image_matrix_limit": MOST_PIXELS - 1}, "sets image_matrix_limit to 16777215", id="pixels"
        ),
        pytest.param({"description_limit": 1499}, "sets description_limit to 1499", id="words"),
        pytest.param(
            {"supported_mime_types": ["image/jpeg"]}, "no pictures of the type image/png", id="type"
        ),
    ],
)
def test_server_that_takes_less_is_named_when_it_is_asked(mastodon_publisher, fake_mastodon, settings, says):
    fake_mastodon.settings(**settings)

    with pytest.raises(AccountError, match=says):
        mastodon_publisher.check()


@pytest.mark.parametrize(
    "media",
    [None, {}, [], {"image_size_limit": "a lot", "supported_mime_types": "all"}, {"image_size_limit": True}],
    ids=repr,
)
def test_server_that_does_not_say_what_it_takes_is_taken_for_an_ordinary_one(
    mastodon_publisher, fake_mastodon, media
):
    said = {"version": "1", "configuration": {"media_attachments": media}}
    fake_mastodon.faults({"on": "GET /api/v2/instance", "kind": "status", "status": 200, "body": said})

    assert mastodon_publisher.check().startswith("@campaign@")


def test_errors_of_a_picture_are_all_of_the_publishers_own_kind(mastodon_publisher, fake_mastodon, picture):
    for status in (100 * group + 18 for group in (2, 3, 4, 5)):
        fake_mastodon.faults({"on": MEDIA, "kind": "status", "status": status})

        with pytest.raises(PublishError):
            mastodon_publisher.upload(picture)
