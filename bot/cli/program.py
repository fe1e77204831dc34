"""The program: its global options, and the exit status of whatever happens."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from bot.cli.catalogue import PROGRAM
from bot.cli.lazy import LazyGroup
from bot.cli.session import Session, print_to_nobody

#: 0 done, 1 something is wrong and named, 2 wrong use, 3 done but an unknown post waits for a person;
#: 130 and 141 are what shells show for Ctrl-C and for a reader that went away.
DONE, WRONG, WRONG_USE, UNKNOWN_WAITS, INTERRUPTED, READER_GONE = 0, 1, 2, 3, 130, 141

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _Program(LazyGroup):
    def invoke(self, ctx: click.Context) -> object:
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            print_to_nobody()
            return READER_GONE
        return status


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import version

    click.echo(f"campaign-bot {version('campaign-bot')}")
    ctx.exit()


@click.group(cls=_Program, entries=PROGRAM, context_settings=_CONTEXT)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Print the version.",
)
@click.option("-v", "--verbose", count=True, help="Say on stderr what happens; twice: everything.")
@click.pass_obj
def program(session: Session, verbose: int) -> None:
    """Queue, render, publish and log the posts of human-rights campaigns.

    Begin with `campaign-bot check` and `campaign-bot rehearse`: they change nothing and send nothing.
    Nothing leaves this machine unless BOT_MODE=live.
    """
    session.begin(verbosity=verbose)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status. No traceback ever reaches the user."""
    from bot.core.errors import BotError

    session = Session()
    try:
        _speak_utf8()
        arguments = [_utf8(argument) for argument in arguments]
        status = program.main(arguments, prog_name="campaign-bot", standalone_mode=False, obj=session)
        assert status is None or isinstance(status, int)
        return status or (UNKNOWN_WAITS if session.tell_of_unknown_posts() else DONE)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        session.complain("stopped", is_error=False)
        return INTERRUPTED
    except BrokenPipeError:
        return READER_GONE
    except BotError as error:
        session.complain(str(error))
        return WRONG
    except OSError as error:
        # A full disk, a file that may not be read: of the machine, not of the program.
        session.keep_traceback(error)
        print_to_nobody()
        session.complain(f"{error.filename or 'the output'}: {error.strerror or type(error).__name__}")
        return WRONG
    except Exception as error:
        session.confess(error)
        return WRONG


def _speak_utf8() -> None:
    """Arabic on every machine, whatever its LANG says. A closed stream swallows what it is given."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r+", encoding="utf-8"))  # noqa: SIM115  (until the end)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="strict" if stream is sys.stdin else "backslashreplace")


def _utf8(argument: str) -> str:
    try:
        return os.fsencode(argument).decode("utf-8")
    except UnicodeDecodeError:
        raise click.UsageError(f"the argument {argument!a} is no UTF-8 text") from None
