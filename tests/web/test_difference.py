"""What changed between two texts: every character of both is there, marked as taken out or put in."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from bot.web.look.difference import difference

_TEXTS = st.text(st.sampled_from(list("ab <>&\"'\n سوريا#1")), max_size=60)


def _without(kind: str, page: str) -> str:
    """The text when what is marked so is left out."""
    rest = re.sub(rf"<{kind}>.*?</{kind}>", "", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", rest))


@given(before=_TEXTS, after=_TEXTS)
def test_both_texts_can_be_read_from_it_to_the_character(before: str, after: str) -> None:
    page = str(difference(before, after, language="ar"))

    assert _without("ins", page) == before
    assert _without("del", page) == after


@given(text=_TEXTS)
def test_the_same_text_shows_no_change(text: str) -> None:
    page = difference(text, text, language="ar")

    assert "<ins>" not in page
    assert "<del>" not in page


def test_only_the_words_that_changed_are_marked() -> None:
    page = difference("Of them 14 are free.", "Of them 15 are free.", language="en")

    assert page == (
        '<p class="difference" dir="auto" lang="en">Of them <del>14</del><ins>15</ins> are free.</p>'
    )


def test_texts_too_long_to_compare_stand_whole() -> None:
    before, after = "word " * 3000, "words " * 3000

    page = str(difference(before, after, language="en"))

    assert _without("ins", page) == before
    assert _without("del", page) == after


def test_nothing_in_a_text_becomes_a_part_of_the_page() -> None:
    page = difference("<b>", "<script>alert(1)</script>", language='"><script>')

    assert "<script>" not in page
