"""One-time codes of six digits (TOTP, RFC 6238): their secret, and whether one is right."""

from __future__ import annotations

import base64
import hmac
import unicodedata
from datetime import datetime

from pyotp import TOTP

from bot.people.tokens import derive

#: Seconds. What authenticator apps take for granted (RFC 6238, section 5.2; pyotp's default).
STEP = 30
#: Steps before and after the clock's own: a phone may be half a minute off (RFC 6238, section 5.2).
_TOLERATED = 1
#: Bytes of the secret: as many as SHA-1 gives, which the apps use (RFC 4226, section 4, R6).
_SECRET_BYTES = 20
#: Characters as typed; six digits and the blanks that people put between them need no more.
_LONGEST_TYPED = 32
#: What the app shows above the code.
_ISSUER = "campaign-bot"


def secret_of(key: bytes, nonce: str) -> str:
    """The secret of one user's codes in base32. It follows from the key and the nonce: nothing stores it."""
    return base64.b32encode(derive(key, f"codes {nonce}")[:_SECRET_BYTES]).decode()


def in_groups(secret: str) -> str:
    """The secret as people type it: four letters, a blank, four letters."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def address_of(secret: str, *, name: str) -> str:
    """What the picture for the app holds: an `otpauth://` address."""
    return TOTP(secret).provisioning_uri(name=name, issuer_name=_ISSUER)


def step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """The time step that the code belongs to; None when it is wrong at that moment.

    Whoever takes a code keeps its step, and takes none of that step or an earlier one again.
    """
    typed = _digits(code) if len(code) <= _LONGEST_TYPED else ""
    now = int(at.timestamp()) // STEP
    totp = TOTP(secret)
    right = [
        step
        for step in range(now - _TOLERATED, now + _TOLERATED + 1)
        # All are compared, each in the same time.
        if hmac.compare_digest(totp.at(step * STEP), typed)
    ]
    return right[-1] if right else None


def _digits(code: str) -> str:
    """The code as ASCII digits: Arabic keyboards write others, and apps show a blank in the middle."""
    digits = (unicodedata.decimal(sign, -1) for sign in code if not sign.isspace())
    return "".join(str(digit) if digit >= 0 else "x" for digit in digits)
