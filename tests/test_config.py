"""Settings: read once, every mistake named at once, no secret shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import load_settings
from bot.core.errors import ConfigError
from bot.core.post import Mode

SECRET = "invented-secret-of-a-test"


def _load(tmp_path: Path, text: str = "", **environment: str):
    file = tmp_path / ".env"
    file.write_text(text, encoding="utf-8")
    return load_settings(environment, env_file=file)


def _lines(error: pytest.ExceptionInfo[ConfigError]) -> list[str]:
    return [
        str(problem).replace(str(problem.where), Path(problem.where).name) for problem in error.value.problems
    ]


def test_environment_wins_over_the_file(tmp_path):
    settings = _load(tmp_path, "BOT_MODE=live\nBOT_PLAN_AHEAD_DAYS=3\n", BOT_MODE="dry-run")

    assert (settings.mode, settings.plan_ahead_days) == (Mode.DRY_RUN, 3)


def test_every_mistake_is_named_at_once(tmp_path):
    with pytest.raises(ConfigError) as error:
        _load(tmp_path, BOT_MODE="liv", BOT_PLAN_AHEAD_DAYS="0", BOT_X_API_URL="ftp://x", BOT_SPED="1")

    assert [line.partition(":")[0] for line in _lines(error)] == [
        "BOT_MODE",
        "BOT_PLAN_AHEAD_DAYS",
        "BOT_X_API_URL",
        "BOT_SPED",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param('BOT_DATA_DIR=x\n\nBOT_MODE = "live\n', 3, id="unclosed quote"),
        pytest.param("this is not a setting\n", 1, id="no equals sign"),
    ],
)
def test_a_line_of_the_file_that_cannot_be_read_stops_the_start(tmp_path, text, line):
    with pytest.raises(ConfigError) as error:
        _load(tmp_path, text)

    assert _lines(error)[0].startswith(f".env:{line}: this line cannot be read")


def test_secrets_are_not_sent_unencrypted_to_another_machine(tmp_path):
    with pytest.raises(ConfigError, match="unencrypted"):
        _load(tmp_path, BOT_X_API_URL="http://x.example.org")


@pytest.mark.parametrize("name", ["BOT_X_API_URL", "BOT_BLUESKY_URL", "BOT_TELEGRAM_API_URL"])
@pytest.mark.parametrize(
    "address",
    [
        "https://api.example.org:99999",
        "https://api.example.org:0",
        "https://api.example.org:x",
        "https://[::1",
    ],
)
def test_address_that_no_request_could_go_to_stops_the_start(tmp_path, name, address):
    with pytest.raises(ConfigError, match=rf"{name}: .*is no web address \(a port goes up to 65535\)"):
        _load(tmp_path, **{name: address})


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("BOT_DATABASE_URL", f"mysql://bot:{SECRET}@host/bot"),
        ("BOT_X_API_URL", f"https://bot:{SECRET}@api.example.org:99999"),
    ],
)
def test_a_password_in_a_wrong_address_is_not_repeated(tmp_path, name, address):
    with pytest.raises(ConfigError) as error:
        _load(tmp_path, **{name: address})

    assert SECRET not in str(error.value)


def test_every_missing_secret_is_named(tmp_path):
    settings = _load(tmp_path, MY_CAMPAIGN_X_API_KEY=SECRET)

    with pytest.raises(ConfigError) as error:
        settings.secrets_of("my_campaign_x", ("API_KEY", "API_SECRET", "ACCESS_TOKEN"))

    assert [line.partition(":")[0] for line in _lines(error)] == [
        "MY_CAMPAIGN_X_API_SECRET",
        "MY_CAMPAIGN_X_ACCESS_TOKEN",
    ]


def test_a_secret_may_come_from_a_file(tmp_path):
    (tmp_path / "key").write_text(f"{SECRET}\n", encoding="utf-8")
    settings = _load(tmp_path, MY_CAMPAIGN_X_API_KEY_FILE=str(tmp_path / "key"))

    assert settings.secrets_of("my_campaign_x", ("API_KEY",)) == {"API_KEY": SECRET}


def test_no_secret_is_shown(tmp_path):
    settings = _load(tmp_path, MY_CAMPAIGN_X_API_KEY=SECRET, BOT_DATABASE_URL=f"postgresql://b:{SECRET}@h/b")

    assert SECRET not in repr(settings)
    assert settings.hide_secrets(f"a line with {SECRET} in it") == "a line with [secret] in it"
