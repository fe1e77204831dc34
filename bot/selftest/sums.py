"""Digests by which a proof knows a text and a picture again, whatever network has them."""

from __future__ import annotations

import hashlib


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def picture_sum(digest: str, *, alt: str, warning: bool) -> str:
    """Of a picture's file, of what it is said to show, and of whether it is behind a warning."""
    return sha256(f"{digest} {warning} {alt}")
