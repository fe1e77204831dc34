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
    """What an entry of the send log says of a picture; nothing where there is none.

    Its words stand there by their digest: what is in the chain can never be erased.
    """
    if picture is None:
        return {}
    return {
        "picture": picture.file.digest,
        "picture_alt": digest(picture.alt),
        "picture_warning": "yes" if picture.warning else "no",
    }


def decode_campaign(document: str) -> Campaign:
    return msgspec.json.decode(document, type=Campaign)


def decode_item(document: str) -> Item:
    return msgspec.json.decode(document, type=Item)


def digest(document: str) -> str:
    """SHA-256 of a document, in hexadecimal."""
    return hashlib.sha256(document.encode()).hexdigest()
