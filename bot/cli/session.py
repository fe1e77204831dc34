"""What one command works with: settings, app, page; and how it complains."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.writing import printable
from bot.core.clock import SystemClock

if TYPE_CHECKING:
    from bot.app import App
    from bot.cli.page import Advance, Page
    from bot.config import Settings
    from bot.pipeline.restore import TakenOver


#: Unknown posts that are named one by one.
_TOLD_OF = 5


class Session:
    """One run of the program, from its arguments to its exit status."""

    def __init__(self) -> None:
        self.verbosity = 0
        #: False for `run`, which goes on in front of whoever watches it.
        self.tells_of_unknown_posts = True
        #: What a command that reads the log alone found out by itself.
        self.unknown_waits = False

    def begin(self, *, verbosity: int) -> None:
        """Set up what is told on stderr: 0 warnings, 1 what happens, 2 everything."""
        from bot.cli.reporting import report_to_stderr

        self.verbosity = verbosity
        report_to_stderr(verbosity, keep=self.keep)

    @cached_property
    def settings(self) -> Settings:
        from bot.config import load_settings

        return load_settings()

    @cached_property
    def app(self) -> App:
        from bot.app import App

        return App(self.settings)

    @cached_property
    def page(self) -> Page:
        """Where the command prints: tables and colours on a terminal, plain lines in a pipe."""
        from bot.cli.page import PlainPage

        if not sys.stdout.isatty():
            return PlainPage(sys.stdout)
        from bot.cli.terminal import TerminalPage

        return TerminalPage(sys.stdout)

    def progress(self, label: str, *, total: int) -> AbstractContextManager[Advance]:
        """A progress bar on stderr, when that is a terminal."""
        if not sys.stderr.isatty():
            from bot.cli.page import no_progress

            return no_progress()
        from bot.cli.terminal import progress_bar

        return progress_bar(label, total=total)

    @property
    def errors_file(self) -> Path:
        """Where details go that help nobody but the program's authors."""
        settings = self.__dict__.get("settings")
        return (Path("data") if settings is None else settings.data_dir) / "errors.log"

    # -- what goes wrong ---------------------------------------------------------------------------

    def complain(self, message: str, *, is_error: bool = True) -> None:
        """Print one line for each line of the message on stderr, led by the program's name."""
        colour = "red" if is_error and _is_coloured() else None
        for line in message.splitlines() or [message]:
            click.echo(click.style(f"campaign-bot: {printable(line)}", fg=colour), err=True)

    def confess(self, error: BaseException) -> None:
        """Own up to a bug: one line on stderr, the traceback in a file."""
        kind = type(error).__name__
        where = self.keep_traceback(error)
        if where is None:
            self.complain(f"this is a bug in campaign-bot ({kind}), and {self.errors_file} cannot be written")
        else:
            self.complain(f"this is a bug in campaign-bot ({kind}): please report it with {where}")

    def keep_traceback(self, error: BaseException) -> Path | None:
        """Write where an error came from to the file of details."""
        return self.keep("".join(traceback.format_exception(error)))

    def keep(self, details: str) -> Path | None:
        """Append details to a file that nobody else may read; None when it cannot be written."""
        settings = self.__dict__.get("settings")
        if settings is not None:
            details = settings.hide_secrets(details)
        path = self.errors_file
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
            with open(descriptor, "a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(f"{SystemClock().now():%Y-%m-%d %H:%M:%S} UTC {details.rstrip()}\n\n")
        except OSError:
            return None
        return path

    def tell_of_take_over(self, taken_over: TakenOver | None) -> None:
        """Say what was found of a database that was restored or copied, and what a person must do."""
        if taken_over is not None:
            self.complain("\n".join(taken_over.lines()), is_error=False)

    def tell_of_unknown_posts(self) -> bool:
        """Say which posts wait for a person's word, if this command opened the store and there are any."""
        app = self.__dict__.get("app")
        opened = self.unknown_waits or (app is not None and app.opened_store)
        if app is None or not opened or not self.tells_of_unknown_posts:
            return False
        unknown = app.inspector.unknown(limit=_TOLD_OF + 1)
        for post in unknown[:_TOLD_OF]:
            self.complain(
                f"post {post} is unknown: look whether it is public, then "
                f"`campaign-bot resolve {post}` with --live URL, --send-again or --leave",
                is_error=False,
            )
        if len(unknown) > _TOLD_OF:
            self.complain("… and more: `campaign-bot queue list --state unknown`", is_error=False)
        return bool(unknown)


def print_to_nobody() -> None:
    """Let stdout lead nowhere, once its reader went away.

    What is still in its buffer would fail again at the interpreter's end, and be shown.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_coloured() -> bool:
    from bot.config import wants_colour

    return sys.stderr.isatty() and wants_colour()


#: Gives a command its session as first argument.
pass_session = click.make_pass_decorator(Session)
