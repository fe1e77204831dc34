"""Fixtures for cards: what draws them, and the words of an invented one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.cards.drawing import CardDrawer
from bot.core.card import CardText, CardWording, Run, RunKind

_FIGURE = Run(text="14,388", kind=RunKind.FIGURE)
_WORDS = {
    "ar": CardText(
        language="ar",
        right_to_left=True,
        title="حراس المنارة",
        wordings=(
            CardWording(runs=(Run(text="أضاء الحراس "), _FIGURE, Run(text=" مصباح.")), figure="14,388"),
        ),
        publisher="أرشيف المرفأ",
        period="آذار 2011",
        hashtag=Run(text="#حراس_المنارة", kind=RunKind.HASHTAG, right_to_left=True),
    ),
    "en": CardText(
        language="en",
        right_to_left=False,
        title="Lighthouse Keepers",
        wordings=(
            CardWording(
                runs=(Run(text="The keepers lit at least "), _FIGURE, Run(text=" lamps.")), figure="14,388"
            ),
        ),
        publisher="Harbour Archive",
        period="March 2011",
        hashtag=Run(text="#LighthouseKeepers", kind=RunKind.HASHTAG),
    ),
    "tr": CardText(
        language="tr",
        right_to_left=False,
        title="Fener Bekçileri",
        wordings=(
            CardWording(
                runs=(Run(text="Bekçiler ışığı "), Run(text="14.388"), Run(text=" kez yaktı.")),
            ),
        ),
        publisher="Liman Arşivi",
        period="Mart 2011",
        hashtag=Run(text="#Fener_bekçileri_ışığı", kind=RunKind.HASHTAG),
    ),
}


@pytest.fixture(scope="session")
def drawer() -> CardDrawer:
    return CardDrawer()


@pytest.fixture
def words() -> Callable[..., CardText]:
    """The words of a card in a language, with changes; `text` is all that its single wording says."""

    def make(language: str = "en", /, *, text: str | None = None, **changes: object) -> CardText:
        card = replace(_WORDS[language], **changes)  # type: ignore[arg-type]
        if text is not None:
            card = replace(card, wordings=(CardWording(runs=(Run(text=text),)),))
        return card

    return make
