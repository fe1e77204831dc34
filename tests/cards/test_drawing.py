"""A card shows all of its words, each in its place and its direction, or says why it cannot."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.cards.drawing import CardDrawer
from bot.cards.fonts import Fonts
from bot.core.card import CardWording, Run, RunKind
from bot.core.errors import ConfigError, PictureError
from bot.media.bytes_check import Bare, prove_bare
from pdf_lines import lines_of, pieces_of

FIGURE = (0xF3, 0xC9, 0x69)
TAG = Run(text="#حراس_المنارة", kind=RunKind.HASHTAG, right_to_left=True)
#: What is said when not the words, but what stands around them, is too long.
FRAME = "the campaign's title, its hashtag or the source"
LATIN_TAG = Run(text="#Fener_bekçileri", kind=RunKind.HASHTAG)


def _from_left(line):
    return "".join(line)


def _from_right(line):
    return "".join(reversed(line))


@pytest.mark.parametrize("language", ["ar", "en", "tr"])
def test_card_is_a_bare_picture_of_its_measures(drawer, words, language):
    drawn = drawer.draw(words(language))

    assert prove_bare(drawn.data) == Bare(format="png", width=1200, height=675)
    assert prove_bare(drawn.small) == Bare(format="png", width=600, height=338)


@pytest.mark.parametrize("language", ["ar", "en", "tr"])
def test_same_words_give_the_same_bytes(words, language):
    first, again = CardDrawer(), CardDrawer()
    first.draw(words("en", text="Another card before."))

    assert first.draw(words(language)) == again.draw(words(language))


def test_lines_in_english_are_read_from_the_left(drawer, words):
    page = drawer.outlined(words("en"), form="pdf")

    assert [_from_left(line).rstrip() for line in lines_of(page)] == [
        "Lighthouse Keepers",
        "14,388",
        "The keepers lit at least 14,388 lamps.",
        "Source: Harbour Archive (March\u00a02011)#LighthouseKeepers",
    ]


def test_lines_in_turkish_have_their_own_letters(drawer, words):
    page = drawer.outlined(words("tr"), form="pdf")

    assert [_from_left(line).rstrip() for line in lines_of(page)] == [
        "Fener Bekçileri",
        "Bekçiler ışığı 14.388 kez yaktı.",
        "Kaynak: Liman Arşivi (Mart\u00a02011)#Fener_bekçileri_ışığı",
    ]


def test_lines_in_arabic_are_read_from_the_right_and_their_numbers_from_the_left(drawer, words):
    page = drawer.outlined(words("ar"), form="pdf")

    title, figure, text, foot = lines_of(page)
    assert _from_right(title) == "حراس المنارة"
    assert _from_left(figure) == "14,388"
    assert _from_right(text) == f"أضاء الحراس {'14,388'[::-1]} مصباح."
    # The brackets around the period are mirrored: they are written from the right, too.
    assert _from_right(foot).strip() == f"المصدر: أرشيف المرفأ (آذار\u00a0{'2011'[::-1]})#حراس_المنارة"


def test_arabic_letters_are_joined(drawer, words):
    page = drawer.outlined(words("ar", text="ببب ب"), form="pdf")

    shapes = [glyph.number for piece in pieces_of(page) for glyph in piece.glyphs if glyph.letters == "ب"]
    assert len(shapes) == len(set(shapes)) == 4


@pytest.mark.parametrize(
    ("language", "runs", "seen"),
    [
        pytest.param(
            "ar",
            (Run(text="قال "), LATIN_TAG, Run(text=" نعم")),
            "معن #Fener_bekçileri لاق",
            id="Latin in Arabic",
        ),
        pytest.param(
            "en",
            (Run(text="See "), TAG, Run(text=" now")),
            f"See {TAG.text[::-1]} now",
            id="Arabic in English",
        ),
        pytest.param("ar", (TAG, Run(text="، نعم")), f"معن ،{TAG.text[::-1]}", id="Arabic in Arabic"),
    ],
)
def test_hashtag_keeps_its_own_direction(drawer, words, language, runs, seen):
    page = drawer.outlined(words(language, wordings=(CardWording(runs=runs),)), form="pdf")

    line = lines_of(page)[1]
    assert "".join(_from_left(letters[::-1]) for letters in line) == seen


@pytest.mark.parametrize(("language", "is_left"), [("en", True), ("ar", False)])
def test_figure_stands_at_the_side_where_its_language_begins(drawer, words, language, is_left):
    drawn = drawer.draw(words(language))

    picture = Image.open(io.BytesIO(drawn.data)).convert("RGB")
    middle = picture.crop((20, 100, 1180, 330))
    coloured = [
        number % middle.width for number, pixel in enumerate(middle.get_flattened_data()) if pixel == FIGURE
    ]
    assert coloured
    assert (sum(coloured) / len(coloured) < middle.width / 2) is is_left


def test_long_words_become_smaller_and_stay_readable(drawer, words):
    short, long = (
        drawer.outlined(words("en", text="The lamps were lit. " * times), form="pdf") for times in (1, 20)
    )

    sizes = [max(piece.size for piece in pieces_of(page)) for page in (short, long)]
    assert sizes[0] > sizes[1] >= 28


def test_words_that_do_not_fit_give_way_to_the_short_wording(drawer, words):
    long = CardWording(runs=(Run(text="The lamps were lit. " * 60),))
    short = CardWording(runs=(Run(text="The lamps were lit."),))

    drawn = drawer.draw(words("en", wordings=(long, short)))

    assert drawn.used_short
    assert drawn.alt.startswith("Card: The lamps were lit. Source:")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param(
            {"text": "The lamps were lit. " * 60},
            'too long for a card: write a shorter wording under "short: en:"',
            id="text",
        ),
        pytest.param({"text": "lamp" * 60}, "too long for a card", id="one word wider than the card"),
        pytest.param({"title": "The keepers " * 30}, FRAME, id="title"),
        pytest.param({"publisher": "The archive " * 60}, FRAME, id="source"),
        pytest.param({"hashtag": Run(text="#" + "lamps" * 30, kind=RunKind.HASHTAG)}, FRAME, id="hashtag"),
        pytest.param(
            {"text": "A lamp 🕯 was lit."}, "no font of the cards has 🕯 (U+1F56F CANDLE)", id="emoji"
        ),
        pytest.param({"title": "灯台"}, "no font of the cards has 灯 (U+706F", id="another script"),
        pytest.param(
            {"text": "A \u202e lamp"},
            "no font of the cards has U+202E RIGHT-TO-LEFT OVERRIDE:",
            id="override",
        ),
    ],
)
def test_card_that_cannot_be_made_is_refused_in_words(drawer, words, changes, said):
    with pytest.raises(PictureError, match=r".") as refused:
        drawer.draw(words("en", **changes))

    assert said in str(refused.value)
    assert "picture of its own" in str(refused.value)


def test_all_letters_of_the_three_languages_have_their_glyphs(drawer, words):
    letters = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي ءآأؤإئىة ًٌٍَُِّْ ٠١٢٣٤٥٦٧٨٩ ٬٫٪ ،؛؟ abc ABC çğıöşüâîû ÇĞİÖŞÜ"
    letters += " 0123456789 #_()[]{}«»“”‘’'\"–—…%$€£&"

    drawer.draw(words("ar", text=letters))
    drawer.draw(words("en", text=letters))


def test_missing_fonts_are_named_with_the_remedy(words):
    drawer = CardDrawer(Fonts([("fontpkg_that_nobody_has", "Nobody Sans")]))

    with pytest.raises(ConfigError) as missing:
        drawer.draw(words("en"))

    assert str(missing.value) == (
        "cards: typst or the fonts that cards are drawn with are not installed"
        " — pip install 'campaign-bot[cards]'"
    )
