"""The translations, read from their .po files at the first use of each language."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

#: Dates as organisers type them: after Arabic letters their pieces would stand the wrong way round.
_EXAMPLE = re.compile(r"\d{4}-\d{2}(?:-\d{2})?(?:/\d{4}(?:-\d{2}){0,2})?|https?://[!-~]+")
_APART = "\u2066{}\u2069"

FOLDER = Path(__file__).parents[1] / "translations"


@cache
def catalogue(language: str) -> NullTranslations:
    """The language's sentences. Where none are kept, the English ones stand."""
    path = FOLDER / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        written = read_po(file, locale=language)
    if Locale.parse(language).text_direction == "rtl":
        for message in written:
            if isinstance(message.string, str):
                message.string = _with_examples_apart(message.string)
            elif message.string:
                message.string = tuple(_with_examples_apart(form) for form in message.string)
    compiled = BytesIO()
    write_mo(compiled, written)
    compiled.seek(0)
    return Translations(compiled)


def _with_examples_apart(form: str) -> str:
    """The translation with each date and address in it kept from left to right."""
    return _EXAMPLE.sub(lambda match: _APART.format(match[0]), form)
