"""The page of a terminal: colours, tables and panels, as wide as the window and no wider than is pleasant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, TextIO

from rich.box import ROUNDED
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from bot.cli.blocks import STATE_STYLES
from bot.cli.page import Advance, Block
from bot.cli.writing import isolate, printable, runs_right_to_left

#: Wider lines are hard to read.
_WIDEST = 100


class TerminalPage:
    """Prints for people in front of a terminal. NO_COLOR is respected."""

    is_terminal = True

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, markup=False, highlight=False, emoji=False)
        self._width = min(self._console.width, _WIDEST)

    def line(self, text: str = "", *, style: str = "") -> None:
        self._print(Text(isolate(printable(text)), style=style))

    def heading(self, text: str) -> None:
        self._print(Text())
        self._console.rule(Text(isolate(printable(text)), style="bold"), align="left", style="dim")

    def table(
        self, columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
    ) -> None:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for number, column in enumerate(columns):
            justify: Literal["left", "right"] = "right" if number in right else "left"
            table.add_column(column, justify=justify, no_wrap=True, overflow="ellipsis")
        for row in rows:
            table.add_row(*(_cell(cell) for cell in row))
        self._console.print(table)

    def block(self, block: Block) -> None:
        self._print(_heading(block))
        self._console.print(self._panel(block), width=self._width)
        self._notes(block)
        self._print(Text())

    def entry(self, block: Block) -> None:
        about = Text(f"  {isolate(printable(block.about))}", style="dim")
        self._print(_heading(block) + about)
        text = Text(printable(block.text))
        text.truncate(self._width - 4, overflow="ellipsis")
        self._console.print(Padding(Text(isolate(text.plain), style="dim"), (0, 2)), width=self._width)
        self._notes(block)

    def _notes(self, block: Block) -> None:
        for label, sentence in block.notes:
            note = Text(f"{label}: {isolate(printable(sentence))}", style="dim")
            self._console.print(Padding(note, (0, 2)), width=self._width)

    def _panel(self, block: Block) -> Panel:
        # Without isolates inside: the text is to be copied as it is.
        text = Text(printable(block.text), justify="right" if runs_right_to_left(block.text) else "left")
        measures = Text(" · ".join(block.measures), style="dim")
        return Panel(
            text,
            box=ROUNDED,
            border_style="dim",
            padding=(0, 1),
            title=Text(isolate(printable(block.about)), style="dim"),
            title_align="left",
            subtitle=measures if block.measures else None,
            subtitle_align="right",
        )

    def _print(self, text: Text) -> None:
        self._console.print(text, width=self._width)


@contextmanager
def progress_bar(label: str, *, total: int) -> Iterator[Advance]:
    """A bar on stderr, gone when the work is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.update(task, completed=done)


def _heading(block: Block) -> Text:
    marks = [Text(isolate(printable(mark.words)), style=mark.style) for mark in block.heading if mark.words]
    return Text("  ").join(marks)


def _cell(text: str) -> Text:
    # None leaves it to the column.
    return Text(
        isolate(printable(text)),
        justify="right" if runs_right_to_left(text) else None,
        style=STATE_STYLES.get(text, ""),
    )
