"""A text is as long as X says it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.forms import nfc
from bot.text.weighted import MAX_WEIGHTED_LENGTH, is_valid_post, weighted_length

# Each was measured with npm twitter-text 3.1.0.
WEIGHT_1 = {
    "arabic letter": "س",
    "first of the Arabic block": "\u0600",
    "last of the Arabic block": "\u06ff",
    "persian ya": "ی",
    "extended-a": "\u08a0",
    "tatweel": "ـ",
    "fatha": "\u064e",
    "superscript alef": "\u0670",
    "arabic comma": "،",
    "arabic question mark": "؟",
    "arabic semicolon": "؛",
    "arabic digit": "٣",
    "arabic letter mark": "\u061c",
    "zero width non-joiner": "\u200c",
    "zero width joiner": "\u200d",
    "no-break space": "\xa0",
    "guillemet": "«",
    "curly quote": "“",
    "en dash": "–",
    "em dash": "—",
    "dotless i": "ı",
    "capital i with dot": "İ",
    "copyright without style": "©",
    "registered without style": "®",
}
WEIGHT_2 = {
    "presentation form": "ﻻ",
    "blessing": "ﷺ",
    "word Allah": "ﷲ",
    "ornate bracket": "﴾",
    "left-to-right mark": "\u200e",
    "right-to-left mark": "\u200f",
    "embedding": "\u202b",
    "override": "\u202e",
    "right-to-left isolate": "\u2067",
    "pop isolate": "\u2069",
    "ellipsis": "…",
    "bullet": "•",
    "euro": "€",
    "word joiner": "\u2060",
    "narrow no-break space": "\u202f",
    "chinese": "中",
    "emoji": "😀",
    "emoji with skin tone": "👍🏽",
    "family": "👨‍👩‍👧‍👦",
    "flag": "🇸🇾",
    "flag by tags": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "pirate flag": "🏴‍☠️",
    "keycap": "1️⃣",
    "keycap without style": "#⃣",
    "heart with style": "❤️",
    "copyright with style": "©️",
    "trade mark": "™",
    "dove": "🕊️",
    "toned pointing hand with style": "☝️🏽",
    "astronaut of 2019": "🧑‍🚀",
    "handshake of 2021": "🫱🏿‍🫲🏻",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in WEIGHT_1.items()])
def test_counts_one(text: str) -> None:
    assert weighted_length(text) == 1


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in WEIGHT_2.items()])
def test_counts_two(text: str) -> None:
    assert weighted_length(text) == 2


@pytest.mark.parametrize(
    ("text", "length"),
    [
        pytest.param("بَّ", 3, id="each diacritic counts"),
        pytest.param("\u2067سوريا\u2069", 9, id="isolates around a run cost four"),
        pytest.param("5\u200f/1\u200f/2026", 12, id="marks in a formatted date"),
        pytest.param("😀\ufe0f", 4, id="style after an emoji that needs none"),
        pytest.param("☀\ufe0e", 4, id="text style"),
        pytest.param("🇸🇾🇹🇷", 4, id="two flags"),
        pytest.param("🏃\u200d♂", 5, id="joined sequence without its style"),
        pytest.param("😀\u200dسوريا", 8, id="joiner that joins nothing"),
        pytest.param("12 ٤٢", 5, id="digits are no keycaps"),
        pytest.param("I\u0307stanbul", 8, id="composed before it is counted"),
        pytest.param("http://example.org/1️⃣", 27, id="keycap cut off by the link"),
        pytest.param("https://example.org/اخبار", 28, id="letters behind a link are text"),
        pytest.param("example.com", 23, id="bare host"),
        pytest.param("بexample.com", 24, id="host glued to Arabic"),
        pytest.param("example.comتفاصيل", 29, id="Arabic glued to a host"),
        pytest.param("the end.Off we go", 33, id="a full stop before a former top-level domain"),
        pytest.param("منذ 2011.سوريا", 14, id="a full stop before a domain that X does not know"),
        pytest.param("a@example.com", 13, id="address of a person"),
        pytest.param("", 0, id="nothing"),
    ],
)
def test_counts_as_x_does(text: str, length: int) -> None:
    assert weighted_length(text) == length


def test_decomposed_text_is_as_long_as_composed_text() -> None:
    text = "Esad'ın zindanlarında İğneli fıçı: أُخفِيَ قسراً"

    assert weighted_length(unicodedata.normalize("NFD", text)) == weighted_length(text) == len(text)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        pytest.param("س" * MAX_WEIGHTED_LENGTH, True, id="as long as may be"),
        pytest.param("س" * (MAX_WEIGHTED_LENGTH + 1), False, id="one too long"),
        pytest.param("", False, id="empty"),
        pytest.param(" \n\xa0", False, id="blank"),
        pytest.param("سوريا\ufeff", False, id="byte order mark"),
        pytest.param("سوريا\uffff", False, id="no character"),
        pytest.param("\u2067سوريا\u2069", True, id="isolates"),
    ],
)
def test_valid_posts_are_those_that_x_takes(text: str, valid: bool) -> None:
    assert is_valid_post(text) is valid


@given(st.text(max_size=200))
def test_more_text_behind_a_space_adds_its_weight(text: str) -> None:
    assert weighted_length(f"{text} سلام ﷺ") == weighted_length(text) + 8


@given(st.text(max_size=200))
def test_every_form_of_a_text_is_as_long(text: str) -> None:
    assert (
        weighted_length(nfc(text))
        == weighted_length(unicodedata.normalize("NFD", text))
        == weighted_length(text)
    )
