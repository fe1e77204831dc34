"""Random tokens, what is stored of them, and what follows from a secret key."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from ipaddress import IPv6Address, ip_address

#: Bytes from the system's own source: nobody guesses one of 2^256.
_BYTES = 32
#: A provider gives a customer a whole network of this many bits: single IPv6 addresses cost nothing.
_IPV6_NETWORK = 64


def new_token() -> str:
    """A random token for one address or one cookie."""
    return secrets.token_urlsafe(_BYTES)


def new_nonce() -> str:
    """32 random hexadecimal digits."""
    return secrets.token_hex(16)


def digest_of(token: str) -> str:
    """What is stored of a token: whoever reads the database cannot use it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def derive(key: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose, from the one key."""
    return hmac.new(key, purpose.encode("utf-8", "replace"), hashlib.sha256).digest()


def mark_of(key: bytes, typed: str) -> str:
    """What stands for something typed, by which it is counted but not read: it may be a password."""
    return derive(key, f"typed {typed}").hex()[:32]


def origin_of(address: str | None) -> str:
    """What tries are counted by: the address, of IPv6 its network; `unknown` when there is none."""
    try:
        parsed = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        kept = int(parsed) >> (128 - _IPV6_NETWORK) << (128 - _IPV6_NETWORK)
        return f"{IPv6Address(kept)}/{_IPV6_NETWORK}"
    return str(parsed)
