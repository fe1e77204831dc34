"""The alternative text of a card says what stands on it."""

from __future__ import annotations

import pytest

from bot.cards.alt import alt_of
from bot.core.card import CardWording, Run
from bot.core.errors import PictureError


@pytest.mark.parametrize(
    ("language", "alt"),
    [
        (
            "ar",
            "بطاقة: أضاء الحراس 14,388 مصباح. المصدر: أرشيف المرفأ (آذار 2011). حراس المنارة. #حراس_المنارة",
        ),
        (
            "en",
            "Card: The keepers lit at least 14,388 lamps. Source: Harbour Archive (March 2011)."
            " Lighthouse Keepers. #LighthouseKeepers",
        ),
        (
            "tr",
            "Kart: Bekçiler ışığı 14.388 kez yaktı. Kaynak: Liman Arşivi (Mart 2011)."
            " Fener Bekçileri. #Fener_bekçileri_ışığı",
        ),
    ],
    ids=["ar", "en", "tr"],
)
def test_alternative_text_says_the_words_the_source_the_campaign_and_its_tag(drawer, words, language, alt):
    assert drawer.draw(words(language)).alt == alt


def test_language_without_words_of_its_own_names_the_source_alone(drawer, words):
    drawn = drawer.draw(words("en", language="fr", text="Les lampes brillaient"))

    assert drawn.alt.startswith("Les lampes brillaient. Harbour Archive (March 2011).")


def test_sentence_is_ended_once(drawer, words):
    drawn = drawer.draw(words("en", wordings=(CardWording(runs=(Run(text="Were they lit?\n“Yes.”"),)),)))

    assert drawn.alt.startswith("Card: Were they lit? “Yes.” Source:")


def test_words_beyond_what_a_network_takes_are_refused(words):
    card = words("en", text="The lamps were lit. " * 50)

    with pytest.raises(
        PictureError, match="more than the 1,000 characters that x takes to describe a picture"
    ):
        alt_of(card, card.wordings[0])
