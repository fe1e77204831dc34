"""The publisher that speaks to nobody: everything runs but the last step."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.clock import Clock
from bot.core.post import Receipt, State
from bot.publishing.protocol import AccountSettings, Build, Publisher, PublishRequest, Recovery


class DryRunPublisher:
    """Answers every request with a receipt without a link."""

    #: Nothing ever leaves, so one look is proof and the post may go on at once.
    recovery = Recovery(settle=timedelta(0), absent_reads=1, apart=timedelta(0), absent_means=State.READY)

    def __init__(self, account: str) -> None:
        self._account = account

    def __repr__(self) -> str:
        return f"DryRunPublisher(account={self._account!r})"

    def publish(self, request: PublishRequest) -> Receipt:
        """Return a receipt named after the attempt's key; nothing leaves."""
        return Receipt(remote_id=f"dry-run-{request.key}", url=None)

    def find(self, request: PublishRequest, *, since: datetime) -> Receipt | None:  # noqa: ARG002
        """Return None: nothing ever leaves, so what an earlier attempt left is certainly absent."""
        return None

    def withdraw(self, remote_id: str) -> None:
        """Do nothing: nothing is public."""

    def check(self) -> str:
        """Return the account's own name: no network is asked."""
        return self._account


class _BuildDryRun:
    secret_names: tuple[str, ...] = ()

    def __call__(self, settings: AccountSettings, *, clock: Clock) -> Publisher:  # noqa: ARG002
        return DryRunPublisher(settings.account)

    def remote_id_of(self, url: str) -> str | None:  # noqa: ARG002
        """None: no link leads to what never left."""
        return None

    def profile_of(self, url: str) -> str | None:  # noqa: ARG002
        """None: nobody has a profile where nothing leaves."""
        return None


build: Build = _BuildDryRun()
