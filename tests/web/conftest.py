"""Fixtures for the pages: a store on either database, and the pages really served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.clock import FixedClock
from bot.core.people import Role
from bot.rendering.renderer import Renderer
from bot.store.database import Database
from bot.text.networks import rules_for
from stage import Stage
from visiting import Visitor

_REPOSITORY = Path(__file__).parents[2]


def pytest_configure(config: pytest.Config) -> None:
    # A plugin, not an import: its one PostgreSQL server then serves every folder of tests.
    config.pluginmanager.import_plugin("databases")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pages of a PostgreSQL store come with the long proofs: what they read is tried on both every day."""
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here and "postgresql" in item.name and item.path.stem != "test_pages":
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def stage(db: Database, clock: FixedClock, tmp_path: Path) -> Iterator[Stage]:
    """A stage on SQLite and on PostgreSQL in turn: a test that uses it runs twice."""
    renderer = Renderer(_REPOSITORY / "templates", rules_for=rules_for)
    stage = Stage(db, clock, data_dir=tmp_path, renderer=renderer)
    yield stage
    stage.close()


@pytest.fixture
def approver(stage: Stage, url: str) -> Iterator[Visitor]:
    visitor = Visitor(stage, url=url)
    yield visitor
    visitor.close()


@pytest.fixture
def author(stage: Stage, url: str) -> Iterator[Visitor]:
    visitor = Visitor(stage, url=url, role=Role.AUTHOR)
    yield visitor
    visitor.close()


@pytest.fixture
def viewer(stage: Stage, url: str) -> Iterator[Visitor]:
    visitor = Visitor(stage, url=url, role=Role.VIEWER)
    yield visitor
    visitor.close()
