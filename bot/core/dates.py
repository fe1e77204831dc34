"""Calendar dates known to the day, the month or the year, and the periods they bound."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Self

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", re.ASCII)


@dataclass(frozen=True, kw_only=True, order=True)
class PartialDate:
    """A date as exactly as its source gives it: `2011`, `2011-03` or `2011-03-15`."""

    year: int
    month: int | None = None
    day: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. Raises ValueError when it is none of them."""
        match = _PARTIAL.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is no date: write 2020, 2020-06 or 2020-06-30")
        year, month, day = (int(part) if part else None for part in match.groups())
        assert year is not None
        try:
            date(year, month or 1, day or 1)
        except ValueError as error:
            raise ValueError(f"{text!r} is no date of the calendar ({error})") from error
        return cls(year=year, month=month, day=day)

    def first_day(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    def last_day(self) -> date:
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def __str__(self) -> str:
        return "-".join(
            [f"{self.year:04d}"] + [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        )


@dataclass(frozen=True, kw_only=True)
class Period:
    """The span a fact speaks of. Start and end are the same for a single moment."""

    start: PartialDate
    end: PartialDate

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2011-03/2020-06`, or one date for a single moment. Raises ValueError otherwise."""
        first, slash, last = text.partition("/")
        start = PartialDate.parse(first)
        end = PartialDate.parse(last) if slash else start
        if end.last_day() < start.first_day():
            raise ValueError(f"{text!r} ends before it starts: write the earlier date first")
        return cls(start=start, end=end)

    def __str__(self) -> str:
        return str(self.start) if self.start == self.end else f"{self.start}/{self.end}"
