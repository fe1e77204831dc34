"""What is wrong is named on one line each, with status 1, and no traceback reaches anybody."""

from __future__ import annotations

import os
import stat

import pytest

ADD = ("queue", "add", "--campaign", "not-hostages", "--account", "not_hostages_x", "--language", "en")
FACT = (*ADD, "--kind", "fact", "--text", "At least 3 people.")
SOURCE = ("--source-name", "SNHR", "--source-url", "https://snhr.example/3")


@pytest.mark.parametrize(
    ("arguments", "complaints"),
    [
        pytest.param(
            ("rehearse", "--campaign", "nope"),
            ["there is no campaign 'nope'; there is: in-assads-prisons, not-hostages"],
            id="no such campaign",
        ),
        pytest.param(
            ("queue", "show", "99"),
            ["post 99: there is no such post; `campaign-bot queue list` shows them"],
            id="no such post",
        ),
        pytest.param(
            (*FACT, "--text", "{name}"),
            [
                "--text: it holds a brace ({) — write round brackets instead",
                "--source-name: a fact needs its source — say who reports it",
                "--source-url: a fact needs its source — give the link to it",
                "--period: a fact needs the time it speaks of — write e.g. 2011-03/2020-06, or give "
                "--recheck with the day on which to check it again",
            ],
            id="everything at once",
        ),
        pytest.param(
            (*FACT, *SOURCE, "--period", "2011-13"),
            ["--period: '2011-13' is no date of the calendar (month must be in 1..12)"],
            id="no such month",
        ),
        pytest.param(
            (*FACT, "--source-url", "snhr", "--period", "2011"),
            [
                "--source-name: a source needs both, its name and its link — say who reports it",
                "--source-url: link 'snhr' has no http:// or https:// in front: write the whole address",
            ],
            id="half a source",
        ),
        pytest.param(
            (*ADD, "--kind", "call", "--text", "  "),
            ["--text: it is empty — write what followers are to read"],
            id="blank text",
        ),
        pytest.param(
            (*ADD, "--kind", "call", "--text", "Late", "--at", "2020-01-01 10:00"),
            ["2020-01-01 08:00 UTC is past: name a moment to come, or `now`"],
            id="a past moment",
        ),
        pytest.param(
            (*ADD, "--item", "nothing"),
            ["not-hostages: there is no item 'nothing'; look in its content files"],
            id="no such item",
        ),
        pytest.param(
            ("resume",),
            ["nothing is paused"],
            id="nothing to resume",
        ),
        pytest.param(
            ("pause", "--account", "nobody", "--reason", "x"),
            ["no campaign has the account 'nobody'; there is: none yet"],
            id="no such account",
        ),
        pytest.param(
            ("content", "export", "--campaign", "nope"),
            ["there is no campaign 'nope'; there is: in-assads-prisons, not-hostages"],
            id="nothing to export",
        ),
    ],
)
def test_each_mistake_is_one_line_with_status_1(here, arguments, complaints):
    done = here(*arguments)

    assert (done.status, done.out) == (1, "")
    assert done.complaints == complaints


def test_too_long_a_text_is_refused_with_its_length(here):
    done = here(*ADD, "--kind", "call", "--text", "word " * 100)

    assert done.status == 1
    assert len(done.complaints) == 1
    assert "over its limit of 280" in done.complaints[0]


def test_one_post_that_cannot_be_decided_on_does_not_hold_up_the_rest(here, call):
    here(*call, "--text", "One", "--at", "2031-05-05 10:00")

    done = here("queue", "hold", "7", "1", "--reason", "wait", "--json")

    assert done.status == 1
    assert done.complaints == ["post 7: there is no such post; `campaign-bot queue list` shows them"]
    assert [(post["id"], post["state"]) for post in done.json["posts"]] == [(1, "held")]


