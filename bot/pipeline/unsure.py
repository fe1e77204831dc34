"""Finds out what became of a claim or an intent whose commit failed: the database may have taken it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.core.clock import Clock
from bot.core.errors import ConfigError, NotAllowedError, NotSentError, StoreError
from bot.core.post import Post, State
from bot.pipeline.moves import deciding, move
from bot.pipeline.outcome import write_outcome
from bot.pipeline.outlets import Outlet, Outlets
from bot.store import claims, posts
from bot.store.database import Database, Tx

log = logging.getLogger(__name__)

_GONE = "the database went away before the request: nothing was sent"


class Unsure:
    """What one worker asked the database to take, and got no answer for. No request left for any of it."""

    def __init__(self, db: Database, clock: Clock, outlets: Outlets, *, worker: str) -> None:
        self._db = db
        self._clock = clock
        self._outlets = outlets
        self._worker = worker
        #: Accounts of which a post may be claimed.
        self._accounts: set[str] = set()
        #: Posts, as they were claimed, whose intent may stand on disk.
        self._posts: dict[int, Post] = {}
        self._lock = threading.Lock()
        self._settling = threading.Lock()

    @contextmanager
    def about_claim(self, account: str) -> Iterator[None]:
        """Remember the account when the block's transaction ends without an answer."""
        try:
            yield
        except StoreError:
            with self._lock:
                self._accounts.add(account)
            raise

    @contextmanager
    def about_intent(self, post: Post) -> Iterator[None]:
        """Remember the post when the block's transaction ends without an answer."""
        try:
            yield
        except StoreError:
            with self._lock:
                self._posts[post.id] = post
            raise

    def knows(self, post_id: int) -> bool:
        """Whether that post's intent is still to be found out."""
        with self._lock:
            return post_id in self._posts

    def count(self) -> int:
        """How many are still to be found out."""
        with self._lock:
            return len(self._posts) + len(self._accounts)

    def settle(self, *, but: Callable[[int], bool]) -> None:
        """Read what the database took, and give it back: nothing was sent.

        Raises StoreError when the database is still gone. Claims of posts for which `but` is true
        are in hands that know of them.
        """
        with self._lock:
            if not self._posts and not self._accounts:
                return
        with self._settling:
            with self._lock:
                waiting, accounts = list(self._posts.values()), set(self._accounts)
            for post in waiting:
                self._give_back(post)
                with self._lock:
                    del self._posts[post.id]
            with self._db.read() as tx:
                claimed = [one for one in claims.in_flight_posts(tx) if one.state is State.CLAIMED]
            for post in claimed:
                if post.worker == self._worker and post.account in accounts and not but(post.id):
                    self._give_back(post)
            with self._lock:
                self._accounts -= accounts

    def _give_back(self, post: Post) -> None:
        try:
            outlet = self._outlets.of(post.account)
        except ConfigError:
            outlet = None
        try:
            # Who has the log's end has waited for a commit that was still under way.
            with deciding(self._db) as tx:
                self._write(tx, post, outlet)
        except NotAllowedError as error:
            log.info("post %d: somebody else has decided since (%s)", post.id, error)

    def _write(self, tx: Tx, post: Post, outlet: Outlet | None) -> None:
        now, stands = self._clock.now(), posts.read_post(tx, post.id)
        if stands.epoch != post.epoch or stands.worker != self._worker:
            return
        if stands.state is State.CLAIMED:
            move(tx, stands, State.READY, reason=_GONE, now=now)
        elif stands.state is State.SENDING:
            attempt = claims.last_attempt(tx, stands)
            # Without its account nobody could send it again: it is looked for, as after a crash.
            if attempt is None or outlet is None:
                return
            write_outcome(tx, stands, attempt, NotSentError(_GONE), outlet=outlet, now=now)
