"""What a post is on Bluesky: its record and its key there, the same bytes each time they are asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from atproto_client import models  # type: ignore[import-untyped]
from atproto_client.exceptions import ModelError  # type: ignore[import-untyped]

from bot.core.campaign import Network
from bot.core.errors import RejectedError
from bot.publishing.bluesky_picture import embed_of
from bot.publishing.protocol import PublishRequest
from bot.text.graphemes import count_graphemes
from bot.text.hashtags import MAX_HASHTAG_GRAPHEMES, Hashtag, find_hashtags
from bot.text.links import Link, ascii_link, find_links
from bot.text.networks import rules_for

#: Where an account's posts are in its repository (lexicon app.bsky.feed.post, read 2026-11-21).
COLLECTION: Final = "app.bsky.feed.post"
#: The label that followers' apps hide or blur by; Bluesky has no words for a warning (lexicon
#: com.atproto.label.defs, `labelValue`, read 2026-11-21).
_WARNING_LABEL: Final = "graphic-media"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: A TID is 53 bits of microseconds and 10 bits of a clock's number, in this order-keeping base 32
#: (atproto.com/specs/tid, read 2026-11-21).
_TID_LETTERS: Final = "234567abcdefghijklmnopqrstuvwxyz"
_TID_LENGTH: Final = 13
_CLOCK_BITS: Final = 10
_MICROSECONDS: Final = 1_000_000

Record = Mapping[str, object]


def record_key(*, moment: datetime, post: int, part: int) -> str:
    """The key of one part: a TID, and for one planned moment, post and part always the same.

    Within the moment's second the post's number stands in place of the microseconds and the part in place
    of the clock, so that an account's posts never share a key. Raises ValueError for a part that has no room.
    """
    if not 0 < part < 1 << _CLOCK_BITS:
        raise ValueError(f"part {part}: a thread on Bluesky has parts 1 to {(1 << _CLOCK_BITS) - 1}")
    seconds = (moment - _EPOCH) // timedelta(seconds=1)
    number = (seconds * _MICROSECONDS + post % _MICROSECONDS) << _CLOCK_BITS | part
    return "".join(_TID_LETTERS[number >> 5 * place & 31] for place in reversed(range(_TID_LENGTH)))


def record_of(request: PublishRequest, *, moment: datetime, reply: Record | None = None) -> Record:
    """The record of one part. Raises RejectedError, in words, for what Bluesky would refuse.

    `reply` is the part before it and the first one, as `{"root": …, "parent": …}`.
    """
    rules = rules_for(Network.BLUESKY)
    if not rules.fits(request.text):
        raise RejectedError(
            f"Bluesky takes {rules.max_length} characters in {rules.max_bytes} bytes, this text has"
            f" {rules.measure(request.text)}: shorten it"
        )
    # A dictionary of our own, and the library only checks it: a newer version of it that wrote one field
    # more would make a repeat another record.
    record: dict[str, object] = {
        "$type": COLLECTION,
        "text": request.text,
        "createdAt": _created_at(moment, request.part),
        "langs": [request.language],
    }
    if facets := facets_of(request.text):
        record["facets"] = facets
    if request.picture is not None:
        record["embed"] = embed_of(request.picture)
    if request.content_warning or (request.picture is not None and request.picture.warning):
        record["labels"] = {
            "$type": "com.atproto.label.defs#selfLabels",
            "values": [{"val": _WARNING_LABEL}],
        }
    if reply is not None:
        record["reply"] = reply
    _check(record)
    return record


def put_body(*, did: str, key: str, record: Record) -> bytes:
    """The body of `putRecord` that makes the record, and never writes over another one."""
    # With null the server takes the record only where none stands, or this very one. The library's model
    # of this call leaves a null out, and the call would then overwrite.
    call = {"repo": did, "collection": COLLECTION, "rkey": key, "record": record, "swapRecord": None}
    return json.dumps(call, ensure_ascii=False, separators=(",", ":")).encode()


def is_same(stored: object, record: Record) -> bool:
    """Whether a record on Bluesky is this one, whatever each is in reply to, and whenever it was to leave."""
    return isinstance(stored, dict) and _compared(stored) == _compared(record)


def facets_of(text: str) -> list[Record]:
    """The links and hashtags of a text, by the bytes they take; in order, and never two over each other."""
    tokens: list[Link | Hashtag] = [*find_links(text), *find_hashtags(text)]
    found: list[Record] = []
    at = bytes_before = 0
    for token in sorted(tokens, key=lambda one: one.start):
        # What begins first holds its letters, as on X: a link may begin inside of a hashtag.
        if token.start < at:
            continue
        start = bytes_before + len(text[at : token.start].encode())
        at, bytes_before = token.end, start + len(text[token.start : token.end].encode())
        if (feature := _feature(token)) is not None:
            found.append({"index": {"byteStart": start, "byteEnd": bytes_before}, "features": [feature]})
    return found


def _feature(token: Link | Hashtag) -> Record | None:
    """None for what Bluesky would refuse: it then stays plain text."""
    if isinstance(token, Hashtag):
        if count_graphemes(token.tag) > MAX_HASHTAG_GRAPHEMES:
            return None
        return {"$type": "app.bsky.richtext.facet#tag", "tag": token.tag}
    try:
        uri = ascii_link(token.url if "://" in token.url else f"https://{token.url}")
    except ValueError:
        return None
    return {"$type": "app.bsky.richtext.facet#link", "uri": uri}


def _created_at(moment: datetime, part: int) -> str:
    # A millisecond apart, so that a profile shows a thread in its order.
    created = moment.astimezone(UTC) + timedelta(milliseconds=part - 1)
    return created.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _check(record: Record) -> None:
    try:
        models.get_or_create(record, models.AppBskyFeedPost.Record, strict_string_format=True)
    except ModelError as error:
        # The first problem's place and words, on one line; the rest names the library's own pages.
        place, words = [*map(str.strip, str(error).splitlines()), "", ""][1:3]
        said = f"{place}: {words.partition(' [type=')[0]}"
        raise RejectedError(f"Bluesky would refuse this post: {said}") from None


def _compared(record: Mapping[str, object]) -> dict[str, object]:
    # A look knows the text of a part, not which part it followed; and the post may have been moved since.
    return {name: value for name, value in record.items() if name not in ("reply", "createdAt")}
