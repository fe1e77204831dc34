"""The lines of a post: no space at their ends, never two blank ones in a row, nothing unseen."""

from __future__ import annotations

import re
import unicodedata

from bot.text.forms import nfc

#: Marks of direction and the byte-order mark. Each would be an unseen change to the approved text; X counts
#: most of them as two characters and refuses the last, and Bluesky takes them into a hashtag.
_UNSEEN = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_BLANK_LINES = re.compile(r"\n{3,}")
_RIGHT_TO_LEFT = {"R", "AL"}


def tidy(text: str) -> str:
    """Return the text as it leaves: NFC, without trailing space, doubled blank lines and unseen marks."""
    text = nfc(_UNSEEN.sub("", text))
    text = "\n".join([line.rstrip() for line in text.split("\n")])
    return _BLANK_LINES.sub("\n\n", text).strip()


def first_strong(text: str) -> str:
    """Return the first character that has a direction, "" when none has: networks lay out a post by it."""
    for character in text:
        if unicodedata.bidirectional(character) in {"L", *_RIGHT_TO_LEFT}:
            return character
    return ""


def runs_right_to_left(character: str) -> bool:
    """Tell whether the character is written from right to left."""
    return unicodedata.bidirectional(character) in _RIGHT_TO_LEFT
