"""Campaigns and items as canonical JSON: the same value always gives the same bytes and digest."""

from __future__ import annotations

import hashlib

import msgspec

from bot.core.campaign import Campaign, Item


def encode(value: Campaign | Item) -> str:
    """Canonical JSON: keys sorted, no white space."""
    return msgspec.json.encode(value, order="sorted").decode()


def decode_campaign(document: str) -> Campaign:
    return msgspec.json.decode(document, type=Campaign)


def decode_item(document: str) -> Item:
    return msgspec.json.decode(document, type=Item)


def digest(document: str) -> str:
    """SHA-256 of a document, in hexadecimal."""
    return hashlib.sha256(document.encode()).hexdigest()
