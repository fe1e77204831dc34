"""The send log as operators read it, straight from the driver.

SQLAlchemy takes twice as long to import as a person should wait for `log`:
this one read speaks SQL itself, the same words on SQLite and PostgreSQL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

from bot.core.errors import StoreError
from bot.core.media import PostPicture
from bot.core.post import State

_COLUMNS = (
    "id, post_id, part, number, campaign, account, network, language, kind, item, text, state, "
    "due_at, started_at, ended_at, remote_id, url, error, mode, picture"
)


@dataclass(frozen=True, kw_only=True)
class LoggedAttempt:
    """One attempt as the send log shows it."""

    id: int
    post: int
    part: int
    attempt: int
    campaign: str
    account: str
    network: str
    language: str
    kind: str
    item: str
    text: str
    state: str
    due_at: datetime
    started_at: datetime
    ended_at: datetime | None
    remote_id: str | None
    url: str | None
    error: str | None
    mode: str
    #: As its column has it.
    picture: str | None

    @property
    def shown(self) -> PostPicture | None:
        """The picture that it took along."""
        # Few attempts have one, and who reads a log should not wait for what none of them needs.
        from bot.store.codec import picture_from

        return picture_from(self.picture)


@dataclass(frozen=True, kw_only=True)
class LogFilter:
    """Which attempts are wanted; what is left out is not asked for."""

    since: datetime | None = None
    until: datetime | None = None
    states: Sequence[State] = ()
    campaign: str | None = None
    account: str | None = None
    #: Part of the post's text, whatever its case.
    text: str | None = None
    post: int | None = None


class _Connection(Protocol):
    def execute(self, query: str, parameters: Sequence[object], /) -> Any: ...

    def close(self) -> None: ...


class LogReader:
    """Reads attempts. Never waits for a writer longer than the driver's own patience, never writes."""

    def __init__(self, connection: _Connection, *, is_sqlite: bool) -> None:
        self._connection = connection
        self._is_sqlite = is_sqlite

    def attempts(
        self, wanted: LogFilter, *, after: int = 0, limit: int = 1000, newest: bool = False
    ) -> list[LoggedAttempt]:
        """Up to `limit` attempts past number `after`, oldest first; `newest` takes the last of them."""
        conditions, values = self._conditions(wanted, after=after)
        order = "DESC" if newest else "ASC"
        # The words come from this file alone, the values go beside them.
        query = (
            f"SELECT {_COLUMNS} FROM attempts WHERE {' AND '.join(conditions)} ORDER BY id {order} LIMIT ?"  # noqa: S608
        )
        rows = self._connection.execute(self._marked(query), [*values, limit]).fetchall()
        found = [self._attempt(row) for row in rows]
        return found[::-1] if newest else found

    def waiting_for_a_person(self) -> bool:
        """Whether a post is unknown."""
        query = self._marked("SELECT 1 FROM posts WHERE state = ? LIMIT 1")
        return self._connection.execute(query, [State.UNKNOWN.value]).fetchone() is not None

    def _conditions(self, wanted: LogFilter, *, after: int) -> tuple[list[str], list[object]]:
        pairs: list[tuple[str, object]] = [("id > ?", after)]
        pairs += [
            (f"{column} = ?", value)
            for column, value in (
                ("campaign", wanted.campaign),
                ("account", wanted.account),
                ("post_id", wanted.post),
            )
            if value is not None
        ]
        if wanted.since is not None:
            pairs.append(("started_at >= ?", self._instant(wanted.since)))
        if wanted.until is not None:
            pairs.append(("started_at < ?", self._instant(wanted.until)))
        if wanted.text is not None:
            pairs.append(("lower(text) LIKE lower(?) ESCAPE '/'", _containing(wanted.text)))
        conditions = [condition for condition, _ in pairs]
        values = [value for _, value in pairs]
        if wanted.states:
            conditions.append(f"state IN ({', '.join('?' * len(wanted.states))})")
            values.extend(state.value for state in wanted.states)
        return conditions, values

    def _marked(self, query: str) -> str:
        return query if self._is_sqlite else query.replace("?", "%s")

    def _instant(self, moment: datetime) -> object:
        # As bot.store.types.Instant writes it.
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z" if self._is_sqlite else moment

    def _attempt(self, row: Sequence[Any]) -> LoggedAttempt:
        names = list(LoggedAttempt.__dataclass_fields__)
        values = dict(zip(names, row, strict=True))
        for name in ("due_at", "started_at", "ended_at"):
            values[name] = _moment(values[name])
        return LoggedAttempt(**values)


@contextmanager
def open_log(database_url: str) -> Iterator[LogReader | None]:
    """Open the send log of a database for reading; None where there is no database yet."""
    if not database_url.startswith("sqlite:"):
        with _postgresql(database_url) as reader:
            yield reader
        return
    path = Path(unquote(database_url.removeprefix("sqlite:///")))
    if not path.exists():
        yield None
        return
    try:
        # Not opened read-only: after a crash the first reader has to roll the journal back.
        connection = sqlite3.connect(path, timeout=10)
        try:
            connection.execute("PRAGMA query_only=ON")
            yield LogReader(connection, is_sqlite=True)
        finally:
            connection.close()
    except sqlite3.Error as error:
        if "no such table" not in str(error):
            raise StoreError(f"the database {path} cannot be read: {error}") from error
        raise StoreError(f"{path} holds no send log: run `campaign-bot sync` first") from error


@contextmanager
def _postgresql(database_url: str) -> Iterator[LogReader]:
    try:
        import psycopg
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs its driver: pip install 'campaign-bot[postgres]'") from error
    try:
        with psycopg.connect(database_url.replace("postgresql+psycopg:", "postgresql:")) as connection:
            connection.read_only = True
            yield LogReader(connection, is_sqlite=False)
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
        raise StoreError(f"the PostgreSQL database cannot be read: {reason}") from error


def _containing(text: str) -> str:
    escaped = text.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return f"%{escaped}%"


def _moment(value: datetime | str | None) -> datetime | None:
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment.astimezone(UTC)
