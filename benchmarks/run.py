"""Runs the measurements side by side, prints one table and writes it as JSON: `make bench`."""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import operator
import os
import platform
import re
import signal
import sqlite3
import statistics
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import postgres
from measuring import Row, row

#: The script of each row of docs/performance.md.
SCRIPTS = {
    1: "lateness",
    2: "due",
    3: "outage",
    4: "backlog",
    5: "side_by_side",
    6: "text",
    7: "rendering",
    8: "rehearsal",
    10: "startup",
    11: "pages",
    13: "cards",
}
RESULTS = Path(__file__).parent / "results"
COLUMNS = ("row", "what", "ours", "peer", "theirs", "ratio", "goal", "met")
#: A goal with a unit speaks of our own figure, one without of the ratio.
GOAL = re.compile(r"([≤≥]) ([\d.,]+)(?: (\S+))?")
COMPARE = {"≤": operator.le, "≥": operator.ge}


def main() -> int:
    """Measure what the command line names; 1 when a script failed."""
    options = _options()
    # Servers and folders of the measurements are put away even when this is stopped from outside.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    machine = _machine()
    print(_machine_line(machine), file=sys.stderr)
    started, rows, failed = datetime.now().astimezone(), [], False
    for number in options.only or SCRIPTS:
        print(f"row {number}: {SCRIPTS[number]} …", file=sys.stderr)
        try:
            measured = _run(SCRIPTS[number], quick=options.quick)
        except Exception as error:
            # One script that fails must not take the others' results along.
            traceback.print_exc()
            failed, what = True, f"{SCRIPTS[number]} failed: {error or type(error).__name__}"
            measured = [row(number, what, ours=None, peer="", theirs=None, goal="", unit="")]
        rows += [{**one, "met": _met(one)} for one in measured]
    print(_table(rows))
    print(_machine_line(machine))
    where = _write(rows, machine, started=started, quick=options.quick)
    print(f"written to {where}", file=sys.stderr)
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=_numbers, help="rows to measure, e.g. 1,10")
    parser.add_argument("--quick", action="store_true", help="smaller sizes: does it run at all?")
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    numbers = [int(part) for part in text.split(",")]
    unknown = [number for number in numbers if number not in SCRIPTS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"there is no row {unknown[0]}; there is: {', '.join(map(str, SCRIPTS))}"
        )
    return numbers


def _run(name: str, *, quick: bool) -> Sequence[Row]:
    run = importlib.import_module(name).run
    return run(quick=quick) if "quick" in inspect.signature(run).parameters else run()


def _met(one: Row) -> bool | None:
    """Whether the goal was met; None where there is none, or nothing was measured."""
    goal = GOAL.fullmatch(str(one["goal"]))
    if goal is None:
        return None
    value = one["ours"] if goal[3] and goal[3] == one["unit"] else one["ratio"]
    return None if value is None else COMPARE[goal[1]](float(str(value)), float(goal[2].replace(",", "")))


def _machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "postgresql": postgres.version(),
        "fdatasync_ms": round(_sync_ms(), 3),
    }


def _sync_ms() -> float:
    """How long this disk takes to keep four kilobytes for good, in milliseconds."""
    with tempfile.TemporaryFile() as file:
        times = []
        for _ in range(50):
            file.write(os.urandom(4096))
            file.flush()
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def _machine_line(machine: dict[str, object]) -> str:
    return (
        f"{machine['cores']} cores (load {machine['load']:.2f} at the start), Python {machine['python']}, "
        f"SQLite {machine['sqlite']}, PostgreSQL {machine['postgresql']}, "
        f"one fdatasync {machine['fdatasync_ms']} ms"
    )


def _table(rows: Sequence[Row]) -> str:
    lines = [COLUMNS, *(_cells(one) for one in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cells(one: Row) -> tuple[str, ...]:
    met = {True: "yes", False: "NO", None: ""}[one["met"]]
    numbers = [_number(one[name]) for name in ("ours", "theirs", "ratio")]
    ours = f"{numbers[0]} {one['unit']}" if numbers[0] != "-" else "-"
    goal = "" if one["goal"] in ("none", None) else str(one["goal"])
    return str(one["row"]), str(one["what"]), ours, str(one["peer"]), numbers[1], numbers[2], goal, met


def _number(value: object) -> str:
    if value is None:
        return "-"
    number = float(str(value))
    digits = 0 if abs(number) >= 100 else 2 if abs(number) >= 1 else 4
    return f"{number:,.{digits}f}"


def _write(rows: Sequence[Row], machine: dict[str, object], *, started: datetime, quick: bool) -> Path:
    RESULTS.mkdir(exist_ok=True)
    where = RESULTS / f"{started:%Y-%m-%d-%H%M%S}.json"
    document = {
        "started": started.isoformat(timespec="seconds"),
        "quick": quick,
        "machine": machine,
        "rows": rows,
    }
    where.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return where


if __name__ == "__main__":
    sys.exit(main())
