"""The settings of alerts and pages: read strictly, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Settings, read_settings

_NOWHERE = Path("/nonexistent/.env")


def _read(**values: str) -> tuple[Settings, list[str]]:
    settings, problems = read_settings(values, env_file=_NOWHERE)
    return settings, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("value", "urls"),
    [
        pytest.param("", (), id="none"),
        pytest.param("json://a/x", ("json://a/x",), id="one"),
        pytest.param("json://a/x tgram://1:b/2", ("json://a/x", "tgram://1:b/2"), id="blank"),
        pytest.param("json://a/x, tgram://1:b/2,", ("json://a/x", "tgram://1:b/2"), id="comma"),
        pytest.param("json://a/x,tgram://1:b/2", ("json://a/x", "tgram://1:b/2"), id="comma-alone"),
        pytest.param(
            "mailtos://u:p@h?to=a@example.org,b@example.org json://a",
            ("mailtos://u:p@h?to=a@example.org,b@example.org", "json://a"),
            id="comma-inside",
        ),
        pytest.param("json://a\n  json://b", ("json://a", "json://b"), id="lines"),
    ],
)
def test_addresses_stand_with_blanks_or_commas_between(value, urls):
    settings, problems = _read(BOT_ALERT_URLS=value)

    assert (settings.alert_urls, problems) == (urls, [])


def test_a_mistake_in_an_address_is_named_by_its_place_and_not_repeated():
    settings, problems = _read(BOT_ALERT_URLS="json://a invented-canary")

    assert settings.alert_urls == ()
    assert problems == [
        "BOT_ALERT_URLS: the value has no Apprise address at place 2: "
        "write e.g. tgram://TOKEN/CHAT, a blank between two"
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_ALERT_LANGUAGE", "de"),
        ("BOT_CONSOLE_HOST", "no such host"),
        ("BOT_CONSOLE_PORT", "65536"),
        ("BOT_CONSOLE_PORT", "http"),
    ],
)
def test_other_mistakes_are_named_with_their_remedy(name, value):
    _, problems = _read(**{name: value})

    (problem,) = problems
    assert problem.startswith(f"{name}: {value!r} is no ")
    assert ": write " in problem


def test_nothing_of_an_address_is_shown():
    url = "tgram://123456789:invented%2Fcanary@invented-host/invented-chat?key=invented-key"
    settings, _ = _read(BOT_ALERT_URLS=f"{url} json://user:invented-password@example.org")

    hidden = settings.hide_secrets(
        f"{url} 123456789 invented/canary invented%2Fcanary invented-chat invented-key invented-password"
    )

    assert "invented" not in repr(settings)
    assert "invented" not in hidden
    assert "123456789" not in hidden
