"""Where a proof takes place: one folder, one database, its fake networks, one moment for all processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from bot.app import App
from bot.config import load_settings
from bot.core.campaign import Account
from bot.core.clock import Clock, FastClock, SystemClock
from bot.selftest.networks import NETWORKS
from bot.selftest.outlets import HurriedOutlets


@dataclass(frozen=True, kw_only=True)
class Stand:
    """What every process of a proof is told."""

    folder: Path
    database_url: str
    #: Where the fake networks are, by name.
    urls: Mapping[str, str]
    #: Some on each network, each the only one of its user there.
    accounts: tuple[Account, ...]
    seed: int
    #: Virtual seconds in a real one: settle times and leases of minutes pass in seconds.
    speed: float
    start: datetime
    start_monotonic: float
    #: Whether the monotonic clock runs as fast: then an intent lapses as fast, too.
    is_whole: bool = False

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def names(self) -> list[str]:
        """The accounts' names."""
        return [account.name for account in self.accounts]

    @property
    def errors(self) -> Path:
        """What a worker did not foresee, with its traceback."""
        return self.folder / "errors.log"

    @cached_property
    def clock(self) -> Clock:
        clock = FastClock(
            self.speed, real=SystemClock(), start=self.start, start_monotonic=self.start_monotonic
        )
        return _WholeFastClock(clock, start=self.start) if self.is_whole else clock

    def app(self) -> ProofApp:
        """The bot as it runs live, with the fakes in the networks' place."""
        environment = {
            "BOT_DATA_DIR": str(self.data_dir),
            "BOT_DATABASE_URL": self.database_url,
            "BOT_MODE": "live",
        }
        for name, url in self.urls.items():
            if (variable := NETWORKS[name].variable) is not None:
                environment[variable] = url
        for account in self.accounts:
            environment |= NETWORKS[account.network].secrets_of(account.name)
        # An absent file: a `.env` that happens to lie here is the user's own.
        settings = load_settings(environment, env_file=self.folder / "no.env")
        app = ProofApp(settings, clock=self.clock)
        app.db.prepare()
        return app

    def real_seconds(self, virtual: float) -> float:
        return virtual / self.speed

    def moment_of(self, monotonic: float) -> datetime:
        """The virtual moment of a reading of the machine's own clock."""
        return self.start + timedelta(seconds=(monotonic - self.start_monotonic) * self.speed)


class ProofApp(App):
    """The bot as it is, but for its deadlines."""

    @cached_property
    def outlets(self) -> HurriedOutlets:
        return HurriedOutlets(self.db, self.settings, clock=self.clock)


class _WholeFastClock:
    """A clock whose monotonic seconds pass as fast as the others."""

    def __init__(self, fast: Clock, *, start: datetime) -> None:
        self._fast = fast
        self._start = start

    def now(self) -> datetime:
        return self._fast.now()

    def monotonic(self) -> float:
        return (self._fast.now() - self._start).total_seconds()
