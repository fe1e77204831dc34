"""A post of several parts: each answers the one before, and it goes on after the last that has a receipt."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.errors import NotAllowedError, NotSentError, RejectedError, UnconfirmedError
from bot.core.post import State
from posting import ACCOUNT, NOW, fact, receipt
from stage import Stage

SETTLE = timedelta(seconds=180)
TEXTS = ("One.", "Two.", "Three.")


def _asked(stage: Stage) -> list[tuple[str, str | None]]:
    return [(request.text, request.reply_to) for request in stage.network().requests]


def test_each_part_answers_the_one_before(stage: Stage):
    number = stage.add(texts=TEXTS)
    stage.network(receipt("11"), receipt("12"), receipt("13"))

    sent = stage.process().sender.drain(ACCOUNT.name)

    assert _asked(stage) == [("One.", None), ("Two.", "11"), ("Three.", "12")]
    assert [one.state for one in sent] == [State.READY, State.READY, State.SENT]
    assert (stage.state(number), stage.remote_ids(number)) == (State.SENT, ["11", "12", "13"])
    assert len({request.key for request in stage.network().requests}) == 3
    assert stage.log_problems() == []


def test_a_thread_that_broke_goes_on_after_the_last_part_that_has_a_receipt(stage: Stage):
    number = stage.add(texts=TEXTS)
    stage.network(receipt("11"), NotSentError("no route"), receipt("12"), receipt("13"))
    process = stage.process()

    process.sender.send_due()
    stage.pass_time(minutes=2)
    process.sender.send_due()

    assert _asked(stage) == [("One.", None), ("Two.", "11"), ("Two.", "11"), ("Three.", "12")]
    assert stage.state(number) is State.SENT


def test_a_part_that_is_found_on_the_network_lets_the_next_one_follow(stage: Stage):
    number = stage.add(texts=TEXTS, grace=timedelta(hours=1))
    network = stage.network(receipt("11"), UnconfirmedError("silence"))
    network.found.append(receipt("12"))
    process = stage.process()
    process.sender.send_due()

    stage.clock.advance(SETTLE)
    process.sweep()
    network.then(receipt("13"))
    process.sender.send_due()

    assert _asked(stage) == [("One.", None), ("Two.", "11"), ("Three.", "12")]
    assert (stage.state(number), stage.remote_ids(number)) == (State.SENT, ["11", "12", "13"])
    assert stage.log_problems() == []


def test_a_part_that_is_refused_ends_the_thread(stage: Stage):
    number = stage.add(texts=TEXTS)
    stage.network(receipt("11"), RejectedError("too long"))

    stage.process().sender.drain(ACCOUNT.name)

    assert stage.state(number) is State.REJECTED
    assert _asked(stage) == [("One.", None), ("Two.", "11")]


def test_a_pause_between_two_parts_holds_the_second(stage: Stage):
    number = stage.add(texts=TEXTS)
    process = stage.process()
    process.send()

    stage.pause()
    process.sender.drain(ACCOUNT.name)
    while_paused = _asked(stage)
    stage.resume()
    process.sender.drain(ACCOUNT.name)

    assert while_paused == [("One.", None)]
    assert stage.state(number) is State.SENT


def test_an_item_that_changes_between_two_parts_holds_the_rest(stage: Stage):
    number = stage.add(texts=TEXTS)
    process = stage.process()
    process.send()

    stage.take_in(items=[fact(text="Other words.")])
    process.sender.drain(ACCOUNT.name)

    assert stage.state(number) is State.HELD
    assert _asked(stage) == [("One.", None)]


def test_a_post_of_which_a_part_is_public_gets_another_moment_but_keeps_its_parts(stage: Stage):
    # Rendered anew, its first part would leave a second time.
    number = stage.add(texts=TEXTS, grace=timedelta(minutes=1))
    process = stage.process()
    process.send()
    stage.pass_time(minutes=2)
    process.sweep()
    missed = stage.state(number)

    stage.operator().move(number, to=NOW + timedelta(hours=1))
    stage.pass_time(hours=1)
    process.sender.drain(ACCOUNT.name)

    assert missed is State.MISSED
    assert stage.state(number) is State.SENT
    assert [text for text, _ in _asked(stage)] == list(TEXTS)
    assert stage.log_problems() == []


def test_the_word_of_a_person_on_one_part_lets_the_next_one_follow(stage: Stage):
    number = stage.add(texts=TEXTS, grace=timedelta(hours=1))
    stage.network(receipt("11"), UnconfirmedError("silence"))
    process = stage.process()
    process.sender.send_due()
    for _ in range(2):
        stage.clock.advance(SETTLE)
        process.sweep()
    unknown = stage.state(number)

    stage.resolver().live(number, url="https://x.com/invented/status/12")
    process.sender.drain(ACCOUNT.name)

    assert unknown is State.UNKNOWN
    assert _asked(stage)[2:] == [("Three.", "12")]
    assert stage.state(number) is State.SENT


def test_a_part_that_a_person_says_is_not_there_is_sent_again_alone(stage: Stage):
    number = stage.add(texts=TEXTS, grace=timedelta(hours=1))
    stage.network(receipt("11"), UnconfirmedError("silence"), receipt("12"), receipt("13"))
    process = stage.process()
    process.sender.send_due()
    for _ in range(2):
        stage.clock.advance(SETTLE)
        process.sweep()

    stage.resolver().send_again(number)
    process.sender.drain(ACCOUNT.name)

    assert _asked(stage) == [("One.", None), ("Two.", "11"), ("Two.", "11"), ("Three.", "12")]
    assert stage.state(number) is State.SENT


def test_the_rest_of_a_thread_may_be_cancelled_and_the_reason_says_what_is_public(stage: Stage):
    number = stage.add(texts=TEXTS)
    process = stage.process()
    process.send()

    stage.operator().cancel(number, reason="enough")

    assert stage.state(number) is State.CANCELLED
    assert stage.remote_ids(number)[0] is not None
    with pytest.raises(NotAllowedError):
        stage.operator().release(number)
