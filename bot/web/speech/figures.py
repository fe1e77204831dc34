"""Numbers, money and shares as the page's language writes them."""

from __future__ import annotations

from decimal import Decimal

from bot.rendering.locales import write_number
from bot.text.numbers import to_arabic_digits
from bot.web.speech.reader import reader

#: A dollar has so many of the store's units.
_MICROS = 1_000_000
_CENT = Decimal("0.01")
#: A post on X costs $0.015: a cent is too coarse for one, and enough from ten dollars on.
_FINE_BELOW = 10 * _MICROS


def number(value: int | Decimal) -> str:
    """A number with its groups: `14,388`, `14.388`, `١٤٬٣٨٨`."""
    who = reader()
    return write_number(value, language=who.language, arabic_digits=who.arabic_digits)


def digits(text: object) -> str:
    """The text with the page's digits: for ids and clock times, which have no groups."""
    return to_arabic_digits(str(text)) if reader().arabic_digits else str(text)


def money(micros: int) -> str:
    """Millionths of a US dollar: `$1.20`, `$0.015`, in Turkish `1,20 $`."""
    value = Decimal(micros) / _MICROS
    if abs(micros) >= _FINE_BELOW or value == value.quantize(_CENT):
        value = value.quantize(_CENT)
    sign, amount = ("-" if value < 0 else ""), number(abs(value))
    return f"{sign}{amount} $" if reader().language == "tr" else f"{sign}${amount}"


def percent(share: float) -> str:
    """A share of 1 in whole percent: `25%`, in Turkish `%25`."""
    whole = number(round(share * 100))
    match reader():
        case who if who.language == "tr":
            return f"%{whole}"
        case who if who.arabic_digits:
            return f"{whole}٪"
        case _:
            return f"{whole}%"
