"""What operators are told: each cause once, late rather than never, and never in the way of sending."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from bot.alerting.delivery import Deliverer
from bot.core.errors import AccountError, RejectedError, UnconfirmedError
from bot.core.post import State
from bot.pipeline.alert import BACK_OFF, LEASE, Alerter, AlertThread, Told
from bot.pipeline.causes import beginning
from bot.store import alerts
from bot.store.alerts import Cause, NewCause
from bot.store.tables import alerts as alerts_table
from bot.store.tables import spending, workers
from posting import ACCOUNT, NOW, force_state, write
from receiver import Receiver, receiving
from stage import Stage


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def alerter(stage: Stage, receiver: Receiver) -> Callable[..., Alerter]:
    """Makes the voice of one process. The day's anchor is told already, so that tests see the rest."""

    def make(*paths: str, budget: int | None = None, urls: tuple[str, ...] | None = None) -> Alerter:
        addresses = tuple(receiver.url(path) for path in paths or ("/operators",)) if urls is None else urls
        return Alerter(
            stage.db,
            stage.clock,
            deliverer=Deliverer(addresses),
            language="en",
            pause_file=stage.pause_file,
            budget_usd_micros=budget,
        )

    return make


def _unknown(stage: Stage, **changes: object) -> int:
    post_id = stage.add(**changes)
    reason = "2 whole reads of x do not show it"
    write(
        stage.db,
        lambda tx: force_state(tx, post_id, State.UNKNOWN, reason=reason, changed_at=stage.clock.now()),
    )
    return post_id


def _really_unknown(stage: Stage) -> int:
    """One whose request left, so that a person can say what became of it."""
    post_id = stage.add()
    stage.network(UnconfirmedError("an invented silence"))
    stage.process().send()
    write(stage.db, lambda tx: force_state(tx, post_id, State.UNKNOWN, changed_at=stage.clock.now()))
    return post_id


def _causes(stage: Stage) -> dict[str, Cause]:
    with stage.db.read() as tx:
        return {cause.cause: cause for cause in alerts.newest(tx, limit=1000)}


def _open(stage: Stage) -> list[str]:
    return sorted(key for key, cause in _causes(stage).items() if cause.ended_at is None)


# -- causes ----------------------------------------------------------------------------------------


def test_an_unknown_post_is_told_once_with_all_that_is_known(stage: Stage, alerter, receiver):
    post_id = _unknown(stage, texts=("Invented words.\nA second line that is nobody's business.",))
    voice = alerter()

    voice.step()
    voice.step()

    (received,) = receiver.received
    assert received.title == f"Post {post_id} is unknown"
    for words in (
        "invented_x on X, invented-campaign, due 1 March 2026, 12:00 (Asia/Damascus)",
        "“Invented words.”",
        "2 whole reads of x do not show it",
        f"campaign-bot resolve {post_id} --live URL",
    ):
        assert words in received.body
    assert "second line" not in received.body
    assert "fail" not in received.body


def test_a_word_that_says_failed_does_not_reach_an_unknown_post(stage: Stage, alerter, receiver):
    post_id = stage.add()
    reason = "the publisher failed in a way nobody foresaw"
    write(stage.db, lambda tx: force_state(tx, post_id, State.UNKNOWN, reason=reason))

    alerter().step()

    assert "fail" not in receiver.received[0].body
    assert "the publisher broke off in a way nobody foresaw" in receiver.received[0].body


def test_a_post_that_is_unknown_again_is_told_again(stage: Stage, alerter, receiver):
    post_id = _really_unknown(stage)
    voice = alerter()
    voice.step()
    stage.pass_time(minutes=1)
    stage.resolver().send_again(post_id)
    voice.step()
    was_open = _open(stage)
    write(stage.db, lambda tx: force_state(tx, post_id, State.UNKNOWN, changed_at=stage.clock.now()))

    voice.step()

    assert was_open == []
    assert _open(stage) == [f"unknown:{post_id}"]
    assert [f"Post {post_id} may be public" in one.body for one in receiver.received] == [True, True]


