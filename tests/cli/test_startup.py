"""A command imports what it needs, and nothing else: nobody waits for a help page."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "sqlalchemy",
    "alembic",
    "tweepy",
    "requests",
    "apscheduler",
    "pydantic",
    "jinja2",
    "babel",
    "rich",
    "yaml",
}


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        pytest.param(["--help"], set(), id="help"),
        pytest.param(["queue", "add", "--help"], set(), id="help of a command"),
        pytest.param(["log", "--json"], set(), id="log"),
        pytest.param(["log"], set(), id="log as a table"),
        pytest.param(["queue", "list"], {"sqlalchemy", "alembic"}, id="queue list"),
    ],
)
def test_command_imports_only_what_it_needs(clone, arguments, allowed):
    code = f"""
import sys
from bot.cli.program import run
assert run({arguments!r}) == 0
print(*sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)
"""

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=clone.path,
        env=clone.environment(),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert set(done.stderr.split()) <= allowed