def test_check_names_settings_content_and_templates_at_once(here, clone, monkeypatch):
    monkeypatch.setenv("BOT_MODE", "lvie")
    monkeypatch.setenv("BOT_SPEED", "10")
    (clone.path / "content" / "not-hostages" / "calls.yaml").write_text("calls: {x: {}}\n", encoding="utf-8")
    with (clone.path / "templates" / "fact.j2").open("a", encoding="utf-8") as template:
        template.write("{{ nothing }}\n")

    done = here("check")
    as_json = here("check", "--json")

    assert done.status == as_json.status == 1
    places = [line.split(": ")[0] for line in done.complaints]
    assert places[:2] == ["BOT_MODE", "BOT_SPEED"]
    assert "content/not-hostages/calls.yaml:1" in places
    assert places[-1].startswith("templates/fact.j2:")
    assert as_json.json["ok"] is False
    assert [problem["where"] for problem in as_json.json["problems"]][:2] == ["BOT_MODE", "BOT_SPEED"]
    assert not clone.data.exists()


def test_check_names_an_item_that_does_not_fit_in_one_language(here, clone):
    calls = clone.path / "content" / "not-hostages" / "calls.yaml"
    text = calls.read_text(encoding="utf-8")
    calls.write_text(text.replace("A detainee is a human being", "A detainee " * 40), encoding="utf-8")

    done = here("check")

    assert done.status == 1
    assert len(done.complaints) == 1
    assert done.complaints[0].startswith("content/not-hostages/calls.yaml:4: not-a-bargaining-chip in en: ")
    assert "over its limit of 280" in done.complaints[0]


def test_run_refuses_broken_content_before_it_starts(clone):
    (clone.path / "content" / "not-hostages" / "calls.yaml").write_text("calls: [", encoding="utf-8")

    done = clone.run("run")

    assert (done.status, done.out) == (1, "")
    assert done.complaints
    assert all(line.startswith("content/not-hostages/calls.yaml:") for line in done.complaints)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        pytest.param("BOT_DATA_DIR", "file/data", "the folder cannot be made", id="no folder"),
        pytest.param("BOT_DATABASE_URL", "sqlite:///file", "file is not a database", id="no database"),
        pytest.param(
            "BOT_DATABASE_URL", "mysql://me:hush-hush@host/db", "is no database address", id="other database"
        ),
        pytest.param("BOT_CONTENT_DIR", "nowhere", "nowhere: there is no such folder", id="no content"),
        pytest.param("BOT_TEMPLATES_DIR", "nowhere", "nowhere", id="no templates"),
    ],
)
def test_what_cannot_be_opened_is_one_line(here, clone, monkeypatch, variable, value, said):
    (clone.path / "file").write_text("no database, no folder\n" * 50, encoding="utf-8")
    monkeypatch.setenv(variable, value)

    done = here("send")

    assert done.status == 1
    assert len(done.complaints) == 1
    assert said in done.complaints[0]
    assert "hush-hush" not in done.err


def test_bug_is_confessed_on_one_line_and_its_traceback_kept_without_secrets(here, clone, call, monkeypatch):
    monkeypatch.setenv("NOT_HOSTAGES_X_API_KEY", "invented-and-secret")
    here(*call, "--text", "One", "--at", "2031-05-05 10:00")
    clone.sql("UPDATE posts SET network = 'invented-and-secret'")

    done = here("queue", "list")

    assert done.status == 1
    assert done.complaints == [
        "this is a bug in campaign-bot (ValueError): please report it with data/errors.log"
    ]
    kept = clone.data / "errors.log"
    assert "Traceback" in kept.read_text(encoding="utf-8")
    assert "[secret]" in kept.read_text(encoding="utf-8")
    assert "invented-and-secret" not in kept.read_text(encoding="utf-8")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_env_file_that_cannot_be_read_is_one_line(here, clone):
    (clone.path / ".env").write_bytes(b"BOT_MODE=caf\xe9")

    done = here("check")

    assert done.status == 1
    assert done.complaints[0] == ".env: is no UTF-8 text — save it as UTF-8"


def test_data_folder_is_nobody_elses_business(here, clone, call):
    previous = os.umask(0o022)

    here(*call, "--text", "One", "--at", "2031-05-05 10:00")

    os.umask(previous)
    assert stat.S_IMODE(clone.data.stat().st_mode) == 0o700
    assert stat.S_IMODE((clone.data / "campaign-bot.sqlite3").stat().st_mode) == 0o600
