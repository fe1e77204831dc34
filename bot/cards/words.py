"""The words that a card needs besides the fact's own, by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Words:
    """A language's words, each with what follows it. Empty: the language has none here, and none is shown."""

    source: str = ""
    #: Begins the alternative text: whoever hears it knows that it is a picture of words.
    card: str = ""


def words_in(language: str) -> Words:
    """Return the language's words; empty ones for a language that is not here yet."""
    return _WORDS.get(language.partition("-")[0], Words())


#: `templates/_words.j2` has the source's, too: there organisers choose it for their posts.
_WORDS: Final[Mapping[str, Words]] = {
    "ar": Words(source="المصدر: ", card="بطاقة: "),
    "en": Words(source="Source: ", card="Card: "),
    "tr": Words(source="Kaynak: ", card="Kart: "),
}