def test_what_a_network_rejects_is_told_and_leaves_nothing_open(stage: Stage, alerter, receiver):
    post_id = stage.add()
    stage.network(RejectedError("X says 400: the text is too long"))
    stage.process().send()

    alerter().step()

    assert f"Post {post_id} was rejected" in receiver.received[0].body
    assert "X says 400: the text is too long" in receiver.received[0].body
    assert _open(stage) == []


def test_an_account_that_the_bot_paused_is_told_until_a_person_resumes_it(stage: Stage, alerter, receiver):
    stage.add()
    stage.network(AccountError("X says 401: the keys are refused"))
    stage.process().send()
    voice = alerter()

    voice.step()
    (paused,) = _open(stage)
    stage.resume(account=ACCOUNT.name)
    voice.step()

    assert paused.startswith("pause:")
    assert "The bot itself paused account invented_x." in receiver.received[0].body
    assert f"campaign-bot resume --account {ACCOUNT.name}" in receiver.received[0].body
    assert _open(stage) == []


def test_a_pause_by_a_person_is_no_news(stage: Stage, alerter, receiver):
    stage.pause()

    alerter().step()

    assert [one for one in receiver.received if "paused" in one.body] == []


def test_a_missed_post_is_open_until_somebody_decides(stage: Stage, alerter, receiver):
    post_id = stage.add()
    stage.pass_time(hours=1)
    stage.process().sweep()
    voice = alerter()
    voice.step()
    was_open = _open(stage)

    stage.operator().cancel(post_id, reason="an invented reason")
    voice.step()

    assert was_open == [f"missed:{post_id}"]
    assert f"campaign-bot queue move {post_id} --to MOMENT" in receiver.received[0].body
    assert _open(stage) == []


def test_a_due_post_that_nobody_tries_is_told_after_five_minutes(stage: Stage, alerter, receiver):
    post_id = stage.add()
    voice = alerter()
    stage.pass_time(minutes=5)
    voice.step()
    early = _open(stage)

    stage.pass_time(minutes=1)
    voice.step()
    was_open = _open(stage)
    stage.process().send()
    voice.step()

    assert early == []
    assert was_open == [f"overdue:{post_id}"]
    assert f"Post {post_id} has been due for 6 minutes" in receiver.received[0].body
    assert _open(stage) == []


@pytest.mark.parametrize("held", ["pause", "file", "wait", "tried"])
def test_a_due_post_with_a_reason_to_wait_is_no_news(stage: Stage, alerter, held):
    post_id = stage.add()
    if held == "pause":
        stage.pause(account=ACCOUNT.name)
    elif held == "file":
        stage.pause_file.touch()
    elif held == "wait":
        from bot.store.claims import note_account

        until = NOW + timedelta(hours=1)
        write(stage.db, lambda tx: note_account(tx, ACCOUNT.name, not_before=until))
    else:
        stage.network(UnconfirmedError("an invented silence"))
        stage.process().send()
        write(stage.db, lambda tx: force_state(tx, post_id, State.READY))
    stage.pass_time(minutes=6)

    alerter().step()

    assert f"overdue:{post_id}" not in _open(stage)


def test_what_waited_until_a_moment_ago_is_no_news_yet(stage: Stage, alerter):
    post_id = stage.add()
    stage.pause(account=ACCOUNT.name)
    stage.pass_time(minutes=6)
    stage.resume(account=ACCOUNT.name)
    voice = alerter()
    voice.step()
    just_resumed = _open(stage)
    stage.pass_time(minutes=1)

    voice.step()

    assert just_resumed == []
    assert _open(stage) == [f"overdue:{post_id}"]


def test_a_silent_worker_is_told_with_what_it_held_until_it_is_back(stage: Stage, alerter, receiver):
    post_id = stage.add()
    gone = stage.process()
    write(
        stage.db,
        lambda tx: force_state(
            tx, post_id, State.SENDING, worker=gone.incarnation.id, grace_until=NOW + timedelta(days=1)
        ),
    )
    voice = alerter()
    stage.pass_time(minutes=4)

    voice.step()
    was_open = _open(stage)
    write(stage.db, lambda tx: tx.execute(update(workers).values(seen_at=stage.clock.now())))
    voice.step()

    assert was_open == [f"worker:{gone.incarnation.id}"]
    assert "has been silent for 4 minutes" in receiver.received[0].body
    assert f"It held post {post_id}." in receiver.received[0].body
    assert str(stage.data_dir) not in receiver.received[0].body
    assert _open(stage) == []


