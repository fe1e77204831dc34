"""`users` and `console`: who may come into the console."""

from __future__ import annotations

import re
from urllib.request import ProxyHandler, build_opener

import pytest

LINK = r"http://127\.0\.0\.1:8000/password/[\w-]{43}"


def test_user_is_added_and_gets_a_link(here, clone):
    done = here("users", "add", "Huda", "--role", "admin", "--by", "Sami")

    assert done.status == 0
    assert done.out.splitlines()[:3] == [
        "Added: Huda, admin.",
        "From now on everybody signs in; whoever came in by a one-time link is out.",
        "The link to choose a password, once, within 24 hours:",
    ]
    assert re.fullmatch(LINK, done.out.splitlines()[3])
    assert done.err == ""
    assert clone.sql("SELECT name, role, password_hash FROM users") == [("Huda", "admin", None)]
    (body,) = clone.sql("SELECT body FROM send_log WHERE event = 'user-added'")[0]
    assert '"who":"Sami"' in body


def test_users_without_an_admin_are_told_of(here):
    done = here("users", "add", "Huda", "--role", "viewer")

    assert done.status == 0
    assert done.complaints == ["there is no admin yet: users are added and removed on the command line alone"]


def test_link_names_the_public_address(here, monkeypatch):
    monkeypatch.setenv("BOT_CONSOLE_URL", "https://Bot.example.org/")

    done = here("users", "add", "Huda", "--role", "admin")

    assert re.fullmatch(r"https://bot\.example\.org/password/[\w-]{43}", done.out.splitlines()[3])


def test_port_that_nobody_knows_is_told_of(here, monkeypatch):
    monkeypatch.setenv("BOT_CONSOLE_PORT", "0")

    assert here("console").complaints == [
        "BOT_CONSOLE_PORT is 0: write the port that `run` printed into the link"
    ]


def test_users_are_listed(here):
    here("users", "add", "Huda", "--role", "admin")
    here("users", "add", "ليلى", "--role", "viewer")

    listed = here("users", "list")
    as_json = here("users", "list", "--json").json["users"]

    assert [line.split()[:2] for line in listed.out.splitlines()[1:]] == [
        ["Huda", "admin"],
        ["ليلى", "viewer"],
    ]
    assert "no password yet" in listed.out
    assert [(one["name"], one["role"], one["has_password"]) for one in as_json] == [
        ("Huda", "admin", False),
        ("ليلى", "viewer", False),
    ]
    assert as_json[0]["last_seen_at"] is None
    assert set(as_json[0]) == {"name", "role", "has_password", "has_codes", "added_at", "last_seen_at"}


def test_without_users_the_list_says_how_one_comes_in(here):
    assert here("users", "list").out.startswith("There are no users: one person comes in by a one-time link")
    assert here("users", "list", "--json").json == {"users": []}


def test_role_is_changed(here):
    here("users", "add", "Huda", "--role", "admin")

    done = here("users", "role", "huda", "author")

    assert done.out == "Huda is author from now on, and signs in again.\n"
    assert here("users", "list", "--json").json["users"][0]["role"] == "author"


def test_reset_gives_a_new_link(here, clone):
    here("users", "add", "Huda", "--role", "admin")

    done = here("users", "reset", "HUDA")

    assert done.out.startswith("Reset: Huda is signed out, and sets up password and codes anew.\n")
    assert re.fullmatch(LINK, done.out.splitlines()[2])
    assert clone.sql("SELECT count(*) FROM links WHERE used_at IS NULL") == [(1,)]


def test_whoever_is_at_the_machine_removes_anybody(here):
    here("users", "add", "Huda", "--role", "admin")

    done = here("users", "remove", "huda", "--by", "Huda")

    assert done.out == "Removed: Huda.\n"
    assert done.complaints == [
        "there are no users any more: whoever has a one-time link comes in, from this machine"
    ]


@pytest.mark.parametrize(
    "command",
    [("remove", "Nobody"), ("reset", "Nobody"), ("role", "Nobody", "viewer")],
    ids=lambda command: command[0],
)
def test_who_is_not_there_is_named_with_a_remedy(here, command):
    done = here("users", *command)

    assert done.status == 1
    assert done.complaints == ["there is no user 'Nobody'; `campaign-bot users list` names them all"]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("add", "Huda"), id="no-role"),
        pytest.param(("add", "Huda", "--role", "owner"), id="no-such-role"),
        pytest.param(("role", "Huda", "owner"), id="another-role"),
        pytest.param(("add", "Huda", "--role", "admin", "--password", "x"), id="no-password-here"),
    ],
)
def test_wrong_use_is_told(here, command):
    assert here("users", *command).status == 2


def test_name_that_misleads_is_refused(here):
    done = here("users", "add", "Hu\u202eda", "--role", "viewer")

    assert done.status == 1
    assert "can be no user's name" in done.err


def test_console_prints_a_new_link_each_time(here):
    first, second = here("console").out, here("console").out

    assert re.fullmatch(r"http://127\.0\.0\.1:8000/enter/[\w-]{43}\n", first)
    assert first != second


def test_console_prints_where_users_sign_in(here):
    here("users", "add", "Huda", "--role", "admin")

    assert here("console").out == "http://127.0.0.1:8000/sign-in\n"


def test_console_that_others_can_reach_asks_for_users(here, monkeypatch):
    monkeypatch.setenv("BOT_CONSOLE_HOST", "0.0.0.0")

    done = here("console")

    assert done.status == 1
    assert done.complaints == [
        "other machines can reach this console, so it needs users: `campaign-bot users add NAME --role admin`"
    ]


def test_console_needs_no_key_and_no_content(here, clone):
    here("console")

    assert not (clone.data / "console.key").exists()


def test_link_that_another_process_makes_lets_somebody_in(clone):
    with clone.start("run") as process:
        address = None
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"(http://127\.0\.0\.1:\d+)/", line):
                address = found[1]
            if line.startswith("Running."):
                break
        assert address is not None

        made = clone.run("console", BOT_CONSOLE_PORT=address.rpartition(":")[2])

        link = made.out.strip()
        opener = build_opener(ProxyHandler({}))
        from urllib.request import HTTPCookieProcessor

        opener.add_handler(HTTPCookieProcessor())
        with opener.open(link, timeout=20) as page:
            assert page.status == 200
            assert page.url == f"{address}/"
