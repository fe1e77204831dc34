"""Campaigns and items as canonical JSON: the same value always gives the same bytes and digest."""

from __future__ import annotations

import hashlib

import msgspec

from bot.core.campaign import Campaign, Item, Visibility

#: Keys of an account that came after campaigns were first stored: left out as long as they say nothing, so
#: that a campaign stored before keeps its digest.
_LATER = {"server": None, "handle": None, "channel": None, "visibility": Visibility.PUBLIC.value}


def encode(value: Campaign | Item) -> str:
    """Canonical JSON: keys sorted, no white space."""
    if isinstance(value, Item):
        return msgspec.json.encode(value, order="sorted").decode()
    plain = msgspec.to_builtins(value)
    plain["accounts"] = [
        {name: said for name, said in account.items() if name not in _LATER or said != _LATER[name]}
        for account in plain["accounts"]
    ]
    return msgspec.json.encode(plain, order="sorted").decode()


def decode_campaign(document: str) -> Campaign:
    return msgspec.json.decode(document, type=Campaign)


def decode_item(document: str) -> Item:
    return msgspec.json.decode(document, type=Item)


def digest(document: str) -> str:
    """SHA-256 of a document, in hexadecimal."""
    return hashlib.sha256(document.encode()).hexdigest()
