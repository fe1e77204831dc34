"""Items as a spreadsheet: one row each, out to CSV and back without loss."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.content.findings import listed
from bot.content.form import FieldProblem, Form, field_names, form_of, read_form
from bot.content.typed_numbers import with_typed_numbers
from bot.content.values import nearest
from bot.content.writing import write_items
from bot.core.campaign import Campaign, Item
from bot.core.dates import Period
from bot.core.errors import ContentError, Problem
from bot.text.cells import FORMULA

__all__ = ["export_items", "import_items", "write_items"]

#: Without it, spreadsheet programs read UTF-8 as the machine's old character set, and Arabic as rubbish.
_BYTE_ORDER_MARK = "\ufeff"
_DELIMITERS = ",;\t"
#: More than any campaign's items have, and letters of a column's name: what is more is compared to nothing.
_MOST_COLUMNS, _LONGEST_NAME = 500, 100
#: The line by which some programs tell others what stands between their cells.
_NAMED_DELIMITER = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)
#: A cell among tabs, and what ends it. What is copied out of a spreadsheet has quotes around the cells that
#: hold a line end or a tab; any other quote is a character like the others.
_CELL = re.compile(r'(?:"((?:[^"]|"")*+)"(?=[\t\r\n]|\Z)|([^\t\r\n]*))(\t|\r\n|\n|\r|\Z)')


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a spreadsheet, as far as it says anything."""

    #: As spreadsheet programs count: the first row names the columns.
    number: int
    #: By column; empty cells are left out.
    cells: Mapping[str, str]
    problems: tuple[FieldProblem, ...] = ()

    def with_found(self, found: Iterable[FieldProblem]) -> tuple[FieldProblem, ...]:
        """Its problems and those of its fields, those of the row as a whole first."""
        whole = [problem for problem in self.problems if not problem.field]
        return (*whole, *found, *(problem for problem in self.problems if problem.field))


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What a spreadsheet says, before anybody looks whether its items keep the rules."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    #: What is wrong with the sheet as a whole, each with the number of its row.
    problems: tuple[tuple[int, FieldProblem], ...]


def export_items(items: Iterable[Item], *, campaign: Campaign) -> str:
    """Give items as CSV for spreadsheet programs: UTF-8 with a byte order mark, one row for each item."""
    columns = field_names(campaign)
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(columns)
    for item in items:
        cells = form_of(item)
        if item.period is not None:
            cells["period"] = _period_cell(item.period)
        writer.writerow([_without_formula(cells.get(column, "")) for column in columns])
    return _BYTE_ORDER_MARK + file.getvalue()


def import_items(text: str, *, campaign: Campaign, where: str = "spreadsheet") -> tuple[Item, ...]:
    """Read what `export_items` gave, as a spreadsheet program saved it: with commas, semicolons or tabs.

    Raises ContentError with every problem at once: `where` with the number of the row, and the column.
    """
    sheet = read_sheet(text, campaign=campaign)
    problems = list(sheet.problems)
    items: list[Item] = []
    for row in sheet.rows:
        reading = read_form(with_numbers(row, row.cells, campaign=campaign), campaign=campaign)
        problems += ((row.number, problem) for problem in row.with_found(reading.found))
        if reading.item is not None:
            items.append(reading.item)
    if problems:
        raise ContentError(
            [
                Problem(where=where, line=number, what=_sentence(problem), remedy=problem.remedy)
                for number, problem in sorted(problems, key=lambda found: found[0])
            ]
        )
    return tuple(items)


def read_sheet(text: str, *, campaign: Campaign) -> Sheet:
    """Take a spreadsheet apart, one that was saved as CSV or one that was copied out. Never raises."""
    cells, broken = _cells_of(text.removeprefix(_BYTE_ORDER_MARK))
    problems = [] if broken is None else [broken]
    columns = [cell.strip() for cell in cells[0]] if cells else []
    wrong, is_readable = _header_problems(columns, campaign)
    problems += ((1, problem) for problem in wrong)
    rows = tuple(_rows(columns, cells)) if is_readable else ()
    return Sheet(columns=tuple(columns), rows=rows, problems=tuple(problems))


def with_numbers(row: Row, form: Form, *, campaign: Campaign) -> Form:
    """The fields of a row; where it names no figures and no plain numbers, with those of its texts."""
    if "figures" in row.cells or "plain_numbers" in row.cells:
        return form
    return with_typed_numbers(form, campaign=campaign)


