"""Live mode, against the fake X: the very text, its link, and what is missing by name."""

from __future__ import annotations

import pytest

ACCOUNTS = ("NOT_HOSTAGES_X", "ASSADS_PRISONS_X")


@pytest.fixture
def live(fake_x, x_secrets):
    """What the environment says in live mode."""
    secrets = {f"{account}_{name}": secret for account in ACCOUNTS for name, secret in x_secrets.items()}
    return {"BOT_MODE": "live", "BOT_X_API_URL": fake_x.url, **secrets}


def test_exactly_the_queued_text_is_public_and_its_link_logged(clone, call, fake_x, live):
    text = "Where are they?\n\nأين هم؟ 3 of them."
    queued = clone.run(*call, "--text", text, "--at", "now", "--json", **live).json

    sent = clone.run("send", **live)
    attempts = clone.run("log", "--json", **live).json["attempts"]
    accounts = clone.run("accounts", "--check", "--json", **live).json["accounts"]
    verified = clone.run("log", "verify", "--json", **live).json

    (public,) = fake_x.posts()
    assert public["text"] == queued["text"]
    assert queued["text"].startswith(text)
    assert [(one["mode"], one["state"], one["remote_id"]) for one in attempts] == [
        ("live", "sent", public["id"])
    ]
    assert attempts[0]["url"].endswith(public["id"])
    assert attempts[0]["url"] in sent.out
    spent = {one["account"]: (one["posts_this_month"], one["cost_usd_this_month"]) for one in accounts}
    assert spent["not_hostages_x"] == (1, 0.015)
    assert {one["account"]: one["handle"] for one in accounts}["not_hostages_x"] == "@campaign"
    assert verified["ok"] is True


@pytest.mark.parametrize("command", ["send", "check"])
def test_every_missing_secret_is_named(here, monkeypatch, command):
    monkeypatch.setenv("BOT_MODE", "live")

    done = here(command)

    assert done.status == 1
    assert [line.split(":")[0] for line in done.complaints] == [
        f"NOT_HOSTAGES_X_{name}" for name in ("API_KEY", "API_SECRET", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET")
    ]


def test_refused_account_is_named_and_paused(here, monkeypatch, live, call):
    for name, value in (live | {"NOT_HOSTAGES_X_ACCESS_TOKEN": "invented-and-wrong"}).items():
        monkeypatch.setenv(name, value)

    checked = here("accounts", "--check")
    here(*call, "--text", "One", "--at", "now")
    done = here("send", "--json")
    sent = done.json["sent"]
    listed = here("accounts")

    assert done.status == 1
    assert "was rejected: X answered 401" in done.err
    assert checked.status == 1
    assert checked.complaints[0].startswith("not_hostages_x: X answered 401")
    assert [one["state"] for one in sent] == ["rejected"]
    assert "not_hostages_x is paused (account not_hostages_x) by campaign-bot" in listed.out
    assert "invented-and-wrong" not in checked.out + checked.err + listed.out


def test_secrets_stay_secret_when_everything_is_told(clone, call, live):
    clone.run(*call, "--text", "One", "--at", "now", **live)

    done = clone.run("-vv", "send", **live)

    assert done.status == 0
    assert "bot.pipeline.send" in done.err
    for name, secret in live.items():
        if name.endswith(("KEY", "SECRET", "TOKEN")):
            assert secret not in done.out + done.err, name
