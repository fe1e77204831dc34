"""What each kind of answer means for a post, its account and the send log. Nothing is called twice."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.errors import AccountError, NotNowError, NotSentError, RejectedError, UnconfirmedError
from bot.core.post import State
from bot.pipeline.outcome import BACK_OFF, BACK_OFF_MAX, PATIENCE
from bot.store.tables import attempts
from posting import ACCOUNT, NOW, SECOND_ACCOUNT, receipt
from stage import Stage

FAR_OFF = NOW + timedelta(hours=2)
SETTLE = timedelta(seconds=180)


def test_a_receipt_makes_a_post_sent(stage: Stage):
    number = stage.add()
    network = stage.network(receipt("77"))

    sent = stage.process().send()

    assert sent is not None
    assert (sent.state, sent.receipt) == (State.SENT, receipt("77"))
    assert (stage.state(number), stage.remote_ids(number)) == (State.SENT, ["77"])
    assert [request.text for request in network.requests] == ["Invented words."]
    assert [entry.event for entry in stage.entries(number)] == ["intent", "outcome"]
    assert stage.log_problems() == []


def test_what_a_network_made_otherwise_stands_with_the_post_its_attempt_and_in_the_log(stage: Stage, caplog):
    number = stage.add()
    stage.network(replace(receipt("77"), note="it is public without its picture"))

    with caplog.at_level(logging.WARNING):
        stage.process().send()

    with stage.db.read() as tx:
        [attempt] = tx.execute(select(attempts)).all()
    outcome = stage.entries(number)[-1]
    assert (stage.state(number), stage.reason(number)) == (State.SENT, "it is public without its picture")
    assert (attempt.state, attempt.error) == ("sent", "it is public without its picture")
    assert outcome.body["reason"] == outcome.body["note"] == "it is public without its picture"
    assert (
        f"post {number}: it is public without its picture: look at https://example.org/posts/77"
        in caplog.text
    )
    assert stage.log_problems() == []


def test_what_a_network_made_otherwise_of_a_thread_stays_with_its_part(stage: Stage):
    number = stage.add(texts=("One.", "Two."))
    stage.network(replace(receipt("77"), note="Telegram changed its text"), receipt("78"))
    process = stage.process()

    process.send()
    between = stage.reason(number)
    process.send()

    with stage.db.read() as tx:
        errors = {one.part: one.error for one in tx.execute(select(attempts))}
    assert between == "part 1 is sent, the next one follows; Telegram changed its text"
    assert errors == {1: "Telegram changed its text", 2: None}
    assert stage.state(number) is State.SENT
    assert stage.log_problems() == []


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        pytest.param(NotSentError("no route"), State.READY, "no route", id="never-connected"),
        pytest.param(NotNowError("wait", until=FAR_OFF), State.READY, "wait", id="not-now"),
        pytest.param(RejectedError("too long"), State.REJECTED, "too long", id="refused"),
        pytest.param(AccountError("locked"), State.REJECTED, "locked", id="account-refused"),
        pytest.param(UnconfirmedError("silence"), State.UNCONFIRMED, "silence", id="no-answer"),
        pytest.param(ValueError("what?"), State.UNCONFIRMED, "nobody foresaw", id="unforeseen"),
        pytest.param(KeyError("what?"), State.UNCONFIRMED, "nobody foresaw", id="unforeseen-too"),
        pytest.param(OSError("what?"), State.UNCONFIRMED, "nobody foresaw", id="of-the-system"),
        pytest.param(RecursionError("what?"), State.UNCONFIRMED, "nobody foresaw", id="of-python"),
    ],
)
def test_an_answer_decides_where_the_post_goes(stage: Stage, answer, state, said):
    number = stage.add()
    network = stage.network(answer)
    process = stage.process()

    sent = process.send()

    assert sent is not None
    assert (sent.state, stage.state(number)) == (state, state)
    assert said in stage.reason(number)
    assert [entry.body["state"] for entry in stage.entries(number) if entry.event == "outcome"] == [state]
    # Whatever it was: what is left to do now is nothing.
    assert process.send() is None
    assert process.sender.send_due() == []
    assert len(network.requests) == 1
    assert stage.log_problems() == []


def test_a_connection_that_was_never_made_lets_the_account_wait_longer_each_time(stage: Stage):
    number = stage.add(grace=timedelta(days=1))
    network = stage.network(*[NotSentError("no route")] * 30)
    process = stage.process()

    waits = []
    for _ in range(25):
        process.send()
        until = stage.waits_until()
        assert until is not None
        waits.append(until - stage.clock.now())
        stage.clock.advance(waits[-1])

    assert waits[:3] == [BACK_OFF, 2 * BACK_OFF, 3 * BACK_OFF]
    assert max(waits) == waits[-1] == BACK_OFF_MAX
    assert len({request.key for request in network.requests}) == 25
    assert stage.post(number).attempts == 25


def test_a_later_moment_that_the_network_names_is_kept(stage: Stage):
    number = stage.add(grace=timedelta(days=1))
    stage.add(due_at=NOW - timedelta(minutes=1), account=SECOND_ACCOUNT.name)
    stage.network(NotNowError("wait", until=FAR_OFF))
    process = stage.process()
    process.sender.send_due()

    stage.clock.advance(FAR_OFF - NOW - timedelta(microseconds=1))
    early = process.sender.send_due()
    stage.clock.advance(timedelta(microseconds=1))
    late = process.sender.send_due()

    assert early == []
    assert [(sent.post.id, sent.state) for sent in late] == [(number, State.SENT)]


def test_an_account_that_waits_holds_up_no_other(stage: Stage):
    stage.add()
    other = stage.add(account=SECOND_ACCOUNT.name)
    stage.network(NotNowError("wait", until=FAR_OFF))

    stage.process().sender.send_due()

    assert stage.state(other) is State.SENT


@pytest.mark.parametrize(
    ("until", "waits"),
    [
        pytest.param(None, PATIENCE, id="none"),
        pytest.param(NOW, BACK_OFF, id="now"),
        pytest.param(NOW - timedelta(days=1), BACK_OFF, id="past"),
        pytest.param(NOW + timedelta(seconds=1), BACK_OFF, id="at-once"),
        pytest.param(NOW + timedelta(days=4000), timedelta(days=1), id="absurd"),
    ],
)
def test_a_moment_that_is_no_use_is_replaced(stage: Stage, until, waits):
    # A moment that has passed would be asked for again at once, and again; an absurd one silences for ever.
    stage.add()
    network = stage.network(NotNowError("wait", until=until))
    process = stage.process()

    process.sender.drain(ACCOUNT.name)

    assert stage.waits_until() == NOW + waits
    assert len(network.requests) == 1


def test_an_account_that_is_refused_is_paused_until_a_person_resumes_it(stage: Stage):
    stage.add()
    waiting = stage.add(due_at=NOW + timedelta(minutes=1))
    other = stage.add(account=SECOND_ACCOUNT.name, due_at=NOW + timedelta(minutes=1))
    network = stage.network(AccountError("the token was revoked"))
    process = stage.process()
    process.sender.send_due()

    stage.pass_time(minutes=2)
    process.sender.send_due()
    while_paused = stage.states()
    stage.resume(account=ACCOUNT.name)
    process.sender.send_due()

    assert while_paused[waiting] is State.READY
    assert while_paused[other] is State.SENT
    assert stage.state(waiting) is State.SENT
    assert len(network.requests) == 2
    assert "the token was revoked" in [
        entry.body["reason"] for entry in stage.entries() if entry.event == "paused"
    ]


def test_a_post_with_an_unknown_outcome_is_looked_for_after_the_settle_time(stage: Stage):
    number = stage.add()
    network = stage.network(UnconfirmedError("silence"))
    process = stage.process()
    process.send()

    stage.clock.advance(SETTLE - timedelta(seconds=1))
    process.sweep()
    early = len(network.looks)
    stage.pass_time(seconds=1)
    process.sweep()

    assert early == 0
    assert len(network.looks) == 1
    assert stage.state(number) is State.UNCONFIRMED


def test_an_account_with_an_unknown_outcome_goes_on_with_its_other_posts(stage: Stage):
    stage.add()
    other = stage.add(due_at=NOW + timedelta(minutes=1))
    stage.network(UnconfirmedError("silence"))
    process = stage.process()
    process.sender.send_due()

    stage.pass_time(minutes=1)
    process.sender.send_due()

    assert stage.state(other) is State.SENT


def test_what_a_network_says_is_kept_on_one_line_whatever_it_holds(stage: Stage):
    # PostgreSQL takes no NUL, no database a lone surrogate: an outcome must be written down all the same.
    number = stage.add()
    stage.network(RejectedError("bad\0 thing\ud800\nhappened" + "!" * 5000))

    stage.process().send()

    assert stage.state(number) is State.REJECTED
    assert stage.reason(number).startswith("bad thing happened!")
    assert len(stage.reason(number)) <= 500
    assert stage.log_problems() == []
