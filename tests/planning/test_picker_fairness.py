"""What holds over many picks: shares, turns, cool-down, and that nobody is forgotten."""

from __future__ import annotations

import random
import time as process
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.campaign import Burst, Kind, LanguagesAtSlot, Occasion
from bot.core.post import SlotKind
from bot.planning.calendar import slots_between
from bot.planning.picker import Picker

HOURS = ("09:00", "11:00", "13:30", "16:00", "18:30", "21:00", "22:00", "23:00")
LANGUAGES = ("ar", "en", "tr")

#: Facts, calls, languages, slots a day: the two bundled campaigns, at their 36 hours of cool-down.
BUNDLED = [
    pytest.param(14, 8, 2, 4, id="two-languages"),
    pytest.param(14, 8, 2, 5, id="two-languages-five-a-day"),
    pytest.param(12, 8, 3, 5, id="three-languages"),
    pytest.param(7, 6, 3, 4, id="few-items-three-languages"),
]


@pytest.mark.parametrize(("facts", "calls", "languages", "a_day"), BUNDLED)
def test_year_of_normal_use_leaves_no_slot_empty(
    facts, calls, languages, a_day, make_campaign, make_items, pick_all
):
    burst = Burst(key="launch", start=datetime(2026, 2, 6, 20), posts=12, every=timedelta(minutes=10))
    spoken = LANGUAGES[:languages]
    campaign = make_campaign(*HOURS[:a_day], languages=spoken, bursts=(burst,))

    picks = pick_all(campaign, make_items(facts, calls, spoken), days=365)

    assert [slot.key for slot, pick in picks if pick.item is None] == []


@pytest.mark.parametrize(("facts", "calls", "languages", "a_day"), BUNDLED)
def test_year_is_shared_fairly_between_items_and_languages(
    facts, calls, languages, a_day, make_campaign, make_items, pick_all
):
    spoken = LANGUAGES[:languages]
    items = make_items(facts, calls, spoken)
    campaign = make_campaign(*HOURS[:a_day], languages=spoken)

    picks = pick_all(campaign, items, days=365)

    uses = Counter((pick.item, pick.languages[0]) for _, pick in picks)
    for kind in Kind:
        counts = [uses[item.key, language] for item in items if item.kind is kind for language in spoken]
        assert max(counts) - min(counts) <= 2
    assert all(
        max(counts) - min(counts) <= 1
        for counts in ([uses[item.key, language] for language in spoken] for item in items)
    )


@pytest.mark.parametrize("share", [0.1, 0.25, 0.3, 1 / 3, 0.5, 0.75])
@pytest.mark.parametrize("languages", [1, 2, 3])
def test_calls_keep_their_share_in_every_language(share, languages, make_campaign, make_items, pick_all):
    spoken = LANGUAGES[:languages]
    campaign = make_campaign(*HOURS[:5], languages=spoken, calls_share=share)

    picks = pick_all(campaign, make_items(16, 16, spoken), days=40)[:200]

    for language in spoken:
        mine = [pick.item for _, pick in picks if pick.languages == (language,)]
        assert abs(sum(item.startswith("call") for item in mine) - share * len(mine)) <= 1
    calls = sum(pick.item.startswith("call") for _, pick in picks)
    assert abs(calls - share * 200) <= languages


def test_changed_share_is_not_made_up_for_by_a_run_of_calls(make_campaign, make_items, pick_all, uses_of):
    items = make_items(16, 16)
    facts_only = make_campaign(*HOURS[:5], calls_share=0)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    history = uses_of(pick_all(facts_only, items, days=60), items)
    campaign = make_campaign(*HOURS[:5], calls_share=0.25)

    picker = Picker(campaign, items, history=history)
    slots = slots_between(campaign, start=start + timedelta(days=60), end=start + timedelta(days=90))
    picked = [picker.pick(slot).item for slot in slots]

    runs = "".join(item[0] for item in picked).split("f")
    assert max(len(run) for run in runs) <= 6
    assert abs(sum(item.startswith("call") for item in picked[10:]) - 0.25 * len(picked[10:])) <= 3


def test_no_item_follows_itself_from_language_to_language(make_campaign, make_items, pick_all):
    campaign = make_campaign(*HOURS[:4])

    picks = pick_all(campaign, make_items(14, 8), days=200)

    keys = [pick.item for _, pick in picks]
    assert all(keys[place] not in keys[place + 1 : place + 4] for place in range(len(keys) - 4))


@st.composite
def campaigns(draw):
    """Fields of a campaign, its items' numbers, and the days to plan."""
    languages = LANGUAGES[: draw(st.integers(1, 3))]
    fields = {
        "languages": languages,
        "zone": draw(st.sampled_from(["Asia/Damascus", "Europe/Paris", "Africa/Cairo"])),
        "calls_share": draw(st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.5, 0.9, 1.0])),
        "cooldown": timedelta(hours=draw(st.sampled_from([0, 1, 12, 36, 48, 100]))),
        "languages_at_slot": draw(st.sampled_from(LanguagesAtSlot)),
        "bursts": (Burst(key="launch", start=datetime(2026, 1, 2, 20), posts=6, every=timedelta(minutes=5)),),
        "occasions": (
            Occasion(key="river-day", title={}, month=1, day=4, times=(time(10), time(16), time(20))),
        ),
    }
    return (
        HOURS[: draw(st.integers(1, 8))],
        fields,
        (draw(st.integers(0, 9)), draw(st.integers(0, 5)), draw(st.integers(0, 2))),
        draw(st.integers(3, 20)),
    )


