"""The composition root: the only place that builds things, each once and only when it is needed."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bot.config import Settings
from bot.core.campaign import Account, Campaign, Item, Network
from bot.core.clock import Clock, FastClock, SystemClock
from bot.core.errors import ContentError, Problem, StoreError
from bot.core.post import Mode, RenderedPost
from bot.outlets import StoredOutlets, account_problems, mode_of

# Each part is imported where it is built: `log` needs no templates, `--help` no database.
if TYPE_CHECKING:
    from bot.content.reading import Content
    from bot.pipeline.check import Checked
    from bot.pipeline.inspect import Inspector
    from bot.pipeline.operate import Operator
    from bot.pipeline.outcome import Sent
    from bot.pipeline.plan import Planner
    from bot.pipeline.rehearse import Rehearsal
    from bot.pipeline.resolve import Resolver
    from bot.pipeline.send import Sender
    from bot.pipeline.sweep import Sweeper, Swept
    from bot.pipeline.sync import Syncer
    from bot.rendering.renderer import Renderer
    from bot.store.database import Database
    from bot.store.log_reading import LogReader

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
        from bot.store.database import Database

        try:
            self.settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"BOT_DATA_DIR={self.settings.data_dir}: the folder cannot be made ({error.strerror}); "
                "name one that this user may write to"
            ) from error
        database = Database(self.settings.database_url)
        database.prepare()
        return database

    @cached_property
    def renderer(self) -> Renderer:
        """The templates, checked: a broken one is named before anything is planned with it."""
        from bot.rendering.renderer import Renderer
        from bot.text.networks import rules_for

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
        from bot.pipeline.sync import Syncer

        return Syncer(self.db, self.clock, renderer=self.renderer, prices=price)

    @cached_property
    def planner(self) -> Planner:
        from bot.pipeline.plan import Planner

        return Planner(self.db, self.clock, renderer=self.renderer, prices=price)

    def operator(self, who: str) -> Operator:
        """The hand of the person of that name."""
        from bot.pipeline.operate import Operator

        return Operator(self.db, self.clock, who=who, renderer=_RendererWhenNeeded(self), prices=price)

    def resolver(self, who: str) -> Resolver:
        """The word of the person of that name on unknown posts."""
        from bot.pipeline.resolve import Resolver

        return Resolver(self.db, self.clock, who=who, links=remote_id_of)

    @cached_property
    def inspector(self) -> Inspector:
        from bot.pipeline.inspect import Inspector

        return Inspector(self.db, self.clock)

    @property
    def opened_store(self) -> bool:
        """Whether anything was asked of the store so far."""
        return "db" in self.__dict__

    def existing_db(self) -> Database | None:
        """The store, if there is one already and content was taken into it; it is never made here."""
        from bot.store import contents
        from bot.store.database import Database

        if not self.opened_store and not Database(self.settings.database_url).exists():
            return None
        with self.db.read() as tx:
            return self.db if contents.read_campaigns(tx, retired=True) else None

    def open_log(self) -> AbstractContextManager[LogReader | None]:
        """The send log for reading; None where there is no database yet."""
        from bot.store.log_reading import open_log

        return open_log(self.settings.database_url)

    def content(self) -> Content:
        """What the content files say. Raises ContentError with every problem."""
        from bot.content.reading import read_content

        return read_content(self.settings.content_dir)

    def check_posts(self, content: Content) -> Checked:
        """Whether everything in the content can become posts."""
        from bot.pipeline.check import check_posts

        return check_posts(content, renderer=self.renderer, prices=price, now=self.clock.now())

    def count_slots(self, content: Content, *, start: datetime, end: datetime, only: str | None) -> int:
        """How many moments a rehearsal goes through."""
        from bot.pipeline.rehearse import count_slots

        return count_slots(content, start=start, end=end, only=only)

    def rehearse(
        self,
        content: Content,
        *,
        start: datetime,
        end: datetime,
        only: str | None,
        on_slot: Callable[[int], None],
    ) -> Rehearsal:
        """The run to come, with what the store has planned, if there is a store."""
        from bot.pipeline.rehearse import rehearse

        return rehearse(
            content,
            db=self.existing_db(),
            start=start,
            end=end,
            renderer=self.renderer,
            prices=price,
            only=only,
            on_slot=on_slot,
        )

    def account_problems(self, content: Content) -> list[Problem]:
        """What keeps the content's accounts from being served, e.g. each secret that is missing."""
        accounts = [account for campaign in content.campaigns for account in campaign.accounts]
        return account_problems(accounts, self.settings, clock=self.clock)

    def rehearsal_at(self, speed: float, *, data_dir: Path) -> App:
        """Another app in `data_dir`, its days planned, whose clock runs `speed` times faster from now on."""
        settings = replace(
            self.settings,
            data_dir=data_dir,
            database_url=f"sqlite:///{data_dir / 'campaign-bot.sqlite3'}",
            mode=Mode.DRY_RUN,
        )
        planning = App(settings, clock=self.clock)
        content = faster(planning.content(), speed=speed)
        planning.syncer.sync(content)
        planning.planner.plan(days=settings.plan_ahead_days)
        planning.db.close()
        # Its clock starts only now: while this machine planned, nothing became late.
        return App(settings, clock=FastClock(speed, real=self.clock))

    def mode_of(self, account: Account) -> Mode:
        """Whether the account's posts leave the machine."""
        return mode_of(account, self.settings)

    def mode_of_account(self, name: str) -> str:
        """The mode of a known account."""
        return self.mode_of(self.outlets.accounts()[name]).value

    def sync_first(self) -> None:
        """Take the content files in, if nobody ever did."""
        from bot.store import contents

        with self.db.read() as tx:
            known = contents.read_campaigns(tx, retired=True)
        if not known:
            self.syncer.sync(self.content())

    @property
    def pause_file(self) -> Path:
        return self.settings.data_dir / "PAUSE"

    @property
    def is_paused_by_file(self) -> bool:
        return os.path.lexists(self.pause_file)

    @contextmanager
    def worker(
        self,
        *,
        on_sent: Callable[[Sent], None] = lambda _: None,
        on_swept: Callable[[Swept], None] = lambda _: None,
    ) -> Iterator[Worker]:
        """This process as one that sends. A live account without its secrets stops it, by name."""
        from bot.pipeline.send import Sender
        from bot.pipeline.sweep import Sweeper
        from bot.pipeline.worker import Incarnation

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
        from bot.pipeline.scheduler import Scheduler

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
            # What a network answered is written down before this process is gone.
            self.sender.record_waiting()

    def _plan(self) -> None:
        self._app.planner.plan(days=self._app.settings.plan_ahead_days)


class _RendererWhenNeeded:
    """The renderer, built at the first text: `pause` works while a template is broken."""

    def __init__(self, app: App) -> None:
        self._app = app

    def render(
        self, item: Item, *, campaign: Campaign, account: Account, language: str, occasion: str | None = None
    ) -> RenderedPost:
        return self._app.renderer.render(
            item, campaign=campaign, account=account, language=language, occasion=occasion
        )


def price(network: str, text: str) -> int:
    """What a post with this text costs, in millionths of a US dollar: only X charges."""
    from bot.publishing.x_prices import cost_usd_micros

    return cost_usd_micros(text) if network == Network.X else 0


def remote_id_of(network: str, url: str) -> str | None:
    """The id of the post that a link leads to; None when it leads to no post of that network."""
    from bot.publishing.registry import builder_for

    return builder_for(network).remote_id_of(url)


def faster(content: Content, *, speed: float) -> Content:
    """The same content with a grace that suits a clock `speed` times faster.

    There a second of this machine's own work is `speed` seconds late.
    """
    campaigns = tuple(
        replace(campaign, grace=max(campaign.grace, SLOWEST_WORK * speed)) for campaign in content.campaigns
    )
    return replace(content, campaigns=campaigns)
