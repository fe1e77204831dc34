"""A text as people remember it when they look for it: letters and numbers without their dress."""

from __future__ import annotations

import unicodedata
from typing import Final

import regex

from bot.text.fingerprint import SAME_LETTER
from bot.text.presentation import fold_presentation_forms

#: What stands between the threes of a number, in any language's way: 14,388 is 14.388 is ١٤٬٣٨٨.
_GROUP: Final = regex.compile(r"(?<=\d)[,.\u066c\u060c](?=\d{3}(?!\d))")
_MARKS: Final = regex.compile(r"\p{M}+|ـ+")
_BETWEEN_WORDS: Final = regex.compile(r"[^\p{L}\p{N}]+")


def remembered(text: str) -> str:
    """The words and numbers of a text, with one blank between them, in one form for all its spellings.

    Capitals, vowel marks, tatweel, accents, the forms of alef, hamza, ya and ta marbuta, the script of
    digits and the grouping of numbers do not count: `أَسْرى` and `اسري` are one word.
    """
    composed = unicodedata.normalize("NFKC", fold_presentation_forms(text)).casefold()
    apart = unicodedata.normalize("NFKD", composed.translate(SAME_LETTER))
    plain = _MARKS.sub("", apart).translate(SAME_LETTER)
    return _BETWEEN_WORDS.sub(" ", _GROUP.sub("", _latin_digits(plain))).strip()


def asked_words(query: str) -> tuple[str, ...]:
    """The words of a question, each once: a text answers it that holds them all, whole or in part."""
    return tuple(dict.fromkeys(remembered(query).split()))


def _latin_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text)
