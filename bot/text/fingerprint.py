"""A text as a follower would remember it, as a digest: two posts that share it say the same."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Final

import regex

from bot.text.hashtags import find_hashtags, find_mentions
from bot.text.links import find_links
from bot.text.numbers import find_numbers
from bot.text.presentation import fold_presentation_forms

#: Letters that writers use for one another, after compatibility forms are gone. ı goes with i: the capital
#: of both is I in some language, and a text in capitals is the same text.
SAME_LETTER: Final = str.maketrans(
    {
        **dict.fromkeys("آأإٱ", "ا"),
        **dict.fromkeys("ىیئۍې", "ي"),
        **dict.fromkeys("ؤ", "و"),
        **dict.fromkeys("ةۀۃەہھۂ", "ه"),
        **dict.fromkeys("کڪ", "ك"),
        "ء": "",
        "ı": "i",
    }
)
#: All that is neither a letter nor a number: marks, tatweel, punctuation, emoji, white space.
_NO_WORDS = regex.compile(r"[^\p{L}\p{N}]+|ـ+")
#: ½ and ² stay as they are: taken apart they would read as 12 and 2, which are other figures.
_SIGNS_OF_NUMBERS = regex.compile(r"(\p{No}+)")


def fingerprint(text: str) -> str:
    """SHA-256, in hexadecimal, of the words and numbers of a text without their dress.

    Marks, tatweel, variants of one letter, capitals, links, hashtags, mentions, punctuation, emoji and white
    space do not count. Numbers do, however their digits are written: the same sentence with another figure is
    another fact. A text without words or numbers has a fingerprint, too.
    """
    return hashlib.sha256(_remembered(text).encode(errors="surrogatepass")).hexdigest()


def _remembered(text: str) -> str:
    text = _without_addresses(fold_presentation_forms(text))
    said: list[str] = []
    position = 0
    for start, end, number in find_numbers(text):
        said.append(_words(text[position : max(start, position)]))
        # Set apart on both sides: `3 5` is not `35`, and `1.5` is not `15`.
        said.append(f"<{number}>")
        position = max(end, position)
    said.append(_words(text[position:]))
    return "".join(said)


def _without_addresses(text: str) -> str:
    for find in (_links, _mentions, _hashtags):
        for start, end in reversed(find(text)):
            text = f"{text[:start]} {text[end:]}"
    return text


def _links(text: str) -> list[tuple[int, int]]:
    return [(found.start, found.end) for found in find_links(text)]


def _mentions(text: str) -> list[tuple[int, int]]:
    return [(found.start, found.end) for found in find_mentions(text)]


def _hashtags(text: str) -> list[tuple[int, int]]:
    return [(found.start, found.end) for found in find_hashtags(text)]


def _words(text: str) -> str:
    pieces = _SIGNS_OF_NUMBERS.split(text)
    return "".join(piece if at % 2 else _plain(piece) for at, piece in enumerate(pieces))


def _plain(text: str) -> str:
    # Composed first: a hamza or madda that stands apart from its letter is a form of that letter.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    plain = unicodedata.normalize("NFKC", folded.translate(SAME_LETTER))
    return _NO_WORDS.sub("", plain).translate(SAME_LETTER)
