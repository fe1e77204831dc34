"""Which item a slot gets, in which languages, and the sentence that says why."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.core.campaign import Kind, LanguagesAtSlot, Occasion
from bot.core.post import Slot, SlotKind
from bot.planning.picker import GIVE_WAY, Pick, Picker, Use

#: A Sunday, 12:00 in Damascus.
NOON = datetime(2026, 3, 1, 9, tzinfo=UTC)
RIVER_DAY = Occasion(key="river-day", title={}, month=3, day=1, times=(time(12),))


def _slot(at=NOON, kind=SlotKind.REGULAR, occasion=None):
    wall_time = (at + timedelta(hours=3)).replace(tzinfo=None)
    return Slot(
        campaign="river",
        key=f"{kind}:{wall_time.isoformat()}",
        kind=kind,
        due_at=at,
        wall_time=wall_time,
        zone="Asia/Damascus",
        occasion=occasion,
    )


def _ago(item, *, language="ar", kind=Kind.FACT, **ago):
    return Use(item=item, kind=kind, language=language, at=NOON - timedelta(**ago))


def test_first_pick_is_the_first_item_in_the_first_language(make_campaign, make_items):
    picker = Picker(make_campaign(), make_items(8, 3))

    pick = picker.pick(_slot())

    assert pick == Pick(
        item="fact-01",
        languages=("ar",),
        why="least recently used of the 8 facts next in line (no known use in Arabic); "
        "Arabic is next in turn",
    )


def test_least_recently_used_item_comes_first_and_why_says_when(make_campaign, make_items):
    history = [
        _ago("fact-01", days=4),
        _ago("fact-02", days=6),
        _ago("fact-03", days=5),
        _ago("call-01", kind=Kind.CALL, language="en", days=1),
    ]
    picker = Picker(make_campaign(calls_share=0.1), make_items(3, 1), history=history)

    pick = picker.pick(_slot())

    assert pick.item == "fact-02"
    assert pick.why == (
        "least recently used of the 2 facts next in line (last in Arabic 6 days ago); "
        "Arabic is next in turn; calls are at 25 % (aim 10 %)"
    )


def test_pick_is_remembered_as_a_use(make_campaign, make_items):
    picker = Picker(make_campaign(calls_share=0), make_items(4, 0))

    picks = [picker.pick(_slot(NOON + timedelta(hours=hour))) for hour in range(4)]

    assert [pick.item for pick in picks] == ["fact-01", "fact-02", "fact-03", "fact-04"]
    assert [pick.languages for pick in picks] == [("ar",), ("en",), ("ar",), ("en",)]


def test_item_is_not_repeated_in_a_language_within_its_cooldown(make_campaign, make_items):
    campaign = make_campaign(languages=("ar",), calls_share=0)
    picker = Picker(campaign, make_items(2, 0), history=[_ago("fact-01", hours=35, minutes=59)])

    picks = [picker.pick(_slot(NOON + timedelta(minutes=minute))) for minute in (0, 1)]

    assert [pick.item for pick in picks] == ["fact-02", "fact-01"]


def test_cooldown_counts_uses_planned_for_later_too(make_campaign, make_items):
    campaign = make_campaign(languages=("ar",), calls_share=0)
    picker = Picker(campaign, make_items(1, 0), history=[_ago("fact-01", hours=-5)])

    pick = picker.pick(_slot())

    assert pick.item is None
    assert pick.why == (
        "nothing to say: the only fact is used less than 36 hours before or after; "
        "the next is free at 2026-03-03 05:00"
    )


def test_slot_between_two_uses_keeps_the_cooldown_to_both(make_campaign, make_items):
    campaign = make_campaign(languages=("ar",), calls_share=0)
    picker = Picker(campaign, make_items(1, 0), history=[_ago("fact-01", hours=-80)])

    picks = [picker.pick(_slot(NOON + timedelta(hours=hour))).item for hour in (0, 35, 36, 79, 115, 116)]

    assert picks == ["fact-01", None, "fact-01", None, None, "fact-01"]


def test_why_tells_the_share_of_calls_over_the_last_hundred_picks(make_campaign, make_items):
    calls = [_ago("call-01", kind=Kind.CALL, hours=500 + number) for number in range(60)]
    facts = [_ago("fact-01", hours=100 + number) for number in range(90)]
    picker = Picker(make_campaign(), make_items(2, 1), history=[*calls, *facts])

    pick = picker.pick(_slot())

    assert pick.why.endswith("calls are at 10 % (aim 30 %)")


def test_another_kind_fills_the_slot_when_nothing_of_the_due_kind_is_free(make_campaign, make_items):
    campaign = make_campaign(languages=("ar",), calls_share=0.1)
    picker = Picker(campaign, make_items(1, 1), history=[_ago("fact-01", hours=3)])

    pick = picker.pick(_slot())

    assert pick.item == "call-01"
    assert pick.why == (
        "the only call next in line (no known use in Arabic); Arabic is next in turn; "
        "a fact was due but none is free in Arabic; calls are at 0 % (aim 10 %)"
    )


def test_another_language_speaks_when_the_next_in_turn_has_nothing_free(make_campaign, make_items):
    history = [_ago("fact-01", hours=4), _ago("fact-01", language="en", hours=3)]
    items = [*make_items(1, 0), *make_items(0, 1, languages=("en",))]
    picker = Picker(make_campaign(), items, history=history)

    pick = picker.pick(_slot())

    assert (pick.item, pick.languages) == ("call-01", ("en",))
    assert "Arabic was next in turn but has nothing free, so English speaks" in pick.why


def test_slot_stays_empty_when_all_items_cool_down_and_says_when_the_next_is_free(make_campaign, make_items):
    history = [
        _ago(item, language=language, kind=kind, hours=hours)
        for item, kind in (("fact-01", Kind.FACT), ("fact-02", Kind.FACT), ("call-01", Kind.CALL))
        for language, hours in (("ar", 10), ("en", 12))
    ]
    picker = Picker(make_campaign(), make_items(2, 1), history=history)

    pick = picker.pick(_slot())

    assert pick == Pick(
        item=None,
        languages=(),
        why="nothing to say: all 2 facts and 1 call were used within the last 36 hours; "
        "the next is free at 2026-03-02 12:00",
    )


def test_empty_slot_is_no_use_and_the_item_is_free_when_it_was_said_to_be(make_campaign, make_items):
    campaign = make_campaign(languages=("ar",), calls_share=0)
    picker = Picker(campaign, make_items(1, 0), history=[_ago("fact-01", hours=10)])

    picks = [picker.pick(_slot(NOON + timedelta(hours=hour))) for hour in (0, 25, 26)]

    assert [pick.item for pick in picks] == [None, None, "fact-01"]
    assert "the next is free at 2026-03-02 14:00" in picks[0].why


def test_campaign_without_items_says_so(make_campaign):
    pick = Picker(make_campaign(), []).pick(_slot())

    assert pick.why == "nothing to say: the campaign has no item for this slot"


@pytest.mark.parametrize(
    ("recheck_on", "picked"),
    [
        pytest.param(date(2026, 3, 1), "dated", id="on-its-last-day"),
        pytest.param(date(2026, 2, 28), None, id="once-it-has-passed"),
    ],
)
def test_item_is_skipped_once_its_recheck_date_has_passed(recheck_on, picked, make_campaign, make_item):
    picker = Picker(make_campaign(), [make_item("dated", recheck_on=recheck_on)])

    pick = picker.pick(_slot())

    assert pick.item == picked


def test_recheck_date_passes_at_midnight_of_the_campaigns_zone(make_campaign, make_item):
    late = datetime(2026, 3, 1, 21, tzinfo=UTC)
    items = [make_item("dated", recheck_on=date(2026, 3, 1))]

    picks = [
        Picker(make_campaign(), items).pick(_slot(at)).item for at in (late - timedelta(minutes=1), late)
    ]

    assert picks == ["dated", None]


def test_nothing_left_names_what_waits_to_be_checked_again(make_campaign, make_items, make_item):
    stale = [make_item(f"stale-{number}", recheck_on=date(2026, 1, number)) for number in range(1, 6)]
    picker = Picker(
        make_campaign(languages=("ar",)), [*stale, *make_items(1, 0)], history=[_ago("fact-01", hours=6)]
    )

    pick = picker.pick(_slot())

    assert pick.why == (
        "nothing to say: 5 facts have to be checked again (stale-1 by 2026-01-01, stale-2 by 2026-01-02, "
        "stale-3 by 2026-01-03 and 2 more); the other fact was used within the last 36 hours; "
        "the next is free at 2026-03-02 18:00"
    )


def test_item_that_has_to_be_checked_before_it_is_free_is_no_promise(make_campaign, make_item):
    items = [make_item("dated", recheck_on=date(2026, 3, 1))]
    history = [_ago("dated", hours=3), _ago("dated", language="en", hours=2)]

    pick = Picker(make_campaign(), items, history=history).pick(_slot())

    assert pick.why == "nothing to say: the only fact was used within the last 36 hours"


@pytest.mark.parametrize("share", [0.0, 1.0], ids=["no-calls", "only-calls"])
def test_share_of_none_or_all_leaves_a_kind_out_even_when_nothing_else_is_free(
    share, make_campaign, make_items
):
    used, other = ("fact", "call") if share == 0 else ("call", "fact")
    campaign = make_campaign(languages=("ar",), calls_share=share)
    picker = Picker(campaign, make_items(1, 1))

    first, second = (picker.pick(_slot(NOON + timedelta(hours=hour))) for hour in (0, 1))

    assert first.item == f"{used}-01"
    assert second.why == (
        f"nothing to say: {other}s are left out by the share of calls; "
        f"the other {used} was used within the last 36 hours; the next is free at 2026-03-03 00:00"
    )


@pytest.mark.parametrize("minutes", [-9, 0, 9])
@pytest.mark.parametrize("kind", [SlotKind.REGULAR, SlotKind.BURST, SlotKind.OCCASION])
def test_slot_gives_way_to_what_a_person_queued(kind, minutes, make_campaign, make_items):
    queued = [NOON + timedelta(minutes=minutes), NOON + timedelta(days=1), NOON - timedelta(days=1)]
    picker = Picker(make_campaign(), make_items(3, 1), queued=queued)

    pick = picker.pick(_slot(kind=kind, occasion=None if kind is SlotKind.REGULAR else "river-day"))

    moment = (queued[0] + timedelta(hours=3)).strftime("%Y-%m-%d %H:%M")
    assert pick == Pick(
        item=None,
        languages=(),
        why=f"gives way to what a person queued for {moment}, less than 10 minutes away",
    )


@pytest.mark.parametrize("way", [GIVE_WAY, -GIVE_WAY], ids=["after", "before"])
def test_slot_ten_minutes_from_what_a_person_queued_stays(way, make_campaign, make_items):
    picker = Picker(make_campaign(), make_items(3, 1), queued=[NOON + way])

    assert picker.pick(_slot()).item == "fact-01"


def test_slot_of_what_a_person_queued_is_not_picked(make_campaign, make_items):
    picker = Picker(make_campaign(), make_items(3, 1))

    with pytest.raises(ValueError, match="what a person queued is not picked"):
        picker.pick(_slot(kind=SlotKind.QUEUED))


def test_occasion_uses_its_own_items_in_each_language_before_the_rotation(
    make_campaign, make_items, make_item
):
    items = [*make_items(5, 2), make_item("river-song", occasions=("river-day",))]
    picker = Picker(make_campaign(occasions=(RIVER_DAY,)), items)

    picks = [
        picker.pick(_slot(NOON + timedelta(hours=hour), SlotKind.OCCASION, "river-day")) for hour in range(3)
    ]

    assert [(pick.item, pick.languages) for pick in picks] == [
        ("river-song", ("ar",)),
        ("river-song", ("en",)),
        ("fact-01", ("ar",)),
    ]
    assert picks[0].why == (
        "the only fact of the occasion river-day next in line (no known use in Arabic); "
        "Arabic is next in turn"
    )
    assert picks[2].why.startswith("the occasion river-day has nothing free of its own; least recently used")


def test_occasion_item_in_another_language_says_whose_turn_it_was(make_campaign, make_items, make_item):
    items = [*make_items(5, 2), make_item("river-song", occasions=("river-day",))]
    history = [_ago("river-song", hours=3), _ago("fact-01", language="en", hours=1)]
    picker = Picker(make_campaign(occasions=(RIVER_DAY,)), items, history=history)

    pick = picker.pick(_slot(kind=SlotKind.OCCASION, occasion="river-day"))

    assert (pick.item, pick.languages) == ("river-song", ("en",))
    assert "Arabic was next in turn but has nothing of the occasion free, so English speaks" in pick.why


def test_call_of_an_occasion_is_used_though_the_share_of_calls_is_none(make_campaign, make_items, make_item):
    items = [*make_items(5, 0), make_item("river-call", Kind.CALL, occasions=("river-day",))]
    picker = Picker(make_campaign(occasions=(RIVER_DAY,), calls_share=0), items)

    pick = picker.pick(_slot(kind=SlotKind.OCCASION, occasion="river-day"))

    assert pick.item == "river-call"
    assert "a fact was due but the occasion has none free in Arabic" in pick.why


@pytest.mark.parametrize("kind", [SlotKind.REGULAR, SlotKind.BURST])
def test_occasions_items_are_for_its_slots_only(kind, make_campaign, make_item):
    picker = Picker(make_campaign(), [make_item("river-song", occasions=("river-day",))])

    pick = picker.pick(_slot(kind=kind, occasion="river-day" if kind is SlotKind.BURST else None))

    assert pick.item is None


def test_item_of_two_occasions_is_one_item(make_campaign, make_item):
    items = [make_item("song", languages=("ar",), occasions=("river-day", "lake-day"))]
    picker = Picker(make_campaign(languages=("ar",)), items)

    picks = [
        picker.pick(_slot(NOON + timedelta(hours=hour), SlotKind.OCCASION, occasion)).item
        for hour, occasion in enumerate(("river-day", "lake-day"))
    ]

    assert picks == ["song", None]


def test_all_languages_at_once_in_the_campaigns_order_as_far_as_the_item_has_them(make_campaign, make_item):
    campaign = make_campaign(
        languages=("ar", "tr", "en"), languages_at_slot=LanguagesAtSlot.ALL, calls_share=0
    )
    items = [make_item("two", languages=("en", "ar", "fr")), make_item("three", languages=("ar", "en", "tr"))]
    picker = Picker(campaign, items)

    picks = [picker.pick(_slot(NOON + timedelta(hours=hour))) for hour in (0, 1)]

    assert [pick.languages for pick in picks] == [("ar", "en"), ("ar", "tr", "en")]
    assert picks[0].why == (
        "least recently used of the 2 facts next in line (no known use); "
        "all languages at once: Arabic and English"
    )


def test_item_that_cools_down_in_one_language_waits_where_all_speak_at_once(make_campaign, make_items):
    campaign = make_campaign(languages_at_slot=LanguagesAtSlot.ALL, calls_share=0)
    picker = Picker(campaign, make_items(1, 0), history=[_ago("fact-01", language="en", hours=30)])

    picks = [picker.pick(_slot(NOON + timedelta(hours=hour))) for hour in (0, 6)]

    assert [(pick.item, pick.languages) for pick in picks] == [(None, ()), ("fact-01", ("ar", "en"))]


def test_item_in_none_of_the_campaigns_languages_is_named(make_campaign, make_item):
    picker = Picker(make_campaign(), [make_item("song", languages=("fr",))])

    assert picker.pick(_slot()).why == "nothing to say: 1 fact has none of the campaign's languages"


@pytest.mark.parametrize(
    ("cooldown", "words"),
    [
        pytest.param(timedelta(hours=36), "36 hours", id="hours"),
        pytest.param(timedelta(days=2), "2 days", id="days"),
        pytest.param(timedelta(days=1), "1 day", id="one-day"),
        pytest.param(timedelta(minutes=90), "90 minutes", id="minutes"),
    ],
)
def test_cooldown_is_told_as_it_was_set(cooldown, words, make_campaign, make_items):
    campaign = make_campaign(languages=("ar",), cooldown=cooldown, calls_share=0)
    picker = Picker(campaign, make_items(1, 0), history=[_ago("fact-01", minutes=5)])

    pick = picker.pick(_slot())

    assert f"was used within the last {words};" in pick.why


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        pytest.param(timedelta(minutes=119, seconds=59), "119 minutes", id="minutes"),
        pytest.param(timedelta(hours=47, minutes=59), "47 hours", id="hours"),
        pytest.param(timedelta(hours=71), "2 days", id="days"),
    ],
)
def test_last_use_is_told_in_round_words(ago, words, make_campaign, make_items):
    campaign = make_campaign(languages=("ar",), cooldown=timedelta(0), calls_share=0)
    history = [Use(item="fact-01", kind=Kind.FACT, language="ar", at=NOON - ago)]

    pick = Picker(campaign, make_items(1, 0), history=history).pick(_slot())

    assert f"(last in Arabic {words} ago)" in pick.why


def test_language_without_an_english_name_is_called_by_its_code(make_campaign, make_items):
    campaign = make_campaign(languages=("xx",))

    pick = Picker(campaign, make_items(1, 0, languages=("xx",))).pick(_slot())

    assert pick.why == "the only fact next in line (no known use in xx); xx is next in turn"


def test_history_may_name_items_that_are_gone(make_campaign, make_items):
    history = [_ago("long-gone", days=3), _ago("gone-too", language="fr", days=2)]
    picker = Picker(make_campaign(), make_items(2, 0), history=history)

    pick = picker.pick(_slot())

    assert (pick.item, pick.languages) == ("fact-01", ("en",))


def test_new_item_comes_soon_but_not_again_and_again(make_campaign, make_items, make_item):
    campaign = make_campaign(languages=("ar",), calls_share=0, cooldown=timedelta(0))
    history = [_ago(f"fact-{n:02}", days=day * 4 + n) for n in range(1, 5) for day in range(1, 40)]
    picker = Picker(campaign, [*make_items(4, 0), make_item("new")], history=history)

    picks = [picker.pick(_slot(NOON + timedelta(hours=hour))).item for hour in range(10)]

    assert picks.index("new") < 5
    assert picks.count("new") == 2
