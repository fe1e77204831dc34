"""How somebody comes in: the one-time link, name and password, the code."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import pyotp
import pytest
from argon2 import PasswordHasher

from bot.core.people import Person, Role
from bot.pipeline.people import People, SignIn, Step
from bot.store import people as store

SHORT = timedelta(seconds=1)


# -- the single person -----------------------------------------------------------------------------


def test_one_time_link_lets_the_single_person_in_as_admin(door):
    link = door.people.one_time_link("http://127.0.0.1:8000/", who="Sami")

    token = door.people.enter(link.removeprefix("http://127.0.0.1:8000/enter/"))

    assert door.who(token) == Person(name="Sami", role=Role.ADMIN)


def test_one_time_link_works_once(door):
    token = door.people.one_time_link("", who="Sami").removeprefix("/enter/")

    assert door.people.enter(token) is not None
    assert door.people.enter(token) is None


def test_of_many_who_open_one_link_at_once_one_is_let_in(door):
    token = door.people.one_time_link("", who="Sami").removeprefix("/enter/")
    let_in: list[str | None] = []
    threads = [threading.Thread(target=lambda: let_in.append(door.people.enter(token))) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len([one for one in let_in if one is not None]) == 1


@pytest.mark.parametrize(("minutes", "good"), [(14, True), (15, False)])
def test_one_time_link_is_good_for_15_minutes(door, minutes, good):
    token = door.people.one_time_link("", who="Sami").removeprefix("/enter/")
    door.clock.advance(timedelta(minutes=minutes))

    assert (door.people.enter(token) is not None) is good


def test_each_link_is_its_own_and_a_new_one_leaves_the_old_one_good(door):
    links = [door.people.one_time_link("", who="Sami").removeprefix("/enter/") for _ in range(2)]

    assert links[0] != links[1]
    assert all(door.people.enter(link) is not None for link in links)


@pytest.mark.parametrize("token", ["", "x", "\ud800", "'; DROP TABLE links; --"])
def test_what_is_no_link_lets_nobody_in(door, token):
    assert door.people.enter(token) is None
    assert door.people.person_of(token) is None
    assert door.people.chooser(token) is None
    assert door.people.code_asked(token) is None


def test_first_user_ends_every_one_time_link_and_session(door):
    session = door.enter()
    link = door.people.one_time_link("", who="Huda").removeprefix("/enter/")

    door.add("Huda")

    assert door.who(session) is None
    assert door.people.enter(link) is None
    assert door.people.enter(door.people.one_time_link("", who="Huda").removeprefix("/enter/")) is None


def test_single_persons_session_is_no_users_even_under_the_same_name(door):
    door.register.add("Huda", Role.ADMIN)
    door.register.remove("Huda")
    link = door.people.one_time_link("", who="Huda").removeprefix("/enter/")
    session = door.people.enter(link)
    assert door.who(session) is not None

    door.register.add("Huda", Role.ADMIN)

    assert door.who(session) is None


# -- users -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUTHOR])
def test_right_password_lets_a_user_in(door, role):
    door.add("Huda", role)

    signed = door.sign_in("huda ")

    assert signed.step is Step.IN
    assert door.who(signed.token) == Person(name="Huda", role=role)


@pytest.mark.parametrize("role", [Role.APPROVER, Role.ADMIN])
def test_approvers_and_admins_need_a_code_too(door, role):
    door.add("Huda", role)

    half = door.sign_in()

    assert half.step is Step.CODE
    assert door.who(half.token) is None, "half a sign-in is no session"
    signed = door.people.confirm(half.token, door.code(half.token), address=None)
    assert door.who(signed.token) == Person(name="Huda", role=role)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param("Huda", "another invented word", id="wrong-password"),
        pytest.param("Nobody", "three invented words", id="unknown-name"),
        pytest.param("Leyla", "", id="no-password-yet"),
        pytest.param("Removed", "three invented words", id="removed"),
        pytest.param("", "", id="empty"),
        pytest.param("x" * 100_000, "y" * 100_000, id="very-long"),
        pytest.param("\ud800", "\udfff", id="half-a-pair"),
    ],
)
def test_everything_else_is_wrong_in_the_same_words(door, name, password):
    door.add("Huda")
    door.add("Removed")
    door.register.remove("Removed")
    door.register.add("Leyla", Role.VIEWER)

    assert door.sign_in(name, password) == SignIn(step=Step.WRONG)


def test_code_sets_the_app_up_and_its_secret_is_not_shown_again(door):
    door.add("Huda", Role.ADMIN)
    first = door.sign_in().token
    shown = door.people.code_asked(first)
    door.people.confirm(first, door.code(first), address=None)

    again = door.people.code_asked(door.sign_in().token)

    assert (shown.secret is None, shown.address is None) == (False, False)
    assert (again.secret, again.address) == (None, None)


def test_wrong_code_does_not_set_the_app_up(door):
    door.add("Huda", Role.ADMIN)
    half = door.sign_in().token

    assert door.people.confirm(half, "000000", address=None).step is Step.WRONG
    assert door.people.code_asked(half).secret is not None


def test_a_code_is_taken_once(door):
    door.add("Huda", Role.ADMIN)
    first, second = door.sign_in().token, door.sign_in().token
    code = door.code(first)

    assert door.people.confirm(first, code, address=None).step is Step.IN
    assert door.people.confirm(second, code, address=None).step is Step.WRONG


def test_of_two_who_use_one_code_at_once_one_is_let_in(door):
    door.add("Huda", Role.ADMIN)
    halves = [door.sign_in().token for _ in range(6)]
    code = door.code(halves[0])
    steps: list[Step] = []
    threads = [
        threading.Thread(
            target=lambda half=half: steps.append(door.people.confirm(half, code, address=None).step)
        )
        for half in halves
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(steps) == 6
    assert steps.count(Step.IN) == 1


def test_an_older_code_is_not_taken_after_a_newer_one(door):
    door.add("Huda", Role.ADMIN)
    first = door.sign_in().token
    older = door.code(first)
    door.clock.advance(timedelta(seconds=30))
    door.people.confirm(first, door.code(first), address=None)

    second = door.people.confirm(door.sign_in().token, older, address=None)

    assert second.step is Step.WRONG


def test_half_a_sign_in_works_once(door):
    door.add("Huda", Role.ADMIN)
    half = door.sign_in().token
    code = door.code(half)
    door.people.confirm(half, code, address=None)
    door.clock.advance(timedelta(seconds=60))

    assert door.people.confirm(half, code, address=None).step is Step.OVER


@pytest.mark.parametrize(("minutes", "step"), [(9, Step.IN), (10, Step.OVER)])
def test_the_code_follows_the_password_within_ten_minutes(door, minutes, step):
    door.add("Huda", Role.ADMIN)
    half = door.sign_in().token
    secret_shown = door.people.code_asked(half)
    door.clock.advance(timedelta(minutes=minutes))
    code = pyotp.TOTP(secret_shown.secret.replace(" ", "")).at(door.clock.now())

    assert door.people.confirm(half, code, address=None).step is step


@pytest.mark.parametrize("change", ["reset", "remove", "role"])
def test_half_a_sign_in_ends_when_an_admin_acts_in_between(door, change):
    door.add("Huda", Role.ADMIN)
    half = door.sign_in().token
    code = door.code(half)

    if change == "role":
        door.register.set_role("Huda", Role.VIEWER)
    else:
        getattr(door.register, change)("Huda")

    assert door.people.confirm(half, code, address=None).step is Step.OVER


class _Watched(PasswordHasher):
    """Keeps passwords quickly, and does something whenever one is looked at."""

    def __init__(self, look: Callable[[], object]) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self._look = look

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        self._look()
        return super().verify(hash, password)


def test_every_try_costs_the_work_of_one_password(door, passwords):
    door.add("Huda")
    door.register.add("Leyla", Role.VIEWER)
    looked: list[int] = []
    passwords._hasher = _Watched(lambda: looked.append(1))

    work = []
    for name in ("Huda", "Leyla", "Nobody", ""):
        looked.clear()
        door.sign_in(name, "wrong invented words")
        work.append(len(looked))

    assert work == [1, 1, 1, 1]


@pytest.mark.parametrize("change", ["reset", "remove", "role"])
def test_what_an_admin_does_while_a_password_is_judged_holds(door, passwords, change):
    door.add("Huda")

    def act() -> None:
        if change == "role":
            door.register.set_role("Huda", Role.ADMIN)
        else:
            getattr(door.register, change)("Huda")

    passwords._hasher = _Watched(act)

    assert door.sign_in() == SignIn(step=Step.WRONG)


def test_reset_while_a_code_is_judged_leaves_the_new_app_to_be_set_up(door, passwords):
    door.add("Huda", Role.ADMIN)
    half = door.sign_in().token
    code = door.code(half)
    links: list[str] = []

    def key() -> bytes:
        if not links:
            links.append("")
            links.append(door.register.reset("Huda")[1])
        return b"k" * 32

    slow = People(door.db, door.clock, key=key, passwords=passwords)

    assert slow.confirm(half, code, address=None).step is Step.OVER
    door.people.choose_password(links[1], "other invented words")
    asked = door.people.code_asked(door.sign_in("Huda", "other invented words").token)
    assert asked.secret is not None


def test_a_password_kept_with_other_parameters_is_kept_anew(door, passwords):
    door.add("Huda")
    with door.db.read() as tx:
        before = store.read_user(tx, "Huda").password_hash
    passwords._hasher = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)

    signed = door.sign_in()

    with door.db.read() as tx:
        after = store.read_user(tx, "Huda").password_hash
    assert signed.step is Step.IN
    assert before != after
    assert passwords.is_right(after, "three invented words")
    assert not passwords.is_outdated(after)
