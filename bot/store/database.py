"""One database, SQLite or PostgreSQL: how it is opened, brought up to date, read and written."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    DisconnectionError,
    InternalError,
    NoSuchModuleError,
    OperationalError,
)
from sqlalchemy.pool import ConnectionPoolEntry

from bot.core.clock import SystemClock
from bot.core.errors import StoreError

log = logging.getLogger(__name__)

#: The migration this program was written for: the newest in `migrations/versions`.
SCHEMA = "0006"

#: WAL with several writing connections can corrupt a database before this version
#: (sqlite.org/wal.html, "The WAL-Reset Bug", read 2026-11): older ones use the rollback journal.
WAL_SAFE_FROM = (3, 51, 3)

#: How long a writer waits for another before "database is locked", in seconds.
BUSY_TIMEOUT = 10

#: A connection to PostgreSQL that lay idle for longer is asked whether it still holds, in seconds.
ASK_AFTER = 5.0

#: A transaction in progress, as the pipeline hands it to the statements.
Tx = Connection


class Database:
    """The store of one installation. `read` and `write` are for the pipeline alone."""

    def __init__(self, url: str) -> None:
        """Open nothing yet: `prepare` makes what is missing."""
        self._engine = _engine(url)
        # SQLite lets waiting connections try again at random: among many threads some would wait until
        # "database is locked". Here each thread gets its turn.
        self._turn = threading.RLock() if self.is_sqlite else nullcontext()
        #: Held around a transaction that takes the send log's end at its start: this process's threads wait
        #: for one another here, not each with a connection and a lock in the database.
        self.log_turn = self._turn if self.is_sqlite else threading.RLock()

    @property
    def is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @property
    def place(self) -> str:
        """Where it is, for people: a file, or an address without its password."""
        url = self._engine.url
        return url.database or "memory" if self.is_sqlite else url.render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A short transaction that changes nothing. On SQLite a long one would hold up a send."""
        with self._turn, self._connect(writes=False) as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits, durably, when the block ends without an error."""
        with self._turn, self._connect(writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def _connect(self, *, writes: bool) -> Iterator[Connection]:
        with _named_errors(self._engine), self._engine.connect() as connection:
            if not writes and not self.is_sqlite:
                # As on SQLite, all statements see one moment: a page of the log and its head fit together.
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection.execution_options(writes=writes)

    def prepare(self) -> bool:
        """Create the tables, or bring them up to date; True when there were none.

        Raises StoreError for a newer program's database.
        """
        if self.is_sqlite:
            _make_private_file(self._engine.url.database or "")
        with _named_errors(self._engine):
            current = self._schema()
            if current == SCHEMA:
                return False
            if current is not None and current > SCHEMA:
                raise StoreError(
                    f"the database is at schema {current}, this program knows {SCHEMA}: "
                    "install the newer campaign-bot"
                )
            from bot.store.migrate import upgrade

            upgrade(self._engine)
            log.info("database is at schema %s", SCHEMA)
            return current is None

    def is_there(self) -> bool:
        """Whether SQLite's file still stands where it was; a server says so itself when it is asked."""
        database = self._engine.url.database
        return not self.is_sqlite or bool(database and Path(database).exists())

    def exists(self) -> bool:
        """Whether the tables are there, at the schema this program was written for."""
        if not self.is_there():
            return False
        with _named_errors(self._engine):
            return self._schema() == SCHEMA

    def _schema(self) -> str | None:
        with self._connect(writes=False) as connection:
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
            return _sqlite_engine("" if "?" in url else parsed.database or "")
        if parsed.get_backend_name() == "postgresql":
            engine = create_engine(
                # Whatever the server's own default is: writers count on seeing what was just committed.
                parsed,
                pool_size=8,
                max_overflow=56,
                isolation_level="READ COMMITTED",
                # An intent that a crash of the server forgets would be sent again.
                connect_args={"options": "-c synchronous_commit=on"},
            )
            _ask_the_idle(engine)
            return engine
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs its driver: pip install 'campaign-bot[postgres]'") from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(
            "BOT_DATABASE_URL is no database address: write sqlite:///… or postgresql://…"
        ) from error
    raise StoreError(
        f"BOT_DATABASE_URL names {parsed.get_backend_name()}: only sqlite and postgresql are supported"
    )


def _ask_the_idle(engine: Engine) -> None:
    """Ask a connection that lay idle whether its server is still there, before a step relies on it.

    Asking each time would cost every step a round trip. One that breaks in use takes all others of its
    age with it (`_invalidate` of the pool), so that a restart fails each step at most once.
    """
    clock = SystemClock()

    @event.listens_for(engine, "checkin")
    def _note(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info["idle_since"] = clock.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(connection: DBAPIConnection, entry: ConnectionPoolEntry, _: object) -> None:
        if clock.monotonic() - entry.info.get("idle_since", clock.monotonic()) <= ASK_AFTER:
            return
        try:
            alive = engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            alive = False
        if not alive:
            # The pool tries again with a new connection.
            raise DisconnectionError("the server went away")


def _make_private_file(path: str) -> None:
    try:
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Posts and their approvals are nobody else's business on a shared machine.
        if not Path(path).exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"{path}: the database file cannot be made ({error.strerror})") from error


def _sqlite_engine(path: str) -> Engine:
    if path in {"", ":memory:"}:
        raise StoreError("BOT_DATABASE_URL names no file: write sqlite:/// and its path, without any ?")
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=path),
        connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False},
        pool_size=8,
        max_overflow=56,
    )

    @event.listens_for(engine, "connect")
    def _open(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        # The driver would begin transactions by itself, and only before the first write.
        connection.isolation_level = None
        # PERSIST waits for the disk as often as TRUNCATE does, and is several times faster: the journal
        # keeps its length, so the file system's own journal need not be written with each commit.
        journal = "WAL" if sqlite3.sqlite_version_info >= WAL_SAFE_FROM else "PERSIST"
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
        # SQLite reports a damaged file as the plain class itself; what else derives from it is our mistake.
        its_own = isinstance(error, OperationalError | InternalError) or type(error) is DatabaseError
        # PostgreSQL's "insufficient privilege": the user is not the tables' owner.
        forbidden = getattr(error.orig, "sqlstate", None) == "42501"
        if not its_own and not forbidden and not error.connection_invalidated:
            raise
        url = engine.url
        is_file = url.get_backend_name() == "sqlite"
        where = url.database if is_file else url.render_as_string(hide_password=True)
        remedy = (
            "see that the file is there, whole and writable, and that the disk has room"
            if is_file
            else "see that the server runs, and that this user may use it"
        )
        reason = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
        raise StoreError(f"the database {where} cannot be used: {reason} — {remedy}") from error
