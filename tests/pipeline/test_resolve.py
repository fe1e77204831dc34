"""A person's word on an unknown post."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.errors import NotAllowedError, UnconfirmedError
from bot.core.post import State
from posting import NOW, force_state, receipt
from stage import Process, Stage

LINK = "https://x.com/invented/status/77"


def _unknown(stage: Stage, **changes: object) -> tuple[int, Process]:
    """A post that was sent, and of which nobody can tell whether it is there."""
    number = stage.add(**changes)
    stage.network(UnconfirmedError("silence"))
    process = stage.process()
    process.send()
    for _ in range(2):
        stage.pass_time(minutes=3)
        process.sweep()
    assert stage.state(number) is State.UNKNOWN
    return number, process


def test_it_is_there_makes_it_sent_with_the_link_the_person_saw(stage: Stage):
    number, process = _unknown(stage)

    post = stage.resolver().live(number, url=LINK)
    process.sender.send_due()

    assert post.state is State.SENT
    assert stage.remote_ids(number) == ["77"]
    assert len(stage.network().requests) == 1
    outcome = stage.entries(number)[-1]
    assert (outcome.body["state"], outcome.body["url"]) == (State.SENT, LINK)
    assert "A Person" in str(outcome.body["reason"])
    assert stage.log_problems() == []


@pytest.mark.parametrize(
    "link",
    [
        "",
        "77",
        "http://x.com/invented/status/77",
        "https://x.com",
        "https://x.com/invented",
        "https://x.com/invented/status/",
        "https://x.com/invented/status/٧٧",
        "https://example.org/invented/status/77",
        "https://x.com.example.org/invented/status/77",
        "https://[x.com/invented/status/77",
    ],
)
def test_what_is_no_link_to_a_post_on_its_network_is_refused(stage: Stage, link):
    number, _ = _unknown(stage)

    with pytest.raises(NotAllowedError, match="leads to no post on x"):
        stage.resolver().live(number, url=link)

    assert stage.state(number) is State.UNKNOWN


@pytest.mark.parametrize(
    "link",
    [
        "https://x.com/i/web/status/77",
        "https://mobile.twitter.com/invented/status/77",
        "https://x.com/invented/status/77/photo/1",
        "https://x.com/invented/status/77?s=20",
    ],
)
def test_every_form_of_a_link_gives_the_same_id(stage: Stage, link):
    number, _ = _unknown(stage)

    stage.resolver().live(number, url=link)

    assert stage.remote_ids(number) == ["77"]


def test_the_link_of_another_post_is_refused(stage: Stage):
    number, process = _unknown(stage)
    other = stage.add(texts=("Other words.",))
    stage.network(receipt("77"))
    process.send()

    with pytest.raises(NotAllowedError, match=f"is post {other}"):
        stage.resolver().live(number, url=LINK)

    assert (stage.state(number), stage.state(other)) == (State.UNKNOWN, State.SENT)


def test_send_again_sends_it_once_more_under_a_new_key(stage: Stage):
    number, process = _unknown(stage)

    post = stage.resolver().send_again(number)
    process.sender.send_due()
    process.sender.send_due()

    assert (post.state, stage.state(number)) == (State.READY, State.SENT)
    requests = stage.network().requests
    assert len(requests) == 2
    assert requests[0].key != requests[1].key
    assert requests[0].text == requests[1].text
    assert stage.log_problems() == []


def test_send_again_leaves_now_however_long_ago_its_moment_was(stage: Stage):
    number, process = _unknown(stage)
    stage.pass_time(days=1)

    stage.resolver().send_again(number)
    process.sender.send_due()

    assert stage.state(number) is State.SENT


def test_send_again_needs_a_new_approval_where_one_is_asked_for(stage: Stage):
    number = stage.add(state=State.HELD, approval_needed=True)
    stage.operator("An Approver").approve(number)
    stage.network(UnconfirmedError("silence"))
    process = stage.process()
    process.send()
    for _ in range(2):
        stage.pass_time(minutes=3)
        process.sweep()

    post = stage.resolver().send_again(number)
    process.sender.send_due()
    before = len(stage.network().requests)
    stage.operator("An Approver").approve(number)
    process.sender.send_due()

    assert post.state is State.HELD
    assert (before, len(stage.network().requests)) == (1, 2)
    assert stage.state(number) is State.SENT


def test_a_pause_holds_what_is_sent_again(stage: Stage):
    number, process = _unknown(stage)
    stage.pause()

    stage.resolver().send_again(number)
    process.sender.send_due()

    assert stage.state(number) is State.READY
    assert len(stage.network().requests) == 1


def test_left_as_it_is_nothing_more_is_done(stage: Stage):
    number, process = _unknown(stage)

    stage.resolver().leave(number)
    process.sweep()
    process.sender.send_due()

    assert stage.state(number) is State.CANCELLED
    assert len(stage.network().requests) == 1
    assert stage.log_problems() == []


@pytest.mark.parametrize("state", [state for state in State if state is not State.UNKNOWN])
def test_only_an_unknown_post_takes_a_persons_word(stage: Stage, state):
    number, _ = _unknown(stage)
    with stage.db.write() as tx:
        force_state(tx, number, state)
    resolver = stage.resolver()

    for word in (
        lambda: resolver.live(number, url=LINK),
        lambda: resolver.send_again(number),
        lambda: resolver.leave(number),
    ):
        with pytest.raises(NotAllowedError, match="only an unknown post"):
            word()

    assert stage.state(number) is state


def test_a_post_that_was_found_meanwhile_takes_no_word_any_more(stage: Stage):
    number, _ = _unknown(stage)
    stage.resolver("One Person").live(number, url=LINK)

    with pytest.raises(NotAllowedError):
        stage.resolver("Another Person").send_again(number)

    assert stage.post(number).due_at == NOW
    assert stage.clock.now() > NOW + timedelta(minutes=5)


# -- a worker that is lost with its machine ------------------------------------------------------


def _lost_while_sending(stage: Stage) -> int:
    """A post in the hands of a process of another machine, which says nothing any more."""

    def vanish(_: object) -> None:
        raise KeyboardInterrupt

    number = stage.add()
    stage.network(vanish)
    process = stage.process()
    with pytest.raises(KeyboardInterrupt):
        process.send()
    return number


def test_a_post_of_a_lost_worker_takes_a_persons_word_after_ten_minutes(stage: Stage):
    number = _lost_while_sending(stage)
    stage.pass_time(minutes=11)

    post = stage.resolver().live(number, url=LINK)

    assert post.state is State.SENT
    assert [entry.body.get("after") for entry in stage.entries(number) if entry.event == "moved"] == [
        State.UNCONFIRMED,
        State.UNKNOWN,
        State.SENT,
    ]
    assert stage.log_problems() == []


def test_a_post_of_a_worker_that_was_just_seen_takes_no_word(stage: Stage):
    number = _lost_while_sending(stage)
    stage.pass_time(minutes=9)

    with pytest.raises(NotAllowedError, match="is sending"):
        stage.resolver().leave(number)

    assert stage.state(number) is State.SENDING


def test_the_log_holds_after_a_lost_workers_post_was_left(stage: Stage):
    number = _lost_while_sending(stage)
    stage.pass_time(minutes=11)

    stage.resolver().leave(number)

    assert stage.state(number) is State.CANCELLED
    assert stage.log_problems() == []
