"""Whatever somebody changes in the send log behind the program's back is found, and named."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from bot.store import send_log
from bot.store.database import Database, Tx
from bot.store.tables import send_log as entries
from bot.store.tables import send_log_head
from posting import NOW, chain_problems, rolled_back

OpenDatabase = Callable[[str], Database]

#: PostgreSQL keeps no NUL in a text.
_WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
_BODIES = st.dictionaries(_WORDS, _WORDS | st.integers(-9, 9) | st.booleans() | st.none(), max_size=2)


@dataclass(frozen=True, kw_only=True)
class _Written:
    """One entry to append."""

    event: str
    post: int | None
    body: dict[str, Any]
    text: str | None
    seconds: int


_HISTORIES = st.lists(
    st.builds(
        _Written,
        event=st.sampled_from(["queued", "moved", "outcome", "paused"]),
        post=st.none() | st.integers(1, 3),
        body=_BODIES,
        text=st.none() | _WORDS,
        seconds=st.integers(0, 5),
    ),
    min_size=1,
    max_size=6,
)

_everyday = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def _write(tx: Tx, history: list[_Written]) -> None:
    for one in history:
        send_log.append(
            tx,
            at=NOW + timedelta(seconds=one.seconds),
            event=one.event,
            body=one.body,
            post=one.post,
            text=one.text,
        )


def _rows(tx: Tx) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in tx.execute(select(entries).order_by(entries.c.seq))]


def _named(problems: tuple[str, ...], seq: int) -> bool:
    """Whether an entry is named, by itself or in a range."""
    if any(re.search(rf"\b{seq}\b", problem) for problem in problems):
        return True
    ranges = [re.search(r"(\d+) to (\d+)", problem) for problem in problems]
    return any(found and int(found[1]) <= seq <= int(found[2]) for found in ranges)


def _other_value(column: str, row: dict[str, Any], data: st.DataObject) -> Any:
    """A value that the column does not hold."""
    strategies: dict[str, st.SearchStrategy[Any]] = {
        "at": st.integers(-(10**6), 10**6).map(lambda us: NOW + timedelta(microseconds=us)),
        "event": _WORDS,
        "post_id": st.none() | st.integers(0, 9),
        "attempt_id": st.none() | st.integers(0, 9),
        "body": _WORDS | st.just('{"text_digest":""}') | st.just("[]"),
        "text": _WORDS,
        "salt": _WORDS | st.none(),
        "previous": st.text("0123456789abcdef", min_size=64, max_size=64),
        "digest": st.text("0123456789abcdef", min_size=64, max_size=64),
    }
    return data.draw(strategies[column].filter(lambda value: value != row[column]), label=column)


@_everyday
@given(history=_HISTORIES, data=st.data())
def test_an_entry_that_was_changed_is_named(db: Database, history, data):
    with rolled_back(db) as tx:
        _write(tx, history)
        row = data.draw(st.sampled_from(_rows(tx)), label="entry")
        # The salt of an erased text seals nothing any more.
        columns = [name for name in row if name != "seq" and (name != "salt" or row["text"] is not None)]
        column = data.draw(st.sampled_from(columns), label="column")
        value = _other_value(column, row, data)
        tx.execute(update(entries).where(entries.c.seq == row["seq"]).values({column: value}))

        problems = chain_problems(tx)

        assert _named(problems, row["seq"]), problems


@_everyday
@given(history=_HISTORIES, data=st.data())
def test_an_entry_that_was_changed_and_sealed_again_is_named(db: Database, history, data):
    # Whoever knows the rule of the digest can seal an entry, but not all that follow and the head.
    with rolled_back(db) as tx:
        _write(tx, history)
        row = data.draw(st.sampled_from(_rows(tx)), label="entry")
        _seal(tx, {**row, "event": row["event"] + "!"})

        problems = chain_problems(tx)

        assert _named(problems, row["seq"]), problems


def _seal(tx: Tx, row: dict[str, Any]) -> None:
    """Write an entry with the digest that belongs to it."""
    digest = send_log._entry_digest(
        seq=row["seq"],
        at=row["at"],
        event=row["event"],
        post=row["post_id"],
        attempt=row["attempt_id"],
        body=row["body"],
        previous=row["previous"],
    )
    tx.execute(delete(entries).where(entries.c.seq == row["seq"]))
    tx.execute(insert(entries).values({**row, "digest": digest}))


@_everyday
@given(history=_HISTORIES, data=st.data())
def test_entries_that_were_removed_are_named_the_tail_too(db: Database, history, data):
    with rolled_back(db) as tx:
        _write(tx, history)
        first = data.draw(st.integers(1, len(history)), label="first")
        last = data.draw(st.integers(first, len(history)), label="last")
        tx.execute(delete(entries).where(entries.c.seq >= first, entries.c.seq <= last))

        problems = chain_problems(tx)

        assert all(_named(problems, seq) for seq in range(first, last + 1)), problems


@_everyday
@given(history=_HISTORIES.filter(lambda history: len(history) > 1), data=st.data())
def test_two_entries_that_changed_places_are_named(db: Database, history, data):
    with rolled_back(db) as tx:
        _write(tx, history)
        one, two = data.draw(st.permutations(_rows(tx)), label="order")[:2]
        tx.execute(delete(entries).where(entries.c.seq.in_([one["seq"], two["seq"]])))
        tx.execute(insert(entries), [{**one, "seq": two["seq"]}, {**two, "seq": one["seq"]}])

        problems = chain_problems(tx)

        assert _named(problems, one["seq"]), problems
        assert _named(problems, two["seq"]), problems


@_everyday
@given(history=_HISTORIES, data=st.data())
def test_an_entry_that_was_put_in_is_named(db: Database, history, data):
    with rolled_back(db) as tx:
        _write(tx, history)
        place = data.draw(st.integers(1, len(history) + 1), label="place")
        rows = _rows(tx)
        tx.execute(delete(entries).where(entries.c.seq >= place))
        for row in rows[place - 1 :]:
            tx.execute(insert(entries).values({**row, "seq": row["seq"] + 1}))
        previous = rows[place - 2]["digest"] if place > 1 else send_log.GENESIS
        _seal(tx, {**rows[0], "seq": place, "previous": previous})

        problems = chain_problems(tx)

        assert _named(problems, place), problems


@pytest.mark.parametrize("seq", [0, -1, -7])
def test_an_entry_before_the_first_is_named(db: Database, seq):
    with rolled_back(db) as tx:
        _write(tx, [_Written(event="moved", post=None, body={}, text=None, seconds=0)])
        _seal(tx, {**_rows(tx)[0], "seq": seq})

        assert chain_problems(tx) == (f"entry {seq} was added: the log begins with entry 1",)


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param({"seq": 1}, id="earlier"),
        pytest.param({"seq": 9}, id="later"),
        pytest.param({"digest": "f" * 64}, id="another-digest"),
    ],
)
def test_a_changed_head_is_named(db: Database, forged):
    with rolled_back(db) as tx:
        _write(tx, [_Written(event="moved", post=None, body={}, text=None, seconds=0)] * 2)
        tx.execute(update(send_log_head).values(forged))

        assert len(chain_problems(tx)) == 1


def test_a_log_that_was_emptied_is_found(db: Database):
    with rolled_back(db) as tx:
        _write(tx, [_Written(event="moved", post=None, body={}, text=None, seconds=0)] * 2)
        tx.execute(delete(entries))

        assert chain_problems(tx) == ("entries 1 to 2 are missing from the end",)

        tx.execute(update(send_log_head).values(seq=0))

        assert len(chain_problems(tx)) == 1


@pytest.mark.parametrize(
    "nonsense",
    ["", "yesterday", "2026-03-01T09:00:00", "12"],
    ids=["nothing", "a-word", "no-zone", "a-number"],
)
def test_a_moment_that_is_none_is_named(prepared_sqlite, open_database: OpenDatabase, nonsense):
    # PostgreSQL would not take it.
    with rolled_back(open_database(f"sqlite:///{prepared_sqlite}")) as tx:
        _write(tx, [_Written(event="moved", post=None, body={}, text=None, seconds=0)] * 2)
        tx.execute(text("UPDATE send_log SET at = :at WHERE seq = 2"), {"at": nonsense})

        assert chain_problems(tx) == ("entry 2 was changed",)
