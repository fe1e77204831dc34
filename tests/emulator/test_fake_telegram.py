"""The fake Telegram refuses what the Bot API refuses, in its words, and changes what Telegram changes."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

TOKEN = "4200:invented-token-of-anna"
CHANNEL = "@invented_channel"
_opener = build_opener(ProxyHandler({}))


@pytest.fixture
def ask(fake_telegram: Any):
    """Call a method; the answer's status and body."""

    def call(method: str, *, token: str = TOKEN, **fields: Any) -> tuple[int, dict[str, Any]]:
        request = Request(
            f"{fake_telegram.url}/bot{token}/{method}",
            data=json.dumps(fields).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with _opener.open(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)

    return call


def test_a_message_is_stored_and_told(ask, fake_telegram):
    status, body = ask("sendMessage", chat_id=CHANNEL, text="An invented fact.")

    assert (status, body["ok"], body["result"]["text"]) == (200, True, "An invented fact.")
    assert body["result"]["chat"]["username"] == "invented_channel"
    (message,) = fake_telegram.posts("anna")
    assert message["id"] == str(body["result"]["message_id"])


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        pytest.param({"chat_id": "", "text": "x"}, "chat_id is empty", id="no chat"),
        pytest.param({"chat_id": "invented", "text": "x"}, "chat not found", id="no such chat"),
        pytest.param({"text": " \n\u202e "}, "message text is empty", id="nothing left"),
        pytest.param({"text": "x" * 4097}, "message is too long", id="too long"),
        pytest.param({"text": "🕯" * 2049}, "message is too long", id="too long in UTF-16"),
        pytest.param(
            {"text": "x", "reply_parameters": {"message_id": 99}},
            "message to be replied not found",
            id="reply",
        ),
        pytest.param(
            {"text": "🕯x", "entities": [{"type": "spoiler", "offset": 1, "length": 1}]},
            "middle of a UTF-16 symbol",
            id="half a letter",
        ),
        pytest.param(
            {"text": "x", "entities": [{"type": "spoiler", "offset": 0, "length": 2}]},
            "beyond the text",
            id="an entity too long",
        ),
    ],
)
def test_what_the_bot_api_refuses_is_refused(ask, fake_telegram, fields, says):
    status, body = ask("sendMessage", **{"chat_id": CHANNEL, **fields})

    assert (status, body["ok"], body["error_code"]) == (400, False, 400)
    assert says in body["description"]
    assert fake_telegram.posts() == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  a \n", "a"),
        ("a\tb\0c", "a b c"),
        ("a\r\nb", "a\nb"),
        ("a\u202bb\u202c\u2028", "ab"),
        ("x\u0333\u033f\u030a", "x"),
        ("a\u200f\u200e\u200fb", "a\u200c\u200c\u200fb"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
    ],
)
def test_a_text_is_cleaned_as_telegram_cleans_it(ask, given, kept):
    _, body = ask("sendMessage", chat_id=CHANNEL, text=given)

    assert body["result"]["text"] == kept


def test_a_channel_is_one_under_its_name_and_its_number(ask, fake_telegram):
    _, named = ask("sendMessage", chat_id=CHANNEL.upper(), text="one")
    _, again = ask("sendMessage", chat_id=CHANNEL, text="two")
    _, numbered = ask("sendMessage", chat_id=named["result"]["chat"]["id"], text="three")

    ids = [answer["result"]["message_id"] for answer in (named, again, numbered)]
    assert ids == sorted(set(ids))
    assert len(fake_telegram.posts()) == 3


@pytest.mark.parametrize("token", ["4200:another-token-of-anna", "anna", "4200:invented-token-of-"])
def test_an_unknown_token_is_refused(ask, token):
    assert ask("getMe", token=token) == (
        401,
        {"ok": False, "error_code": 401, "description": "Unauthorized"},
    )


def test_an_unknown_method_is_not_found(ask):
    assert ask("getHistory")[0] == 404


def test_more_than_a_minutes_messages_are_refused_with_the_seconds_to_wait(ask, fake_telegram):
    fake_telegram.settings(per_minute=2)

    statuses = [ask("sendMessage", chat_id=CHANNEL, text=f"number {number}")[0] for number in range(3)]
    _, body = ask("sendMessage", chat_id=CHANNEL, text="once more")
    elsewhere, _ = ask("sendMessage", chat_id="@another_channel", text="there")

    assert statuses == [200, 200, 429]
    assert 50 <= body["parameters"]["retry_after"] <= 61
    assert elsewhere == 200


def test_the_journal_holds_no_token(ask, fake_telegram):
    ask("sendMessage", chat_id=CHANNEL, text="An invented fact.")
    ask("getMe", token="4200:another-token-of-anna")

    assert "token-of" not in fake_telegram.journal_file.read_text()
    assert "token-of" not in json.dumps(fake_telegram.journal())
