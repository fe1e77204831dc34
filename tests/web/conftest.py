"""Fixtures for the pages: a store on either database, and the pages really served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.clock import FixedClock
from bot.rendering.renderer import Renderer
from bot.store.database import Database
from bot.text.networks import rules_for
from stage import Stage

_REPOSITORY = Path(__file__).parents[2]


def pytest_configure(config: pytest.Config) -> None:
    # A plugin, not an import: its one PostgreSQL server then serves every folder of tests.
    config.pluginmanager.import_plugin("databases")


@pytest.fixture
def stage(db: Database, clock: FixedClock, tmp_path: Path) -> Iterator[Stage]:
    """A stage on SQLite and on PostgreSQL in turn: a test that uses it runs twice."""
    renderer = Renderer(_REPOSITORY / "templates", rules_for=rules_for)
    stage = Stage(db, clock, data_dir=tmp_path, renderer=renderer)
    yield stage
    stage.close()
