"""Runs tests again and again in forks of one process, which has imported every library but not the bot.

One JSON line in, `{"tests": [...], "report": path}`; one JSON line out when that run is over. Each run
imports the bot anew, from the folder in which this process was started.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

#: What takes long to import and is not ours. No plugin of pytest: it wants to import those itself.
_LIBRARIES = ("alembic.command", "apscheduler.schedulers.background", "babel.dates")
_LIBRARIES += ("jinja2.sandbox", "psycopg", "pydantic", "sqlalchemy.dialects.postgresql", "tweepy", "yaml")


class Witness:
    """Keeps what failed, and by what."""

    def __init__(self) -> None:
        self.failures: list[dict[str, str]] = []
        self.passed = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        self.passed += report.passed and call.when == "call"
        if report.failed and call.excinfo is not None:
            error = call.excinfo.value
            kind = type(error).__name__
            if str(error).startswith("Timeout"):
                kind = "Timeout"
            self.failures.append({"test": item.nodeid, "when": call.when, "kind": kind})
        return report


def run(tests: list[str], report: Path) -> None:
    """Run in a fork, and write down what came of it."""
    with report.with_suffix(".log").open("w") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    witness = Witness()
    options = ["-x", "-q", "-p", "no:cacheprovider", "--timeout=30", f"--basetemp={report.with_suffix('')}"]
    status = int(pytest.main([*options, *tests], plugins=[witness]))
    bot = sys.modules.get("bot")
    found = {
        "status": status,
        "bot": None if bot is None else bot.__file__,
        "passed": witness.passed,
        "failures": witness.failures,
    }
    report.write_text(json.dumps(found))


def serve() -> None:
    for name in _LIBRARIES:
        import_module(name)
    assert "bot" not in sys.modules
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                run(order["tests"], Path(order["report"]))
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(0)
        os.waitpid(child, 0)
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
