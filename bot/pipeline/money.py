"""The guard of money: what X costs in a month stays under the ceiling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.media import PostPicture
from bot.core.post import Mode
from bot.store import spending
from bot.store.database import Tx

#: What a message with this text costs on a network, with a picture or without, in millionths of a dollar.
Prices = Callable[[str, str, bool], int]


def cost_of(prices: Prices, network: str, texts: Sequence[str], *, picture: PostPicture | None) -> int:
    """What a post with these parts costs; the first one carries its picture."""
    return sum(prices(network, text, place == 0 and picture is not None) for place, text in enumerate(texts))


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What posts cost, and how much of it a month may bear."""

    prices: Prices
    #: For all accounts together in a month of UTC, in millionths of a US dollar. None: no ceiling.
    ceiling: int | None

    def cost(self, network: str, *texts: str, mode: str, picture: PostPicture | None = None) -> int:
        """What requests with these texts cost, the first with the picture: nothing in dry-run."""
        return cost_of(self.prices, network, texts, picture=picture) if mode == Mode.LIVE.value else 0

    def refusal(
        self,
        tx: Tx,
        network: str,
        texts: Sequence[str],
        *,
        picture: PostPicture | None = None,
        mode: str,
        now: datetime,
    ) -> str | None:
        """Why these texts cost more than the month has left; None when they do not."""
        if self.ceiling is None:
            return None
        cost = self.cost(network, *texts, mode=mode, picture=picture)
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
