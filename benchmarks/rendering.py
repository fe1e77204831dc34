"""Row 7: rendering one post in the sandbox, against plain Jinja2 and against compiling each time."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from datetime import time as wall_time
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.core.campaign import (
    Account,
    Campaign,
    Hashtags,
    Item,
    Kind,
    Network,
    PostingTime,
    Source,
    Wording,
)
from bot.core.dates import Period
from bot.rendering.folder import TemplateFolder
from bot.rendering.renderer import Renderer
from bot.rendering.sandbox import Sandbox
from bot.text.networks import TextRules
from bot.text.weighted import weighted_length

TEMPLATES = Path(__file__).parents[1] / "templates"
ROUNDS = 31
#: Seconds one measurement lasts at least, so that the clock's own steps do not show.
LEAST = 0.02

VALUES = {
    "text": "The keepers lit at least 14,388 lamps, 177 of them repaired.",
    "source": {
        "publisher": "Harbour Archive",
        "url": "https://archive.example.org/7",
        "read_on": "20 November 2026",
    },
    "period": "March 2011 – June 2020",
    "link": "https://archive.example.org/7",
    "hashtags": ("#LighthouseKeepers", "#حراس_المنارة"),
    "figures": {"lamps": "14,388", "repaired": "177"},
    "content_warning": "",
    "short": False,
    "kind": "fact",
    "network": "x",
    "account": "keepers_x",
    "language": "en",
    "campaign": {
        "key": "lighthouse-keepers",
        "title": "Lighthouse Keepers",
        "organisers": ("Harbour Society",),
    },
    "occasion": None,
}


def run() -> list[dict[str, object]]:
    """Measure side by side, in microseconds a post, and return the rows."""
    sandbox = Sandbox(TemplateFolder(TEMPLATES))
    plain = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = plain.get_template("fact.j2")
    source = (TEMPLATES / "fact.j2").read_text()
    assert sandbox.write("fact.j2", VALUES) == template.render(VALUES)
    ours, cached, compiled, whole = medians(
        lambda: sandbox.write("fact.j2", VALUES),
        lambda: template.render(VALUES),
        lambda: plain.from_string(source).render(VALUES),
        whole_post(),
    )
    return [
        row("one post in the sandbox", ours, "plain Jinja2, compiled once", cached, "≤ 1.1"),
        row("one post in the sandbox", ours, "plain Jinja2, from_string each time", compiled, "≤ 1.1"),
        row("one post from item to fitted text", whole, "plain Jinja2, compiled once", cached, "none"),
    ]


def whole_post() -> Callable[[], object]:
    """Return all that a rehearsal does for one post: figures, dates, template, counting, promises."""
    item, campaign, account = invented()
    rules = TextRules(network=Network.X, max_length=280, measure=weighted_length)
    renderer = Renderer(TEMPLATES, rules_for=lambda _: rules)
    return lambda: renderer.render(item, campaign=campaign, account=account, language="ar")


def medians(*ways: Callable[[], object]) -> list[float]:
    """Return the median microseconds of each, measured in turn so that the machine's moods reach all."""
    repeats = [repeats_for(way) for way in ways]
    seen: list[list[float]] = [[] for _ in ways]
    for _ in range(ROUNDS):
        for times, way, repeat in zip(seen, ways, repeats, strict=True):
            times.append(measure(way, repeat))
    return [statistics.median(times) for times in seen]


def repeats_for(way: Callable[[], object]) -> int:
    repeat = 1
    while measure(way, repeat) * repeat < LEAST * 1e6:
        repeat *= 2
    return repeat


def measure(way: Callable[[], object], repeat: int) -> float:
    """Return microseconds a call."""
    began = time.perf_counter()
    for _ in range(repeat):
        way()
    return (time.perf_counter() - began) / repeat * 1e6


def row(what: str, ours: float, peer: str, theirs: float, goal: str) -> dict[str, object]:
    ratio = ours / theirs
    return {
        "row": 7,
        "what": what,
        "ours": round(ours, 2),
        "peer": peer,
        "theirs": round(theirs, 2),
        "ratio": round(ratio, 3),
        "goal": goal,
        "unit": "µs",
    }


def invented() -> tuple[Item, Campaign, Account]:
    account = Account(name="keepers_x", network=Network.X, languages=("ar",), links=False)
    campaign = Campaign(
        key="lighthouse-keepers",
        title={"ar": "حرّاس المنارة"},
        organisers={"ar": ("جمعية المرفأ",)},
        languages=("ar",),
        zone="Asia/Damascus",
        hashtags={"ar": Hashtags(required=("#حراس_المنارة",), optional=("#LighthouseKeepers",))},
        accounts=(account,),
        posting_times=(PostingTime(at=wall_time(9)),),
    )
    item = Item(
        campaign=campaign.key,
        key="lamps-lit",
        kind=Kind.FACT,
        wordings={
            "ar": Wording(text="أضاء الحرّاس ما لا يقل عن {lamps} مصباحاً، بينها {repaired} أُصلحت من جديد.")
        },
        source=Source(
            publisher={"ar": "أرشيف المرفأ"},
            url="https://archive.example.org/7",
            read_on=date(2026, 11, 20),
        ),
        period=Period.parse("2011-03/2020-06"),
        figures={"lamps": 14388, "repaired": 177},
    )
    return item, campaign, account


def print_rows(rows: list[dict[str, object]]) -> None:
    for each in rows:
        print(
            f"{each['row']:>2}  {each['what']}: {each['ours']} {each['unit']}; "
            f"{each['peer']}: {each['theirs']} {each['unit']}; ratio {each['ratio']} (goal {each['goal']})"
        )


if __name__ == "__main__":
    print_rows(run())
    sys.exit(0)
