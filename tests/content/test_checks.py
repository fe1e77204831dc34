"""The rules for one item hold for a text that somebody queues on the spot too."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bot.content.checks import check_item
from bot.content.reading import Content
from bot.core.campaign import Campaign, Item, Kind, Source, Sum, Wording
from bot.core.dates import Period
from bot.core.media import Picture

_SPOT = Item(
    campaign="lamps",
    key="queued",
    kind=Kind.FACT,
    wordings={"en": Wording(text="12 lamps were lit.")},
    source=Source(publisher={"en": "Example Town"}, url="https://town.example/"),
    period=Period.parse("2026-11"),
    plain_numbers=("12",),
)


def _said(item: Item, campaign: Campaign, *languages: str) -> list[str]:
    narrowed = replace(campaign, languages=languages or campaign.languages)
    return [str(problem) for problem in check_item(item, campaign=narrowed)]


def test_item_of_a_good_file_has_no_problem(good: Content, lamps: Campaign) -> None:
    assert [check_item(item, campaign=lamps) for item in good.items] == [[], [], []]


def test_text_queued_on_the_spot_is_checked_in_its_own_language(lamps: Campaign) -> None:
    assert _said(_SPOT, lamps, "en") == []


def test_item_needs_all_languages_of_its_campaign(lamps: Campaign) -> None:
    assert [line.partition(": missing")[0] for line in _said(_SPOT, lamps)] == [
        "queued: text.ar",
        "queued: source.publisher.ar",
    ]


@pytest.mark.parametrize(
    ("item", "says"),
    [
        pytest.param(
            replace(_SPOT, source=None),
            "queued: source: a fact needs its source — write who reports it",
            id="no-source",
        ),
        pytest.param(
            replace(_SPOT, period=None),
            "queued: period: a fact needs the time it speaks of"
            " — write period: 2011-03/2020-06, or recheck_on: with the day on which to check it again",
            id="no-period",
        ),
        pytest.param(
            replace(_SPOT, plain_numbers=()),
            "queued: text.en: the number 12 is typed"
            ' — declare it under figures, or write plain_numbers: ["12"] if it counts nothing',
            id="number",
        ),
        pytest.param(
            replace(_SPOT, wordings={"en": Wording(text="12 lamps were lit: https://town.example/lamps")}),
            "queued: text.en: the link https://town.example/lamps"
            " — write it as the url of the source: accounts with links: true add it",
            id="link",
        ),
        pytest.param(
            replace(_SPOT, source=Source(publisher={"en": "Example Town"}, url="https://town.example/مصباح")),
            "queued: source.url: some networks cut this link — write https://town.example/%D9%85%D8%B5%D8%A8%D8%A7%D8%AD",
            id="non-ascii-link",
        ),
        pytest.param(
            replace(_SPOT, picture=Picture(file="photo.jpg", alt={"en": "A lamp"}, warning=True)),
            'queued: picture.file: "photo.jpg" is no picture'
            " — take it in with `campaign-bot media add FILE`, and write the 64 signs that it prints",
            id="picture",
        ),
        pytest.param(
            replace(_SPOT, picture=Picture(file="ab" * 32 + ".jpg", alt={"en": "A lamp"}, warning=True)),
            'queued: picture.file: "…abababababab.jpg" is no picture'
            " — write the 64 signs alone, in small letters, without .jpg",
            id="picture-with-its-suffix",
        ),
        pytest.param(
            replace(_SPOT, picture=Picture(file="ab" * 32, alt={"en": "12 LAMPS were lit!"}, warning=True)),
            "queued: picture.alt.en: this only repeats the text — say what the picture shows",
            id="alternative-text",
        ),
        pytest.param(
            replace(_SPOT, key="Spot!"),
            'Spot!: "Spot!" is no key — write small letters a-z, digits and hyphens only',
            id="key",
        ),
        pytest.param(
            replace(_SPOT, occasions=("lamp-days",)),
            'queued: occasions: "lamp-days" is no occasion of the campaign — write lamp-day',
            id="occasion",
        ),
        pytest.param(
            replace(
                _SPOT,
                figures={"a": Decimal("NaN"), "b": 1, "c": 2},
                sums=(Sum(whole="a", parts=("b", "c")),),
            ),
            "queued: figures.a: NaN is no number — write digits only: 12.5",
            id="no-number",
        ),
    ],
)
def test_text_queued_on_the_spot_keeps_the_same_rules(lamps: Campaign, item: Item, says: str) -> None:
    assert _said(item, lamps, "en") == [says]


def test_call_needs_neither_source_nor_period(lamps: Campaign) -> None:
    call = replace(_SPOT, kind=Kind.CALL, source=None, period=None)

    assert _said(call, lamps, "en") == []


def test_number_sign_and_postal_address_are_neither_hashtag_nor_mention(lamps: Campaign) -> None:
    item = replace(_SPOT, wordings={"en": Wording(text="Lamp #12 is lit.")})

    assert _said(item, lamps, "en") == []


def test_hashtag_in_a_text_is_allowed_where_every_network_links_it_whole(lamps: Campaign) -> None:
    item = replace(_SPOT, wordings={"en": Wording(text="12 lamps are lit. #Lamps, #مصابيح!")})

    assert _said(item, lamps, "en") == []


def test_sum_of_decimals_is_exact(lamps: Campaign) -> None:
    figures = {"whole": Decimal("0.3"), "one": Decimal("0.1"), "two": Decimal("0.2")}
    item = replace(_SPOT, figures=figures, sums=(Sum(whole="whole", parts=("one", "two")),))

    assert _said(item, lamps, "en") == []


def test_recheck_date_is_enough_for_a_fact_without_period(lamps: Campaign) -> None:
    item = replace(_SPOT, period=None, recheck_on=date(2027, 1, 1))

    assert _said(item, lamps, "en") == []
