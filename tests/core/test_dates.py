"""Dates as exactly as their sources give them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.dates import PartialDate, Period

_DAYS = st.dates(min_value=date(1, 1, 1))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2011", date(2011, 1, 1), date(2011, 12, 31)),
        ("2012-02", date(2012, 2, 1), date(2012, 2, 29)),
        ("2011-03-15", date(2011, 3, 15), date(2011, 3, 15)),
    ],
)
def test_a_date_spans_what_it_leaves_open(text, first, last):
    parsed = PartialDate.parse(text)

    assert (parsed.first_day(), parsed.last_day()) == (first, last)
    assert str(parsed) == text


@given(day=_DAYS)
def test_every_day_of_the_calendar_reads_back(day):
    assert str(PartialDate.parse(day.isoformat())) == day.isoformat()


@pytest.mark.parametrize("text", ["", "11", "2011-13", "2011-02-30", "2011-3", "2011/03", "0000", "٢٠١١"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match="no date"):
        PartialDate.parse(text)


@pytest.mark.parametrize("text", ["2011-03/2020-06", "2014", "2013-08-21", "2011/2011-02"])
def test_a_period_reads_back(text):
    assert str(Period.parse(text)) == text


@pytest.mark.parametrize("text", ["2020/2011", "2011-02/2011-01-31"])
def test_a_period_that_ends_before_it_starts_is_refused(text):
    with pytest.raises(ValueError, match="ends before it starts"):
        Period.parse(text)
