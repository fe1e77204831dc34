"""The calendar's weeks and months: which posts stand where, what is open, what clashes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.core.campaign import Pace, QuietHours
from bot.core.errors import NotAllowedError, NotFoundError
from bot.core.post import State
from bot.pipeline.agenda import (
    COUNTED_OF_MONTH,
    NAMED_OF_MONTH,
    SHOWN_OF_WEEK,
    Agenda,
    Days,
    Opening,
)
from bot.pipeline.clashes import ClashKind
from bot.store.agenda import AgendaWanted
from posting import ACCOUNT, CAMPAIGN, NOW, SECOND_ACCOUNT, force_state
from stage import Stage

#: The Monday of the week of NOW, which is a Sunday: 12:00 in Damascus.
MONDAY = date(2026, 2, 23)
TODAY = date(2026, 3, 1)
DAMASCUS = CAMPAIGN.zone
EVERYTHING = AgendaWanted()
MINUTE = timedelta(minutes=1)


@pytest.fixture
def agenda(stage: Stage) -> Agenda:
    return Agenda(stage.db, stage.clock)


def _week(
    agenda: Agenda, wanted: AgendaWanted = EVERYTHING, *, first: date = MONDAY, zone: str = DAMASCUS
) -> Days:
    return agenda.days(wanted, first=first, count=7, zone=zone)


def _posts(days: Days) -> dict[date, list[int]]:
    return {day.date: [post.id for post in day.posts] for day in days.days if day.posts}


# -- days ------------------------------------------------------------------------------------------


def test_a_post_stands_on_the_day_that_its_zones_clock_shows(stage: Stage, agenda: Agenda):
    late = stage.add(due_at=datetime(2026, 2, 27, 20, 59, tzinfo=UTC))
    after_midnight = stage.add(due_at=datetime(2026, 2, 27, 21, 0, tzinfo=UTC))

    in_damascus, in_utc = _week(agenda), _week(agenda, zone="UTC")

    assert _posts(in_damascus) == {date(2026, 2, 27): [late], date(2026, 2, 28): [after_midnight]}
    assert _posts(in_utc) == {date(2026, 2, 27): [late, after_midnight]}


def test_a_post_stands_under_its_hour_in_order_of_its_minutes(stage: Stage, agenda: Agenda):
    at = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)
    later = stage.add(due_at=at + 40 * MINUTE)
    first = stage.add(due_at=at + 5 * MINUTE)

    hour = _week(agenda).days[-1].hours[18]

    assert [getattr(entry, "id", None) for entry in hour.places[0].entries] == [first, later]


def test_the_week_says_which_hours_hold_something(stage: Stage, agenda: Agenda):
    stage.add(due_at=datetime(2026, 2, 24, 5, 0, tzinfo=UTC))

    week = _week(agenda, AgendaWanted(state=State.READY))

    assert (week.first_hour, week.last_hour) == (8, 8)


def test_what_is_past_stands_before_the_present(stage: Stage, agenda: Agenda):
    stage.add(due_at=NOW - MINUTE)
    stage.add(due_at=NOW + MINUTE)
    stage.clock.advance(timedelta(seconds=30))

    places = [place for hour in _week(agenda).days[-1].hours for place in hour.places]

    present = [(place.stretch.hour, place.past) for place in places if place.past is not None]
    assert present == [(12, 0)]


def test_a_full_day_shows_its_first_posts_and_counts_the_others(stage: Stage, agenda: Agenda):
    ids = [stage.add(due_at=NOW + number * MINUTE) for number in range(SHOWN_OF_WEEK + 3)]

    day = _week(agenda).days[-1]

    assert [post.id for post in day.posts] == ids[:SHOWN_OF_WEEK]
    assert day.more == 3


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(AgendaWanted(), {0, 1, 2, 3}, id="everything"),
        pytest.param(AgendaWanted(account=SECOND_ACCOUNT.name), {1}, id="account"),
        pytest.param(AgendaWanted(language="ar"), {2}, id="language"),
        pytest.param(AgendaWanted(state=State.HELD), {3}, id="state"),
        pytest.param(AgendaWanted(campaign=CAMPAIGN.key), {0, 1, 2, 3}, id="campaign"),
        pytest.param(AgendaWanted(campaign="another"), set(), id="another-campaign"),
        pytest.param(AgendaWanted(account=ACCOUNT.name, language="en", state=State.READY), {0}, id="all"),
    ],
)
def test_a_calendar_is_narrowed_to_what_is_wanted(
    stage: Stage, agenda: Agenda, wanted: AgendaWanted, expected: set[int]
):
    ids = [
        stage.add(),
        stage.add(account=SECOND_ACCOUNT.name),
        stage.add(language="ar"),
        stage.add(due_at=NOW + MINUTE, state=State.HELD),
    ]

    week = _week(agenda, wanted)
    month = agenda.month(wanted, first=MONDAY, zone=DAMASCUS)

    assert {post.id for day in week.days for post in day.posts} == {ids[place] for place in expected}
    assert sum(day.number for day in month.days) == len(expected)


def test_an_approval_of_another_text_is_none(stage: Stage, agenda: Agenda):
    approved, changed = stage.add(approval_needed=True), stage.add(due_at=NOW + MINUTE)
    with stage.db.write() as tx:
        digest = stage.post(approved).digest
        force_state(tx, approved, State.READY, approved_by="Somebody", approved_digest=digest)
        force_state(tx, changed, State.READY, approved_by="Somebody", approved_digest="0" * 64)

    (day,) = (day for day in _week(agenda).days if day.posts)

    assert [post.approved for post in day.posts] == [True, False]


# -- open posting times ----------------------------------------------------------------------------


def _openings(days: Days) -> list[datetime]:
    return [
        entry.due_at
        for day in days.days
        for hour in day.hours
        for place in hour.places
        for entry in place.entries
        if isinstance(entry, Opening)
    ]


def test_posting_times_to_come_are_open_until_something_is_planned_for_them(stage: Stage, agenda: Agenda):
    at_one, at_seven = datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 16, tzinfo=UTC)

    before = _openings(_week(agenda))
    stage.add(due_at=at_one)
    after = _openings(_week(agenda))

    assert before == [at_one, at_seven]
    assert after == [at_seven]


def test_a_time_whose_post_was_cancelled_is_open(stage: Stage, agenda: Agenda):
    at_one = datetime(2026, 3, 1, 10, tzinfo=UTC)
    stage.add(due_at=at_one, state=State.CANCELLED)

    assert at_one in _openings(_week(agenda))


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        pytest.param(AgendaWanted(account=SECOND_ACCOUNT.name), 2, id="its-account"),
        pytest.param(AgendaWanted(account="nobody_x"), 0, id="an-account-of-none"),
        pytest.param(AgendaWanted(language="tr"), 0, id="a-language-it-does-not-speak"),
        pytest.param(AgendaWanted(campaign="another"), 0, id="another-campaign"),
    ],
)
def test_only_the_times_of_campaigns_that_are_wanted_are_open(
    stage: Stage, agenda: Agenda, wanted: AgendaWanted, number: int
):
    assert len(_openings(_week(agenda, wanted))) == number


def test_no_time_is_open_where_posts_of_one_state_are_wanted(stage: Stage, agenda: Agenda):
    assert _openings(_week(agenda, AgendaWanted(state=State.SENT))) == []


# -- clashes ---------------------------------------------------------------------------------------


def _with_pace(stage: Stage, **pace: object) -> None:
    account = replace(ACCOUNT, pace=Pace(**pace))  # type: ignore[arg-type]
    stage.take_in(replace(CAMPAIGN, accounts=(account, SECOND_ACCOUNT), cooldown=timedelta(0)))


@pytest.mark.parametrize(
    ("pace", "minutes", "kind"),
    [
        pytest.param({}, [60, 60.5], ClashKind.SAME_MINUTE, id="same-minute"),
        pytest.param({"gap": 15 * MINUTE}, [60, 70], ClashKind.GAP, id="gap"),
        pytest.param({"per_hour": 2}, [60, 80, 100], ClashKind.PER_HOUR, id="per-hour"),
        pytest.param({"per_day": 2}, [60, 180, 300], ClashKind.PER_DAY, id="per-day"),
        pytest.param({"quiet": QuietHours(start=time(13), end=time(14))}, [70], ClashKind.QUIET, id="quiet"),
    ],
)
def test_what_breaks_the_pace_of_its_account_is_named_at_the_later_post(
    stage: Stage, agenda: Agenda, pace: dict[str, object], minutes: list[float], kind: ClashKind
):
    _with_pace(stage, **pace)
    ids = [stage.add(due_at=NOW + number * MINUTE) for number in minutes]

    week = _week(agenda)

    assert [(clash.kind, clash.post) for clash in week.clashes] == [(kind, ids[-1])]
    assert [clash.kind for clash in week.by_post[ids[-1]]] == [kind]


@pytest.mark.parametrize(
    ("pace", "minutes"),
    [
        pytest.param({}, [60, 61], id="a-minute-later"),
        pytest.param({"gap": 15 * MINUTE}, [60, 75], id="just-the-gap"),
        pytest.param({"per_hour": 2}, [60, 80, 120], id="an-hour-later"),
        pytest.param({"quiet": QuietHours(start=time(13), end=time(14))}, [59, 120], id="around-the-quiet"),
    ],
)
def test_what_keeps_the_pace_is_not_named(
    stage: Stage, agenda: Agenda, pace: dict[str, object], minutes: list[float]
):
    _with_pace(stage, **pace)
    for number in minutes:
        stage.add(due_at=NOW + number * MINUTE)

    assert _week(agenda).clashes == ()


def test_the_same_item_within_its_cooldown_is_named_even_over_the_weeks_border(stage: Stage, agenda: Agenda):
    stage.take_in(replace(CAMPAIGN, cooldown=timedelta(days=3)))
    before = stage.add(due_at=NOW + timedelta(hours=10))
    after = stage.add(due_at=NOW + timedelta(days=2))

    (clash,) = _week(agenda, first=date(2026, 3, 2)).clashes

    assert (clash.kind, clash.post, clash.other) == (ClashKind.AGAIN, after, before)


def test_another_accounts_posts_are_in_nobodys_way(stage: Stage, agenda: Agenda):
    stage.add(due_at=NOW + 60 * MINUTE)
    stage.add(due_at=NOW + 60 * MINUTE, account=SECOND_ACCOUNT.name)

    assert _week(agenda).clashes == ()


@pytest.mark.parametrize("state", [State.CANCELLED, State.REJECTED, State.MISSED])
def test_what_does_not_leave_is_in_nobodys_way(stage: Stage, agenda: Agenda, state: State):
    _with_pace(stage, gap=15 * MINUTE)
    stage.add(due_at=NOW + 60 * MINUTE, state=state)
    stage.add(due_at=NOW + 65 * MINUTE)

    assert _week(agenda).clashes == ()


def test_posts_of_another_language_are_in_the_way_though_they_are_not_shown(stage: Stage, agenda: Agenda):
    _with_pace(stage, gap=15 * MINUTE)
    stage.add(due_at=NOW + 60 * MINUTE, language="ar")
    shown = stage.add(due_at=NOW + 65 * MINUTE)

    week = _week(agenda, AgendaWanted(language="en"))

    assert [clash.post for clash in week.clashes] == [shown]


def test_what_already_left_is_not_named(stage: Stage, agenda: Agenda):
    _with_pace(stage, gap=15 * MINUTE)
    stage.add(due_at=NOW - 60 * MINUTE, state=State.SENT)
    stage.add(due_at=NOW - 55 * MINUTE, state=State.SENT)

    assert _week(agenda).clashes == ()


# -- months ----------------------------------------------------------------------------------------


def test_a_month_counts_each_days_states_and_names_its_first_posts(stage: Stage, agenda: Agenda):
    ids = [stage.add(due_at=NOW + number * MINUTE) for number in range(4)]
    stage.add(due_at=NOW + 10 * MINUTE, state=State.HELD)

    (day,) = (day for day in agenda.month(EVERYTHING, first=MONDAY, zone=DAMASCUS).days if day.number)

    assert day.date == TODAY
    assert dict(day.counts) == {State.READY: 4, State.HELD: 1}
    assert [post.id for post in day.first] == ids[:NAMED_OF_MONTH]
    assert not day.or_more


def test_a_month_stops_counting_a_full_day(stage: Stage, agenda: Agenda):
    stage.add_all([stage.ready_post(due_at=NOW + number * MINUTE) for number in range(COUNTED_OF_MONTH + 20)])

    (day,) = (day for day in agenda.month(EVERYTHING, first=MONDAY, zone=DAMASCUS).days if day.number)

    assert day.or_more


# -- another moment --------------------------------------------------------------------------------


def test_a_moment_without_a_zone_is_on_the_campaigns_clock(stage: Stage, agenda: Agenda):
    post = stage.add()

    intended = agenda.intended(post, "2026-03-02T18:30")

    assert intended.instants == (datetime(2026, 3, 2, 15, 30, tzinfo=UTC),)
    assert intended.zone == DAMASCUS


@pytest.mark.parametrize(
    ("written", "hours", "first"),
    [
        pytest.param("2026-03-29T02:30", [], 1, id="skipped"),
        pytest.param("2026-10-25T02:30", [0, 1], 0, id="twice"),
    ],
)
def test_a_moment_at_a_change_of_clocks_is_told_as_none_or_two(
    stage: Stage, agenda: Agenda, written: str, hours: list[int], first: int
):
    stage.take_in(replace(CAMPAIGN, zone="Europe/Berlin"))
    post = stage.add()

    intended = agenda.intended(post, written)

    assert [at.hour for at in intended.instants] == hours
    assert intended.first.hour == first


def test_an_instant_with_its_offset_is_meant_as_it_is(stage: Stage, agenda: Agenda):
    post = stage.add()

    intended = agenda.intended(post, "2026-10-25T01:30:00+00:00")

    assert intended.instants == (datetime(2026, 10, 25, 1, 30, tzinfo=UTC),)


def test_what_is_no_moment_is_refused(stage: Stage, agenda: Agenda):
    post = stage.add()

    with pytest.raises(NotAllowedError, match="is no moment"):
        agenda.intended(post, "soon")


def test_a_post_that_is_not_there_is_named(agenda: Agenda):
    with pytest.raises(NotFoundError, match="post 77"):
        agenda.intended(77, "2026-03-02T18:30")