def test_a_worker_of_last_week_is_history(stage: Stage, alerter, receiver):
    stage.process()
    stage.pass_time(days=7)

    alerter().step()

    assert _open(stage) == []


def test_the_budget_is_told_at_80_and_at_100_percent_and_is_over_with_the_month(
    stage: Stage, alerter, receiver
):
    voice = alerter(budget=10_000_000)

    def spend(micros: int) -> None:
        write(stage.db, lambda tx: tx.execute(update(spending).values(cost_usd_micros=micros)))
        voice.step()

    write(
        stage.db,
        lambda tx: tx.execute(
            insert(spending).values(month="2026-03", account=ACCOUNT.name, cost_usd_micros=0)
        ),
    )
    spend(7_990_000)
    spend(8_000_000)
    at_80 = _open(stage)
    spend(10_000_000)
    at_100 = _open(stage)
    stage.pass_time(days=31)
    voice.step()

    assert at_80 == ["budget:2026-03:80"]
    assert at_100 == ["budget:2026-03:100", "budget:2026-03:80"]
    assert _open(stage) == []
    told = [one.body for one in receiver.received if "spent" in one.body]
    assert [body.partition(" have")[0] for body in told] == ["$8.00 of $10.00", "$10.00 of $10.00"]


def test_the_log_s_head_is_told_once_a_day(stage: Stage, alerter, receiver):
    stage.pause(account="invented_x")
    head = stage.entries()[-1]
    voice = alerter()

    for _ in range(3):
        voice.step()
    stage.pass_time(days=1)
    voice.step()

    anchors = [one for one in receiver.received if "send log ends" in one.body]
    assert len(anchors) == 2
    assert f"entry {head.seq}, digest {head.digest}" in anchors[0].body


def test_what_happened_long_ago_is_no_news_but_an_unknown_post_is(stage: Stage, alerter, receiver):
    old = [stage.add(account=name) for name in ("invented_x", "second_x")]
    for post_id, state in zip(old, (State.REJECTED, State.UNKNOWN), strict=True):
        write(stage.db, lambda tx, p=post_id, s=state: force_state(tx, p, s, changed_at=NOW))
    stage.pass_time(days=30)

    alerter().step()

    assert _open(stage) == [f"unknown:{old[1]}"]
    assert f"rejected:{old[0]}" not in _causes(stage)


# -- telling ---------------------------------------------------------------------------------------


def test_many_causes_come_in_one_message(stage: Stage, alerter, receiver):
    for number in range(30):
        _unknown(stage, due_at=NOW + timedelta(minutes=number))

    told = alerter().step()

    (received,) = receiver.received
    assert told.causes == 30
    assert received.title == "campaign-bot: 30 alerts"
    assert received.body.endswith("… and 21 more")


def test_a_restart_tells_nothing_again(stage: Stage, alerter, receiver):
    _unknown(stage)
    alerter().step()

    alerter().step()

    assert len(receiver.received) == 1


def test_an_address_that_refuses_is_tried_again_later_and_the_others_are_not(
    stage: Stage, alerter, receiver, caplog: pytest.LogCaptureFixture
):
    receiver.statuses["/broken-token"] = 503
    _unknown(stage)
    voice = alerter("/works", "/broken-token")
    voice.step()
    voice.step()
    at_once = len(receiver.at("/broken-token"))
    receiver.statuses.clear()
    stage.pass_time(seconds=BACK_OFF.total_seconds() + 1)

    voice.step()
    stage.pass_time(hours=1)
    voice.step()

    assert at_once == 1
    assert len(receiver.at("/works")) == 1
    assert len(receiver.at("/broken-token")) == 2
    lines = [record.getMessage() for record in caplog.records if record.name == "bot.pipeline.alert"]
    assert lines == ["alerts: address 2 (json): it answered with status 503; it is tried again"]
    assert "broken-token" not in caplog.text


