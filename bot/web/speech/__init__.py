"""The language of the page: its sentences, dates, digits and plurals, and the bot's reasons in its words.

In Python `_("Held by %(who)s", who=name)` and `ngettext("%(num)s post", "%(num)s posts", count)`; in
templates the same. A percent sign in such a sentence is written twice. `noted("…")` marks a sentence
that is translated later, by `_`.
"""

from __future__ import annotations

from bot.web.speech.filters import install
from bot.web.speech.reader import (
    LANGUAGES,
    Language,
    Reader,
    arabic_digits,
    current_language,
    direction,
    speaking,
)
from bot.web.speech.sentences import gettext, ngettext, noted

_ = gettext
languages = LANGUAGES

__all__ = [
    "Language",
    "Reader",
    "_",
    "arabic_digits",
    "current_language",
    "direction",
    "gettext",
    "install",
    "languages",
    "ngettext",
    "noted",
    "speaking",
]
