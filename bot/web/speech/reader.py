"""Who reads the page: in which language, with which digits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from flask import current_app, g, has_request_context, request


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language of the console."""

    code: str
    #: As its speakers write it.
    name: str
    direction: str


LANGUAGES = (
    Language(code="ar", name="العربية", direction="rtl"),
    Language(code="en", name="English", direction="ltr"),
    Language(code="tr", name="Türkçe", direction="ltr"),
)
_BY_CODE = {language.code: language for language in LANGUAGES}
#: Cookies that hold what a person chose in the menu.
LANGUAGE_COOKIE = "language"
DIGITS_COOKIE = "digits"
#: Where a Flask application keeps how to learn the bot's own language.
OWN_LANGUAGE = "campaign_bot.own_language"


@dataclass(frozen=True, kw_only=True)
class Reader:
    """What decides how a page is written."""

    language: str
    #: ٠١٢٣ instead of 0123, in Arabic.
    arabic_digits: bool = False


_IN_ENGLISH = Reader(language="en")
_told: ContextVar[Reader | None] = ContextVar("reader", default=None)


def reader() -> Reader:
    """Who reads: as `speaking` says, else as the request does; English where there is neither."""
    told = _told.get()
    if told is not None:
        return told
    if not has_request_context():
        return _IN_ENGLISH
    if "reader" not in g:
        g.reader = _of_request()
    found: Reader = g.reader
    return found


def current_language() -> str:
    """The code of the page's language: `ar`, `en` or `tr`."""
    return reader().language


def direction() -> str:
    """`rtl` or `ltr`."""
    return _BY_CODE[reader().language].direction


def arabic_digits() -> bool:
    """Whether the page's numbers are written ٠١٢٣."""
    return reader().arabic_digits


@contextmanager
def speaking(language: str, *, arabic_digits: bool = False) -> Iterator[None]:
    """Write for this reader within the block, whatever the request says."""
    token = _told.set(Reader(language=language, arabic_digits=arabic_digits))
    try:
        yield
    finally:
        _told.reset(token)


def _of_request() -> Reader:
    language = request.cookies.get(LANGUAGE_COOKIE, "")
    if language not in _BY_CODE:
        language = request.accept_languages.best_match(list(_BY_CODE)) or _own_language()
    digits = request.cookies.get(DIGITS_COOKIE, "")
    return Reader(language=language, arabic_digits=language == "ar" and digits == "arabic")


def _own_language() -> str:
    """The bot's own, for whoever names none."""
    learn: Callable[[], str | None] = current_app.extensions[OWN_LANGUAGE]
    own = learn() or ""
    return own if own in _BY_CODE else _IN_ENGLISH.language
