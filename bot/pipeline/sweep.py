"""Looks after what a crash, a pause or a silent network left behind.

A claim without an intent falls back to ready. A post that may have left is
never sent again by guess: the network is looked at, and what cannot be found
out waits for a person.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.clock import Clock
from bot.core.errors import (
    ConfigError,
    NotAllowedError,
    NotNowError,
    PublishError,
    StoreError,
    UnconfirmedError,
)
from bot.core.post import Mode, Post, Receipt, State
from bot.pipeline.late import late_state, move_late
from bot.pipeline.moves import deciding, move
from bot.pipeline.outcome import log_outcome, reason_of
from bot.pipeline.outlets import Outlet, Outlets
from bot.pipeline.requests import key_of, request_of
from bot.pipeline.self_pause import SelfPause
from bot.pipeline.send import ACCOUNTS_AT_ONCE, Sender
from bot.pipeline.witness import WitnessFile
from bot.pipeline.worker import Incarnation
from bot.store import claims, posts, send_log, workers
from bot.store.claims import Attempt
from bot.store.database import Database, Tx

log = logging.getLogger(__name__)

#: How long the network is asked again when it cannot be read; then a person must look.
LOOK_FOR_AT_MOST = timedelta(hours=1)
#: … how often.
LOOK_AGAIN = timedelta(minutes=1)
#: How long a network is left alone on which this process has no say: longer than any of them needs.
LONGEST_SETTLE = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Swept:
    """One post that the sweep moved, and why."""

    post: int
    state: State
    reason: str


class Sweeper:
    """One worker's broom."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        outlets: Outlets,
        *,
        incarnation: Incarnation,
        sender: Sender,
        on_swept: Callable[[Swept], None] = lambda _: None,
        self_pause: SelfPause | None = None,
        witness: WitnessFile | None = None,
    ) -> None:
        """`witness` is None where no database can be restored behind anybody's back, as on a stage."""
        self._witness = witness
        self._self_pause = self_pause or SelfPause(db, clock, watch=None)
        self._db = db
        self._clock = clock
        self._outlets = outlets
        self._incarnation = incarnation
        self._sender = sender
        self._on_swept = on_swept

    def sweep(self, *, looks: bool = True) -> list[Swept]:
        """Do everything that is due to be looked after, once.

        Without `looks` no network is spoken to: a silent one must not stand before what is due.
        """
        is_known = self._knows_database()
        self._self_pause.holds()
        self._sender.record_waiting()
        self.say_alive()
        if not is_known:
            # What stands there is older than what this process did: the next start looks at the networks.
            return []
        swept = [*self._free_claims(), *self._miss_overdue(), *self._judge_orphans()]
        if looks:
            swept += self._look()
        for one in swept:
            log.warning("post %d is %s: %s", one.post, one.state, one.reason, extra={"post": one.post})
            self._on_swept(one)
        self._self_pause.look_at_unknowns()
        return swept

    def _knows_database(self) -> bool:
        """Whether the log still holds what this process saw last; then its present end is noted.

        A process that sends nothing itself would not notice otherwise that the database was restored.
        """
        if self._witness is None:
            return True
        with self._db.read() as tx:
            fits, (seq, digest) = self._witness.fits(tx), send_log.head(tx)
        if not fits:
            self._self_pause.notice_other_database()
            return False
        try:
            self._witness.note(seq=seq, digest=digest, live=False)
        except StoreError as error:
            # No intent leaves either as long as this holds; everything else goes on.
            log.error("%s", error)
        return True

    def say_alive(self) -> None:
        """Let the others know that this process is there; a sweep may wait long for a network."""
        with self._db.write() as tx:
            workers.seen(tx, self._incarnation.id, now=self._clock.now())

    def _free_claims(self) -> list[Swept]:
        now = self._clock.now()
        with self._db.read() as tx:
            expired = claims.expired_claims(tx, now=now)
        reason = "its worker let the claim lapse: nothing was sent"
        return [
            swept
            for post in expired
            if not self._sender.holds(post.id)
            if (swept := self._move(post, State.READY, reason)) is not None
        ]

    def _miss_overdue(self) -> list[Swept]:
        with self._db.read() as tx:
            overdue = claims.overdue_posts(tx, now=self._clock.now())
        if overdue and self._self_pause.clock_is_doubted():
            # By a wrong clock they are late; whoever resumes has looked at it.
            return []
        return [swept for post in overdue if (swept := self._call_late(post)) is not None]

    def _call_late(self, post: Post) -> Swept | None:
        """None when somebody else moved it first."""
        try:
            with deciding(self._db) as tx:
                after, reason = late_state(tx, post, reason=_late_reason(post))
                move_late(tx, post, after, reason=reason, now=self._clock.now())
        except NotAllowedError:
            return None
        return Swept(post=post.id, state=after, reason=reason)

    def _move(self, post: Post, after: State, reason: str) -> Swept | None:
        """None when somebody else moved it first."""
        try:
            with deciding(self._db) as tx:
                move(tx, post, after, reason=reason, now=self._clock.now())
        except NotAllowedError:
            return None
        return Swept(post=post.id, state=after, reason=reason)

    # -- orphans -----------------------------------------------------------------------------------

    def _judge_orphans(self) -> list[Swept]:
        with self._db.read() as tx:
            sending = [post for post in claims.in_flight_posts(tx) if post.state is State.SENDING]
        return [swept for post in sending if (swept := self._judge(post)) is not None]

    def _judge(self, post: Post) -> Swept | None:
        """Call a sending post unconfirmed once it is certain that nobody is sending it any more."""
        if post.worker == self._incarnation.id:
            if self._sender.holds(post.id):
                return None
            reason = "this process was interrupted at the request"
        else:
            with self._db.read() as tx:
                worker = workers.read_worker(tx, post.worker or "")
            if worker is None or not self._incarnation.is_dead(worker):
                return None
            reason = "its worker died while it was sending"
        return self._unconfirm(post, reason, outlet=self._outlet_of(post))

    def _unconfirm(self, post: Post, reason: str, *, outlet: Outlet | None) -> Swept | None:
        now = self._clock.now()
        try:
            with deciding(self._db) as tx:
                attempt = claims.last_attempt(tx, post)
                look_at = now + _settle(attempt, outlet)
                move(tx, post, State.UNCONFIRMED, reason=reason, now=now, look_at=look_at, absent_reads=0)
                if attempt is not None:
                    claims.close_attempt(tx, attempt, State.UNCONFIRMED, now=now, error=reason)
        except NotAllowedError:
            return None
        return Swept(post=post.id, state=State.UNCONFIRMED, reason=reason)

    def _outlet_of(self, post: Post) -> Outlet | None:
        """None as well where its account cannot be served now: one broken account holds up no other."""
        try:
            return self._outlets.of(post.account)
        except ConfigError as error:
            log.error("%s: this account cannot be served (%s)", post.account, error)
            return None

    # -- looking -----------------------------------------------------------------------------------

    def _look(self) -> list[Swept]:
        with self._db.read() as tx:
            waiting = claims.posts_to_look_for(tx, now=self._clock.now())
            lost = [(post, claims.last_attempt(tx, post)) for post in waiting]
        by_account: dict[str, list[tuple[Post, Attempt]]] = defaultdict(list)
        for post, attempt in lost:
            if attempt is not None:
                by_account[post.account].append((post, attempt))
        if not by_account:
            return []
        # Side by side: a network that does not answer holds up the looks of its own account alone.
        with ThreadPoolExecutor(min(len(by_account), ACCOUNTS_AT_ONCE), thread_name_prefix="look") as pool:
            return [swept for looked in pool.map(self._look_for_all, by_account.values()) for swept in looked]

    def _look_for_all(self, lost: Sequence[tuple[Post, Attempt]]) -> list[Swept]:
        """Look for one account's posts, until its network cannot be read: the others come next time."""
        done: list[Swept] = []
        unread: set[str] = set()
        for post, attempt in lost:
            if unread:
                break
            swept = self._look_for(post, attempt, unread)
            done += [] if swept is None else [swept]
        return done

    def _look_for(self, post: Post, attempt: Attempt, unread: set[str]) -> Swept | None:
        """`unread` takes the account's name when its network could not be read."""
        try:
            outlet = self._outlets.of(post.account)
        except ConfigError as error:
            log.error("post %d cannot be looked for: %s", post.id, error, extra={"post": post.id})
            return None
        if outlet is None:
            return self._move(post, State.UNKNOWN, f"no campaign has the account {post.account} any more")
        if attempt.mode != outlet.mode:
            return self._without_looking(post, attempt)
        with self._db.read() as tx:
            since = claims.first_tried_at(tx, attempt)
            others = claims.alike(tx, post)
            key = key_of(tx, attempt, outlet)
        # No transaction is open here: reading a timeline is several network calls.
        found: Receipt | PublishError | None
        try:
            found = outlet.publisher.find(request_of(attempt, key=key, known=frozenset(others)), since=since)
        except PublishError as error:
            found = error
            if outlet.publisher.recovery.absent_reads:
                unread.add(post.account)
        except Exception:
            log.exception("post %d: looking for it failed in a way nobody foresaw", post.id)
            found = UnconfirmedError("looking for it failed in a way nobody foresaw")
        try:
            with deciding(self._db) as tx:
                return self._write_look(tx, post, attempt, found, outlet, others=others)
        except NotAllowedError:
            return None
        finally:
            self._self_pause.look_at_network(outlet)

    def _without_looking(self, post: Post, attempt: Attempt) -> Swept | None:
        """Judge an attempt of another mode, on which this mode's publisher has no say.

        What was tried live stays unconfirmed until the bot runs live again: dry-run would
        call it absent, and it would leave twice.
        """
        if attempt.mode != Mode.DRY_RUN:
            return None
        reason = "it was tried in dry-run only: nothing had left"
        try:
            with deciding(self._db) as tx:
                return _write_absent(tx, post, attempt, State.READY, reason=reason, now=self._clock.now())
        except NotAllowedError:
            return None

    def _write_look(
        self,
        tx: Tx,
        post: Post,
        attempt: Attempt,
        found: Receipt | PublishError | None,
        outlet: Outlet,
        *,
        others: Mapping[str, int],
    ) -> Swept | None:
        now = self._clock.now()
        if isinstance(found, Receipt):
            other = claims.owner_of(tx, found, account=attempt.account, post=attempt.post, part=attempt.part)
            if other is not None:
                # X refuses a text that another post of ours made public: that one is no proof of this one.
                reason = f"the network shows this text as post {other} ({found.url}): no proof of this one"
                return _write_absent(tx, post, attempt, State.UNKNOWN, reason=reason, now=now)
            return _write_found(tx, post, attempt, found, now=now)
        recovery = outlet.publisher.recovery
        if found is None and post.absent_reads + 1 >= recovery.absent_reads:
            return _call_absent(tx, post, attempt, outlet, others=others, now=now)
        looks_in_vain = recovery.absent_reads == 0 or now - attempt.started_at > LOOK_FOR_AT_MOST
        if found is not None and looks_in_vain:
            return _write_absent(tx, post, attempt, State.UNKNOWN, reason=reason_of(found), now=now)
        again = now + (recovery.apart if found is None else LOOK_AGAIN)
        if isinstance(found, NotNowError) and found.until is not None:
            # A moment years away would keep the post from a person's eyes.
            again = min(found.until, now + LOOK_FOR_AT_MOST)
        absent_reads = post.absent_reads + (1 if found is None else 0)
        posts.look_again(tx, post, look_at=again, absent_reads=absent_reads, now=now)
        send_log.append(
            tx,
            at=now,
            event="looked",
            post=post.id,
            attempt=attempt.id,
            body={"absent_reads": absent_reads, "error": None if found is None else reason_of(found)},
        )
        return None


