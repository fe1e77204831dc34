"""The kill switch: after a pause is committed, nothing leaves; resuming never back-fires."""

from __future__ import annotations

import random
import threading
from datetime import timedelta

import pytest

from bot.core.errors import NotFoundError, NotSentError, UnconfirmedError
from bot.core.post import Receipt, State
from bot.publishing.protocol import PublishRequest
from posting import ACCOUNT, CAMPAIGN, NOW, SECOND_ACCOUNT, receipt
from stage import Process, Stage

#: What a person may name, and whether it holds the invented post in English on the first account.
NAMED = [
    pytest.param({}, True, id="everything"),
    pytest.param({"campaign": CAMPAIGN.key}, True, id="its-campaign"),
    pytest.param({"account": ACCOUNT.name}, True, id="its-account"),
    pytest.param({"language": "en"}, True, id="its-language"),
    pytest.param({"account": SECOND_ACCOUNT.name}, False, id="another-account"),
    pytest.param({"language": "ar"}, False, id="another-language"),
]


@pytest.mark.parametrize(("named", "holds"), NAMED)
def test_what_is_paused_does_not_leave(stage: Stage, named, holds):
    number = stage.add()
    stage.pause(**named)

    stage.process().sender.send_due()

    assert stage.state(number) is (State.READY if holds else State.SENT)
    assert len(stage.network().requests) == (0 if holds else 1)


@pytest.mark.parametrize(("named", "holds"), NAMED)
def test_a_pause_between_claim_and_intent_puts_the_post_back(stage: Stage, named, holds):
    number = stage.add()
    sender = stage.process().sender
    outlet = stage.outlets.of(ACCOUNT.name)
    assert outlet is not None
    claimed = sender._claim(ACCOUNT.name)
    stage.pause(**named)

    stopped = sender._intend(claimed, outlet)

    if holds:
        assert (stage.state(number), stage.attempt(number)) == (State.READY, None)
        assert "an invented reason" in stage.reason(number)
        assert stopped.state is State.READY
    else:
        assert stage.state(number) is State.SENDING
    assert [entry.event for entry in stage.entries(number)] == (["moved"] if holds else ["intent"])


def test_a_pause_that_is_lifted_lets_the_post_go_within_its_grace(stage: Stage):
    number = stage.add()
    stage.pause()
    process = stage.process()
    process.sender.send_due()

    stage.pass_time(minutes=5)
    stage.resume()
    process.sender.send_due()

    assert stage.state(number) is State.SENT


def test_what_became_late_while_paused_is_missed_and_never_sent(stage: Stage):
    late = [stage.add(due_at=NOW + timedelta(minutes=n)) for n in range(3)]
    coming = stage.add(due_at=NOW + timedelta(hours=2))
    stage.pause()
    stage.pass_time(hours=1)
    process = stage.process()

    stage.resume()
    process.sender.send_due()
    process.sweep()

    assert [stage.state(number) for number in late] == [State.MISSED] * 3
    assert "paused" in stage.reason(late[0])
    assert stage.state(coming) is State.READY
    assert stage.network().requests == []


def test_lifting_one_pause_leaves_another_in_force(stage: Stage):
    number = stage.add()
    stage.pause(account=ACCOUNT.name)
    stage.pause(language="en")
    process = stage.process()

    stage.resume(account=ACCOUNT.name)
    process.sender.send_due()
    one_left = stage.state(number)
    stage.resume(language="en")
    process.sender.send_due()

    assert (one_left, stage.state(number)) == (State.READY, State.SENT)


def test_a_pause_says_which_request_had_already_left(stage: Stage):
    number = stage.add()
    answers = []

    def pause_meanwhile(request: PublishRequest) -> Receipt:
        operator = stage.operator()
        for named in ({"account": ACCOUNT.name}, {"account": SECOND_ACCOUNT.name}):
            paused = operator.pause(**{"campaign": None, "language": None, **named}, reason="invented")
            answers.append([post.id for post in paused.already_left])
        return receipt()

    stage.network(pause_meanwhile)
    stage.process().send()

    assert answers == [[number], []]
    assert stage.state(number) is State.SENT


@pytest.mark.parametrize(
    "named",
    [{"campaign": "no-campaign"}, {"account": "no_account"}, {"language": "xx"}],
    ids=["campaign", "account", "language"],
)
def test_a_pause_that_would_hold_nothing_is_refused_by_name(stage: Stage, named):
    stage.add()

    with pytest.raises(NotFoundError, match=next(iter(named.values()))):
        stage.pause(**named)


