"""Seeded bugs: mistakes that are easily made in the sending protocol, and the tests that catch them.

`python tests/support/seeded.py > docs/seeded-bugs.md` writes their page anew.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
_FILES = REPOSITORY / "tests" / "seeded" / "bugs"


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change of one file: the old text stands there exactly once."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class Bug:
    """One mistake, why it is tempting, and the tests of every change that catch it."""

    name: str
    tempting: str
    edits: tuple[Edit, ...]
    #: Node ids, as narrow as can be.
    tests: tuple[str, ...]

    @property
    def needs_postgresql(self) -> bool:
        """Whether only PostgreSQL shows it: SQLite lets one writer in at a time."""
        return any("postgresql" in test for test in self.tests)

    def files(self) -> list[str]:
        return sorted({edit.file for edit in self.edits})


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """The bugs of one stage of sending."""

    title: str
    bugs: tuple[Bug, ...]


def chapters() -> list[Chapter]:
    """All seeded bugs, stage by stage."""
    return [_chapter(tomllib.loads(file.read_text())) for file in sorted(_FILES.glob("*.toml"))]


def bugs() -> list[Bug]:
    return [bug for chapter in chapters() for bug in chapter.bugs]


def _chapter(document: dict[str, object]) -> Chapter:
    title, found = document["title"], document["bug"]
    assert isinstance(title, str)
    assert isinstance(found, list)
    return Chapter(title=title, bugs=tuple(_bug(**one) for one in found))


def _bug(*, name: str, tempting: str, edit: list[dict[str, str]], tests: list[str]) -> Bug:
    return Bug(name=name, tempting=tempting, edits=tuple(Edit(**one) for one in edit), tests=tuple(tests))


def page() -> str:
    """The page that lists every bug with the test that catches it."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Seeded bugs"
    yield ""
    yield f"{len(bugs())} mistakes that a well-meaning programmer could make where posts are sent."
    yield "`make prove` makes each of them in a copy of the code, runs the named test there, and fails when"
    yield "that test still passes; every change makes two of them, and looks whether all still fit. The edits"
    yield "stand in `tests/seeded/bugs`; this page is written by"
    yield "`python tests/support/seeded.py > docs/seeded-bugs.md`."
    for chapter in chapters():
        yield ""
        yield f"## {chapter.title}"
        yield ""
        yield "| mistake | why it is tempting | made in | caught by |"
        yield "|---|---|---|---|"
        for bug in chapter.bugs:
            made_in = ", ".join(f"`{file}`" for file in bug.files())
            caught_by = ", ".join(f"`{_short(test)}`" for test in bug.tests)
            yield f"| {bug.name} | {bug.tempting} | {made_in} | {caught_by} |"


def _short(test: str) -> str:
    """A node id without the folder of all tests and without its parameters."""
    return test.removeprefix("tests/").partition("[")[0]


if __name__ == "__main__":
    sys.stdout.write(page())
