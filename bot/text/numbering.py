"""The line that says which part of a thread a text is: `2/3`, or `٢/٣`."""

from __future__ import annotations

from bot.text.numbers import to_arabic_digits


def numbered(text: str, number: int, of: int, *, arabic_digits: bool) -> str:
    """Return the text with its number below it, as it leaves."""
    return f"{text}\n\n{_line(number, of, arabic_digits=arabic_digits)}"


def without_number(text: str, number: int, of: int) -> str:
    """Return the text as it was before it was numbered; as it is where its number does not stand below it."""
    for arabic_digits in (False, True):
        text = text.removesuffix(f"\n\n{_line(number, of, arabic_digits=arabic_digits)}")
    return text


def _line(number: int, of: int, *, arabic_digits: bool) -> str:
    line = f"{number}/{of}"
    return to_arabic_digits(line) if arabic_digits else line
