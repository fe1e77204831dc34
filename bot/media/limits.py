"""How large a picture may be: ours as it comes in, each network's as it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.core.campaign import Network
from bot.core.errors import PictureError

#: Bytes of a file that is taken in. Ordinary cameras stay below.
LARGEST_FILE: Final = 25_000_000
#: Pixels of a picture that is taken in: 160 MB once it is decoded.
MOST_PIXELS: Final = 40_000_000
#: Pixels of a side that is taken in: X is reported to refuse smaller ones, and nothing can be seen on them.
SHORTEST_SIDE: Final = 4
#: Longer side by shorter side: sendPhoto, Bot API 10.0 (read 2026-11-21). No network shows longer ones well.
LONGEST_RATIO: Final = 20
#: Pixels of a side that leaves. X's documentation names no such limit; others report that it shows no more.
LONGEST_SIDE: Final = 4096
#: Bytes of a rebuilt picture, before it is fitted to networks that take less: what Mastodon takes.
LARGEST_REBUILT: Final = 16_777_216
#: Bytes, and pixels of the longer side, of the copy that pages show: sharp enough to tell what it is, and two
#: seconds on a slow phone.
SMALL_FILE: Final = 80_000
SMALL_SIDE: Final = 960


@dataclass(frozen=True, kw_only=True)
class PictureRules:
    """What one picture may be on a network."""

    network: Network
    max_bytes: int
    max_pixels: int | None = None
    #: Of width and height together.
    max_sides: int | None = None

    def fits(self, *, width: int, height: int, size: int) -> bool:
        """Whether the network takes a file of `size` bytes that shows so many pixels."""
        return (
            size <= self.max_bytes
            and max(width, height) <= LONGEST_SIDE
            and (self.max_pixels is None or width * height <= self.max_pixels)
            and (self.max_sides is None or width + height <= self.max_sides)
            and max(width, height) <= LONGEST_RATIO * min(width, height)
        )


def rules_for(network: Network) -> PictureRules:
    """Return what the network takes; of Mastodon, a server as it comes."""
    return _RULES[network]


def check_measures(width: int, height: int) -> None:
    """Raise PictureError unless a picture of so many pixels is taken in."""
    measures = f"it has {width:,} × {height:,} pixels"
    if min(width, height) < SHORTEST_SIDE:
        raise PictureError(f"{measures}: use one with at least {SHORTEST_SIDE} on each side")
    if width * height > MOST_PIXELS:
        raise PictureError(f"{measures}: scale it down to at most {MOST_PIXELS // 1_000_000} million in all")
    if max(width, height) > LONGEST_RATIO * min(width, height):
        raise PictureError(f"{measures}: crop it until one side is at most {LONGEST_RATIO} times the other")


_RULES: Final[Mapping[Network, PictureRules]] = {
    #: "image 5 MB" of X's media documentation (read 2026-11-21).
    Network.X: PictureRules(network=Network.X, max_bytes=5_000_000),
    #: `image_size_limit` and `image_matrix_limit` under `configuration.media_attachments` of a server as it
    #: comes; MAX_MATRIX_LIMIT of its Attachmentable (read 2026-11-21).
    Network.MASTODON: PictureRules(network=Network.MASTODON, max_bytes=16_777_216, max_pixels=33_177_600),
    #: `maxSize` of `image` in the lexicon app.bsky.embed.images (read 2026-11-21).
    Network.BLUESKY: PictureRules(network=Network.BLUESKY, max_bytes=2_000_000),
    #: sendPhoto, Bot API 10.0: 10 MB, "width and height must not exceed 10000 in total" (read 2026-11-21).
    Network.TELEGRAM: PictureRules(network=Network.TELEGRAM, max_bytes=10_000_000, max_sides=10_000),
}
