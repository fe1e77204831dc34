"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final

from markupsafe import Markup, escape

#: Words, and the white space between them: both count, for what is approved is approved to the character.
_WORDS = re.compile(r"\s+|[^\s]+")
#: Words beyond which the texts stand whole, one after the other: comparing takes their product.
_MOST: Final = 1500


def difference(before: str, after: str, *, language: str) -> Markup:
    """The new text with what was taken out and what was put in, as one element."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) > _MOST or len(new) > _MOST:
        body = _taken(before) + _put(after)
    else:
        body = _compared(old, new)
    return Markup('<p class="difference" dir="auto" lang="{}">{}</p>').format(language, body)


def _compared(old: list[str], new: list[str]) -> Markup:
    pieces: list[Markup] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(escape("".join(new[c:d])))
        else:
            pieces += [_taken("".join(old[a:b])), _put("".join(new[c:d]))]
    return Markup("").join(pieces)


def _taken(text: str) -> Markup:
    return Markup("<del>{}</del>").format(text) if text else Markup("")


def _put(text: str) -> Markup:
    return Markup("<ins>{}</ins>").format(text) if text else Markup("")
