"""Starts a fake network in this process, with the same options for each."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.core.clock import Clock, FastClock, SystemClock
from bot.emulator.server import FakeX, serve
from bot.emulator.state import State


class Makes(Protocol):
    """What a fake network keeps, made anew."""

    def __call__(self, *, clock: Clock, journal: Path | None, keep_journal: bool) -> State: ...


def run(server: type[FakeX], make: Makes, *, module: str, name: str) -> None:
    """Read the command line, say the port as one line of JSON, and answer until told to stop."""
    options = parser_of(module, name).parse_args()
    state = make(
        clock=clock_of(options), journal=options.journal, keep_journal=not options.journal_in_file_only
    )
    listening = server(options.port, state)
    print(json.dumps({"port": listening.server_address[1]}), flush=True)
    serve(listening, until_stdin_closes=options.until_stdin_closes)


def parser_of(module: str, name: str) -> argparse.ArgumentParser:
    """The options that every fake network has."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=f"A fake {name} on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--journal", type=Path, help="append each request to this file, as JSON lines")
    parser.add_argument(
        "--journal-in-file-only",
        action="store_true",
        help="keep no copy in memory: for hundreds of thousands",
    )
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="stop when the starting process ends"
    )
    parser.add_argument("--speed", type=float, default=1.0, help="how many of its seconds a second lasts")
    parser.add_argument(
        "--start", type=datetime.fromisoformat, help="its moment at --start-monotonic, with its zone"
    )
    parser.add_argument(
        "--start-monotonic", type=float, help="seconds of the machine's own clock (CLOCK_BOOTTIME on Linux)"
    )
    return parser


def clock_of(options: argparse.Namespace) -> Clock:
    """The machine's clock, or a faster one."""
    real = SystemClock()
    if options.speed == 1 and options.start is None:
        return real
    return FastClock(options.speed, real=real, start=options.start, start_monotonic=options.start_monotonic)
