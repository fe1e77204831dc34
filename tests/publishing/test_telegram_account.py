"""Which bot, which channel: what is asked of Telegram, what settings must hold, where links lead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.errors import (
    AccountError,
    ConfigError,
    UnconfirmedError,
)
from bot.publishing.telegram import build

CHANNEL = "@invented_channel"


def test_check_says_which_bot_may_post_where(telegram_publisher, fake_telegram):
    assert telegram_publisher.check() == "@campaign_bot may post to @invented_channel"
    assert fake_telegram.posts() == []


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        pytest.param({"members": {CHANNEL: None}}, "chat not found", id="no such channel"),
        pytest.param({"members": {CHANNEL: {"status": "left"}}}, "member list is inaccessible", id="left"),
        pytest.param({"members": {CHANNEL: {"status": "kicked"}}}, "bot was kicked", id="kicked"),
        pytest.param({"members": {CHANNEL: {"status": "member"}}}, "there as 'member'", id="member"),
        pytest.param(
            {"members": {CHANNEL: {"status": "administrator", "can_post_messages": False}}},
            "make it an administrator of the channel that may post messages",
            id="administrator who may not post",
        ),
        pytest.param({"types": {CHANNEL: "supergroup"}}, "is no channel on Telegram", id="a group"),
    ],
)
def test_account_that_cannot_post_is_told_so_by_check_and_by_publish(
    telegram_publisher, fake_telegram, request_of, settings, says
):
    fake_telegram.settings(**settings)

    with pytest.raises(AccountError, match=says):
        telegram_publisher.check()
    if "members" in settings:
        with pytest.raises(AccountError):
            telegram_publisher.publish(request_of())

    assert fake_telegram.posts() == []


@pytest.mark.parametrize("method", ["getMe", "getChat", "getChatMember"])
@pytest.mark.parametrize("body", ["", {"ok": True}, {"ok": True, "result": {}}, {"ok": True, "result": [1]}])
def test_check_believes_nothing_that_cannot_be_read(telegram_publisher, fake_telegram, method, body):
    on = f"POST /bot{{token}}/{method}"
    fake_telegram.faults({"kind": "status", "status": 200, "on": on, "body": body})

    with pytest.raises((UnconfirmedError, AccountError)):
        telegram_publisher.check()


def test_wrong_token_is_the_accounts_fault(make_telegram, fake_telegram, request_of):
    publisher = make_telegram(secrets={"BOT_TOKEN": "4200:another-token-of-campaign"})

    with pytest.raises(
        AccountError, match=r"Telegram answered 401: Unauthorized — check the account's BOT_TOKEN"
    ):
        publisher.publish(request_of())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"secrets": {}}, "BOT_TOKEN is missing", id="no token"),
        pytest.param({"secrets": {"BOT_TOKEN": "half-of-an-invented-token"}}, "no token of a bot", id="half"),
        pytest.param({"secrets": {"BOT_TOKEN": "42:invented/../token-of-somebody"}}, "no token", id="a path"),
        pytest.param({"channel": None}, "None is no channel", id="no channel"),
        pytest.param({"channel": "invented_channel"}, "is no channel", id="a name without @"),
        pytest.param({"channel": "1234567890"}, "is no channel", id="a person's number"),
        pytest.param({"channel": "https://t.me/+invented"}, "is no channel", id="an invitation"),
        pytest.param({"api_url": "http://api.example"}, "is not encrypted", id="http elsewhere"),
        pytest.param({"api_url": "https://u:p@api.example"}, "is no address", id="credentials"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(telegram_settings, clock, changes, says):
    with pytest.raises(ConfigError, match=says) as caught:
        build(replace(telegram_settings, **changes), clock=clock)

    assert "token-of" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "remote_id", "profile"),
    [
        ("https://t.me/invented_channel/17", "17", "https://t.me/invented_channel"),
        ("https://t.me/s/invented_channel/17", "17", "https://t.me/invented_channel"),
        ("https://t.me/invented_channel/17?single&comment=3", "17", "https://t.me/invented_channel"),
        (" https://telegram.me/invented_channel/17/ ", "17", "https://t.me/invented_channel"),
        ("https://t.me/c/1234567890/17", "17", None),
        ("https://t.me/invented_channel", None, None),
        ("https://t.me/c/1234567890", None, None),
        ("https://t.me/invented_channel/0", None, None),
        ("https://t.me/invented_channel/٥", None, None),
        ("http://t.me/invented_channel/17", None, None),
        ("https://t.me.example/invented_channel/17", None, None),
        ("https://[t.me/invented_channel/17", None, None),
        ("tg://resolve?domain=invented_channel&post=17", None, None),
        ("17", None, None),
    ],
)
def test_a_link_leads_to_its_message_and_its_channel(url, remote_id, profile):
    assert (build.remote_id_of(url), build.profile_of(url)) == (remote_id, profile)


def test_each_link_of_a_receipt_is_read_back(make_telegram, request_of):
    for channel in (CHANNEL, "-1001234567890"):
        receipt = make_telegram(channel=channel).publish(request_of())

        assert build.remote_id_of(receipt.url) == receipt.remote_id
