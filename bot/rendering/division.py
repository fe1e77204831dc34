"""Dividing a text among the parts of a thread: at which gaps, so that each fits and reads well."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Final

from bot.text.sentences import Gap, Joint

#: Of a thread. Each part is one more request that may fail, with those before it public for ever, and on X
#: each has its price; few read on after nine. One digit keeps the length of `2/3` known from the start.
MAX_PARTS: Final = 9

#: Words. A part with fewer, that is no whole sentence, says nothing by itself.
_STUB: Final = 3
#: So that one ends with a paragraph, parts may differ by a third of their room (2 ** 0.5 / 4).
_PARAGRAPH: Final = 4
#: A text with more places to divide it than this is divided at fewer of them: every pair is looked at.
_MOST_PIECES: Final = 400
_PIECES_OF_A_PART: Final = 40

#: In each unit that the network counts: characters, then bytes where it counts those too.
Size = tuple[int, ...]
#: Stubs, breaks within a clause, breaks within a sentence, parts, and the squares of their lengths, which are
#: the least where parts are as long as each other.
_Cost = tuple[int, int, int, int, int]
_NOTHING: Final[_Cost] = (0, 0, 0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """How much of the text each part has room for, beside what else stands in it."""

    first: Size
    middle: Size
    #: May stay without any of the text: the source alone.
    last: Size


@dataclass(frozen=True, kw_only=True)
class Division:
    """A text in several pieces, one for each part; the last may be empty."""

    chunks: tuple[str, ...]
    #: Parts that say nothing, breaks within a clause, breaks within a sentence, parts: the fewer of each, the
    #: better, the first before all.
    cost: tuple[int, int, int, int]


def divide(
    text: str, gaps: Sequence[Gap], *, rooms: Rooms, size_of: Callable[[str], Size]
) -> Division | None:
    """Return the best way to divide the text; None when there is none within MAX_PARTS.

    Sentences stay whole where each fits, else clauses, else words. Then the fewest parts, as long as each
    other as can be.
    """
    # What stands between two parts is in neither; a space has up to three bytes.
    spaces = 3 * sum(gap.start - gap.end for gap in gaps)
    if _overflows(tuple(size - spaces for size in size_of(text)), rooms):
        return None
    best: Division | None = None
    for usable in _levels(text, gaps, rooms=rooms, size_of=size_of):
        pieces = _Pieces(text, usable, rooms=rooms, size_of=size_of)
        ends = _best(pieces, rooms)
        if ends is not None:
            found = pieces.division(ends)
            best = found if best is None else min(best, found, key=lambda division: division.cost)
        # More gaps help where nothing was found, or a part that says nothing.
        if best is not None and not best.cost[0]:
            break
    return best


class _Pieces:
    """A text cut at every gap that may be used; pieces are counted from 0."""

    def __init__(
        self, text: str, gaps: Sequence[Gap], *, rooms: Rooms, size_of: Callable[[str], Size]
    ) -> None:
        self.starts = [0, *(gap.start for gap in gaps)]
        self.ends = [*(gap.end for gap in gaps), len(text)]
        #: What ends with each piece.
        self.joints = [*(gap.joint for gap in gaps), Joint.LINE]
        self._text = text
        self._within_paragraph = (rooms.middle[0] // _PARAGRAPH) ** 2
        spaces = [
            size_of(text[end:start]) for end, start in zip(self.ends, [*self.starts[1:], None], strict=True)
        ]
        words = [text[start:end] for start, end in zip(self.starts, self.ends, strict=True)]
        self._spaces = spaces
        # Between white space no network counts a text otherwise than its pieces, one by one.
        steps = [_plus(size_of(word), space) for word, space in zip(words, spaces, strict=True)]
        none = tuple(0 for _ in spaces[0])
        self._sizes = list(accumulate(steps, _plus, initial=none))
        self._words = list(accumulate((len(word.split()) for word in words), initial=0))

    def __len__(self) -> int:
        return len(self.ends)

    def size(self, start: int, end: int) -> Size:
        """Of the pieces `start` to `end`, the last not included, with what stands between them."""
        if start == end:
            return tuple(0 for _ in self._spaces[0])
        return tuple(
            to - since - space
            for to, since, space in zip(
                self._sizes[end], self._sizes[start], self._spaces[end - 1], strict=True
            )
        )

    def cost(self, start: int, end: int) -> _Cost:
        """What it costs to make them one part."""
        if start == end:
            return (0, 0, 0, 1, 0)
        after = self.joints[end - 1]
        whole = after <= Joint.SENTENCE and (start == 0 or self.joints[start - 1] <= Joint.SENTENCE)
        is_stub = not whole and self._words[end] - self._words[start] < _STUB
        return (
            int(is_stub),
            int(after is Joint.WORD),
            int(after is Joint.CLAUSE),
            1,
            self.size(start, end)[0] ** 2 + (0 if after is Joint.LINE else self._within_paragraph),
        )

    def division(self, ends: Sequence[int]) -> Division:
        cost = _NOTHING
        chunks, start = [], 0
        for end in ends:
            chunks.append(self._text[self.starts[start] : self.ends[end - 1]] if end > start else "")
            cost = _plus_cost(cost, self.cost(start, end))
            start = end
        return Division(chunks=tuple(chunks), cost=cost[:4])


def _levels(
    text: str, gaps: Sequence[Gap], *, rooms: Rooms, size_of: Callable[[str], Size]
) -> Iterator[Sequence[Gap]]:
    """Give the gaps that may be used: those that must be, then more and more of them."""
    needed = _needed(text, gaps, rooms=rooms, size_of=size_of)
    yield _spread(needed, rooms)
    for finest in (Joint.CLAUSE, Joint.WORD):
        yield _spread([gap for gap in gaps if gap.joint <= finest or gap in needed], rooms)


def _needed(text: str, gaps: Sequence[Gap], *, rooms: Rooms, size_of: Callable[[str], Size]) -> Sequence[Gap]:
    """Every end of a sentence, and what lies within those that are too long for one part."""
    chosen = {gap for gap in gaps if gap.joint <= Joint.SENTENCE}
    for finer in (Joint.CLAUSE, Joint.WORD):
        bounds = [*sorted(chosen, key=lambda gap: gap.end), Gap(len(text), len(text), Joint.SENTENCE)]
        start, within = 0, iter([gap for gap in gaps if gap.joint is finer])
        gap = next(within, None)
        for bound in bounds:
            too_long = not _fits(size_of(text[start : bound.end]), rooms.middle if start else rooms.first)
            while gap is not None and gap.end < bound.end:
                if too_long:
                    chosen.add(gap)
                gap = next(within, None)
            start = bound.start
    return sorted(chosen, key=lambda gap: gap.end)


def _spread(gaps: Sequence[Gap], rooms: Rooms) -> Sequence[Gap]:
    """Where there are very many, keep the best of those that stand close together."""
    if len(gaps) < _MOST_PIECES:
        return gaps
    step = max(1, rooms.middle[0] // _PIECES_OF_A_PART)
    by_place = groupby(gaps, key=lambda gap: gap.end // step)
    return [min(close, key=lambda gap: gap.joint) for _, close in by_place]


def _best(pieces: _Pieces, rooms: Rooms) -> list[int] | None:
    """Where each part of the cheapest way ends, in pieces; None when there is none."""
    count = len(pieces)
    closing = {end: pieces.cost(end, count) for end in range(count + 1) if _closes(pieces, end, rooms)}
    #: By number of parts, then by where they end: the cheapest way to there, and the end before.
    reached: list[dict[int, tuple[_Cost, int]]] = [{0: (_NOTHING, 0)}]
    best: tuple[_Cost, int, int] | None = None
    steps: dict[int, list[tuple[int, _Cost]]] = {}
    for parts in range(1, MAX_PARTS):
        found: dict[int, tuple[_Cost, int]] = {}
        for start, (cost, _) in reached[-1].items():
            if start == 0:
                steps[0] = list(_steps(pieces, 0, rooms.first))
            elif start not in steps:
                steps[start] = list(_steps(pieces, start, rooms.middle))
            for end, step in steps[start]:
                way = _plus_cost(cost, step), start
                if end not in found or way < found[end]:
                    found[end] = way
        reached.append(found)
        for end in found.keys() & closing.keys():
            whole = _plus_cost(found[end][0], closing[end]), parts, end
            best = min(best or whole, whole)
    return None if best is None else _ends(reached, parts=best[1], end=best[2], count=count)


def _ends(reached: Sequence[dict[int, tuple[_Cost, int]]], *, parts: int, end: int, count: int) -> list[int]:
    """Go the cheapest way back from its last part."""
    ends = [count]
    for of_parts in reached[parts:0:-1]:
        ends.append(end)
        end = of_parts[end][1]
    return ends[::-1]


def _closes(pieces: _Pieces, start: int, rooms: Rooms) -> bool:
    return _fits(pieces.size(start, len(pieces)), rooms.last)


def _steps(pieces: _Pieces, start: int, room: Size) -> Iterator[tuple[int, _Cost]]:
    """Where one part more may end, and what it costs."""
    for end in range(start + 1, len(pieces) + 1):
        if not _fits(pieces.size(start, end), room):
            return
        yield end, pieces.cost(start, end)


def _overflows(size: Size, rooms: Rooms) -> bool:
    """Whether all parts together have too little room."""
    room = rooms.first
    for more in (*[rooms.middle] * (MAX_PARTS - 2), rooms.last):
        room = _plus(room, more)
    return not _fits(size, room)


def _fits(size: Size, room: Size) -> bool:
    return all(taken <= free for taken, free in zip(size, room, strict=True))


def _plus(one: Size, other: Size) -> Size:
    return tuple(left + right for left, right in zip(one, other, strict=True))


def _plus_cost(one: _Cost, other: _Cost) -> _Cost:
    return (
        one[0] + other[0],
        one[1] + other[1],
        one[2] + other[2],
        one[3] + other[3],
        one[4] + other[4],
    )
