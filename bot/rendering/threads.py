"""A text too long for one message becomes several: divided, numbered, the source in the last."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.rendering.division import MAX_PARTS, Division, Rooms, Size, divide
from bot.rendering.fitting import Choice
from bot.rendering.layout import first_strong, runs_right_to_left, tidy
from bot.text.graphemes import utf8_length
from bot.text.networks import TextRules
from bot.text.numbering import numbered
from bot.text.sentences import Gap, find_gaps


@dataclass(frozen=True, kw_only=True)
class Thread:
    """What became of a choice that needs several parts."""

    choice: Choice
    #: As they leave, with their numbers.
    texts: tuple[str, ...]
    #: What each says of the wording; the last may say nothing of it.
    chunks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the parts of a thread must keep to."""

    #: Of the first part, which carries the picture, and of the others.
    first: TextRules
    others: TextRules
    arabic_digits: bool
    right_to_left: bool
    #: Words that must stay together: who reports, and for which period.
    phrases: Sequence[str] = ()


def thread_of(ways: Iterable[Choice], *, write: Callable[[Choice], str], terms: Terms) -> Thread | None:
    """Return the best thread of the first wording that can become one; None when none can.

    No optional hashtag is kept that would cost a part, or a sentence its wholeness.
    """
    for _, of_wording in groupby(ways, key=lambda choice: choice.short):
        choices = list(of_wording)
        barest = _Layout(write(choices[-1]), choices[-1]).divided(terms)
        if barest is None:
            continue
        for choice in choices:
            layout = _Layout(write(choice), choice)
            division = layout.divided(terms)
            if division is not None and division.cost <= barest.cost:
                texts = tuple(layout.parts(division.chunks, arabic_digits=terms.arabic_digits))
                if _all_fit(texts, terms):
                    return Thread(choice=choice, texts=texts, chunks=division.chunks)
    return None


class _Layout:
    """What a template wrote, taken apart: before the text, after it, and lines of nothing but hashtags."""

    def __init__(self, written: str, choice: Choice) -> None:
        self._text = choice.text
        self._is_whole = choice.text in written
        self._before, _, after = written.partition(choice.text or "\n")
        tags: list[str] = []
        rest: list[str] = []
        for line in after.split("\n"):
            words = line.split()
            is_tags = bool(words) and all(word in choice.hashtags for word in words)
            (tags if is_tags else rest).append(line)
        self._after = "\n".join(rest)
        self._tags = "\n".join(tags)

    def divided(self, terms: Terms) -> Division | None:
        """Divide the text so that each part fits with what else stands in it; None where none can."""
        if not self._text or not self._is_whole:
            return None
        sizes = _sizes_by(terms.first), _sizes_by(terms.others)
        around = [sizes[place > 0](text) for place, text in enumerate(self._frames(terms))]
        first, middle, last = (
            # One more: the letter that stands for the text is no part of the frame.
            tuple(most - taken + 1 for most, taken in zip(_most(rules), size, strict=True))
            for rules, size in zip((terms.first, terms.others, terms.others), around, strict=True)
        )
        rooms = Rooms(first=first, middle=middle, last=last)
        return divide(self._text, _usable(self._text, terms), rooms=rooms, size_of=sizes[1])

    def parts(self, chunks: Sequence[str], *, arabic_digits: bool) -> Iterator[str]:
        """Write each part as it leaves."""
        for number, chunk in enumerate(chunks, start=1):
            text = self._part(chunk, is_first=number == 1, is_last=number == len(chunks))
            yield numbered(text, number, len(chunks), arabic_digits=arabic_digits)

    def _part(self, chunk: str, *, is_first: bool, is_last: bool) -> str:
        before = self._before if is_first else ""
        after = self._after if is_last else ""
        tags = f"\n\n{self._tags}" if is_first and self._tags else ""
        return tidy(f"{before}{chunk}{after}{tags}")

    def _frames(self, terms: Terms) -> Iterator[str]:
        """The first part, one between, and the last, with one letter for the text."""
        for is_first, is_last in ((True, False), (False, False), (False, True)):
            part = self._part("x", is_first=is_first, is_last=is_last)
            yield numbered(part, MAX_PARTS, MAX_PARTS, arabic_digits=terms.arabic_digits)


def _usable(text: str, terms: Terms) -> list[Gap]:
    """The gaps after which a part may begin: in the writing direction, and never within a phrase."""
    held = {
        found.start() + place
        for phrase in terms.phrases
        for place, letter in enumerate(phrase)
        if letter.isspace()
        for found in re.finditer(re.escape(phrase), text)
    }
    usable, strong, end = [], "", len(text)
    for gap in reversed(find_gaps(text)):
        # Networks lay out a part by its first letter, too.
        strong = first_strong(text[gap.start : end]) or strong
        end = gap.start
        turned = terms.right_to_left and strong and not runs_right_to_left(strong)
        if not turned and gap.end not in held and gap.start - 1 not in held:
            usable.append(gap)
    return usable[::-1]


def _most(rules: TextRules) -> Size:
    return (rules.max_length,) if rules.max_bytes is None else (rules.max_length, rules.max_bytes)


def _sizes_by(rules: TextRules) -> Callable[[str], Size]:
    def size(text: str) -> Size:
        length = rules.measure(text)
        return (length,) if rules.max_bytes is None else (length, utf8_length(text))

    return size


def _all_fit(texts: Sequence[str], terms: Terms) -> bool:
    return terms.first.fits(texts[0]) and all(terms.others.fits(text) for text in texts[1:])
