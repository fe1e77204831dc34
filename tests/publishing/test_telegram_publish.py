"""What arrives in a channel, and what its receipt says, over real HTTP."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.errors import (
    NotSentError,
    RejectedError,
)

CHANNEL = "@invented_channel"
ARABIC = "حقائق <من> سوريا & «لبنان» #سوريا\nhttps://example.org/a?b=1&c=2"


def shown(message: dict) -> str:
    """The part of a message that lies under its spoiler."""
    (entity,) = message["entities"]
    units = message["text"].encode("utf-16-le")
    start, end = entity["offset"] * 2, (entity["offset"] + entity["length"]) * 2
    return units[start:end].decode("utf-16-le")


# -- what arrives ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(ARABIC, id="Arabic, a hashtag and a link"),
        pytest.param("1 < 2 & 3 > 2 &amp; &lt;b&gt;", id="signs of HTML"),
        pytest.param(
            "<b>no</b> <tg-spoiler>markup</tg-spoiler> *at* _all_ `here` [a](https://x.y)", id="markup"
        ),
        pytest.param("\u200fא 12\u2067 %\u2069 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👩‍👩‍👧", id="direction marks and emoji"),
        pytest.param("سُوريَا", id="vowel marks"),
    ],
)
@pytest.mark.parametrize("warning", [None, "تعذيب ⚠ <b>"], ids=["plain", "with a warning"])
def test_the_very_characters_of_the_post_arrive(telegram_publisher, fake_telegram, request_of, text, warning):
    telegram_publisher.publish(request_of(text, content_warning=warning))

    (message,) = fake_telegram.posts("campaign")
    assert (message["text"] if warning is None else shown(message)) == text
    assert message["chat"] == "invented_channel"


_LETTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u030a\u0333\u033f\u200e\u200f")
_TEXTS = (
    st.text(_LETTERS, min_size=1, max_size=60)
    .map(lambda text: re.sub("[\u2028-\u202e]", "", text).strip())
    .filter(lambda text: text != "")
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(text=_TEXTS, warning=_TEXTS)
def test_whatever_the_letters_the_spoiler_lies_over_the_whole_text_and_nothing_else(
    telegram_publisher, fake_telegram, request_of, text, warning
):
    telegram_publisher.publish(request_of(text, content_warning=warning))

    message = fake_telegram.posts()[-1]
    assert shown(message) == text
    assert message["text"] == f"⚠️ {warning}\n\n{text}"


def test_a_content_warning_stands_above_and_nothing_of_the_post_shows_beside_it(
    telegram_publisher, fake_telegram, request_of
):
    telegram_publisher.publish(request_of(ARABIC, content_warning="تعذيب"))

    (message,) = fake_telegram.posts()
    assert message["text"] == f"⚠️ تعذيب\n\n{ARABIC}"
    assert [entity["type"] for entity in message["entities"]] == ["spoiler"]
    assert message["options"] == {"is_disabled": True}


def test_a_post_without_a_warning_shows_the_preview_of_its_link(
    telegram_publisher, fake_telegram, request_of
):
    telegram_publisher.publish(request_of(ARABIC))

    (message,) = fake_telegram.posts()
    assert (message["entities"], message["options"]) == ([], {})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("a\u202bb\u202c", "take out U+202B, U+202C", id="embedding"),
        pytest.param("a\u202eb", "take out U+202E", id="override"),
        pytest.param("a\u2028b", "take out U+2028", id="line separator"),
        pytest.param("a\tb\rc", "take out U+0009, U+000D", id="controls"),
        pytest.param("x\u0333", "take out U+0333", id="a line below"),
        pytest.param("a\u200f\u200fb", "take out U+200F", id="marks in a row"),
    ],
)
def test_a_text_that_telegram_would_change_is_not_sent(
    telegram_publisher, fake_telegram, request_of, text, says
):
    with pytest.raises(RejectedError, match=re.escape(says)):
        telegram_publisher.publish(request_of(text))

    assert fake_telegram.journal() == []


@pytest.mark.parametrize(("extra", "is_taken"), [(0, True), (1, False)], ids=["just fits", "one too many"])
@pytest.mark.parametrize(("sign", "units"), [("س", 1), ("🕯", 2)], ids=["Arabic", "emoji"])
@pytest.mark.parametrize("warning", [None, "تعذيب"], ids=["plain", "with a warning"])
def test_length_is_counted_in_utf16_units_with_the_warning(
    telegram_publisher, fake_telegram, request_of, extra, is_taken, sign, units, warning
):
    above = 0 if warning is None else len("⚠️ تعذيب\n\n")
    text = sign * ((4096 - above) // units) + "x" * ((4096 - above) % units + extra)
    request = request_of(text, content_warning=warning)

    if is_taken:
        telegram_publisher.publish(request)
    else:
        with pytest.raises(RejectedError, match=r"\(4097/4096\)"):
            telegram_publisher.publish(request)

    assert len(fake_telegram.posts()) == is_taken


def test_a_text_that_arrived_otherwise_is_told_without_its_words(
    telegram_publisher, fake_telegram, request_of
):
    changed = {"ok": True, "result": {"message_id": 7, "text": "other", "chat": {"id": -1001}}}
    fake_telegram.faults({"kind": "status", "status": 200, "body": changed})

    receipt = telegram_publisher.publish(request_of("invented words"))

    assert (receipt.url, receipt.note) == ("https://t.me/invented_channel/7", "Telegram changed its text")


# -- receipts and threads ----------------------------------------------------------------------------


def test_receipt_names_the_message_and_its_public_link(telegram_publisher, fake_telegram, request_of):
    receipt = telegram_publisher.publish(request_of())

    (message,) = fake_telegram.posts()
    assert receipt.remote_id == message["id"]
    assert receipt.url == f"https://t.me/invented_channel/{message['id']}"


def test_receipt_of_a_channel_without_a_name_has_the_link_for_members(make_telegram, request_of):
    receipt = make_telegram(channel="-1001234567890").publish(request_of())

    assert receipt.url == f"https://t.me/c/1234567890/{receipt.remote_id}"


def test_receipt_of_a_numbered_channel_that_has_a_name_has_the_public_link(
    make_telegram, fake_telegram, request_of
):
    named = {"message_id": 7, "text": "An invented fact.", "chat": {"username": "invented_name"}}
    fake_telegram.faults({"kind": "status", "status": 200, "body": {"ok": True, "result": named}})

    receipt = make_telegram(channel="-1001234567890").publish(request_of())

    assert receipt.url == "https://t.me/invented_name/7"


def test_part_of_a_thread_replies_to_the_part_before_it(telegram_publisher, fake_telegram, request_of):
    first = telegram_publisher.publish(request_of("part one"))

    second = telegram_publisher.publish(request_of("part two", reply_to=first.remote_id))

    messages = {message["id"]: message for message in fake_telegram.posts()}
    assert messages[second.remote_id]["reply_to"] == first.remote_id


def test_part_whose_part_before_is_gone_is_refused_not_left_alone(
    telegram_publisher, fake_telegram, request_of
):
    first = telegram_publisher.publish(request_of("part one"))
    telegram_publisher.withdraw(first.remote_id)

    with pytest.raises(RejectedError, match="message to be replied not found"):
        telegram_publisher.publish(request_of("part two", reply_to=first.remote_id))

    assert fake_telegram.posts() == []


def test_a_request_that_may_not_leave_stays_here(telegram_publisher, fake_telegram, request_of):
    with pytest.raises(NotSentError, match="held back before its first byte"):
        telegram_publisher.publish(request_of(may_leave=lambda: False))

    assert fake_telegram.journal() == []
