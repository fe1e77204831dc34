"""Wall time to instants over real clock changes: nothing is lost, nothing happens twice."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import ContentError
from bot.planning.calendar import clock_changes, instant_of, slots_between, zone_named

YEAR = timedelta(days=365)

#: Zone, first day of the year looked at, and its changes: the clock before, the clock after.
CHANGES = [
    pytest.param(
        "Asia/Beirut",
        2026,
        [("2026-03-29T00:00", "2026-03-29T01:00"), ("2026-10-25T00:00", "2026-10-24T23:00")],
        id="beirut-at-midnight",
    ),
    pytest.param(
        "Africa/Cairo",
        2026,
        [("2026-04-24T00:00", "2026-04-24T01:00"), ("2026-10-30T00:00", "2026-10-29T23:00")],
        id="cairo-at-midnight",
    ),
    pytest.param(
        "Europe/Paris",
        2026,
        [("2026-03-29T02:00", "2026-03-29T03:00"), ("2026-10-25T03:00", "2026-10-25T02:00")],
        id="paris",
    ),
    pytest.param(
        "America/New_York",
        2026,
        [("2026-03-08T02:00", "2026-03-08T03:00"), ("2026-11-01T02:00", "2026-11-01T01:00")],
        id="new-york",
    ),
    pytest.param(
        "Asia/Damascus",
        2021,
        [("2021-03-26T00:00", "2021-03-26T01:00"), ("2021-10-29T00:00", "2021-10-28T23:00")],
        id="damascus-2021-at-midnight",
    ),
    pytest.param(
        "Asia/Damascus",
        2022,
        [("2022-03-25T00:00", "2022-03-25T01:00")],
        id="damascus-2022-stays-on-summer-time",
    ),
    pytest.param("Asia/Damascus", 2026, [], id="damascus-now"),
    pytest.param(
        "Europe/Istanbul",
        2015,
        [("2015-03-29T03:00", "2015-03-29T04:00"), ("2015-11-08T04:00", "2015-11-08T03:00")],
        id="istanbul-2015",
    ),
    pytest.param(
        "Europe/Istanbul",
        2016,
        [("2016-03-27T03:00", "2016-03-27T04:00")],
        id="istanbul-2016-stays-on-summer-time",
    ),
    pytest.param("Europe/Istanbul", 2026, [], id="istanbul-now"),
    pytest.param(
        "Australia/Lord_Howe",
        2026,
        [("2026-04-05T02:00", "2026-04-05T01:30"), ("2026-10-04T02:00", "2026-10-04T02:30")],
        id="lord-howe-half-an-hour",
    ),
    pytest.param(
        "Pacific/Apia",
        2011,
        [
            ("2011-04-02T04:00", "2011-04-02T03:00"),
            ("2011-09-24T03:00", "2011-09-24T04:00"),
            ("2011-12-30T00:00", "2011-12-31T00:00"),
        ],
        id="samoa-leaves-out-a-day",
    ),
]

#: Zone, wall time as written, instant in UTC.
GAPS = [
    pytest.param("Asia/Beirut", "2026-03-29T00:00", "2026-03-28T22:00", id="beirut-midnight"),
    pytest.param("Asia/Beirut", "2026-03-29T00:30", "2026-03-28T22:00", id="beirut-half-past"),
    pytest.param("Africa/Cairo", "2026-04-24T00:30", "2026-04-23T22:00", id="cairo"),
    pytest.param("Europe/Paris", "2026-03-29T02:30", "2026-03-29T01:00", id="paris"),
    pytest.param("Europe/Paris", "2026-03-29T02:59", "2026-03-29T01:00", id="paris-last-minute"),
    pytest.param("America/New_York", "2026-03-08T02:00", "2026-03-08T07:00", id="new-york"),
    pytest.param("Asia/Damascus", "2021-03-26T00:15", "2021-03-25T22:00", id="damascus-2021"),
    pytest.param("Europe/Istanbul", "2016-03-27T03:30", "2016-03-27T01:00", id="istanbul-2016"),
    pytest.param("Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:30", id="lord-howe"),
    pytest.param("Pacific/Apia", "2011-12-30T18:00", "2011-12-30T10:00", id="samoa"),
]

#: Zone, wall time that happens twice, its first instant in UTC.
FOLDS = [
    pytest.param("Asia/Beirut", "2026-10-24T23:30", "2026-10-24T20:30", id="beirut"),
    pytest.param("Africa/Cairo", "2026-10-29T23:00", "2026-10-29T20:00", id="cairo"),
    pytest.param("Europe/Paris", "2026-10-25T02:30", "2026-10-25T00:30", id="paris"),
    pytest.param("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30", id="new-york"),
    pytest.param("Asia/Damascus", "2021-10-28T23:59", "2021-10-28T20:59", id="damascus-2021"),
    pytest.param("Europe/Istanbul", "2015-11-08T03:30", "2015-11-08T00:30", id="istanbul-2015"),
]


@cache
def _thirty_years(zone):
    return clock_changes(zone, start=_utc("2005-01-01"), end=_utc("2035-01-01"))


def _utc(written):
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


@pytest.mark.parametrize(("zone", "year", "expected"), CHANGES)
def test_clock_changes_of_a_year_are_the_real_ones(zone, year, expected):
    start = datetime(year, 1, 1, tzinfo=UTC)

    changes = clock_changes(zone, start=start, end=start + YEAR)

    minutes = [
        tuple(wall.isoformat(timespec="minutes") for wall in (change.wall_before, change.wall_after))
        for change in changes
    ]
    assert minutes == expected


def test_clock_change_is_within_its_own_instant_and_not_before_it():
    at = _utc("2026-03-29T01:00")
    moment = timedelta(microseconds=1)

    found = [
        [change.at for change in clock_changes("Europe/Paris", start=start, end=end)]
        for start, end in ((at, at + moment), (at - moment, at), (at + moment, at + YEAR / 12), (at, at))
    ]

    assert found == [[at], [], [], []]


def test_clock_change_says_how_far_the_clocks_jump():
    start = _utc("2026-01-01")

    changes = clock_changes("Europe/Paris", start=start, end=start + YEAR)

    assert [change.shift for change in changes] == [timedelta(hours=1), timedelta(hours=-1)]


@pytest.mark.parametrize(("zone", "wall_time", "instant"), GAPS)
def test_wall_time_that_does_not_exist_moves_to_the_first_instant_after_the_gap(zone, wall_time, instant):
    moved = instant_of(datetime.fromisoformat(wall_time), zone_named(zone))

    assert moved == _utc(instant)


@pytest.mark.parametrize(("zone", "wall_time", "instant"), FOLDS)
def test_wall_time_that_exists_twice_is_its_first(zone, wall_time, instant):
    first = instant_of(datetime.fromisoformat(wall_time), zone_named(zone))

    assert first == _utc(instant)


@pytest.mark.parametrize(("zone", "year", "_"), CHANGES)
@pytest.mark.parametrize("at", ["00:00", "00:30", "01:30", "02:30", "03:30", "23:00", "23:30"])
def test_daily_posting_time_happens_once_for_every_day_of_a_year(zone, year, _, at, make_campaign):
    campaign = make_campaign(
        at, zone=zone, start=datetime(year, 1, 1).date(), end=datetime(year, 12, 31).date()
    )

    slots = slots_between(campaign, start=_utc(f"{year - 1}-12-25"), end=_utc(f"{year + 1}-01-05"))

    days = [datetime(year, 1, 1) + timedelta(days=number) for number in range(366)]
    written = [datetime.combine(day, time.fromisoformat(at)) for day in days if day.year == year]
    left_out = (
        [datetime.fromisoformat(f"2011-12-30T{at}")] if zone == "Pacific/Apia" and at == "00:00" else []
    )
    assert [slot.wall_time for slot in slots] == [wall for wall in written if wall not in left_out]
    assert all(
        slot.due_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) >= slot.wall_time for slot in slots
    )


@settings(max_examples=300, deadline=None)
@given(
    zone=st.sampled_from(
        [
            "Asia/Beirut",
            "Africa/Cairo",
            "Europe/Paris",
            "America/New_York",
            "Asia/Damascus",
            "Europe/Istanbul",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "Africa/Casablanca",
            "America/Nuuk",
            "America/Scoresbysund",
            "Asia/Tehran",
            "Asia/Gaza",
            "Pacific/Chatham",
        ]
    ),
    near=st.integers(min_value=0, max_value=10_000),
    minutes=st.integers(min_value=-1600, max_value=1600),
)
def test_instant_is_the_first_at_which_the_clock_has_come_to_the_wall_time(zone, near, minutes):
    place = zone_named(zone)
    changes = _thirty_years(zone)
    change = changes[near % len(changes)]
    wall_time = change.wall_before + timedelta(minutes=minutes)

    instant = instant_of(wall_time, place)

    def clock(moment):
        return moment.astimezone(place).replace(tzinfo=None)

    assert clock(instant) >= wall_time
    assert all(
        clock(instant - timedelta(minutes=minute)) < wall_time for minute in (1, 5, 15, *range(30, 1600, 30))
    )


@pytest.mark.parametrize(
    "name", ["Asia/Nowhere", "", "Asia", "../tzdata/zones", "/etc/localtime", "zone.tab"]
)
def test_unknown_zone_is_named_with_a_remedy(name):
    with pytest.raises(ContentError) as refused:
        zone_named(name)

    assert str(refused.value) == (
        f"zone {name!r}: not known — use an IANA name such as Asia/Damascus, or install a newer tzdata"
    )


def test_moment_without_a_zone_is_refused(make_campaign):
    start, end = datetime(2026, 1, 1), _utc("2026-01-02")

    with pytest.raises(ValueError, match=r"start=2026-01-01 00:00:00 has no zone"):
        slots_between(make_campaign(), start=start, end=end)
    with pytest.raises(ValueError, match=r"start=2026-01-01 00:00:00 has no zone"):
        clock_changes("Asia/Beirut", start=start, end=end)
