"""Where a page of a long list stands: after which row it begins, and where its neighbours are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.store.browsing import Position, Stretch

#: Rows on a page.
PAGE = 50

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"([ab])(\d{1,16})\.(\d{1,18})")


@dataclass(frozen=True, kw_only=True)
class Around:
    """Where a page of a list has its neighbours, as words for an address."""

    previous: str | None = None
    next: str | None = None
    #: There may be more: the list was looked through up to this moment.
    looked_to: datetime | None = None
    #: Texts below this number were not searched yet; None: all were.
    older_texts: int | None = None


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """A place in a list from which one goes on, or back."""

    back: bool
    at: Position

    def __str__(self) -> str:
        moment, number = self.at
        return f"{'b' if self.back else 'a'}{(moment - _EPOCH) // timedelta(microseconds=1)}.{number}"


def read_cursor(page: str | None) -> Cursor | None:
    """The place that a page's address names; None, the first page, for what is no place."""
    found = _CURSOR.fullmatch(page or "")
    if found is None:
        return None
    try:
        moment = _EPOCH + timedelta(microseconds=int(found[2]))
    except OverflowError:
        return None
    return Cursor(back=found[1] == "b", at=(moment, int(found[3])))


def stretch_of(numbers: list[int], looked_to: int | None) -> Stretch:
    """Entries of the log as a piece of a list: their numbers are their order."""
    return Stretch(
        found=tuple((_EPOCH, number) for number in numbers),
        looked_to=None if looked_to is None else (_EPOCH, looked_to),
    )


def is_short_of_first(rows: int, cursor: Cursor | None, around: Around) -> bool:
    """Whether somebody went back to the beginning: then it is the first page, and whole."""
    return cursor is not None and cursor.back and around.previous is None and rows < PAGE


def page_of(stretch: Stretch, cursor: Cursor | None) -> tuple[list[Position], Around]:
    """The rows of a page in the list's order, and its neighbours; one row more than a page was read."""
    back = cursor is not None and cursor.back
    rows = list(stretch.found[:PAGE])
    onward = rows[-1] if len(stretch.found) > PAGE else stretch.looked_to
    looked_to = None if len(stretch.found) > PAGE else stretch.looked_to
    backward: Position | None = None
    if cursor is not None:
        # A page without any row is still left the way one came.
        backward = rows[0] if rows else cursor.at
    if back:
        rows.reverse()
        onward, backward = backward, onward
    return rows, Around(
        previous=None if backward is None else str(Cursor(back=True, at=backward)),
        next=None if onward is None else str(Cursor(back=False, at=onward)),
        looked_to=None if looked_to is None or looked_to[0] == _EPOCH else looked_to[0],
    )
