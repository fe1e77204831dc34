"""What a card says is what the item says: its words, its figure, its source, in each language."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.core.campaign import Hashtags, Wording
from bot.core.card import RunKind
from bot.core.errors import RenderError
from bot.rendering.card import card_text
from bot.rendering.locales import write_number


def _of(make_fact, make_campaign, texts, figures, *, language="en", shorts=None, **campaign):
    wordings = {one: Wording(text=text, short=(shorts or {}).get(one)) for one, text in texts.items()}
    item = make_fact(wordings=wordings, figures=figures)
    return card_text(item, campaign=make_campaign(**campaign), language=language)


@pytest.mark.parametrize("language", ["ar", "en", "tr"])
def test_large_figure_is_the_items_own_in_each_language(make_fact, make_campaign, language):
    fact = make_fact()

    card = card_text(fact, campaign=make_campaign(), language=language)

    assert card.wordings[0].figure == write_number(
        fact.figures["lamps"], language=language, arabic_digits=False
    )
    figures = [run.text for run in card.wordings[0].runs if run.kind is RunKind.FIGURE]
    assert figures[0] == card.wordings[0].figure


def test_card_says_who_reports_it_for_when_and_for_whom(make_fact, make_campaign):
    card = card_text(make_fact(), campaign=make_campaign(), language="tr")

    assert card.title == "Fener Bekçileri"
    assert card.publisher == "Liman Arşivi"
    assert card.period
    assert card.hashtag is not None
    assert card.hashtag.text == "#Fener_bekçileri_ışığı"
    assert not card.right_to_left


def test_figures_are_written_with_arabic_digits_where_the_campaign_says_so(make_fact, make_campaign):
    card = card_text(make_fact(), campaign=make_campaign(arabic_digits=True), language="ar")

    assert card.right_to_left
    assert set(card.wordings[0].figure) <= set("٠١٢٣٤٥٦٧٨٩٬")


@pytest.mark.parametrize(
    ("text", "language", "figures", "figure"),
    [
        pytest.param("About {n} people fled.", "en", {"n": 130000}, "130,000", id="only one"),
        pytest.param("{n} of every {m} fled.", "en", {"n": 5, "m": 9}, "5", id="first of two"),
        pytest.param("They kept watch.", "en", {}, "", id="none"),
        pytest.param("Between {n} and {m} a week.", "en", {"n": 20, "m": 50}, "", id="a range in words"),
        pytest.param("{n}–{m} a week.", "en", {"n": 20, "m": 50}, "", id="a range with a dash"),
        pytest.param("Her hafta {n} ila {m} kişi.", "tr", {"n": 20, "m": 50}, "", id="a range in Turkish"),
        pytest.param("ما بين {n} و{m} شخصاً.", "ar", {"n": 20, "m": 50}, "", id="a range in Arabic"),
        pytest.param("{n} طفلاً و{m} امرأة.", "ar", {"n": 177, "m": 63}, "177", id="two that stand apart"),
        pytest.param("{n} شخصاً، {m} منهم أطفال.", "ar", {"n": 177, "m": 63}, "177", id="two with a comma"),
        pytest.param("Some {n} million fled.", "en", {"n": Decimal("6.8")}, "6.8 million", id="millions"),
        pytest.param("نزح {n} مليون شخص.", "ar", {"n": Decimal("6.8")}, "6.8 مليون", id="millions in Arabic"),
        pytest.param("{n} milyonluk göç.", "tr", {"n": 6}, "6", id="a longer word is no unit"),
        pytest.param("{n}% of them.", "en", {"n": 73}, "73%", id="percent after"),
        pytest.param("Yüzde: %{n} oranında.", "tr", {"n": 73}, "%73", id="percent before"),
        pytest.param("It cost ${n}.", "en", {"n": 5}, "$5", id="money"),
    ],
)
def test_figure_stands_large_only_where_it_stands_for_itself(
    make_fact, make_campaign, text, language, figures, figure
):
    card = _of(make_fact, make_campaign, {language: text}, figures, language=language)

    assert card.wordings[0].figure == figure


def test_range_in_one_language_keeps_its_figure_small_in_all(make_fact, make_campaign):
    texts = {"en": "Between {n} and {m} a week.", "tr": "Haftada en az {n}, en çok {m} kişi."}

    cards = [
        _of(make_fact, make_campaign, texts, {"n": 20, "m": 50}, language=language) for language in texts
    ]

    assert [card.wordings[0].figure for card in cards] == ["", ""]


def test_another_order_in_one_language_makes_no_other_figure_large(make_fact, make_campaign):
    texts = {"en": "{n} people, {m} of them children.", "tr": "{m} çocuk; toplam {n} kişi."}

    card = _of(make_fact, make_campaign, texts, {"n": 500, "m": 30}, language="tr")

    assert card.wordings[0].figure == "500"


def test_short_wording_that_leaves_the_figure_out_has_none(make_fact, make_campaign):
    texts, shorts = {"en": "At least {n} fled."}, {"en": "They fled."}

    card = _of(make_fact, make_campaign, texts, {"n": 500}, shorts=shorts)

    assert [(one.text, one.figure) for one in card.wordings] == [
        ("At least 500 fled.", "500"),
        ("They fled.", ""),
    ]


def test_hashtag_in_the_words_is_a_run_with_its_own_direction(make_fact, make_campaign):
    texts = {"en": "See #حراس_المنارة and #LighthouseKeepers now."}

    card = _of(make_fact, make_campaign, texts, {})

    runs = [(run.text, run.kind, run.right_to_left) for run in card.wordings[0].runs]
    assert runs == [
        ("See ", RunKind.WORDS, False),
        ("#حراس_المنارة", RunKind.HASHTAG, True),
        (" and ", RunKind.WORDS, False),
        ("#LighthouseKeepers", RunKind.HASHTAG, False),
        (" now.", RunKind.WORDS, False),
    ]


def test_campaign_without_a_required_hashtag_has_a_card_without_one(make_fact, make_campaign):
    campaign = make_campaign(hashtags={"en": Hashtags(optional=("#Harbour",))})

    assert card_text(make_fact(), campaign=campaign, language="en").hashtag is None


def test_fact_without_a_source_has_no_card(make_fact, make_campaign):
    with pytest.raises(RenderError, match="a card needs a source"):
        card_text(make_fact(source=None), campaign=make_campaign(), language="en")
