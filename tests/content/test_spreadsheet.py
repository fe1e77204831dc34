"""Items go out to spreadsheets and back, and into YAML files and back, without loss."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.checks import check_item
from bot.content.reading import Content, read_content
from bot.content.spreadsheet import export_items, import_items, write_items
from bot.core.campaign import Campaign, Item, Kind, Source, Sum, Wording
from bot.core.dates import PartialDate, Period
from bot.core.errors import ContentError
from bot.core.media import Picture

# Signs that mean something to CSV, to spreadsheet programs or to YAML, and letters of three scripts.
_LETTERS = "=+-'\";,\n\t&*!|>%?()[]«»“”…—ا ب ت ِ ّ aé ğ İ ı x 🕯️"
_KEYS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True)
_NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True) | st.sampled_from(["null", "true", "no", "on"])
_NUMBERS = st.integers(-(10**14), 10**14) | st.decimals(
    min_value=-(10**9), max_value=10**9, places=3, allow_nan=False
)
_DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


def _is_clean(text: str) -> bool:
    return bool(text) and "\t" not in text


_TEXTS = (
    st.text(alphabet=_LETTERS, min_size=1, max_size=20)
    .map(lambda text: unicodedata.normalize("NFC", text.strip()))
    .filter(_is_clean)
)


@st.composite
def _periods(draw: st.DrawFn) -> Period:
    first, last = sorted(draw(st.tuples(st.integers(1900, 2025), st.integers(1900, 2025))))
    start = PartialDate(year=first, month=draw(st.none() | st.integers(1, 12)))
    same_month = start.month if first == last else 12
    day = draw(st.none() | st.integers(1, 28)) if same_month else None
    return Period(start=start, end=PartialDate(year=last, month=same_month, day=day))


@st.composite
def _items(draw: st.DrawFn, key: str) -> Item:
    figures = draw(st.dictionaries(_NAMES, _NUMBERS, max_size=3))
    names = list(figures)
    sums = []
    if len(names) == 3:
        figures[names[0]] = figures[names[1]] + figures[names[2]]
        sums = [Sum(whole=names[0], parts=(names[1], names[2]))]
    plain = draw(st.lists(st.sampled_from(["7", "26", "2254"]), unique=True))
    numbers = " ".join([*(f"{{{name}}}" for name in figures), *plain])

    def wording() -> Wording:
        short = draw(st.none() | _TEXTS)
        return Wording(text=f"{draw(_TEXTS)} {numbers}".strip(), short=short)

    source = Source(
        publisher={"ar": draw(_TEXTS), "en": draw(_TEXTS)},
        url="https://a.example/%D8?=1",
        read_on=draw(_DAYS),
    )
    has_warning = draw(st.booleans())
    return Item(
        campaign="lamps",
        key=key,
        kind=draw(st.sampled_from(Kind)),
        wordings={"ar": wording(), "en": wording()},
        source=source,
        period=draw(_periods()),
        recheck_on=draw(st.none() | st.dates(date(2027, 1, 1), date(2030, 1, 1))),
        figures=figures,
        plain_numbers=tuple(plain),
        sums=tuple(sums),
        content_warning={"ar": draw(_TEXTS), "en": draw(_TEXTS)} if has_warning else {},
        occasions=draw(st.sampled_from([(), ("lamp-day",)])),
        picture=draw(st.none() | _pictures(numbers, has_warning=has_warning)),
    )


@st.composite
def _pictures(draw: st.DrawFn, numbers: str, *, has_warning: bool) -> Picture:
    """Pictures described in words that are in no text."""
    said = draw(st.sampled_from(["", numbers]))
    return Picture(
        file=draw(st.text(alphabet="0123456789abcdef", min_size=64, max_size=64)),
        alt={language: f"{draw(_TEXTS)} picture {said}".strip() for language in ("ar", "en")},
        warning=has_warning or draw(st.booleans()),
    )


_LISTS = st.lists(_KEYS, unique=True, max_size=4).flatmap(
    lambda keys: st.tuples(*(_items(key) for key in keys))
)


@settings(max_examples=100, deadline=None)
@given(items=_LISTS, delimiter=st.sampled_from(",;\t"))
def test_spreadsheet_gives_back_the_same_items(
    lamps: Campaign, items: tuple[Item, ...], delimiter: str
) -> None:
    assert [problem for item in items for problem in check_item(item, campaign=lamps)] == []

    back = import_items(_saved_with(delimiter, export_items(items, campaign=lamps)), campaign=lamps)

    assert back == items


@settings(max_examples=100, deadline=None)
@given(items=_LISTS, name_sources=st.booleans())
def test_written_file_is_read_back_as_the_same_items(
    lamps: Campaign, items: tuple[Item, ...], name_sources: bool
) -> None:
    sources = {"true": items[0].source} if items and items[0].source and name_sources else {}
    with TemporaryDirectory() as place:
        folder = Path(place) / "content" / "lamps"
        folder.mkdir(parents=True)
        _write_campaign(folder, sources)

        write_items(items, path=folder / "items.yaml", sources=sources)

        back = read_content(folder.parent).items
    assert back == tuple(sorted(items, key=lambda item: item.kind is Kind.CALL))


def _saved_with(delimiter: str, text: str) -> str:
    """Save a table as a spreadsheet program of another country does."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(csv.reader(io.StringIO(text, newline="")))
    return file.getvalue()


