"""A database that goes away in mid-step: nothing is sent that it may not know of, and nobody is bothered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.core.errors import ConfigError, Problem, StoreError
from bot.core.post import State
from bot.store.database import Database, Tx
from posting import ACCOUNT, NOW, SECOND_ACCOUNT, OpenOutlets, receipt
from stage import Stage


class FailingDatabase:
    """A database whose next writing transactions fail at their commit: before it, or after it got through."""

    def __init__(self, real: Database) -> None:
        self._real = real
        #: Of the transactions to come: "before", "after" or "" for none.
        self.fails: list[str] = []
        self.is_gone = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        self._must_be_there()
        with self._real.read() as tx:
            yield tx

    @contextmanager
    def write(self) -> Iterator[Tx]:
        self._must_be_there()
        when = self.fails.pop(0) if self.fails else ""
        with self._real.write() as tx:
            yield tx
            if when == "before":
                tx.rollback()
        if when:
            self.is_gone = True
            raise StoreError("the database went away at a commit")

    def _must_be_there(self) -> None:
        if self.is_gone:
            raise StoreError("the database is away")


@pytest.fixture
def failing(stage: Stage) -> FailingDatabase:
    stage.db = FailingDatabase(stage.db)  # type: ignore[assignment]
    return stage.db  # type: ignore[return-value]


def _comes_back(stage: Stage, failing: FailingDatabase) -> None:
    failing.is_gone = False
    stage.pass_time(seconds=31)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["claim", "intent"])
def test_a_commit_without_an_answer_bothers_nobody_and_sends_nothing(
    stage: Stage, failing: FailingDatabase, step: str, when: str
):
    number = stage.add()
    process = stage.process()
    failing.fails = [when] if step == "claim" else ["", when]

    with pytest.raises(StoreError):
        process.send()
    sent_meanwhile = list(stage.network().requests)
    _comes_back(stage, failing)
    process.sweep()
    between = stage.state(number)
    stage.pass_time(seconds=31)
    process.sender.send_due()

    assert sent_meanwhile == []
    assert between is State.READY
    assert stage.state(number) is State.SENT
    assert len(stage.network().requests) == 1
    assert stage.log_problems() == []


def test_while_nobody_knows_of_an_intent_its_post_is_in_this_process_hands(
    stage: Stage, failing: FailingDatabase
):
    number = stage.add()
    process = stage.process()
    failing.fails = ["", "after"]

    with pytest.raises(StoreError):
        process.send()

    assert process.sender.holds(number)


def test_an_intent_without_an_answer_that_a_dead_worker_left_is_looked_for(
    stage: Stage, failing: FailingDatabase
):
    number = stage.add()
    process = stage.process()
    failing.fails = ["", "after"]
    with pytest.raises(StoreError):
        process.send()
    process.die()
    _comes_back(stage, failing)

    stage.process().sweep()

    assert stage.state(number) is State.UNCONFIRMED


@pytest.mark.parametrize("failures", [1, 5])
def test_an_outcome_survives_failures_and_nothing_is_sent_meanwhile(
    stage: Stage, failing: FailingDatabase, failures: int
):
    first = stage.add(due_at=NOW - timedelta(minutes=2))
    others = [stage.add(), stage.add(account=SECOND_ACCOUNT.name)]
    stage.network(receipt("77"))
    process = stage.process()
    failing.fails = ["", "", "before"]

    drained = process.sender.drain(ACCOUNT.name)
    for _ in range(failures):
        failing.is_gone, failing.fails = False, ["before"]
        assert process.sender.drain(SECOND_ACCOUNT.name) == []
    meanwhile = [len(stage.network(account=one.name).requests) for one in (ACCOUNT, SECOND_ACCOUNT)]
    _comes_back(stage, failing)
    left = process.sender.record_waiting()
    process.sender.send_due()

    assert [(one.post.id, one.state) for one in drained] == [(first, State.SENDING)]
    assert meanwhile == [1, 0]
    assert left == 0
    assert stage.remote_ids(first) == ["77"]
    assert [stage.state(number) for number in others] == [State.SENT, State.SENT]
    assert stage.log_problems() == []


def test_an_outcome_that_got_through_without_an_answer_stands_once(stage: Stage, failing: FailingDatabase):
    number = stage.add()
    process = stage.process()
    failing.fails = ["", "", "after"]
    process.sender.drain(ACCOUNT.name)
    _comes_back(stage, failing)

    left = process.sender.record_waiting()

    assert left == 0
    assert stage.state(number) is State.SENT
    assert [entry.event for entry in stage.entries(number)] == ["intent", "outcome"]


def test_a_process_that_stops_waits_for_the_database_and_says_what_is_left(
    stage: Stage, failing: FailingDatabase, caplog: pytest.LogCaptureFixture
):
    number = stage.add()
    process = stage.process()
    failing.fails = ["", "", "before"]
    process.sender.drain(ACCOUNT.name)

    process.sender.finish(patience=0.3)
    lines = [record.getMessage() for record in caplog.records]
    _comes_back(stage, failing)
    process.sender.finish(patience=0.3)

    assert f"post {number}: the database did not take its outcome" in lines[-1]
    assert stage.state(number) is State.SENT


class _OneBroken(OpenOutlets):
    """One account's secret is gone."""

    def of(self, account: str) -> Any:
        if account == ACCOUNT.name:
            raise ConfigError([Problem(where=f"account {account!r}", what="the secret API_KEY is missing")])
        return super().of(account)


@pytest.mark.parametrize("by_looking", [False, True], ids=["send", "sweep"])
def test_an_account_that_cannot_be_served_ends_nothing_for_the_others(
    stage: Stage, by_looking: bool, caplog: pytest.LogCaptureFixture
):
    def silent(request: object) -> object:
        raise StopIteration

    lost = [stage.add(due_at=NOW - timedelta(minutes=n)) for n in (2, 1)]
    other = stage.add(account=SECOND_ACCOUNT.name)
    stage.network(silent)
    process = stage.process()
    process.send()
    stage.network(silent, account=SECOND_ACCOUNT.name)
    process.send(SECOND_ACCOUNT.name)
    stage.outlets = _OneBroken(stage.outlets.publishers)
    stage.network(account=SECOND_ACCOUNT.name).found = [receipt("5")]
    broken = stage.process()
    third = stage.add(account=SECOND_ACCOUNT.name, due_at=NOW - timedelta(minutes=3))
    stage.pass_time(minutes=4)

    if by_looking:
        broken.sweep()
    else:
        broken.sender.send_due()

    assert stage.state(lost[1]) is State.READY
    assert stage.state(other) is (State.SENT if by_looking else State.UNCONFIRMED)
    assert stage.state(third) is (State.READY if by_looking else State.SENT)
    assert "the secret API_KEY is missing" in caplog.text
