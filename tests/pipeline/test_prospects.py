"""How each account stands: what holds it, what its pace allows, what waits for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.core.campaign import Account, Pace, QuietHours
from bot.core.errors import NotFoundError
from bot.core.post import Mode, State
from bot.pipeline.prospects import Prospect, Prospects
from bot.store import spending
from posting import ACCOUNT, CAMPAIGN, NOW, SECOND_ACCOUNT, force_state, write
from stage import Stage


def _live(account: Account) -> Mode:
    return Mode.DRY_RUN if account.dry_run else Mode.LIVE


def _prospect(stage: Stage, name: str = ACCOUNT.name) -> Prospect:
    found = Prospects(stage.db, stage.clock, mode_of=_live).all()
    return next(one for one in found if one.account.name == name)


def _take_in(stage: Stage, pace: Pace) -> None:
    accounts = (replace(ACCOUNT, pace=pace), SECOND_ACCOUNT)
    stage.take_in(replace(CAMPAIGN, accounts=accounts))


def test_every_account_stands_there_in_the_order_of_the_files(stage: Stage):
    found = Prospects(stage.db, stage.clock, mode_of=_live).all()

    assert [one.account.name for one in found] == [ACCOUNT.name, SECOND_ACCOUNT.name]
    assert [one.campaign for one in found] == [CAMPAIGN.key] * 2


def test_the_post_that_leaves_next_is_the_accounts_own(stage: Stage):
    stage.add(due_at=NOW + timedelta(hours=1), account=SECOND_ACCOUNT.name)
    later = stage.add(due_at=NOW + timedelta(hours=3))
    sooner = stage.add(due_at=NOW + timedelta(hours=2))

    found = _prospect(stage)

    assert found.next_post is not None
    assert found.next_post.id == sooner != later
    assert (found.ready, found.held, found.unknown) == (2, 0, 0)


def test_held_and_unknown_posts_count_for_their_account(stage: Stage):
    for number, state in enumerate((State.HELD, State.HELD, State.UNKNOWN)):
        post = stage.add(due_at=NOW + timedelta(hours=number + 1))
        write(stage.db, lambda tx, post=post, state=state: force_state(tx, post, state))

    found, other = _prospect(stage), _prospect(stage, SECOND_ACCOUNT.name)

    assert (found.ready, found.held, found.unknown) == (0, 2, 1)
    assert (other.ready, other.held, other.unknown) == (0, 0, 0)


def test_an_account_that_just_posted_waits_for_its_gap(stage: Stage):
    _take_in(stage, Pace(gap=timedelta(minutes=20)))
    stage.add()
    stage.process().send()
    stage.pass_time(minutes=5)

    found = _prospect(stage)

    assert found.wait is not None
    assert found.wait.until == NOW + timedelta(minutes=20)
    assert found.last_sent_at == NOW
    assert found.sent_this_month == 1


def test_an_account_without_limits_waits_for_nothing(stage: Stage):
    stage.add()
    stage.process().send()

    found = _prospect(stage)

    assert (found.wait, found.quiet_until, found.not_before) == (None, None, None)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        pytest.param((20, 0), (4, 0), id="before-midnight-until-the-next-morning"),
        pytest.param((23, 30), (4, 0), id="after-midnight-until-this-morning"),
        pytest.param((3, 59), (4, 0), id="the-last-minute"),
        pytest.param((4, 0), None, id="at-their-end-they-are-over"),
        pytest.param((19, 59), None, id="before-they-begin"),
    ],
)
def test_quiet_hours_end_at_their_wall_time(
    stage: Stage, now: tuple[int, int], until: tuple[int, int] | None
):
    # From 23:00 to 07:00 in Damascus, which is three hours ahead of UTC.
    _take_in(stage, Pace(quiet=QuietHours(start=time(23), end=time(7))))
    moment = datetime(2026, 3, 2, *now, tzinfo=UTC)
    stage.clock.advance(moment - stage.clock.now())

    found = _prospect(stage)

    if until is None:
        assert found.quiet_until is None
    else:
        assert found.quiet_until is not None
        assert (found.quiet_until.hour, found.quiet_until.minute) == until
        assert timedelta(0) < found.quiet_until - moment < timedelta(hours=9)


def test_a_pause_holds_the_accounts_that_it_names(stage: Stage):
    stage.pause(account=ACCOUNT.name)

    found, other = _prospect(stage), _prospect(stage, SECOND_ACCOUNT.name)

    assert found.is_stopped
    assert [pause.account for pause in found.own_pauses] == [ACCOUNT.name]
    assert not other.is_stopped


def test_a_pause_of_one_language_does_not_stop_the_account(stage: Stage):
    stage.pause(language="ar")

    found, other = _prospect(stage), _prospect(stage, SECOND_ACCOUNT.name)

    assert found.pauses
    assert not found.is_stopped
    assert not found.own_pauses
    # It speaks English only.
    assert not other.pauses


def test_what_an_account_spent_is_that_of_this_month(stage: Stage):
    last_month = NOW - timedelta(days=2)
    for moment, cost in ((last_month, 200_000), (NOW, 15_000)):
        write(
            stage.db,
            lambda tx, moment=moment, cost=cost: spending.reserve(
                tx, account=ACCOUNT.name, cost_usd_micros=cost, now=moment
            ),
        )

    assert _prospect(stage).spent_this_month == 15_000


def test_an_unknown_account_is_named(stage: Stage):
    with pytest.raises(NotFoundError, match="nobody"):
        Prospects(stage.db, stage.clock, mode_of=_live).known("nobody")
