"""A post keeps its key on Bluesky: moved, sent again by a wrong word, or read back from an older database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.core.post import State
from bot.pipeline.money import FREE
from bot.pipeline.restore import Restorer
from bot.pipeline.witness import WitnessFile, begin_witness
from bot.publishing.bluesky_record import record_key
from bot.store import installation, send_log
from bot.store.database import Database
from fault_rows import Before
from network_stage import NetworkStage, on, words
from posting import CAMPAIGN, fact
from stage import Process

LONG = timedelta(days=30)


@pytest.fixture
def stage(network_stage_on: Callable[[str, Database], NetworkStage], sqlite_db: Database) -> NetworkStage:
    stage = network_stage_on("bluesky", sqlite_db)
    stage.take_in(on(stage.network, replace(CAMPAIGN, grace=LONG)), [fact()])
    return stage


@pytest.fixture
def sqlite_db(sqlite_file: Path, open_database: Callable[[str], Database]) -> Database:
    return open_database(f"sqlite:///{sqlite_file}")


def test_post_that_left_earlier_than_a_backup_knows_is_found_and_does_not_leave_at_its_old_moment(
    stage: NetworkStage, sqlite_file: Path, tmp_path: Path, open_database: Callable[[str], Database]
):
    begin_witness(tmp_path / "witness", key=_key_of(stage))
    planned = stage.clock.now() + timedelta(days=1)
    post_id = _rendered(stage, planned, moved_to=planned + timedelta(hours=1))
    saved = tmp_path / "saved.sqlite3"
    with closing(sqlite3.connect(sqlite_file)) as here, closing(sqlite3.connect(saved)) as there:
        here.backup(there)
    stage.operator().move(post_id, to=None)
    stage.process().send()
    _note(stage, tmp_path)
    stage.db = open_database(f"sqlite:///{saved}")
    assert stage.post(post_id).due_at == planned + timedelta(hours=1)

    taken = _take_over(stage, tmp_path)

    assert taken == [post_id]
    assert stage.state(post_id) is State.SENT
    stage.resume()
    stage.pass_time(days=2)
    stage.process().send()
    (public,) = stage.fake.posts()
    assert public["id"] == record_key(moment=planned, post=post_id, part=1)


@pytest.mark.parametrize("moved_by", [timedelta(0), timedelta(days=3)], ids=["now", "days later"])
def test_wrong_word_that_a_post_is_not_there_makes_no_second_one(stage: NetworkStage, moved_by: timedelta):
    process = stage.process()
    post_id = _rendered(stage, stage.clock.now(), moved_to=stage.clock.now())
    stage.prepare(post_id, process, Before.SENT_AGAIN_WRONGLY)
    if moved_by:
        stage.operator().move(post_id, to=stage.clock.now() + moved_by)
        stage.pass_time(seconds=moved_by.total_seconds())

    process.send()

    assert stage.come_to_rest(post_id, process) is State.SENT
    assert len(stage.fake.posts()) == 1
    assert stage.stored_twice() == []
    assert stage.log_problems() == []


def test_other_words_in_place_of_those_that_are_public_wait_for_a_person_with_the_link(stage: NetworkStage):
    process = stage.process()
    post_id = stage.add(texts=(words("first words"),), grace=LONG)
    stage.prepare(post_id, process, Before.SENT_AGAIN_WRONGLY)
    (public,) = stage.fake.posts()
    # Moving it renders it anew, from what its item says by now.
    stage.operator().move(post_id, to=None)
    assert stage.post(post_id).text != public["text"]

    process.send()

    assert stage.come_to_rest(post_id, process) is State.UNKNOWN
    assert stage.link_of(public) in stage.reason(post_id)
    assert [post["text"] for post in stage.fake.posts()] == [words("first words")]


def _rendered(stage: NetworkStage, planned: datetime, *, moved_to: datetime) -> int:
    """A post for that moment, moved once: its words are those that each further move renders."""
    post_id = stage.add(due_at=planned, grace=LONG)
    stage.operator().move(post_id, to=moved_to)
    return post_id


def _key_of(stage: NetworkStage) -> str:
    with stage.db.read() as tx:
        return installation.key(tx)


def _note(stage: NetworkStage, folder: Path) -> None:
    """Let the machine remember what it has sent."""
    with stage.db.read() as tx:
        seq, digest = send_log.head(tx)
    witness = WitnessFile(folder / "witness")
    witness.begin(key=_key_of(stage), seq=seq, digest=digest, live=True, anew=False)
    witness.close()


def _take_over(stage: NetworkStage, folder: Path) -> list[int]:
    """Start on the database that is there now; returns what was found public."""
    process: Process = stage.process()
    witness = WitnessFile(folder / "witness")
    restorer = Restorer(stage.db, stage.clock, stage.outlets, incarnation=process.incarnation, budget=FREE)
    taken = restorer.take_over(witness)
    witness.close()
    assert taken is not None
    return taken.found
