"""What the publisher makes of the Bot API's answers, over real HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.errors import (
    AccountError,
    NotNowError,
    PublishError,
    RejectedError,
    UnconfirmedError,
)
from bot.core.post import State
from bot.publishing.protocol import KeepsAGap, Recovery
from bot.publishing.telegram import TelegramPublisher

CHANNEL = "@invented_channel"


# -- answers -----------------------------------------------------------------------------------------


def _no(status: int, description: str, **parameters: object) -> dict:
    body = {"ok": False, "error_code": status, "description": description}
    return {"kind": "status", "status": status, "body": {**body, "parameters": parameters}}


FAULTS = [
    pytest.param({"kind": "refuse"}, UnconfirmedError, False, "", id="closed at accept"),
    *(
        pytest.param({"kind": kind, "when": when}, UnconfirmedError, when == "after", "", id=f"{kind} {when}")
        for kind in ("drop", "reset")
        for when in ("before", "after")
    ),
    *(
        pytest.param(
            {"kind": "status", "status": status, "when": when, "body": "<html>unavailable</html>"},
            UnconfirmedError,
            when == "after",
            f"answered {status}",
            id=f"{status} {when}",
        )
        for status in (408, 409, 418, 500, 502, 503, 504)
        for when in ("before", "after")
    ),
    *(
        pytest.param({"kind": kind}, UnconfirmedError, True, "accepted the post", id=kind)
        for kind in ("truncated", "wrong_json", "empty")
    ),
    *(
        pytest.param(
            {"kind": "status", "status": 200, "body": body},
            UnconfirmedError,
            False,
            "no message id",
            id=f"200 with {body}",
        )
        for body in (
            [],
            {"ok": True},
            {"ok": True, "result": True},
            *(
                {"ok": True, "result": {"message_id": wrong}}
                for wrong in ("7", True, 0, -1, 1.5, None, 10**12)
            ),
            {"result": {"message_id": 7}},
        )
    ),
    pytest.param(
        {"kind": "status", "status": 200, "body": {"ok": False, "description": "Odd."}},
        UnconfirmedError,
        False,
        "200 without a message: Odd; the post may be public",
        id="200 that is not ok",
    ),
    pytest.param({"kind": "redirect"}, UnconfirmedError, False, "answered 307", id="redirect"),
    pytest.param(
        {"kind": "status", "status": 403, "body": "<html>403</html>"},
        UnconfirmedError,
        False,
        "answered 403",
        id="403 of somebody in between",
    ),
    *(
        pytest.param(_no(400, f"Bad Request: {said}"), RejectedError, False, said, id=said)
        for said in ("message is too long", "message text is empty", "message to be replied not found")
    ),
    *(
        pytest.param({"kind": "status", "status": status}, RejectedError, False, "", id=f"{status}")
        for status in (400, 413, 422)
    ),
    *(
        pytest.param(
            _no(400, f"Bad Request: {said}"), AccountError, False, "make the bot an administrator", id=said
        )
        for said in (
            "chat not found",
            "not enough rights to send text messages to the chat",
            "have no rights to send a message",
            "need administrator rights in the channel chat",
            "CHAT_WRITE_FORBIDDEN",
        )
    ),
    pytest.param(
        _no(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1009),
        AccountError,
        False,
        "write `channel: -1009`",
        id="moved",
    ),
    pytest.param(_no(401, "Unauthorized"), AccountError, False, "check the account's BOT_TOKEN", id="401"),
    pytest.param(_no(404, "Not Found"), AccountError, False, "check the account's BOT_TOKEN", id="404"),
    pytest.param(
        _no(403, "Forbidden: bot was kicked from the channel chat"),
        AccountError,
        False,
        "make the bot an administrator",
        id="kicked",
    ),
    pytest.param(_no(429, "Too Many Requests", retry_after=7), NotNowError, False, "not before", id="429"),
]


@pytest.mark.parametrize(("fault", "error", "stored", "says"), FAULTS)
def test_fault_is_classified(telegram_publisher, fake_telegram, request_of, fault, error, stored, says):
    fake_telegram.faults(fault)

    with pytest.raises(PublishError) as caught:
        telegram_publisher.publish(request_of())

    assert type(caught.value) is error
    assert says in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(fake_telegram.posts()) == stored
    assert len(fake_telegram.journal()) == 1


@pytest.mark.parametrize(
    ("parameters", "headers", "seconds"),
    [
        pytest.param({"retry_after": 7}, {}, 7, id="as documented"),
        pytest.param({}, {"Retry-After": "9"}, 9, id="in the header alone"),
        pytest.param({"retry_after": 0}, {}, 1, id="at once"),
        pytest.param({"retry_after": -5}, {}, 1, id="before now"),
        pytest.param({"retry_after": 10**30}, {}, 86400, id="without an end"),
        pytest.param({}, {"Retry-After": "9" * 25}, 86400, id="a header without an end"),
        pytest.param({"retry_after": "soon"}, {}, None, id="in words"),
        pytest.param({"retry_after": True}, {}, None, id="a yes"),
        pytest.param({"retry_after": 1e300}, {}, None, id="a fraction"),
        pytest.param({}, {"Retry-After": "٥"}, None, id="in other digits"),
        pytest.param({}, {}, None, id="none"),
    ],
)
def test_429_names_the_moment_within_bounds(
    telegram_publisher, fake_telegram, clock, request_of, parameters, headers, seconds
):
    named = {name: value for name, value in headers.items() if value.isascii()}
    fake_telegram.faults({**_no(429, "Too Many Requests", **parameters), "headers": named})

    with pytest.raises(NotNowError) as caught:
        telegram_publisher.publish(request_of())

    assert caught.value.until == (None if seconds is None else clock.now() + timedelta(seconds=seconds))


def test_limit_of_telegram_itself_names_its_moment(telegram_publisher, fake_telegram, clock, request_of):
    fake_telegram.settings(per_minute=1)
    telegram_publisher.publish(request_of("one"))

    with pytest.raises(NotNowError) as caught:
        telegram_publisher.publish(request_of("two"))

    assert timedelta(seconds=50) <= caught.value.until - clock.now() <= timedelta(seconds=61)


def test_skew_of_the_clocks_is_seen(telegram_publisher, fake_telegram):
    fake_telegram.settings(clock_offset_seconds=300)

    telegram_publisher.check()

    assert abs(telegram_publisher.clock_skew - timedelta(seconds=300)) < timedelta(seconds=10)


# -- what was lost, and what is taken back -----------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "link"),
    [(CHANNEL, "https://t.me/invented_channel"), ("-1001234567890", "https://t.me/c/1234567890/1")],
    ids=["public", "private"],
)
def test_nothing_is_looked_for_and_a_person_is_told_where_to_look(
    make_telegram, fake_telegram, clock, request_of, channel, link
):
    with pytest.raises(UnconfirmedError, match=f"look for this post at {link}$"):
        make_telegram(channel=channel).find(request_of(), since=clock.now())

    assert fake_telegram.journal() == []


def test_recovery_asks_a_person_at_once_and_never_sends_again_by_itself():
    assert TelegramPublisher.recovery == Recovery(
        settle=timedelta(0), absent_reads=0, apart=timedelta(0), absent_means=State.UNKNOWN
    )


def test_the_gap_keeps_to_one_message_a_second_and_twenty_a_minute(telegram_publisher):
    assert isinstance(telegram_publisher, KeepsAGap)
    assert telegram_publisher.gap >= timedelta(seconds=1)
    assert telegram_publisher.gap * 20 >= timedelta(minutes=1)


def test_withdrawn_message_is_gone(telegram_publisher, fake_telegram, request_of):
    receipt = telegram_publisher.publish(request_of())

    telegram_publisher.withdraw(receipt.remote_id)

    assert fake_telegram.posts() == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(
            {"status": 200, "body": {"ok": True, "result": False}}, UnconfirmedError, id="not deleted"
        ),
        pytest.param({"status": 200, "body": {"ok": True, "result": 1}}, UnconfirmedError, id="a number"),
        pytest.param({"status": 200, "body": ""}, UnconfirmedError, id="empty"),
        pytest.param({"status": 503}, UnconfirmedError, id="503"),
        pytest.param({"status": 400}, RejectedError, id="400"),
    ],
)
def test_withdrawal_that_telegram_does_not_affirm_is_an_error(
    telegram_publisher, fake_telegram, request_of, fault, error
):
    receipt = telegram_publisher.publish(request_of())
    fake_telegram.faults({"kind": "status", "on": "POST /bot{token}/deleteMessage", **fault})

    with pytest.raises(PublishError) as caught:
        telegram_publisher.withdraw(receipt.remote_id)

    assert type(caught.value) is error


def test_withdrawal_of_what_is_not_there_or_too_old_is_an_error(
    telegram_publisher, fake_telegram, request_of
):
    receipt = telegram_publisher.publish(request_of())

    with pytest.raises(RejectedError, match="message to delete not found"):
        telegram_publisher.withdraw("4000")
    fake_telegram.settings(clock_offset_seconds=3 * 86400)
    with pytest.raises(RejectedError, match="message can't be deleted"):
        telegram_publisher.withdraw(receipt.remote_id)


@pytest.mark.parametrize("wrong", ["1/../2", "", "0", "-5", "٥", "1" * 11])
def test_withdrawal_of_what_is_no_id_asks_nobody(telegram_publisher, fake_telegram, wrong):
    with pytest.raises(RejectedError, match="is no message of Telegram"):
        telegram_publisher.withdraw(wrong)

    assert fake_telegram.journal() == []
