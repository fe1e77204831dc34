"""The bot's own sentences, stored or raised in English, in the page's language.

A sentence is known by its pattern, e.g. `queued by {who}`. What stands in a place is written by the
place's name: a state, a day, a span, a sentence of its own (`{what}`), else the word as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from markupsafe import Markup

from bot.web.speech.known import PATTERNS
from bot.web.speech.places import PLACES, Place
from bot.web.speech.reader import Reader, reader
from bot.web.speech.sentences import isolated, translated
from bot.web.speech.words import GUARDS, guard_word

_PLACE = re.compile(r"\{(\w+?)(\d*)\}")
#: Where one sentence ends and the next begins, and how a page joins them.
_JOINTS = ((" — ", " — "), ("; ", "; "), (". ", ". "))
#: What is longer, or holds more sentences within sentences, the bot never said.
_LONGEST, _DEEPEST = 2_000, 8
#: Letters looked at for one sentence, those of the sentences within it each time: ten times what any of the
#: bot's own took. Whatever needs more stays in English.
_MOST_WORK = 20_000
_ARABIC_JOINTS = {"; ": "؛ "}


@dataclass(frozen=True, kw_only=True)
class Known:
    """One sentence of the bot, with places."""

    pattern: re.Pattern[str]
    #: As it is shown, in English: gettext knows it by this.
    shown: str
    #: The longest stretch without a place: whatever lacks it is another sentence.
    anchor: str
    #: How many letters are fixed: the more, the surer.
    weight: int
    places: Mapping[str, Place]


def marked(text: str) -> Markup:
    """The sentence for a page: an unknown one stands in English, and is marked so.

    What a person wrote, in whatever language, is shown as it is.
    """
    found = said(text)
    if found is not None:
        return Markup("{}").format(found)
    if reader().language == "en":
        return Markup("{}").format(text)
    if text.isascii() and " " in text:
        return Markup('<bdi lang="en" dir="ltr">{}</bdi>').format(text)
    return Markup("<bdi>{}</bdi>").format(text)


def said(text: str) -> str | None:
    """The sentence in the page's language. None: it is not known."""
    text = text.strip()
    return _remembered(text, reader()) if text else ""


@lru_cache(maxsize=4096)
def _remembered(text: str, who: Reader) -> str | None:
    return _said(text, _Work(who), 0)


class _Work:
    """Who reads at this moment, and how many letters may still be looked at."""

    def __init__(self, who: Reader) -> None:
        self.language = who.language
        self._left = _MOST_WORK

    def takes(self, text: str) -> bool:
        """Whether there is time for this sentence, too."""
        self._left -= len(text)
        return self._left >= 0


def _said(text: str, work: _Work, depth: int) -> str | None:
    """`depth` says within how many sentences this one stands."""
    if depth > _DEEPEST or len(text) > _LONGEST or not work.takes(text):
        return None
    for one in known():
        if one.anchor in text and (match := one.pattern.fullmatch(text)):
            values = _values(one, match, work, depth)
            if values is not None:
                return translated(one.shown).format(**values)
    return _joined(text, work, depth) or _after_a_name(text, work, depth)


@cache
def known() -> tuple[Known, ...]:
    """Every sentence, the surest first."""
    found = [compiled(one) if isinstance(one, str) else compiled(*one) for one in PATTERNS]
    return tuple(sorted(found, key=lambda one: -one.weight))


def compiled(pattern: str, shown: str | None = None, *, also: str = "") -> Known:
    """Read a pattern. `also` is what may stand in every place besides."""
    fixed, places, expression = [], {}, []
    end = 0
    for place in _PLACE.finditer(pattern):
        before = pattern[end : place.start()]
        name = place[1] + place[2]
        kind = PLACES.get(place[1], PLACES[""])
        wanted = f"{kind.expression}|{also}" if also else kind.expression
        repeated = name in places
        places[name] = kind
        fixed.append(_plain(before))
        expression += [re.escape(_plain(before)), f"(?P={name})" if repeated else f"(?P<{name}>{wanted})"]
        end = place.end()
    fixed.append(_plain(pattern[end:]))
    expression.append(re.escape(fixed[-1]))
    return Known(
        pattern=re.compile("".join(expression), re.DOTALL),
        shown=shown or pattern,
        anchor=max(fixed, key=len),
        weight=sum(map(len, fixed)),
        places=places,
    )


def _plain(text: str) -> str:
    """Doubled braces are braces."""
    return text.replace("{{", "{").replace("}}", "}")


def _values(one: Known, match: re.Match[str], work: _Work, depth: int) -> dict[str, str] | None:
    """What stands in the places, for the page. None: it is no such sentence after all."""
    values = {}
    for name, place in one.places.items():
        text = match[name]
        if place.is_sentence:
            written = _said(text.strip(), work, depth + 1)
            if written is None and not place.may_be_foreign:
                return None
            values[name] = isolated(text) if written is None else written
        else:
            values[name] = place.write(text)
    return values


def _joined(text: str, work: _Work, depth: int) -> str | None:
    for joint, shown in _JOINTS:
        if joint in text:
            parts = [_said(part.strip(), work, depth + 1) for part in text.split(joint)]
            if None not in parts:
                if work.language == "ar":
                    shown = _ARABIC_JOINTS.get(shown, shown)
                return shown.join(part for part in parts if part is not None)
    return None


def _after_a_name(text: str, work: _Work, depth: int) -> str | None:
    """`pace: …` and `facts.yaml:3: …`: the name of a guard or a place, and a sentence about it."""
    for name, rest in _splits(text):
        found = _said(rest, work, depth + 1)
        if found is not None:
            return f"{guard_word(name) if name in GUARDS else isolated(name)}: {found}"
    return None


def _splits(text: str) -> Iterator[tuple[str, str]]:
    start = 0
    while (at := text.find(": ", start)) != -1:
        yield text[:at], text[at + 2 :]
        start = at + 2