def test_the_wait_grows_while_an_address_refuses(stage: Stage, alerter, receiver):
    receiver.statuses["/operators"] = 500
    _unknown(stage)
    voice = alerter()

    for _ in range(240):
        voice.step()
        stage.pass_time(seconds=15)

    # 30 s, 1, 2, 4, 8 min, then a quarter of an hour: within one hour.
    assert len(receiver.received) == 8


def test_who_dies_while_telling_is_followed_by_another_after_the_lease(stage: Stage, alerter, receiver):
    _unknown(stage)
    voice = alerter()
    voice.look()
    with stage.db.write() as tx:
        now = stage.clock.now()
        alerts.claim_untold(tx, now=now, lease_until=now + LEASE, limit=10)

    voice.step()
    during = len(receiver.received)
    stage.pass_time(seconds=LEASE.total_seconds() + 1)
    voice.step()

    assert (during, len(receiver.received)) == (0, 1)


def test_several_workers_tell_each_cause_once(stage: Stage, alerter, receiver):
    for number in range(20):
        _unknown(stage, due_at=NOW + timedelta(minutes=number))
    voices = [alerter() for _ in range(4)]
    told: list[Told] = []
    ready = threading.Barrier(4)

    def tell(voice: Alerter) -> None:
        ready.wait(10)
        told.append(voice.step())

    threads = [threading.Thread(target=tell, args=(voice,)) for voice in voices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sum(one.causes for one in told) == 20
    bodies = "\n".join(one.body for one in receiver.received)
    assert len(told) == 4
    assert bodies.count("Post 1 may be") == 1


@pytest.mark.parametrize("is_event", [False, True], ids=["lasts", "event"])
def test_what_two_workers_find_at_once_is_written_once(stage: Stage, is_event: bool):
    new = NewCause(cause="invented", kind="budget", detail="{}", began_at=NOW, is_event=is_event)
    write(stage.db, lambda tx: alerts.begin(tx, new, now=NOW))
    write(stage.db, lambda tx: tx.execute(update(alerts_table).values(told_at=NOW, try_at=None)))

    later = replace(new, began_at=NOW + timedelta(seconds=1))
    write(stage.db, lambda tx: alerts.begin(tx, later, now=later.began_at))

    assert _causes(stage)["invented"].told_at == NOW
    assert _causes(stage)["invented"].try_at is None


def test_what_is_over_before_it_was_told_is_told_no_more(stage: Stage, alerter, receiver):
    receiver.statuses["/operators"] = 500
    post_id = _really_unknown(stage)
    voice = alerter()
    voice.step()
    stage.resolver().leave(post_id)
    receiver.statuses.clear()
    stage.pass_time(minutes=5)

    voice.step()

    assert [f"Post {post_id} may be public" in one.body for one in receiver.received] == [True, False]


def test_without_an_address_causes_are_written_and_an_address_hears_of_them_later(
    stage: Stage, alerter, receiver
):
    post_id = _unknown(stage)
    stage.pause(account=ACCOUNT.name)
    alerter(urls=()).step()
    stage.pass_time(days=3)

    alerter().step()

    (received,) = receiver.received
    assert received.body.count("send log ends") == 1, "of three days ago nobody needs the anchor"
    assert f"Post {post_id} may be public" in received.body


def test_the_database_holds_nothing_of_an_address(stage: Stage, alerter, receiver):
    _unknown(stage)
    alerter("/canary-token", "/second-canary").step()

    with stage.db.read() as tx:
        rows = tx.execute(select(alerts_table)).all()

    assert rows
    assert "canary" not in repr(rows)
    assert rows[0].told_to == "1 2"


def test_sending_goes_on_while_an_address_hangs(stage: Stage, alerter, receiver):
    receiver.slow.add("/operators")
    _unknown(stage, account="second_x")
    thread = AlertThread(alerter().step)
    thread.start()
    thread.wake()
    assert receiver.arrived.wait(20)
    post_id = stage.add()

    sent = stage.process().send()

    assert sent is not None
    assert stage.state(post_id) is State.SENT
    receiver.released.set()
    thread.stop(patience=20)


def test_a_post_s_beginning_is_one_short_line():
    assert beginning("") == ""
    assert beginning("One line.\nAnother.") == "One line."
    long = beginning("word " * 40)
    assert len(long) <= 62
    assert long.endswith("word …")
