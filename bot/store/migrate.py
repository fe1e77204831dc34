"""Runs the migrations, once, however many processes start together."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

#: Any number will do, as long as every process asks for the same lock.
_ADVISORY_LOCK = 4_127_300


def upgrade(engine: Engine) -> None:
    """Bring the tables to the newest schema, in one transaction."""
    with engine.execution_options(writes=True).begin() as connection:
        # On SQLite the transaction itself is the lock: it began as a writing one.
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        command.upgrade(_config(connection), "head")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
