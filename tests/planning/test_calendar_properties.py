"""Planning in pieces, planning again and planning at once give the same slots, for any campaign."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.campaign import Burst, Occasion, PostingTime, Weekday
from bot.planning.calendar import slots_between

ZONES = [
    "Asia/Beirut",
    "Africa/Cairo",
    "Europe/Paris",
    "America/New_York",
    "Asia/Damascus",
    "Europe/Istanbul",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Scoresbysund",
]
#: Round times meet each other and the clock changes; odd ones are there to be kept apart.
TIMES = st.sampled_from(["00:00", "00:30", "01:00", "01:59", "02:30", "03:00", "09:00", "23:30"]).map(
    time.fromisoformat
)
#: Both sides of changes in March, April, October and November, and Samoa's missing day.
DAYS = st.one_of(
    st.dates(date(2011, 12, 20), date(2012, 1, 10)),
    st.dates(date(2021, 3, 1), date(2021, 4, 30)),
    st.dates(date(2026, 10, 1), date(2026, 11, 10)),
    st.dates(date(2028, 2, 1), date(2028, 4, 30)),
)


@st.composite
def plans(draw):
    """A campaign's fields, and cuts through the days around one date."""
    day = draw(DAYS)
    around = st.integers(min_value=-20, max_value=20).map(lambda days: day + timedelta(days=days))
    weekdays = st.lists(st.sampled_from(list(Weekday)), max_size=3, unique=True).map(tuple)
    occasion_day = draw(around)
    fields = {
        "zone": draw(st.sampled_from(ZONES)),
        "start": draw(st.none() | around),
        "end": draw(st.none() | around),
        "posting_times": tuple(
            PostingTime(at=at, weekdays=draw(weekdays)) for at in draw(st.lists(TIMES, max_size=4))
        ),
        "bursts": tuple(
            Burst(
                key=f"burst-{number}",
                start=datetime.combine(draw(around), draw(TIMES)),
                posts=draw(st.integers(1, 30)),
                every=timedelta(minutes=draw(st.sampled_from([1, 10, 30, 60, 720]))),
            )
            for number in range(draw(st.integers(0, 2)))
        ),
        "occasions": tuple(
            Occasion(
                key=key,
                title={},
                month=occasion_day.month,
                day=occasion_day.day,
                times=tuple(draw(st.lists(TIMES, min_size=1, max_size=2, unique=True))),
            )
            for key in ("first-day", "second-day")[: draw(st.integers(0, 2))]
        ),
    }
    first = datetime.combine(day, time(), tzinfo=UTC) - timedelta(days=25)
    minutes = st.integers(min_value=0, max_value=50 * 24 * 60)
    cuts = sorted(draw(st.lists(minutes, min_size=2, max_size=6)))
    return fields, [first + timedelta(minutes=cut) for cut in cuts]


@settings(max_examples=300, deadline=None)
@given(plan=plans())
def test_pieces_of_a_window_hold_the_slots_of_the_whole(plan, make_campaign):
    fields, cuts = plan
    campaign = make_campaign(**fields)

    whole = slots_between(campaign, start=cuts[0], end=cuts[-1])
    pieces = [slot for start, end in pairwise(cuts) for slot in slots_between(campaign, start=start, end=end)]

    assert pieces == whole


@settings(max_examples=300, deadline=None)
@given(plan=plans())
def test_keys_and_instants_are_unique_and_in_order_and_within_the_window(plan, make_campaign):
    fields, cuts = plan
    campaign = make_campaign(**fields)

    slots = slots_between(campaign, start=cuts[0], end=cuts[-1])

    instants = [slot.due_at for slot in slots]
    assert instants == sorted(set(instants))
    assert len({slot.key for slot in slots}) == len(slots)
    assert all(cuts[0] <= instant < cuts[-1] for instant in instants)
    assert all(instant.tzinfo is UTC for instant in instants)
    assert slots == slots_between(campaign, start=cuts[0], end=cuts[-1])


@settings(max_examples=300, deadline=None)
@given(plan=plans())
def test_slots_lie_between_first_and_last_day_as_written(plan, make_campaign):
    fields, cuts = plan
    campaign = make_campaign(**fields)

    slots = slots_between(campaign, start=cuts[0], end=cuts[-1])

    days = [slot.wall_time.date() for slot in slots]
    assert all(campaign.start is None or campaign.start <= day for day in days)
    assert all(campaign.end is None or day <= campaign.end for day in days)
