"""Items as a spreadsheet: one row each, out to CSV and back without loss."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.content.campaign_file import Surroundings
from bot.content.checks import Setting
from bot.content.findings import Finding, MistakeError, Path, listed
from bot.content.items_file import read_item
from bot.content.values import choose, nearest, number_text, quoted
from bot.content.writing import write_items
from bot.content.yaml_text import read_number
from bot.core.campaign import Campaign, Item, Kind, Sum
from bot.core.dates import Period
from bot.core.errors import ContentError, Problem

__all__ = ["export_items", "import_items", "write_items"]

#: Without it, spreadsheet programs read UTF-8 as the machine's old character set, and Arabic as rubbish.
_BYTE_ORDER_MARK = "\ufeff"
#: A cell that begins with one of these is a formula to some program, whoever wrote it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_DELIMITERS = ",;\t"
_KINDS = choose(Kind)


def export_items(items: Iterable[Item], *, campaign: Campaign) -> str:
    """Give items as CSV for spreadsheet programs: UTF-8 with a byte order mark, one row for each item."""
    columns = _columns(campaign)
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(columns)
    for item in items:
        cells = dict(_cells(item))
        writer.writerow([_without_formula(cells.get(column, "")) for column in columns])
    return _BYTE_ORDER_MARK + file.getvalue()


def import_items(text: str, *, campaign: Campaign, where: str = "spreadsheet") -> tuple[Item, ...]:
    """Read what `export_items` gave, as a spreadsheet program saved it: with commas, semicolons or tabs.

    Raises ContentError with every problem at once: `where` with the number of the row, and the column.
    """
    reader = _Reader(campaign, where)
    items = reader.read(text.removeprefix(_BYTE_ORDER_MARK))
    if reader.problems:
        raise ContentError(reader.problems)
    return items


def _columns(campaign: Campaign) -> list[str]:
    by_language = [
        f"{name}_{language}"
        for name in ("text", "short", "warning", "publisher")
        for language in campaign.languages
    ]
    rest = ["url", "read_on", "period", "recheck_on", "figures", "sums", "plain_numbers", "occasions"]
    return ["key", "kind", *by_language, *rest]


def _cells(item: Item) -> Iterator[tuple[str, str]]:
    yield "key", item.key
    yield "kind", item.kind
    for language, wording in item.wordings.items():
        yield f"text_{language}", wording.text
        yield f"short_{language}", wording.short or ""
    for language, warning in item.content_warning.items():
        yield f"warning_{language}", warning
    if item.source is not None:
        for language, publisher in item.source.publisher.items():
            yield f"publisher_{language}", publisher
        yield "url", item.source.url
        yield "read_on", str(item.source.read_on or "")
    yield "period", "" if item.period is None else _period_cell(item.period)
    yield "recheck_on", str(item.recheck_on or "")
    yield "figures", "; ".join(f"{name}={number_text(value)}" for name, value in item.figures.items())
    yield "sums", "; ".join(_sum_cell(declared) for declared in item.sums)
    yield "plain_numbers", "; ".join(item.plain_numbers)
    yield "occasions", "; ".join(item.occasions)


def _period_cell(period: Period) -> str:
    """Write both ends of a period: spreadsheet programs turn a lone 2020-06 into a date of their own."""
    return str(period) if "-" not in str(period) else f"{period.start}/{period.end}"


def _sum_cell(declared: Sum) -> str:
    return f"{declared.whole}={'+'.join(declared.parts)}"


def _without_formula(cell: str) -> str:
    # A text that begins with the sign itself takes it too, so that taking it off again is certain.
    return f"'{cell}" if cell.startswith((*_FORMULA, "'")) else cell


def _with_formula(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_FORMULA, "'")) else cell


class _Reader:
    """Reads rows into items, and collects what is wrong with them."""

    def __init__(self, campaign: Campaign, where: str) -> None:
        self.problems: list[Problem] = []
        self._columns = _columns(campaign)
        self._where = where
        self._surroundings = Surroundings(
            campaign=campaign.key,
            setting=Setting.of(campaign),
            source_keys=frozenset(),
            sources={},
        )

    def read(self, text: str) -> tuple[Item, ...]:
        rows = self._rows(text)
        header = [cell.strip() for cell in rows[0]] if rows else []
        if not self._check_header(header):
            return ()
        items: list[Item] = []
        first_rows: dict[str, int] = {}
        for number, row in enumerate(rows[1:], start=2):
            cells = {
                column: cell
                for column, cell in zip(header, map(_with_formula, row), strict=False)
                if cell.strip()
            }
            if not cells:
                continue
            if any(cell.strip() for cell in row[len(header) :]):
                self._add(number, "there are more cells than columns", "put texts with commas in quotes")
            item = self._read_row(cells, number)
            key = cells.get("key", "").strip()
            if key in first_rows:
                what = f"key: another item has this key (row {first_rows[key]})"
                self._add(number, what, "give one of them another key")
            first_rows.setdefault(key, number)
            if item is not None:
                items.append(item)
        return tuple(items)

    def _rows(self, text: str) -> list[list[str]]:
        first_line = text.partition("\n")[0]
        delimiter = max(_DELIMITERS, key=first_line.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows: list[list[str]] = []
        try:
            rows.extend(reader)
        except csv.Error as error:
            self._add(len(rows) + 1, f"this row cannot be read ({error})", "save the file as CSV again")
        return rows

    def _check_header(self, header: Sequence[str]) -> bool:
        """Note wrong columns; False when nothing can be read without the ones that are missing."""
        for position, column in enumerate(header):
            if column in header[:position]:
                self._add(1, f"{column}: this column is here twice", "delete one")
            elif column and column not in self._columns:
                guess = nearest(column, [known for known in self._columns if known not in header])
                remedy = (
                    f"write {guess}" if guess else f"delete it, or write one of {', '.join(self._columns)}"
                )
                self._add(1, f"{column}: no such column here", remedy)
        needed = [
            column for column in self._columns if column in ("key", "kind") or column.startswith("text_")
        ]
        missing = [column for column in needed if column not in header]
        if missing:
            what = f"missing columns: {listed(missing, last='and')}"
            self._add(1, what, "write the columns' names into the first row")
        return not missing

    def _read_row(self, cells: Mapping[str, str], number: int) -> Item | None:
        try:
            kind = Kind(_KINDS(cells.get("kind", "").strip()))
        except MistakeError as mistake:
            self._add(number, f"kind: {mistake.what}", mistake.remedy)
            return None
        entry, findings = _entry(cells)
        item, more = read_item(
            entry, key=cells.get("key", "").strip(), kind=kind, surroundings=self._surroundings,
            settled={finding.path for finding in findings},
        )  # fmt: skip
        for finding in (*findings, *more):
            self._add(number, f"{self._column(finding.path)}: {finding.what}", finding.remedy)
        return item

    def _column(self, path: Path) -> str:
        match path:
            case ("content_warning", str(language)):
                return f"warning_{language}"
            case ("text" | "short", str(language)):
                return f"{path[0]}_{language}"
            case ("source", "publisher", str(language)):
                return f"publisher_{language}"
            case ("source", "url" | "read_on"):
                return str(path[1])
            case ("source", *_):
                return next(column for column in self._columns if column.startswith("publisher_"))
            case ():
                return "key"
        return str(path[0])

    def _add(self, row: int, what: str, remedy: str) -> None:
        self.problems.append(Problem(where=self._where, line=row, what=what, remedy=remedy))


def _entry(cells: Mapping[str, str]) -> tuple[dict[str, object], list[Finding]]:
    """Put a row's cells where a YAML file has them."""
    findings: list[Finding] = []
    source: dict[str, object] = {name: cells[name].strip() for name in ("url", "read_on") if name in cells}
    if publisher := _by_language(cells, "publisher_"):
        source["publisher"] = publisher
    entry: dict[str, object] = {
        "text": _by_language(cells, "text_"),
        "short": _by_language(cells, "short_"),
        "content_warning": _by_language(cells, "warning_"),
        "plain_numbers": _split(cells.get("plain_numbers", "")),
        "occasions": _split(cells.get("occasions", "")),
        "figures": {
            name: number if (number := read_number(value)) is not None else value
            for name, value in _pairs(cells, "figures", findings)
        },
        "sums": [
            {"whole": whole, "parts": [part.strip() for part in parts.split("+")]}
            for whole, parts in _pairs(cells, "sums", findings)
        ],
    }
    entry |= {name: cells[name].strip() for name in ("period", "recheck_on") if name in cells}
    return (entry | {"source": source} if source else entry), findings


def _by_language(cells: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {column.removeprefix(prefix): cell for column, cell in cells.items() if column.startswith(prefix)}


def _split(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _pairs(cells: Mapping[str, str], column: str, findings: list[Finding]) -> Iterator[tuple[str, str]]:
    """Read `name=value; name=value`, noting what is not of that form."""
    seen: set[str] = set()
    for part in _split(cells.get(column, "")):
        name, equals, value = (word.strip() for word in part.partition("="))
        if not equals or not name or not value:
            example = "total=14388; women=63" if column == "figures" else "total=women+men"
            findings.append(
                Finding(path=(column,), what=f"{quoted(part)} is no pair", remedy=f"write {example}")
            )
        elif column == "figures" and name in seen:
            findings.append(Finding(path=(column,), what=f"{name} is here twice", remedy="delete one"))
        else:
            yield name, value
        seen.add(name)
