"""What the fake Bluesky refuses because its lexicon does, and how it says so."""

from __future__ import annotations

import re
from typing import Any

from bot.emulator.routes import Reply
from bot.text.graphemes import count_graphemes, utf8_length

COLLECTION = "app.bsky.feed.post"
#: app.bsky.embed.images (read 2026-11-21).
MOST_IMAGES, MOST_BYTES = 4, 2_000_000
_KEY = re.compile("[2-7a-j][2-7a-z]{12}", re.ASCII)


class RefusalError(Exception):
    """What the server says instead of a result."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        self.reply: Reply = (status, {"error": name, "message": message})


def check_record(record: dict[str, Any], *, collection: object, key: str) -> None:
    """Refuse what the server's lexicon refuses."""
    text = record.get("text")
    if collection != COLLECTION or record.get("$type") != COLLECTION:
        raise invalid("Invalid $type: this fake takes posts only")
    if not _KEY.fullmatch(key):
        raise invalid("Invalid record key: not a valid TID")
    if not isinstance(text, str) or not isinstance(record.get("createdAt"), str):
        raise invalid("Invalid app.bsky.feed.post record: Record must have the properties text, createdAt")
    if count_graphemes(text) > 300 or utf8_length(text) > 3000:
        raise invalid("Invalid app.bsky.feed.post record: Record/text must not be longer than 300 graphemes")
    if len(record.get("langs", ())) > 3:
        raise invalid("Invalid app.bsky.feed.post record: Record/langs must not have more than 3 elements")
    if "embed" in record:
        _check_images(record["embed"])


def _check_images(embed: Any) -> None:
    """Refuse what the lexicon app.bsky.embed.images refuses."""
    place = "Invalid app.bsky.feed.post record: Record/embed"
    images = embed.get("images") if isinstance(embed, dict) else None
    if not isinstance(images, list) or not all(isinstance(one, dict) for one in images):
        raise invalid(f"{place}/images must be an array")
    if len(images) > MOST_IMAGES:
        raise invalid(f"{place}: array too big (maximum {MOST_IMAGES}, got {len(images)})")
    for image in images:
        blob = image.get("image")
        if not isinstance(blob, dict) or not isinstance(image.get("alt"), str):
            raise invalid(f"{place}: an image must have the properties image, alt")
        if blob.get("size", 0) > MOST_BYTES:
            raise invalid(f"{place}: blob too big (maximum {MOST_BYTES}, got {blob['size']})")
        if not str(blob.get("mimeType")).startswith("image/"):
            raise invalid(f'{place}: Expected "image/*" (got "{blob.get("mimeType")}")')


def invalid(message: str) -> RefusalError:
    return RefusalError(400, "InvalidRequest", message)
