"""What a fact card says: a fact in one language, as a picture shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RunKind(StrEnum):
    """What a few words of a card are."""

    WORDS = "words"
    #: A figure of the item.
    FIGURE = "figure"
    #: A hashtag: in one piece, in its own direction.
    HASHTAG = "hashtag"


@dataclass(frozen=True, kw_only=True)
class Run:
    """Some words of a card that look alike."""

    text: str
    kind: RunKind = RunKind.WORDS
    right_to_left: bool = False


@dataclass(frozen=True, kw_only=True)
class CardWording:
    """One way to say the fact."""

    runs: tuple[Run, ...]
    #: What stands large above the words, as the language writes it. Empty: the words themselves stand large.
    figure: str = ""

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, kw_only=True)
class CardText:
    """All that is written on a card. Figures and dates are written for its language already."""

    language: str
    right_to_left: bool
    #: The campaign's.
    title: str
    #: The text, then the shorter wording where there is one.
    wordings: tuple[CardWording, ...]
    #: Who reports the fact.
    publisher: str
    #: Empty for a fact without one.
    period: str = ""
    #: The campaign's first required one, if it has any.
    hashtag: Run | None = None
