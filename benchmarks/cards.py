"""Row 13: a fact card in Arabic, from its words to a PNG, against the same drawn with Pillow."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

from measuring import Row, median_seconds, print_rows, row
from PIL import Image, ImageDraw, ImageFont, features
from rendering import invented

from bot.cards.drawing import HEIGHT, WIDTH, CardDrawer
from bot.cards.fonts import Fonts
from bot.core.campaign import Item
from bot.core.card import CardText
from bot.rendering.card import card_text

ROUNDS = 200
GROUND, FIGURE, WORDS, QUIET = "#14212b", "#f3c969", "#f6f3ec", "#b9c5ce"
EDGE = 84
#: Pixels from the top, size of the letters, colour, weight of each line of Pillow's card.
Line = tuple[int, int, str, str, str]


def run(*, quick: bool = False) -> list[Row]:
    """Measure side by side, in milliseconds a card; no two cards say the same."""
    rounds = 20 if quick else ROUNDS
    drawer, facts, others = CardDrawer(), _facts(), _facts()
    _, campaign, _ = invented()

    def words() -> object:
        return card_text(next(facts), campaign=campaign, language="ar")

    def ours() -> object:
        return drawer.draw(card_text(next(facts), campaign=campaign, language="ar"))

    fonts = _Fonts()

    def pillow() -> bytes:
        return _with_pillow(card_text(next(others), campaign=campaign, language="ar"), fonts)

    text = median_seconds(words, rounds=rounds) * 1000
    mine = median_seconds(ours, rounds=rounds) * 1000
    theirs = median_seconds(pillow, rounds=rounds) * 1000
    shaping = "" if features.check("raqm") else ", letters unjoined and reversed: no FriBidi here"
    return [
        row(
            13,
            "a fact card and its small copy, Arabic",
            ours=mine,
            peer=f"the card alone with Pillow{shaping}",
            theirs=theirs,
            goal="≤ 15 ms",
            unit="ms",
        ),
        row(13, "of that its words", ours=text, peer="", theirs=None, goal="none", unit="ms"),
    ]


class _Fonts:
    """Pillow's fonts by weight and size, loaded once: as somebody would who draws many."""

    def __init__(self) -> None:
        (self._folder,) = (folder for folder in Fonts().folders if "arabic" in str(folder))
        self._loaded: dict[tuple[str, int], ImageFont.FreeTypeFont] = {}

    def of(self, weight: str, size: int) -> ImageFont.FreeTypeFont:
        key = weight, size
        if key not in self._loaded:
            path = Path(self._folder) / f"IBMPlexSansArabic-{weight}.ttf"
            self._loaded[key] = ImageFont.truetype(path, size)
        return self._loaded[key]


def _with_pillow(card: CardText, fonts: _Fonts) -> bytes:
    """The same words at the same places; nobody breaks lines, shrinks or looks for missing letters."""
    image = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    pen = ImageDraw.Draw(image)
    text = card.wordings[0].text.split()
    middle = len(text) // 2
    lines: list[Line] = [
        (58, 27, QUIET, "Medium", card.title),
        (180, 176, FIGURE, "Bold", card.wordings[0].figure),
        (345, 40, WORDS, "Regular", " ".join(text[:middle])),
        (415, 40, WORDS, "Regular", " ".join(text[middle:])),
        (600, 23, QUIET, "Regular", f"المصدر: {card.publisher} ({card.period})"),
    ]
    for top, size, colour, weight, words in lines:
        pen.text((WIDTH - EDGE, top), words, font=fonts.of(weight, size), fill=colour, anchor="ra")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _facts() -> Iterator[Item]:
    item, _, _ = invented()
    return (replace(item, figures={"lamps": 14000 + number, "repaired": 177}) for number in count())


if __name__ == "__main__":
    print_rows(run())