def decode(data: bytes) -> str:
    """Give the text of a file that a spreadsheet program saved.

    Raises UnicodeDecodeError for one that is neither UTF-8 nor the UTF-16 of "Unicode text".
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    return data.decode("utf-8-sig")


def _period_cell(period: Period) -> str:
    """Write both ends of a period: spreadsheet programs turn a lone 2020-06 into a date of their own."""
    return str(period) if "-" not in str(period) else f"{period.start}/{period.end}"


def _without_formula(cell: str) -> str:
    # A text that begins with the sign itself takes it too, so that taking it off again is certain.
    return f"'{cell}" if cell.startswith((*FORMULA, "'")) else cell


def _with_formula(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*FORMULA, "'")) else cell


def _sentence(problem: FieldProblem) -> str:
    return f"{problem.field}: {problem.what}" if problem.field else problem.what


def _cells_of(text: str) -> tuple[list[list[str]], tuple[int, FieldProblem] | None]:
    """Split a text into rows of cells, up to the row that cannot be read."""
    named = _NAMED_DELIMITER.match(text)
    text = text[named.end() :] if named else text
    delimiter = named[1] if named else max(_DELIMITERS, key=text.partition("\n")[0].count)
    if delimiter == "\t":
        return list(_rows_of_tabs(text)), None
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        what = f"this row cannot be read ({error})"
        return rows, (len(rows) + 1, FieldProblem(field="", what=what, remedy="save the file as CSV again"))
    return rows, None


def _rows_of_tabs(text: str) -> Iterator[list[str]]:
    row: list[str] = []
    place = 0
    while place < len(text):
        cell = _CELL.match(text, place)
        assert cell is not None  # It matches everywhere, if only an empty cell.
        row.append(cell[2] if cell[1] is None else cell[1].replace('""', '"'))
        place = cell.end()
        if cell[3] != "\t":
            yield row
            row = []
    if row:
        yield row


def _header_problems(columns: Sequence[str], campaign: Campaign) -> tuple[list[FieldProblem], bool]:
    """What is wrong with the names of the columns, and whether the rows can be read all the same."""
    known = field_names(campaign)
    problems: list[FieldProblem] = []
    if len(columns) > _MOST_COLUMNS:
        what = f"{len(columns):,} columns; the most is {_MOST_COLUMNS:,}"
        return [FieldProblem(field="", what=what, remedy="write less")], False
    for position, column in enumerate(columns):
        if column in columns[:position]:
            what = "this column is here twice"
            problems.append(FieldProblem(field=column, what=what, remedy="delete one"))
        elif column and column not in known:
            name = column[:_LONGEST_NAME]
            guess = nearest(name, [one for one in known if one not in columns])
            remedy = f"write {guess}" if guess else f"delete it, or write one of {', '.join(known)}"
            problems.append(FieldProblem(field=name, what="no such column here", remedy=remedy))
    needed = [column for column in known if column in ("key", "kind") or column.startswith("text_")]
    missing = [column for column in needed if column not in columns]
    if missing:
        what = f"missing columns: {listed(missing, last='and')}"
        remedy = "write the columns' names into the first row"
        problems.append(FieldProblem(field="", what=what, remedy=remedy))
    return problems, not missing


def _rows(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> Iterator[Row]:
    first_rows: dict[str, int] = {}
    for number, row in enumerate(cells[1:], start=2):
        said = {
            column: cell
            for column, cell in zip(columns, map(_with_formula, row), strict=False)
            if cell.strip()
        }
        if not said:
            continue
        key = said.get("key", "").strip()
        problems: list[FieldProblem] = []
        if said.pop("", None) is not None:
            what = "there is text in a column without a name"
            problems.append(
                FieldProblem(field="", what=what, remedy="write the column's name into the first row")
            )
        if any(cell.strip() for cell in row[len(columns) :]):
            what = "there are more cells than columns"
            problems.append(FieldProblem(field="", what=what, remedy="put texts with commas in quotes"))
        if key in first_rows:
            what = f"another item has this key (row {first_rows[key]})"
            problems.append(FieldProblem(field="key", what=what, remedy="give one of them another key"))
        first_rows.setdefault(key, number)
        yield Row(number=number, cells=said, problems=tuple(problems))
