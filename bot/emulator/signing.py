"""Check OAuth 1.0a signatures by RFC 5849, written apart from the library that made them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from bot.core.clock import Clock, SystemClock

API_KEY = "invented-api-key"
API_SECRET = "invented-api-secret"
#: Every account's tokens are made from its name: any number of accounts, none to be set up.
TOKEN_PREFIX = "invented-access-token-"
TOKEN_SECRET_PREFIX = "invented-access-token-secret-"

#: X refuses a timestamp that is further off ("Timestamp out of bounds").
MAX_AGE_SECONDS = 300


@dataclass
class Signatures:
    """Remembers the nonces it saw, so that a request cannot be sent twice as it is."""

    #: The machine's own: whoever signs takes the time from there, however fast this X lives.
    clock: Clock = field(default_factory=SystemClock)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def account_of(self, method: str, url: str, header: str) -> str | None:
        """The user name that signed the request; None when the signature is not right.

        `url` is the one the client was meant to ask: scheme, host and query among it.
        """
        claims = claims_of(header)
        token = claims.get("oauth_token", "")
        account = token.removeprefix(TOKEN_PREFIX)
        nonce = (claims.get("oauth_timestamp", ""), claims.get("oauth_nonce", ""))
        expected = signature(
            method, url, claims, secret=API_SECRET, token_secret=TOKEN_SECRET_PREFIX + account
        )
        right = (
            claims.get("oauth_consumer_key") == API_KEY
            and claims.get("oauth_signature_method") == "HMAC-SHA1"
            and claims.get("oauth_version", "1.0") == "1.0"
            and token.startswith(TOKEN_PREFIX)
            and re.fullmatch(r"[A-Za-z0-9_]{1,15}", account, re.ASCII) is not None
            and nonce[0].isdigit()
            and abs(int(nonce[0]) - int(self.clock.now().timestamp())) <= MAX_AGE_SECONDS
            and nonce not in self.seen
            and hmac.compare_digest(expected, claims.get("oauth_signature", ""))
        )
        if not right:
            return None
        self.seen.add(nonce)
        return account


def claims_of(header: str) -> dict[str, str]:
    """The parameters of an `Authorization: OAuth …` header, decoded."""
    if not header.startswith("OAuth "):
        return {}
    return {
        unquote(name): unquote(value)
        for name, value in re.findall(r'([A-Za-z_]+)="([^"]*)"', header.removeprefix("OAuth "))
    }


def signature(method: str, url: str, claims: dict[str, str], *, secret: str, token_secret: str) -> str:
    """HMAC-SHA1 over the base string of RFC 5849, section 3.4.1. A body that is no form is not signed."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}[parts.scheme]
    host = (parts.hostname or "") + ("" if parts.port in (None, default) else f":{parts.port}")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    pairs += [(name, value) for name, value in claims.items() if name not in ("oauth_signature", "realm")]
    normal = "&".join(f"{name}={value}" for name, value in sorted((_encode(n), _encode(v)) for n, v in pairs))
    base = "&".join((method.upper(), _encode(f"{parts.scheme}://{host}{parts.path}"), _encode(normal)))
    key = f"{_encode(secret)}&{_encode(token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def _encode(text: str) -> str:
    return quote(text, safe="-._~")
