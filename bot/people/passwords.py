"""Passwords: which are good enough, how they are kept, and whether one is right."""

from __future__ import annotations

import threading
import unicodedata
from enum import Enum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from bot.core.people import folded_name

#: Characters. Longer than the eight that NIST SP 800-63B-4 asks beside a second factor: viewers have none.
SHORTEST = 12
#: Characters. Nobody types more, and a hash of a very long one would keep the machine busy.
LONGEST = 256
#: What must be left of it once the user's own name is taken out.
_BESIDE_THE_NAME = 8
#: Different characters.
_DIFFERENT = 5


class PasswordProblem(Enum):
    """Why a password is not taken."""

    SHORT = f"it has fewer than {SHORTEST} characters"
    LONG = f"it has more than {LONGEST} characters"
    NAME = "it is hardly more than the name"
    UNIFORM = f"it has fewer than {_DIFFERENT} different characters"


def password_problem(password: str, *, name: str) -> PasswordProblem | None:
    """What is wrong with a new password; None when it can be taken."""
    # As typed, like `is_right`: what is longer is not even looked at.
    if len(password) > LONGEST:
        return PasswordProblem.LONG
    password = _prepared(password)
    if len(password) < SHORTEST:
        return PasswordProblem.SHORT
    if len(folded_name(password).replace(folded_name(name), "")) < _BESIDE_THE_NAME:
        return PasswordProblem.NAME
    if len(set(password.casefold())) < _DIFFERENT:
        return PasswordProblem.UNIFORM
    return None


class Passwords:
    """Keeps passwords as argon2id, and tells whether one is right; one at a time.

    Each takes 64 MiB: many at once would take the machine's memory, and its processors from the sender.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        #: RFC 9106, section 4, second recommended option: 3 passes, 64 MiB, 4 lanes (read 2026-11).
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._turn = threading.Lock()
        self._nobodys: str | None = None

    def keep(self, password: str) -> str:
        """What is stored of a password."""
        with self._turn:
            return self._hasher.hash(_prepared(password))

    def is_right(self, kept: str | None, password: str) -> bool:
        """Whether it is the password that was kept. Takes as long where none was (None), and says no."""
        if len(password) > LONGEST:
            password = ""
        with self._turn:
            return self._is_right(kept, password)

    def _is_right(self, kept: str | None, password: str) -> bool:
        if self._nobodys is None:
            self._nobodys = self._hasher.hash("nobody's")
        try:
            self._hasher.verify(self._nobodys if kept is None else kept, _prepared(password))
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether it was kept with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)


def _prepared(password: str) -> str:
    """One password for all keyboards (RFC 8265, OpaqueString: NFC, one kind of blank)."""
    plain = "".join(" " if unicodedata.category(sign) == "Zs" else sign for sign in password)
    # A browser never sends half of a pair, but others may.
    return unicodedata.normalize("NFC", plain).encode("utf-8", "replace").decode()
