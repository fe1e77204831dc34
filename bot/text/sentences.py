"""Where a text may be divided: after a line or a sentence, after a clause, and between two words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import regex


class Joint(IntEnum):
    """What ends where a text may be divided. The smaller, the better it reads."""

    LINE = 0
    SENTENCE = 1
    CLAUSE = 2
    WORD = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """White space at which a text may be divided: `text[:end]` goes before, `text[start:]` after."""

    end: int
    start: int
    joint: Joint


#: Not where it is nothing but spaces that hold words together (U+00A0, U+2007, U+202F), as in `14 388`.
_SPACE = re.compile("(?<!\\s)[\xa0\u2007\u202f]*[^\\S\xa0\u2007\u202f]\\s*")

# Sentences end where Unicode's UAX #29, "Sentence Boundary Rules" (revision 47, read 2026-11-21), has them
# end, with three differences. It divides after `Dr.` and after the `2.` of `2. Dünya Savaşı`; here an
# abbreviation, an initial or a short number with a full stop ends no sentence, even where it does: a thread
# that breaks within one reads badly, and one that does not break after one loses little. And it knows neither
# `…` nor `؛`, after which Arabic begins a new sentence.
_ENDS = r"[\p{SB=ATerm}\p{SB=STerm}…؛]"
_CLOSES = r"[\p{SB=Close}]*+"
_SENTENCE_END = regex.compile(rf"(?P<mark>{_ENDS}++){_CLOSES}$")
#: A full stop or an ellipsis before a small letter is within a sentence (SB8).
_GOES_ON = regex.compile(
    r"[^\p{SB=OLetter}\p{SB=Upper}\p{SB=Lower}\p{SB=ATerm}\p{SB=STerm}…\p{SB=Numeric}\n]*+\p{SB=Lower}"
)
_MAY_GO_ON: Final = frozenset(".․﹒．…")
_CLAUSE_END = regex.compile(rf"[\p{{SB=SContinue}};؛]{_CLOSES}$")
#: What belongs to the word before it, although white space stands between (SB8a; a mark has no letter then).
_BELONGS_BEFORE = regex.compile(
    r"[\p{SB=SContinue}\p{SB=ATerm}\p{SB=STerm}…؛;%‰٪\p{Pe}\p{SB=Extend}\p{Mc}\u200d]"
)
#: Digits, or a span (`2011 –`), or the first of a date in three (`15.`), or a sign that a number follows.
_NUMBER_BEFORE = regex.compile(
    r"\p{Nd}(?:\s?[\p{Pd}/×+−])?$|(?<!\p{Nd})\p{Nd}{1,2}\.$|[\p{Sc}+−±<>≤≥№]$",
)
#: As much of the text as such a number may take, before the white space.
_LOOK_BACK: Final = 6
_NUMBER_AFTER = regex.compile(r"[\p{Pd}/×+−]?\p{Nd}|\p{Sc}")

_LETTERS_AND_DOT = regex.compile(r"(?:^|[\p{SB=Close}\p{Pd}])(?P<word>[\p{L}\p{M}'’.]+)\.$")
_ORDINAL = regex.compile(r"(?<!\p{Nd}|[\p{L}.,٫٬/-])\p{Nd}{1,3}\.$")
#: Without their full stop, small. Those that hold one (`e.g.`) and single letters need no list.
_ENGLISH: Final = """
    adm art arts brig ca capt cf ch cmdr co col corp dept dr ed eds est etc fig figs fr gen gov hon inc jr
    lt ltd maj messrs mr mrs ms mt no nos op para paras pp prof pt rep rev sec sen sgt sr st vol vols vs
    jan feb mar apr jun jul aug sep sept oct nov dec
"""
_TURKISH: Final = """
    alb apt av bkz bl böl bşk cad cilt çev doç dz ecz gen haz hz krş ltd mah md müh no nu opr ord org ort
    ölç öğr pol prof s sf sn sok şb şti tğm tuğg tümg uzm üçvş üniv vb vd vs vsk yard yay yrd yzb yüzb
"""
_ARABIC: Final = "إلخ الخ هـ"
_ABBREVIATIONS: Final = frozenset(f"{_ENGLISH} {_TURKISH} {_ARABIC}".split())


def find_gaps(text: str) -> tuple[Gap, ...]:
    """Return every place at which the text may be divided, in order: white space, and no other.

    So no link, hashtag, mention or grapheme is ever divided; nor is a number whose parts stand apart, or
    parted from its sign.
    """
    gaps = []
    for space in _SPACE.finditer(text.rstrip()):
        end, start = space.span()
        joint = _joint(text, end, start) if end else None
        if joint is not None:
            gaps.append(Gap(end, start, joint))
    return tuple(gaps)


def _joint(text: str, end: int, start: int) -> Joint | None:
    """What ends at a white space; None where nothing may."""
    if _BELONGS_BEFORE.match(text, start) and not ("\n" in text[end:start] and text[start] in "-–—"):
        return None
    if "\n" in text[end:start]:
        return Joint.LINE
    word = text[_start_of_word(text, end) : end]
    if _NUMBER_BEFORE.search(text, max(0, end - _LOOK_BACK), end) and _NUMBER_AFTER.match(text, start):
        return None
    if _ends_sentence(word, text, start):
        return Joint.SENTENCE
    return Joint.CLAUSE if _CLAUSE_END.search(word) else Joint.WORD


def _start_of_word(text: str, end: int) -> int:
    return max(text.rfind(" ", 0, end), text.rfind("\n", 0, end)) + 1


def _ends_sentence(word: str, text: str, start: int) -> bool:
    """Whether a sentence ends with this word, before what stands at `start`."""
    found = _SENTENCE_END.search(word)
    if found is None:
        return False
    if found["mark"][-1] in _MAY_GO_ON and _GOES_ON.match(text, start):
        return False
    return found["mark"] != "." or not _is_shortened(word[: found.end("mark")])


def _is_shortened(word: str) -> bool:
    """Whether a full stop after this word says that it is an abbreviation, an initial or an ordinal."""
    if _ORDINAL.search(word):
        return True
    letters = _LETTERS_AND_DOT.search(word)
    if letters is None:
        return False
    word = letters["word"].rpartition("’")[2].rpartition("'")[2].casefold()
    # Of a name, or `U.S`, or listed; in Arabic perhaps behind `و`.
    forms = (word, word.removeprefix("و"))
    return "." in word or any(len(form) == 1 or form in _ABBREVIATIONS for form in forms)
