"""Dates, periods and numbers as people type them, in the form and in a spreadsheet."""

from __future__ import annotations

import pytest

from bot.content.typed_dates import in_plain_writing, plain_date


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        pytest.param("٢٠١١-٠٣", "2011-03", id="arabic-digits"),
        pytest.param("۲۰۱۱-۰۳-۱۵", "2011-03-15", id="persian-digits"),
        pytest.param("21/11/2026", "2026-11-21", id="day-first"),
        pytest.param("٢١/١١/٢٠٢٦", "2026-11-21", id="arabic-day-first"),
        pytest.param("11/21/2026", "2026-11-21", id="month-first"),
        pytest.param("5.5.2026", "2026-05-05", id="same-either-way"),
        pytest.param("3/2012", "2012-03", id="month-and-year"),
        pytest.param("2012/3/4", "2012-03-04", id="year-first"),
        pytest.param("05/06/2026", "05/06/2026", id="two-days"),
        pytest.param(" 2011 ", "2011", id="year"),
        pytest.param("spring", "spring", id="none"),
    ],
)
def test_a_day_is_read_where_it_can_be_one_day_only(typed: str, read: str):
    assert plain_date(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        pytest.param("2012-03 – 2013-04", "2012-03/2013-04", id="en-dash"),
        pytest.param("2012-03 - 2013-04", "2012-03/2013-04", id="free-hyphen"),
        pytest.param("٢٠١١–٢٠١٢", "2011/2012", id="arabic-years"),
        pytest.param("21/11/2025 – 22/11/2025", "2025-11-21/2025-11-22", id="two-days"),
        pytest.param("2011-03/2020-06", "2011-03/2020-06", id="as-in-files"),
        pytest.param("21/11/2025", "2025-11-21", id="one-day"),
        pytest.param("2011-03-15", "2011-03-15", id="hyphens-alone"),
        pytest.param("05/06/2025", "05/06/2025", id="two-meanings"),
    ],
)
def test_a_period_is_read_however_its_ends_are_joined(typed: str, read: str):
    assert in_plain_writing({"period": typed}) == {"period": read}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        pytest.param("total=١٤٬٣٨٨; women=٦٣٫٥", "total=14388; women=63.5", id="arabic"),
        pytest.param("total=۱۴۳۸۸", "total=14388", id="persian"),
        pytest.param("total=14,388", "total=14,388", id="for-the-rules"),
        pytest.param("total=١٢ و ١٣", "total=١٢ و ١٣", id="two-numbers"),
    ],
)
def test_figures_are_read_in_the_digits_of_their_writer(typed: str, read: str):
    assert in_plain_writing({"figures": typed}) == {"figures": read}


def test_texts_keep_their_digits():
    typed = {"text_ar": "في ٢٠١١", "short_ar": "٢٠١١", "url": "https://example.org/٢"}

    assert in_plain_writing(typed) == typed
