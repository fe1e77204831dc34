"""What waits for a person: unknown posts, pauses, accounts."""

from __future__ import annotations

import re

import pytest


@pytest.fixture
def unknown(here, clone, call):
    """A post of which nobody knows whether it is public."""
    here(*call, "--text", "Where are they?", "--at", "now")
    here("send")
    clone.sql("UPDATE posts SET state = 'unknown', reason = 'X cannot be read'")
    clone.sql("UPDATE attempts SET state = 'unknown', remote_id = NULL, url = NULL")
    clone.sql("UPDATE parts SET remote_id = NULL, url = NULL")
    return here


@pytest.mark.parametrize(
    "command",
    [
        ("log", "--json"),
        ("queue", "list"),
        ("queue", "show", "1"),
        ("sync",),
        ("plan", "--days", "1"),
        ("rehearse", "--days", "1"),
        ("accounts",),
        ("send", "--json"),
        ("pause", "--reason", "x"),
    ],
    ids=" ".join,
)
def test_command_that_is_done_ends_with_3_while_a_post_is_unknown(unknown, command):
    done = unknown(*command)

    assert done.status == 3
    assert done.complaints == [
        "post 1 is unknown: look whether it is public, then `campaign-bot resolve 1` "
        "with --live URL, --send-again or --leave"
    ]


def test_of_many_unknown_posts_a_few_are_named(here, clone, call):
    here("plan", "--days", "3")
    clone.sql("UPDATE posts SET state = 'unknown'")

    done = here("accounts")

    assert done.status == 3
    assert len(done.complaints) == 6
    assert done.complaints[-1] == "… and more: `campaign-bot queue list --state unknown`"


def test_what_is_wrong_weighs_more_than_what_is_unknown(unknown):
    assert unknown("queue", "show", "9").status == 1
    assert unknown("check").status == 0, "it opens no store"


def test_unknown_post_is_public_after_all(unknown):
    done = unknown("resolve", "1", "--live", "https://x.com/i/web/status/123", "--by", "Sami")

    (attempt,) = unknown("log", "--json").json["attempts"]
    assert done.status == 0
    assert done.out.startswith("post 1 is sent: Sami found it on the network; ")
    assert (attempt["state"], attempt["remote_id"]) == ("sent", "123")


def test_unknown_post_is_sent_again_under_a_new_attempt(unknown):
    done = unknown("resolve", "1", "--send-again", "--yes", "--by", "Sami", "--json")
    unknown("send")

    attempts = unknown("log", "--json").json["attempts"]
    assert done.json["post"]["state"] == "ready"
    assert [(attempt["attempt"], attempt["state"]) for attempt in attempts] == [(1, "unknown"), (2, "sent")]


def test_unknown_post_is_left(unknown):
    done = unknown("resolve", "1", "--leave", "--by", "Sami")

    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("post 1 is cancelled: Sami left it as it is; ")


def test_link_that_is_none_is_refused(unknown):
    done = unknown("resolve", "1", "--live", "x.com")

    assert done.status == 1
    assert "'x.com' leads to no post on x" in done.err


def test_pause_says_which_request_had_already_left(here, clone, call):
    here(*call, "--text", "Where are they?", "--at", "now")
    here("send")
    clone.sql("UPDATE posts SET state = 'sending'")

    paused = here("pause", "--account", "not_hostages_x", "--reason", "a figure is wrong", "--by", "Sami")

    assert paused.status == 0
    first, second = paused.out.splitlines()
    assert first == "Paused: account not_hostages_x. Nothing of it leaves from now on."
    assert re.fullmatch(r"1 request had already left: post 1 on X, \d+(\.\d)? \w+ ago\.", second), second


def test_nothing_leaves_while_paused_and_resume_lifts_exactly_that(here, call):
    here("sync")
    paused = here("pause", "--account", "not_hostages_x", "--reason", "wait", "--by", "Sami")
    here(*call, "--text", "Where are they?", "--at", "now")

    sent = here("send")
    other = here("resume")
    lifted = here("resume", "--account", "not_hostages_x")
    sent_after = here("send", "--json").json["sent"]

    assert paused.out.splitlines()[1] == "No request was under way."
    assert "Paused: account not_hostages_x, by Sami: wait" in sent.out
    assert other.status == 1
    assert "Still paused: account not_hostages_x, by Sami: wait" in other.out
    assert lifted.out == "Resumed: account not_hostages_x, paused by Sami: wait\n"
    assert [one["state"] for one in sent_after] == ["sent"]


def test_pause_file_is_told_of(here, clone, call):
    here(*call, "--text", "Where are they?", "--at", "now")
    (clone.data / "PAUSE").touch()

    sent = here("send")

    assert sent.out.splitlines()[0] == "Paused: data/PAUSE is there; remove it to go on."
    assert here("log", "--json").json["attempts"] == []


def test_accounts_say_how_they_stand(here, call):
    here(*call, "--text", "Where are they?", "--at", "now")
    here("send")

    as_json = here("accounts", "--json").json["accounts"]
    lines = here("accounts").out.splitlines()

    assert [account["account"] for account in as_json] == ["assads_prisons_x", "not_hostages_x"]
    assert as_json[1]["mode"] == "dry-run"
    assert as_json[1]["last_sent_at"] is not None
    assert as_json[1]["posts_this_month"] == 0, "only what left in live mode costs"
    assert lines[0].split()[:3] == ["account", "network", "mode"]
    assert lines[1].split()[:3] == ["assads_prisons_x", "x", "dry-run"]


@pytest.mark.parametrize("command", [("queue", "list"), ("plan", "--days", "1"), ("send",)], ids=" ".join)
def test_what_is_paused_is_told_wherever_posts_are_shown(here, command):
    here("sync")
    here("pause", "--language", "ar", "--reason", "an invented doubt", "--by", "Huda")

    assert "Paused: language ar, by Huda: an invented doubt" in here(*command).out


def test_the_kill_switch_works_while_a_template_is_broken(here, clone):
    here("sync")
    (clone.path / "templates" / "fact.j2").write_text("{{ broken", encoding="utf-8")

    done = here("pause", "--reason", "stop")

    assert done.status == 0
    assert "Nothing of it leaves from now on" in done.out


def test_send_says_how_many_posts_a_pause_holds_back(here, call):
    here(*call, "--text", "Where are they?", "--at", "now")
    here("pause", "--reason", "a figure is wrong", "--by", "Sami")

    sent, accounts = here("send"), here("accounts")
    here("pause", "--account", "not_hostages_x", "--reason", "another", "--by", "Sami")
    resumed = here("resume", "--language", "ar")

    assert "1 post due and waiting: for a pause to be lifted, or for an account." in sent.out
    assert "Nothing is due" not in sent.out
    assert "paused" in accounts.out
    assert resumed.complaints == ["no pause names exactly that; give the options that it was made with"]


def test_accounts_tell_of_the_pause_file(here, clone):
    here("sync")
    (clone.path / "data" / "PAUSE").touch()

    assert "Everything is paused: data/PAUSE is there." in here("accounts").out


def test_what_is_queued_while_paused_says_that_it_waits(here, call):
    here("pause", "--reason", "a figure is wrong", "--by", "Sami")

    queued = here(*call, "--text", "Where are they?", "--at", "now")

    assert "Paused: everything, by Sami: a figure is wrong" in queued.out
    assert "It waits for the end of the pause" in queued.out
    assert "sends it at its moment" not in queued.out
