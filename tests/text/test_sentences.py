"""Where a text may be divided: sentences in three languages, and what must stay together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.graphemes import count_graphemes
from bot.text.hashtags import find_hashtags, find_mentions
from bot.text.links import find_links
from bot.text.numbers import find_numbers
from bot.text.sentences import Joint, find_gaps


def divided(text: str, joint: Joint) -> list[str]:
    """The text cut wherever at least such a piece ends."""
    pieces, start = [], 0
    for gap in find_gaps(text):
        if gap.joint <= joint:
            pieces.append(text[start : gap.end])
            start = gap.start
    return [*pieces, text[start:]]


@pytest.mark.parametrize(
    "sentences",
    [
        pytest.param(["They lit 14,388 lamps.", "Who saw them?", "All!", "And then…", "Silence."], id="en"),
        pytest.param(["وثّقت الشبكة 14,388 حالة.", "من المسؤول؟", "لا أحد!", "ومضوا…", "نعم."], id="ar"),
        pytest.param(["بقي الضوء؛", "فعاد البحّارة.", "عام ٢٠١١.", "وفي 2011.", "انتهى."], id="ar-semicolon"),
        pytest.param(["En az 14.388 lamba yandı.", "Kim gördü?", "Hepsi!", "Işık…", "İz."], id="tr"),
        pytest.param(["He said: “Light it.”", "They did (all of them).", "«Well!»", "So."], id="closed"),
        pytest.param(["He said: “All!”", "قال: «نعم.»", "ثم مضى.", "(Sonra.)", "Bitti."], id="quotes"),
        pytest.param(["Dr. Smith of the U.S. Navy saw No. 5, e.g. the mole, vs. Gen. Ali."], id="short-en"),
        pytest.param(["J. R. Smith and 'A. Haddad' wrote p. 14 and Art. 3."], id="initials"),
        pytest.param(["Prof. Dr. Ayşe 2. Dünya Savaşı vb. ile Av. Can ve bkz. Sok. 5 dedi."], id="short-tr"),
        pytest.param(["قال د. أحمد وأ. سامر ود. لينا، عام 300 ق.م. تقريباً."], id="short-ar"),
        pytest.param(["On 15.03.2011 at 3.5 knots … it went on."], id="numbers"),
        pytest.param(["See https://archive.example.org/a.b/?c=d.", "Then go."], id="link"),
        pytest.param(["One.Two stays one, and so does this. that follows small"], id="goes-on-small"),
    ],
)
def test_sentences_end_where_a_reader_would_say(sentences):
    assert divided(" ".join(sentences), Joint.SENTENCE) == sentences


def test_a_line_is_a_sentence_by_itself():
    lines = ["A heading", "- one line, and more", "– another", "14", "388"]

    assert divided("\n".join(lines), Joint.LINE) == lines


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        pytest.param("They came, and they stayed: all", ["They came,", "and they stayed:", "all"], id="en"),
        pytest.param("جاؤوا، ثم بقوا: كلّهم", ["جاؤوا،", "ثم بقوا:", "كلّهم"], id="ar"),
        pytest.param("Geldiler; kaldılar – hepsi", ["Geldiler;", "kaldılar –", "hepsi"], id="tr"),
        pytest.param("14,388 lamps", ["14,388 lamps"], id="within-a-number"),
    ],
)
def test_clauses_end_after_their_mark(text, clauses):
    assert divided(text, Joint.CLAUSE) == clauses


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        pytest.param("14 388 lamps", ["14 388", "lamps"], id="digits-apart"),
        pytest.param("14\u00a0388 lamps", ["14\u00a0388", "lamps"], id="with-a-space-that-holds"),
        pytest.param("in 2011 – 2020 all", ["in", "2011 – 2020", "all"], id="years"),
        pytest.param("عام ٢٠١١ – ٢٠٢٠ كله", ["عام", "٢٠١١ – ٢٠٢٠", "كله"], id="arabic-years"),
        pytest.param("about 50 % of", ["about", "50 %", "of"], id="percent"),
        pytest.param("about $ 50 and 60 € each", ["about", "$ 50", "and", "60 €", "each"], id="money"),
        pytest.param("house № 5 there", ["house", "№ 5", "there"], id="number-sign"),
        pytest.param("Quoi ! (oui ) non", ["Quoi !", "(oui )", "non"], id="marks-behind-a-space"),
        pytest.param("a \u0301b c", ["a \u0301b", "c"], id="mark-of-a-space"),
    ],
)
def test_what_belongs_together_is_not_divided(text, pieces):
    assert divided(text, Joint.WORD) == pieces


_WORDS = st.sampled_from([
    "lamps", "14,388", "١٤٬٣٨٨", "14", "388", "ضوء", "وثّقت،", "Işık.", "Dr.", "#حراس_المنارة", "(#Lamps)",
    "@keepers", "https://archive.example.org/reports/7.", "example.org", "👨\u200d👩\u200d👧", "🇸🇾",
    "e\u0301", "…", "؟", "«ليل»", "–", "50", "%", "\u0301",
])  # fmt: skip
_SPACES = st.sampled_from([" ", "  ", "\n", "\n\n", "\u00a0", ""])


@given(st.lists(st.tuples(_WORDS, _SPACES), max_size=14))
def test_nothing_but_white_space_is_between_two_pieces(pieces):
    text = "".join(word + space for word, space in pieces)

    gaps = find_gaps(text)

    assert [gap.end for gap in gaps] == sorted(gap.end for gap in gaps)
    whole = [
        *((one.start, one.end) for find in (find_links, find_hashtags, find_mentions) for one in find(text)),
        *((start, end) for start, end, _ in find_numbers(text)),
    ]
    for gap in gaps:
        assert gap.start > gap.end > 0
        assert text[gap.end : gap.start].isspace()
        assert not any(start < gap.start and gap.end < end for start, end in whole)
        before, after = text[: gap.end], text[gap.start :]
        between = text[gap.end : gap.start]
        counts = (count_graphemes(before), count_graphemes(between), count_graphemes(after))
        assert sum(counts) == count_graphemes(text)
