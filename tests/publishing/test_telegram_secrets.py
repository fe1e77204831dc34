"""The token is a part of every address, and of nothing that is told: log lines, errors, tracebacks, reprs."""

from __future__ import annotations

import http.client
import io
import logging
from collections.abc import Iterator

import pytest

from bot.core.clock import SystemClock
from bot.core.errors import ConfigError, PublishError
from bot.publishing.protocol import AccountSettings
from bot.publishing.telegram import TelegramPublisher, build
from bot.publishing.transport import Timeouts
from canaries import hits
from overhearing import all_of, everything_at_debug, everything_heard

TOKEN = "4200:invented-token-of-canary_CANARY_0"
#: The whole, and the half that is the secret.
CANARIES = {"BOT_TOKEN": TOKEN, "its secret half": TOKEN.partition(":")[2]}


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    with everything_heard() as stream:
        yield stream


@pytest.fixture
def canary(fake_telegram, clock) -> TelegramPublisher:
    settings = AccountSettings(
        account="campaign_telegram",
        api_url=fake_telegram.url,
        secrets={"BOT_TOKEN": TOKEN},
        channel="@invented_channel",
    )
    build(settings, clock=clock)
    everything_at_debug()
    return TelegramPublisher(settings, clock=clock, timeouts=Timeouts(read=0.5))


_SAYS_IT = [
    *(
        pytest.param({"kind": "echo", "status": status}, id=f"{status} that repeats it")
        for status in (200, 201, 307, 400, 401, 403, 404, 413, 418, 429, 500)
    ),
    pytest.param({"kind": "echo", "status": 400, "body": ""}, id="400 whose phrase repeats it"),
    pytest.param(
        {"kind": "status", "status": 400, "body": {"ok": False, "description": f"no {TOKEN[5:]} here"}},
        id="400 that repeats a half",
    ),
    pytest.param(
        {"kind": "status", "status": 200, "body": {"ok": True, "result": {TOKEN: TOKEN, "status": TOKEN}}},
        id="200 that repeats it",
    ),
    pytest.param({"kind": "refuse"}, id="refused"),
    pytest.param({"kind": "drop"}, id="dropped"),
    pytest.param({"kind": "reset"}, id="reset"),
    pytest.param({"kind": "truncated"}, id="half an answer"),
    pytest.param({"kind": "late", "seconds": 20}, id="late"),
    pytest.param({"kind": "wrong_json"}, id="no JSON"),
]


@pytest.mark.parametrize("fault", _SAYS_IT)
@pytest.mark.parametrize("method", ["sendMessage", "deleteMessage", "getMe", "getChat", "getChatMember"])
def test_the_token_is_not_told_when_something_is_wrong(
    heard, canary, fake_telegram, request_of, fault, method
):
    fake_telegram.faults({"on": f"POST /bot{{token}}/{method}", **fault})

    steps = {
        "sendMessage": lambda: canary.publish(request_of()),
        "deleteMessage": lambda: canary.withdraw("2"),
    }

    with pytest.raises(PublishError) as caught:
        steps.get(method, canary.check)()

    told = "\n".join((heard.getvalue(), all_of(caught.value), repr(canary), repr(vars(canary))))
    assert hits({"told": told.encode()}, CANARIES) == []


@pytest.mark.parametrize("where", ["http://127.0.0.1:9", "https://nowhere.invalid", "https://127.0.0.1:9"])
def test_the_token_is_not_told_when_nobody_is_reached(heard, clock, request_of, where):
    settings = AccountSettings(
        account="a", api_url=where, secrets={"BOT_TOKEN": TOKEN}, channel="@invented_channel"
    )
    publisher = build(settings, clock=clock)
    everything_at_debug()

    with pytest.raises(PublishError) as caught:
        publisher.publish(request_of())

    told = heard.getvalue() + all_of(caught.value)
    assert hits({"told": told.encode()}, CANARIES) == []


def test_the_token_is_not_told_when_all_is_well(heard, canary, fake_telegram, request_of, capfd):
    before = http.client.HTTPConnection.debuglevel
    http.client.HTTPConnection.debuglevel = 1

    try:
        receipt = canary.publish(request_of(content_warning="invented"))
        canary.check()
        canary.withdraw(receipt.remote_id)
    finally:
        http.client.HTTPConnection.debuglevel = before

    out, err = capfd.readouterr()
    told = "\n".join((heard.getvalue(), out, err, repr(receipt), repr(canary)))
    kept = fake_telegram.journal_file.read_bytes()
    assert hits({"told": told.encode(), "journal": kept}, CANARIES) == []


def test_a_fault_that_nobody_foresaw_does_not_tell_it(heard, fake_telegram, canary, request_of):
    """What `logging.exception` writes of a bug below the publisher holds the values of no frame."""

    def may_leave() -> bool:
        raise ZeroDivisionError(TOKEN)

    try:
        canary.publish(request_of(may_leave=may_leave))
    except PublishError:
        logging.getLogger("bot.pipeline").exception("nobody foresaw it")

    assert "nobody foresaw it" in heard.getvalue()
    assert hits({"told": heard.getvalue().encode()}, CANARIES) == []


def test_a_token_that_is_refused_at_the_start_is_not_told(heard, clock):
    wrong = {"BOT_TOKEN": f"bot{TOKEN}"}
    settings = AccountSettings(account="a", api_url="https://api.example", secrets=wrong, channel="@invented")

    with pytest.raises(ConfigError) as caught:
        build(settings, clock=SystemClock())

    told = heard.getvalue() + all_of(caught.value) + repr(settings)
    assert hits({"told": told.encode()}, CANARIES) == []


def test_publisher_shows_its_account_its_address_and_its_channel_only(telegram_publisher, fake_telegram):
    assert repr(telegram_publisher) == (
        f"TelegramPublisher(account='campaign_telegram', api_url='{fake_telegram.url}',"
        " channel='@invented_channel')"
    )
