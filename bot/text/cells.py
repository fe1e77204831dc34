"""CSV, safe to open in a spreadsheet program."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

#: A cell that begins with one of these would be run as a formula (OWASP, "CSV Injection", read 2026-11).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def csv_lines(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Rows under their columns, line by line; nothing is an empty cell."""
    written: list[str] = []
    writer = csv.writer(_Lines(written), lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(_cell(value) for value in row)
        yield from written
        written.clear()
    yield from written


class _Lines:
    """Takes what a csv.writer writes."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def write(self, line: str) -> None:
        self._lines.append(line)


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
