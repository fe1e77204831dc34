"""Fixtures for the proof: accounts that speak to fake networks over HTTP, and doors that answer nobody."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.core.clock import FixedClock, SystemClock
from bot.rendering.renderer import Renderer
from bot.store.database import Database
from bot.text.networks import rules_for
from contract import STAGES
from network_stage import NetworkStage

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
def network_stage_on(
    request: pytest.FixtureRequest, tmp_path: Path, renderer: Renderer, doors: dict[str, str]
) -> Iterator[Callable[[str, Database], NetworkStage]]:
    """Makes a network's stage on a database, at the machine's moment: signatures carry that."""
    made: list[NetworkStage] = []

    def make(network: str, db: Database) -> NetworkStage:
        stage = STAGES[network](
            db,
            FixedClock(SystemClock().now()),
            data_dir=tmp_path,
            renderer=renderer,
            fake=request.getfixturevalue(f"fake_{network}"),
            doors=doors,
        )
        made.append(stage)
        return stage

    yield make
    for stage in made:
        stage.close()


@pytest.fixture
def network_stage(
    network_stage_on: Callable[[str, Database], NetworkStage],
    sqlite_file: Path,
    open_database: Callable[[str], Database],
) -> Callable[[str], NetworkStage]:
    """Makes a network's stage on SQLite: what the table shows is no matter of the database."""
    return lambda network: network_stage_on(network, open_database(f"sqlite:///{sqlite_file}"))


@pytest.fixture
def network_stage_on_both(
    network_stage_on: Callable[[str, Database], NetworkStage], db: Database
) -> Callable[[str], NetworkStage]:
    """Makes a network's stage on SQLite and on PostgreSQL in turn."""
    return lambda network: network_stage_on(network, db)


@pytest.fixture
def x_stage(network_stage: Callable[[str], NetworkStage]) -> NetworkStage:
    return network_stage("x")


@pytest.fixture
def x_stage_on_both(network_stage_on_both: Callable[[str], NetworkStage]) -> NetworkStage:
    return network_stage_on_both("x")
