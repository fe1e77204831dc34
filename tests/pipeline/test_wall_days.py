"""A day on the clocks of its zone: every instant once, the hour that is skipped, the one that comes twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pipeline.wall_days import instants_of, offsets_of, wall_day

ZONES = st.sampled_from(
    [
        *("Asia/Damascus", "Europe/Istanbul", "Europe/Berlin", "Africa/Cairo", "Asia/Beirut", "UTC"),
        *("America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns"),
    ]
)
DATES = st.dates(min_value=date(2005, 1, 1), max_value=date(2035, 12, 31))


@given(day=DATES, zone=ZONES)
def test_a_day_holds_each_of_its_instants_once_and_under_the_hour_its_clock_shows(day: date, zone: str):
    found = wall_day(day, zone)

    borders = [found.start, *(stretch.end for stretch in found.stretches)]
    assert borders[-1] == found.end
    assert all(stretch.at == border for stretch, border in zip(found.stretches, borders, strict=False))
    for stretch in found.stretches:
        shown = stretch.at.astimezone(ZoneInfo(zone))
        assert (shown.date(), shown.hour, shown.minute) == (day, stretch.hour, stretch.minute)


@given(day=DATES, zone=ZONES)
def test_a_wall_time_stands_in_a_day_as_often_as_it_is_shown_there(day: date, zone: str):
    stretches = wall_day(day, zone).stretches
    wall_time = datetime(day.year, day.month, day.day, 2, 15)

    holding = [
        stretch
        for stretch in stretches
        if stretch.hour == 2 and stretch.minute <= 15 < stretch.minute + stretch.minutes
    ]

    assert len(instants_of(wall_time, zone)) == len(holding)


def test_an_hour_that_the_clocks_skip_is_in_no_stretch():
    # Cairo, the last Friday of April: from 00:00 to 01:00.
    found = wall_day(date(2026, 4, 24), "Africa/Cairo")

    assert [stretch.hour for stretch in found.stretches] == list(range(1, 24))
    assert [f"{change.wall_before:%H:%M} {change.wall_after:%H:%M}" for change in found.changes] == [
        "00:00 01:00"
    ]


def test_an_hour_that_comes_twice_is_in_two_stretches_and_the_later_says_again():
    found = wall_day(date(2026, 10, 25), "Europe/Berlin")

    twice = [stretch for stretch in found.stretches if stretch.hour == 2]

    assert [stretch.is_again for stretch in twice] == [False, True]
    assert [stretch.is_again for stretch in found.stretches].count(True) == 1
    assert twice[1].at - twice[0].at == timedelta(hours=1)


def test_half_an_hour_that_comes_twice_is_a_stretch_of_its_own():
    found = wall_day(date(2026, 4, 5), "Australia/Lord_Howe")

    again = [stretch for stretch in found.stretches if stretch.is_again]

    assert [(stretch.hour, stretch.minute, stretch.minutes) for stretch in again] == [(1, 30, 30)]


@pytest.mark.parametrize(
    ("wall_time", "hours"),
    [
        pytest.param(datetime(2026, 3, 29, 2, 30), [], id="skipped"),
        pytest.param(datetime(2026, 10, 25, 2, 30), [0, 1], id="twice"),
        pytest.param(datetime(2026, 6, 1, 12, 0), [10], id="once"),
    ],
)
def test_a_wall_time_is_none_one_or_two_instants(wall_time: datetime, hours: list[int]):
    found = instants_of(wall_time, "Europe/Berlin")

    assert [at.hour for at in found] == hours
    assert all(at.tzinfo is UTC for at in found)


def test_offsets_begin_at_the_start_and_tell_each_change():
    start = datetime(2026, 3, 1, tzinfo=UTC)

    found = offsets_of("Europe/Berlin", start=start, end=datetime(2026, 11, 1, tzinfo=UTC))

    assert [offset // timedelta(hours=1) for _, offset in found] == [1, 2, 1]
    assert found[0][0] == start
    assert all(one[0] < other[0] for one, other in pairwise(found))
