"""Pictures on Telegram: with their text in one request, covered where they warn, the token told to nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.errors import AccountError, NotSentError, RejectedError, UnconfirmedError
from bot.publishing.protocol import AccountSettings, OutgoingPicture, UploadsPictures
from bot.publishing.telegram import TelegramPublisher, build
from bot.publishing.transport import Timeouts
from bot.text.graphemes import utf16_length
from overhearing import all_of, everything_at_debug, everything_heard

SECRET = "invented-token-of-canary"
ARABIC = "حقائق <من> سوريا & «لبنان» 👩‍👩‍👧 #سوريا\nhttps://example.org/a?b=1&c=2"


@pytest.fixture
def picture(album) -> OutgoingPicture:
    return album.outgoing("one")


def shown(message: dict[str, Any]) -> str:
    """The part of a caption that lies under its spoiler."""
    (entity,) = message["entities"]
    units = message["text"].encode("utf-16-le")
    return units[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode("utf-16-le")


# -- what arrives ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_picture_and_text_arrive_in_one_request(telegram_publisher, fake_telegram, request_of, album, kind):
    picture = album.outgoing("one", kind=kind)

    receipt = telegram_publisher.publish(request_of(ARABIC, picture=picture))

    [message] = fake_telegram.posts("campaign")
    assert (message["id"], message["text"]) == (receipt.remote_id, ARABIC)
    assert message["pictures"] == [{"sha256": picture.file.digest, "alt": None, "warning": False}]
    [entry] = fake_telegram.journal()
    assert entry["path"] == "/bot/sendPhoto"


@pytest.mark.parametrize(
    ("picture_warns", "content_warning", "covered"),
    [(False, None, False), (True, None, True), (False, "تعذيب ⚠ <b>", True), (True, "تعذيب ⚠ <b>", True)],
    ids=["neither", "the picture", "the post", "both"],
)
def test_picture_is_covered_when_it_or_its_post_warns(
    telegram_publisher, fake_telegram, request_of, album, picture_warns, content_warning, covered
):
    picture = album.outgoing("one", warning=picture_warns)

    telegram_publisher.publish(request_of(ARABIC, content_warning=content_warning, picture=picture))

    [message] = fake_telegram.posts()
    assert message["pictures"][0]["warning"] is covered
    assert (message["text"] if content_warning is None else shown(message)) == ARABIC


def test_part_with_a_picture_may_reply_to_another(telegram_publisher, fake_telegram, request_of, picture):
    first = telegram_publisher.publish(request_of("part one", picture=picture))

    telegram_publisher.publish(request_of("part two", reply_to=first.remote_id, picture=picture))

    assert [message["reply_to"] for message in fake_telegram.posts()] == [None, first.remote_id]


def test_numbered_channel_is_named_in_a_form_too(make_telegram, fake_telegram, request_of, picture):
    make_telegram(channel="-1001234567890").publish(request_of(picture=picture))

    [message] = fake_telegram.posts()
    assert message["chat"] == -1001234567890


def test_what_a_picture_shows_is_told_nobody_here(telegram_publisher, fake_telegram, request_of, album):
    telegram_publisher.publish(request_of("Said.", picture=album.outgoing("one", alt="Words for nobody")))

    assert "Words for nobody" not in f"{fake_telegram.posts()} {fake_telegram.journal()}"


def test_nothing_is_brought_before(telegram_publisher):
    assert not isinstance(telegram_publisher, UploadsPictures)


# -- what does not leave -------------------------------------------------------------------------------


@pytest.mark.parametrize("warning", [None, "تعذيب"], ids=["plain", "with a warning"])
@pytest.mark.parametrize(("over", "leaves"), [(0, True), (1, False)], ids=["just fits", "one too long"])
def test_text_beside_a_picture_has_its_own_limit(
    telegram_publisher, fake_telegram, request_of, picture, warning, over, leaves
):
    taken = 0 if warning is None else utf16_length(f"\u26a0\ufe0f {warning}\n\n")
    text = "🕯" * ((1024 - taken) // 2) + "a" * ((1024 - taken) % 2) + "a" * over
    request = request_of(text, content_warning=warning, picture=picture)

    if leaves:
        telegram_publisher.publish(request)
    else:
        with pytest.raises(RejectedError, match="too long for Telegram together"):
            telegram_publisher.publish(request)

    assert len(fake_telegram.posts()) == int(leaves)
    assert len(fake_telegram.journal()) == int(leaves)


def test_character_that_telegram_would_change_is_refused_beside_a_picture_too(
    telegram_publisher, fake_telegram, request_of, picture
):
    with pytest.raises(RejectedError, match="U\\+202E"):
        telegram_publisher.publish(request_of("a\u202eb", picture=picture))

    assert fake_telegram.journal() == []


def test_picture_that_may_not_leave_any_more_does_not(telegram_publisher, fake_telegram, request_of, picture):
    with pytest.raises(NotSentError, match="held back"):
        telegram_publisher.publish(request_of(picture=picture, may_leave=lambda: False))

    assert fake_telegram.journal() == []


@pytest.mark.parametrize(
    ("size", "data", "says"),
    [
        pytest.param(
            (24, 481), None, "PHOTO_INVALID_DIMENSIONS", id="longer than twenty times its other side"
        ),
        pytest.param((9_000, 1_001), None, "PHOTO_INVALID_DIMENSIONS", id="too many pixels"),
        pytest.param(None, b"GIF89a", "IMAGE_PROCESS_FAILED", id="no picture"),
        pytest.param(None, b"", "no photo in the request", id="nothing"),
        pytest.param(
            None, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0\0\0\x18" * 2 + bytes(10**7), "413", id="bytes"
        ),
    ],
)
def test_picture_that_telegram_does_not_take_is_refused_with_its_words(
    telegram_publisher, fake_telegram, request_of, picture, size, data, says
):
    if size is not None:
        head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"".join(side.to_bytes(4) for side in size)
        data = head + bytes(20)

    with pytest.raises(RejectedError, match=says):
        telegram_publisher.publish(request_of(picture=replace(picture, data=data)))

    assert fake_telegram.posts() == []


@pytest.mark.parametrize(
    "said", ["not enough rights to send photos to the chat", "CHAT_SEND_PHOTOS_FORBIDDEN"]
)
def test_channel_that_takes_no_pictures_of_the_bot_is_the_accounts_matter(
    telegram_publisher, fake_telegram, request_of, picture, said
):
    body = {"ok": False, "error_code": 400, "description": f"Bad Request: {said}"}
    fake_telegram.faults({"kind": "status", "status": 400, "body": body})

    with pytest.raises(AccountError):
        telegram_publisher.publish(request_of(picture=picture))


# -- what is not known -------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["drop", "reset", "truncated", "wrong_json", "empty"])
def test_picture_whose_answer_is_lost_may_be_public(
    telegram_publisher, fake_telegram, request_of, picture, kind, when
):
    fake_telegram.faults({"kind": kind, "when": when})

    with pytest.raises(UnconfirmedError):
        telegram_publisher.publish(request_of(picture=picture))

    assert len(fake_telegram.posts()) == int(when == "after")


@pytest.mark.parametrize(
    ("result", "says"),
    [
        pytest.param(
            {"caption": "Otherwise"},
            "Telegram changed its text; it is public with its picture uncovered",
            id="text",
        ),
        pytest.param(
            {"text": "Said."},
            "Telegram changed its text; it is public with its picture uncovered",
            id="text, but no caption",
        ),
        pytest.param({"caption": "Said."}, "it is public with its picture uncovered", id="uncovered"),
        pytest.param({"caption": "Said.", "has_media_spoiler": True}, "", id="as it was asked to"),
    ],
)
def test_what_telegram_made_otherwise_is_told_an_operator(
    telegram_publisher, fake_telegram, request_of, album, result, says
):
    body = {"ok": True, "result": {"message_id": 7, **result}}
    fake_telegram.faults({"kind": "status", "status": 200, "body": body})

    receipt = telegram_publisher.publish(request_of("Said.", picture=album.outgoing("one", warning=True)))

    assert receipt.note == says


# -- the token ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(None, id="nothing is wrong"),
        *(
            pytest.param({"kind": "echo", "status": status}, id=f"{status} that repeats it")
            for status in (200, 400, 500)
        ),
        pytest.param({"kind": "refuse"}, id="refused"),
        pytest.param({"kind": "drop"}, id="dropped"),
        pytest.param({"kind": "late", "seconds": 20}, id="late"),
        pytest.param({"kind": "wrong_json"}, id="no JSON"),
    ],
)
def test_the_token_is_not_told_with_a_picture_either(fake_telegram, clock, request_of, picture, fault):
    settings = AccountSettings(
        account="a",
        api_url=fake_telegram.url,
        secrets={"BOT_TOKEN": f"4200:{SECRET}"},
        channel="@invented_channel",
    )
    error: BaseException | None = None
    with everything_heard() as heard:
        build(settings, clock=clock)
        publisher = TelegramPublisher(settings, clock=clock, timeouts=Timeouts(read=0.5))
        everything_at_debug()
        if fault:
            fake_telegram.faults(fault)
        try:
            publisher.publish(request_of(picture=picture))
        except (UnconfirmedError, RejectedError) as caught:
            error = caught

    told = heard.getvalue() + repr(publisher) + ("" if error is None else all_of(error))
    assert (error is None) is (fault is None)
    assert SECRET not in told
