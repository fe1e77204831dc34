"""The lines of a post."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.layout import first_strong, runs_right_to_left, tidy


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        pytest.param("a  \nb\t\n", "a\nb", id="space-at-line-ends"),
        pytest.param("a\n\n\n\nb", "a\n\nb", id="blank-lines"),
        pytest.param("a\n \n\u00a0\n\nb", "a\n\nb", id="lines-of-space"),
        pytest.param("\n\n a\n\n", "a", id="around"),
        pytest.param("a\r\nb\r\n", "a\nb", id="carriage-returns"),
        pytest.param("e\u0301", "é", id="nfc"),
        pytest.param("\u200f#سوريا\u200f", "#سوريا", id="right-to-left-marks"),
        pytest.param("\u2067مرحبا\u2069 \ufeffx", "مرحبا x", id="isolates-and-byte-order-mark"),
        pytest.param("a \u200f\nb", "a\nb", id="space-before-a-mark"),
        pytest.param("می\u200cروم", "می\u200cروم", id="joiners-stay"),
    ],
)
def test_lines_are_tidied(text, tidied):
    assert tidy(text) == tidied


@given(st.text(alphabet=st.sampled_from("ab \n\t\r\u00a0\u200f\u2067\ufeffس\u0651\u0301e#")))
def test_tidy_text_is_tidy(text):
    tidied = tidy(text)

    assert tidy(tidied) == tidied
    assert unicodedata.is_normalized("NFC", tidied)
    assert "\n\n\n" not in tidied
    assert all(line == line.rstrip() for line in tidied.split("\n"))


@pytest.mark.parametrize(
    ("text", "strong", "right_to_left"),
    [
        pytest.param("130 «سجين»", "س", True, id="digits-and-quotes-have-no-direction"),
        pytest.param("SNHR وثّقت", "S", False, id="latin-name"),
        pytest.param("#NotHostages ليسوا", "N", False, id="latin-hashtag"),
        pytest.param("… 123", "", False, id="nothing"),
    ],
)
def test_direction_comes_from_the_first_letter(text, strong, right_to_left):
    assert first_strong(text) == strong
    if strong:
        assert runs_right_to_left(strong) is right_to_left
