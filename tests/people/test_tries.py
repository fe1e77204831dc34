"""Too many tries close the door: for a name, and for an address; ten within a quarter of an hour."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.core.people import Role
from bot.pipeline.people import MOST_TRIES, TRIES_WITHIN, Step
from bot.store.tables import tries

SHORT = timedelta(seconds=1)


def _fail(door, times: int, *, name: str = "Huda", address: str = "192.0.2.7") -> list[Step]:
    return [door.sign_in(name, "wrong invented words", address=address).step for _ in range(times)]


def test_the_figures_are_those_of_the_rules():
    assert MOST_TRIES == 10
    assert timedelta(minutes=15) == TRIES_WITHIN


def test_ten_wrong_passwords_close_the_door_for_that_name_from_everywhere(door):
    door.add()

    steps = [step for n in range(10) for step in _fail(door, 1, address=f"192.0.2.{n}")]

    assert steps == [Step.WRONG] * 10
    assert door.sign_in(address="198.51.100.1").step is Step.CLOSED, "even with the right password"


def test_nine_wrong_passwords_close_nothing(door):
    door.add()
    _fail(door, 9)

    assert door.sign_in().step is Step.IN


def test_ten_wrong_tries_close_the_door_for_that_address_whatever_the_name(door):
    door.add()

    for number in range(10):
        _fail(door, 1, name=f"Name {number}")

    assert door.sign_in().step is Step.CLOSED
    assert door.sign_in(address="198.51.100.1").step is Step.IN


def test_unknown_names_close_in_the_same_way(door):
    door.add()

    steps = [step for n in range(11) for step in _fail(door, 1, name="Nobody", address=f"192.0.2.{n}")]

    assert steps == [Step.WRONG] * 10 + [Step.CLOSED]


def test_spelling_a_name_differently_gives_no_more_tries(door):
    door.add()
    for number, name in enumerate(["huda", "HUDA", " Huda", "Huda ", "hUDA"] * 2):
        _fail(door, 1, name=name, address=f"192.0.2.{number}")

    assert door.sign_in(address="198.51.100.1").step is Step.CLOSED


def test_names_that_nobody_has_are_counted_in_any_spelling_too(door):
    door.add()
    for number, name in enumerate(["nobody", "NOBODY", " Nobody", "Nobody ", "nOBODY"] * 2):
        _fail(door, 1, name=name, address=f"192.0.2.{number}")

    assert door.sign_in("Nobody", address="198.51.100.1").step is Step.CLOSED, "as for those who are there"


def test_one_ipv6_network_is_one_address(door):
    door.add()
    for number in range(10):
        _fail(door, 1, name=f"Name {number}", address=f"2001:db8::{number}")

    assert door.sign_in(address="2001:db8::ffff").step is Step.CLOSED
    assert door.sign_in(address="2001:db8:0:1::1").step is Step.IN


def test_the_door_opens_again_when_fewer_than_ten_lie_in_15_minutes(door):
    door.add()
    for _ in range(10):
        _fail(door, 1)
        door.clock.advance(timedelta(minutes=1))
    door.clock.advance(timedelta(minutes=5) - SHORT)
    assert door.sign_in().step is Step.CLOSED
    door.clock.advance(SHORT)

    assert door.sign_in().step is Step.IN


def test_knocking_at_a_closed_door_does_not_keep_it_closed(door):
    door.add()
    _fail(door, 10)
    for _ in range(14):
        door.clock.advance(timedelta(minutes=1))
        assert door.sign_in().step is Step.CLOSED
    door.clock.advance(timedelta(minutes=1))

    assert door.sign_in().step is Step.IN


def test_right_passwords_use_up_no_tries_and_forgive_no_wrong_ones(door):
    door.add()
    for _ in range(20):
        assert door.sign_in().step is Step.IN
    _fail(door, 9)
    door.sign_in()

    assert _fail(door, 2) == [Step.WRONG, Step.CLOSED]


def test_ones_own_account_gives_an_address_no_more_tries_at_others(door):
    door.add("Huda")
    door.add("Mallory")
    steps = []
    for _ in range(12):
        steps += _fail(door, 1, name="Huda")
        door.sign_in("Mallory")

    assert steps.count(Step.WRONG) == 10


def test_wrong_codes_count_too(door):
    door.add("Huda", Role.ADMIN)
    half = door.sign_in().token

    steps = [door.people.confirm(half, "000000", address="192.0.2.7").step for _ in range(11)]

    assert steps == [Step.WRONG] * 10 + [Step.CLOSED]
    assert door.people.confirm(half, door.code(half), address="198.51.100.1").step is Step.CLOSED


def test_wrong_old_passwords_count_too(door):
    door.add()
    new = "other invented words"

    steps = [
        door.people.change_password("Huda", old="wrong", new=new, address="192.0.2.7") for _ in range(11)
    ]

    assert steps == [Step.WRONG] * 10 + [Step.CLOSED]


def test_passwords_and_codes_share_one_count(door):
    door.add("Huda", Role.ADMIN)
    half = door.sign_in().token
    for _ in range(5):
        door.people.confirm(half, "000000", address=None)
    _fail(door, 5)

    assert door.sign_in().step is Step.CLOSED


def test_of_many_tries_at_once_no_more_than_ten_are_judged(open_door):
    first = open_door()
    first.add()
    doors = [open_door() for _ in range(4)]
    steps: list[Step] = []

    def knock(door) -> None:
        steps.extend(_fail(door, 8))

    threads = [threading.Thread(target=knock, args=(door,)) for door in doors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(steps) == 32
    assert steps.count(Step.WRONG) <= 10
    assert set(steps) == {Step.WRONG, Step.CLOSED}


def test_a_closing_door_stands_in_the_log_once_with_no_secret(door):
    door.add()
    _fail(door, 12)

    closed = [body for event, body in door.events() if event == "door-closed"]

    assert [body["covers"] for body in closed] == ["user Huda", "address 192.0.2.7"]
    assert {body["until"] for body in closed} == {"2026-03-01T09:15:00+00:00"}
    assert all("wrong" not in str(body) for body in closed)


def test_a_name_that_nobody_has_is_not_in_the_log(door):
    door.add()
    for number in range(12):
        _fail(door, 1, name="my secret password", address=f"192.0.2.{number}")

    assert "my secret password" not in repr(door.events())


def test_reset_opens_the_door_for_that_name(door):
    door.add()
    for number in range(10):
        _fail(door, 1, address=f"192.0.2.{number}")
    _, token = door.register.reset("Huda")
    door.people.choose_password(token, "other invented words")

    assert door.sign_in("Huda", "other invented words", address="198.51.100.1").step is Step.IN


def test_tries_older_than_a_day_are_dropped(door):
    door.add()
    _fail(door, 9)
    door.clock.advance(timedelta(days=1, seconds=1))
    door.sign_in()

    with door.db.read() as tx:
        assert tx.execute(select(func.count()).select_from(tries)).scalar() == 0


@pytest.mark.parametrize("address", [None, "", "nonsense"])
def test_without_an_address_all_share_one(door, address):
    door.add()
    for number in range(10):
        _fail(door, 1, name=f"Name {number}", address=address)

    assert door.sign_in(address=address).step is Step.CLOSED
