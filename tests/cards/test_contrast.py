"""Everything on a card can be read: WCAG 2.2, reckoned from the template's own colours."""

from __future__ import annotations

import re

import pytest

from bot.cards.drawing import TEMPLATE

_COLOURS = dict(
    re.findall(
        r'^  (\w+): rgb\("#([0-9a-f]{6})"\),$',
        TEMPLATE.read_text(encoding="utf-8").split("#let colours = (")[1].split("\n)")[0],
        re.MULTILINE,
    )
)
#: Success criterion 1.4.3 (AA) asks for 4.5, 1.4.6 (AAA) for 7.
_AAA = 7.0


def _luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", ["figure", "words", "quiet"])
def test_letters_stand_out_from_the_ground(name):
    lighter, darker = _luminance(_COLOURS[name]), _luminance(_COLOURS["ground"])

    assert (lighter + 0.05) / (darker + 0.05) >= _AAA


def test_every_colour_of_the_letters_is_reckoned_with():
    assert set(_COLOURS) == {"ground", "figure", "words", "quiet"}
    template = TEMPLATE.read_text(encoding="utf-8")
    assert len(re.findall(r"rgb\(", template)) == len(_COLOURS) + 1, "the edge alone has no letters"
