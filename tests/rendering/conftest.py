"""An invented campaign in three languages, its items, and renderers for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

from bot.core.campaign import (
    Account,
    Campaign,
    Hashtags,
    Item,
    Kind,
    Network,
    Occasion,
    PostingTime,
    Source,
    Wording,
)
from bot.core.dates import Period
from bot.rendering.renderer import Renderer
from bot.text.networks import TextRules, rules_for
from bot.text.weighted import weighted_length

TEMPLATES = Path(__file__).parents[2] / "templates"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew, to be read")


@pytest.fixture(scope="session")
def templates() -> Path:
    """The templates that come with the bot."""
    return TEMPLATES


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    """Writes with the templates that come with the bot."""
    return Renderer(TEMPLATES, rules_for=rules_for)


@pytest.fixture(scope="session")
def renderer_within() -> Callable[[int], Renderer]:
    """Give a renderer whose networks all take so many characters, as X counts."""
    limit: list[int] = [280]

    def rules(network: Network) -> TextRules:
        return TextRules(network=network, max_length=limit[0], measure=weighted_length)

    renderer = Renderer(TEMPLATES, rules_for=rules)

    def within(max_length: int) -> Renderer:
        limit[0] = max_length
        return renderer

    return within


@pytest.fixture
def renderer_of(tmp_path: Path) -> Callable[..., Renderer]:
    """Build a renderer whose templates are given by file name; files not given are the bot's own."""

    def build(files: dict[str, str], *, max_length: int = 280, bundled: bool = True) -> Renderer:
        folder = tmp_path / "templates"
        folder.mkdir()
        if bundled:
            for own in TEMPLATES.glob("*.j2"):
                (folder / own.name).write_text(own.read_text())
        for name, text in files.items():
            (folder / name).write_text(text)
        return Renderer(
            folder, rules_for=lambda network: TextRules(network=network, max_length=max_length, measure=len)
        )

    return build


@pytest.fixture
def make_campaign() -> Callable[..., Campaign]:
    def make(**changes: object) -> Campaign:
        return replace(_CAMPAIGN, **changes)

    return make


@pytest.fixture
def make_fact() -> Callable[..., Item]:
    def make(**changes: object) -> Item:
        return replace(_FACT, **changes)

    return make


@pytest.fixture
def make_call() -> Callable[..., Item]:
    def make(**changes: object) -> Item:
        return replace(_CALL, **changes)

    return make


@pytest.fixture
def account_on() -> Callable[..., Account]:
    def make(network: str, *, links: bool = False) -> Account:
        name = f"keepers_{network}"
        return Account(name=name, network=Network(network), languages=("ar", "en", "tr"), links=links)

    return make


_CAMPAIGN = Campaign(
    key="lighthouse-keepers",
    title={"ar": "حرّاس المنارة", "en": "Lighthouse Keepers", "tr": "Fener Bekçileri"},
    organisers={"ar": ("جمعية المرفأ",), "en": ("Harbour Society",), "tr": ("Liman Derneği",)},
    languages=("ar", "en", "tr"),
    zone="Asia/Damascus",
    hashtags={
        "ar": Hashtags(required=("#حراس_المنارة",), optional=("#LighthouseKeepers", "#المرفأ")),
        "en": Hashtags(required=("#LighthouseKeepers",), optional=("#حراس_المنارة", "#Harbour")),
        "tr": Hashtags(required=("#Fener_bekçileri_ışığı",), optional=("#LighthouseKeepers", "#Liman")),
    },
    accounts=(),
    posting_times=(PostingTime(at=time(9)),),
    occasions=(
        Occasion(
            key="night-of-lamps",
            title={"ar": "ليلة المصابيح", "en": "Night of Lamps", "tr": "Lambalar Gecesi"},
            month=12,
            day=10,
            times=(time(10),),
        ),
    ),
)
_FACT = Item(
    campaign="lighthouse-keepers",
    key="lamps-lit",
    kind=Kind.FACT,
    wordings={
        "ar": Wording(text="أضاء الحرّاس ما لا يقل عن {lamps} مصباحاً، بينها {repaired} أُصلحت من جديد."),
        "en": Wording(text="The keepers lit at least {lamps} lamps, {repaired} of them repaired."),
        "tr": Wording(text="Bekçiler en az {lamps} lamba yaktı; bunların {repaired} tanesi onarılmıştı."),
    },
    source=Source(
        publisher={"ar": "أرشيف المرفأ", "en": "Harbour Archive", "tr": "Liman Arşivi"},
        url="https://archive.example.org/reports/7",
        read_on=date(2026, 11, 20),
    ),
    period=Period.parse("2011-03/2020-06"),
    figures={"lamps": 14388, "repaired": 177},
)
_CALL = Item(
    campaign="lighthouse-keepers",
    key="keep-watch",
    kind=Kind.CALL,
    wordings={
        "ar": Wording(text="اسهروا معنا الليلة، وأشعلوا مصباحاً في كل نافذة."),
        "en": Wording(text="Keep watch with us tonight: light a lamp in every window."),
        "tr": Wording(text="Bu gece bizimle nöbet tutun, her pencerede bir lamba yakın."),
    },
)
