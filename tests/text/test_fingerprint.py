"""Two texts share a fingerprint when a follower would say that they say the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text.fingerprint import fingerprint

_WORDS = st.text(st.sampled_from("abcXYZığşéاأبةىيـَّ٣ 5"), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Where are they?", "WHERE are they", id="capitals and punctuation"),
        pytest.param("مَدْرَسَة", "مدرسه", id="marks and ta marbuta"),
        pytest.param("أحمد إلى آخر", "احمد الي اخر", id="alef and ya"),
        pytest.param("شيء مؤلم", "شي مولم", id="hamza"),
        pytest.param("ﻻ كتاب", "لا کتاب", id="presentation forms and kaf"),
        pytest.param("مـــا", "ما", id="tatweel"),
        pytest.param("14,388 people", "١٤٬٣٨٨ people", id="arabic-indic digits"),
        pytest.param("35 people", "۳۵ people", id="persian digits"),
        pytest.param("Free them 🕯️🕯️", "Free\u200b\n\nthem", id="emoji and white space"),
        pytest.param("Read this https://example.org/a #Invented @invented", "Read this", id="addresses"),
        pytest.param("ÇIĞLIK", "çığlık", id="turkish capitals"),
        pytest.param("ｆｒｅｅ", "free", id="wide letters"),
    ],
)
def test_what_says_the_same_shares_a_fingerprint(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("14,388 people", "14,389 people", id="another figure"),
        pytest.param("3.5 percent", "35 percent", id="a decimal point"),
        pytest.param("3 5", "35", id="two figures"),
        pytest.param("½ of them", "12 of them", id="a fraction"),
        pytest.param("½ of them", "¹² of them", id="a fraction and a sign"),
        pytest.param("They are free", "They are not free", id="another word"),
        pytest.param("في السجن", "من السجن", id="another arabic word"),
    ],
)
def test_what_says_something_else_has_another(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


@given(_WORDS)
@example("\ud800")
def test_a_fingerprint_is_a_digest_and_the_same_each_time(text: str) -> None:
    assert re.fullmatch("[0-9a-f]{64}", fingerprint(text))
    assert fingerprint(text) == fingerprint(text)


@given(
    _WORDS,
    st.sampled_from(["!", " ", "\n", " #Invented", " https://example.org/x", " 🕯", " @invented", " …"]),
)
def test_dress_hung_on_behind_does_not_count(text: str, dress: str) -> None:
    assert fingerprint(f"{text} {dress}") == fingerprint(text)


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_two_figures_never_share_one(one: int, other: int) -> None:
    assert (fingerprint(f"{one} people") == fingerprint(f"{other:,} people")) == (one == other)
