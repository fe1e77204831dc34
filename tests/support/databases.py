"""Databases for tests: SQLite files, and one private PostgreSQL server for each run (each worker of xdist).

The tables are made once on each; a test then gets a copy of its own.
"""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

import servers
from bot.store.database import Database

#: Debian's place for PostgreSQL 15; elsewhere the programs must be on the PATH.
_DEBIAN = Path("/usr/lib/postgresql/15/bin")
#: A lost test database is no loss, so nothing waits for the disk.
_HURRIED = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "250"}
#: The database whose copies the tests get.
_PREPARED = "prepared"


class PostgreSQLServer:
    """A PostgreSQL server of the tests' own, on 127.0.0.1."""

    def __init__(self, binaries: Path, folder: Path, **settings: str) -> None:
        self._settings = {**_HURRIED, **settings}
        self._binaries = binaries
        self._folder = folder
        self._data = folder / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._names = (f"test_{number}" for number in count(1))

    def start(self) -> None:
        if os.geteuid() == 0:
            # The server refuses to run as root.
            shutil.chown(self._folder, "postgres", "postgres")
            self._folder.chmod(0o755)
        self._run("initdb", "-D", self._data, "-U", "bot", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        settings = {"listen_addresses": "127.0.0.1", "port": str(self.port), **self._settings}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        options += f" -c unix_socket_directories={self._folder}"
        log = self._folder / "server.log"
        self._run("pg_ctl", "-D", self._data, "-l", log, "-o", options, "-w", "start")

    def stop(self) -> None:
        # By the process id in its own folder, without waiting for what is still connected.
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def restart(self) -> None:
        """End at once, as by a crash, and begin again."""
        self._run(
            "pg_ctl", "-D", self._data, "-l", self._folder / "server.log", "-m", "immediate", "-w", "restart"
        )

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._binaries / program), *(str(argument) for argument in arguments)]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        done = subprocess.run(
            command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
        )
        assert done.returncode == 0, f"{program} failed; see {self._folder / 'server.log'}"

    def url(self, name: str) -> str:
        return f"postgresql://bot@127.0.0.1:{self.port}/{name}"

    def create(self, *, template: str = "template1") -> str:
        """Make a database and return its name."""
        name = next(self._names)
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def prepare(self) -> None:
        """Make the database whose copies the tests get."""
        self.execute(f'CREATE DATABASE "{_PREPARED}"')
        database = Database(self.url(_PREPARED))
        database.prepare()
        database.close()

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    """The run's own PostgreSQL server. Without its programs the tests are skipped, but not in CI."""
    yield from _serve()


@pytest.fixture
def mortal_postgresql() -> Iterator[PostgreSQLServer]:
    """A server for one test, which may restart it: what it has committed, it keeps."""
    yield from _serve(synchronous_commit="on")


def _serve(**settings: str) -> Iterator[PostgreSQLServer]:
    binaries = _binaries()
    if binaries is None:
        servers.lack("needs PostgreSQL: its programs (initdb, pg_ctl) are not installed")
    folder = Path(tempfile.mkdtemp(prefix="postgresql-of-tests-"))
    try:
        server = PostgreSQLServer(binaries, folder, **settings)
        server.start()
        try:
            server.prepare()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _binaries() -> Path | None:
    found = shutil.which("initdb", path=f"{_DEBIAN}{os.pathsep}{os.defpath}")
    return None if found is None else Path(found).parent


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "prepared.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.prepare()
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """The database a test runs on: each test that uses it runs twice."""
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database without any tables; on SQLite not even the file is there."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'data' / 'campaign-bot.sqlite3'}"
        return
    yield from _postgresql_url(request, template="template1")


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with empty tables."""
    if kind == "sqlite":
        yield f"sqlite:///{request.getfixturevalue('sqlite_file')}"
        return
    yield from _postgresql_url(request, template=_PREPARED)


@pytest.fixture
def sqlite_file(prepared_sqlite: Path) -> Iterator[Path]:
    """A SQLite file with empty tables, in memory where the machine has a folder for that."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="sqlite-of-tests-", dir=memory if memory.is_dir() else None))
    yield shutil.copy(prepared_sqlite, folder / "campaign-bot.sqlite3")
    shutil.rmtree(folder)


def _postgresql_url(request: pytest.FixtureRequest, *, template: str) -> Iterator[str]:
    server: PostgreSQLServer = request.getfixturevalue("postgresql")
    name = server.create(template=template)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def open_database() -> Iterator[Callable[[str], Database]]:
    """Opens databases that are closed when the test ends."""
    opened: list[Database] = []

    def open_one(url: str) -> Database:
        opened.append(Database(url))
        return opened[-1]

    yield open_one
    for database in opened:
        database.close()


@pytest.fixture
def db(url: str, open_database: Callable[[str], Database]) -> Database:
    """A database with empty tables, on SQLite and on PostgreSQL in turn."""
    return open_database(url)


class Outage:
    """Takes a test's database away for a while: a full disk for SQLite, a PostgreSQL that refuses."""

    def __init__(self, server: PostgreSQLServer | None, name: str) -> None:
        self._server = server
        self._name = name
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def start(self) -> None:
        if self._server is None:
            # No file may grow: SQLite cannot write its journal.
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, self._limits[1]))
            return
        self._server.execute(f'ALTER DATABASE "{self._name}" WITH ALLOW_CONNECTIONS false')
        self._server.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._name}'"
        )

    def end(self) -> None:
        if self._server is None:
            resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)
        else:
            self._server.execute(f'ALTER DATABASE "{self._name}" WITH ALLOW_CONNECTIONS true')


@pytest.fixture
def outage(kind: str, url: str, request: pytest.FixtureRequest) -> Iterator[Outage]:
    """An outage of the test's database, not yet begun; over at the latest when the test ends."""
    server = request.getfixturevalue("postgresql") if kind == "postgresql" else None
    outage = Outage(server, url.rpartition("/")[2])
    yield outage
    outage.end()
