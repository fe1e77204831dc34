"""A text is found however its words are spelled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.searching import asked_words, remembered


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        pytest.param("الأَسْرى في السجون", "اسري", id="hamza-marks-and-alef-maqsura"),
        pytest.param("حريّة", "حريه", id="ta-marbuta"),
        pytest.param("مســـجون", "مسجون", id="tatweel"),
        pytest.param("ﻻ حرية", "لا", id="presentation-form"),
        pytest.param("#الحرية_للأسرى", "الاسرى", id="inside-a-hashtag-it-is-not-a-word-of-its-own"),
        pytest.param("İSTANBUL'da ışık", "istanbul isik", id="turkish-capitals-and-dots"),
        pytest.param("Şehit çocuklar", "sehit cocuk", id="turkish-letters-on-another-keyboard"),
        pytest.param("14,388 people", "14388", id="grouped-number"),
        pytest.param("١٤٬٣٨٨ شخصا", "14.388", id="arabic-digits"),
        pytest.param("Café déjà vu", "cafe deja", id="accents"),
        pytest.param("https://example.org/report", "example.org", id="host-of-a-link"),
    ],
)
def test_a_text_holds_what_people_remember_of_it(text, asked):
    held = [word in remembered(text) for word in asked_words(asked)]

    # A word with its article is not part of one that has it joined to another letter.
    assert all(held) is (asked != "الاسرى")


def test_numbers_that_stand_apart_stay_apart():
    assert remembered("3.5 of 15,03") == "3 5 of 15 03"


def test_a_question_of_signs_alone_asks_for_nothing():
    assert asked_words(" !? ـــ #") == ()


@given(st.text(max_size=60))
def test_what_was_remembered_once_is_remembered_the_same_again(text):
    once = remembered(text)

    assert remembered(once) == once
    assert once == " ".join(once.split())
