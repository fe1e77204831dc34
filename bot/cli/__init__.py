"""The command line: parse input, call, print. No rule lives here."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `campaign-bot` with this process's arguments and exit with its status."""
    try:
        from bot.cli.program import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        # Ctrl-C while Python was still loading the program, or already leaving it.
        status = 130
    sys.exit(status)
