"""How long a picture's words may be on each network, and how each counts them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.core.campaign import Network
from bot.text.graphemes import count_graphemes, utf16_length


@dataclass(frozen=True, kw_only=True)
class AltRules:
    """A network's limit on the words of one picture, in the unit that `measure` counts."""

    max_length: int
    measure: Callable[[str], int]

    def fits(self, alt: str) -> bool:
        """Say whether a picture may have these words."""
        return self.measure(alt) <= self.max_length


def alt_rules_for(network: Network) -> AltRules | None:
    """Return how the network counts; None where a picture has no words."""
    return _RULES[network]


_RULES: Final[Mapping[Network, AltRules | None]] = {
    #: `maxLength` of CreateMediaMetadataMetadataAltText in X's API description 2.167, which does not say of
    #: what: UTF-16 units are never fewer than any other characters.
    Network.X: AltRules(max_length=1000, measure=utf16_length),
    #: `validates :description, length: { maximum: 1_500 }` of Mastodon's MediaAttachment: code points; the
    #: `description_limit` of a server as it comes (read 2026-11-21).
    Network.MASTODON: AltRules(max_length=1500, measure=len),
    #: The lexicon app.bsky.embed.images names no limit; MAX_ALT_TEXT of Bluesky's own app (read 2026-11-21).
    Network.BLUESKY: AltRules(max_length=2000, measure=count_graphemes),
    #: sendPhoto of Bot API 10.0 takes none (read 2026-11-21).
    Network.TELEGRAM: None,
}
