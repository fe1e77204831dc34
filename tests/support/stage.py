"""A store with workers on it: what the pipeline's tests act on, and how they look at what came of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from album import Album
from bot.core.campaign import Campaign, Item
from bot.core.clock import Clock
from bot.core.post import Post, State
from bot.pipeline.compose import Renders
from bot.pipeline.operate import Operator
from bot.pipeline.outcome import Sent
from bot.pipeline.outlets import Outlets
from bot.pipeline.resolve import Resolver
from bot.pipeline.send import Sender
from bot.pipeline.sweep import Sweeper, Swept
from bot.pipeline.uploading import Media
from bot.pipeline.worker import Incarnation
from bot.publishing.x_answers import remote_id_of
from bot.store import accounts, claims, contents, pauses, posts, send_log, workers
from bot.store.claims import Attempt
from bot.store.database import Database
from bot.store.log_checks import AttemptsCheck
from bot.store.plans import NewPost
from bot.store.send_log import ChainCheck, Entry
from bot.store.tables import parts
from bot.store.workers import Worker
from posting import ACCOUNT, CAMPAIGN, OpenOutlets, ScriptedPublisher, fact, new_post, put_content, put_post


class Process:
    """One process that sends: its sender and its sweeper, and the lock that the kernel frees at its death."""

    def __init__(
        self, db: Database, clock: Clock, outlets: Outlets, *, data_dir: Path, media: Media | None = None
    ) -> None:
        self._db = db
        self._clock = clock
        self.incarnation = Incarnation(db, clock, data_dir=data_dir)
        # Not `alive()`: a killed process says no goodbye.
        self._lock: int | None = self.incarnation._lock()
        worker = Worker(id=self.incarnation.id, host=self.incarnation.host, pid=os.getpid(), ended=False)
        with db.write() as tx:
            workers.begin(tx, worker, now=clock.now())
        self.sender = Sender(
            db, clock, outlets, worker=self.incarnation.id, pause_file=data_dir / "PAUSE", media=media
        )
        self.sweeper = Sweeper(db, clock, outlets, incarnation=self.incarnation, sender=self.sender)

    def die(self) -> None:
        """End as by `kill -9`: the kernel closes the files, and nobody writes anything."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def send(self, account: str = ACCOUNT.name) -> Sent | None:
        return self.sender.send_next(account)

    def sweep(self) -> list[Swept]:
        return self.sweeper.sweep()


class Stage:
    """A store with the invented campaign, accounts with scripted networks, and processes that send."""

    def __init__(
        self,
        db: Database,
        clock: Any,
        *,
        data_dir: Path,
        renderer: Renders,
        outlets: OpenOutlets | None = None,
    ) -> None:
        self.db = db
        self.clock = clock
        self.data_dir = data_dir
        self.renderer = renderer
        self.outlets = OpenOutlets({account.name: ScriptedPublisher() for account in CAMPAIGN.accounts})
        self.pause_file = data_dir / "PAUSE"
        self.album = Album(data_dir / "media")
        self._processes: list[Process] = []
        self.take_in(CAMPAIGN, [fact()])

    # -- arranging ---------------------------------------------------------------------------------

    def take_in(self, campaign: Campaign = CAMPAIGN, items: Iterable[Item] = ()) -> None:
        """Store a campaign and items."""
        with self.db.write() as tx:
            put_content(tx, campaign, items, now=self.clock.now())

    def add(self, **changes: Any) -> int:
        """Queue a ready post of the invented fact that is due now, and return its number."""
        return self.add_all([self.ready_post(**changes)])[0]

    def ready_post(self, **changes: Any) -> NewPost:
        item = changes.get("item", "invented-fact")
        with self.db.read() as tx:
            stored = contents.read_item(tx, CAMPAIGN.key, item)
        digest = stored.digest if stored is not None else "0" * 64
        return new_post(**{"due_at": self.clock.now(), "item_digest": digest, **changes})

    def add_all(self, new: Sequence[NewPost]) -> list[int]:
        with self.db.write() as tx:
            return [put_post(tx, post, now=self.clock.now()) for post in new]

    def network(self, *answers: Any, account: str = ACCOUNT.name) -> ScriptedPublisher:
        """The account's network; what it is to answer from now on may be given."""
        publisher = self.outlets.publishers[account]
        assert isinstance(publisher, ScriptedPublisher)
        publisher.then(*answers)
        return publisher

    def process(self) -> Process:
        """Start a process that sends."""
        self._processes.append(
            Process(self.db, self.clock, self.outlets, data_dir=self.data_dir, media=self.album.folder)
        )
        return self._processes[-1]

    def operator(self, who: str = "A Person") -> Operator:
        return Operator(self.db, self.clock, who=who, renderer=self.renderer, prices=lambda *_: 0)

    def resolver(self, who: str = "A Person") -> Resolver:
        return Resolver(self.db, self.clock, who=who, links=lambda _, url: remote_id_of(url))

    def pause(self, **named: str | None) -> None:
        """Pause what is named; everything when nothing is."""
        self.operator().pause(
            **{"campaign": None, "account": None, "language": None, **named}, reason="an invented reason"
        )

    def resume(self, **named: str | None) -> None:
        self.operator().resume(**{"campaign": None, "account": None, "language": None, **named})

    def pass_time(self, **step: float) -> None:
        self.clock.advance(timedelta(**step))

    # -- looking -----------------------------------------------------------------------------------

    def post(self, post_id: int) -> Post:
        with self.db.read() as tx:
            return posts.read_post(tx, post_id)

    def state(self, post_id: int) -> State:
        return self.post(post_id).state

    def reason(self, post_id: int) -> str:
        return self.post(post_id).reason

    def states(self) -> Mapping[int, State]:
        with self.db.read() as tx:
            return {post.id: post.state for post in posts.read_posts(tx)}

    def attempt(self, post_id: int) -> Attempt | None:
        """The newest attempt of a post."""
        with self.db.read() as tx:
            return claims.last_attempt(tx, posts.read_post(tx, post_id))

    def remote_ids(self, post_id: int) -> list[str | None]:
        """The receipts of a post's parts, in order."""
        with self.db.read() as tx:
            statement = select(parts.c.remote_id).where(parts.c.post_id == post_id).order_by(parts.c.number)
            return list(tx.execute(statement).scalars())

    def waits_until(self, account: str = ACCOUNT.name) -> datetime | None:
        """Until when the account is asked to wait."""
        with self.db.read() as tx:
            note = accounts.notes(tx).get(account)
        return None if note is None else note.not_before

    def entries(self, post_id: int | None = None) -> list[Entry]:
        with self.db.read() as tx:
            return send_log.read_entries(tx, post=post_id, limit=100_000)

    def pauses(self) -> list[str]:
        """The reasons of all pauses in force, oldest first."""
        with self.db.read() as tx:
            return [one.reason for one in pauses.active(tx)]

    def log_problems(self) -> list[str]:
        """What is wrong with the send log: its chain, and the attempts it speaks of."""
        chain, attempts = ChainCheck(), AttemptsCheck()
        for check in (chain, attempts):
            more = True
            while more:
                with self.db.read() as tx:
                    more = check.read_page(tx, page=1000)
        return [*chain.problems, *attempts.problems]

    def close(self) -> None:
        for process in self._processes:
            process.die()
