"""What leaves for Bluesky: facets by bytes, keys that never meet, and the same bytes each time."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from atproto_client import models
from atproto_client.models.utils import get_model_as_dict
from atproto_core.cid import CID
from hypothesis import example, given, settings
from hypothesis import strategies as st

from album import Album
from bot.core.errors import RejectedError
from bot.publishing.bluesky_answers import KEY
from bot.publishing.bluesky_picture import MAX_BYTES, check_picture, picture_name
from bot.publishing.bluesky_record import facets_of, is_same, put_body, record_key, record_of
from bot.publishing.protocol import PublishRequest
from bot.text.hashtags import find_hashtags
from bot.text.links import find_links

MOMENT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
DID = "did:plc:invented"
PICTURE = Album().outgoing("an invented picture", alt="وصف مخترع: «خطّ» أحمر")
REQUEST = PublishRequest(key="k", text="حقيقة #سوريا", language="ar", post=41, part=1, moment=MOMENT)


def sliced(text: str) -> list[tuple[str, str]]:
    """The bytes that each facet covers, and what it makes of them."""
    content = text.encode()
    found = []
    for facet in facets_of(text):
        (feature,) = facet["features"]
        place = facet["index"]
        covered = content[place["byteStart"] : place["byteEnd"]].decode()
        found.append((covered, feature.get("tag") or feature["uri"]))
    return found


# -- facets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("حقائق #سوريا_حرة", [("#سوريا_حرة", "سوريا_حرة")], id="Arabic hashtag"),
        pytest.param("#سوريا، والباقي", [("#سوريا", "سوريا")], id="Arabic comma behind a hashtag"),
        pytest.param("(#سوريا) «#حلب»", [("#سوريا", "سوريا"), ("#حلب", "حلب")], id="between signs"),
        pytest.param(
            "اقرأ https://example.org/a، ثم",
            [("https://example.org/a", "https://example.org/a")],
            id="Arabic comma behind a link",
        ),
        pytest.param(
            "https://example.org/?q=1#x #Syria",
            [("https://example.org/?q=1#x", "https://example.org/?q=1#x"), ("#Syria", "Syria")],
            id="number sign inside a link",
        ),
        pytest.param("see example.org.", [("example.org", "https://example.org")], id="bare link"),
        pytest.param("👩‍👩‍👧 🏴 #أ", [("#أ", "أ")], id="emoji before a hashtag"),
        pytest.param("#٢٠٢٤ و#سوريا #a#b", [], id="what no network reads as hashtags"),
        pytest.param("#سورياexample.org", [("#سورياexample", "سورياexample")], id="link inside a hashtag"),
        pytest.param("#" + "س" * 65, [], id="hashtag longer than Bluesky takes"),
    ],
)
def test_links_and_hashtags_are_found_by_their_bytes(text, expected):
    assert sliced(text) == expected


_PIECES = st.sampled_from(
    [
        "#سوريا",
        "#Syria_2026",
        "#سُوريا",
        "＃حلب",
        "https://example.org/a?b=1#c",
        "http://example.org",
        "example.org/ب",
        "www.example.co.uk",
        "\u200f",
        "\u2067",
        "،",
        "(",
        " ",
        "\n",
        "👩‍👩‍👧",
        "𐍈",
        "و",
        "@invented",
    ]
)
_ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(_PIECES, _ANY), max_size=14).map("".join))
@example("#a\u0301 é#b https://é.example.org/ü #ü")
def test_the_bytes_of_each_facet_are_its_token_in_any_text(text):
    tokens = {text[one.start : one.end] for one in (*find_links(text), *find_hashtags(text))}

    facets = facets_of(text)

    content, end = text.encode(), 0
    for facet in facets:
        place = facet["index"]
        covered = content[place["byteStart"] : place["byteEnd"]].decode()
        assert covered in tokens
        assert place["byteStart"] >= end, "facets lie over each other"
        end = place["byteEnd"]
        feature = facet["features"][0]
        assert feature.get("tag", covered[1:]) == covered[1:]
        assert feature.get("uri", "x").isascii()
        models.get_or_create(facet, models.AppBskyRichtextFacet.Main, strict_string_format=True)


@settings(max_examples=200, deadline=None)
@given(_ANY, st.sampled_from(["#سوريا", "#Syria", "https://example.org/a"]), _ANY)
def test_no_token_between_blanks_is_forgotten(before, token, after):
    text = f"{before} {token} {after}"

    assert token in [covered for covered, _ in sliced(text)]


# -- records -----------------------------------------------------------------------------------------


def test_record_says_language_moment_and_text_and_the_library_reads_it_so():
    record = record_of(REQUEST, moment=MOMENT)

    model = models.get_or_create(record, models.AppBskyFeedPost.Record, strict_string_format=True)
    assert {**get_model_as_dict(model), "facets": None} == {**record, "facets": None}
    (facet,) = model.facets
    assert (facet.index.byte_start, facet.index.byte_end, facet.features[0].tag) == (11, 22, "سوريا")
    assert (model.text, model.langs, model.created_at) == (REQUEST.text, ["ar"], "2026-03-01T09:00:00.000Z")
    assert model.labels is None


def test_content_warning_becomes_the_label_for_graphic_media():
    record = record_of(replace(REQUEST, content_warning="صور تعذيب"), moment=MOMENT)

    model = models.get_or_create(record, models.AppBskyFeedPost.Record, strict_string_format=True)
    assert [label.val for label in model.labels.values] == ["graphic-media"]
    assert "صور تعذيب" not in json.dumps(record, ensure_ascii=False)


def test_picture_is_shown_by_its_bytes_its_words_and_its_measures_and_the_library_reads_it_so():
    record = record_of(replace(REQUEST, picture=PICTURE), moment=MOMENT)

    model = models.get_or_create(record, models.AppBskyFeedPost.Record, strict_string_format=True)
    (image,) = model.embed.images
    assert (image.alt, image.image.mime_type) == (PICTURE.alt, "image/png")
    assert (image.image.size, image.image.ref.link) == (len(PICTURE.data), picture_name(PICTURE.file))
    assert (image.aspect_ratio.width, image.aspect_ratio.height) == (PICTURE.file.width, PICTURE.file.height)
    assert model.labels is None


def test_name_of_a_picture_is_the_cid_of_its_bytes():
    name = CID.decode(picture_name(PICTURE.file))

    assert (name.version, name.codec, name.hash.code) == (1, 0x55, 0x12)
    assert name.hash.digest == hashlib.sha256(PICTURE.data).digest()


def test_record_of_a_look_is_that_of_the_post_although_nothing_leaves_with_it():
    left = record_of(replace(REQUEST, picture=replace(PICTURE, uploaded="bafkrei")), moment=MOMENT)

    looked_for = record_of(replace(REQUEST, picture=replace(PICTURE, data=None)), moment=MOMENT)

    assert looked_for == left


@pytest.mark.parametrize(
    ("of_post", "of_picture", "labels"),
    [
        pytest.param(None, False, 0, id="neither"),
        pytest.param("صور", False, 1, id="the post"),
        pytest.param(None, True, 1, id="the picture"),
        pytest.param("صور", True, 1, id="both"),
    ],
)
def test_warning_of_post_or_picture_is_one_label(of_post, of_picture, labels):
    request = replace(REQUEST, content_warning=of_post, picture=replace(PICTURE, warning=of_picture))

    record = record_of(request, moment=MOMENT)

    assert record.get("labels", {}).get("values", []) == [{"val": "graphic-media"}] * labels


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"alt": "س" * 2001}, "2,000 characters .* has 2,001: shorten", id="too many words"),
        pytest.param(
            {"file": replace(PICTURE.file, size=MAX_BYTES + 1)},
            "has 2,000,001: use a smaller",
            id="too large",
        ),
    ],
)
def test_picture_that_bluesky_would_not_take_whole_is_refused_in_words(changed, words):
    with pytest.raises(RejectedError, match=words):
        check_picture(replace(PICTURE, **changed))


def test_picture_as_large_and_words_as_long_as_can_be_are_taken():
    check_picture(replace(PICTURE, alt="سَّ" * 2000, file=replace(PICTURE.file, size=MAX_BYTES)))


def test_put_is_the_same_bytes_each_time_and_says_that_nothing_may_stand_there():
    bodies = {put_body(did=DID, key="k", record=record_of(REQUEST, moment=MOMENT)) for _ in range(3)}

    (body,) = bodies
    assert b'"swapRecord":null' in body
    assert "#سوريا".encode() in body


def test_put_of_a_later_attempt_is_the_same_whatever_its_key_and_whatever_zone_its_moment_has():
    from datetime import timezone

    again = replace(REQUEST, key="another", moment=MOMENT.astimezone(timezone(timedelta(hours=3))))

    first, second = (record_of(one, moment=one.moment) for one in (REQUEST, again))

    assert put_body(did=DID, key="k", record=first) == put_body(did=DID, key="k", record=second)


@pytest.mark.parametrize("text", ["س" * 301, "é" * 300 + "\u0301" * 2401], ids=["graphemes", "bytes"])
def test_text_that_does_not_fit_is_refused_before_anybody_is_asked(text):
    with pytest.raises(RejectedError, match="300 characters in 3000 bytes"):
        record_of(replace(REQUEST, text=text), moment=MOMENT)


def test_three_hundred_letters_with_two_marks_each_fit():
    record_of(replace(REQUEST, text="سَّ" * 300), moment=MOMENT)


def test_record_that_the_library_refuses_is_rejected_in_one_line():
    with pytest.raises(RejectedError, match=r"refuse this post: langs\.0: .*language code") as caught:
        record_of(replace(REQUEST, language="a_"), moment=MOMENT)

    assert len(str(caught.value).splitlines()) == 1


def test_parts_of_a_thread_are_a_millisecond_apart():
    created = [record_of(replace(REQUEST, part=part), moment=MOMENT)["createdAt"] for part in (1, 2, 3)]

    assert created == [f"2026-03-01T09:00:00.00{n}Z" for n in range(3)]


def test_look_compares_all_but_what_a_part_is_in_reply_to_and_when_it_was_to_leave():
    record = record_of(replace(REQUEST, picture=PICTURE), moment=MOMENT)
    reply = {"root": {"uri": "at://a", "cid": "b"}, "parent": {"uri": "at://a", "cid": "b"}}

    assert is_same({**record, "reply": reply}, record)
    assert is_same({**record, "createdAt": "2026-03-02T09:00:00.000Z"}, record)
    assert not is_same({**record, "text": "another"}, record)
    assert not is_same({name: value for name, value in record.items() if name != "embed"}, record)
    assert not is_same(
        record_of(replace(REQUEST, picture=replace(PICTURE, alt="another")), moment=MOMENT), record
    )
    assert not is_same({**record, "tags": ["more"]}, record)
    assert not is_same(None, record)


# -- keys --------------------------------------------------------------------------------------------

_MOMENTS = st.datetimes(
    min_value=datetime(2020, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)
)
_PLACES = st.tuples(_MOMENTS, st.integers(0, 999_999), st.integers(1, 1023))


@given(_PLACES, _PLACES)
def test_keys_are_tids_and_meet_only_for_one_second_post_and_part(one, other):
    keys = [record_key(moment=moment, post=post, part=part) for moment, post, part in (one, other)]

    same = (one[0].replace(microsecond=0), *one[1:]) == (other[0].replace(microsecond=0), *other[1:])
    assert all(KEY.fullmatch(key) for key in keys)
    assert (keys[0] == keys[1]) == same


@given(_PLACES, _PLACES)
def test_keys_are_in_the_order_of_their_seconds_posts_and_parts(one, other):
    ordered = sorted(((moment.replace(microsecond=0), post, part) for moment, post, part in (one, other)))

    keys = [record_key(moment=moment, post=post, part=part) for moment, post, part in ordered]

    assert keys == sorted(keys)


def test_key_is_what_it_was_in_every_version():
    """A key that changed between two versions would let a post leave twice over an update."""
    key = record_key(moment=MOMENT, post=41, part=1)

    assert key == "3mfyeszcd3d23"
    number = sum(
        "234567abcdefghijklmnopqrstuvwxyz".index(letter) * 32**n for n, letter in enumerate(key[::-1])
    )
    assert divmod(number, 1024) == (int(MOMENT.timestamp()) * 1_000_000 + 41, 1)


@pytest.mark.parametrize("part", [0, 1024])
def test_part_without_room_in_a_key_is_refused(part):
    with pytest.raises(ValueError, match="parts 1 to 1023"):
        record_key(moment=MOMENT, post=1, part=part)
