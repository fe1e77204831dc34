"""Normal forms: of a text that is published, and of texts that are compared."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

import regex

from bot.text.hashtags import find_hashtags
from bot.text.links import find_links
from bot.text.numbers import find_numbers
from bot.text.presentation import fold_presentation_forms

__all__ = ["comparable", "fingerprint", "fold_presentation_forms", "nfc", "unsafe_characters"]

#: Letters that writers use for one another. Dotless ı and İ go with i: the capital of both languages' i is I
#: in English, of ı in Turkish, and a text in capitals is the same text.
_SAME_LETTER: Final = str.maketrans(
    {"آ": "ا", "أ": "ا", "إ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "İ": "i", "ı": "i"}
)
_WITHIN_WORDS = regex.compile(r"[\p{M}\p{Cf}ـ]+")
_BETWEEN_WORDS = regex.compile(r"[^\p{L}\p{N}]+")

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


def fingerprint(text: str) -> str:
    """Return what near-duplicates have in common: their words and numbers, without their dress.

    Marks, tatweel, links, hashtags, punctuation, capitals and variants of one letter do not count. Numbers
    do: the same sentence with another figure is another fact.
    """
    text = _without_links_and_hashtags(fold_presentation_forms(text))
    words: list[str] = []
    position = 0
    for start, end, number in find_numbers(text):
        if start >= position:
            words.append(_plain(text[position:start]))
        words.append(number)
        position = end
    words.append(_plain(text[position:]))
    return " ".join(" ".join(words).split())


def unsafe_characters(text: str) -> tuple[str, ...]:
    """Return what no post may hold, each once, as `U+202E RIGHT-TO-LEFT OVERRIDE`.

    These are control characters other than the line break, overrides of the writing direction, halves of
    characters, and what X refuses (U+FEFF, U+FFFE, U+FFFF) or no text means to hold.
    """
    return tuple(dict.fromkeys(f"U+{ord(found):04X} {_name(found)}" for found in _UNSAFE.findall(text)))


def _without_links_and_hashtags(text: str) -> str:
    for found in reversed(find_links(text)):
        text = f"{text[: found.start]} {text[found.end :]}"
    for tag in reversed(find_hashtags(text)):
        text = f"{text[: tag.start]} {text[tag.end :]}"
    return text


def _plain(text: str) -> str:
    folded = text.translate(_SAME_LETTER).casefold()
    return nfc(_BETWEEN_WORDS.sub(" ", _WITHIN_WORDS.sub("", folded)))


def _name(character: str) -> str:
    kinds = {"Cc": "CONTROL CHARACTER", "Cs": "HALF A CHARACTER"}
    return unicodedata.name(character, kinds.get(unicodedata.category(character), "NO CHARACTER"))
