"""Campaigns, items and plans for the tests of planning; every name is invented."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from bot.core.campaign import Campaign, Item, Kind, PostingTime, Wording
from bot.core.post import Slot
from bot.planning.calendar import slots_between
from bot.planning.picker import Pick, Picker, Use

#: For properties: functions, so that one session-wide fixture serves every example.
MakeCampaign = Callable[..., Campaign]
MakeItems = Callable[..., list[Item]]


@pytest.fixture(scope="session")
def make_campaign() -> MakeCampaign:
    """Build a campaign in Damascus, posting at 09:00 in Arabic and English unless told otherwise."""

    def make(*times: str, **fields: Any) -> Campaign:
        settings: dict[str, Any] = {
            "key": "river",
            "title": {"en": "River"},
            "organisers": {"en": ("Friends of the River",)},
            "languages": ("ar", "en"),
            "zone": "Asia/Damascus",
            "hashtags": {},
            "accounts": (),
            "posting_times": tuple(PostingTime(at=time.fromisoformat(at)) for at in times or ("09:00",)),
            "calls_share": 0.3,
            "cooldown": timedelta(hours=36),
        }
        return Campaign(**(settings | fields))

    return make


@pytest.fixture(scope="session")
def make_item() -> Callable[..., Item]:
    """Build an item that has the named languages."""

    def make(
        key: str, kind: Kind = Kind.FACT, languages: Sequence[str] = ("ar", "en"), **fields: Any
    ) -> Item:
        wordings = {language: Wording(text=f"{key} in {language}") for language in languages}
        return Item(campaign="river", key=key, kind=kind, wordings=wordings, **fields)

    return make


@pytest.fixture(scope="session")
def make_items(make_item: Callable[..., Item]) -> MakeItems:
    """Build so many facts and calls, `fact-01` and on."""

    def make(facts: int, calls: int, languages: Sequence[str] = ("ar", "en"), **fields: Any) -> list[Item]:
        return [
            make_item(f"{kind}-{number:02}", kind, languages, **fields)
            for kind, count in ((Kind.FACT, facts), (Kind.CALL, calls))
            for number in range(1, count + 1)
        ]

    return make


@pytest.fixture(scope="session")
def keys_between() -> Callable[..., list[str]]:
    """List the keys of a campaign's slots between two moments written in UTC."""

    def keys(campaign: Campaign, start: str, end: str) -> list[str]:
        bounds = [datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in (start, end)]
        return [slot.key for slot in slots_between(campaign, start=bounds[0], end=bounds[1])]

    return keys


@pytest.fixture(scope="session")
def pick_all() -> Callable[..., list[tuple[Slot, Pick]]]:
    """Pick for every slot of so many days from 1 January 2026 on."""

    def pick(
        campaign: Campaign, items: Sequence[Item], *, days: int, **fields: Any
    ) -> list[tuple[Slot, Pick]]:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        picker = Picker(campaign, items, **fields)
        return [
            (slot, picker.pick(slot))
            for slot in slots_between(campaign, start=start, end=start + timedelta(days=days))
        ]

    return pick


@pytest.fixture(scope="session")
def uses_of() -> Callable[..., list[Use]]:
    """Give the uses that picks amount to."""

    def uses(picks: Sequence[tuple[Slot, Pick]], items: Sequence[Item]) -> list[Use]:
        kinds = {item.key: item.kind for item in items}
        return [
            Use(item=pick.item, kind=kinds[pick.item], language=language, at=slot.due_at)
            for slot, pick in picks
            if pick.item is not None
            for language in pick.languages
        ]

    return uses
