"""Count a text in characters as people see them, in UTF-8 bytes and in UTF-16 units."""

from __future__ import annotations

import re

import regex

_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_GRAPHEME = regex.compile(r"\X")


def count_graphemes(text: str) -> int:
    """Return how many extended grapheme clusters (Unicode UAX #29) the text has."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    # Each flag looks back over all before it: in a long row of them that takes the square of its length.
    return len(_GRAPHEME.findall(_FLAG.sub("x", text)))


def utf8_length(text: str) -> int:
    """Return the length in UTF-8 bytes."""
    return len(text.encode("utf-8", "surrogatepass"))


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 code units: two for a character beyond U+FFFF."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
