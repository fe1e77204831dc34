"""What the program tells on stderr while it works. Tracebacks go to a file, never to the screen."""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from bot.cli.writing import printable

#: They speak of requests and their headers, or at length of themselves.
_QUIET = ("tweepy", "requests", "requests_oauthlib", "oauthlib", "urllib3", "sqlalchemy", "alembic")
#: It warns whenever a step takes longer than its interval, which the next turn makes good.
_QUIETER = ("apscheduler",)


#: Keeps details that are not for the screen; returns where, or None when they could not be written.
Keep = Callable[[str], Path | None]


def report_to_stderr(verbosity: int, *, keep: Keep) -> None:
    """Send log records to stderr: from WARNING on, from INFO with 1, from DEBUG with 2."""
    root = logging.getLogger()
    root.handlers = [_LineHandler(verbosity, keep)]
    root.setLevel({0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG))
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _QUIETER:
        logging.getLogger(name).setLevel(logging.ERROR)


def leave_steps_to_the_page(verbosity: int) -> None:
    """Keep records of single posts off stderr, for a command that prints each of them itself."""
    if verbosity == 0:
        for name in ("bot.pipeline.send", "bot.pipeline.sweep"):
            logging.getLogger(name).setLevel(logging.ERROR)


class _LineHandler(logging.Handler):
    """One line for each record."""

    def __init__(self, verbosity: int, keep: Keep) -> None:
        super().__init__()
        self._timed = verbosity > 0
        self._keep = keep

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = " ".join(record.getMessage().splitlines())
            details = record.exc_text or (
                "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else None
            )
            if details:
                where = self._keep(f"{message}\n{details}")
                message += f" (details in {where})" if where else " (details could not be written)"
            print(self._line(record, message), file=sys.stderr, flush=True)
        except Exception:  # noqa: S110  (what cannot be told must not stop what is being done)
            pass

    def _line(self, record: logging.LogRecord, message: str) -> str:
        if not self._timed:
            return f"campaign-bot: {printable(message)}"
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        return f"{moment} {record.levelname.lower()} {record.name}: {printable(message)}"
