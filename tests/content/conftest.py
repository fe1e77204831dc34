"""A good content folder to break, and the repository's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.content.reading import Content, read_content
from bot.core.campaign import Campaign
from bot.core.errors import ContentError

_HERE = Path(__file__).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A content folder with one good campaign, `lamps`."""
    return Path(shutil.copytree(_HERE / "good", tmp_path / "content"))


@pytest.fixture(scope="session")
def good() -> Content:
    return read_content(_HERE / "good")


@pytest.fixture(scope="session")
def lamps(good: Content) -> Campaign:
    return good.campaigns[0]


@pytest.fixture(scope="session")
def repository() -> Path:
    return _HERE.parent.parent


@pytest.fixture
def change(folder: Path) -> Callable[[str, str, str], None]:
    """Replace one place of one file of the campaign."""

    def replace(file: str, old: str, new: str) -> None:
        path = folder / "lamps" / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace


@pytest.fixture
def problems(folder: Path) -> Callable[[], list[str]]:
    """Read the folder and give its problems as the lines that people see."""

    def read() -> list[str]:
        try:
            read_content(folder)
        except ContentError as error:
            return [str(problem) for problem in error.problems]
        return []

    return read
