"""The composition root: the only place that builds things, each once and only when it is needed."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from bot.config import Settings
from bot.core.campaign import Account, Campaign, Item
from bot.core.clock import Clock, SystemClock
from bot.core.errors import ContentError, NotAllowedError, Problem, StoreError
from bot.core.post import Mode, RenderedPost
from bot.outlets import (
    StoredOutlets,
    account_problems,
    build_outlet,
    mode_of,
    price,
    profile_of,
    remote_id_of,
)

# Each part is imported where it is built: `log` needs no templates, `--help` no database.
if TYPE_CHECKING:
    from bot.alerting.delivery import Delivery
    from bot.cards.drawing import CardDrawer
    from bot.content.reading import Content
    from bot.core.media import PictureFile
    from bot.media.folder import MediaFolder
    from bot.pipeline.agenda import Agenda
    from bot.pipeline.alert import Alerter
    from bot.pipeline.approvals import Approver
    from bot.pipeline.browse import Browser
    from bot.pipeline.check import Checked
    from bot.pipeline.compose import Renders
    from bot.pipeline.desk import Desk
    from bot.pipeline.dossier import Dossiers
    from bot.pipeline.edit import Editor
    from bot.pipeline.fact_cards import Drawn
    from bot.pipeline.health import Pulse, Watch
    from bot.pipeline.insight import Insight
    from bot.pipeline.inspect import Inspector
    from bot.pipeline.library import Library
    from bot.pipeline.lost_cards import LostCards
    from bot.pipeline.money import Budget, Prices
    from bot.pipeline.operate import Operator
    from bot.pipeline.overview import Overview
    from bot.pipeline.people import People
    from bot.pipeline.plan import Planner
    from bot.pipeline.prospects import Prospects
    from bot.pipeline.register import Register
    from bot.pipeline.rehearse import Rehearsal
    from bot.pipeline.resolve import Resolver
    from bot.pipeline.sync import Synced, Syncer
    from bot.pipeline.verified import VerifiedFile
    from bot.pipeline.write_back import WrittenBack
    from bot.rendering.renderer import Renderer
    from bot.store.database import Database
    from bot.store.log_reading import LogReader


class App:
    """Everything a command needs, built from the settings."""

    def __init__(
        self, settings: Settings, *, clock: Clock | None = None, media: MediaFolder | None = None
    ) -> None:
        """`media` is where pictures are when they are not in the settings' data folder."""
        self.settings = settings
        self.clock = clock or SystemClock()
        if media is not None:
            self.media = media
        #: Held while a network is asked who an account is.
        self._testing = threading.Lock()

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
        if database.prepare():
            from bot.pipeline.witness import begin_witness
            from bot.store import installation

            with database.read() as tx:
                key = installation.key(tx)
            begin_witness(self.settings.data_dir / "witness", key=key)
        return database

    @cached_property
    def renderer(self) -> Renders:
        """The templates, checked: a broken one is named before anything is planned with it."""
        from bot.pipeline.fact_cards import FactCards
        from bot.pipeline.illustrated import Illustrated

        cards = FactCards(self.card_drawer, take=self._keep_card, is_there=self.media.has)
        return Illustrated(self._texts, pictures=self.media, cards=cards)

    @cached_property
    def sketcher(self) -> Renders:
        """A renderer for what is only looked at: the cards that it draws are not kept."""
        from bot.media.folder import SKETCHES
        from bot.pipeline.fact_cards import FactCards
        from bot.pipeline.illustrated import Illustrated

        cards = FactCards(
            self.card_drawer,
            take=lambda card: self.media.sketch(card.data, small=card.small),
            is_there=self.media.shows,
            # What is remembered here can be shown there.
            remembered=SKETCHES,
        )
        return Illustrated(self._texts, pictures=self.media, cards=cards)

    @cached_property
    def lost_cards(self) -> LostCards:
        """Draws cards of waiting posts again that are gone from the media folder."""
        from bot.pipeline.fact_cards import FactCards
        from bot.pipeline.lost_cards import LostCards

        # Nothing is remembered: it is asked only for what is not there, or not as it was.
        cards = FactCards(self.card_drawer, take=self._keep_card, is_there=self.media.has, remembered=0)
        return LostCards(self.db, cards=cards)

    def _keep_card(self, card: Drawn) -> PictureFile:
        return self.media.keep_drawn(card.data, small=card.small)

    @cached_property
    def card_drawer(self) -> CardDrawer:
        """What draws fact cards; nothing of it is loaded before the first."""
        from bot.cards.drawing import CardDrawer

        return CardDrawer()

    @cached_property
    def _texts(self) -> Renderer:
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

        return Syncer(self.db, self.clock, renderer=self.renderer, prices=price, mode=self.settings.mode)

    @cached_property
    def planner(self) -> Planner:
        from bot.pipeline.plan import Planner

        return Planner(self.db, self.clock, renderer=self.renderer, prices=price, mode=self.settings.mode)

    @property
    def budget(self) -> Budget:
        """What posts cost, and the month's ceiling."""
        from bot.pipeline.money import Budget

        return Budget(prices=price, ceiling=self.settings.x_monthly_budget_usd_micros)

    @property
    def _writing(self) -> _Writing:
        """What everybody needs who may write posts anew."""
        return {
            "renderer": _RendererWhenNeeded(lambda: self.renderer),
            "prices": price,
            "mode": self.settings.mode,
        }

    @property
    def _sketching(self) -> Renders:
        return _RendererWhenNeeded(lambda: self.sketcher)

    def operator(self, who: str) -> Operator:
        """The hand of the person of that name."""
        from bot.pipeline.operate import Operator

        return Operator(self.db, self.clock, who=who, budget=self.budget, **self._writing)

    def approver(self, who: str) -> Approver:
        """The word of the person of that name on posts that wait for an approval."""
        from bot.pipeline.approvals import Approver

        return Approver(self.db, self.clock, who=who, budget=self.budget, **self._writing)

    @cached_property
    def dossiers(self) -> Dossiers:
        """Single posts for people who decide about them."""
        from bot.pipeline.dossier import Dossiers

        return Dossiers(
            self.db,
            self.clock,
            budget=self.budget,
            mode_of=lambda account: self.mode_of(account).value,
            profile_of=profile_of,
        )

    def desk(self, who: str) -> Desk:
        """Where the person of that name writes items and queues them."""
        from bot.pipeline.desk import Desk

        return Desk(
            self.db, self.clock, who=who, budget=self.budget, sketcher=self._sketching, **self._writing
        )

    @cached_property
    def library(self) -> Library:
        """Items for people who leaf through them."""
        from bot.pipeline.library import Library

        return Library(self.db, self.clock)

    @cached_property
    def people(self) -> People:
        """Who comes into the console."""
        from bot.people.passwords import Passwords
        from bot.pipeline.people import People

        return People(self.db, self.clock, key=lambda: self.console_key, passwords=Passwords())

    def register(self, who: str, *, is_user: bool = False) -> Register:
        """What the person of that name decides about users; `is_user`: in the console, not at the machine."""
        from bot.pipeline.register import Register

        return Register(self.db, self.clock, who=who, is_user=is_user, open_door=self.people.open_door)

    @cached_property
    def console_key(self) -> bytes:
        """What signs the console's cookies, and what the users' one-time codes follow from."""
        from bot.pipeline.console_key import console_key

        return console_key(self.settings.data_dir, named=self.settings.console_key_file)

    def editor(self, who: str) -> Editor:
        """The pen of the person of that name."""
        from bot.pipeline.edit import Editor

        return Editor(self.db, self.clock, who=who, sketcher=self._sketching, **self._writing)

    def resolver(self, who: str) -> Resolver:
        """The word of the person of that name on unknown posts."""
        from bot.pipeline.resolve import Resolver

        return Resolver(self.db, self.clock, who=who, links=remote_id_of)

    @cached_property
    def inspector(self) -> Inspector:
        from bot.pipeline.inspect import Inspector

        return Inspector(self.db, self.clock, verified=self._verified)

    @cached_property
    def media(self) -> MediaFolder:
        """The pictures of posts."""
        from bot.media.folder import MediaFolder

        return MediaFolder(self.settings.data_dir / "media")

    @cached_property
    def browser(self) -> Browser:
        """Lists of posts, attempts and decisions for people who look around."""
        from bot.pipeline.browse import Browser

        return Browser(self.db, self.clock, verified=self._verified)

    @property
    def _verified(self) -> VerifiedFile:
        from bot.pipeline.verified import VerifiedFile

        return VerifiedFile(self.settings.data_dir / "verified.json")

    @cached_property
    def overview(self) -> Overview:
        """What stands around every page of the console."""
        from bot.pipeline.overview import Overview

        return Overview(self.db, self.clock, is_paused_by_file=lambda: self.is_paused_by_file)

    @cached_property
    def agenda(self) -> Agenda:
        from bot.pipeline.agenda import Agenda

        return Agenda(self.db, self.clock)

    @cached_property
    def insight(self) -> Insight:
        from bot.pipeline.insight import Insight

        return Insight(self.db, self.clock)

    @cached_property
    def prospects(self) -> Prospects:
        from bot.pipeline.prospects import Prospects

        return Prospects(self.db, self.clock, mode_of=self.mode_of)

    @cached_property
    def alerter(self) -> Alerter:
        """The voice to operators; without an address it only writes down what it would tell."""
        from bot.alerting.delivery import Deliverer
        from bot.pipeline.alert import Alerter

        return Alerter(
            self.db,
            self.clock,
            deliverer=Deliverer(self.settings.alert_urls),
            language=self.settings.alert_language,
            pause_file=self.pause_file,
            budget_usd_micros=self.settings.x_monthly_budget_usd_micros,
        )

    def alert_problems(self) -> list[Problem]:
        """Addresses of operators that nothing can be sent to. None of them is asked."""
        if not self.settings.alert_urls:
            return []
        from bot.alerting.delivery import Deliverer

        what, remedy = "is no address that Apprise understands", "see docs/operating.md"
        return [
            Problem(where="BOT_ALERT_URLS", what=f"{name} {what}", remedy=remedy)
            for name in Deliverer(self.settings.alert_urls).unreadable()
        ]

    def test_alerts(self) -> list[Delivery]:
        """Send a test message to each address."""
        from bot.alerting.delivery import Deliverer
        from bot.alerting.message import test_message

        message = test_message(language=self.settings.alert_language)
        return Deliverer(self.settings.alert_urls).deliver(message)

    @cached_property
    def pulse(self) -> Pulse:
        from bot.pipeline.health import Pulse

        return Pulse(self.clock)

    @cached_property
    def watch(self) -> Watch:
        """How the bot stands, for those who watch it."""
        from bot.pipeline.health import Watch

        return Watch(self.db, self.clock, pulse=self.pulse, pause_file=self.pause_file)

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

    def write_back(self, *, who: str, only: str | None, dry_run: bool) -> WrittenBack:
        """Write what was changed in the console into the content files."""
        from bot.pipeline.content_turn import content_turn
        from bot.pipeline.write_back import write_back

        with content_turn(self.settings.data_dir):
            return write_back(
                self.db,
                self.clock,
                directory=self.settings.content_dir,
                who=who,
                only=only,
                dry_run=dry_run,
            )

    def content_with_last_words(self) -> Content:
        """What the content files say, with what was changed in the console, if there is a store."""
        from bot.pipeline.last_word import with_last_words

        return with_last_words(self.content(), self.existing_db(), drafts=True)

    def check_posts(self, content: Content) -> Checked:
        """Whether everything in the content can become posts."""
        from bot.pipeline.check import check_posts

        return check_posts(
            content, renderer=self.sketcher, pictures=self.media, prices=price, now=self.clock.now()
        )

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
            renderer=self.sketcher,
            prices=price,
            mode=self.settings.mode,
            only=only,
            on_slot=on_slot,
        )

    def account_problems(self, content: Content) -> list[Problem]:
        """What keeps the content's accounts from being served, e.g. each secret that is missing."""
        accounts = [account for campaign in content.campaigns for account in campaign.accounts]
        return account_problems(accounts, self.settings, clock=self.clock)

    def mode_of(self, account: Account) -> Mode:
        """Whether the account's posts leave the machine."""
        return mode_of(account, self.settings)

    def test_account(self, name: str) -> str | None:
        """The handle that the network gives for the account; None in dry-run: there is nobody to ask.

        Nothing is posted. Raises ConfigError for a missing secret, PublishError for what the network says,
        NotAllowedError while another test waits for its answer.
        """
        account = self.prospects.known(name)
        # Not the outlet that sends: a test shares no connection with a send.
        outlet = build_outlet(account, self.settings, clock=self.clock)
        if outlet.mode != Mode.LIVE.value:
            return None
        # A network may keep one waiting for most of a minute, and the console has few threads.
        if not self._testing.acquire(blocking=False):
            raise NotAllowedError("another account is being tested: wait for its answer, then try again")
        try:
            return outlet.publisher.check()
        finally:
            self._testing.release()

    def mode_of_account(self, name: str) -> str:
        """The mode of a known account."""
        return self.mode_of(self.outlets.accounts()[name]).value

    def sync_first(self) -> None:
        """Take the content files in, if nobody ever did."""
        from bot.store import contents

        with self.db.read() as tx:
            known = contents.read_campaigns(tx, retired=True)
        if not known:
            self.sync()

    def sync(self) -> Synced:
        """Take the content files in, as they are now. Raises ContentError with every problem."""
        from bot.pipeline.content_turn import content_turn

        with content_turn(self.settings.data_dir):
            content = self.content()
            return self.syncer.sync(content)

    @property
    def pause_file(self) -> Path:
        return self.settings.data_dir / "PAUSE"

    @property
    def is_paused_by_file(self) -> bool:
        return os.path.lexists(self.pause_file)


class _Writing(TypedDict):
    renderer: Renders
    prices: Prices
    mode: Mode


class _RendererWhenNeeded:
    """The renderer, built at the first text: `pause` works while a template is broken."""

    def __init__(self, build: Callable[[], Renders]) -> None:
        self._build = build

    def render(
        self, item: Item, *, campaign: Campaign, account: Account, language: str, occasion: str | None = None
    ) -> RenderedPost:
        return self._build().render(
            item, campaign=campaign, account=account, language=language, occasion=occasion
        )
