"""The text of a post as a follower sees it: its links, hashtags and mentions marked, nothing else changed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from bot.core.campaign import Network
from bot.text.hashtags import find_cashtags, find_hashtags, find_mentions
from bot.text.links import find_links
from bot.text.networks import rules_for, telegram_warning

#: Characters of a link's path that X shows before it writes an ellipsis: `display_url` of its URL entities
#: (as its posts show them, 2026-11). The host is always whole, without `www.`.
_SHOWN_PATH: Final = 15
#: Characters of a link that Mastodon shows, without its protocol and `www.` (its TextFormatter, 2026-11).
_SHOWN_LINK: Final = 30
_PROTOCOL = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
#: Networks that give each line its own direction; the others take that of the whole text.
_BY_LINE = frozenset({Network.MASTODON, Network.TELEGRAM})

#: Networks that show a picture above its text; the others below.
_ABOVE = frozenset({Network.TELEGRAM})
#: Networks whose pictures have no words for those who do not see them: sendPhoto takes none, Bot API 10.0
#: (read 2026-11-21).
_WORDLESS = frozenset({Network.TELEGRAM})

#: Marks that turn the direction of what follows: a number between them may be read the other way round.
_TURNING: Final = {
    "\u061c": "ALM",
    "\u200e": "LRM",
    "\u200f": "RLM",
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
}
#: Other marks that nobody sees. Joiners belong to letters and to emoji, and stay as they are.
_UNSEEN: Final = {"\u00ad": "SHY", "\u180e": "MVS", "\u200b": "ZWSP", "\u2060": "WJ", "\ufeff": "BOM"}
_MARKS: Final = _TURNING | _UNSEEN
_MARK = re.compile(f"[{''.join(_MARKS)}]")


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is known of the card that a network makes of a link: where it leads. Nothing is fetched."""

    host: str
    path: str


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of the text that a network makes a link of, and what it shows of it."""

    start: int
    end: int
    kind: str
    shown: str


def follower_text(text: str, *, network: Network | str, language: str) -> Markup:
    """The text as the network shows it, as one element: every character of it, escaped.

    Only links differ from the text: those that the network shortens hold what it shows. Marks that nobody
    sees keep their effect, and their names stand beside them.
    """
    way = Network(network)
    pieces: list[Markup] = []
    position = 0
    for span in _spans(text, way):
        pieces += [_plain(text[position : span.start]), _marked(span)]
        position = span.end
    pieces.append(_plain(text[position:]))
    return Markup('<div class="follower-text{}" dir="auto" lang="{}">{}</div>').format(
        " by-line" if way in _BY_LINE else "", language, Markup("").join(pieces)
    )


def shown_text(text: str, *, network: Network | str) -> str:
    """The characters that a follower reads: the text with its links as the network shows them."""
    pieces: list[str] = []
    position = 0
    for span in _spans(text, Network(network)):
        pieces += [text[position : span.start], span.shown]
        position = span.end
    return "".join((*pieces, text[position:]))


def has_warnings(network: Network | str) -> bool:
    """Whether the network shows a content warning, and the text only to those who ask for it."""
    return rules_for(Network(network)).warns


def warning_line(warning: str, *, network: Network | str) -> str:
    """A content warning as it leaves for a network that shows one."""
    return telegram_warning(warning).rstrip() if Network(network) is Network.TELEGRAM else warning


def is_above(network: Network | str) -> bool:
    """Whether the network shows a picture above its text."""
    return Network(network) in _ABOVE


def shows_descriptions(network: Network | str) -> bool:
    """Whether followers who do not see a picture get its description."""
    return Network(network) not in _WORDLESS


def card_of(text: str) -> Card | None:
    """Where the card under the text leads; None where the text has no link."""
    links = find_links(text)
    if not links:
        return None
    url = links[0].url
    parts = urlsplit(url if "://" in url else f"https://{url}")
    path = parts.path if parts.path != "/" else ""
    return Card(
        host=parts.netloc.removeprefix("www."), path=path + (f"?{parts.query}" if parts.query else "")
    )


def turning_marks(text: str) -> tuple[str, ...]:
    """Names of the marks in the text that turn its direction, each once, in order."""
    return tuple(dict.fromkeys(_name(mark) for mark in text if mark in _TURNING))


def unseen_marks(text: str) -> tuple[str, ...]:
    """Names of the other marks in the text that nobody sees, each once, in order."""
    return tuple(dict.fromkeys(_name(mark) for mark in text if mark in _UNSEEN))


def _name(mark: str) -> str:
    return f"U+{ord(mark):04X} {unicodedata.name(mark, '')}".strip()


def _spans(text: str, network: Network) -> Iterator[_Span]:
    """What the network makes links of, in order; of two that overlap the first."""
    found = [
        *(
            _Span(link.start, link.end, "link", _shown_link(link.url, network=network))
            for link in find_links(text)
        ),
        *(_Span(one.start, one.end, "hashtag", text[one.start : one.end]) for one in find_hashtags(text)),
        *(_Span(one.start, one.end, "mention", text[one.start : one.end]) for one in find_mentions(text)),
    ]
    if network is Network.X:
        found += [
            _Span(one.start, one.end, "cashtag", text[one.start : one.end]) for one in find_cashtags(text)
        ]
    taken = 0
    for span in sorted(found, key=lambda one: one.start):
        if span.start >= taken:
            yield span
            taken = span.end


def _shown_link(url: str, *, network: Network) -> str:
    bare = _PROTOCOL.sub("", url, count=1)
    if network is Network.MASTODON and _PROTOCOL.match(url):
        return bare if len(bare) <= _SHOWN_LINK else f"{bare[:_SHOWN_LINK]}…"
    if network is Network.X:
        host = re.split("[/?#]", bare, maxsplit=1)[0]
        rest = bare[len(host) :]
        rest = "" if rest == "/" else rest
        return host + (rest if len(rest) <= _SHOWN_PATH else f"{rest[:_SHOWN_PATH]}…")
    return url


def _marked(span: _Span) -> Markup:
    # A link is read from the left; a hashtag, in a line of either direction, by its own letters.
    direction = "ltr" if span.kind == "link" else "auto"
    return Markup('<span class="{}" dir="{}">{}</span>').format(span.kind, direction, _plain(span.shown))


def _plain(text: str) -> Markup:
    """The text escaped, with the name of every unseen mark beside it."""
    pieces: list[Markup] = []
    position = 0
    for found in _MARK.finditer(text):
        mark = found[0]
        pieces += [
            _escaped(text[position : found.start()]),
            Markup('<span class="unseen" data-mark="{}">{}</span>').format(_MARKS[mark], mark),
        ]
        position = found.end()
    pieces.append(_escaped(text[position:]))
    return Markup("").join(pieces)


def _escaped(text: str) -> Markup:
    # A browser takes a carriage return for a line feed unless it is written as a number.
    return Markup(str(escape(text)).replace("\r", "&#13;"))  # noqa: S704  (escaped in the same breath)
