"""Tokens of the fake Bluesky: signed by this server, and read by nobody else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

_SIGNED_WITH = b"invented-key-of-the-server"


def token_of(claims: dict[str, Any]) -> str:
    head, body = (_base64url(json.dumps(part).encode()) for part in ({"alg": "HS256"}, claims))
    return f"{head}.{body}.{_signature(f'{head}.{body}')}"


def claims_of(token: str) -> dict[str, Any] | None:
    """What a token says; None when this server did not sign it."""
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(_signature(signed), signature):
        return None
    body = signed.partition(".")[2]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def _signature(text: str) -> str:
    return _base64url(hmac.new(_SIGNED_WITH, text.encode(), hashlib.sha256).digest())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
