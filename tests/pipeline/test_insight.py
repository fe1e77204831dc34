"""Figures of what left: each post counted once, on its own day, and never a dry run among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import insert, update

from bot.core.campaign import Kind
from bot.core.errors import NotFoundError, UnconfirmedError
from bot.core.post import Mode, State
from bot.pipeline.insight import LATENESS_BOUNDS, SHOWN, Figures, Insight
from bot.store.tables import attempts, posts
from posting import ACCOUNT, CAMPAIGN, NOW, SECOND_ACCOUNT, force_state, write
from stage import Stage

Left = Callable[..., int]


@pytest.fixture
def left(stage: Stage) -> Left:
    """Writes down that posts left, as a send does. Returns the post's number."""
    numbers = count(1)

    def write_down(
        *,
        at: datetime = NOW,
        late: timedelta = timedelta(0),
        texts: tuple[str, ...] = ("Invented words.",),
        **values: Any,
    ) -> int:
        number = next(numbers)
        post = stage.add(due_at=NOW + timedelta(days=400, minutes=number))
        row = {
            "post_id": post,
            "number": 1,
            "mode": Mode.LIVE.value,
            "worker": "w",
            "epoch": 1,
            "campaign": CAMPAIGN.key,
            "account": ACCOUNT.name,
            "network": "x",
            "language": "en",
            "kind": Kind.FACT.value,
            "item": "invented-fact",
            "due_at": at,
            "started_at": at + late,
            "not_after": at + late,
            "ended_at": at + late,
            "state": State.SENT.value,
            "cost_usd_micros": 0,
            **values,
        }
        with stage.db.write() as tx:
            for part, text in enumerate(texts, start=1):
                moment = at + late + timedelta(seconds=part - 1)
                more = {"part": part, "text": text, "key": f"{post}-{part}", "started_at": moment}
                tx.execute(insert(attempts).values(row | more))
        return post

    return write_down


def _figures(stage: Stage, *, days: int = 7, mode: Mode = Mode.LIVE, campaign: str | None = None) -> Figures:
    return Insight(stage.db, stage.clock).figures(days=days, campaign=campaign, mode=mode)


def test_what_was_really_sent_is_counted(stage: Stage):
    stage.add()
    process = stage.process()

    process.send()
    found = _figures(stage)

    assert (found.posts, found.facts, found.calls) == (1, 1, 0)
    assert [one.name for one in found.accounts] == [ACCOUNT.name]
    assert found.lateness is not None
    assert found.lateness.p99 == 0


def test_a_post_counts_on_the_day_of_its_campaigns_zone(stage: Stage, left: Left):
    left(at=datetime(2026, 2, 27, 22, 30, tzinfo=UTC))

    found = _figures(stage)

    # Damascus is three hours ahead: there it is half past one on the 28th.
    assert [day.day for day in found.by_day if day.posts] == [date(2026, 2, 28)]
    assert [hour for hour, posts in enumerate(found.by_hour) if posts] == [1]


def test_every_day_of_the_time_stands_there_the_empty_ones_too(stage: Stage):
    found = _figures(stage, days=30)

    assert len(found.by_day) == 30
    assert found.by_day[-1].day == date(2026, 3, 1)
    assert found.posts == 0
    assert found.lateness is None


def test_what_left_before_these_days_does_not_count(stage: Stage, left: Left):
    first = datetime(2026, 2, 22, 21, 0, tzinfo=UTC)
    left(at=first - timedelta(seconds=1))
    left(at=first)

    found = _figures(stage, days=7)

    assert found.posts == sum(found.by_hour) == 1
    assert [one.number for one in (*found.languages, *found.items, *found.hashtags)] == [1, 1]


def test_a_dry_run_is_never_among_what_left(stage: Stage, left: Left):
    left(at=NOW - timedelta(hours=2))
    left(at=NOW - timedelta(hours=3), mode=Mode.DRY_RUN.value, item="only-rehearsed")

    live, dry = _figures(stage), _figures(stage, mode=Mode.DRY_RUN)

    assert (live.posts, live.of_other_mode) == (1, 1)
    assert (dry.posts, dry.of_other_mode) == (1, 1)
    assert [one.name for one in live.items] == ["invented-fact"]
    assert [one.name for one in dry.items] == ["only-rehearsed"]


