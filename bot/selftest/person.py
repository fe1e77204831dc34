"""The people around a proof: they queue, approve, cancel, resume, and say what became of unknown posts."""

from __future__ import annotations

import json
import os
import random
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.core.post import Post, State
from bot.pipeline.moves import BOT
from bot.selftest import scene
from bot.selftest.fakes import journal_of, settle
from bot.selftest.networks import NETWORKS, FakeNetwork
from bot.selftest.stand import ProofApp, Stand
from bot.selftest.sums import sha256
from bot.selftest.worker import keep_errors, safely
from bot.store import accounts, claims, judging, pauses, posts

#: How often people look, in real seconds; every so many looks the networks are shaken.
LOOK_EVERY, SHAKEN_EVERY = 0.1, 30
#: How many posts of each account wait at most; how many are queued in one transaction.
WAITING, AT_ONCE = 8, 24
#: Nobody waits longer than this for a network that names a moment years away.
PATIENCE = timedelta(minutes=2)
#: Every so many posts one is taken back while it waits.
CANCELLED = 40
WHO = "A Person"


class Journal:
    """A fake network's own word on what it stored, read on as it grows."""

    def __init__(self, path: Path, network: FakeNetwork) -> None:
        self._path = path
        self._network = network
        self._offset = 0
        #: By the account's name on the network, and the text.
        self._posts: dict[tuple[str, str], str] = {}

    def post_with(self, user: str, text: str) -> str | None:
        """The id of the post with that text; None when there is none."""
        self._read_on()
        return self._posts.get((user, sha256(text)))

    def _read_on(self) -> None:
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                entry: dict[str, Any] = json.loads(line)
                if entry.get("committed") and entry.get("text_sha256"):
                    self._posts[entry["account"], self._network.text_sum_of(entry)] = entry["post"]


class People:
    """Everybody who has a say, in one process."""

    def __init__(self, stand: Stand, app: ProofApp, *, queued: int, seed: int) -> None:
        self._stand = stand
        self._app = app
        self._operator = self._app.operator(WHO)
        self._resolver = self._app.resolver(WHO)
        self._journals = {
            name: Journal(journal_of(stand.folder, name), NETWORKS[name]) for name in stand.urls
        }
        self._pictures = app.media.pictures()
        self._dice = random.Random(seed)
        self._looks = 0
        self.queued = queued

    def queue(self) -> None:
        """Keep enough waiting for the workers."""
        db, clock = self._app.db, self._stand.clock
        with db.read() as tx:
            waiting = judging.count_posts(tx, State.READY)
        if waiting >= WAITING * len(self._stand.accounts):
            return
        numbers = range(self.queued, self.queued + AT_ONCE)
        with db.write() as tx:
            scene.queue_more(
                tx,
                numbers,
                self._stand.accounts,
                pictures=self._pictures,
                now=clock.now(),
                dice=self._dice,
            )
        self.queued = numbers.stop
        self._decide_about(State.HELD)

    def _decide_about(self, state: State) -> None:
        with self._app.db.read() as tx:
            held = posts.read_posts(tx, states=(state,))
            ready = posts.read_posts(tx, states=(State.READY,), limit=1)
        for post in held:
            if post.approval_needed and post.why != scene.NEVER and post.approved_digest is None:
                self._operator.approve(post.id)
        for post in ready:
            if post.id % CANCELLED == 0:
                self._operator.cancel(post.id, reason="taken back")

    def shake(self) -> None:
        """Change what a network may change at any time."""
        self._looks += 1
        if self._looks % SHAKEN_EVERY == 0:
            for name, url in self._stand.urls.items():
                if (shaken := NETWORKS[name].shaken) is not None:
                    settle(url, shaken(self._looks // SHAKEN_EVERY))

    def resume_accounts(self) -> None:
        """Resume what the bot paused by itself, and wait for no network longer than people would."""
        db, now = self._app.db, self._stand.clock.now()
        with db.read() as tx:
            active = pauses.active(tx)
            # A pause of everything by a person is part of a proof; the bot's own would end it.
            paused = [one.account for one in active if one.account is not None or one.who == BOT]
            waits = [
                name
                for name, note in accounts.notes(tx).items()
                if note.not_before is not None and note.not_before > now + PATIENCE
            ]
        for account in dict.fromkeys(paused):
            self._operator.resume(campaign=None, account=account, language=None)
        for name in waits:
            with db.write() as tx:
                claims.note_account(tx, name, not_before=now)

    def resolve(self, *, most: int = 10) -> None:
        """Look at the network, then say what became of some unknown posts."""
        with self._app.db.read() as tx:
            unknown = posts.read_posts(tx, states=(State.UNKNOWN,), limit=most)
            texts = {post.id: self._unsent_text(tx, post) for post in unknown}
        for post in unknown:
            network = NETWORKS[post.network]
            there = self._journals[post.network].post_with(network.user(post.account), texts[post.id])
            if there is not None:
                self._resolver.live(post.id, url=network.link_of(post.account, there))
            elif self._dice.random() < 0.5:
                self._resolver.send_again(post.id)
            else:
                self._resolver.leave(post.id)

    def _unsent_text(self, tx: Any, post: Post) -> str:
        unsent = claims.next_part(tx, post.id)
        return "" if unsent is None else unsent.part.text


def care(stand: Stand, app: ProofApp, *, queued: int, seed: int) -> None:
    """Look after everything until this process is killed, or whoever forked it is gone."""
    keep_errors(stand)
    parent, rest = os.getppid(), threading.Event()
    people = People(stand, app, queued=queued, seed=seed)
    while os.getppid() == parent:
        for name, step in (
            ("queue", people.queue),
            ("resume", people.resume_accounts),
            ("resolve", people.resolve),
            ("shake", people.shake),
        ):
            safely(name, step)
        rest.wait(LOOK_EVERY)
