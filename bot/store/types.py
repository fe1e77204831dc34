"""Column types that keep instants aware and in UTC on every database."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Dialect, String, types
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine


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
        return moment if dialect.name == "postgresql" else f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"

    def process_result_value(self, value: datetime | str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return moment.astimezone(UTC)
