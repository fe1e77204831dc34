"""What a picture is on Bluesky: its name there, which its bytes alone decide, and how a record shows it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from bot.core.campaign import Network
from bot.core.errors import RejectedError
from bot.core.media import PictureFile
from bot.publishing.protocol import OutgoingPicture
from bot.text.alt import alt_rules_for

#: "Garbage collected after an appropriate time span", of which the guidelines ask for an hour and more
#: (atproto.com/specs/blob, read 2026-11-21). Its lexicon says "eg, minutes": a record whose picture a server
#: does not have any more is refused by name, and the picture is brought once more.
KEEPS_UPLOADS: Final = timedelta(hours=1)
#: Bytes: `maxSize` of `image` in the lexicon app.bsky.embed.images (read 2026-11-21). A server takes more,
#: and refuses the record that shows it.
MAX_BYTES: Final = 2_000_000
#: Before a digest: a CID of version 1, raw bytes (0x55), SHA-256 (0x12) of 32 bytes
#: (atproto.com/specs/blob, read 2026-11-21).
_CID_HEAD: Final = bytes((0x01, 0x55, 0x12, 0x20))


def picture_name(file: PictureFile) -> str:
    """What every server of Bluesky calls these bytes, e.g. `bafkrei…`: a CID, in base 32."""
    # A file's digest is the SHA-256 that a CID holds: the name is known before anything is sent.
    cid = _CID_HEAD + bytes.fromhex(file.digest)
    return "b" + base64.b32encode(cid).decode().lower().rstrip("=")


def blob_of(file: PictureFile) -> Mapping[str, object]:
    """How Bluesky names a file in answers and in records."""
    return {
        "$type": "blob",
        "ref": {"$link": picture_name(file)},
        "mimeType": file.media_type,
        "size": file.size,
    }


def embed_of(picture: OutgoingPicture) -> Mapping[str, object]:
    """How a record shows the picture: the same whether or not it was brought, for a look to compare."""
    image = {
        "image": blob_of(picture.file),
        "alt": picture.alt,
        "aspectRatio": {"width": picture.file.width, "height": picture.file.height},
    }
    return {"$type": "app.bsky.embed.images", "images": [image]}


def check_picture(picture: OutgoingPicture) -> None:
    """Raise RejectedError, in words, for a picture that Bluesky would refuse or not show whole."""
    if picture.file.size > MAX_BYTES:
        raise RejectedError(
            f"Bluesky takes pictures of {MAX_BYTES:,} bytes, this one has {picture.file.size:,}:"
            " use a smaller one"
        )
    rules = alt_rules_for(Network.BLUESKY)
    assert rules is not None
    if not rules.fits(picture.alt):
        raise RejectedError(
            f"Bluesky shows {rules.max_length:,} characters of a picture's description, this one has"
            f" {rules.measure(picture.alt):,}: shorten it"
        )
