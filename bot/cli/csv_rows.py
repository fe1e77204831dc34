"""CSV on stdout, safe to open in a spreadsheet program."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence

#: A cell that begins with one of these would be run as a formula (OWASP, "CSV Injection", read 2026-11).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def write_csv(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """Print rows under their columns; nothing is an empty cell."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(_cell(value) for value in row)
    sys.stdout.flush()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
