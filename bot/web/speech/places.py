"""What may stand in a place of one of the bot's sentences, and how the page writes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from bot.core.campaign import Kind, Network
from bot.core.dates import Period
from bot.core.people import Role
from bot.core.post import State
from bot.web.speech import figures, moments
from bot.web.speech.regions import region
from bot.web.speech.sentences import isolated, listed
from bot.web.speech.words import KINDS, NETWORKS, kind_word, network_word, role_word, state_word

_ANYTHING = ".+?"
#: Digits that a number is grouped for: no figure has more.
_LONGEST_NUMBER = 15
_MINUTES = {"second": 1 / 60, "minute": 1, "hour": 60, "day": 24 * 60}
#: As planning calls languages that CLDR calls otherwise.
_OWN_NAMES = {"Sorani Kurdish": "ckb", "Kurmanji Kurdish": "kmr"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """One kind of place."""

    expression: str = _ANYTHING
    write: Callable[[str], str] = isolated
    #: A sentence of the bot itself.
    is_sentence: bool = False
    #: … or of somebody else, who need not speak the page's language.
    may_be_foreign: bool = False


def _one_of(*words: str) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def _moment(text: str) -> str:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return isolated(text)
    return f"{moments.short_day(when)} {moments.clock_time(when)}"


def _day(text: str) -> str:
    try:
        return moments.day(date.fromisoformat(text))
    except ValueError:
        return isolated(text)


def _period(text: str) -> str:
    try:
        return moments.period_words(Period.parse(text))
    except ValueError:
        return isolated(text)


def _span(text: str) -> str:
    number, unit = text.split()
    minutes = float(number.replace(",", "")) * _MINUTES[unit.removesuffix("s")]
    return moments.duration(timedelta(minutes=minutes))


def _number(text: str) -> str:
    plain = text.replace(",", "")
    # What people type into a field stands in such sentences, too.
    is_number = plain.isdecimal() and len(plain) <= _LONGEST_NUMBER
    return figures.number(int(plain)) if is_number else figures.digits(text)


def _network(text: str) -> str:
    return isolated(network_word(text))


def _language(name: str) -> str:
    code = _codes().get(name, name)
    return moments.language_name(code)


def _languages(names: str) -> str:
    return listed(_language(name) for name in re.split(r", | and ", names))


@cache
def _codes() -> dict[str, str]:
    """The code of each language by its English name."""
    return {str(name): code for code, name in region("en").languages.items()} | _OWN_NAMES


_WHEN = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:[+-]\d\d:\d\d)?"
_DATE = r"\d{4}(?:-\d\d){0,2}"
_KEY = r"[^\s,;:]+"
PLACES: dict[str, Place] = {
    "": Place(),
    "account": Place(expression=_KEY),
    "campaign": Place(expression=_KEY),
    "item": Place(expression=_KEY),
    "day": Place(expression=r"\d{4}-\d\d-\d\d|None", write=_day),
    "kind": Place(expression=_one_of(*KINDS), write=lambda text: kind_word(Kind(text))),
    "language": Place(expression=r"[\w -]+?", write=_language),
    "languages": Place(write=_languages),
    "n": Place(expression=r"-?[\d,.]+", write=_number),
    "network": Place(expression=_one_of(*NETWORKS, "X"), write=lambda text: _network(Network(text.lower()))),
    "number": Place(expression=r"\d+", write=figures.digits),
    "period": Place(expression=rf"{_DATE}(?:/{_DATE})?", write=_period),
    "reason": Place(is_sentence=True, may_be_foreign=True),
    "role": Place(expression=_one_of(*Role), write=lambda text: role_word(Role(text))),
    "span": Place(expression=r"[\d.]+ (?:second|minute|hour|day)s?", write=_span),
    "state": Place(expression=_one_of(*State), write=lambda text: state_word(State(text))),
    "time": Place(expression=r"\d\d:\d\d", write=figures.digits),
    "what": Place(is_sentence=True),
    "when": Place(expression=_WHEN, write=_moment),
}
