"""Where a post of an account goes: its publisher, and whether that is the real network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.publishing.protocol import Publisher


@dataclass(frozen=True, kw_only=True)
class Outlet:
    """An account's way out."""

    account: str
    #: `dry-run` or `live`, as the send log marks it.
    mode: str
    publisher: Publisher
    #: Where the account is, by its network's address and its handle there: what one place has another lacks.
    place: str = ""
    #: What the network does not show after an answer got lost is sent once more without asking.
    send_again: bool = False


class Outlets(Protocol):
    """Finds the outlet of an account."""

    def of(self, account: str) -> Outlet | None:
        """None when no campaign has such an account any more."""

    def names(self) -> list[str]:
        """Every account there is, by name."""
