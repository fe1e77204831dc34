"""Numbers, dates and periods in the language's own way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.dates import PartialDate, Period
from bot.core.errors import RenderError
from bot.rendering.locales import (
    is_right_to_left,
    takes_arabic_digits,
    write_date,
    write_number,
    write_period,
)

MARKS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize(
    ("value", "language", "arabic_digits", "text"),
    [
        pytest.param(14388, "en", False, "14,388", id="en"),
        pytest.param(14388, "tr", False, "14.388", id="tr"),
        pytest.param(14388, "ar", False, "14,388", id="ar"),
        pytest.param(14388, "ar", True, "١٤٬٣٨٨", id="ar-arabic-digits"),
        pytest.param(14388, "fr", False, "14\u00a0388", id="fr-no-narrow-space"),
        pytest.param(0, "ar", True, "٠", id="zero"),
        pytest.param(999, "tr", False, "999", id="below-a-thousand"),
        pytest.param(130000, "tr", False, "130.000", id="tr-round"),
        pytest.param(1234567890123, "en", False, "1,234,567,890,123", id="huge"),
        pytest.param(Decimal("2.5"), "en", False, "2.5", id="decimal-en"),
        pytest.param(Decimal("2.5"), "tr", False, "2,5", id="decimal-tr"),
        pytest.param(Decimal("2.5"), "ar", False, "2.5", id="decimal-ar"),
        pytest.param(Decimal("1234.5"), "ar", True, "١٬٢٣٤٫٥", id="decimal-arabic-digits"),
        pytest.param(Decimal("2.50"), "en", False, "2.50", id="zero-at-the-end-stays"),
        pytest.param(Decimal("0.12345"), "tr", False, "0,12345", id="never-rounded"),
        pytest.param(Decimal("1E+3"), "en", False, "1,000", id="exponent"),
        pytest.param(-12, "ar", False, "-12", id="minus-without-mark"),
        pytest.param(Decimal("-0.5"), "tr", False, "-0,5", id="minus-below-one"),
    ],
)
def test_number_is_written_in_the_languages_own_way(value, language, arabic_digits, text):
    assert write_number(value, language=language, arabic_digits=arabic_digits) == text


def test_equal_decimals_keep_their_own_zeros_whichever_comes_first():
    first = write_number(Decimal("7.10"), language="en", arabic_digits=False)
    second = write_number(Decimal("7.1"), language="en", arabic_digits=False)

    assert (first, second) == ("7.10", "7.1")


@given(
    value=st.integers(min_value=-(10**15), max_value=10**15)
    | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9)
)
def test_every_digit_of_a_figure_is_written(value):
    english = write_number(value, language="en", arabic_digits=False)
    turkish = write_number(value, language="tr", arabic_digits=False)
    arabic = write_number(value, language="ar", arabic_digits=True)

    assert Decimal(english.replace(",", "")) == value
    assert turkish == english.translate(str.maketrans(",.", ".,"))
    assert arabic == english.translate(str.maketrans("0123456789,.", "٠١٢٣٤٥٦٧٨٩٬٫"))


@pytest.mark.parametrize(
    ("period", "language", "text"),
    [
        pytest.param("2011-03/2020-06", "en", "March 2011 – June 2020", id="en"),
        pytest.param("2011-03/2020-06", "ar", "آذار 2011 – حزيران 2020", id="ar"),
        pytest.param("2011-03/2020-06", "tr", "Mart 2011 – Haziran 2020", id="tr"),
        pytest.param("2017-02", "en", "February 2017", id="month-en"),
        pytest.param("2017-02", "ar", "شباط 2017", id="month-ar"),
        pytest.param("2017", "tr", "2017", id="year"),
        pytest.param("2020-07-06", "en", "6 July 2020", id="day-en"),
        pytest.param("2020-07-06", "ar", "6 تموز 2020", id="day-ar"),
        pytest.param("2020-07-06", "tr", "6 Temmuz 2020", id="day-tr"),
        pytest.param("2011/2020", "en", "2011 – 2020", id="years"),
        pytest.param("2020-03/2020-06", "en", "March – June 2020", id="within-a-year-en"),
        pytest.param("2020-03/2020-06", "ar", "آذار – حزيران 2020", id="within-a-year-ar"),
        pytest.param("2020-03/2020-06", "es", "marzo de 2020 – junio de 2020", id="year-not-apart"),
        pytest.param("2020-07-06/2020-08-12", "tr", "6 Temmuz – 12 Ağustos 2020", id="days-tr"),
        pytest.param("2020-07-06/2020-08", "en", "6 July 2020 – August 2020", id="mixed-keeps-both-years"),
        pytest.param("2020/2020-06", "en", "2020 – June 2020", id="year-to-month"),
    ],
)
def test_period_is_written_as_exactly_as_it_is_known(period, language, text):
    assert write_period(Period.parse(period), language=language, arabic_digits=False) == text


LEVANTINE = "كانون الثاني,شباط,آذار,نيسان,أيار,حزيران,تموز,آب,أيلول,تشرين الأول,تشرين الثاني,كانون الأول"


@pytest.mark.parametrize("month", range(1, 13))
def test_arabic_months_have_their_levantine_names(month):
    text = write_date(PartialDate(year=2020, month=month), language="ar", arabic_digits=False)

    assert text == f"{LEVANTINE.split(',')[month - 1]} 2020"


def test_arabic_digits_reach_into_dates():
    text = write_period(Period.parse("2020-07-06/2020-08-12"), language="ar", arabic_digits=True)

    assert text == "٦ تموز – ١٢ آب ٢٠٢٠"


@given(
    start=st.dates(),
    end=st.dates(),
    exactness=st.integers(0, 2),
    language=st.sampled_from(["ar", "en", "tr", "fa"]),
)
def test_no_period_carries_a_mark_of_direction_or_an_odd_space(start, end, exactness, language):
    start, end = sorted((start, end))
    parts = [(day.year, day.month, day.day)[: exactness + 1] for day in (start, end)]
    first, last = (PartialDate(**dict(zip(("year", "month", "day"), part, strict=False))) for part in parts)

    text = write_period(Period(start=first, end=last), language=language, arabic_digits=False)

    assert not MARKS & set(text)
    assert {character for character in text if character.isspace()} <= {" "}


def test_unknown_language_is_named():
    with pytest.raises(RenderError, match="language 'zz' is unknown"):
        write_number(1, language="zz", arabic_digits=False)


@pytest.mark.parametrize(
    ("language", "right_to_left", "arabic_digits"),
    [("ar", True, True), ("ar-EG", True, True), ("fa", True, False), ("tr", False, False)],
)
def test_language_knows_its_direction_and_digits(language, right_to_left, arabic_digits):
    assert is_right_to_left(language) is right_to_left
    assert takes_arabic_digits(language) is arabic_digits
