"""How much text each network takes, and how it counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.core.campaign import Network
from bot.text.graphemes import count_graphemes, utf8_length, utf16_length
from bot.text.links import find_links
from bot.text.weighted import MAX_WEIGHTED_LENGTH, weighted_length

#: `configuration.statuses.characters_reserved_per_url` of a Mastodon server as it comes (read 2026-11-21).
MASTODON_LINK_LENGTH: Final = 23
#: `@name@server`, of which Mastodon counts `@name` (its StatusLengthValidator and MENTION_RE).
_REMOTE_MENTION = re.compile(r"(?<![\w=/])(@[a-zA-Z0-9_](?:[a-zA-Z0-9_.-]*[a-zA-Z0-9_])?)@[\w.-]*\w")


@dataclass(frozen=True, kw_only=True)
class TextRules:
    """A network's limit on one part, in the unit that `measure` counts."""

    network: Network
    max_length: int
    measure: Callable[[str], int]
    #: The limit in UTF-8 bytes that holds besides; None where there is none.
    max_bytes: int | None = None
    #: How much of the limit a content warning takes, where one counts to the part. None: none does.
    warning_length: Callable[[str], int] | None = None
    #: Whether followers see a content warning before a text.
    warns: bool = False
    #: The limit of a text beside a picture, where it is another one.
    max_beside_picture: int | None = None

    def beside(self, warning: str | None, *, has_picture: bool = False) -> TextRules:
        """Return the rules of a part that leaves with that content warning, and perhaps with a picture."""
        most = self.max_length
        if has_picture and self.max_beside_picture is not None:
            most = self.max_beside_picture
        taken = self.warning_length(warning) if self.warning_length is not None and warning else 0
        return replace(self, max_length=most - taken) if taken or most != self.max_length else self

    def fits(self, text: str) -> bool:
        """Say whether one part may hold the text."""
        return self.measure(text) <= self.max_length and (
            self.max_bytes is None or utf8_length(text) <= self.max_bytes
        )


def rules_for(network: Network) -> TextRules:
    """Return how the network counts, with the limits of an ordinary account or server."""
    return _RULES[network]


def rules_of_part(network: Network, number: int, *, warning: str | None, has_picture: bool) -> TextRules:
    """Return the rules of one part of a post: its picture leaves with the first, its warning with each."""
    return rules_for(network).beside(warning, has_picture=has_picture and number == 1)


def mastodon_length(text: str) -> int:
    """Count as Mastodon does: graphemes, `http(s)` links 23 each, of a remote mention the name alone."""
    pieces = []
    position = 0
    for link in find_links(text):
        if link.url.lower().startswith(("http://", "https://")):
            pieces += [text[position : link.start], "x" * MASTODON_LINK_LENGTH]
            position = link.end
    pieces.append(text[position:])
    return count_graphemes(_REMOTE_MENTION.sub(r"\1", "".join(pieces)))


def telegram_warning(warning: str) -> str:
    """Return what stands before a text with a content warning there: its own line, and an empty one."""
    return f"\u26a0\ufe0f {warning}\n\n"


def telegram_warning_length(warning: str) -> int:
    """Count a content warning as it stands before a text there."""
    return utf16_length(telegram_warning(warning))


_RULES: Final[Mapping[Network, TextRules]] = {
    Network.X: TextRules(network=Network.X, max_length=MAX_WEIGHTED_LENGTH, measure=weighted_length),
    #: `configuration.statuses.max_characters` of a server as it comes; counted by StatusLengthValidator.
    #: The warning is counted with the text there.
    Network.MASTODON: TextRules(
        network=Network.MASTODON,
        max_length=500,
        measure=mastodon_length,
        warning_length=count_graphemes,
        warns=True,
    ),
    #: `maxGraphemes` and `maxLength` of `text` in the lexicon app.bsky.feed.post (read 2026-08-20).
    Network.BLUESKY: TextRules(
        network=Network.BLUESKY, max_length=300, measure=count_graphemes, max_bytes=3000
    ),
    #: `text` of sendMessage in Bot API 10.0, and "UTF-16 code units" for lengths there (read 2026-11-21).
    Network.TELEGRAM: TextRules(
        network=Network.TELEGRAM,
        max_length=4096,
        measure=utf16_length,
        warning_length=telegram_warning_length,
        warns=True,
        #: `caption` of sendPhoto, same page.
        max_beside_picture=1024,
    ),
}
