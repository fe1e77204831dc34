"""A month never costs more than its ceiling, and nothing is counted twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.core.errors import (
    AccountError,
    NotAllowedError,
    NotNowError,
    NotSentError,
    RejectedError,
    UnconfirmedError,
)
from bot.core.post import Mode, State
from bot.pipeline.money import Budget, usd
from bot.pipeline.operate import Operator
from bot.pipeline.send import Sender
from bot.store import spending
from bot.store.tables import attempts
from lying_network import Crash
from posting import ACCOUNT, NOW, SECOND_ACCOUNT, receipt
from stage import Process, Stage

CENT = 10_000


def _price(network: str, text: str, has_picture: bool) -> int:
    return 20 * CENT if "link" in text else 5 * CENT


def _process(stage: Stage, *, ceiling: int | None) -> Process:
    process = stage.process()
    process.sender = Sender(
        stage.db,
        stage.clock,
        stage.outlets,
        worker=process.incarnation.id,
        pause_file=stage.pause_file,
        budget=Budget(prices=_price, ceiling=ceiling),
    )
    process.sweeper._sender = process.sender
    return process


def _spent(stage: Stage, month: str = "2026-03") -> int:
    with stage.db.read() as tx:
        return spending.month_total(tx, month=month)


def _reserved(stage: Stage) -> int:
    """What the attempts say, which must be the same."""
    with stage.db.read() as tx:
        return int(tx.execute(select(func.coalesce(func.sum(attempts.c.cost_usd_micros), 0))).scalar_one())


def test_a_post_above_the_ceiling_is_held_with_its_figures(stage: Stage):
    process = _process(stage, ceiling=22 * CENT)
    first, second = stage.add(), stage.add(due_at=NOW + timedelta(seconds=1), texts=("A link.",))

    stage.pass_time(seconds=1)
    process.sender.drain(ACCOUNT.name)

    assert (stage.state(first), stage.state(second)) == (State.SENT, State.HELD)
    assert stage.post(second).guard == "money"
    assert stage.reason(second) == (
        "money: this month's ceiling of $0.22 is reached: $0.05 spent, this post costs $0.20"
    )
    assert (_spent(stage), _reserved(stage)) == (5 * CENT, 5 * CENT)


def test_the_last_cent_may_be_spent(stage: Stage):
    process = _process(stage, ceiling=5 * CENT)
    number = stage.add()

    process.send()

    assert stage.state(number) is State.SENT


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        pytest.param(receipt(), True, id="sent"),
        pytest.param(UnconfirmedError("no answer"), True, id="not known"),
        pytest.param(Crash(), True, id="killed at the request"),
        pytest.param(NotSentError("no route"), False, id="not sent"),
        pytest.param(NotNowError("too many", until=None), False, id="not now"),
        pytest.param(RejectedError("no"), False, id="refused"),
        pytest.param(AccountError("who?"), False, id="account refused"),
    ],
)
def test_what_is_certainly_not_public_costs_nothing(stage: Stage, answer, kept: bool):
    process = _process(stage, ceiling=None)
    stage.add()
    stage.network(answer)

    try:
        process.send()
    except Crash:
        process.die()

    assert _spent(stage) == _reserved(stage) == (5 * CENT if kept else 0)


@pytest.mark.parametrize(
    ("means", "kept"),
    [pytest.param(State.READY, False, id="ready"), pytest.param(State.UNKNOWN, True, id="unknown")],
)
def test_a_look_that_shows_it_absent_gives_back_only_what_is_certain(stage: Stage, means: State, kept: bool):
    network = stage.network(UnconfirmedError("no answer"))
    network.recovery = replace(network.recovery, absent_means=means)
    process = _process(stage, ceiling=None)
    number = stage.add()
    process.send()

    for _ in range(3):
        stage.pass_time(minutes=4)
        process.sweep()

    assert stage.attempt(number) is not None
    assert _spent(stage) == _reserved(stage) == (5 * CENT if kept else 0)


def test_a_thread_is_weighed_whole_before_its_first_part(stage: Stage):
    process = _process(stage, ceiling=14 * CENT)
    number = stage.add(texts=("One.", "Two.", "Three."))

    process.sender.drain(ACCOUNT.name)

    assert stage.network().requests == []
    assert "this post costs $0.15" in stage.reason(number)


def test_a_dry_run_costs_nothing(stage: Stage):
    stage.outlets.mode = "dry-run"
    process = _process(stage, ceiling=0)
    number = stage.add()

    process.send()

    assert stage.state(number) is State.SENT
    assert _spent(stage) == 0


def test_a_ceiling_of_nothing_spends_nothing(stage: Stage):
    process = _process(stage, ceiling=0)
    number = stage.add()

    process.send()

    assert stage.state(number) is State.HELD
    assert stage.network().requests == []


def test_a_new_month_has_its_own_ceiling(stage: Stage):
    process = _process(stage, ceiling=5 * CENT)
    stage.add()
    process.send()
    stage.clock.advance(datetime(2026, 4, 1, tzinfo=UTC) - stage.clock.now())

    number = stage.add()
    process.send()

    assert stage.state(number) is State.SENT
    assert (_spent(stage), _spent(stage, "2026-04")) == (5 * CENT, 5 * CENT)


def test_many_workers_never_go_above_the_ceiling(stage: Stage):
    for second in range(6):
        for account in (ACCOUNT, SECOND_ACCOUNT):
            stage.add(account=account.name, due_at=NOW + timedelta(seconds=second))
    stage.pass_time(minutes=1)
    senders = [_process(stage, ceiling=22 * CENT).sender for _ in range(3)]

    threads = [
        Thread(target=sender.drain, args=(account.name,))
        for sender in senders
        for account in (ACCOUNT, SECOND_ACCOUNT)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    requests = sum(len(stage.network(account=one.name).requests) for one in (ACCOUNT, SECOND_ACCOUNT))
    assert requests == 4
    assert _spent(stage) == _reserved(stage) == 20 * CENT


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["ok", "lost", "crash", "no route", "no"]), max_size=12))
def test_whatever_networks_and_crashes_do_the_ceiling_holds(stage: Stage, faults: list[str]):
    answers = {
        "lost": UnconfirmedError("no answer"),
        "crash": Crash(),
        "no route": NotSentError("no route"),
        "no": RejectedError("no"),
    }
    with stage.db.write() as tx:
        tx.exec_driver_sql("DELETE FROM spending")
    before = _reserved(stage)
    process = _process(stage, ceiling=22 * CENT)
    for fault in faults:
        stage.pass_time(minutes=1)
        stage.add(due_at=stage.clock.now())
        stage.network(*([answers[fault]] if fault in answers else []))
        try:
            process.sender.drain(ACCOUNT.name)
        except Crash:
            process.die()
            process = _process(stage, ceiling=22 * CENT)
        stage.pass_time(minutes=30)
        process.sweep()
        assert _spent(stage) <= 22 * CENT
        assert _spent(stage) == _reserved(stage) - before


def _operator(stage: Stage, *, ceiling: int) -> Operator:
    return Operator(
        stage.db,
        stage.clock,
        who="Huda",
        renderer=stage.renderer,
        prices=_price,
        mode=Mode.LIVE,
        budget=Budget(prices=_price, ceiling=ceiling),
    )


def test_money_cannot_be_overruled_but_the_ceiling_raised(stage: Stage):
    number = stage.add()
    _process(stage, ceiling=CENT).send()

    with pytest.raises(NotAllowedError) as refused:
        _operator(stage, ceiling=CENT).release(number)
    _operator(stage, ceiling=5 * CENT).release(number)
    _process(stage, ceiling=5 * CENT).send()

    assert str(refused.value) == (
        "post 1 stays held; nobody can overrule money: this month's ceiling of $0.01 is reached: "
        "$0.00 spent, this post costs $0.05 — raise BOT_X_MONTHLY_BUDGET_USD, or move it to another month"
    )
    assert stage.state(number) is State.SENT


@pytest.mark.parametrize(
    ("micros", "written"),
    [
        (25_000_000, "$25.00"),
        (15_000, "$0.015"),
        (200_000, "$0.20"),
        (0, "$0.00"),
        (1_234_500_000, "$1,234.50"),
    ],
)
def test_dollars_are_written_as_people_do(micros: int, written: str):
    assert usd(micros) == written
