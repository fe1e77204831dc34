"""Numbers are read alike in Arabic, English and Turkish."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.numbers import numbers_in, to_arabic_digits


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        pytest.param("14388", ["14388"], id="plain"),
        pytest.param("14,388 people", ["14388"], id="English groups"),
        pytest.param("14.388 kişi", ["14388"], id="Turkish groups"),
        pytest.param("١٤٬٣٨٨ شخصاً", ["14388"], id="Arabic groups"),
        pytest.param("١٤،٣٨٨ شخصاً", ["14388"], id="Arabic groups with a comma"),
        pytest.param("۱۴٬۳۸۸", ["14388"], id="Persian digits"),
        pytest.param("1,234,567", ["1234567"], id="two separators"),
        pytest.param("%5", ["5"], id="Turkish percent"),
        pytest.param("٥٪", ["5"], id="Arabic percent"),
        pytest.param("3.5", ["3.5"], id="English decimal"),
        pytest.param("3,5", ["3.5"], id="Turkish decimal"),
        pytest.param("٣٫٥", ["3.5"], id="Arabic decimal"),
        pytest.param("٣٫١٢٥", ["3.125"], id="Arabic decimal of three digits"),
        pytest.param("0.750", ["0.750"], id="decimal of three digits after nought"),
        pytest.param("1,234.5", ["1234.5"], id="English groups and decimals"),
        pytest.param("1.234,567", ["1234.567"], id="Turkish groups and decimals"),
        pytest.param("١٬٢٣٤٫٥", ["1234.5"], id="Arabic groups and decimals"),
        pytest.param("15.03.2011", ["15", "03", "2011"], id="date"),
        pytest.param("2011-2024", ["2011", "2024"], id="years"),
        pytest.param("18:30", ["18", "30"], id="time"),
        pytest.param("1, 2 و3.", ["1", "2", "3"], id="list"),
        pytest.param("1,2,3", ["1", "2", "3"], id="list without spaces"),
        pytest.param("١٤٬٣٨", ["14", "38"], id="odd groups"),
        pytest.param("2024'te 3.sü", ["2024", "3"], id="Turkish endings"),
        pytest.param("و14 طفلاً", ["14"], id="glued to waw"),
        pytest.param("#سوريا2024 #12", ["12"], id="inside a hashtag"),
        pytest.param("https://example.org/2024 t.co/12 5", ["5"], id="inside a link"),
        pytest.param("@anna12 5", ["5"], id="inside a mention"),
        pytest.param("{dead2011} {{ year_2 }} 5", ["5"], id="inside a placeholder"),
        pytest.param("½ ² Ⅷ", [], id="signs that are no digits"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_reads_numbers_in_latin_digits(text: str, numbers: list[str]) -> None:
    assert list(numbers_in(text)) == numbers


@given(st.integers(min_value=0, max_value=10**15))
def test_a_number_is_read_alike_in_every_language(number: int) -> None:
    ways = [f"{number:,}", f"{number:,}".replace(",", "."), to_arabic_digits(f"{number:,}".replace(",", "٬"))]

    assert {numbers_in(f"س {way} س") for way in ways} == {(str(number),)}


@given(st.text())
def test_numbers_are_latin_digits_with_at_most_one_point(text: str) -> None:
    for number in numbers_in(text):
        assert number.isascii()
        assert number.replace(".", "", 1).isdigit()


def test_arabic_digits_leave_the_rest_as_it_is() -> None:
    assert to_arabic_digits("14٬388 (3٫5%) Mart") == "١٤٬٣٨٨ (٣٫٥%) Mart"
