"""How much text each network takes, and how it counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.core.campaign import Network


@dataclass(frozen=True, kw_only=True)
class TextRules:
    """A network's limit on one part, in the unit that `measure` counts."""

    network: Network
    max_length: int
    measure: Callable[[str], int]
