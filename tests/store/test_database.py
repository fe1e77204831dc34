"""How a database is opened, and what its failures say."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from bot.core.errors import StoreError
from bot.store.database import BUSY_TIMEOUT, Database
from bot.store.tables import accounts
from databases import PostgreSQLServer

OpenDatabase = Callable[[str], Database]

_PASSWORD = "invented-password"


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _names(db: Database) -> list[str]:
    with db.read() as tx:
        return list(tx.execute(select(accounts.c.name)).scalars())


def test_the_file_and_its_folder_belong_to_one_user(tmp_path, open_database: OpenDatabase):
    path = tmp_path / "data" / "campaign-bot.sqlite3"

    open_database(f"sqlite:///{path}").prepare()

    assert _mode(path) == 0o600
    assert _mode(path.parent) == 0o700


def test_a_journal_is_as_private_as_its_database(tmp_path, open_database: OpenDatabase):
    path = tmp_path / "data" / "campaign-bot.sqlite3"
    db = open_database(f"sqlite:///{path}")
    db.prepare()

    with db.write() as tx:
        tx.execute(insert(accounts).values(name="invented_account"))
        beside = [_mode(file) for file in path.parent.iterdir()]

    assert len(beside) > 1
    assert set(beside) == {0o600}


def test_a_commit_on_sqlite_waits_for_the_disk(sqlite_file, open_database: OpenDatabase):
    with open_database(f"sqlite:///{sqlite_file}").read() as tx:
        said = {
            name: tx.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("synchronous", "journal_mode", "foreign_keys")
        }

    # 2 is FULL. Before 3.51.3 a WAL with several writers can corrupt the database.
    journal = "wal" if sqlite3.sqlite_version_info >= (3, 51, 3) else "persist"
    assert said == {"synchronous": 2, "journal_mode": journal, "foreign_keys": 1}


def test_a_path_with_signs_that_mean_something_in_addresses_is_a_path(tmp_path, open_database: OpenDatabase):
    path = tmp_path / "50% of #1, ü@home" / "campaign-bot.sqlite3"

    open_database(f"sqlite:///{path}").prepare()

    assert path.exists()


def test_a_transaction_that_fails_leaves_nothing(db: Database):
    def fail() -> None:
        with db.write() as tx:
            tx.execute(insert(accounts).values(name="invented_account"))
            raise RuntimeError("invented")

    with pytest.raises(RuntimeError, match="invented"):
        fail()

    assert _names(db) == []


def test_a_reader_sees_one_moment_of_the_database(db: Database):
    with db.read() as tx:
        before = tx.execute(select(func.count()).select_from(accounts)).scalar_one()
        committed = threading.Event()
        writer = threading.Thread(target=_add_account, args=(db, committed))
        writer.start()
        # SQLite's rollback journal lets no commit through while somebody reads: then there is none to see.
        committed.wait(0.3)
        after = tx.execute(select(func.count()).select_from(accounts)).scalar_one()
    writer.join()

    assert (before, after) == (0, 0)
    assert _names(db) == ["invented_account"]


def _add_account(db: Database, committed: threading.Event) -> None:
    with db.write() as tx:
        tx.execute(insert(accounts).values(name="invented_account"))
    committed.set()


def test_writers_that_read_first_wait_for_one_another(db: Database):
    with db.write() as tx:
        tx.execute(insert(accounts).values(name="0"))

    def count_on() -> None:
        for _ in range(10):
            with db.write() as tx:
                row = tx.execute(select(accounts.c.name).with_for_update()).scalar_one()
                tx.execute(update(accounts).values(name=str(int(row) + 1)))

    threads = [threading.Thread(target=count_on) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert _names(db) == ["40"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("nonsense", "is no database address", id="nonsense"),
        pytest.param("invented://somewhere/name", "names invented: only sqlite", id="unknown"),
        pytest.param("mysql+pymysql://bot@127.0.0.1/x", "only sqlite and postgresql", id="another-kind"),
        pytest.param("sqlite://", "names no file", id="no-file"),
        pytest.param("sqlite:///:memory:", "names no file", id="in-memory"),
        pytest.param("sqlite:///what?.sqlite3", "names no file", id="question-mark"),
    ],
)
def test_an_address_that_is_none_is_named_with_its_remedy(url, said, open_database: OpenDatabase):
    with pytest.raises(StoreError, match=said):
        open_database(url)


def test_a_folder_that_cannot_be_made_is_named(tmp_path, open_database: OpenDatabase):
    (tmp_path / "data").write_text("a file stands where the folder should be")
    path = tmp_path / "data" / "deeper" / "campaign-bot.sqlite3"

    with pytest.raises(StoreError, match=r"campaign-bot\.sqlite3: the database file cannot be made"):
        open_database(f"sqlite:///{path}").prepare()


def test_a_file_that_is_no_database_is_named(tmp_path, open_database: OpenDatabase):
    path = tmp_path / "letter.sqlite3"
    path.write_text("Dear all, " * 1000)

    with pytest.raises(StoreError, match=r"letter\.sqlite3 cannot be used: file is not a database"):
        open_database(f"sqlite:///{path}").prepare()


def test_a_damaged_database_is_named(tmp_path, open_database: OpenDatabase, prepared_sqlite):
    path = tmp_path / "damaged.sqlite3"
    whole = prepared_sqlite.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    db = open_database(f"sqlite:///{path}")

    with pytest.raises(StoreError, match=r"damaged\.sqlite3 cannot be used"):
        _names(db)


def test_a_database_that_takes_no_writing_is_named(tmp_path, open_database: OpenDatabase, prepared_sqlite):
    path = tmp_path / "read-only.sqlite3"
    path.write_bytes(prepared_sqlite.read_bytes())
    db = open_database(f"sqlite:///{path}")

    def write() -> None:
        with db.write() as tx:
            tx.exec_driver_sql("PRAGMA query_only=ON")
            tx.execute(insert(accounts).values(name="invented_account"))

    with pytest.raises(StoreError, match=r"read-only\.sqlite3 cannot be used"):
        write()


def test_a_missing_postgresql_database_is_named_without_its_password(
    postgresql: PostgreSQLServer, open_database: OpenDatabase
):
    address = postgresql.url("nowhere").replace("bot@", f"bot:{_PASSWORD}@")

    with pytest.raises(StoreError, match="nowhere") as caught:
        open_database(address).prepare()

    assert _PASSWORD not in str(caught.value)


def test_a_server_that_does_not_answer_is_named_without_its_password(open_database: OpenDatabase):
    pytest.importorskip("psycopg")
    # Port 1 is reserved, and nothing listens there.
    with pytest.raises(StoreError, match=r"127\.0\.0\.1.*cannot be used") as caught:
        open_database(f"postgresql://bot:{_PASSWORD}@127.0.0.1:1/invented").prepare()

    assert _PASSWORD not in str(caught.value)


def test_a_user_without_rights_is_told_so(postgresql: PostgreSQLServer, open_database: OpenDatabase):
    name = postgresql.create()
    # Since PostgreSQL 15 only a database's owner may make tables in it.
    postgresql.execute("CREATE ROLE guest LOGIN")

    with pytest.raises(StoreError, match="permission denied"):
        open_database(postgresql.url(name).replace("bot@", "guest@")).prepare()


def test_a_server_that_goes_away_is_named(postgresql: PostgreSQLServer, open_database: OpenDatabase):
    name = postgresql.create(template="prepared")
    db = open_database(postgresql.url(name))

    def lose_the_server() -> None:
        with db.write() as tx:
            tx.execute(insert(accounts).values(name="invented_account"))
            postgresql.drop(name)

    with pytest.raises(StoreError, match="cannot be used"):
        lose_the_server()


@pytest.mark.slow
def test_a_thread_waits_for_its_turn_longer_than_sqlite_would(
    prepared_sqlite, tmp_path, open_database: OpenDatabase
):
    path = tmp_path / "busy.sqlite3"
    path.write_bytes(prepared_sqlite.read_bytes())
    db = open_database(f"sqlite:///{path}")
    committed = threading.Event()

    with db.write():
        writer = threading.Thread(target=_add_account, args=(db, committed))
        writer.start()
        writer.join(BUSY_TIMEOUT + 1)
    writer.join()

    assert _names(db) == ["invented_account"]


def test_a_commit_on_postgresql_is_durable_whatever_the_server_says(postgresql, open_database):
    name = postgresql.create()
    database = open_database(postgresql.url(name))
    with database.write() as tx:
        tx.exec_driver_sql(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    database.close()

    with database.write() as tx:
        said = tx.exec_driver_sql("SHOW synchronous_commit").scalar()

    assert said == "on"
