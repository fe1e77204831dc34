"""Row 10: how long a person waits for `campaign-bot --help` and `campaign-bot log`, as whole processes."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from filling import fill_log
from measuring import Row, print_rows, row

from bot.store.database import Database

MANY, QUICK_MANY = 1_000_000, 20_000
ROUNDS, QUICK_ROUNDS = 20, 5
GOAL = "≤ 80 ms"
PROGRAM = Path(sys.executable).parent / "campaign-bot"
CLICK = """
import click

@click.group()
def main(): "A plain command."

@main.command()
@click.option("--name", help="Whom to greet.")
def greet(name): "Greet somebody."

main()
"""


def run(*, quick: bool = False) -> list[Row]:
    """Start each program so many times, in turn, and take the medians."""
    many, rounds = (QUICK_MANY, QUICK_ROUNDS) if quick else (MANY, ROUNDS)
    with tempfile.TemporaryDirectory(prefix="campaign-bot-bench-") as name:
        folder = Path(name)
        for attempts in (0, many):
            _prepare(folder / str(attempts), attempts)
        ways = {
            "bare": _starter([sys.executable, "-c", "pass"], folder),
            "click": _starter([sys.executable, "-c", CLICK, "--help"], folder),
            "eager": _starter([sys.executable, "-c", "import sqlalchemy, tweepy, apscheduler"], folder),
            "help": _starter([str(PROGRAM), "--help"], folder / "0"),
            "empty": _starter([str(PROGRAM), "log"], folder / "0"),
            "many": _starter([str(PROGRAM), "log"], folder / str(many)),
            "json": _starter([str(PROGRAM), "log", "--json", "--limit", "50"], folder / str(many)),
            "state": _starter([str(PROGRAM), "log", "--state", "rejected"], folder / str(many)),
            "text": _starter([str(PROGRAM), "log", "--text", "never written"], folder / str(many)),
        }
        took = _medians(ways, rounds)
    among = f"among {many:,} attempts"
    whole = [
        ("campaign-bot --help", "help", "bare", "python -c pass", GOAL),
        ("campaign-bot log, empty", "empty", "bare", "python -c pass", GOAL),
        (f"campaign-bot log, {among}", "many", "bare", "python -c pass", GOAL),
        (f"campaign-bot log, {among}", "many", "empty", "itself, empty", "≤ 1.1"),
        (f"campaign-bot log --json --limit 50, {among}", "json", "bare", "python -c pass", GOAL),
        (f"campaign-bot log --state, nothing found {among}", "state", "bare", "python -c pass", GOAL),
        (f"campaign-bot log --text, nothing found {among}", "text", "bare", "python -c pass", ""),
        ("campaign-bot --help", "help", "click", "a plain click command's --help", ""),
        ("campaign-bot --help", "help", "eager", "import sqlalchemy, tweepy, apscheduler", ""),
    ]
    return [
        row(10, what, ours=took[ours], peer=peer, theirs=took[theirs], goal=goal, unit="ms")
        for what, ours, theirs, peer, goal in whole
    ]


def _prepare(folder: Path, attempts: int) -> None:
    """Make a data folder whose database holds that many attempts."""
    folder.mkdir()
    database = Database(f"sqlite:///{folder}/campaign-bot.sqlite3")
    database.prepare()
    if attempts:
        fill_log(database, attempts=attempts)
    database.close()


def _starter(command: Sequence[str], folder: Path) -> Callable[[], None]:
    """Run a command to its end, far from any `.env`; its settings say nothing but where its data is."""
    environment = {"BOT_DATA_DIR": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}

    def start() -> None:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode(errors="replace")

    return start


def _medians(ways: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Milliseconds of each, measured in turn so that the machine's moods reach all."""
    seen: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            # The first turn reads files into the machine's memory.
            if turn:
                seen[name].append((time.perf_counter() - started) * 1000)
    return {name: statistics.median(times) for name, times in seen.items()}


if __name__ == "__main__":
    print_rows(run())
