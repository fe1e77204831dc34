"""Campaigns and items keep their value, and equal values have equal digests."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.campaign import (
    Account,
    Burst,
    Campaign,
    Hashtags,
    Item,
    Kind,
    LanguagesAtSlot,
    Network,
    Occasion,
    PostingTime,
    Source,
    Sum,
    Visibility,
    Weekday,
    Wording,
)
from bot.core.dates import Period
from bot.store import codec

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_BY_LANGUAGE = st.dictionaries(st.sampled_from(["ar", "en", "tr"]), _TEXT)
_DATES = st.none() | st.dates()
_FIGURES = st.dictionaries(
    _TEXT, st.integers(-(10**12), 10**12) | st.decimals(allow_nan=False, allow_infinity=False), max_size=3
)
_ITEMS = st.builds(
    Item,
    campaign=_TEXT,
    key=_TEXT,
    kind=st.sampled_from(Kind),
    wordings=st.dictionaries(
        st.sampled_from(["ar", "en", "tr"]), st.builds(Wording, text=_TEXT, short=st.none() | _TEXT)
    ),
    source=st.none() | st.builds(Source, publisher=_BY_LANGUAGE, url=_TEXT, read_on=_DATES),
    period=st.none() | st.sampled_from(["2011-03/2020-06", "2014", "2013-08-21"]).map(Period.parse),
    recheck_on=_DATES,
    figures=_FIGURES,
    plain_numbers=st.lists(_TEXT, max_size=2).map(tuple),
    sums=st.lists(st.builds(Sum, whole=_TEXT, parts=st.lists(_TEXT, max_size=2).map(tuple)), max_size=2).map(
        tuple
    ),
    content_warning=_BY_LANGUAGE,
    occasions=st.lists(_TEXT, max_size=2).map(tuple),
)


@given(item=_ITEMS)
def test_an_item_reads_back_as_it_was_written(item):
    found = codec.decode_item(codec.encode(item))

    assert found == item
    # 5 and Decimal("5") are equal, but not written alike in a text.
    assert {name: type(value) for name, value in found.figures.items()} == {
        name: type(value) for name, value in item.figures.items()
    }


@given(item=_ITEMS)
def test_the_order_of_languages_does_not_change_an_items_digest(item):
    turned = {**vars(item), "wordings": dict(reversed(item.wordings.items()))}

    assert codec.digest(codec.encode(Item(**turned))) == codec.digest(codec.encode(item))


def _campaign() -> Campaign:
    return Campaign(
        key="invented-campaign",
        title={"ar": "حملة", "en": "A campaign"},
        organisers={"ar": ("جمعية",), "en": ("An association", "Another")},
        languages=("ar", "en"),
        zone="Asia/Damascus",
        hashtags={"ar": Hashtags(required=("#وسم",), optional=("#آخر",))},
        accounts=(Account(name="invented_x", network=Network.X, languages=("ar",), links=False),),
        posting_times=(PostingTime(at=time(18, 30), weekdays=(Weekday.FRI,)), PostingTime(at=time(9, 0))),
        bursts=(
            Burst(key="launch", start=datetime(2026, 3, 15, 18, 0), posts=6, every=timedelta(minutes=10)),
        ),
        occasions=(Occasion(key="day", title={"en": "A day"}, month=8, day=30, times=(time(12, 0),)),),
        start=date(2026, 3, 1),
        calls_share=0.3,
        cooldown=timedelta(days=2, hours=1),
        grace=timedelta(minutes=20),
        languages_at_slot=LanguagesAtSlot.ALL,
        approval=True,
        arabic_digits=True,
    )


def test_a_campaign_reads_back_as_it_was_written():
    campaign = _campaign()

    assert codec.decode_campaign(codec.encode(campaign)) == campaign


def test_figures_that_are_written_differently_have_different_digests():
    whole, rounded = (
        codec.encode(
            Item(campaign="c", key="k", kind=Kind.FACT, wordings={}, figures={"share": Decimal(value)})
        )
        for value in ("12.50", "12.5")
    )

    assert codec.digest(whole) != codec.digest(rounded)


def test_what_an_account_may_say_since_later_leaves_the_digest_of_one_that_does_not_say_it():
    stored = json.loads(codec.encode(_campaign()))

    assert set(stored["accounts"][0]).isdisjoint({"server", "handle", "channel", "visibility"})


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"server": "https://social.invalid"}, id="server"),
        pytest.param({"handle": "campaign.invalid"}, id="handle"),
        pytest.param({"channel": "@invented_channel"}, id="channel"),
        pytest.param({"visibility": Visibility.UNLISTED}, id="visibility"),
    ],
)
def test_what_an_account_says_reads_back_and_changes_the_digest(said):
    before = _campaign()
    after = replace(before, accounts=(replace(before.accounts[0], **said),))

    assert codec.decode_campaign(codec.encode(after)) == after
    assert codec.encode(after) != codec.encode(before)
