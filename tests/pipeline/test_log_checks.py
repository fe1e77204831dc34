"""The attempts that people read are held against the send log's chain: whatever differs is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete, insert, select, update

from bot.core.errors import UnconfirmedError
from bot.core.post import State
from bot.store import codec
from bot.store.tables import attempts, send_log
from posting import ACCOUNT, CAMPAIGN, receipt
from stage import Stage


def _sent(stage: Stage) -> int:
    """A post that was sent, after one that nobody can tell of."""
    stage.network(UnconfirmedError("silence"), receipt("77"))
    process = stage.process()
    stage.add()
    process.send()
    for _ in range(2):
        stage.pass_time(minutes=3)
        process.sweep()
    number = stage.add(texts=("Other words.",))
    process.send()
    assert stage.log_problems() == []
    return number


@pytest.mark.parametrize(
    ("column", "forged"),
    [
        ("text", "Forged words."),
        ("state", "rejected"),
        ("remote_id", "78"),
        ("remote_id", None),
        ("url", "https://example.org/forged"),
        ("key", "forged"),
        ("mode", "dry-run"),
        ("campaign", "forged"),
        ("account", "forged"),
        ("network", "forged"),
        ("language", "forged"),
        ("item", "forged"),
        ("part", 9),
    ],
)
def test_an_attempt_that_was_changed_is_named(stage: Stage, column, forged):
    number = _sent(stage)
    with stage.db.write() as tx:
        tx.execute(update(attempts).where(attempts.c.post_id == number).values({column: forged}))

    (problem,) = stage.log_problems()

    assert f"of post {number}" in problem


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(lambda picture: None, id="none"),
        pytest.param(
            lambda picture: replace(picture, file=replace(picture.file, digest="ab" * 32)), id="file"
        ),
        pytest.param(lambda picture: replace(picture, alt="Forged words"), id="alt"),
        pytest.param(lambda picture: replace(picture, warning=True), id="warning"),
        pytest.param("nonsense", id="nonsense"),
    ],
)
def test_another_picture_of_an_attempt_is_named(stage: Stage, forged):
    picture = stage.album.add("drawing")
    number = stage.add(picture=picture)
    stage.process().send()
    assert (stage.state(number), stage.log_problems()) == (State.SENT, [])
    column = forged if isinstance(forged, str) else codec.picture_column(forged(picture))
    with stage.db.write() as tx:
        tx.execute(update(attempts).where(attempts.c.post_id == number).values(picture=column))

    (problem,) = stage.log_problems()

    assert problem.endswith(f"of post {number} (row 1): its picture is not the one in the log")


def _lets_leave(stage: Stage) -> None:
    """Let texts leave that have a content warning."""
    stage.take_in(replace(CAMPAIGN, accounts=(replace(ACCOUNT, unwarned=True),)))


def _warned(stage: Stage) -> int:
    """A post with a content warning that was sent."""
    _lets_leave(stage)
    number = stage.add(content_warning="Invented: distressing")
    stage.process().send()
    assert (stage.state(number), stage.log_problems()) == (State.SENT, [])
    return number


@pytest.mark.parametrize("forged", ["Forged words", None])
def test_another_warning_of_an_attempt_is_named(stage: Stage, forged):
    number = _warned(stage)
    with stage.db.write() as tx:
        tx.execute(update(attempts).where(attempts.c.post_id == number).values(content_warning=forged))

    (problem,) = stage.log_problems()

    assert problem.endswith(f"of post {number} (row 1): its content warning is not the one in the log")


def test_a_warning_that_no_attempt_had_is_named(stage: Stage):
    number = _sent(stage)
    with stage.db.write() as tx:
        tx.execute(update(attempts).where(attempts.c.post_id == number).values(content_warning="Forged"))

    (problem,) = stage.log_problems()

    assert f"of post {number} " in problem


@pytest.mark.parametrize("erased", [{"text": None}, {"text": None, "salt": None}], ids=["text", "salt-too"])
def test_words_that_were_erased_are_not_compared(stage: Stage, erased):
    _lets_leave(stage)
    picture = stage.album.add("drawing")
    number = stage.add(picture=picture, content_warning="Invented: distressing")
    stage.process().send()
    assert (stage.state(number), stage.log_problems()) == (State.SENT, [])
    empty = codec.picture_column(replace(picture, alt=""))
    with stage.db.write() as tx:
        one = attempts.c.post_id == number
        tx.execute(update(attempts).where(one).values(text="", picture=empty, content_warning=""))
        tx.execute(update(send_log).where(send_log.c.event == "intent").values(erased))

    assert stage.log_problems() == []


def test_the_same_words_beside_a_text_are_sealed_differently_each_time(stage: Stage):
    # Else somebody could guess a name and hold it against the log after it was erased.
    _lets_leave(stage)
    picture = stage.album.add("drawing")
    for text in ("One.", "Two."):
        stage.add(texts=(text,), picture=picture, content_warning="Invented: distressing")
        stage.process().send()
        stage.pass_time(hours=1)

    first, second = (entry.body for entry in stage.entries() if entry.event == "intent")

    for name in ("picture_alt", "content_warning"):
        assert first[name] != second[name]
        assert len(str(first[name])) == 64
    assert picture.alt not in first.values()


def test_a_picture_that_no_attempt_took_along_is_named(stage: Stage):
    number = _sent(stage)
    column = codec.picture_column(stage.album.add("drawing"))
    with stage.db.write() as tx:
        tx.execute(update(attempts).where(attempts.c.post_id == number).values(picture=column))

    (problem,) = stage.log_problems()

    assert f"of post {number} " in problem


def test_an_attempt_that_was_removed_is_named(stage: Stage):
    number = _sent(stage)
    with stage.db.write() as tx:
        tx.execute(delete(attempts).where(attempts.c.post_id == number))

    (problem,) = stage.log_problems()

    assert "row was removed" in problem


def test_an_attempt_that_never_was_is_named(stage: Stage):
    number = _sent(stage)
    with stage.db.write() as tx:
        row = dict(tx.execute(select(attempts).where(attempts.c.post_id == number)).one()._mapping)
        row.pop("id")
        tx.execute(insert(attempts).values({**row, "key": "forged", "number": 9}))

    (problem,) = stage.log_problems()

    assert "the log knows nothing of it" in problem


@pytest.mark.parametrize("body", ["", "nonsense", "[]", "{}", '{"state": 7}', "null"])
@pytest.mark.parametrize("event", ["intent", "outcome", "moved"])
def test_an_entry_that_says_nothing_any_more_is_named_and_the_rest_is_still_read(stage: Stage, event, body):
    _sent(stage)
    with stage.db.write() as tx:
        seq = tx.execute(select(send_log.c.seq).where(send_log.c.event == event).limit(1)).scalar()
        if seq is None:
            seq = 1
        tx.execute(update(send_log).where(send_log.c.seq == seq).values(body=body))

    assert f"entry {seq} was changed" in stage.log_problems()


@pytest.mark.parametrize("attempt", [None, 999])
def test_an_entry_that_speaks_of_another_attempt_is_named(stage: Stage, attempt):
    _sent(stage)
    with stage.db.write() as tx:
        tx.execute(update(send_log).where(send_log.c.seq == 1).values(attempt_id=attempt))

    assert "entry 1 was changed" in stage.log_problems()


def test_an_erased_text_is_not_held_against_its_attempt(stage: Stage):
    _sent(stage)
    with stage.db.write() as tx:
        tx.execute(update(send_log).values(text=None))
        tx.execute(update(attempts).values(text=""))

    assert stage.log_problems() == []


def test_a_post_that_a_dead_process_left_is_no_problem_of_the_log(stage: Stage):
    number = stage.add()

    def die(request: object) -> None:
        raise KeyboardInterrupt

    stage.network(die)
    first = stage.process()
    with pytest.raises(KeyboardInterrupt):
        first.send()
    while_sending = (stage.state(number), stage.log_problems())
    first.die()
    stage.process().sweep()

    assert while_sending == (State.SENDING, [])
    assert (stage.state(number), stage.log_problems()) == (State.UNCONFIRMED, [])
