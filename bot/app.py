"""The composition root: the only place that builds things, each once and only when it is needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from bot.config import Mode, Settings
from bot.content.reading import Content, read_content
from bot.core.campaign import Account, Network
from bot.core.clock import Clock, SystemClock
from bot.core.errors import ContentError
from bot.pipeline.operate import Operator
from bot.pipeline.outcome import Sent
from bot.pipeline.outlets import Outlet
from bot.pipeline.plan import Planner
from bot.pipeline.scheduler import Scheduler
from bot.pipeline.send import Sender
from bot.pipeline.sweep import Sweeper, Swept
from bot.pipeline.sync import Syncer
from bot.pipeline.worker import Incarnation
from bot.publishing.protocol import AccountSettings
from bot.publishing.registry import builder_for
from bot.publishing.x_prices import cost_usd_micros
from bot.rendering.renderer import Renderer
from bot.store import contents
from bot.store.database import Database
from bot.text.networks import rules_for

#: How late this machine's own work may make a post before a rehearsal on a fast clock calls it missed.
SLOWEST_WORK = timedelta(seconds=10)


class App:
    """Everything a command needs, built from the settings."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()

    @cached_property
    def db(self) -> Database:
        """The store, brought up to date."""
        self.settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = Database(self.settings.database_url)
        database.prepare()
        return database

    @cached_property
    def renderer(self) -> Renderer:
        """The templates, checked: a broken one is named before anything is planned with it."""
        renderer = Renderer(self.settings.templates_dir, rules_for=rules_for)
        problems = renderer.check()
        if problems:
            raise ContentError(problems)
        return renderer

    @cached_property
    def outlets(self) -> StoredOutlets:
        return StoredOutlets(self.db, self.settings, clock=self.clock)

    @cached_property
    def syncer(self) -> Syncer:
        return Syncer(self.db, self.clock, renderer=self.renderer, prices=price)

    @cached_property
    def planner(self) -> Planner:
        return Planner(self.db, self.clock, renderer=self.renderer, prices=price)

    def operator(self, who: str) -> Operator:
        return Operator(self.db, self.clock, who=who, renderer=self.renderer, prices=price)

    def content(self) -> Content:
        """What the content files say. Raises ContentError with every problem."""
        return read_content(self.settings.content_dir)

    def sync_first(self) -> None:
        """Take the content files in, if nobody ever did."""
        with self.db.read() as tx:
            known = contents.read_campaigns(tx, retired=True)
        if not known:
            self.syncer.sync(self.content())

    @property
    def pause_file(self) -> Path:
        return self.settings.data_dir / "PAUSE"

    @contextmanager
    def worker(
        self,
        *,
        on_sent: Callable[[Sent], None] = lambda _: None,
        on_swept: Callable[[Swept], None] = lambda _: None,
    ) -> Iterator[Worker]:
        """This process as one that sends. A live account without its secrets stops it, by name."""
        self.outlets.check()
        incarnation = Incarnation(self.db, self.clock, data_dir=self.settings.data_dir)
        with incarnation.alive():
            sender = Sender(
                self.db,
                self.clock,
                self.outlets,
                worker=incarnation.id,
                pause_file=self.pause_file,
                on_sent=on_sent,
            )
            sweeper = Sweeper(
                self.db,
                self.clock,
                self.outlets,
                incarnation=incarnation,
                sender=sender,
                on_swept=on_swept,
            )
            yield Worker(self, sender, sweeper)


class Worker:
    """A process that sends: once, or until it is stopped."""

    def __init__(self, app: App, sender: Sender, sweeper: Sweeper) -> None:
        self._app = app
        self.sender = sender
        self.sweeper = sweeper

    def run(self, stop: threading.Event, *, speed: float = 1.0, on_started: Callable[[], None]) -> None:
        """Send, plan and sweep until `stop` is set; then finish what is under way."""
        app = self._app
        scheduler = Scheduler(
            app.db,
            app.clock,
            sender=self.sender,
            plan=self._plan,
            sweep=self.sweeper.sweep,
            speed=speed,
        )
        self.sweeper.sweep()
        on_started()
        scheduler.start()
        try:
            stop.wait()
        finally:
            scheduler.stop()

    def _plan(self) -> None:
        self._app.planner.plan(days=self._app.settings.plan_ahead_days)
        self._app.outlets.refresh()


class StoredOutlets:
    """The outlets of the store's campaigns, built when first used."""

    def __init__(self, db: Database, settings: Settings, *, clock: Clock) -> None:
        self._db = db
        self._settings = settings
        self._clock = clock
        self._accounts: dict[str, Account] | None = None
        self._built: dict[str, Outlet] = {}
        self._lock = threading.Lock()

    def refresh(self) -> None:
        """Look again which accounts the campaigns have."""
        with self._lock:
            self._accounts = None

    def accounts(self) -> dict[str, Account]:
        """Every account of every campaign, by name."""
        with self._lock:
            if self._accounts is None:
                with self._db.read() as tx:
                    stored = contents.read_campaigns(tx)
                self._accounts = {
                    account.name: account for one in stored for account in one.campaign.accounts
                }
            return self._accounts

    def names(self) -> list[str]:
        return sorted(self.accounts())

    def of(self, account: str) -> Outlet | None:
        known = self.accounts().get(account)
        if known is None:
            return None
        with self._lock:
            outlet = self._built.get(account)
            if outlet is None or outlet.mode != self.mode_of(known).value:
                outlet = self._built[account] = self._build(known)
            return outlet

    def mode_of(self, account: Account) -> Mode:
        return Mode.DRY_RUN if account.dry_run else self._settings.mode

    def check(self) -> None:
        """Raise ConfigError when a live account cannot be served."""
        for account in self.accounts().values():
            self.of(account.name)

    def _build(self, account: Account) -> Outlet:
        mode = self.mode_of(account)
        build = builder_for("dry_run" if mode is Mode.DRY_RUN else account.network.value)
        settings = AccountSettings(
            account=account.name,
            api_url=self._settings.x_api_url,
            secrets=self._settings.secrets_of(account.name, build.secret_names),
        )
        return Outlet(account=account.name, mode=mode.value, publisher=build(settings, clock=self._clock))


def price(network: str, text: str) -> int:
    """What a post with this text costs, in millionths of a US dollar: only X charges."""
    return cost_usd_micros(text) if network == Network.X else 0


def faster(content: Content, *, speed: float) -> Content:
    """The same content with a grace that suits a clock `speed` times faster.

    There a second of this machine's own work is `speed` seconds late.
    """
    campaigns = tuple(
        replace(campaign, grace=max(campaign.grace, SLOWEST_WORK * speed)) for campaign in content.campaigns
    )
    return replace(content, campaigns=campaigns)
