"""Row 8: rehearsing a year of three campaigns in three languages, guards included."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from measuring import Row, print_rows, row

from bot.app import price
from bot.content.reading import Content
from bot.core.campaign import (
    Account,
    Campaign,
    Hashtags,
    Item,
    Kind,
    LanguagesAtSlot,
    Network,
    PostingTime,
    Source,
    Wording,
)
from bot.core.dates import Period
from bot.pipeline.rehearse import Rehearsal, rehearse
from bot.rendering.renderer import Renderer
from bot.text.networks import rules_for
from bot.text.weighted import weighted_length

TEMPLATES = Path(__file__).parents[1] / "templates"
START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR, HALF = 364, 182
ROUNDS, QUICK_ROUNDS = 9, 3
#: As many as a campaign has after some months.
FACTS, CALLS = 30, 12
LANGUAGES = ("ar", "en", "tr")
ZONES = {"harbour": "Asia/Damascus", "meadow": "Europe/Istanbul", "orchard": "America/New_York"}
PUBLISHER = {
    "ar": "الشبكة المخترعة للقياس",
    "en": "Invented Network for Measuring",
    "tr": "Uydurma Ölçüm Ağı",
}
PLACES = {
    "ar": ("الميناء", "المرج", "البستان"),
    "en": ("harbour", "meadow", "orchard"),
    "tr": ("liman", "çayır", "bahçe"),
}
FACT = {
    "ar": "أُحصي في {place} ما لا يقل عن {total} مصباحاً، أُصلح منها {part} مصباحاً وبقي الباقي مطفأً منذ آذار.",
    "en": "At least {total} lamps were counted at the {place}, {part} of them repaired; the rest stay dark.",
    "tr": "Burada, {place} kıyısında en az {total} lamba sayıldı; {part} tanesi onarıldı, gerisi karanlık.",
}
CALL = {
    "ar": "اكتب اليوم إلى حارس {place}: متى تُضاء المصابيح؟ لكل مصباح اسم.",
    "en": "Write to the keeper of the {place} today: when will the lamps be lit? Each of them has a name.",
    "tr": "Bugün {place} bekçisine yaz: lambalar ne zaman yanacak? Her birinin bir adı var.",
}


def run(*, quick: bool = False) -> list[Row]:
    """Rehearse a year and half of one, in turn, and the least that any rehearsal would do."""
    content, renderer = invented_content(), Renderer(TEMPLATES, rules_for=rules_for)
    rounds = QUICK_ROUNDS if quick else ROUNDS

    def rehearsed(days: int) -> Rehearsal:
        end = START + timedelta(days=days)
        return rehearse(content, db=None, start=START, end=end, renderer=renderer, prices=price)

    year = rehearsed(YEAR)
    assert not year.empty, year.empty[0].why
    assert all(post.state == "ready" for post in year.posts), "the invented content must pass every guard"
    floor = render_and_count(content, len(year.posts))
    ways: dict[str, Callable[[], object]] = {
        "year": lambda: rehearsed(YEAR),
        "half": lambda: rehearsed(HALF),
        "floor": floor,
    }
    seen: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            seen[name].append(time.perf_counter() - started)
    took = {name: statistics.median(times) for name, times in seen.items()}
    what, half = f"a year, {len(year.posts):,} posts", "itself, half the year, times two"
    return [
        row(
            8,
            what,
            ours=took["year"],
            peer="render + count alone",
            theirs=took["floor"],
            goal="≤ 5 s",
            unit="s",
        ),
        row(8, what, ours=took["year"], peer=half, theirs=took["half"] * 2, goal="≤ 1.1", unit="s"),
    ]


def render_and_count(content: Content, posts: int) -> Callable[[], object]:
    """The least a rehearsal does: fill plain Jinja2's template with the item's own values, and count."""
    plain = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    template = plain.get_template("fact.j2")
    values = [
        {
            "text": item.wordings[language].text,
            "source": {"publisher": PUBLISHER[language]},
            "period": "2011 – 2020",
            "link": "https://example.org/invented",
            "hashtags": ("#Invented",),
            "language": language,
        }
        for item in content.items
        for language in LANGUAGES
    ]

    def work() -> None:
        for number in range(posts):
            weighted_length(template.render(values[number % len(values)]))

    return work


def invented_content() -> Content:
    """Three campaigns of one account each, eight posting times a day, every language at once."""
    chance = random.Random(8)
    campaigns = tuple(_campaign(key, zone) for key, zone in ZONES.items())
    items = [_item(campaign.key, n, chance) for campaign in campaigns for n in range(FACTS + CALLS)]
    return Content(campaigns=campaigns, items=tuple(items))


def _campaign(key: str, zone: str) -> Campaign:
    return Campaign(
        key=key,
        title=dict.fromkeys(LANGUAGES, key.title()),
        organisers={language: (PUBLISHER[language],) for language in LANGUAGES},
        languages=LANGUAGES,
        zone=zone,
        hashtags={
            "ar": Hashtags(required=("#مصابيح",), optional=("#ميناء_مخترع", "#مرج_مخترع")),
            "en": Hashtags(required=("#Lamps",), optional=("#InventedHarbour", "#InventedMeadow")),
            "tr": Hashtags(required=("#Lambalar",), optional=("#UydurmaLiman", "#UydurmaÇayır")),
        },
        accounts=(Account(name=f"{key}_x", network=Network.X, languages=LANGUAGES),),
        posting_times=tuple(PostingTime(at=wall_time(8 + 2 * n, 30)) for n in range(8)),
        languages_at_slot=LanguagesAtSlot.ALL,
    )


def _item(campaign: str, number: int, chance: random.Random) -> Item:
    kind = Kind.FACT if number < FACTS else Kind.CALL
    text = FACT if kind is Kind.FACT else CALL
    place = chance.randrange(3)
    total = chance.randrange(1_000, 20_000)
    # Each place has its letter: two items that say the same would be held as repeats.
    letter = chr(ord("a") + number % 26)
    wordings = {
        language: Wording(text=text[language].replace("{place}", f"{PLACES[language][place]} {letter}"))
        for language in LANGUAGES
    }
    return Item(
        campaign=campaign,
        key=f"item-{number}",
        kind=kind,
        wordings=wordings,
        source=Source(publisher=PUBLISHER, url=f"https://example.org/{campaign}/{number}"),
        period=Period.parse("2011-03/2020-06"),
        figures={"total": total, "part": total // 3} if kind is Kind.FACT else {},
    )


if __name__ == "__main__":
    print_rows(run())
