"""Each seeded bug is made in a copy of the project, where the tests named with it must fail."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import servers
from seeded import REPOSITORY, Bug, Edit, bugs, chapters, page

_COPIED = ("bot", "tests", "templates", "content", "pyproject.toml")
_PAGE = REPOSITORY / "docs" / "seeded-bugs.md"
#: A test speaks by an assertion, or by an answer's error that is not the one it waits for; any other
#: error may be the seeding's own mistake.
_A_TEST_SPEAKS = {"AssertionError", "Failed", "NotSentError", "NotNowError", "RejectedError"}


@dataclass(frozen=True, kw_only=True)
class Run:
    """What became of the named tests in the copy."""

    #: As pytest exits: 0 all passed, 1 some failed, anything else proves nothing.
    status: int
    bot: Path
    passed: int
    failures: Sequence[dict[str, str]]
    log: str


class Copy:
    """A private copy of the project, and one process that runs its tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self._reports = folder
        self._runs = 0
        for name in _COPIED:
            source = REPOSITORY / name
            if source.is_dir():
                shutil.copytree(source, self.folder / name)
            else:
                shutil.copy2(source, self.folder / name)
        around = os.environ.items()  # noqa: TID251  (handed on to a process, no setting)
        environment = {name: value for name, value in around if not name.startswith("PYTEST_")}
        # Before the installed package, and in processes that the tests start, too.
        environment["PYTHONPATH"] = str(self.folder)
        # An edited file would leave its bytecode to the unedited one of the same second.
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        self._process = subprocess.Popen(
            [sys.executable, str(self.folder / "tests" / "seeded" / "preloaded.py")],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, tests: Sequence[str]) -> Run:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._runs += 1
        report = self._reports / f"run-{self._runs}.json"
        self._process.stdin.write(json.dumps({"tests": list(tests), "report": str(report)}) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"
        log = report.with_suffix(".log").read_text()
        assert report.exists(), f"the run ended without a report:\n{log}"
        found: dict[str, Any] = json.loads(report.read_text())
        assert found["bot"] is not None, f"the run did not import the bot:\n{log}"
        return Run(**{**found, "bot": Path(found["bot"]), "log": log})

    @contextmanager
    def edited(self, bug: Bug) -> Iterator[None]:
        """The copy with the bug in it; as it was when the block ends."""
        before = {name: (self.folder / name).read_bytes() for name in bug.files()}
        try:
            for edit in bug.edits:
                self._edit(bug, edit)
            yield
        finally:
            for name, content in before.items():
                (self.folder / name).write_bytes(content)

    def _edit(self, bug: Bug, edit: Edit) -> None:
        file = self.folder / edit.file
        text = file.read_text()
        times = text.count(edit.old)
        assert times == 1, (
            f"{bug.name}: its old text stands {times} times in {edit.file}, not once:"
            f" write the edit anew for the code as it is now\n{edit.old}"
        )
        file.write_text(text.replace(edit.old, edit.new))
        # Bytecode is told from its source by second and size only.
        for stale in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
            stale.unlink()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    copy = Copy(tmp_path_factory.mktemp("seeded"))
    yield copy
    copy.close()


def _has_postgresql() -> bool:
    debian = "/usr/lib/postgresql/15/bin"
    return shutil.which("initdb", path=f"{debian}{os.pathsep}{os.defpath}") is not None


def _skip_without_postgresql(bug: Bug) -> None:
    if bug.needs_postgresql and not _has_postgresql():
        servers.lack("needs PostgreSQL: its programs (initdb, pg_ctl) are not installed")


#: One of these chapters is seeded every day; `make prove` seeds all of them.
_EVERY_DAY = {
    chapter.bugs[0].name for chapter in chapters() if chapter.title.startswith(("Intent", "Pictures"))
}


@pytest.mark.parametrize(
    "bug",
    [
        pytest.param(
            bug,
            id=bug.name.replace(" ", "-"),
            marks=() if bug.name in _EVERY_DAY else pytest.mark.slow,
        )
        for bug in bugs()
    ],
)
def test_a_seeded_bug_is_caught(copy: Copy, bug: Bug) -> None:
    _skip_without_postgresql(bug)

    with copy.edited(bug):
        run = copy.run(bug.tests)

    assert run.bot.is_relative_to(copy.folder), f"the tests ran on {run.bot}, not on the edited copy"
    assert run.status != 0, f"{bug.name}: the bug survives {', '.join(bug.tests)}\n{run.log}"
    assert run.status == 1, f"{bug.name}: the tests did not run, which proves nothing\n{run.log}"
    # What it leaves behind may fail, too, when the test is torn down.
    failure = run.failures[0]
    assert failure["when"] == "call", f"{bug.name}: {failure}\n{run.log}"
    assert failure["kind"] in _A_TEST_SPEAKS, f"{bug.name}: {failure} is no test's own word\n{run.log}"
    assert any(failure["test"].startswith(test) for test in bug.tests), failure


@pytest.mark.slow
@pytest.mark.parametrize("chapter", [pytest.param(one, id=one.title.replace(" ", "-")) for one in chapters()])
def test_without_a_bug_the_named_tests_pass(copy: Copy, chapter: Any) -> None:
    tests = sorted({test for bug in chapter.bugs for test in bug.tests})

    run = copy.run(tests)

    assert run.bot.is_relative_to(copy.folder)
    assert run.status == 0, run.log
    assert run.passed >= len(tests) or not _has_postgresql(), run.log


def test_every_edit_fits_the_code_and_every_named_test_is_there() -> None:
    """Every day, because a bug whose place moved would be seeded nowhere."""
    unfit = [
        f"{bug.name}: {edit.file}"
        for bug in bugs()
        for edit in bug.edits
        if edit.old not in (REPOSITORY / edit.file).read_text(encoding="utf-8")
    ]
    named = sorted({test for bug in bugs() for test in bug.tests})
    collect = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-m", ""]
    asked = subprocess.run([*collect, *named], cwd=REPOSITORY, capture_output=True, text=True, timeout=120)

    assert unfit == []
    assert asked.returncode == 0, asked.stdout[-2000:] + asked.stderr[-2000:]


def test_every_bug_has_a_name_of_its_own_a_reason_and_a_test() -> None:
    seeded = bugs()

    assert len(seeded) >= 30
    assert [name for name, times in Counter(bug.name for bug in seeded).items() if times > 1] == []
    assert [bug.name for bug in seeded if not (bug.tempting and bug.edits and bug.tests)] == []
    assert [bug.name for bug in seeded for edit in bug.edits if edit.old == edit.new] == []


def test_the_page_of_seeded_bugs_is_that_of_the_list() -> None:
    assert _PAGE.read_text() == page(), "write it anew: python tests/support/seeded.py > docs/seeded-bugs.md"
