"""Read an account's own statuses back and tell whether one of them is a given text with its picture."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import IntEnum
from html.parser import HTMLParser

from bot.core.errors import UnconfirmedError
from bot.publishing.mastodon_answers import STATUS_ID, link_of, object_of
from bot.publishing.transport import Answer
from bot.text.forms import nfc
from bot.text.links import find_links

#: Of the words, how many two texts must share: below the first, nobody would take them for one another;
#: from the second on, only the text itself tells them apart.
_ALIKE, _NEARLY_SAME = 0.5, 0.9
_BREAKS = frozenset(
    {"p", "br", "div", "li", "ul", "ol", "blockquote", "pre", *(f"h{n}" for n in range(1, 7))}
)
#: `@name@server`, of which many servers show `@name`; perhaps several without a blank between them.
_MENTIONS = re.compile(r"@[\w.@-]*\w")
#: Characters of HTML. A post of ours has 500 and its markup; what is longer is none of ours.
_LONGEST = 100_000
_WORD = re.compile(r"[^\W_]+")


class Likeness(IntEnum):
    """Whether a status is the text that was to leave; the closest is the greatest."""

    OTHER = 0
    #: The words are the same or nearly so: the server may have rewritten the rest.
    DOUBTFUL = 1
    #: The text, but without the picture that was to leave with it, or with one that was not.
    OTHER_PICTURE = 2
    SAME = 3


@dataclass(frozen=True, kw_only=True)
class OwnStatus:
    """A status as the server shows it to its author."""

    id: str
    made_at: datetime
    url: str | None
    #: HTML.
    content: str
    #: The text as it was posted; None where the server has not said it.
    source: str | None = None
    #: Of each picture, or of whatever else is attached, what it shows; empty where nothing is said.
    shows: tuple[str, ...] = ()


def statuses_from(answer: Answer) -> tuple[OwnStatus, ...]:
    """Read one page. Raises UnconfirmedError unless all of it can be read.

    An answer that cannot be read is not an account without posts: taking it for one would send a post twice.
    """
    if answer.status != 200:
        raise UnconfirmedError(f"Mastodon answered {answer.status} when the account's own posts were read")
    body = answer.json()
    if not isinstance(body, list):
        raise _unreadable(answer.broken or "it is no list of posts")
    return tuple(_own_status(status) for status in body)


def source_from(answer: Answer, status: OwnStatus) -> OwnStatus:
    """The status with the text that was posted, where the server knows it."""
    source = object_of(answer).get("text") if answer.status == 200 else None
    return replace(status, source=source) if isinstance(source, str) else status


def likeness(status: OwnStatus, text: str, *, alt: str | None = None) -> Likeness:
    """Compare a status with what was to leave: the text, and with it one picture that shows `alt`, or none.

    A server makes other bytes of a picture: it is known by its words.
    """
    found = _likeness(status, text)
    expected = () if alt is None else (_plain(alt),)
    if found is Likeness.SAME and tuple(map(_plain, status.shows)) != expected:
        return Likeness.OTHER_PICTURE
    return found


def _likeness(status: OwnStatus, text: str) -> Likeness:
    shown, _ = _shown(status.content)
    if _plain(text) in {_plain(shown), None if status.source is None else _plain(status.source)}:
        return Likeness.SAME
    if status.source is not None:
        # Exactly what was posted: other words are another post, other links or signs a person's business.
        return Likeness.DOUBTFUL if _shared(_words(status.source), _words(text)) == 1 else Likeness.OTHER
    return Likeness.DOUBTFUL if _resemblance(status, text) >= _NEARLY_SAME else Likeness.OTHER


def resembles(status: OwnStatus, text: str) -> bool:
    """Whether a status may be the text, changed by its server's markup."""
    return _resemblance(status, text) >= _ALIKE


def _resemblance(status: OwnStatus, text: str) -> float:
    _, without_links = _shown(status.content)
    theirs = _words(without_links)
    # Some servers read our `&lt;` and `<b>` as their own.
    readings = {text, html.unescape(text), _shown(text)[0]}
    return max(_shared(theirs, _words(reading)) for reading in readings)


def _own_status(status: object) -> OwnStatus:
    if not isinstance(status, dict):
        raise _unreadable("a post in it is no object")
    status_id, content, made_at = (status.get(name) for name in ("id", "content", "created_at"))
    if not isinstance(status_id, str) or not STATUS_ID.fullmatch(status_id) or not isinstance(content, str):
        raise _unreadable("a post in it has no id or no text")
    source = status.get("text")
    return OwnStatus(
        id=status_id,
        made_at=_moment(made_at),
        url=link_of(status),
        content=content,
        source=source if isinstance(source, str) else None,
        shows=_attached(status.get("media_attachments")),
    )


def _attached(media: object) -> tuple[str, ...]:
    if not isinstance(media, list):
        return ()
    said = [one.get("description") if isinstance(one, dict) else None for one in media]
    return tuple(words if isinstance(words, str) else "" for words in said)


def _moment(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _unreadable("a post in it has no moment")
    return moment.astimezone(UTC)


def _plain(text: str) -> str:
    return " ".join(nfc(text).split())


def _words(text: str) -> Counter[str]:
    """The words of a text as people remember it: without links, mentions, case and marks."""
    text = _MENTIONS.sub(" ", text)
    pieces, end = [], 0
    for link in find_links(text):
        pieces.append(text[end : link.start])
        end = link.end
    folded = unicodedata.normalize("NFKC", " ".join([*pieces, text[end:]])).casefold()
    return Counter(_WORD.findall(folded))


def _shared(one: Counter[str], other: Counter[str]) -> float:
    """The share of the words that two texts have in common, 0 to 1."""
    most = max(one.total(), other.total())
    return (one & other).total() / most if most else 1.0


def _shown(content: str) -> tuple[str, str]:
    """What HTML shows, and the same without the words of links other than hashtags and mentions."""
    reader = _Reader()
    try:
        reader.feed(content[:_LONGEST])
        reader.close()
    except AssertionError:
        # Python's parser does so where markup breaks off in the middle: then all of it is taken for text.
        reader.pieces = [(html.unescape(content[:_LONGEST]), False)]
    return "".join(text for text, _ in reader.pieces), "".join(
        " " if is_link and not text.startswith(("#", "@")) else text for text, is_link in reader.pieces
    )


class _Reader(HTMLParser):
    """Collects the text of HTML, piece by piece, each link a piece of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        #: Each text, and whether it is that of a link.
        self.pieces: list[tuple[str, bool]] = []
        self._in_link = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag == "a":
            self._in_link = True
            self.pieces.append(("", True))
        elif tag in _BREAKS:
            self._in_link = False
            self.pieces.append(("\n", False))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._in_link = False
        elif tag in _BREAKS:
            self.pieces.append(("\n", False))

    def handle_data(self, data: str) -> None:
        if self._in_link:
            text, _ = self.pieces.pop()
            self.pieces.append((text + data, True))
        else:
            self.pieces.append((data, False))


def _unreadable(why: str) -> UnconfirmedError:
    return UnconfirmedError(f"Mastodon's answer to a look at the account's own posts cannot be read: {why}")