def test_a_thread_is_one_post_and_its_hashtag_counts_once(stage: Stage, left: Left):
    left(at=NOW - timedelta(hours=1), texts=("First #Invented", "Second #Invented #Other"))

    found = _figures(stage)

    assert found.posts == 1
    assert {one.name: one.number for one in found.hashtags} == {"#Invented": 1, "#Other": 1}


def test_what_may_have_left_is_no_post_but_its_cost_counts(stage: Stage, left: Left):
    left(at=NOW - timedelta(hours=1), state=State.UNCONFIRMED.value, cost_usd_micros=15_000)

    found = _figures(stage)

    assert found.posts == 0
    assert found.cost_usd_micros == 15_000


def test_cost_stands_by_day_and_account_with_and_without_links(stage: Stage, left: Left):
    hour = timedelta(hours=1)
    left(at=NOW - hour, texts=("See https://example.org/report",), cost_usd_micros=200_000)
    left(at=NOW - 2 * hour, cost_usd_micros=15_000)
    left(at=NOW - 26 * hour, account=SECOND_ACCOUNT.name, cost_usd_micros=15_000)

    found = _figures(stage)

    assert found.cost_usd_micros == 230_000
    assert (found.by_day[-1].cost_with_link, found.by_day[-1].cost_without_link) == (200_000, 15_000)
    assert found.by_day[-2].cost_usd_micros == 15_000
    first = found.accounts[0]
    assert (first.name, first.posts, first.messages_with_link, first.messages_without_link) == (
        ACCOUNT.name,
        2,
        1,
        1,
    )


def test_lateness_is_told_by_nearest_ranks(stage: Stage, left: Left):
    for number, seconds in enumerate([0] * 50 + [10] * 40 + [100] * 9 + [5000]):
        left(at=NOW - timedelta(hours=3, seconds=number), late=timedelta(seconds=seconds))

    late = _figures(stage).lateness

    assert late is not None
    assert (late.p50, late.p90, late.p99) == (0, 10, 100)
    assert sum(late.histogram) == 100
    assert late.histogram[0] == 50
    assert late.histogram[-1] == 1
    assert len(late.histogram) == len(LATENESS_BOUNDS) + 1


@pytest.mark.parametrize(
    ("seconds", "ranks"),
    [
        pytest.param([7], (7, 7, 7), id="one-post"),
        pytest.param([1, 100], (1, 100, 100), id="half-of-two"),
        pytest.param([1, 2, 100], (2, 100, 100), id="half-of-three-is-two-of-them"),
    ],
)
def test_a_rank_is_never_between_two_posts(
    stage: Stage, left: Left, seconds: list[int], ranks: tuple[int, int, int]
):
    for late in seconds:
        left(at=NOW - timedelta(hours=1), late=timedelta(seconds=late))

    found = _figures(stage).lateness

    assert found is not None
    assert (found.p50, found.p90, found.p99) == ranks


def test_one_campaigns_figures_leave_the_others_out(stage: Stage, left: Left):
    other = replace(CAMPAIGN, key="other-campaign", calls_share=0.5)
    stage.take_in(other)
    left(at=NOW - timedelta(hours=1))
    left(at=NOW - timedelta(hours=2), campaign=other.key, kind=Kind.CALL.value)

    one, both = _figures(stage, campaign=other.key), _figures(stage)

    assert (one.posts, one.calls, one.calls_share) == (1, 1, 0.5)
    assert (both.posts, both.calls_share) == (2, None)


def test_an_unknown_campaign_is_named(stage: Stage):
    with pytest.raises(NotFoundError, match="no-such-campaign"):
        _figures(stage, campaign="no-such-campaign")


