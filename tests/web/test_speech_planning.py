"""Why a slot got its item: every sentence that planning puts together is said in the page's language."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bot.core.campaign import Item, Kind, Wording
from bot.planning.reasons import Blocked, Choice, why_nothing, why_picked, why_queued
from bot.web.speech import speaking
from bot.web.speech.said import said

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
items = some.builds(
    lambda kind, number: Item(
        campaign="invented",
        key=f"item-{number}",
        kind=kind,
        wordings={"ar": Wording(text="نص")},
        recheck_on=date(2026, 2, 1),
    ),
    some.sampled_from(Kind),
    some.integers(1, 9),
)
spans = some.sampled_from(
    [timedelta(minutes=1), timedelta(minutes=40), timedelta(hours=1), timedelta(hours=36), timedelta(days=2)]
)
languages = some.sampled_from(["ar", "en", "tr", "ckb", "kmr", "de"])
choices = some.builds(
    Choice,
    item=items,
    languages=some.lists(languages, min_size=1, max_size=3, unique=True).map(tuple),
    last=some.one_of(some.just(datetime.min.replace(tzinfo=UTC)), spans.map(lambda span: NOON - span)),
    in_line=some.integers(1, 30),
    of_occasion=some.booleans(),
    due=some.sampled_from(Kind),
    turn=some.one_of(some.none(), languages),
)
blocked = some.builds(
    Blocked,
    cooling=some.lists(items, max_size=4),
    recheck=some.lists(items, max_size=6),
    speechless=some.lists(items, max_size=3),
    left_out=some.one_of(some.none(), some.sampled_from(Kind)),
    next_free=some.one_of(some.none(), some.just(datetime(2026, 3, 2, 9, 0))),
    planned_later=some.booleans(),
)


@pytest.mark.parametrize("language", ["ar", "tr"])
@settings(max_examples=300, deadline=None)
@given(choice=choices, occasion=some.sampled_from([None, "an-invented-day"]), percent=some.integers(0, 100))
def test_why_an_item_was_picked_is_said_whole(
    language: str, choice: Choice, occasion: str | None, percent: int
) -> None:
    text = why_picked(choice, at=NOON, occasion=occasion, percent=percent, wanted=30)

    with speaking(language):
        assert said(text) is not None, text


@pytest.mark.parametrize("language", ["ar", "tr"])
@settings(max_examples=300, deadline=None)
@given(blocked=blocked, cooldown=spans)
def test_why_nothing_could_be_used_is_said_whole(
    language: str, blocked: Blocked, cooldown: timedelta
) -> None:
    text = why_nothing(blocked, cooldown=cooldown)

    with speaking(language):
        assert said(text) is not None, text


@pytest.mark.parametrize("language", ["ar", "tr"])
def test_why_a_slot_gives_way_is_said(language: str) -> None:
    text = why_queued(NOON.replace(tzinfo=None), give_way=timedelta(minutes=30))

    with speaking(language):
        assert said(text) is not None


def test_a_reason_reads_as_arabic_from_its_first_to_its_last_word() -> None:
    text = (
        "least recently used of the 3 facts next in line (last in Arabic 2 days ago); "
        "Arabic is next in turn; calls are at 0 % (aim 30 %)"
    )

    with speaking("ar"):
        found = said(text)

    assert found == (
        "الأبعد استعمالاً بين الحقائق التالية في الدور (عددها 3) "
        "(آخر استعمال بهذه اللغة، العربية، قبل يومين)؛ "
        "الدور للغة: العربية؛ نسبة النداءات 0% (المطلوب 30%)"
    )