def test_the_pause_file_stops_everything_without_the_database(stage: Stage):
    number = stage.add()
    stage.pause_file.touch()
    process = stage.process()
    process.sender.send_due()
    while_there = (stage.state(number), stage.post(number).epoch)

    stage.pause_file.unlink()
    process.sender.send_due()

    assert while_there == (State.READY, 0)
    assert stage.state(number) is State.SENT


def _as_folder(stage: Stage) -> None:
    stage.pause_file.mkdir()


def _as_broken_link(stage: Stage) -> None:
    stage.pause_file.symlink_to("nowhere")


def _as_looping_link(stage: Stage) -> None:
    stage.pause_file.symlink_to(stage.pause_file)


@pytest.mark.parametrize("make", [_as_folder, _as_broken_link, _as_looping_link])
def test_anything_of_the_pause_files_name_stops(stage: Stage, make):
    stage.add()
    make(stage)

    assert stage.process().send() is None


def test_a_pause_file_that_cannot_be_read_stops(stage: Stage):
    number = stage.add()
    process = stage.process()
    not_a_folder = stage.data_dir / "not-a-folder"
    not_a_folder.touch()
    process.sender._pause_file = not_a_folder / "PAUSE"

    assert process.send() is None
    assert stage.state(number) is State.READY


def test_a_pause_file_in_a_folder_that_is_gone_stops(stage: Stage):
    stage.add()
    process = stage.process()
    process.sender._pause_file = stage.data_dir / "unmounted" / "PAUSE"

    assert process.send() is None


def test_a_pause_file_that_appears_before_the_first_byte_stops_it(stage: Stage):
    number = stage.add()
    sender = stage.process().sender
    outlet = stage.outlets.of(ACCOUNT.name)
    assert outlet is not None
    claimed = sender._claim(ACCOUNT.name)
    attempt, request = sender._intend(claimed, outlet)
    stage.pause_file.touch()

    sender._record(claimed, attempt, sender._request(outlet, attempt, request), outlet)

    assert stage.network().requests == []
    assert stage.state(number) is State.READY
    assert "PAUSE file" in stage.reason(number)


def test_a_pause_file_that_appears_while_the_connection_is_made_stops_it(stage: Stage):
    number = stage.add()
    asked = []

    def connect_slowly(request: PublishRequest) -> Receipt:
        asked.append(request.may_leave())
        stage.pause_file.touch()
        asked.append(request.may_leave())
        stage.pause_file.unlink()
        raise NotSentError("held back")

    stage.network(connect_slowly)
    stage.process().send()

    assert asked == [True, False]
    assert stage.state(number) is State.READY
    assert stage.reason(number) == "the PAUSE file appeared before the first byte: nothing was sent"


def test_the_last_look_never_hides_that_a_request_may_have_left(stage: Stage):
    number = stage.add()

    def ask_and_leave(request: PublishRequest) -> Receipt:
        stage.pause_file.touch()
        assert not request.may_leave()
        raise UnconfirmedError("silence")

    stage.network(ask_and_leave)
    stage.process().send()

    assert (stage.state(number), stage.reason(number)) == (State.UNCONFIRMED, "silence")


def _send_all(process: Process, account: str) -> None:
    process.sender.drain(account)


def test_no_intent_follows_a_pause_in_the_log_whenever_it_comes(stage: Stage):
    # Several hundred pauses at random moments, each against two processes that send as fast as they can.
    names = [ACCOUNT.name, SECOND_ACCOUNT.name]
    processes = [stage.process(), stage.process()]
    chance = random.Random(20260301)
    rounds = 25
    for number in range(rounds):
        moment = NOW - timedelta(seconds=rounds - number)
        stage.add_all(
            [
                stage.ready_post(account=name, due_at=moment - timedelta(milliseconds=n), texts=(f"{n}.",))
                for name in names
                for n in range(3)
            ]
        )
        sending = [
            threading.Thread(target=_send_all, args=(process, name))
            for process in processes
            for name in names
        ]
        for thread in sending:
            thread.start()
        for _ in range(7):
            threading.Event().wait(chance.random() * 0.005)
            stage.pause()
            stage.resume()
        stage.pause()
        for thread in sending:
            thread.join()
        stage.resume()
        for name in names:
            processes[0].sender.drain(name)

    paused = False
    wrong = []
    for entry in stage.entries():
        paused = {"paused": True, "resumed": False}.get(entry.event, paused)
        if entry.event == "intent" and paused:
            wrong.append(entry.seq)
    assert wrong == []
    assert set(stage.states().values()) == {State.SENT}
    sent = [request.text for name in names for request in stage.network(account=name).requests]
    assert len(sent) == rounds * 2 * 3
    assert stage.log_problems() == []
