"""Passwords: which are taken, and that only the right one is right."""

from __future__ import annotations

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from bot.people.passwords import LONGEST, SHORTEST, PasswordProblem, Passwords, password_problem


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        pytest.param("three invented words", None, id="words"),
        pytest.param("ثلاث كلمات مختلقة", None, id="arabic"),
        pytest.param("abcde fghijk", None, id="just-long-enough"),
        pytest.param("abcde fghij", PasswordProblem.SHORT, id="one-too-few"),
        pytest.param("e\u0301" * 6, PasswordProblem.SHORT, id="accents-are-no-characters"),
        pytest.param("ab c" * (LONGEST // 4), PasswordProblem.UNIFORM, id="longest-but-uniform"),
        pytest.param("abcdefgh" * (LONGEST // 8) + "x", PasswordProblem.LONG, id="one-too-many"),
        pytest.param("Huda Al-Invented", PasswordProblem.NAME, id="the-name"),
        pytest.param("huda al-invented 2026", PasswordProblem.NAME, id="the-name-and-a-year"),
        pytest.param("aaaaaaaaaaaaaaaa", PasswordProblem.UNIFORM, id="one-letter"),
        pytest.param("aAaAbBbBcCcCdDdD", PasswordProblem.UNIFORM, id="capitals-are-no-difference"),
    ],
)
def test_only_good_passwords_are_taken(password: str, problem: PasswordProblem | None):
    assert password_problem(password, name="Huda Al-Invented") is problem


def test_the_shortest_password_has_twelve_characters():
    assert SHORTEST == 12


def test_a_password_is_kept_as_argon2id_as_rfc_9106_recommends():
    passwords = Passwords()

    kept = passwords.keep("three invented words")

    parameters = extract_parameters(kept)
    assert (parameters.type, parameters.time_cost, parameters.memory_cost, parameters.parallelism) == (
        Type.ID,
        3,
        64 * 1024,
        4,
    )
    assert "invented" not in kept
    assert passwords.is_right(kept, "three invented words")
    assert not passwords.is_outdated(kept)


def test_only_the_right_password_is_right(passwords: Passwords):
    kept = passwords.keep("three invented words")

    assert passwords.is_right(kept, "three invented words")
    for wrong in ("three invented word", "Three invented words", "", "x" * 10_000, "\ud800" * 12):
        assert not passwords.is_right(kept, wrong)


def test_nothing_is_right_where_no_password_is_kept(passwords: Passwords):
    assert not passwords.is_right(None, "nobody's")
    assert not passwords.is_right(None, "")


@pytest.mark.parametrize("damaged", ["", "$argon2id$", "plain", "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$"])
def test_a_damaged_hash_lets_nobody_in(passwords: Passwords, damaged: str):
    assert not passwords.is_right(damaged, "three invented words")


def test_one_password_is_one_on_every_keyboard(passwords: Passwords):
    kept = passwords.keep("caf\u00e9 with\u00a0blanks")

    assert passwords.is_right(kept, "cafe\u0301 with blanks")


def test_an_unknown_name_costs_the_same_work_as_a_known_one(passwords: Passwords):
    verified: list[str] = []

    class Counting:
        def hash(self, password: str) -> str:
            return f"hash of {password}"

        def verify(self, kept: str, password: str) -> bool:
            verified.append(kept)
            return True

    counting = Passwords(Counting())  # type: ignore[arg-type]

    assert counting.is_right("kept", "x")
    assert not counting.is_right(None, "x")
    assert len(verified) == 2
