"""The accounts' ways out in a proof: the real publishers, with deadlines that suit a fast clock."""

from __future__ import annotations

from collections.abc import Sequence

from bot.config import Settings
from bot.core.clock import Clock
from bot.core.post import Mode
from bot.outlets import StoredOutlets, publisher_settings
from bot.pipeline.outlets import Outlet
from bot.publishing.transport import Timeouts
from bot.selftest.networks import NETWORKS
from bot.store.database import Database

#: In real seconds, on a machine that is busy with killing. `total` is longer than it looks: it is held
#: against the fast clock as well, before the first byte.
TIMEOUTS = Timeouts(connect=2.0, read=0.4, total=60.0)


class HurriedOutlets(StoredOutlets):
    """The outlets as they are in live mode, each built at its first use."""

    def __init__(self, db: Database, settings: Settings, *, clock: Clock) -> None:
        super().__init__(db, settings, clock=clock)
        self._live = settings
        self._fast = clock
        self._hurried: dict[str, Outlet] = {}
        #: The accounts that this life sends for; all, when it is None.
        self.served: Sequence[str] | None = None

    def names(self) -> list[str]:
        return [name for name in super().names() if self.served is None or name in self.served]

    def check(self) -> None:
        """Every account has its secrets: they are invented here."""

    def of(self, account: str) -> Outlet | None:
        known = self.accounts().get(account)
        if known is None:
            return None
        if account not in self._hurried:
            network = NETWORKS[known.network]
            settings = publisher_settings(known, self._live, tuple(network.secrets))
            publisher = network.publisher()(settings, clock=self._fast, timeouts=TIMEOUTS)
            self._hurried[account] = Outlet(account=account, mode=Mode.LIVE.value, publisher=publisher)
        return self._hurried[account]