@pytest.fixture(scope="session")
def build(make_campaign, make_items, make_item):
    """Build the campaign and its items; some wait to be checked, lack a language, or are an occasion's."""

    def built(times, fields, numbers):
        facts, calls, occasion_items = numbers
        languages = fields["languages"]
        items = [
            *make_items(facts, calls, languages),
            make_item("stale", languages=languages, recheck_on=date(2026, 1, 6)),
            make_item("partial", Kind.CALL, languages=languages[:1]),
            *(
                make_item(f"song-{number}", languages=languages, occasions=("river-day",))
                for number in range(occasion_items)
            ),
        ]
        return make_campaign(*times, **fields), items

    return built


@settings(max_examples=150, deadline=None)
@given(drawn=campaigns())
def test_rules_hold_for_any_campaign(drawn, build, pick_all, uses_of):
    times, fields, numbers, days = drawn
    campaign, items = build(times, fields, numbers)

    picks = pick_all(campaign, items, days=days)

    used = defaultdict(list)
    for use in uses_of(picks, items):
        used[use.item, use.language].append(use.at)
    assert all(
        later - earlier >= campaign.cooldown
        for moments in used.values()
        for earlier, later in pairwise(moments)
    )
    by_key = {item.key: item for item in items}
    for slot, pick in picks:
        assert pick.why
        assert bool(pick.languages) == (pick.item is not None)
        if pick.item is not None:
            item = by_key[pick.item]
            assert set(pick.languages) <= set(item.languages)
            assert not item.occasions or (slot.kind is SlotKind.OCCASION and slot.occasion in item.occasions)
            assert item.key != "stale" or slot.wall_time.date() <= date(2026, 1, 6)
            shut_out = {0.0: Kind.CALL, 1.0: Kind.FACT}.get(campaign.calls_share)
            assert item.kind is not shut_out or item.occasions


@settings(max_examples=150, deadline=None)
@given(drawn=campaigns(), cut=st.floats(0, 1), seed=st.integers(0, 1000))
def test_planning_in_pieces_picks_what_planning_at_once_picks(drawn, cut, seed, build, pick_all, uses_of):
    times, fields, numbers, days = drawn
    campaign, items = build(times, fields, numbers)
    whole = pick_all(campaign, items, days=days)
    place = round(cut * len(whole))
    # As a store gives it: in any order, and once for each account.
    history = 2 * uses_of(whole[:place], items)
    random.Random(seed).shuffle(history)

    picker = Picker(campaign, items, history=history)
    rest = [(slot, picker.pick(slot)) for slot, _ in whole[place:]]

    assert rest == whole[place:]


@settings(max_examples=40, deadline=None)
@given(
    facts=st.integers(5, 14),
    calls=st.integers(5, 9),
    languages=st.integers(1, 3),
    share=st.sampled_from([0.2, 0.25, 0.3, 0.5, 0.6]),
    a_day=st.integers(1, 6),
)
def test_items_and_languages_come_round_evenly_whatever_the_numbers(
    facts, calls, languages, share, a_day, make_campaign, make_items, pick_all
):
    spoken = LANGUAGES[:languages]
    items = make_items(facts, calls, spoken)
    campaign = make_campaign(
        *HOURS[:a_day], languages=spoken, calls_share=share, cooldown=timedelta(hours=12)
    )

    picks = pick_all(campaign, items, days=-(-600 // a_day))

    turns = Counter(pick.languages[0] for _, pick in picks)
    assert max(turns.values()) - min(turns[language] for language in spoken) <= 1
    assert abs(sum(pick.item.startswith("call") for _, pick in picks) - share * len(picks)) <= languages
    uses = Counter((pick.item, pick.languages[0]) for _, pick in picks)
    for kind in Kind:
        for language in spoken:
            counts = [uses[item.key, language] for item in items if item.kind is kind]
            assert max(counts) - min(counts) <= 1


def test_same_input_gives_the_same_plan(make_campaign, make_items, pick_all):
    campaign, items = make_campaign(*HOURS), make_items(14, 8)

    plans = [pick_all(campaign, items, days=30) for _ in range(2)]

    assert plans[0] == plans[1]


def test_three_campaigns_at_eight_slots_a_day_are_planned_for_a_year_well_within_seconds(
    make_campaign, make_items, pick_all
):
    campaign = make_campaign(*HOURS, languages=LANGUAGES)
    items = make_items(17, 8, LANGUAGES)
    before = process.process_time()

    plans = [pick_all(campaign, items, days=365) for _ in range(3)]

    # About half a second on an ordinary machine; the bound only catches a cost that grows with
    # the history.
    assert process.process_time() - before < 3
    assert all(len(plan) == 8 * 365 for plan in plans)
