"""The send log is one chain, whoever appends, and a text can be erased without breaking it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import delete, text, update

from bot.core.errors import BrokenLogError
from bot.store import send_log
from bot.store.database import Database, Tx
from bot.store.send_log import GENESIS
from bot.store.tables import send_log as entries
from bot.store.tables import send_log_head
from posting import NOW, chain_problems

OpenDatabase = Callable[[str], Database]

#: Appends as another program on the same database would.
_APPENDING = """
import sys
from datetime import UTC, datetime
from bot.store import send_log
from bot.store.database import Database
database = Database(sys.argv[1])
for number in range(20):
    with database.write() as tx:
        send_log.append(tx, at=datetime.now(UTC), event="moved", body={"number": number}, text="Invented.")
"""


def _append(tx: Tx, *, count: int = 1, words: str | None = "Invented words.") -> None:
    for number in range(count):
        send_log.append(tx, at=NOW, event="moved", body={"number": number}, post=7, text=words)


def test_an_empty_log_holds(db: Database):
    with db.read() as tx:
        assert chain_problems(tx) == ()
        assert send_log.head(tx) == (0, GENESIS)


@pytest.mark.parametrize("page", [1, 2, 3, 100])
def test_a_chain_holds_however_it_is_read(db: Database, page):
    with db.write() as tx:
        _append(tx, count=6)

    with db.read() as tx:
        assert chain_problems(tx, page=page) == ()


def test_entries_say_what_was_appended(db: Database):
    with db.write() as tx:
        digest = send_log.append(
            tx, at=NOW, event="paused", body={"who": "A Person", "parts": 2, "sure": True, "url": None}
        )
        _append(tx, words="كلمات مخترعة")

        first, second = send_log.read_entries(tx)
        of_post = send_log.read_entries(tx, post=7)

    assert (first.seq, first.at, first.event, first.digest) == (1, NOW, "paused", digest)
    assert first.body == {"who": "A Person", "parts": 2, "sure": True, "url": None}
    assert (second.text, second.previous) == ("كلمات مخترعة", digest)
    assert of_post == [second]


def test_a_text_stands_beside_the_chain_never_in_it(db: Database):
    with db.write() as tx:
        _append(tx, words="A name to be erased")
        body = tx.execute(text("SELECT body FROM send_log")).scalar_one()

    assert "name" not in body


def test_the_same_text_is_sealed_differently_each_time(db: Database):
    # Else somebody could guess a name and hold it against the log after it was erased.
    with db.write() as tx:
        _append(tx, count=2, words="The same words")

        first, second = send_log.read_entries(tx)

    assert first.body["text_digest"] != second.body["text_digest"]


@pytest.mark.parametrize("erased", [{"text": None}, {"text": None, "salt": None}], ids=["text", "salt-too"])
def test_erasing_a_text_does_not_break_the_chain(db: Database, erased):
    with db.write() as tx:
        _append(tx, count=3)
        tx.execute(update(entries).where(entries.c.seq == 2).values(erased))

        assert chain_problems(tx) == ()


def test_an_entry_of_a_transaction_that_fails_is_not_in_the_chain(db: Database):
    def fail() -> None:
        with db.write() as tx:
            _append(tx)
            raise RuntimeError("invented")

    with pytest.raises(RuntimeError, match="invented"):
        fail()

    with db.write() as tx:
        assert send_log.head(tx) == (0, GENESIS)
        _append(tx)
        assert chain_problems(tx) == ()


def test_many_threads_keep_one_chain(db: Database):
    def work() -> None:
        for _ in range(25):
            with db.write() as tx:
                _append(tx)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with db.read() as tx:
        assert chain_problems(tx) == ()
        assert send_log.head(tx)[0] == 200


def test_many_processes_keep_one_chain(db: Database, url):
    processes = [subprocess.Popen([sys.executable, "-c", _APPENDING, url]) for _ in range(3)]

    ended = [process.wait(timeout=60) for process in processes]

    assert ended == [0, 0, 0]
    with db.read() as tx:
        assert chain_problems(tx) == ()
        assert send_log.head(tx)[0] == 60


def test_a_chain_that_grows_while_it_is_read_holds(db: Database):
    with db.write() as tx:
        _append(tx, count=10)

    def grow() -> None:
        for _ in range(150):
            with db.write() as tx:
                _append(tx)

    growing = threading.Thread(target=grow)
    growing.start()
    problems: list[str] = []
    while growing.is_alive():
        with db.read() as tx:
            problems += chain_problems(tx)
    growing.join()

    assert problems == []


def test_a_log_without_its_head_takes_nothing_more(db: Database):
    with db.write() as tx:
        _append(tx)
        tx.execute(delete(send_log_head))

        with pytest.raises(BrokenLogError, match="lost its head"):
            _append(tx)

        assert [problem for problem in chain_problems(tx) if "lost its head" in problem]
