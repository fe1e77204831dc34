"""The fields of an item in words, and from which side a language is read."""

from __future__ import annotations

from collections.abc import Mapping

from babel import Locale, UnknownLocaleError

from bot.web.speech import _, noted
from bot.web.speech.words import language_word

_BY_LANGUAGE: Mapping[str, str] = {
    "text": noted("Text in %(language)s"),
    "short": noted("Shorter text in %(language)s"),
    "warning": noted("Content warning in %(language)s"),
    "publisher": noted("Source in %(language)s"),
    "picture_alt": noted("What the picture shows, in %(language)s"),
}
_SINGLE: Mapping[str, str] = {
    "key": noted("Key"),
    "kind": noted("Kind"),
    "source": noted("Source"),
    "url": noted("Link to the source"),
    "read_on": noted("Read on"),
    "period": noted("Time it speaks of"),
    "period_from": noted("Time it speaks of"),
    "period_to": noted("Time it speaks of"),
    "recheck_on": noted("Check it again on"),
    "figures": noted("Figures"),
    "sums": noted("Sums"),
    "numbers": noted("Numbers"),
    "plain_numbers": noted("Numbers"),
    "occasions": noted("Occasions"),
    "to": noted("Accounts"),
    "at": noted("Moment"),
    "picture_file": noted("Picture"),
    "picture_warning": noted("Whether the picture may distress"),
}


def field_word(name: str) -> str:
    """What people call a field; its own name where there is no word for it."""
    if name in _SINGLE:
        return _(_SINGLE[name])
    part, _mark, language = name.rpartition("_")
    if part in _BY_LANGUAGE and language:
        return _(_BY_LANGUAGE[part], language=language_word(language))
    return name


def direction_of(language: str) -> str:
    """`rtl` or `ltr`; `auto` for a language that nobody knows here."""
    try:
        return str(Locale.parse(language).text_direction)
    except (UnknownLocaleError, ValueError):
        return "auto"
