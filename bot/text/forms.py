"""Normal forms: of a text that is published, and of a text that a network returns."""

from __future__ import annotations

import html
import re
import unicodedata

from bot.text.presentation import fold_presentation_forms

__all__ = ["comparable", "fold_presentation_forms", "nfc", "unsafe_characters"]

# Line breaks are text. Not named: the marks and isolates that right-to-left text needs.
_UNSAFE = re.compile(
    "[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffd-\uffff"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]"
)


def nfc(text: str) -> str:
    """Return the text in the form that is published: composed, as X counts it."""
    return unicodedata.normalize("NFC", text)


def comparable(text: str) -> str:
    """Return the text as it is compared with what a network returns.

    Networks escape `&`, compose letters and change white space; all that is taken back.
    """
    return " ".join(nfc(html.unescape(text)).split())


def unsafe_characters(text: str) -> tuple[str, ...]:
    """Return what no post may hold, each once, as `U+202E RIGHT-TO-LEFT OVERRIDE`.

    These are control characters other than the line break, overrides of the writing direction, halves of
    characters, and what X refuses (U+FEFF, U+FFFE, U+FFFF) or no text means to hold.
    """
    return tuple(dict.fromkeys(f"U+{ord(found):04X} {_name(found)}" for found in _UNSAFE.findall(text)))


def _name(character: str) -> str:
    kinds = {"Cc": "CONTROL CHARACTER", "Cs": "HALF A CHARACTER"}
    return unicodedata.name(character, kinds.get(unicodedata.category(character), "NO CHARACTER"))
