"""What a newcomer does in the first hour, with real processes in a folder as after a clone."""

from __future__ import annotations

import re
import subprocess
import sys

ATTEMPT_KEYS = [
    "post",
    "part",
    "attempt",
    "campaign",
    "account",
    "network",
    "language",
    "kind",
    "item",
    "text",
    "state",
    "due_at",
    "started_at",
    "ended_at",
    "remote_id",
    "url",
    "error",
    "mode",
    "picture",
    "picture_alt",
    "picture_warning",
]
REHEARSED_KEYS = [
    "campaign",
    "account",
    "network",
    "language",
    "kind",
    "item",
    "due_at",
    "local_time",
    "text",
    "length",
    "cost_usd",
    "why",
    "guards",
]
SUMMARY_KEYS = [
    "from",
    "to",
    "campaigns",
    "posts",
    "by_campaign",
    "by_language",
    "by_kind",
    "cost_usd",
    "held",
    "missed",
    "rejected",
    "empty",
]
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def test_newcomer_checks_rehearses_queues_sends_and_reads_the_log(clone, call):
    checked = clone.run("check")
    rehearsed = clone.run("rehearse", "--days", "2", "--json").json
    assert (checked.status, checked.err) == (0, "")
    assert "2 campaigns" in checked.out
    assert not clone.data.exists(), "neither of them stores anything"

    queued = clone.run(*call, "--text", "Where are the 3 disappeared? أين هم؟", "--at", "now", "--json").json
    sent = clone.run("send", "--json").json
    again = clone.run("send", "--json").json
    attempts = clone.run("log", "--json").json["attempts"]
    verified = clone.run("log", "verify")

    assert list(rehearsed) == ["posts", "summary"]
    assert list(rehearsed["posts"][0])[: len(REHEARSED_KEYS)] == REHEARSED_KEYS
    assert list(rehearsed["posts"][0]["guards"][0]) == ["guard", "ok", "detail"]
    assert list(rehearsed["summary"]) == SUMMARY_KEYS
    text = queued["text"]
    assert text.startswith("Where are the 3 disappeared? أين هم؟")
    assert [one["text"] for one in sent["sent"]] == [text]
    assert sent["sent"][0]["state"] == "sent"
    assert again == {"sent": [], "swept": []}
    (attempt,) = attempts
    assert list(attempt) == ATTEMPT_KEYS
    assert (attempt["text"], attempt["state"], attempt["mode"]) == (text, "sent", "dry-run")
    assert attempt["post"] == queued["post"]
    assert all(INSTANT.fullmatch(attempt[key]) for key in ("due_at", "started_at", "ended_at"))
    assert verified.status == 0
    assert "1 attempt" in verified.out


def test_rehearsed_costs_are_json_numbers_and_add_up(clone):
    rehearsed = clone.run("rehearse", "--days", "3", "--json").json

    costs = [post["cost_usd"] for post in rehearsed["posts"]]
    assert set(costs) == {0.015}
    assert rehearsed["summary"]["cost_usd"] == round(0.015 * len(costs), 3)
    assert rehearsed["summary"]["posts"] == len(costs)
    assert sum(rehearsed["summary"]["by_language"].values()) == len(costs)


def test_same_program_starts_as_a_module(clone):
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--version"],
        cwd=clone.path,
        env=clone.environment(),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0
    assert done.stdout.startswith("campaign-bot ")


def test_settings_come_from_the_env_file_in_the_folder(clone):
    (clone.path / ".env").write_text("BOT_DATA_DIR=elsewhere\nBOT_PLAN_AHEAD_DAYS=1\n", encoding="utf-8")

    planned = clone.run("plan", "--json")

    assert planned.status == 0
    assert (clone.path / "elsewhere" / "campaign-bot.sqlite3").exists()
    assert not clone.data.exists()
    assert 0 < len(planned.json["posts"]) < 15


def test_planning_shows_why_and_twice_changes_nothing(here):
    first = here("plan", "--days", "2", "--json").json
    second = here("plan", "--days", "2").out
    third = here("plan", "--days", "2", "--json").json

    assert [campaign["campaign"] for campaign in first["campaigns"]] == ["in-assads-prisons", "not-hostages"]
    assert all(campaign["posts"] > 0 for campaign in first["campaigns"])
    assert all(post["why"] for post in first["posts"])
    assert "why: least recently used" in second
    assert "not-hostages: 0 slots and 0 posts added" in second
    assert third["posts"] == first["posts"]


def test_sync_says_what_is_new_changed_and_retired(here, clone):
    first = here("sync", "--json").json
    calls = clone.path / "content" / "not-hostages" / "calls.yaml"
    text = calls.read_text(encoding="utf-8")
    calls.write_text(text.replace("A detainee is a human being", "Every detainee is a human being"), "utf-8")
    (clone.path / "content" / "in-assads-prisons" / "calls.yaml").unlink()

    second = here("sync")
    third = here("sync")

    assert "not-hostages/not-a-bargaining-chip" in first["new"]
    assert "changed  not-hostages/not-a-bargaining-chip" in second.out
    assert "retired  in-assads-prisons/be-their-voice" in second.out
    assert third.out.startswith("Nothing changed")


def test_rehearsal_shows_what_the_store_has_planned(here, call):
    here(*call, "--text", "Only in the store", "--at", "2031-05-05T10:02:00+03:00")

    rehearsed = here("rehearse", "--days", "1", "--from", "2031-05-05", "--json").json

    queued = [post for post in rehearsed["posts"] if "Only in the store" in post["text"]]
    assert [(post["local_time"], post["why"]) for post in queued] == [
        ("2031-05-05T10:02:00+03:00", "queued by Huda")
    ]


def test_rehearsal_of_one_campaign_begins_on_the_day_that_is_named(here):
    rehearsed = here(
        "rehearse", "--campaign", "not-hostages", "--days", "1", "--from", "2027-03-01", "--json"
    ).json

    assert rehearsed["summary"]["campaigns"] == ["not-hostages"]
    assert {post["local_time"][:10] for post in rehearsed["posts"]} == {"2027-03-01"}
    assert rehearsed["summary"]["from"] == "2027-02-28T21:00:00Z"