def _write_found(tx: Tx, post: Post, attempt: Attempt, receipt: Receipt, *, now: datetime) -> Swept:
    claims.keep_receipt(tx, attempt, receipt, now=now)
    after = State.SENT if claims.next_part(tx, post.id) is None else State.READY
    reason = (
        "found on the network" if after is State.SENT else "a part was found on the network, the next follows"
    )
    posts.move(tx, post, after, reason=reason, now=now, look_at=None)
    claims.close_attempt(tx, attempt, State.SENT, now=now, error=None, receipt=receipt)
    log_outcome(tx, attempt, after, reason=reason, receipt=receipt, now=now)
    return Swept(post=post.id, state=after, reason=reason)


def _call_absent(
    tx: Tx, post: Post, attempt: Attempt, outlet: Outlet, *, others: Mapping[str, int], now: datetime
) -> Swept:
    """Move a post that enough whole reads did not show: to be tried again, or to a person."""
    recovery = outlet.publisher.recovery
    reads = recovery.absent_reads
    reason = (
        f"{reads} whole reads of {post.network} do not show it"
        if reads > 1
        else f"a whole read of {post.network} does not show it"
    )
    rivals = set(others.values()) - {post.id} if post.fingerprint else set()
    if rivals:
        # Whoever looks sees that one.
        reason += f" beside post {max(rivals)}, which says the same"
    # Beside one that says the same X would only refuse it again: a person tells them apart.
    after = State.READY if outlet.send_again and not rivals else recovery.absent_means
    grace_until = post.grace_until
    if recovery.repeat_within is not None and not outlet.send_again:
        # Later the network does not know the key any more, and would take a repeat for another post.
        _, first_at = claims.first_of_repeats(tx, attempt)
        grace_until = min(grace_until, first_at + recovery.repeat_within)
        if now >= first_at + recovery.repeat_within:
            after, reason = State.UNKNOWN, f"{reason}, and it is too late to repeat it under its key"
    return _write_absent(tx, post, attempt, after, reason=reason, now=now, grace_until=grace_until)


def _write_absent(
    tx: Tx,
    post: Post,
    attempt: Attempt,
    after: State,
    *,
    reason: str,
    now: datetime,
    grace_until: datetime | None = None,
) -> Swept:
    until = grace_until or post.grace_until
    posts.move(tx, post, after, reason=reason, now=now, look_at=None, grace_until=until)
    claims.close_attempt(tx, attempt, after, now=now, error=reason)
    log_outcome(tx, attempt, after, reason=reason, receipt=None, now=now)
    return Swept(post=post.id, state=after, reason=reason)


def _settle(attempt: Attempt | None, outlet: Outlet | None) -> timedelta:
    """How long the network may still be storing what an attempt left with it."""
    if attempt is not None and attempt.mode == Mode.DRY_RUN:
        return timedelta(0)
    if attempt is None or outlet is None or outlet.mode != attempt.mode:
        return LONGEST_SETTLE
    return outlet.publisher.recovery.settle


def _late_reason(post: Post) -> str:
    before = f" while {post.state}" + (f" ({post.reason})" if post.reason else "")
    return f"its grace ended at {post.grace_until:%Y-%m-%d %H:%M} UTC{before}"
