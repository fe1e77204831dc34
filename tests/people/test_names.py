"""Names and roles."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bot.core.people import LONGEST_NAME, Role, folded_name, name_problem


@pytest.mark.parametrize("name", ["Huda", "هدى", "Ayşe Nur", "o'Neil-2", "sami.k", "x" * LONGEST_NAME])
def test_names_of_people_are_names(name: str):
    assert name_problem(name) is None


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param(" Huda", id="blank-before"),
        pytest.param("Huda  K", id="two-blanks"),
        pytest.param("x" * (LONGEST_NAME + 1), id="too-long"),
        pytest.param("Huda\n", id="line-end"),
        pytest.param("Hu\u202eda", id="turns-the-direction"),
        pytest.param("Hu\u200bda", id="nobody-sees-it"),
        pytest.param("<b>Huda</b>", id="markup"),
        pytest.param("a/b", id="slash"),
        pytest.param("123", id="no-letter"),
        pytest.param("Huda\ud800", id="half-a-pair"),
    ],
)
def test_what_could_mislead_is_no_name(name: str):
    assert name_problem(name) is not None


def test_names_that_look_the_same_are_the_same():
    assert folded_name(" HUDA  k") == folded_name("Huda K") == folded_name("Ｈｕｄａ K")


def test_each_role_may_what_the_one_before_may():
    for lower, higher in pairwise(Role):
        assert higher.includes(lower)
        assert not lower.includes(higher)
    assert all(role.includes(role) for role in Role)


def test_whoever_can_make_a_post_leave_needs_codes():
    assert [role for role in Role if role.needs_codes] == [Role.APPROVER, Role.ADMIN]
