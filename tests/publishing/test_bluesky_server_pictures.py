"""Pictures on a real Bluesky server (PDS): its bytes come back, once, whatever happened on the way."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from album import Album
from bot.core.errors import NotSentError, RejectedError, UnconfirmedError
from bot.core.post import Receipt
from bot.publishing.bluesky import BlueskyPublisher
from bot.publishing.protocol import OutgoingPicture, PublishRequest

# One server for all of them, and the first may have to wait until it is installed.
pytestmark = [pytest.mark.xdist_group("pds"), pytest.mark.timeout(900)]

ARABIC = "حقائق من سوريا #سوريا_حرة #معتقلون\nhttps://example.org/a?b=1، (#حلب) 👩‍👩‍👧 #Syria"
ALT = "رسم مخترع: «خطّ» أحمر 👩‍👩‍👧 & <لا شيء>\nسطر ثانٍ"


def picture_of(seed: str, **more: Any) -> OutgoingPicture:
    return Album().outgoing(seed, **{"alt": ALT, "warning": True, **more})


def bring_and_publish(publisher: BlueskyPublisher, request: PublishRequest) -> Receipt:
    assert request.picture is not None
    publisher.upload(request.picture)
    return publisher.publish(request)


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_arabic_post_arrives_with_its_picture_its_words_and_its_label(
    make_on_pds, pds_server, pds_settings, bluesky_request_of, kind
):
    publisher, picture = make_on_pds(), picture_of("one", kind=kind)
    uploaded = replace(picture, uploaded=publisher.upload(picture).name)

    publisher.publish(bluesky_request_of(ARABIC, picture=uploaded))

    (stored,) = pds_server.records(pds_settings.handle)
    (image,) = stored["value"]["embed"]["images"]
    measures = {"width": picture.file.width, "height": picture.file.height}
    assert (image["alt"], image["aspectRatio"]) == (ALT, measures)
    assert image["image"]["ref"] == {"$link": uploaded.uploaded}
    assert pds_server.picture(stored) == picture.data
    assert stored["value"]["labels"]["values"] == [{"val": "graphic-media"}]
    assert [facet["features"][0]["tag"] for facet in stored["value"]["facets"][:2]] == [
        "سوريا_حرة",
        "معتقلون",
    ]


def test_picture_of_two_megabytes_is_taken(make_on_pds, pds_server, pds_settings, bluesky_request_of):
    publisher, picture = make_on_pds(), _padded(picture_of("large", kind="jpeg"), 2_000_000)

    publisher.upload(picture)
    publisher.publish(bluesky_request_of(picture=picture))

    (stored,) = pds_server.records(pds_settings.handle)
    assert pds_server.picture(stored) == picture.data


def test_picture_of_more_than_two_megabytes_is_refused_by_us_and_by_the_server(
    make_on_pds, pds_server, pds_settings, bluesky_request_of
):
    publisher, picture = make_on_pds(), _padded(picture_of("too large", kind="jpeg"), 2_300_000)

    with pytest.raises(RejectedError, match="this one has 2,300,000"):
        publisher.upload(picture)
    # It takes the bytes, and refuses the record.
    with pytest.raises(RejectedError, match="blob too big"):
        publisher.publish(bluesky_request_of(picture=picture))

    assert pds_server.records(pds_settings.handle) == []


def test_repeats_of_picture_and_post_are_one_post(make_on_pds, pds_server, pds_settings, bluesky_request_of):
    picture = picture_of("one")
    for _ in range(2):
        make_on_pds().upload(picture)
    first = make_on_pds().publish(bluesky_request_of(ARABIC, picture=picture))
    make_on_pds().upload(picture)

    again = make_on_pds().publish(bluesky_request_of(ARABIC, picture=picture))

    (stored,) = pds_server.records(pds_settings.handle)
    assert again == first
    assert pds_server.picture(stored) == picture.data


@pytest.mark.parametrize("fault", ["closed", "502", "half"])
@pytest.mark.parametrize("on", ["uploadBlob", "putRecord"])
def test_post_whose_answers_were_lost_arrives_once_with_its_picture(
    make_on_pds, pds_server, spoiler, pds_settings, bluesky_request_of, clock, fault, on
):
    publisher, picture = make_on_pds(api_url=spoiler.url), picture_of("one")
    publisher.check()
    spoiler.fault, spoiler.on = fault, on
    with pytest.raises(NotSentError if on == "uploadBlob" else UnconfirmedError):
        bring_and_publish(publisher, bluesky_request_of(ARABIC, picture=picture))

    look = bluesky_request_of(ARABIC, picture=replace(picture, data=None))
    found = publisher.find(look, since=clock.now())
    again = bring_and_publish(publisher, bluesky_request_of(ARABIC, picture=picture))

    (stored,) = pds_server.records(pds_settings.handle)
    assert found == (None if on == "uploadBlob" else again)
    assert pds_server.picture(stored) == picture.data


def test_picture_that_the_server_has_no_more_is_brought_anew(
    make_on_pds, pds_server, pds_settings, bluesky_request_of
):
    picture = picture_of("never brought")

    make_on_pds().publish(bluesky_request_of(picture=replace(picture, uploaded="bafkreiinvented")))

    (stored,) = pds_server.records(pds_settings.handle)
    assert pds_server.picture(stored) == picture.data


def test_look_tells_a_post_from_one_with_another_picture(make_on_pds, bluesky_request_of, clock):
    publisher, picture = make_on_pds(), picture_of("one")
    receipt = publisher.publish(bluesky_request_of(picture=picture))

    assert publisher.find(bluesky_request_of(picture=picture), since=clock.now()) == receipt
    with pytest.raises(UnconfirmedError, match="another post under this one's key"):
        publisher.find(bluesky_request_of(picture=picture_of("two")), since=clock.now())


def _padded(picture: OutgoingPicture, size: int) -> OutgoingPicture:
    """The same picture in a file of so many bytes."""
    assert picture.data is not None
    data = picture.data.ljust(size, b"\0")
    file = replace(picture.file, size=size, digest=hashlib.sha256(data).hexdigest())
    return replace(picture, file=file, data=data)
