"""How long somebody stays in, what ends it, and what the database shows of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.people import Role
from bot.people.tokens import digest_of
from bot.pipeline.people import IDLE, IDLE_ALONE, LONGEST, Step
from bot.store import people as store
from bot.store.tables import metadata

SHORT = timedelta(seconds=1)


def test_with_users_a_session_ends_after_30_minutes_without_a_word(door):
    door.add()
    token = door.session()
    door.clock.advance(IDLE - SHORT)
    assert door.who(token) is not None
    door.clock.advance(IDLE - SHORT)
    assert door.who(token) is not None, "somebody was there in between"
    door.clock.advance(IDLE)

    assert door.who(token) is None
    assert timedelta(minutes=30) == IDLE


def test_busy_or_not_a_session_ends_after_twelve_hours(door):
    door.add()
    token = door.session()
    while (door.clock.advance(timedelta(minutes=20)) or door.who(token)) is not None:
        pass

    assert timedelta(hours=12) == LONGEST == IDLE_ALONE
    assert door.clock.now() - _began(door, token) == LONGEST


def test_the_single_person_stays_in_for_twelve_hours(door):
    token = door.enter()
    door.clock.advance(IDLE_ALONE - SHORT)
    assert door.who(token) is not None
    door.clock.advance(SHORT)

    assert door.who(token) is None


def test_a_page_that_looks_by_itself_keeps_nobody_in(door):
    door.add()
    token = door.session()

    for _ in range(30):
        assert door.people.person_of(token, acts=False) is not None
        door.clock.advance(timedelta(minutes=1))

    assert door.people.person_of(token, acts=False) is None


def test_seen_at_is_written_at_most_once_a_minute(door):
    door.add()
    token = door.session()
    seen = []
    for _ in range(12):
        door.clock.advance(timedelta(seconds=10))
        door.who(token)
        seen.append(_seen(door, token))

    assert len(set(seen)) == 3, "at the beginning, after one minute, after two"


def test_signing_out_ends_the_session_and_no_other(door):
    door.add()
    one, other = door.session(), door.session()

    door.people.sign_out(one)

    assert door.who(one) is None
    assert door.who(other) is not None


@pytest.mark.parametrize("change", ["role", "remove", "reset", "password"])
def test_what_changes_a_user_ends_the_sessions_of_that_user_alone(door, change):
    door.add("Huda")
    door.add("Leyla")
    huda, leyla = door.session("Huda"), door.session("Leyla")

    if change == "role":
        door.register.set_role("Huda", Role.AUTHOR)
    elif change == "password":
        new = "other invented words"
        assert (
            door.people.change_password("Huda", old="three invented words", new=new, address=None) is Step.IN
        )
    else:
        getattr(door.register, change)("Huda")

    assert door.who(huda) is None
    assert door.who(leyla) is not None


def test_no_token_and_no_password_is_in_the_database(door, kind, url):
    door.add("Huda", Role.ADMIN)
    half = door.sign_in().token
    secret = door.people.code_asked(half).secret.replace(" ", "")
    session = door.people.confirm(half, door.code(half), address=None).token
    door.sign_in("a password in the wrong field", "x")
    link = door.register.add("Leyla", Role.VIEWER)

    stored = repr(_everything(door))

    for word in (half, session, link, secret, "three invented words", "a password in the wrong field"):
        assert word not in stored


def _everything(door) -> list[object]:
    with door.db.read() as tx:
        return [
            tuple(row)
            for table in metadata.sorted_tables
            if table.name in {"users", "sessions", "links", "tries", "send_log"}
            for row in tx.execute(select(table))
        ]


def _session_row(door, token):
    with door.db.read() as tx:
        return store.read_session(tx, digest_of(token))


def _began(door, token):
    return _session_row(door, token).began_at


def _seen(door, token):
    return _session_row(door, token).seen_at
