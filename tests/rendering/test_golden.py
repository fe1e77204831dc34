"""Whole posts, as they leave, one file each: read them after `pytest tests/rendering --update-golden`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.core.campaign import Wording
from bot.core.dates import Period

GOLDEN = Path(__file__).parent / "golden"
LONG = "The lamp of the outer mole burned through every storm, and nobody who sailed home forgot its light. "


def texts(**by_language: str) -> dict[str, Wording]:
    return {language: Wording(text=text) for language, text in by_language.items()}


def case(name: str, language: str, network: str = "x", **changes: Any) -> Any:
    """One post: what differs from the fixtures. `campaign`, `links` and `kind` are no fields of the item."""
    return pytest.param(name, language, network, changes, id=name)


MEASURES = texts(
    ar="بلغ متوسط مدة السهر {hours} ساعة في الليلة وفق القرار 2254.",
    en="Keepers stood watch for {hours} hours a night on average, as resolution 2254 asks.",
    tr="Bekçiler, 2254 sayılı karara uygun olarak gecede ortalama {hours} saat nöbet tuttu.",
)
HOURS = {"wordings": MEASURES, "figures": {"hours": Decimal("1234.50")}, "plain_numbers": ("2254",)}


@pytest.mark.parametrize(
    ("name", "language", "network", "changes"),
    [
        case("fact-en-x", "en"),
        case("fact-ar-x", "ar"),
        case("fact-tr-x", "tr"),
        case("fact-en-mastodon-link", "en", "mastodon", links=True),
        case("fact-ar-mastodon-link", "ar", "mastodon", links=True),
        case("fact-tr-bluesky-link", "tr", "bluesky", links=True),
        case("fact-ar-arabic-digits", "ar", campaign={"arabic_digits": True}),
        case("fact-en-arabic-digits-change-nothing", "en", campaign={"arabic_digits": True}),
        case("decimal-en", "en", **HOURS),
        case("decimal-tr", "tr", **HOURS),
        case("decimal-ar", "ar", **HOURS),
        case("decimal-ar-arabic-digits", "ar", campaign={"arabic_digits": True}, **HOURS),
        case("moment-month-en", "en", period=Period.parse("2017-02")),
        case("moment-year-ar", "ar", period=Period.parse("2017")),
        case("moment-day-tr", "tr", period=Period.parse("2020-07-06")),
        case("moment-day-en", "en", period=Period.parse("2020-07-06")),
        case("span-years-ar", "ar", period=Period.parse("2011/2020")),
        case("span-within-year-ar", "ar", period=Period.parse("2020-01/2020-10")),
        case("span-days-tr", "tr", period=Period.parse("2020-07-06/2020-08-12")),
        case("span-mixed-en", "en", period=Period.parse("2011-03-15/2020")),
        case("recheck-without-period-ar", "ar", period=None, recheck_on="2027-01-01"),
        case("dropped-hashtags-en", "en", wordings=texts(en=LONG * 2)),
        case(
            "short-wording-en",
            "en",
            wordings={"en": Wording(text=LONG * 3, short="Its light was seen from {lamps} ships.")},
        ),
        case("hashtag-in-text-ar", "ar", wordings=texts(ar="نحن #حراس_المنارة، ولن تنطفئ {lamps} شعلة.")),
        case(
            "link-in-text-en",
            "en",
            "mastodon",
            links=True,
            wordings=texts(
                en="All {lamps} lamps are listed at https://archive.example.org/reports/7 by name."
            ),
        ),
        case("call-en", "en", kind="call"),
        case("call-ar", "ar", kind="call"),
        case("call-tr", "tr", kind="call"),
    ],
)
def test_post_is_the_golden_one(
    renderer, make_campaign, make_fact, make_call, account_on, request, name, language, network, changes
):
    changes = dict(changes)
    campaign = make_campaign(**changes.pop("campaign", {}))
    account = account_on(network, links=changes.pop("links", False))
    make = make_call if changes.pop("kind", "fact") == "call" else make_fact
    golden = GOLDEN / f"{name}.txt"

    post = renderer.render(make(**changes), campaign=campaign, account=account, language=language)

    (part,) = post.parts
    given_up = ["short wording"] if post.used_short else []
    given_up += [f"without {tag}" for tag in post.dropped_hashtags]
    shown = f"{part.text}\n--- {', '.join([f'{part.length} on {network}', *given_up])}\n"
    if request.config.getoption("--update-golden", default=False):
        golden.write_text(shown)
    assert shown == golden.read_text()


def test_every_golden_file_belongs_to_a_case(request):
    (mark,) = test_post_is_the_golden_one.pytestmark
    names = {param.id for param in mark.args[1]}

    files = {path.stem for path in GOLDEN.glob("*.txt")}

    assert files == names
