"""Column types that keep instants aware and in UTC on every database."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Dialect, String, types
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from bot.core.errors import StoreError


class Instant(types.TypeDecorator[datetime]):
    """An aware moment, stored in UTC: `timestamptz` on PostgreSQL, fixed-width text on SQLite.

    SQLAlchemy's own DateTime drops the offset on SQLite in silence; the text
    sorts as the moments do and reads well in any SQLite browser.
    """

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime] | TypeEngine[str]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"{value} has no zone: only aware moments are stored")
        moment = value.astimezone(UTC)
        if dialect.name == "postgresql":
            return moment
        return moment.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"

    def process_result_value(self, value: datetime | str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        try:
            return as_moment(value)
        except ValueError as error:
            raise StoreError(
                f"the database holds {value!r} where a moment belongs: find out who changed it"
            ) from error


def as_moment(stored: datetime | str) -> datetime:
    """The moment that a database holds, in UTC. Raises ValueError when it holds none."""
    moment = stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)
    if moment.tzinfo is None:
        raise ValueError(f"{stored!r} has no zone")
    return moment.astimezone(UTC)
