"""A content folder becomes campaigns and items, or every problem of all its files at once."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.reading import Content, read_content
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
    Weekday,
    Wording,
)
from bot.core.dates import Period
from bot.core.errors import ContentError, Problem
from bot.core.media import Picture

_GOOD = Path(__file__).parent / "good"
_OBSERVATORY = Source(
    publisher={"ar": "مرصد مثال", "en": "Example Observatory"},
    url="https://observatory.example/reports/9",
    read_on=date(2026, 11, 20),
)


def test_good_campaign_file_becomes_its_campaign(good: Content) -> None:
    assert good.campaigns == (
        Campaign(
            key="lamps",
            title={"ar": "مصابيح", "en": "Lamps"},
            organisers={"ar": ("جمعية مثال",), "en": ("Example Society", "Example Union")},
            languages=("ar", "en"),
            zone="Asia/Damascus",
            start=date(2020, 7, 6),
            end=date(2020, 12, 31),
            hashtags={
                "ar": Hashtags(required=("#مصابيح",), optional=("#Lamps",)),
                "en": Hashtags(required=("#Lamps",)),
            },
            accounts=(
                Account(name="lamps_x", network=Network.X, languages=("ar", "en"), links=False),
                Account(
                    name="lamps_masto",
                    network=Network.MASTODON,
                    languages=("en",),
                    dry_run=True,
                    server="https://social.invalid",
                ),
            ),
            posting_times=(
                PostingTime(at=time(9)),
                PostingTime(at=time(18, 30), weekdays=(Weekday.FRI, Weekday.SAT)),
            ),
            bursts=(
                Burst(key="launch", start=datetime(2020, 7, 6, 18), posts=12, every=timedelta(minutes=10)),
            ),
            occasions=(
                Occasion(
                    key="lamp-day",
                    title={"ar": "يوم المصباح", "en": "Lamp Day"},
                    month=6,
                    day=26,
                    times=(time(10), time(16)),
                ),
            ),
            calls_share=0.3,
            cooldown=timedelta(hours=36),
            grace=timedelta(minutes=20),
            languages_at_slot=LanguagesAtSlot.ALL,
            approval=True,
            arabic_digits=True,
            threads=True,
            cards=True,
        ),
    )
    assert good.sources == {"lamps": {"observatory": _OBSERVATORY}}


def test_good_item_files_become_their_items(good: Content) -> None:
    assert good.items == (
        Item(
            campaign="lamps",
            key="light-a-lamp",
            kind=Kind.CALL,
            wordings={"ar": Wording(text="أضيئوا مصباحاً."), "en": Wording(text="Light a lamp.")},
        ),
        Item(
            campaign="lamps",
            key="broken-lamps",
            kind=Kind.FACT,
            wordings={
                "ar": Wording(text="انكسر {total} مصباحاً بموجب القرار 2254."),
                "en": Wording(
                    text="Under resolution 2254, {total} lamps were broken.",
                    short="{total} lamps were broken.",
                ),
            },
            source=_OBSERVATORY,
            period=Period.parse("2011-03/2020-06"),
            figures={"total": 1438, "street": 1000, "garden": 438},
            plain_numbers=("2254",),
            sums=(Sum(whole="total", parts=("street", "garden")),),
            content_warning={"ar": "زجاج مكسور", "en": "Broken glass"},
            occasions=("lamp-day",),
        ),
        Item(
            campaign="lamps",
            key="lit-lamps",
            kind=Kind.FACT,
            wordings={
                "ar": Wording(text="يضيء {share} بالمئة من المصابيح."),
                "en": Wording(text="Of all lamps,\n{share} in a hundred are lit."),
            },
            source=Source(
                publisher={"ar": "بلدية مثال", "en": "Example Town"},
                url="https://town.example/lamps",
                read_on=date(2026, 11, 19),
            ),
            recheck_on=date(2027, 1, 1),
            figures={"share": Decimal("12.5")},
            picture=Picture(
                file="5fd1d2e4a9c07b3f" * 4,
                alt={
                    "ar": "شارع يضيء فيه {share} بالمئة من المصابيح.",
                    "en": "A street in which {share} in a hundred lamps are lit.",
                },
                warning=False,
            ),
        ),
    )


def test_keys_left_out_take_the_defaults_of_the_vocabulary(
    folder: Path, change: Callable[[str, str, str], None]
) -> None:
    for line in (
        "calls_share: 0.3\n", "cooldown: 36 hours\n", "grace: 20 minutes\n", "languages_at_slot: all\n",
        "approval: true\n", "arabic_digits: true\n", "threads: true\n", "cards: true\n",
        "start: 2020-07-06\n", "end: 2020-12-31\n",
    ):  # fmt: skip
        change("campaign.yaml", line, "")

    campaign = read_content(folder).campaigns[0]

    assert campaign.calls_share == Campaign.calls_share
    assert campaign.cooldown == Campaign.cooldown
    assert campaign.grace == Campaign.grace
    assert campaign.languages_at_slot is Campaign.languages_at_slot
    assert (campaign.approval, campaign.arabic_digits) == (Campaign.approval, Campaign.arabic_digits)
    assert (campaign.start, campaign.end) == (None, None)


def test_mistakes_in_all_files_are_reported_at_once(
    folder: Path, change: Callable[[str, str, str], None], problems: Callable[[], list[str]]
) -> None:
    change("campaign.yaml", "Asia/Damascus", "Asia/Damascu")
    change("campaign.yaml", "posts: 12", "posts: 0")
    change("campaign.yaml", "calls_share: 0.3", "call_share: 0.3")
    change("facts.yaml", "garden: 438", "garden: 430")
    change("facts.yaml", '["2254"]', "[2254]")
    change("facts.yaml", "recheck_on: 2027-01-01", "recheck_on: soon")
    change("calls.yaml", ', en: "Light a lamp."', "")

    found = problems()

    assert [line.partition(" — ")[0] for line in found] == [
        "content/lamps/calls.yaml:4: calls.light-a-lamp.text.en: "
        "missing: everything is in all the campaign's languages (ar, en)",
        'content/lamps/campaign.yaml:7: zone: "Asia/Damascu" is no time zone',
        "content/lamps/campaign.yaml:27: bursts.posts: 0 is less than one",
        "content/lamps/campaign.yaml:33: call_share: no such key here",
        "content/lamps/facts.yaml:8: facts.broken-lamps.sums: "
        "the parts add up to 1430, 8 less than total (1438)",
        "content/lamps/facts.yaml:9: facts.broken-lamps.plain_numbers: 2254 is a number, not a text",
        'content/lamps/facts.yaml:22: facts.lit-lamps.recheck_on: "soon" is no day',
    ]


def test_broken_campaign_file_hides_no_mistake_of_its_items(
    change: Callable[[str, str, str], None], problems: Callable[[], list[str]]
) -> None:
    change("campaign.yaml", "languages: [ar, en]\nzone", "languages: [ar, en\nzone")
    change("facts.yaml", "garden: 438", "garden: 430")

    found = problems()

    assert [line.split(" ")[0] for line in found] == [
        "content/lamps/campaign.yaml:6:",
        "content/lamps/facts.yaml:8:",
    ]


def test_broken_source_is_reported_once_and_not_for_each_fact(
    change: Callable[[str, str, str], None], problems: Callable[[], list[str]]
) -> None:
    change("campaign.yaml", "    read_on: 2026-11-20\n", "")

    found = problems()

    assert [line.split(" ")[0] for line in found] == ["content/lamps/campaign.yaml:40:"]


def test_unknown_key_of_an_account_hides_no_other_mistake_of_the_accounts(
    change: Callable[[str, str, str], None], problems: Callable[[], list[str]]
) -> None:
    change("campaign.yaml", "    links: false\n", "    colour: green\n")
    change("campaign.yaml", "name: lamps_masto", "name: lamps_x")

    found = problems()

    assert [line.partition(" — ")[0] for line in found] == [
        "content/lamps/campaign.yaml:17: accounts.colour: no such key here",
        "content/lamps/campaign.yaml:18: accounts.name: lamps_x is here twice",
    ]


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_is_typed_ends_in_content_or_in_problems_with_a_remedy(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(["campaign.yaml", "facts.yaml"]))
    text = (_GOOD / "lamps" / file).read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    typed = data.draw(st.text(alphabet=" \n:-#{}[]\"',&*!|>@aZ09ن/\\", max_size=4))
    end = start + data.draw(st.integers(0, 30))
    with TemporaryDirectory() as place:
        folder = Path(shutil.copytree(_GOOD, Path(place) / "content"))
        (folder / "lamps" / file).write_text(text[:start] + typed + text[end:], encoding="utf-8")

        try:
            read_content(folder)
            problems: tuple[Problem, ...] = ()
        except ContentError as error:
            problems = error.problems

    assert all(problem.where.startswith("content/lamps/") and problem.remedy for problem in problems)


def test_campaign_without_any_moment_is_a_problem(
    folder: Path, change: Callable[[str, str, str], None], problems: Callable[[], list[str]]
) -> None:
    file = folder / "lamps" / "campaign.yaml"
    text = file.read_text(encoding="utf-8")
    moments = text[text.index("posting_times:") : text.index("calls_share:")]
    change("campaign.yaml", moments, "")
    change("facts.yaml", "    occasions: [lamp-day]\n", "")

    found = problems()

    assert found == [
        "content/lamps/campaign.yaml:1: posting_times: the campaign has no time to post at"
        ' — write posting_times: ["09:00", "18:30"]'
    ]


@pytest.mark.parametrize("quote", ['"', "'", ""], ids=["double-quotes", "single-quotes", "no-quotes"])
def test_texts_come_out_in_normal_form_c_without_white_space_around(
    folder: Path, change: Callable[[str, str, str], None], quote: str
) -> None:
    change("calls.yaml", '"Light a lamp."', unicodedata.normalize("NFD", f"{quote}  À la clarté ! {quote}"))

    call = read_content(folder).items[0]

    assert call.wordings["en"].text == "À la clarté !"


@pytest.mark.parametrize(
    "rewrite",
    [
        pytest.param(lambda data: b"\xef\xbb\xbf" + data, id="byte-order-mark"),
        pytest.param(lambda data: data.replace(b"\n", b"\r\n"), id="line-ends-of-windows"),
        pytest.param(lambda data: b"---\n" + data, id="document-start"),
    ],
)
def test_what_editors_add_changes_nothing(
    folder: Path, good: Content, rewrite: Callable[[bytes], bytes]
) -> None:
    for path in (folder / "lamps").glob("*.yaml"):
        path.write_bytes(rewrite(path.read_bytes()))

    content = read_content(folder)

    assert content == good


@pytest.mark.parametrize("written", ["2011", '"2011"'])
def test_period_may_be_a_year_with_or_without_quotes(
    folder: Path, change: Callable[[str, str, str], None], written: str
) -> None:
    change("facts.yaml", "2011-03/2020-06", written)

    item = next(item for item in read_content(folder).items if item.key == "broken-lamps")

    assert item.period == Period.parse("2011")


def test_occasion_may_be_on_29_february(folder: Path, change: Callable[[str, str, str], None]) -> None:
    change("campaign.yaml", "06-26", "02-29")

    occasion = read_content(folder).campaigns[0].occasions[0]

    assert (occasion.month, occasion.day) == (2, 29)


def test_call_may_have_source_and_period(folder: Path, change: Callable[[str, str, str], None]) -> None:
    change("calls.yaml", "  light-a-lamp:\n", "  light-a-lamp:\n    source: observatory\n    period: 2020\n")

    call = read_content(folder).items[0]

    assert (call.source, call.period) == (_OBSERVATORY, Period.parse("2020"))


def test_missing_folder_is_named_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(ContentError) as caught:
        read_content(tmp_path / "content")

    assert str(caught.value) == (
        "content: there is no such folder"
        " — make it, with one folder for each campaign, or correct BOT_CONTENT_DIR"
    )


def test_empty_folder_is_named_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "content" / ".schema").mkdir(parents=True)

    with pytest.raises(ContentError) as caught:
        read_content(tmp_path / "content")

    assert str(caught.value) == (
        "content: there is no campaign here — make a folder for each campaign, with a campaign.yaml in it"
    )


@pytest.mark.parametrize("name", [".facts.yaml", "notes.txt", ".trash/old.yaml", "lamps/.draft.yaml"])
def test_hidden_and_other_files_are_nobodys(folder: Path, good: Content, name: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("no: [such", encoding="utf-8")

    content = read_content(folder)

    assert content == good


def test_file_that_cannot_be_opened_is_a_problem(folder: Path, problems: Callable[[], list[str]]) -> None:
    (folder / "lamps" / "facts.yaml").unlink()
    (folder / "lamps" / "facts.yaml").mkdir()

    found = problems()

    assert found == [
        "content/lamps/facts.yaml:1: this file cannot be opened (Is a directory) — see who may read it"
    ]


def test_bundled_campaigns_are_accepted(repository: Path) -> None:
    content = read_content(repository / "content")

    assert {campaign.key for campaign in content.campaigns} == {"in-assads-prisons", "not-hostages"}
    assert all(item.source and item.period for item in content.items if item.kind is Kind.FACT)
