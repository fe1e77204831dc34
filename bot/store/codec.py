"""Campaigns and items as canonical JSON: the same value always gives the same bytes and digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from bot.core.campaign import Campaign, Item, Visibility
from bot.core.media import PostPicture

#: Keys of an account that came after campaigns were first stored: left out as long as they say nothing, so
#: that a campaign stored before keeps its digest.
_LATER = {
    "server": None,
    "handle": None,
    "channel": None,
    "visibility": Visibility.PUBLIC.value,
    "unwarned": False,
}
#: The same of a campaign, and of an item.
_LATER_OF_CAMPAIGN = {"threads": False, "cards": False}
_LATER_OF_ITEM = {"picture": None}


def encode(value: Campaign | Item) -> str:
    """Canonical JSON: keys sorted, no white space."""
    plain = msgspec.to_builtins(value, builtin_types=(Decimal,))
    if isinstance(value, Item):
        plain = _telling(plain, _LATER_OF_ITEM)
    else:
        plain = _telling(plain, _LATER_OF_CAMPAIGN)
        plain["accounts"] = [_telling(account, _LATER) for account in plain["accounts"]]
    return msgspec.json.encode(plain, order="sorted").decode()


def _telling(plain: Mapping[str, Any], later: Mapping[str, object]) -> dict[str, Any]:
    return {name: said for name, said in plain.items() if name not in later or said != later[name]}


def picture_column(picture: PostPicture | None) -> str | None:
    """Canonical JSON of the picture that a post or an attempt carries; None where there is none."""
    return None if picture is None else msgspec.json.encode(picture, order="sorted").decode()


def picture_from(document: str | None) -> PostPicture | None:
    return None if document is None else msgspec.json.decode(document, type=PostPicture)


def logged_picture(picture: PostPicture | None) -> dict[str, str]:
    """What an entry of the send log says of a picture in plain; nothing where there is none."""
    if picture is None:
        return {}
    return {"picture": picture.file.digest, "picture_warning": "yes" if picture.warning else "no"}


def words_beside(picture: PostPicture | None, content_warning: str | None) -> dict[str, str]:
    """The words that leave beside a text: an entry of the send log holds their salted digests alone."""
    said = {"picture_alt": None if picture is None else picture.alt, "content_warning": content_warning}
    return {name: words for name, words in said.items() if words is not None}


def sealed(salt: str, words: str) -> str:
    """What stands for words in the send log's chain, from which nothing is ever erased.

    Without its salt nobody can tell, not even by trying names, which words they were.
    """
    return hashlib.sha256(f"{salt}\n{words}".encode()).hexdigest()


def decode_campaign(document: str) -> Campaign:
    return msgspec.json.decode(document, type=Campaign)


def decode_item(document: str) -> Item:
    return msgspec.json.decode(document, type=Item)


def digest(document: str) -> str:
    """SHA-256 of a document, in hexadecimal."""
    return hashlib.sha256(document.encode()).hexdigest()
