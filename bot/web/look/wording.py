"""An item's text as people read it in the library: its figures filled in, and marked as such."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from bot.core.campaign import Item
from bot.rendering.locales import write_number

_FIGURE = re.compile(r"\{([^{}]*)\}")


def filled(text: str, item: Item, *, language: str) -> Markup:
    """The text, escaped, with each figure as its number; a name that no figure has stays as it stands."""
    pieces: list[Markup] = []
    position = 0
    for found in _FIGURE.finditer(text):
        pieces.append(escape(text[position : found.start()]))
        value = item.figures.get(found[1])
        if value is None:
            pieces.append(escape(found[0]))
        else:
            number = write_number(value, language=language, arabic_digits=False)
            pieces.append(Markup('<span class="figure-name" title="{}">{}</span>').format(found[0], number))
        position = found.end()
    pieces.append(escape(text[position:]))
    return Markup("").join(pieces)
