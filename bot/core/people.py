"""Who uses the console, what each role may do, and which names there can be."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

#: Longer ones fit no column of a page.
LONGEST_NAME = 64
#: Characters as typed, marks apart from their letters. What is longer is nobody's name, and is not compared:
#: putting many marks in order takes time that grows with their square.
_LONGEST_TYPED = 4 * LONGEST_NAME
#: Beside letters and digits of any script.
_MARKS = frozenset(" .-_'’")


class Role(StrEnum):
    """What somebody may do. Each role may do all that those before it may."""

    #: Reads everything.
    VIEWER = "viewer"
    #: Writes and queues, holds, moves and cancels, and can stop everything.
    AUTHOR = "author"
    #: Approves, releases, resumes, and has the word on unknown posts.
    APPROVER = "approver"
    #: Adds and removes users.
    ADMIN = "admin"

    def includes(self, needed: Role) -> bool:
        """Whether this role may do what `needed` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)

    @property
    def needs_codes(self) -> bool:
        """Whether a password alone does not let such a one in: whoever can make a post leave."""
        return self.includes(Role.APPROVER)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who is signed in. `name` is what the send log shows."""

    name: str
    role: Role


def folded_name(name: str) -> str:
    """The name as it is compared: two that differ only in capitals, width or blanks are one.

    What is far too long for a name is left as it is: it is like no other.
    """
    if len(name) > _LONGEST_TYPED:
        return name
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def name_problem(name: str) -> str | None:
    """Why this can be no user's name; None when it can."""
    if len(name) > LONGEST_NAME:
        return f"write at most {LONGEST_NAME} characters"
    if name != unicodedata.normalize("NFC", name).strip() or "  " in name or not name:
        return "write it without blanks around it, and with one between two words"
    # Marks that turn the direction, or that nobody sees, would let one name pass for another.
    if any(not (sign in _MARKS or unicodedata.category(sign)[0] in "LMN") for sign in name):
        return "write letters, digits, blanks, and . - _ ' between them"
    if not any(unicodedata.category(sign)[0] == "L" for sign in name):
        return "write at least one letter"
    return None
