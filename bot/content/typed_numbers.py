"""The numbers typed into an item's texts: compared between languages, and declared as they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.content.form import Form
from bot.content.yaml_text import read_number
from bot.core.campaign import Campaign
from bot.text.numbers import numbers_in

#: Fields whose texts followers read.
_TEXTS = ("text", "short", "warning", "picture_alt")


@dataclass(frozen=True, kw_only=True)
class TypedNumber:
    """A number with the languages whose text holds it, and those whose text does not."""

    number: str
    having: tuple[str, ...]
    without: tuple[str, ...]


def with_typed_numbers(form: Form, *, campaign: Campaign) -> dict[str, str]:
    """The form with every typed number among its plain numbers, and with no other there.

    Whether they are the same in all languages is for the rules to say. A number that a figure already has is
    left out: the rules then name that figure.
    """
    figures = set(_figures(form.get("figures", "")))
    typed = {
        number: None
        for name in _TEXTS
        for language in campaign.languages
        for number in numbers_in(form.get(f"{name}_{language}", ""))
        if Decimal(number) not in figures
    }
    # In the order in which they stood, so that an item that nobody changed stays the same.
    kept = [number for number in _entries(form.get("plain_numbers", "")) if number in typed]
    declared = dict.fromkeys([*kept, *typed])
    return {**form, "plain_numbers": "; ".join(declared)}


def typed_numbers(form: Form, *, campaign: Campaign) -> list[TypedNumber]:
    """Every number of the texts, and in which languages it stands; those without a text say nothing."""
    said: Mapping[str, Sequence[str]] = {
        language: numbers_in(text)
        for language in campaign.languages
        if (text := form.get(f"text_{language}", "")).strip()
    }
    every = dict.fromkeys(number for numbers in said.values() for number in numbers)
    return [
        TypedNumber(
            number=number,
            having=tuple(language for language in said if number in said[language]),
            without=tuple(language for language in said if number not in said[language]),
        )
        for number in every
    ]


def _figures(text: str) -> Iterator[Decimal]:
    for part in _entries(text):
        value = read_number(part.partition("=")[2].strip())
        if value is not None:
            yield Decimal(value)


def _entries(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", ";").replace("؛", ";").split(";") if part.strip()]
