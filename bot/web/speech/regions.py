"""The region whose way of writing dates and lists a language's readers expect."""

from __future__ import annotations

from functools import cache

from babel import Locale

from bot.web.speech.reader import current_language

#: Those of the posts themselves: Levantine months, the day before the month.
_REGIONS = {"ar": "ar_SY", "en": "en_GB", "tr": "tr_TR"}


def locale() -> Locale:
    """That of the page."""
    return region(current_language())


@cache
def region(language: str) -> Locale:
    return Locale.parse(_REGIONS[language])
