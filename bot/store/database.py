"""One database, SQLite or PostgreSQL: how it is opened, brought up to date, read and written."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from bot.core.errors import StoreError

log = logging.getLogger(__name__)

#: The migration this program was written for: the newest in `migrations/versions`.
SCHEMA = "0001"

#: WAL with several writing connections can corrupt a database before this version
#: (sqlite.org/wal.html, "The WAL-Reset Bug", read 2026-11): older ones use the rollback journal.
WAL_SAFE_FROM = (3, 51, 3)

#: How long a writer waits for another before "database is locked", in seconds.
BUSY_TIMEOUT = 10


#: A transaction in progress, as the pipeline hands it to the statements.
Tx = Connection


class Database:
    """The store of one installation. `read` and `write` are for the pipeline alone."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)

    @property
    def is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A short transaction that changes nothing. On SQLite a long one would hold up a send."""
        with self._connect(writes=False) as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits, durably, when the block ends without an error."""
        with self._connect(writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def _connect(self, *, writes: bool) -> Iterator[Connection]:
        with _named_errors(self._engine), self._engine.connect() as connection:
            yield connection.execution_options(writes=writes)

    def prepare(self) -> None:
        """Create the tables, or bring them up to date. Raises StoreError for a newer program's database."""
        with _named_errors(self._engine):
            current = self._schema()
            if current == SCHEMA:
                return
            if current is not None and current > SCHEMA:
                raise StoreError(
                    f"the database is at schema {current}, this program knows {SCHEMA}: "
                    "install the newer campaign-bot"
                )
            from bot.store.migrate import upgrade

            upgrade(self._engine)
            log.info("database is at schema %s", SCHEMA)

    def exists(self) -> bool:
        """Whether the tables are there, at the schema this program was written for."""
        database = self._engine.url.database
        if self.is_sqlite and (not database or not Path(database).exists()):
            return False
        with _named_errors(self._engine):
            return self._schema() == SCHEMA

    def _schema(self) -> str | None:
        with self._engine.connect() as connection:
            found = self._engine.dialect.has_table(connection, "alembic_version")
            row = (
                connection.execute(text("SELECT version_num FROM alembic_version")).first() if found else None
            )
            return None if row is None else str(row[0])

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite":
            return _sqlite_engine(parsed.database or "")
        if parsed.get_backend_name() == "postgresql":
            return create_engine(parsed, pool_size=8, max_overflow=56, pool_pre_ping=False)
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs its driver: pip install 'campaign-bot[postgres]'") from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(
            "BOT_DATABASE_URL is no database address: write sqlite:///… or postgresql://…"
        ) from error
    raise StoreError(
        f"BOT_DATABASE_URL names {parsed.get_backend_name()}: only sqlite and postgresql are supported"
    )


def _sqlite_engine(path: str) -> Engine:
    if path and path != ":memory:":
        folder = Path(path).parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Posts and their approvals are nobody else's business on a shared machine.
            if not Path(path).exists():
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise StoreError(f"{path}: the database file cannot be made ({error.strerror})") from error
    engine = create_engine(
        f"sqlite+pysqlite:///{path}",
        connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False},
        pool_size=8,
        max_overflow=56,
    )

    @event.listens_for(engine, "connect")
    def _open(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        # The driver would begin transactions by itself, and only before the first write.
        connection.isolation_level = None
        journal = "WAL" if sqlite3.sqlite_version_info >= WAL_SAFE_FROM else "TRUNCATE"
        for pragma in (f"journal_mode={journal}", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes its lock at once: two that read first and then both write would deadlock.
        writes = connection.get_execution_options().get("writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def _named_errors(engine: Engine) -> Iterator[None]:
    """Turn the database's own failures into one line that names it, without its password."""
    try:
        yield
    except DBAPIError as error:
        if not isinstance(error, OperationalError) and not error.connection_invalidated:
            raise
        where = engine.url.render_as_string(hide_password=True)
        reason = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
        raise StoreError(f"the database {where} cannot be used: {reason}") from error
