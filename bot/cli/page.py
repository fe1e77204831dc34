"""A page of output: lines, tables and posts. Here the plain one, for pipes; `terminal` has the other."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TextIO

from bot.cli.writing import printable


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A few words in a heading; `style` is of a terminal."""

    words: str
    style: str = ""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A post as people read it: what it is, its text, its measures, and what is to be said of it."""

    heading: Sequence[Mark]
    #: Kind and key of its item.
    about: str
    text: str
    measures: Sequence[str] = ()
    #: Label and sentence, e.g. `("why", "…")`.
    notes: Sequence[tuple[str, str]] = ()


class Advance(Protocol):
    """Tells a progress bar how far the work is."""

    def __call__(self, done: int) -> None: ...


class Page(Protocol):
    """Where commands print for people."""

    #: Whether a person sits in front of it.
    is_terminal: bool

    def line(self, text: str = "", *, style: str = "") -> None:
        """One paragraph; a terminal wraps it."""

    def heading(self, text: str) -> None:
        """What the following lines are about."""

    def table(
        self, columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
    ) -> None:
        """Rows under their columns; the columns numbered in `right` hold numbers."""

    def block(self, block: Block) -> None:
        """One post."""

    def entry(self, block: Block) -> None:
        """One post in few lines; a terminal shows the beginning of its text."""


class PlainPage:
    """Plain, aligned lines without tabs, each as long as it needs to be."""

    is_terminal = False

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def line(self, text: str = "", *, style: str = "") -> None:  # noqa: ARG002
        self._write(text)

    def heading(self, text: str) -> None:
        self._write("")
        self._write(text)

    def table(
        self, columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
    ) -> None:
        lines = [columns, *([cell.replace("\n", " ") for cell in row] for row in rows)]
        widths = [max(_width(line[number]) for line in lines) for number in range(len(columns))]
        for line in lines:
            cells = [
                _padded(cell, width, right=number in right)
                for number, (cell, width) in enumerate(zip(line, widths, strict=True))
            ]
            self._write("  ".join(cells).rstrip())

    def block(self, block: Block) -> None:
        self._write("  ".join([*(mark.words for mark in block.heading if mark.words), block.about]))
        for line in block.text.split("\n"):
            self._write(f"    {line}".rstrip())
        if block.measures:
            self._write(f"  {', '.join(block.measures)}")
        for label, sentence in block.notes:
            self._write(f"  {label}: {sentence}")
        self._write("")

    def entry(self, block: Block) -> None:
        self._write("  ".join([*(mark.words for mark in block.heading if mark.words), block.about]))
        for line in (block.text, *(f"{label}: {sentence}" for label, sentence in block.notes)):
            self._write(f"    {line}")

    def _write(self, text: str) -> None:
        # One write for each line, at once: whoever reads a long run wants to see it.
        self._stream.write(printable(text) + "\n")
        self._stream.flush()


@contextmanager
def no_progress() -> Iterator[Advance]:
    """A progress bar that nobody sees."""
    yield lambda done: None  # noqa: ARG005


def _padded(cell: str, width: int, *, right: bool) -> str:
    gap = " " * (width - _width(cell))
    return gap + cell if right else cell + gap


def _width(text: str) -> int:
    """Columns that a text takes, marks upon letters not counted."""
    return sum(unicodedata.combining(character) == 0 for character in text)
