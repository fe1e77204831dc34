"""`log`: the attempts, filtered; the chain, verified and exported."""

from __future__ import annotations

import csv
import io
import json

import pytest

CALL = (
    *("queue", "add", "--campaign", "not-hostages", "--account", "not_hostages_x"),
    *("--language", "en", "--kind", "call", "--by", "Huda", "--at", "now"),
)


@pytest.fixture
def sent(here):
    """Three posts that left: in English, with a formula, in Arabic."""
    here(*CALL, "--text", "Where are they?")
    here(*CALL, "--text", "=1+1 is no formula here")
    here(*CALL, "--language", "ar", "--text", "أين هم؟")
    assert here("send").status == 0
    return here


@pytest.mark.parametrize(
    ("arguments", "posts"),
    [
        pytest.param((), [1, 2, 3], id="all"),
        pytest.param(("--limit", "2"), [2, 3], id="the newest"),
        pytest.param(("--text", "WHERE"), [1], id="text, whatever its case"),
        pytest.param(("--text", "أين"), [3], id="Arabic text"),
        pytest.param(("--text", "%"), [], id="no wildcard"),
        pytest.param(("--post", "2"), [2], id="post"),
        pytest.param(("--state", "sent"), [1, 2, 3], id="state"),
        pytest.param(("--state", "rejected", "--state", "unknown"), [], id="other states"),
        pytest.param(("--campaign", "in-assads-prisons"), [], id="other campaign"),
        pytest.param(("--account", "not_hostages_x"), [1, 2, 3], id="account"),
        pytest.param(("--since", "2026-01-01"), [1, 2, 3], id="since"),
        pytest.param(("--since", "now"), [], id="since now"),
        pytest.param(("--until", "2026-01-01 10:00"), [], id="until"),
    ],
)
def test_log_is_filtered(sent, arguments, posts):
    attempts = sent("log", *arguments, "--json").json["attempts"]

    assert [attempt["post"] for attempt in attempts] == posts


def test_log_reads_as_two_lines_for_each_attempt(sent):
    lines = sent("log").out.splitlines()

    assert lines[1].endswith("(UTC)")
    assert "  post 1  not_hostages_x  en  sent (dry-run)  " in lines[2]
    assert lines[3] == "    Where are they? #NotHostages #ليسوا_رهائن"
    assert lines[-1] == "3 attempts."


def test_csv_holds_the_same_and_no_formula(sent):
    rows = list(csv.DictReader(io.StringIO(sent("log", "--csv").out)))
    attempts = sent("log", "--json").json["attempts"]

    assert [row["post"] for row in rows] == ["1", "2", "3"]
    assert rows[1]["text"].startswith("'=1+1")
    assert {key: row for key, row in rows[0].items() if row} == {
        key: str(value) for key, value in attempts[0].items() if value is not None
    }


def test_empty_log_is_an_empty_list(here, clone):
    assert here("log", "--json").json == {"attempts": []}
    assert here("log").status == 0
    assert not clone.data.exists(), "reading makes nothing"


def test_export_holds_every_entry_with_source_period_and_decider(sent, here):
    here(*CALL[:8], "--item", "sit-ins", "--at", "now", "--by", "Sami")

    entries = [json.loads(line) for line in sent("log", "export").out.splitlines()]
    rows = list(csv.DictReader(io.StringIO(sent("log", "export", "--format", "csv").out)))

    queued = [entry for entry in entries if entry["event"] == "queued"]
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry["body"]["who"] for entry in queued] == ["Huda", "Huda", "Huda", "Sami"]
    assert queued[-1]["source"]["publisher"] == "Enab Baladi"
    assert queued[-1]["period"] == "2020-07"
    assert queued[-1]["item_changed"] is False
    assert [row["digest"] for row in rows] == [entry["digest"] for entry in entries]
    assert rows[-1]["source_publisher"] == "Enab Baladi"


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        pytest.param("UPDATE send_log SET text = 'forged' WHERE seq = 3", "entry 3: its text", id="text"),
        pytest.param("UPDATE send_log SET body = '{}' WHERE seq = 4", "entry 4 was changed", id="body"),
        pytest.param("UPDATE send_log SET body = '{' WHERE seq = 6", "entry 6 was changed", id="nonsense"),
        pytest.param("UPDATE send_log SET at = 'soon' WHERE seq = 4", "entry 4 was changed", id="moment"),
        pytest.param("DELETE FROM send_log WHERE seq = 5", "entry 5 is missing", id="removed"),
        pytest.param(
            "DELETE FROM send_log WHERE seq = (SELECT max(seq) FROM send_log)",
            "missing from the end",
            id="cut off",
        ),
        pytest.param("DELETE FROM send_log_head", "lost its head", id="no head"),
        pytest.param(
            "UPDATE attempts SET text = 'forged' WHERE post_id = 2",
            "attempt 1 of post 2 (row 2): its text is not the one in the log",
            id="text of an attempt",
        ),
        pytest.param(
            "UPDATE attempts SET state = 'rejected' WHERE post_id = 2",
            "attempt 1 of post 2 (row 2): its state is rejected, in the log sent",
            id="state of an attempt",
        ),
        pytest.param(
            "UPDATE attempts SET remote_id = '7' WHERE post_id = 2",
            "attempt 1 of post 2 (row 2): its remote id is 7, in the log dry-run-",
            id="remote id of an attempt",
        ),
        pytest.param(
            "UPDATE attempts SET started_at = '2020-01-01T00:00:00.000000Z' WHERE post_id = 2",
            "attempt 1 of post 2 (row 2): its start is 2020-01-01T00:00:00.000000Z, in the log 2",
            id="start of an attempt",
        ),
        pytest.param(
            "UPDATE attempts SET ended_at = NULL WHERE post_id = 2",
            "attempt 1 of post 2 (row 2): its end is none, in the log 2",
            id="end of an attempt",
        ),
        pytest.param(
            "UPDATE attempts SET due_at = '2020-01-01T00:00:00.000000Z' WHERE post_id = 2",
            "attempt 1 of post 2 (row 2): its moment is 2020-01-01T00:00:00.000000Z, in the log 2",
            id="moment of an attempt",
        ),
        pytest.param(
            "UPDATE attempts SET error = 'forged' WHERE post_id = 2",
            "attempt 1 of post 2 (row 2): its error is forged, in the log none",
            id="error of an attempt",
        ),
        pytest.param(
            "UPDATE attempts SET kind = 'fact' WHERE post_id = 2",
            "attempt 1 of post 2 (row 2): its kind is 'fact', in the log 'call'",
            id="kind of an attempt",
        ),
        pytest.param(
            "DELETE FROM attempts WHERE post_id = 2",
            "speaks of attempt 2, and its row was removed",
            id="removed attempt",
        ),
    ],
)
def test_verify_names_what_was_tampered_with(sent, clone, tamper, named):
    assert sent("log", "verify").status == 0
    clone.sql(tamper)

    done = sent("log", "verify")
    as_json = sent("log", "verify", "--json")

    assert done.status == as_json.status == 1
    assert named in done.err
    assert "bug" not in done.err
    assert as_json.json["ok"] is False
    assert as_json.json["problems"] == done.complaints
