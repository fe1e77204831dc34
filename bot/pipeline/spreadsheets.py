"""Organisers' spreadsheets: out of a campaign, into a content file, and into the store once looked at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.content.form import FieldChange, FieldProblem, Form, differences, form_of, read_form
from bot.content.reading import Content
from bot.content.spreadsheet import Row, Sheet, export_items, import_items, with_numbers
from bot.content.writing import write_items
from bot.core.campaign import Campaign, Item
from bot.core.errors import ContentError, NotAllowedError, NotFoundError, Problem
from bot.store import codec
from bot.store.contents import Origin, StoredItem

#: Rows of one import that is looked at before it is taken: more than a person looks through, and all of
#: them are stored in one transaction, for which sending waits.
MOST_ROWS = 1000


def take_out(content: Content, key: str) -> str:
    """A campaign's items as CSV. Raises NotFoundError when there is no such campaign."""
    campaign = _campaign(content, key)
    return export_items((item for item in content.items if item.campaign == key), campaign=campaign)


def bring_in(content: Content, key: str, *, text: str, where: str, path: Path) -> int:
    """Write what a spreadsheet holds to a new content file and return the number of items.

    Raises ContentError with every problem of the spreadsheet, also where an item's key is taken by
    another file of the campaign; NotAllowedError when the file exists.
    """
    campaign = _campaign(content, key)
    if path.exists():
        raise NotAllowedError(f"{path}: there is such a file; name another one with --into")
    items = import_items(text, campaign=campaign, where=where)
    taken = {item.key for item in content.items if item.campaign == key}
    problems = [
        Problem(
            where=where,
            what=f"the campaign's files have an item {item.key} already",
            remedy="delete that one first, or give this one another key",
        )
        for item in items
        if item.key in taken
    ]
    if problems:
        raise ContentError(problems)
    try:
        write_items(items, path=path, sources=content.sources.get(key))
    except OSError as error:
        raise NotAllowedError(f"{path}: cannot be written ({error.strerror})") from error
    return len(items)


def _campaign(content: Content, key: str) -> Campaign:
    for campaign in content.campaigns:
        if campaign.key == key:
            return campaign
    known = ", ".join(campaign.key for campaign in content.campaigns)
    raise NotFoundError(f"there is no campaign {key!r}; there is: {known}")


class RowStatus(StrEnum):
    """What an import would do with one row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class ImportRow:
    """One row of a spreadsheet, and what becomes of it."""

    #: As spreadsheet programs count.
    number: int
    key: str
    status: RowStatus
    #: None where nothing can be made of it. That of a wrong row is there to be looked at only.
    item: Item | None
    problems: tuple[FieldProblem, ...] = ()
    #: Languages that are still to be written: it would be a draft.
    missing: tuple[FieldProblem, ...] = ()
    changes: tuple[FieldChange, ...] = ()
    #: The stored version that it would replace, as it was seen (`seen_as`); None for a new item.
    based_on: str | None = None
    #: Whether it would bring a retired item back.
    comes_back: bool = False


@dataclass(frozen=True, kw_only=True)
class ImportPreview:
    """What a spreadsheet would change, row by row."""

    campaign: Campaign
    rows: tuple[ImportRow, ...]
    #: What is wrong with the sheet as a whole, each with the number of its row.
    problems: tuple[tuple[int, FieldProblem], ...]

    def of(self, status: RowStatus) -> tuple[ImportRow, ...]:
        return tuple(row for row in self.rows if row.status is status)

    @property
    def to_store(self) -> tuple[ImportRow, ...]:
        """The new and the changed ones, whatever is wrong with others."""
        return tuple(row for row in self.rows if row.status in (RowStatus.NEW, RowStatus.CHANGED))

    @property
    def based_on(self) -> dict[str, str | None]:
        """What `take_import` must be given, so that it stores what was shown here and nothing else."""
        return {row.key: row.based_on for row in self.to_store}

    def cannot_be_taken(self, keys: Collection[str]) -> list[str]:
        """Those of the keys, from an earlier look, that are not to be had here any more."""
        good = {row.key for row in self.rows if row.status is not RowStatus.WRONG}
        return [key for key in keys if key not in good]


def keys_of(sheet: Sheet) -> list[str]:
    """The keys that a spreadsheet names, of those rows that an import looks at, each once."""
    keys = (_key(row) for row in sheet.rows[:MOST_ROWS])
    # PostgreSQL takes no NUL, and no key has one.
    return list(dict.fromkeys(key for key in keys if key and "\0" not in key))


def seen_as(stored: StoredItem) -> str:
    """What a person saw of a stored item: its version, and whether it was retired."""
    return f"{stored.digest}-retired" if stored.retired else stored.digest


def _key(row: Row) -> str:
    return row.cells.get("key", "").strip()


def read_import(
    sheet: Sheet,
    *,
    campaign: Campaign,
    known: Mapping[str, StoredItem],
    check: Callable[[Form], Sequence[FieldProblem]],
    draft: bool,
) -> ImportPreview:
    """Hold a spreadsheet against those items that it names, `known` by key. Never raises.

    `check` names what else is wrong with a row that keeps the rules, `draft` lets languages be missing.
    """
    problems = list(sheet.problems)
    if len(sheet.rows) > MOST_ROWS:
        what = f"{len(sheet.rows):,} rows; the most is {MOST_ROWS:,} at once"
        problems.append((MOST_ROWS + 2, FieldProblem(field="", what=what, remedy="import it in pieces")))
    rows = [
        _import_row(row, sheet.columns, campaign, known.get(_key(row)), check, draft=draft)
        for row in sheet.rows[:MOST_ROWS]
    ]
    return ImportPreview(campaign=campaign, rows=tuple(rows), problems=tuple(problems))


def _import_row(
    row: Row,
    columns: Sequence[str],
    campaign: Campaign,
    stored: StoredItem | None,
    check: Callable[[Form], Sequence[FieldProblem]],
    *,
    draft: bool,
) -> ImportRow:
    form = with_numbers(row, _form(row, columns, stored), campaign=campaign)
    reading = read_form(form, campaign=campaign)
    problems = list(row.with_found(reading.problems if draft else reading.found))
    if stored is not None and stored.origin is Origin.QUEUE:
        what, remedy = "somebody queued an item of this key on the spot", "give this one another key"
        problems.append(FieldProblem(field="key", what=what, remedy=remedy))
    if not problems:
        problems += check(form)
    item = reading.item
    changes = () if item is None or stored is None else differences(stored.item, item)
    return ImportRow(
        number=row.number,
        key=_key(row),
        status=_status(stored, item, is_wrong=bool(problems)),
        item=item,
        problems=tuple(problems),
        missing=reading.missing if draft else (),
        changes=changes,
        based_on=None if stored is None else seen_as(stored),
        comes_back=stored is not None and stored.retired,
    )


def _form(row: Row, columns: Sequence[str], stored: StoredItem | None) -> dict[str, str]:
    """What the row says; where the sheet lacks a column, what the item has there by now stays."""
    held = {} if stored is None else form_of(stored.item)
    return {field: text for field, text in held.items() if field not in columns} | dict(row.cells)


def _status(stored: StoredItem | None, item: Item | None, *, is_wrong: bool) -> RowStatus:
    if is_wrong or item is None:
        return RowStatus.WRONG
    if stored is None:
        return RowStatus.NEW
    is_same = stored.digest == codec.digest(codec.encode(item)) and not stored.retired
    return RowStatus.SAME if is_same else RowStatus.CHANGED
