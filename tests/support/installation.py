"""A folder as after a clone, with the real program at work in it; and all that it printed and wrote."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from canaries import everything_in, joined
from clones import copy_content
from network_stage import words

PROGRAM = (str(Path(sys.executable).parent / "campaign-bot"),)
#: The program as a careless installation starts it: every logger at DEBUG, and Python's own HTTP printing
#: each request.
_DRIVER = """
import http.client, logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
http.client.HTTPConnection.debuglevel = 1
from bot.cli import reporting
reporting.report_to_stderr = lambda *a, **k: None
reporting.leave_steps_to_the_page = lambda *a, **k: None
import tweepy, requests, oauthlib, requests_oauthlib, urllib3
for name in list(logging.root.manager.loggerDict):
    logging.getLogger(name).setLevel(logging.DEBUG)
"""
#: Breaks a library below the bot, with the request and its signature in the message.
CRASH_IN_REQUESTS = """
from requests.adapters import HTTPAdapter
def send(self, request, **more):
    raise ZeroDivisionError(f"{request.headers} {vars(request)}")
HTTPAdapter.send = send
"""
_QUEUE = """
import sys
from bot.app import App
from bot.config import load_settings
from bot.core.campaign import Item, Kind, Wording
app = App(load_settings())
app.sync_first()
account, *texts = sys.argv[1:]
for text in texts:
    item = Item(campaign="not-hostages", key="call", kind=Kind.CALL, wordings={"en": Wording(text=text)})
    app.operator("Huda").queue(item, account=account, language="en", at=app.clock.now())
"""
GO = """
from bot.cli import main
sys.exit(main())
"""


def driver(*crashes: str) -> list[str]:
    """The command of that careless start; each of `crashes` is a piece of program that breaks something."""
    return [sys.executable, "-c", "".join((_DRIVER, *crashes, GO))]


class Installation:
    """A folder as after a clone, whose accounts have canaries for secrets; and all that it ever printed."""

    def __init__(self, path: Path, *, account: str, variables: Mapping[str, str]) -> None:
        self.path = path
        #: The account that posts, of the campaign `not-hostages`.
        self.account = account
        self.printed: dict[str, bytes] = {}
        copy_content(path)
        self.variables = {
            "PATH": os.defpath,
            "HOME": str(path),
            "BOT_MODE": "live",
            "BOT_CONSOLE_PORT": "0",
            "PYTHONWARNINGS": "default",
            **variables,
        }

    def run(self, *arguments: str, program: Sequence[str] = PROGRAM) -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(
            [*program, *arguments], cwd=self.path, env=self.variables, capture_output=True, timeout=60
        )
        self._keep(arguments, done.stdout, done.stderr)
        return done

    def run_until(self, wanted: str, *arguments: str) -> int:
        """Let it run until it prints that; then end it with Ctrl-C. Returns its status."""
        with subprocess.Popen(
            [*PROGRAM, *arguments],
            cwd=self.path,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            assert process.stdout is not None
            seen = b""
            for line in process.stdout:
                seen += line
                if wanted.encode() in line:
                    break
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=30)
        self._keep(arguments, seen + rest, b"")
        return process.returncode

    def _keep(self, arguments: tuple[str, ...], out: bytes, err: bytes) -> None:
        where = f"{len(self.printed)} {' '.join(arguments)}"
        self.printed |= {f"{where} (stdout)": out, f"{where} (stderr)": err}

    def queue(self, *seeds: str) -> None:
        """Queue a post for each, all of them due."""
        texts = [words(seed, number=6) for seed in seeds]
        done = self.run(program=[sys.executable, "-c", _QUEUE, self.account, *texts])
        assert done.returncode == 0, done.stderr.decode()

    @property
    def data(self) -> Path:
        return self.path / "data"

    def left(self) -> dict[str, bytes]:
        """Everything that it printed and wrote."""
        return self.printed | everything_in(self.data) | {"rows": joined(self.rows())}

    def rows(self) -> Iterator[str]:
        database = self.data / "campaign-bot.sqlite3"
        if database.exists():
            # Long texts lie scattered over a file's pages: here each is whole.
            with closing(sqlite3.connect(database)) as connection:
                yield from connection.iterdump()

    def go_on(self) -> None:
        """Resume the account, and let its wait be over."""
        self.run("resume", "--account", self.account, "--by", "Huda")
        self.end_wait()

    def end_wait(self) -> None:
        """Let no account wait any more."""
        self.change("UPDATE accounts SET not_before = NULL")

    def let_settle(self) -> None:
        """Let the moment of every look be past."""
        self.change("UPDATE posts SET look_at = '2026-01-01T00:00:00.000000Z' WHERE look_at IS NOT NULL")

    def change(self, statement: str) -> None:
        with closing(sqlite3.connect(self.data / "campaign-bot.sqlite3")) as connection, connection:
            connection.execute(statement)

    def read_back(self) -> None:
        """Let it tell all that it knows."""
        for arguments in (
            ("log", "--json"),
            ("log", "export"),
            ("queue", "show", "1"),
            ("accounts", "--json"),
        ):
            self.run(*arguments)
