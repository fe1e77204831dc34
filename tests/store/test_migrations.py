"""The tables are made and brought up to date, once, whoever starts."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, text

from bot.core.errors import StoreError
from bot.store import database, migrate
from bot.store.browsing import PostsWanted, gather_posts
from bot.store.database import Database
from bot.store.search import find_texts, keep_text
from bot.store.tables import metadata

OpenDatabase = Callable[[str], Database]

_MIGRATIONS = Path(database.__file__).parent / "migrations" / "versions"
#: A slot and a post as the schema before the search had them.
_OLD_SLOT = """INSERT INTO slots (id, campaign, key, kind, due_at, wall_time, zone, why, planned_at)
    VALUES (:number, 'invented', 'slot-' || CAST(:number AS varchar), 'regular',
    '2026-03-01T09:00:00.000000Z', '2026-03-01T12:00:00', 'Asia/Damascus', '',
    '2026-03-01T09:00:00.000000Z')"""
_OLD_POST = """INSERT INTO posts (id, slot_id, campaign, account, network, language, kind, item, item_digest,
    due_at, grace_until, state, reason, why, text, length, cost_usd_micros, digest, author, approval_needed,
    epoch, attempts, absent_reads, changed_at) VALUES (:number, :number, 'invented', 'invented_x', 'x', 'ar',
    'fact', 'invented', '', '2026-03-01T09:00:00.000000Z', '2026-03-01T10:00:00.000000Z', 'ready', '', '',
    :words, 9, 0, '', 'invented', false, 0, 0, 0, '2026-03-01T09:00:00.000000Z')"""
#: Imports everything first, then waits for the word, so that all of them begin at the same moment.
_PREPARE = """
import sys
import bot.store.migrate
from bot.store.database import Database
database = Database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
database.prepare()
"""


def _engine(url: str) -> Engine:
    return create_engine(url.replace("postgresql:", "postgresql+psycopg:"))


def _execute(url: str, statement: str) -> None:
    engine = _engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_an_empty_database_is_brought_to_the_tables_exactly(empty_url, open_database: OpenDatabase):
    open_database(empty_url).prepare()

    engine = _engine(empty_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


def _definitions(url: str) -> list[tuple[str, str]]:
    """Everything that SQLite keeps of its tables, without the layout of the statements."""
    engine = _engine(url)
    query = text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'")
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    engine.dispose()
    return sorted((name, _without_order(sql)) for name, sql in rows)


def _without_order(sql: str) -> str:
    # Constraints may stand in any order: only their words count.
    return " ".join(sorted(" ".join(sql.replace(",", " , ").replace("(", " ( ").split()).split(" ")))


def test_checks_and_partial_indexes_are_the_same_as_in_the_tables(tmp_path, open_database: OpenDatabase):
    # Alembic's comparison sees neither check constraints nor the conditions of indexes.
    migrated, created = f"sqlite:///{tmp_path / 'migrated'}", f"sqlite:///{tmp_path / 'created'}"
    open_database(migrated).prepare()

    engine = _engine(created)
    metadata.create_all(engine)
    engine.dispose()

    assert _definitions(migrated) == _definitions(created)


def test_the_newest_migration_is_the_schema_this_program_knows():
    newest = max(path.name for path in _MIGRATIONS.glob("*.py"))

    assert newest.startswith(f"{database.SCHEMA}_")


def test_preparing_twice_changes_nothing(db: Database):
    db.prepare()

    assert db.exists()


@pytest.mark.slow
def test_several_processes_may_prepare_one_database_at_once(empty_url, open_database: OpenDatabase):
    command = [sys.executable, "-c", _PREPARE, empty_url]
    pipe = subprocess.PIPE
    starting = [subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(4)]
    for process in starting:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    for process in starting:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    errors = [process.communicate(timeout=60)[1] for process in starting]

    assert errors == [""] * 4
    assert [process.returncode for process in starting] == [0] * 4
    assert open_database(empty_url).exists()


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_preparing_waits_for_whoever_is_at_it(empty_url, open_database: OpenDatabase):
    # On SQLite the transaction itself is the lock.
    engine = _engine(empty_url)
    preparing = threading.Thread(target=open_database(empty_url).prepare)

    with engine.begin() as other:
        other.execute(text(f"SELECT pg_advisory_xact_lock({migrate._ADVISORY_LOCK})"))
        preparing.start()
        preparing.join(0.5)
        waits = preparing.is_alive()
    preparing.join()
    engine.dispose()

    assert waits
    assert open_database(empty_url).exists()


def test_a_newer_programs_database_is_refused_and_left_as_it_is(url, open_database: OpenDatabase):
    _execute(url, "UPDATE alembic_version SET version_num = '9999'")
    newer = open_database(url)

    with pytest.raises(StoreError, match=r"at schema 9999.*install the newer campaign-bot"):
        newer.prepare()

    assert not newer.exists()


def test_a_database_without_tables_does_not_exist_yet(empty_url, open_database: OpenDatabase):
    assert not open_database(empty_url).exists()


def test_asking_whether_a_database_exists_makes_no_file(tmp_path, open_database: OpenDatabase):
    folder = tmp_path / "data"

    found = open_database(f"sqlite:///{folder / 'campaign-bot.sqlite3'}").exists()

    assert not found
    assert not folder.exists()


def test_posts_of_an_older_database_are_found_by_their_text(empty_url, open_database: OpenDatabase):
    database = open_database(empty_url)
    if database.is_sqlite:
        Path(empty_url.removeprefix("sqlite:///")).parent.mkdir(parents=True)
    engine = _engine(empty_url)
    with engine.begin() as connection:
        command.upgrade(migrate._config(connection), "0003")
        for number, words in enumerate(("الأَسْرى", "الاسري", "Other words"), start=1):
            connection.execute(text(_OLD_SLOT), {"number": number})
            connection.execute(text(_OLD_POST), {"number": number, "words": words})
    engine.dispose()

    database.prepare()

    with database.read() as tx:
        texts = find_texts(tx, ("اسري",), older_than=None, read=10, limit=10)
        found = gather_posts(tx, PostsWanted(texts=texts.ids), after=None, descending=False, limit=10).found
    assert [number for _, number in found] == [1, 2]
    with database.write() as tx:
        assert keep_text(tx, "New words") not in texts.ids
