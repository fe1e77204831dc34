"""The guard of money: what X costs in a month stays under the ceiling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.post import Mode
from bot.store import spending
from bot.store.database import Tx

#: What a post with this text costs on a network, in millionths of a US dollar.
Prices = Callable[[str, str], int]


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What posts cost, and how much of it a month may bear."""

    prices: Prices
    #: For all accounts together in a month of UTC, in millionths of a US dollar. None: no ceiling.
    ceiling: int | None

    def cost(self, network: str, text: str, *, mode: str) -> int:
        """What a request with this text costs: nothing in dry-run."""
        return self.prices(network, text) if mode == Mode.LIVE.value else 0

    def refusal(self, tx: Tx, network: str, texts: Sequence[str], *, mode: str, now: datetime) -> str | None:
        """Why these texts cost more than the month has left; None when they do not."""
        if self.ceiling is None:
            return None
        cost = sum(self.cost(network, text, mode=mode) for text in texts)
        if cost == 0:
            return None
        spent = spending.month_total(tx, month=spending.month_of(now))
        if spent + cost <= self.ceiling:
            return None
        return (
            f"this month's ceiling of {usd(self.ceiling)} is reached: "
            f"{usd(spent)} spent, this post costs {usd(cost)}"
        )


#: Where nothing costs anything, as in a dry run.
FREE = Budget(prices=lambda *_: 0, ceiling=None)


def usd(micros: int) -> str:
    """Millionths of a dollar in dollars, with as many digits as they need but never less than cents."""
    whole = f"{micros / 1_000_000:,.6f}".rstrip("0")
    return f"${whole}{'0' * max(0, 2 - len(whole.rpartition('.')[2]))}"
