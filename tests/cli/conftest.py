"""Fixtures for the command line: a folder as after a clone, and the program in it."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.cli import program
from clones import copy_content

ROOT = Path(__file__).parents[2]
#: As users start it.
PROGRAM = Path(sys.executable).parent / "campaign-bot"


_MACHINE = dict(os.environ)  # noqa: TID251  (what the tests themselves were started with)


@dataclass(frozen=True, kw_only=True)
class Done:
    """A command that ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def complaints(self) -> list[str]:
        """The lines on stderr, without the program's name."""
        return [line.removeprefix("campaign-bot: ") for line in self.err.splitlines()]


class Clone:
    """A folder with content and templates, as after a clone: no `.env`, no data."""

    def __init__(self, path: Path) -> None:
        self.path = path
        copy_content(path)

    def environment(self, **variables: str) -> dict[str, str]:
        """The machine's environment without this project's settings."""
        kept = {name: value for name, value in _MACHINE.items() if name in ("PATH", "HOME", "TMPDIR")}
        # Programs of several tests run side by side: each serves its pages on a port of its own.
        return kept | {"LANG": "C", "NO_PROXY": "127.0.0.1", "BOT_CONSOLE_PORT": "0"} | variables

    def run(self, *arguments: str, stdin: str = "", **variables: str) -> Done:
        """Run the program as a process of its own."""
        done = subprocess.run(
            [PROGRAM, *arguments],
            cwd=self.path,
            env=self.environment(**variables),
            input=stdin.encode(),
            capture_output=True,
            timeout=60,
        )
        return Done(status=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())

    @contextmanager
    def start(self, *arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
        """Start the program and let it run, until the block ends at the latest."""
        process = subprocess.Popen(
            [PROGRAM, *arguments],
            cwd=self.path,
            env=self.environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        with process:
            try:
                yield process
            finally:
                process.kill()

    @property
    def data(self) -> Path:
        return self.path / "data"

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What somebody does who opens the database by hand."""
        with closing(sqlite3.connect(self.data / "campaign-bot.sqlite3")) as connection, connection:
            return connection.execute(statement, values).fetchall()


class Here:
    """The program in this very process: as fast as a call."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd

    def __call__(self, *arguments: str) -> Done:
        status = program.run(arguments)
        out, err = self._capfd.readouterr()
        return Done(status=status, out=out, err=err)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


@pytest.fixture
def here(clone: Clone, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Here]:
    """The program in the clone's folder, without a process of its own."""
    monkeypatch.chdir(clone.path)
    for name in _MACHINE:
        if name.startswith("BOT_") or "_API_" in name:
            monkeypatch.delenv(name)
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield Here(capfd)
    root.handlers, root.level = handlers, level
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.setLevel(logging.NOTSET)


@pytest.fixture
def call() -> Sequence[str]:
    """`queue add` with a call to action, but for its text and moment."""
    return (
        *("queue", "add", "--campaign", "not-hostages", "--account", "not_hostages_x"),
        *("--language", "en", "--kind", "call", "--by", "Huda"),
    )


@pytest.fixture
def program_path() -> Path:
    """The program as users start it."""
    return PROGRAM