def test_the_most_used_come_first_and_the_list_has_an_end(stage: Stage, left: Left):
    for number in range(SHOWN + 3):
        left(at=NOW - timedelta(minutes=number), item=f"item-{number:02}")
    left(at=NOW - timedelta(hours=2), item="item-07")

    items = _figures(stage).items

    assert (items[0].name, items[0].number) == ("item-07", 2)
    assert len(items) == SHOWN


def test_what_did_not_leave_is_counted_by_state(stage: Stage):
    for number, state in enumerate((State.MISSED, State.MISSED, State.REJECTED, State.SENT)):
        post = stage.add(due_at=NOW - timedelta(hours=number + 1))
        write(stage.db, lambda tx, post=post, state=state: force_state(tx, post, state))

    assert dict(_figures(stage).not_sent) == {State.MISSED: 2, State.REJECTED: 1}


def test_an_attempt_that_was_open_counts_once_its_outcome_is_known(stage: Stage):
    post = stage.add()
    stage.network(UnconfirmedError("the answer got lost"))
    stage.process().send()
    insight = Insight(stage.db, stage.clock)
    before = insight.figures(days=7, campaign=None, mode=Mode.LIVE)
    with stage.db.write() as tx:
        tx.execute(update(attempts).where(attempts.c.post_id == post).values(state=State.SENT.value))
    stage.pass_time(days=2)

    after = insight.figures(days=7, campaign=None, mode=Mode.LIVE)

    assert (before.posts, after.posts) == (0, 1)


def test_figures_are_at_most_ten_seconds_old(stage: Stage, left: Left):
    insight = Insight(stage.db, stage.clock)
    insight.figures(days=7, campaign=None, mode=Mode.LIVE)
    left(at=NOW)

    stage.pass_time(seconds=10)

    assert insight.figures(days=7, campaign=None, mode=Mode.LIVE).posts == 1


def test_figures_of_a_part_say_so_and_the_next_answer_has_more(stage: Stage, left: Left):
    for number in range(7):
        left(at=NOW - timedelta(days=number // 3, hours=1 + number % 3))
    insight = Insight(stage.db, stage.clock, read_at_once=3)

    found = []
    for _ in range(4):
        found.append(insight.figures(days=7, campaign=None, mode=Mode.LIVE))
        stage.pass_time(seconds=1)

    assert found[0].posts == 3
    assert found[0].whole_since is not None
    assert found[-1].posts == 7
    assert found[-1].whole_since is None
    assert [one.posts for one in found] == sorted(one.posts for one in found)


def test_a_day_is_read_whole_when_the_clocks_change(stage: Stage, left: Left):
    berlin = replace(CAMPAIGN, zone="Europe/Berlin")
    stage.take_in(berlin)
    stage.clock.advance(datetime(2026, 3, 31, 12, tzinfo=UTC) - stage.clock.now())
    # On 2026-03-29 Berlin has 23 hours: from 23:00 UTC of the day before until 22:00 UTC.
    first, last = datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 21, 59, tzinfo=UTC)
    for moment in (first - timedelta(minutes=1), first, last, last + timedelta(minutes=1)):
        left(at=moment)

    found = {day.day: day.posts for day in _figures(stage).by_day if day.posts}

    assert found == {date(2026, 3, 28): 1, date(2026, 3, 29): 2, date(2026, 3, 30): 1}


def test_nothing_is_written_by_reading(stage: Stage, left: Left):
    left(at=NOW)
    with stage.db.read() as tx:
        before = tx.execute(posts.select()).all(), tx.execute(attempts.select()).all()

    _figures(stage)

    with stage.db.read() as tx:
        assert (tx.execute(posts.select()).all(), tx.execute(attempts.select()).all()) == before


def test_a_quiet_midnight_is_still_a_day(stage: Stage):
    stage.clock.advance(datetime.combine(date(2026, 3, 2), time(21, 0), tzinfo=UTC) - stage.clock.now())

    assert _figures(stage, days=1).by_day[0].day == date(2026, 3, 3)
