"""Slots of a campaign: posting times, bursts, occasions, first and last day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.core.campaign import Burst, Occasion, PostingTime, Weekday
from bot.core.errors import ContentError
from bot.core.post import SlotKind
from bot.planning.calendar import slots_between

LAUNCH = Burst(key="launch", start=datetime(2026, 7, 6, 18), posts=4, every=timedelta(minutes=10))


def _occasion(key="river-day", *, month=6, day=26, times=("10:00",)):
    return Occasion(
        key=key, title={}, month=month, day=day, times=tuple(time.fromisoformat(at) for at in times)
    )


def test_slot_keeps_its_instant_its_wall_time_and_its_zone(make_campaign):
    campaign = make_campaign("18:30")

    [slot] = slots_between(
        campaign, start=datetime(2026, 11, 21, tzinfo=UTC), end=datetime(2026, 11, 22, tzinfo=UTC)
    )

    assert slot.key == "2026-11-21T18:30"
    assert slot.kind is SlotKind.REGULAR
    assert slot.due_at == datetime(2026, 11, 21, 15, 30, tzinfo=UTC)
    assert slot.wall_time == datetime(2026, 11, 21, 18, 30)
    assert (slot.campaign, slot.zone, slot.occasion) == ("river", "Asia/Damascus", None)


def test_window_holds_its_start_and_not_its_end(make_campaign, keys_between):
    campaign = make_campaign("09:00", zone="UTC")

    keys = keys_between(campaign, "2026-01-01T09:00", "2026-01-02T09:00")

    assert keys == ["2026-01-01T09:00"]


@pytest.mark.parametrize("end", ["2026-01-01T09:00", "2025-12-31T09:00"], ids=["empty", "backwards"])
def test_window_without_length_holds_nothing(end, make_campaign, keys_between):
    campaign = make_campaign("09:00", zone="UTC")

    keys = keys_between(campaign, "2026-01-01T09:00", end)

    assert keys == []


def test_weekdays_are_those_of_the_campaigns_zone(make_campaign, keys_between):
    weekend = PostingTime(at=time(1), weekdays=(Weekday.FRI, Weekday.SAT))
    campaign = make_campaign(posting_times=(weekend,))

    keys = keys_between(campaign, "2026-11-01", "2026-11-15")

    assert keys == ["2026-11-06T01:00", "2026-11-07T01:00", "2026-11-13T01:00", "2026-11-14T01:00"]


def test_posting_time_written_twice_happens_once(make_campaign, keys_between):
    friday = PostingTime(at=time(9), weekdays=(Weekday.FRI,))
    campaign = make_campaign(posting_times=(PostingTime(at=time(9)), friday))

    keys = keys_between(campaign, "2026-11-06", "2026-11-07")

    assert keys == ["2026-11-06T09:00"]


def test_first_day_begins_at_its_local_midnight_and_last_day_is_whole(make_campaign, keys_between):
    campaign = make_campaign("00:00", "23:59", start=date(2026, 7, 6), end=date(2026, 7, 7))

    keys = keys_between(campaign, "2026-06-01", "2026-08-01")

    assert keys == ["2026-07-06T00:00", "2026-07-06T23:59", "2026-07-07T00:00", "2026-07-07T23:59"]


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        pytest.param("Asia/Beirut", date(2026, 3, 29), id="beirut"),
        pytest.param("Africa/Cairo", date(2026, 4, 24), id="cairo"),
        pytest.param("Asia/Damascus", date(2021, 3, 26), id="damascus-2021"),
    ],
)
def test_campaign_of_the_one_day_whose_midnight_does_not_exist_is_not_lost(
    zone, day, make_campaign, keys_between
):
    campaign = make_campaign("00:00", "09:00", zone=zone, start=day, end=day)

    keys = keys_between(campaign, str(day - timedelta(days=2)), str(day + timedelta(days=2)))

    assert keys == [f"{day}T00:00", f"{day}T09:00"]


def test_two_posting_times_moved_onto_one_instant_become_one_slot(make_campaign, keys_between):
    campaign = make_campaign("02:15", "02:45", zone="Europe/Paris")

    keys = keys_between(campaign, "2026-03-29", "2026-03-30")

    assert keys == ["2026-03-29T02:15"]


def test_time_as_written_goes_before_one_that_a_clock_change_moves_onto_it(make_campaign, keys_between):
    campaign = make_campaign("02:30", "03:00", zone="Europe/Paris")

    keys = keys_between(campaign, "2026-03-28", "2026-03-30")

    assert keys == ["2026-03-28T02:30", "2026-03-28T03:00", "2026-03-29T03:00"]


def test_slot_that_a_clock_change_moves_into_the_window_from_the_day_before_is_there(
    make_campaign, keys_between
):
    campaign = make_campaign("18:00", zone="Pacific/Apia")

    keys = keys_between(campaign, "2011-12-30T10:00", "2011-12-30T10:01")

    assert keys == ["2011-12-30T18:00"]


def test_burst_posts_so_often_from_its_start(make_campaign, keys_between):
    campaign = make_campaign(posting_times=(), bursts=(LAUNCH,))

    slots = slots_between(
        campaign, start=datetime(2026, 7, 1, tzinfo=UTC), end=datetime(2026, 8, 1, tzinfo=UTC)
    )

    assert [slot.key for slot in slots] == [f"burst:launch:{number}" for number in (1, 2, 3, 4)]
    assert [slot.wall_time.strftime("%H:%M") for slot in slots] == ["18:00", "18:10", "18:20", "18:30"]
    assert {(slot.kind, slot.occasion) for slot in slots} == {(SlotKind.BURST, "launch")}


@pytest.mark.parametrize(
    ("start", "first"),
    [
        pytest.param("2026-03-29 01:50", "2026-03-29T00:50", id="gap"),
        pytest.param("2026-03-29 02:30", "2026-03-29T01:00", id="starts-in-the-gap"),
        pytest.param("2026-10-25 02:50", "2026-10-25T00:50", id="time-twice"),
    ],
)
def test_burst_keeps_its_rhythm_over_a_clock_change(start, first, make_campaign):
    burst = Burst(key="night", start=datetime.fromisoformat(start), posts=9, every=timedelta(minutes=10))
    campaign = make_campaign(zone="Europe/Paris", posting_times=(), bursts=(burst,))

    slots = slots_between(
        campaign, start=datetime(2026, 1, 1, tzinfo=UTC), end=datetime(2027, 1, 1, tzinfo=UTC)
    )

    begin = datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert [slot.due_at for slot in slots] == [begin + n * timedelta(minutes=10) for n in range(9)]


def test_first_and_last_day_cut_a_burst_and_keep_its_numbers(make_campaign, keys_between):
    burst = Burst(key="night", start=datetime(2026, 7, 5, 23), posts=5, every=timedelta(hours=12))
    campaign = make_campaign(posting_times=(), bursts=(burst,), start=date(2026, 7, 6), end=date(2026, 7, 6))

    keys = keys_between(campaign, "2026-07-01", "2026-08-01")

    assert keys == ["burst:night:2", "burst:night:3"]


def test_occasion_comes_back_each_year_from_the_first_day_to_the_last(make_campaign, keys_between):
    campaign = make_campaign(
        posting_times=(),
        occasions=(_occasion(times=("10:00", "16:00")),),
        start=date(2026, 6, 27),
        end=date(2028, 6, 26),
    )

    keys = keys_between(campaign, "2025-01-01", "2032-01-01")

    assert keys == [
        "occasion:river-day:2027-06-26T10:00",
        "occasion:river-day:2027-06-26T16:00",
        "occasion:river-day:2028-06-26T10:00",
        "occasion:river-day:2028-06-26T16:00",
    ]


def test_occasion_of_29_february_is_the_day_before_in_other_years(make_campaign, keys_between):
    campaign = make_campaign(posting_times=(), occasions=(_occasion("leap", month=2, day=29),))

    keys = keys_between(campaign, "2026-01-01", "2029-12-31")

    assert keys == [
        f"occasion:leap:{day}T10:00" for day in ("2026-02-28", "2027-02-28", "2028-02-29", "2029-02-28")
    ]


def test_29_february_has_its_regular_slots(make_campaign, keys_between):
    keys = keys_between(make_campaign(), "2028-02-28", "2028-03-02")

    assert keys == ["2028-02-28T09:00", "2028-02-29T09:00", "2028-03-01T09:00"]


def test_regular_slot_gives_way_to_an_occasion_at_its_instant_and_the_others_go_on(
    make_campaign, keys_between
):
    campaign = make_campaign("09:00", "10:00", occasions=(_occasion(times=("10:00", "16:00")),))

    keys = keys_between(campaign, "2026-06-26", "2026-06-27")

    assert keys == [
        "2026-06-26T09:00",
        "occasion:river-day:2026-06-26T10:00",
        "occasion:river-day:2026-06-26T16:00",
    ]


def test_occasion_goes_before_a_burst_and_a_burst_before_a_regular_slot(make_campaign, keys_between):
    campaign = make_campaign(
        "18:00", "18:10", bursts=(LAUNCH,), occasions=(_occasion(month=7, day=6, times=("18:20",)),)
    )

    keys = keys_between(campaign, "2026-07-06", "2026-07-07")

    assert keys == [
        "burst:launch:1",
        "burst:launch:2",
        "occasion:river-day:2026-07-06T18:20",
        "burst:launch:4",
    ]


def test_unknown_zone_of_a_campaign_is_named(make_campaign, keys_between):
    campaign = make_campaign(zone="Asia/Nowhere")

    with pytest.raises(ContentError, match="zone 'Asia/Nowhere': not known"):
        keys_between(campaign, "2026-01-01", "2026-01-02")
