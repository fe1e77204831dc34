"""Numbers that people type into texts: declared as they stand, and compared between languages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.form import read_form
from bot.content.typed_numbers import typed_numbers, with_typed_numbers
from posting import CAMPAIGN

CALL = {"key": "a-call", "kind": "call"}


def _declared(**form: str) -> str:
    return with_typed_numbers(form, campaign=CAMPAIGN)["plain_numbers"]


@pytest.mark.parametrize(
    ("form", "declared"),
    [
        pytest.param({"text_en": "12 of 30", "text_ar": "١٢ من ٣٠"}, "12; 30", id="both-scripts"),
        pytest.param({"text_en": "14,388 people"}, "14388", id="grouped"),
        pytest.param({"text_en": "{total} and 63", "figures": "total=63"}, "", id="a-figure-has-it"),
        pytest.param({"text_en": "2254", "plain_numbers": "1; 2254; 2"}, "2254", id="stale-ones-go"),
        pytest.param({"text_en": "1 and 2", "plain_numbers": "2; 1"}, "2; 1", id="order-stays"),
        pytest.param({"warning_en": "Over 18"}, "18", id="warning"),
        pytest.param({"text_fr": "12"}, "", id="no-language-of-the-campaign"),
        pytest.param({"text_en": "9" * 5000}, "9" * 5000, id="endless"),
    ],
)
def test_typed_numbers_are_declared_as_they_are(form: dict[str, str], declared: str):
    assert _declared(**form) == declared


def test_the_same_numbers_keep_the_rules_and_different_ones_break_them():
    same = {**CALL, "text_en": "Some 12 people.", "text_ar": "نحو ١٢ شخصاً."}
    other = {**same, "text_ar": "نحو ١٣ شخصاً."}

    kept = read_form(with_typed_numbers(same, campaign=CAMPAIGN), campaign=CAMPAIGN)
    broken = read_form(with_typed_numbers(other, campaign=CAMPAIGN), campaign=CAMPAIGN)

    assert kept.found == ()
    assert {problem.what for problem in broken.problems} == {
        "12 is in en and not in ar",
        "13 is in ar and not in en",
    }


def test_a_number_names_the_languages_that_say_it_and_those_that_do_not():
    (found,) = typed_numbers({"text_en": "Some 12 people.", "text_ar": "بعضهم."}, campaign=CAMPAIGN)

    assert (found.number, found.having, found.without) == ("12", ("en",), ("ar",))


def test_a_language_without_a_text_disagrees_with_nobody():
    (found,) = typed_numbers({"text_en": "Some 12 people.", "text_ar": " "}, campaign=CAMPAIGN)

    assert found.without == ()


@given(st.text(max_size=200), st.text(max_size=50), st.text(max_size=50))
def test_declaring_twice_changes_nothing(text: str, numbers: str, figures: str):
    form = {"text_en": text, "text_ar": text, "plain_numbers": numbers, "figures": figures}

    once = with_typed_numbers(form, campaign=CAMPAIGN)

    assert with_typed_numbers(once, campaign=CAMPAIGN) == once
    assert with_typed_numbers(form, campaign=replace(CAMPAIGN, languages=()))["plain_numbers"] == ""
