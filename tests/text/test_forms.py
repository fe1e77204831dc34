"""Texts that say the same are equal in the form that compares them, and only those."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.fingerprint import fingerprint
from bot.text.forms import comparable, fold_presentation_forms, nfc, unsafe_characters


def test_nfc_composes_letters_and_leaves_the_rest() -> None:
    assert nfc("I\u0307s\u0327kence ﷺ ﻻ سـوريا ı") == "İşkence ﷺ ﻻ سـوريا ı"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("ﻻجئ", "لاجئ", id="ligature"),
        pytest.param("ﺳﻮﺭﻳﺎ", "سوريا", id="shapes"),
        pytest.param("ﭘﺎﮎ", "پاک", id="Persian shapes"),
        pytest.param("ﺁﺏ", "آب", id="alef with madda, composed"),
        pytest.param("بﹷ", "بَ", id="mark on a tatweel"),
        pytest.param("بﱠ", "بَّ", id="two marks on a space"),
        pytest.param("ﷺ ﷲ ﷼ ﷽", "ﷺ ﷲ ﷼ ﷽", id="signs of their own"),
        pytest.param("ﬁ ½ ²", "ﬁ ½ ²", id="what is not Arabic"),
        pytest.param("\ufeff", "\ufeff", id="byte order mark"),
        pytest.param("سوريا", "سوريا", id="letters"),
    ],
)
def test_presentation_forms_become_letters(text: str, folded: str) -> None:
    assert fold_presentation_forms(text) == folded


@given(st.text(st.characters(min_codepoint=0xFB50, max_codepoint=0xFEFC)))
def test_folding_presentation_forms_twice_changes_nothing_more(text: str) -> None:
    folded = fold_presentation_forms(text)

    assert fold_presentation_forms(folded) == folded == unicodedata.normalize("NFC", folded)


@pytest.mark.parametrize(
    "returned",
    [
        pytest.param("سوريا & لبنان <2011>", id="the same"),
        pytest.param("سوريا &amp; لبنان &lt;2011&gt;", id="escaped"),
        pytest.param("  سوريا &amp;  لبنان\n&lt;2011&gt; ", id="other white space"),
        pytest.param("سوريا\xa0& لبنان\u2028<2011>", id="other kinds of white space"),
    ],
)
def test_what_a_network_returns_compares_equal(returned: str) -> None:
    assert comparable(returned) == comparable("سوريا & لبنان <2011>") == "سوريا & لبنان <2011>"


def test_composed_and_decomposed_texts_compare_equal() -> None:
    assert comparable(unicodedata.normalize("NFD", "Türkiye'de أُخفِيَ")) == comparable("Türkiye'de أُخفِيَ")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Esad zindanlarında", "Esad'ın zindanlarında", id="another word"),
        pytest.param("قُتل", "قَتل", id="other marks"),
    ],
)
def test_texts_that_differ_do_not_compare_equal(one: str, other: str) -> None:
    assert comparable(one) != comparable(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("أُخفِيَ قسراً", "اخفي قسرا", id="marks and alef"),
        pytest.param("المعتقـــلون", "المعتقلون", id="tatweel"),
        pytest.param("مدرسة على", "مدرسه علي", id="ta marbuta and ya"),
        pytest.param("ﻻ عدالة", "لا عدالة", id="presentation forms"),
        pytest.param("لا عدالة #سوريا https://example.org/a", "لا عدالة", id="links and hashtags"),
        pytest.param("لا عدالة! «أبداً»…", "لا عدالة أبدا", id="punctuation"),
        pytest.param("SIKINTI İŞKENCE", "sıkıntı işkence", id="Turkish capitals"),
        pytest.param("FREE THEM", "Free them", id="English capitals"),
        pytest.param("14,388 قتيلاً", "١٤٬٣٨٨ قتيلا", id="digits of another script"),
        pytest.param("14,388 died", "14.388 died", id="separators of another language"),
        pytest.param("\u2067سوريا\u2069 🕊️", "سوريا", id="isolates and emoji"),
        pytest.param("İs\u0327kence", "işkence", id="decomposed"),
    ],
)
def test_near_duplicates_have_the_same_fingerprint(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("14,388 died", "14,389 died", id="another figure"),
        pytest.param("١٤٬٣٨٨ قتيلاً", "١٤٬٣٨٩ قتيلاً", id="another Arabic figure"),
        pytest.param("3.5 million", "35 million", id="another decimal"),
        pytest.param("öldü", "oldu", id="another Turkish word"),
        pytest.param("in 2011", "in", id="no figure"),
        pytest.param("من 1 إلى 12", "من 11 إلى 2", id="figures divided otherwise"),
        pytest.param("نعم", "لا", id="another word"),
    ],
)
def test_another_fact_has_another_fingerprint(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


@given(st.text(), st.sampled_from(["", " #سوريا", " https://example.org/a", "!", "…", " 🕊️"]))
def test_what_is_hung_on_behind_does_not_change_the_fingerprint(text: str, behind: str) -> None:
    text = f"{text} سلام"

    assert fingerprint(text + behind) == fingerprint(text)


@pytest.mark.parametrize(
    ("character", "named"),
    [
        pytest.param("\0", "U+0000 CONTROL CHARACTER", id="null"),
        pytest.param("\t", "U+0009 CONTROL CHARACTER", id="tab"),
        pytest.param("\r", "U+000D CONTROL CHARACTER", id="carriage return"),
        pytest.param("\x85", "U+0085 CONTROL CHARACTER", id="next line"),
        pytest.param("\ufeff", "U+FEFF ZERO WIDTH NO-BREAK SPACE", id="byte order mark"),
        pytest.param("\ufffe", "U+FFFE NO CHARACTER", id="swapped byte order mark"),
        pytest.param("\uffff", "U+FFFF NO CHARACTER", id="no character"),
        pytest.param("\U0010ffff", "U+10FFFF NO CHARACTER", id="last no character"),
        pytest.param("\ufffd", "U+FFFD REPLACEMENT CHARACTER", id="traces of a wrong encoding"),
        pytest.param("\u202d", "U+202D LEFT-TO-RIGHT OVERRIDE", id="override to the right"),
        pytest.param("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE", id="override to the left"),
        pytest.param("\u2028", "U+2028 LINE SEPARATOR", id="line separator"),
        pytest.param("\ud83d", "U+D83D HALF A CHARACTER", id="half an emoji"),
    ],
)
def test_unsafe_characters_are_named_once(character: str, named: str) -> None:
    assert unsafe_characters(f"سوريا{character} حرة{character}") == (named,)


@pytest.mark.parametrize(
    "text",
    ["سوريا\nحرة", "\u2067سوريا\u2069", "\u200fسوريا\u200e", "می\u200cخواهم", "👨‍👩‍👧 🏴‍☠️ 1️⃣", "بَّ ﷺ ٪ ‰"],
)
def test_what_right_to_left_text_and_emoji_need_is_safe(text: str) -> None:
    assert unsafe_characters(text) == ()
