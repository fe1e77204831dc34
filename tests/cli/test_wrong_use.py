"""Wrong use is told as such, with status 2, before anything is opened."""

from __future__ import annotations

import pytest

ADD = ("queue", "add", "--campaign", "not-hostages", "--account", "not_hostages_x", "--language", "en")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("quue",), "Did you mean 'queue'?", id="no such command"),
        pytest.param(("queue", "lsit"), "Did you mean 'list'?", id="no such subcommand"),
        pytest.param(("check", "--jsn"), "--json", id="no such option"),
        pytest.param(("rehearse", "--days", "0"), "1<=x<=3660", id="no days"),
        pytest.param(("rehearse", "--from", "tomorrow"), "'tomorrow' is no moment", id="no moment"),
        pytest.param(("log", "--since", "2026-02-30"), "no moment of the calendar", id="no such day"),
        pytest.param(("log", "--since", "9999-12-31"), "write a year from 1970", id="far year"),
        pytest.param(("log", "--json", "--csv"), "do not go together", id="json and csv"),
        pytest.param(("log", "--json", "verify"), "options stand after `verify`", id="option too early"),
        pytest.param(("queue", "list", "--state", "snet"), "'snet' is not one of", id="no such state"),
        pytest.param(("queue", "list", "--all", "--state", "sent"), "do not go together", id="all and state"),
        pytest.param(("queue", "hold", "1"), "Missing option '--reason'", id="no reason"),
        pytest.param(("queue", "hold", "--reason", "x"), "Missing argument", id="no post"),
        pytest.param(("queue", "hold", "1", "--reason", " "), "it is empty", id="blank reason"),
        pytest.param(("queue", "show", "first"), "'first' is not a valid integer", id="no number"),
        pytest.param(("pause",), "Missing option '--reason'", id="pause without reason"),
        pytest.param((*ADD, "--kind", "call"), "give one of --text, --text-file and --item", id="no text"),
        pytest.param((*ADD, "--text", "x"), "say with --kind", id="no kind"),
        pytest.param((*ADD, "--text", "x", "--item", "y"), "give one of", id="text and item"),
        pytest.param((*ADD, "--item", "y", "--kind", "call"), "does not go with --item", id="item with kind"),
        pytest.param((*ADD, "--item", "y", "--period", "2011"), "those of the item", id="item with a period"),
        pytest.param(
            (*ADD, "--kind", "call", "--text-file", "nowhere"), "nowhere: cannot be read", id="no file"
        ),
        pytest.param(
            (*ADD, "--kind", "call", "--text", "x", "--recheck", "soon"), "'soon' is no day", id="no day"
        ),
        pytest.param(("resolve", "1"), "give one of --live", id="no word"),
        pytest.param(("resolve", "1", "--leave", "--send-again"), "give one of --live", id="two words"),
        pytest.param(("run", "--speed", "0"), "1<=x<=100000", id="no speed"),
        pytest.param(
            ("content", "import", "x.csv", "--campaign", "c", "--into", "../x.yaml"), "such as", id="bad name"
        ),
        pytest.param(("completion", "tcsh"), "'tcsh' is not one of", id="no such shell"),
    ],
)
def test_wrong_use_is_named_with_status_2(here, clone, arguments, said):
    done = here(*arguments)

    assert done.status == 2
    assert done.out == ""
    assert said in done.err
    assert "Usage: campaign-bot" in done.err
    assert "Traceback" not in done.err
    assert not clone.data.exists()


def test_text_that_is_no_utf8_is_wrong_use(clone):
    done = clone.run("queue", "add", "--text", b"caf\xe9".decode("utf-8", "surrogateescape"))

    assert done.status == 2
    assert "is no UTF-8 text" in done.err


def test_text_file_that_is_no_utf8_is_wrong_use(here, clone):
    (clone.path / "text").write_bytes(b"caf\xe9")

    done = here(*ADD, "--kind", "call", "--text-file", "text")

    assert done.status == 2
    assert "text: is no UTF-8 text" in done.err


def test_speed_is_refused_in_live_mode(here, monkeypatch):
    monkeypatch.setenv("BOT_MODE", "live")

    done = here("run", "--speed", "10")

    assert done.status == 2
    assert "--speed is for dry-run mode" in done.err


def test_send_again_is_not_asked_where_nobody_can_answer(clone):
    done = clone.run("resolve", "1", "--send-again")

    assert done.status == 2
    assert "say --yes" in done.err
