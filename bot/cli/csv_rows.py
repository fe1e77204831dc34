"""CSV on stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from bot.text.cells import csv_lines


def write_csv(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """Print rows under their columns; nothing is an empty cell."""
    for line in csv_lines(columns, rows):
        sys.stdout.write(line)
    sys.stdout.flush()