def _write_campaign(folder: Path, sources: dict[str, Source]) -> None:
    good = Path(__file__).parent / "good" / "lamps" / "campaign.yaml"
    text = good.read_text(encoding="utf-8").partition("sources:")[0]
    # The same values, written as a list of one source would be: by the code under test, as an item's own.
    if sources:
        [(key, source)] = sources.items()
        publisher = {language: _quoted(name) for language, name in source.publisher.items()}
        text += (
            f'sources:\n  "{key}":\n    publisher: {{ar: {publisher["ar"]}, en: {publisher["en"]}}}\n'
            f"    url: {source.url}\n    read_on: {source.read_on}\n"
        )
    (folder / "campaign.yaml").write_text(text, encoding="utf-8")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def test_export_has_one_row_for_each_item_and_its_columns_in_order(good: Content, lamps: Campaign) -> None:
    text = export_items(good.items, campaign=lamps)

    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert rows[0] == [
        "key", "kind", "text_ar", "text_en", "short_ar", "short_en", "warning_ar", "warning_en",
        "publisher_ar", "publisher_en", "url", "read_on", "period", "recheck_on",
        "figures", "sums", "plain_numbers", "occasions",
        "picture_file", "picture_alt_ar", "picture_alt_en", "picture_warning",
    ]  # fmt: skip
    assert rows[2] == [
        "broken-lamps", "fact", "انكسر {total} مصباحاً بموجب القرار 2254.",
        "Under resolution 2254, {total} lamps were broken.", "", "{total} lamps were broken.",
        "زجاج مكسور", "Broken glass", "مرصد مثال", "Example Observatory",
        "https://observatory.example/reports/9", "2026-11-20", "2011-03/2020-06", "",
        "total=1438; street=1000; garden=438", "total=street+garden", "2254", "lamp-day", "", "", "", "",
    ]  # fmt: skip


def test_export_begins_with_a_byte_order_mark_so_that_arabic_is_read_as_such(lamps: Campaign) -> None:
    assert export_items((), campaign=lamps).startswith("\ufeffkey,")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "'=1+1", "''x", "＝1"])
def test_no_cell_is_a_formula(lamps: Campaign, text: str) -> None:
    item = Item(
        campaign="lamps",
        key="k",
        kind=Kind.CALL,
        wordings={"ar": Wording(text=text), "en": Wording(text=text)},
    )

    cells = next(iter(list(csv.reader(io.StringIO(export_items([item], campaign=lamps), newline="")))[1:]))

    assert cells[2] == f"'{text}"


def test_apostrophe_that_people_typed_stays(lamps: Campaign) -> None:
    items = import_items("key,kind,text_ar,text_en\na,call,نص,'tis dark\n", campaign=lamps)

    assert items[0].wordings["en"].text == "'tis dark"


def test_month_alone_is_exported_as_a_span_that_no_program_takes_for_a_date(
    good: Content, lamps: Campaign
) -> None:
    item = good.items[1]
    month = Item(**{**item.__dict__, "period": Period.parse("2020-06")})

    text = export_items([month], campaign=lamps)

    assert "2020-06/2020-06" in text
    assert import_items(text, campaign=lamps) == (month,)


def _problems(rows: Iterable[Iterable[str]], lamps: Campaign) -> list[str]:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    with pytest.raises(ContentError) as caught:
        import_items(file.getvalue(), campaign=lamps, where="items.csv")
    return [str(problem) for problem in caught.value.problems]


def test_all_problems_of_all_rows_are_reported_at_once_by_row_and_column(lamps: Campaign) -> None:
    rows = [
        ["key", "kind", "text_ar", "text_en", "figures", "url", "recheck_on"],
        ["a", "fact", "نص", "Text", "total=many", "town.example", "12/01/2027"],
        [],
        ["a", "claim", "نص", "Text"],
        ["b", "call", "", "At 5, 7 people"],
        ["c", "call", "نص", "Text", "total", "", "", "more"],
    ]

    found = _problems(rows, lamps)

    assert found == [
        "items.csv:2: url: link 'town.example' has no http:// or https:// in front — write the whole address",
        'items.csv:2: recheck_on: "12/01/2027" is no day — write year-month-day: 2020-07-06',
        'items.csv:2: figures: "many" is no number — write digits only, without quotes: 14388 or 12.5',
        "items.csv:2: publisher_ar: the name of the source is missing — write it here",
        "items.csv:2: read_on: the day on which the source was read is missing — write it here",
        'items.csv:4: kind: "claim" is not known here — write fact or call',
        "items.csv:4: key: another item has this key (row 2) — give one of them another key",
        "items.csv:5: text_ar: missing: everything is in all the campaign's languages (ar, en)"
        " — write ar: with its text",
        "items.csv:6: there are more cells than columns — put texts with commas in quotes",
        'items.csv:6: figures: "total" is no pair — write total=14388; women=63',
    ]


def test_written_file_names_sources_of_the_campaign_and_writes_out_others(
    folder: Path, good: Content
) -> None:
    path = folder / "lamps" / "facts.yaml"
    facts = [item for item in good.items if item.kind is Kind.FACT]

    write_items(facts, path=path, sources=good.sources["lamps"])

    text = path.read_text(encoding="utf-8")
    assert "    source: observatory\n" in text
    assert '    source:\n      publisher:\n        ar: "بلدية مثال"\n' in text
    assert read_content(folder) == good


def test_written_file_without_items_is_a_file_all_the_same(folder: Path, good: Content) -> None:
    write_items((), path=folder / "lamps" / "more.yaml")

    assert read_content(folder) == good


def test_decimals_are_written_as_they_are(lamps: Campaign, good: Content) -> None:
    text = export_items(good.items, campaign=lamps)

    assert import_items(text, campaign=lamps)[2].figures["share"] == Decimal("12.5")
