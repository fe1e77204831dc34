"""The outlets of the store's campaigns: each account's publisher, built from the settings when first used."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.config import Settings
from bot.core.campaign import Account, Network
from bot.core.clock import Clock
from bot.core.errors import ConfigError, Problem
from bot.core.post import Mode

# Imported where they are used: `log` needs no publisher.
if TYPE_CHECKING:
    from bot.pipeline.outlets import Outlet
    from bot.publishing.protocol import AccountSettings
    from bot.store.database import Database


class StoredOutlets:
    """The outlets of the store's campaigns, built when first used."""

    def __init__(self, db: Database, settings: Settings, *, clock: Clock) -> None:
        self._db = db
        self._settings = settings
        self._clock = clock
        self._accounts: dict[str, Account] | None = None
        self._refreshes = 0
        self._built: dict[str, Outlet] = {}
        self._made_from: dict[str, tuple[object, ...]] = {}
        self._lock = threading.Lock()

    def refresh(self) -> None:
        """Look again which accounts the campaigns have."""
        with self._lock:
            self._accounts = None
            self._refreshes += 1

    def accounts(self) -> dict[str, Account]:
        """Every account of every campaign, by name."""
        from bot.store import contents

        with self._lock:
            if self._accounts is not None:
                return self._accounts
            refreshes = self._refreshes
        # Not under the lock: who waits for the store here, and for the lock inside a transaction there,
        # would wait for each other.
        with self._db.read() as tx:
            stored = contents.read_campaigns(tx)
        known = {account.name: account for one in stored for account in one.campaign.accounts}
        with self._lock:
            if refreshes == self._refreshes:
                self._accounts = known
        return known

    def names(self) -> list[str]:
        """Every account by name, as the campaigns stand now: a sync in another process counts at once."""
        self.refresh()
        return sorted(self.accounts())

    def of(self, account: str) -> Outlet | None:
        known = self.accounts().get(account)
        if known is None:
            return None
        with self._lock:
            outlet = self._built.get(account)
            mode = mode_of(known, self._settings).value
            made_from = (mode, known.send_again, known.network, *_place(known))
            if outlet is None or self._made_from[account] != made_from:
                outlet = build_outlet(known, self._settings, clock=self._clock)
                self._built[account], self._made_from[account] = outlet, made_from
            return outlet

    def check(self) -> None:
        """Raise ConfigError, naming everything that is missing, when a live account cannot be served."""
        known = self.accounts()
        problems = account_problems(known.values(), self._settings, clock=self._clock)
        if problems:
            raise ConfigError(problems)
        for name in known:
            self.of(name)


def mode_of(account: Account, settings: Settings) -> Mode:
    """Whether the account's posts leave the machine."""
    return Mode.DRY_RUN if account.dry_run else settings.mode


def account_problems(accounts: Iterable[Account], settings: Settings, *, clock: Clock) -> list[Problem]:
    """What keeps accounts from being served, e.g. each secret that is missing.

    A network without a publisher does so in dry-run too.
    """
    from bot.publishing.registry import builder_for, entry_point_of

    found: list[Problem] = []
    for account in accounts:
        try:
            # In dry-run as well: what cannot be published is not found out on the day it goes live. What
            # never leaves dry-run needs no library of its network.
            find = entry_point_of if account.dry_run else builder_for
            find(account.network)
            build_outlet(account, settings, clock=clock)
        except ConfigError as error:
            found += error.problems
    return list(dict.fromkeys(found))


def build_outlet(account: Account, settings: Settings, *, clock: Clock) -> Outlet:
    """The account's way out. Raises ConfigError when a live one lacks its publisher or a secret."""
    from bot.pipeline.outlets import Outlet
    from bot.publishing.registry import builder_for

    mode = mode_of(account, settings)
    build = builder_for("dry_run" if mode is Mode.DRY_RUN else account.network.value)
    made_from = publisher_settings(account, settings, build.secret_names)
    return Outlet(
        account=account.name,
        mode=mode.value,
        publisher=build(made_from, clock=clock),
        place=" ".join(filter(None, (made_from.api_url, made_from.handle))),
        send_again=account.send_again,
    )


def publisher_settings(
    account: Account, settings: Settings, secret_names: tuple[str, ...]
) -> AccountSettings:
    """What the account's publisher is built from."""
    from bot.publishing.protocol import AccountSettings

    return AccountSettings(
        account=account.name,
        api_url=_api_url(account, settings),
        secrets=settings.secrets_of(account.name, secret_names),
        handle=account.handle,
        channel=account.channel,
        visibility=account.visibility,
        keep=settings.data_dir / "publishers",
    )


def _api_url(account: Account, settings: Settings) -> str:
    match account.network:
        case Network.X:
            return settings.x_api_url
        case Network.MASTODON:
            # Its campaign file names it; what was stored before it had to is refused by the publisher.
            return account.server or ""
        case Network.BLUESKY:
            return settings.bluesky_url
        case Network.TELEGRAM:
            return settings.telegram_api_url


def _place(account: Account) -> tuple[str | None, ...]:
    """What the campaign file says of where the account is, for its publisher to be built from."""
    return account.server, account.handle, account.channel, account.visibility


def price(network: str, text: str, has_picture: bool) -> int:
    """What a message with this text costs, in millionths of a US dollar: only X charges."""
    from bot.publishing.x_prices import cost_usd_micros

    return cost_usd_micros(text, has_picture=has_picture) if network == Network.X else 0


def remote_id_of(network: str, url: str) -> str | None:
    """The id of the post that a link leads to; None when it leads to no post of that network."""
    from bot.publishing.registry import builder_for

    return builder_for(network).remote_id_of(url)


def profile_of(network: str, url: str) -> str | None:
    """The profile of the account that a post's link names; None when it names none."""
    from bot.publishing.registry import builder_for

    return builder_for(network).profile_of(url)
