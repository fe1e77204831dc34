"""Words are data: whatever they hold, they are shown as they are or refused, and never obeyed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.drawing import CardDrawer
from bot.core.card import CardText, CardWording, Run, RunKind
from bot.core.errors import PictureError
from pdf_lines import lines_of

_DRAWER = CardDrawer()
_SIGNS = "#$\\\"'`*_~=-+/<>@[](){}:;,.!?&%| \n\t"
_UNSEEN = "\u200f\u200e\u061c\u2066\u2069\u200c\u200d"
_MARKUP = st.text(alphabet=_SIGNS + _UNSEEN + "abcxyzابيğşİ01٣", max_size=60)
_PIECES = st.sampled_from([
    "#panic()",
    *('#import "@preview/a:1.0.0"', '#read("/etc/passwd")', "#sys.inputs", "$x^2$", "*b*"),
    "_i_",
    *("= Heading", "- item", "<label>", "@label", "// gone", "/* gone */", "\\u{41}", "\\", "```raw```"),
    *("---", "~", '"', "'", "https://a.example.org", "{total}", "\u202e", "\u0000", "\ufeff", "\ud800"),
    *("ﷺ", "🕯", "لا إله"),
])  # fmt: skip
_WORDS = st.one_of(_MARKUP, st.lists(_PIECES, max_size=6).map(" ".join), st.text(max_size=40))


@settings(max_examples=150, deadline=None)
@given(text=_WORDS, title=_WORDS, figure=_WORDS, tag=_WORDS, source=_WORDS, is_arabic=st.booleans())
def test_hostile_words_are_drawn_or_refused_and_never_break(text, title, figure, tag, source, is_arabic):
    card = CardText(
        language="ar" if is_arabic else "en",
        right_to_left=is_arabic,
        title=title,
        wordings=(CardWording(runs=(Run(text=text), Run(text=tag, kind=RunKind.HASHTAG)), figure=figure),),
        publisher=source,
        hashtag=Run(text=tag, kind=RunKind.HASHTAG) if tag else None,
    )

    try:
        said = _DRAWER.draw(card).alt
    except PictureError as refusal:
        said = str(refusal)
    assert said
    assert "could not be drawn" not in said


@pytest.mark.parametrize(
    "text",
    [
        "#panic(1)",
        "$a^2$ *b* _i_",
        "= Heading",
        "// gone /* too */",
        "<label> @label",
        r"\u{41} \ ~ --- `raw`",
        "#sys.inputs.card",
        "'single' and \"double\"",
        "[a] {b} (c)",
    ],
)
def test_markup_is_shown_to_the_letter(text):
    card = CardText(
        language="en",
        right_to_left=False,
        title=text,
        wordings=(CardWording(runs=(Run(text=text),), figure=text),),
        publisher=text,
        hashtag=Run(text=text, kind=RunKind.HASHTAG),
    )

    page = _DRAWER.outlined(card, form="pdf")

    assert page is not None
    lines = ["".join(line).rstrip() for line in lines_of(page)]
    assert lines == [text, text, text, f"Source: {text}{text}"]
