"""Fixtures for the proof: accounts that speak to the fake X over HTTP, and addresses that answer nobody."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bot.core.clock import FixedClock, SystemClock
from bot.rendering.renderer import Renderer
from bot.store.database import Database
from bot.text.networks import rules_for
from x_stage import XStage

_REPOSITORY = Path(__file__).parents[2]


def pytest_configure(config: pytest.Config) -> None:
    # A plugin, not an import: its one PostgreSQL server then serves every folder of tests.
    config.pluginmanager.import_plugin("databases")


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    """The project's own templates."""
    return Renderer(_REPOSITORY / "templates", rules_for=rules_for)


@pytest.fixture(scope="session")
def doors() -> Iterator[dict[str, str]]:
    """Addresses at which no request is taken, each in its own way."""
    with ExitStack() as open_until_the_end:
        # Takes connections, and never says a word.
        mute = open_until_the_end.enter_context(socket.create_server(("127.0.0.1", 0)))
        # Its queue is full: no connection comes to stand.
        full = open_until_the_end.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            waiting = open_until_the_end.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        with socket.create_server(("127.0.0.1", 0)) as closed:
            closed_port = closed.getsockname()[1]
        yield {
            "closed": f"http://127.0.0.1:{closed_port}",
            "full": f"http://127.0.0.1:{full.getsockname()[1]}",
            "mute": f"https://127.0.0.1:{mute.getsockname()[1]}",
            "silent": f"http://127.0.0.1:{mute.getsockname()[1]}",
            "nameless": "https://nowhere.invalid",
        }


@pytest.fixture
def x_stage_on(
    tmp_path: Path,
    renderer: Renderer,
    fake_x: Any,
    x_secrets_of: Callable[[str], dict[str, str]],
    doors: dict[str, str],
) -> Iterator[Callable[[Database], XStage]]:
    """Makes a stage on a database, at the machine's moment: signatures carry that."""
    made: list[XStage] = []

    def make(db: Database) -> XStage:
        stage = XStage(
            db,
            FixedClock(SystemClock().now()),
            data_dir=tmp_path,
            renderer=renderer,
            fake_x=fake_x,
            secrets_of=x_secrets_of,
            doors=doors,
        )
        made.append(stage)
        return stage

    yield make
    for stage in made:
        stage.close()


@pytest.fixture
def x_stage(
    x_stage_on: Callable[[Database], XStage], sqlite_file: Path, open_database: Callable[[str], Database]
) -> XStage:
    """A stage on SQLite: what the table shows is no matter of the database."""
    return x_stage_on(open_database(f"sqlite:///{sqlite_file}"))


@pytest.fixture
def x_stage_on_both(x_stage_on: Callable[[Database], XStage], db: Database) -> XStage:
    """A stage on SQLite and on PostgreSQL in turn."""
    return x_stage_on(db)
