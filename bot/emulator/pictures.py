"""What fake networks know of a picture that arrives: its type and its measures, read from its head."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Measures:
    """What the head of a picture says."""

    media_type: str
    #: Pixels.
    width: int
    height: int


def measure(data: bytes) -> Measures | None:
    """Read the head of a JPEG or a PNG; None when it is neither, or breaks off."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 33 and data[12:16] == b"IHDR":
        width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
        return Measures(media_type="image/png", width=width, height=height)
    return _jpeg(data) if data.startswith(b"\xff\xd8\xff") else None


def seen(data: bytes, *, alt: str | None, warning: bool) -> dict[str, Any]:
    """A picture of a public post, as `/_fake/posts` tells it: its bytes as they arrived, by their digest."""
    return {"sha256": hashlib.sha256(data).hexdigest(), "alt": alt, "warning": warning}


def _jpeg(data: bytes) -> Measures | None:
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        code, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4])
        # Start of frame; three codes among them mean something else.
        if 0xC0 <= code <= 0xCF and code not in (0xC4, 0xC8, 0xCC):
            height, width = (int.from_bytes(data[place + at : place + at + 2]) for at in (5, 7))
            return Measures(media_type="image/jpeg", width=width, height=height)
        place += 2 + length
    return None
