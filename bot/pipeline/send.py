"""Sends what is due: claim, intent and outcome, three short transactions around one request.

Nothing is sent again while the outcome of an earlier attempt is not known. A pause in the database is seen
at the intent, the PAUSE file until right before the first byte.
"""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.core.clock import Clock, SystemClock
from bot.core.errors import (
    ConfigError,
    NotAllowedError,
    NotSentError,
    PublishError,
    StoreError,
    UnconfirmedError,
)
from bot.core.post import Mode, Post, State
from bot.pipeline.guards import refusal_at_intent, refuse
from bot.pipeline.last_look import LastLook
from bot.pipeline.money import FREE, Budget
from bot.pipeline.moves import deciding, move
from bot.pipeline.outcome import Answer, Sent, write_outcome
from bot.pipeline.outlets import Outlet, Outlets
from bot.pipeline.requests import intent_body, intent_words, key_of, request_of
from bot.pipeline.self_pause import SelfPause
from bot.pipeline.unsure import Unsure
from bot.pipeline.uploading import Media, NoMedia, Uploader
from bot.pipeline.witness import WitnessFile
from bot.publishing.protocol import OutgoingPicture, PublishRequest
from bot.store import claims, pauses, send_log
from bot.store.claims import Attempt
from bot.store.database import Database, Tx

log = logging.getLogger(__name__)

#: How long a claim may stay without an intent before it falls back to ready.
LEASE = timedelta(minutes=2)
#: No connection is begun later than this after the intent: a process that froze in between sends nothing.
INTENT_HOLDS = timedelta(seconds=5)
#: How often a process that stops asks a lost database again, in seconds.
ASK_AGAIN = 0.2
#: Accounts that are served side by side.
ACCOUNTS_AT_ONCE = 32


class Sender:
    """One worker's hands: takes what is due, sends it once, and writes down what came of it."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        outlets: Outlets,
        *,
        worker: str,
        pause_file: Path,
        on_sent: Callable[[Sent], None] = lambda _: None,
        self_pause: SelfPause | None = None,
        budget: Budget = FREE,
        witness: WitnessFile | None = None,
        media: Media | None = None,
        draw_again: Callable[[Post], bool] = lambda _: False,
    ) -> None:
        """`witness` is None where no database can be restored behind anybody's back, as on a stage.

        `media` is None where no post has a picture; `draw_again` is asked for one that cannot be read, and
        says whether it can be now.
        """
        self._witness = witness
        self._uploader = Uploader(
            db,
            clock,
            media or NoMedia(),
            budget=budget,
            pause_file_is_there=self._pause_file_is_there,
            draw_again=draw_again,
        )
        self._budget = budget
        self._self_pause = self_pause or SelfPause(db, clock, watch=None)
        self._db = db
        self._clock = clock
        self._outlets = outlets
        self._worker = worker
        self._pause_file = pause_file
        self._on_sent = on_sent
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        #: Numbers of the posts whose request may be under way in this process right now.
        self._in_flight: set[int] = set()
        #: Answers that could not be written down yet.
        self._unrecorded: list[tuple[Post, Attempt, Answer, Outlet]] = []
        #: One thread at a time writes them down.
        self._recording = threading.Lock()
        #: Claims and intents whose commit nobody knows of.
        self._unsure = Unsure(db, clock, outlets, worker=worker)

    def send_due(self) -> list[Sent]:
        """Send everything that is due, accounts side by side, each account one post at a time."""
        names = self.due_accounts()
        if len(names) <= 1:
            return [sent for name in names for sent in self.drain(name)]
        with ThreadPoolExecutor(min(len(names), ACCOUNTS_AT_ONCE), thread_name_prefix="send") as pool:
            return [sent for drained in pool.map(self.drain, names) for sent in drained]

    def due_accounts(self) -> list[str]:
        """Accounts that have something due and are not asked to wait."""
        self._unsure.settle(but=self.holds)
        names = self._outlets.names()
        with self._db.read() as tx:
            return claims.accounts_with_due(tx, names, now=self._clock.now())

    def stop(self) -> None:
        """Take nothing new from now on; what is under way goes to its end."""
        self._stopped.set()

    def drain(self, account: str) -> list[Sent]:
        """Send one account's due posts, one after another, until none is left or the account must wait."""
        done: list[Sent] = []
        while not self._stopped.is_set() and (sent := self.send_next(account)) is not None:
            done.append(sent)
            self._on_sent(sent)
            if sent.state is State.SENDING:
                # Its outcome waits for the database: nothing is sent that cannot be recorded.
                break
        return done

    def send_next(self, account: str) -> Sent | None:
        """Take one due post of an account as far as it goes; None when there is nothing to do."""
        try:
            outlet = self._outlets.of(account)
        except ConfigError as error:
            log.error("%s: nothing is sent for this account (%s)", account, error)
            return None
        claimed = self._claim(account)
        if claimed is None:
            return None
        with self._in_flight_as(claimed):
            brought = self._bring(claimed, outlet)
            if isinstance(brought, Sent):
                return brought
            intent = self._intend(claimed, outlet, picture=brought)
            if isinstance(intent, Sent) or intent is None:
                return intent
            assert outlet is not None
            attempt, request = intent
            answer = self._request(outlet, attempt, request)
            sent = self._record(claimed, attempt, answer, outlet)
        # The answer that showed the network's clock stands on disk by now.
        self._self_pause.look_at_network(outlet)
        return sent

    # -- claim -----------------------------------------------------------------------------------

    def _claim(self, account: str) -> Post | None:
        # A step of the clock is noticed before anything can leave that is due only by the step.
        if self._self_pause.holds() or self._pause_file_is_there():
            return None
        if self._unrecorded and self.record_waiting():
            return None
        now = self._clock.now()
        try:
            with self._unsure.about_claim(account), self._db.write() as tx:
                return claims.claim_due(tx, account, now=now, worker=self._worker, lease_until=now + LEASE)
        except NotAllowedError as error:
            log.info("%s: nothing was claimed (%s)", account, error)
            return None

    def _pause_file_is_there(self) -> bool:
        """Whether the PAUSE file says stop. What cannot be read says stop, too."""
        try:
            os.lstat(self._pause_file)
        except FileNotFoundError:
            return not self._pause_file.parent.is_dir()
        except OSError:
            return True
        return True

    # -- picture ---------------------------------------------------------------------------------

    def _bring(self, post: Post, outlet: Outlet | None) -> OutgoingPicture | Sent | None:
        try:
            # An account that no campaign has any more is refused at the intent.
            return None if outlet is None else self._uploader.bring(post, outlet)
        except NotAllowedError:
            # The claim was lost, as the intent finds, too.
            return None

    # -- intent ----------------------------------------------------------------------------------

    def _intend(
        self, post: Post, outlet: Outlet | None, *, picture: OutgoingPicture | None = None
    ) -> tuple[_TimedAttempt, PublishRequest] | Sent | None:
        """Put the intent on disk, if nothing stands against the post. None when the claim was lost."""
        deadline = self._clock.monotonic() + INTENT_HOLDS.total_seconds()
        try:
            # From here to the commit no pause can commit, and every earlier one is seen.
            with self._unsure.about_intent(post), deciding(self._db) as tx:
                # Read only now: a process that slept since its claim must not send what is late by hours.
                now = self._clock.now()
                replaced = self._witness is not None and not self._witness.fits(tx)
                if replaced:
                    self._self_pause.notice_other_database()
                if self._self_pause.notice():
                    what = "the database was replaced" if replaced else "this machine's clock stepped"
                    reason = f"{what}: everything is paused"
                    move(tx, post, State.READY, reason=reason, now=now)
                    return Sent(post=post, state=State.READY, reason=reason)
                pause = pauses.holding(
                    tx, campaign=post.campaign, account=post.account, language=post.language
                )
                if pause is not None:
                    reason = f"paused ({pause.covers()}): {pause.reason}"
                    move(tx, post, State.READY, reason=reason, now=now)
                    return Sent(post=post, state=State.READY, reason=reason)
                mode = None if outlet is None else outlet.mode
                refusal = refusal_at_intent(tx, post, mode=mode, budget=self._budget, now=now)
                if refusal is not None:
                    refuse(tx, post, refusal, now=now)
                    return Sent(post=post, state=refusal.state, reason=refusal.reason)
                assert outlet is not None
                return self._open(tx, post, outlet, picture=picture, now=now, deadline=deadline)
        except NotAllowedError as error:
            log.warning("post %d: the claim was lost (%s)", post.id, error, extra={"post": post.id})
            return None

    def _open(
        self,
        tx: Tx,
        post: Post,
        outlet: Outlet,
        *,
        picture: OutgoingPicture | None,
        now: datetime,
        deadline: float,
    ) -> tuple[_TimedAttempt, PublishRequest] | Sent:
        next_part = claims.next_part(tx, post.id)
        if next_part is None:
            raise NotAllowedError(f"post {post.id}: every part has its receipt already")
        if picture is None and post.picture is not None and next_part.part.number == 1:
            # What stood against the post until a moment ago does no longer.
            reason = "its picture was not brought yet"
            move(tx, post, State.READY, reason=reason, now=now)
            return Sent(post=post, state=State.READY, reason=reason)
        attempt = claims.open_attempt(
            tx,
            post,
            next_part.part,
            key=str(uuid.uuid4()),
            mode=outlet.mode,
            worker=self._worker,
            now=now,
            not_after=now + INTENT_HOLDS,
            cost_usd_micros=self._budget.cost(
                post.network,
                next_part.part.text,
                mode=outlet.mode,
                picture=post.picture if next_part.part.number == 1 else None,
            ),
        )
        send_log.append(
            tx,
            at=now,
            event="intent",
            post=post.id,
            attempt=attempt.id,
            body=intent_body(post, attempt),
            text=attempt.text,
            words=intent_words(attempt),
        )
        request = request_of(
            attempt,
            key=key_of(tx, attempt, outlet),
            reply_to=next_part.reply_to,
            picture=None if attempt.picture is None else picture,
        )
        return _TimedAttempt(attempt=attempt, deadline=deadline, head=send_log.head(tx)), request

    # -- request ---------------------------------------------------------------------------------

    def _request(self, outlet: Outlet, timed: _TimedAttempt, request: PublishRequest) -> Answer:
        # No transaction is open here: a network call may take most of a minute.
        if self._witness is not None:
            seq, digest = timed.head
            try:
                self._witness.note(seq=seq, digest=digest, live=timed.attempt.mode == Mode.LIVE)
            except StoreError as error:
                # Without it nobody would notice that an older database is put in this one's place.
                return NotSentError(f"{error}: nothing was sent")
        if self._clock.monotonic() > timed.deadline:
            return NotSentError("this process was held up between intent and request: nothing was sent")
        if self._pause_file_is_there():
            return NotSentError("the PAUSE file appeared before the request: nothing was sent")
        began = timed.deadline - INTENT_HOLDS.total_seconds()
        last_look = LastLook(self._clock, began=began, pause_file_is_there=self._pause_file_is_there)
        request = replace(request, may_leave=last_look.may_leave)
        try:
            return outlet.publisher.publish(request)
        except PublishError as error:
            return last_look.in_words(error)
        except Exception:
            # Whatever nobody foresaw may have happened after the network stored the post.
            log.exception("post %d: the publisher failed in a way nobody foresaw", timed.attempt.post)
            return UnconfirmedError(
                "the publisher failed in a way nobody foresaw; the log file has the details"
            )

    # -- outcome ---------------------------------------------------------------------------------

    def _record(self, post: Post, timed: _TimedAttempt, answer: Answer, outlet: Outlet) -> Sent | None:
        """Write down what came of an attempt. None when somebody else has decided about the post since."""
        try:
            sent = self._write_outcome(post, timed.attempt, answer, outlet)
        except StoreError as error:
            with self._lock:
                self._unrecorded.append((post, timed.attempt, answer, outlet))
            log.error("post %d: its outcome waits for the database (%s)", post.id, error)
            return Sent(post=post, state=State.SENDING, reason=str(error), attempt=timed.attempt)
        except NotAllowedError as error:
            _log_too_late(post, answer, error)
            return None
        log.info("post %d attempt %d: %s", post.id, timed.attempt.number, sent.state, extra={"post": post.id})
        if sent.receipt is not None and sent.receipt.note:
            note, url = sent.receipt.note, sent.receipt.url
            log.warning("post %d: %s: look at %s", post.id, note, url, extra={"post": post.id})
        return sent

    def _write_outcome(self, post: Post, attempt: Attempt, answer: Answer, outlet: Outlet) -> Sent:
        now = self._clock.now()
        with deciding(self._db) as tx:
            return write_outcome(tx, post, attempt, answer, outlet=outlet, now=now)

    def record_waiting(self) -> int:
        """Write down the outcomes that the database refused before; returns how many are left."""
        with self._recording:
            try:
                self._unsure.settle(but=self.holds)
            except StoreError as error:
                log.warning("what the database last took cannot be read: %s", error)
            return self._record_waiting() + self._unsure.count()

    def finish(self, *, patience: float) -> None:
        """Give the database up to `patience` seconds to take what is not written down; say what is left."""
        # Real time, whatever clock the posts follow: a person waits for this process to end.
        real, pause = SystemClock(), threading.Event()
        until = real.monotonic() + patience
        while self.record_waiting():
            if real.monotonic() >= until:
                break
            pause.wait(ASK_AGAIN)
        else:
            return
        with self._lock:
            left = list(self._unrecorded)
        for post, _, answer, _ in left:
            log.error(
                "post %d: the database did not take its outcome (%s): it is looked for at the next start",
                post.id,
                answer,
                extra={"post": post.id},
            )

    def _record_waiting(self) -> int:
        with self._lock:
            waiting = list(self._unrecorded)
        for unrecorded in waiting:
            post, attempt, answer, outlet = unrecorded
            try:
                self._write_outcome(post, attempt, answer, outlet)
            except StoreError:
                break
            except NotAllowedError as error:
                # Perhaps written down by ourselves, in a commit that got no answer.
                _log_too_late(post, answer, error)
            except Exception:
                log.exception("post %d: its outcome cannot be written down: it is looked for", post.id)
            # Only now: until it is written down, nobody may think that the post is in nobody's hands.
            with self._lock:
                self._unrecorded.remove(unrecorded)
        with self._lock:
            return len(self._unrecorded)

    def holds(self, post_id: int) -> bool:
        """Whether this process may be speaking to a network about that post right now."""
        with self._lock:
            if post_id in self._in_flight or any(post.id == post_id for post, *_ in self._unrecorded):
                return True
        return self._unsure.knows(post_id)

    def _in_flight_as(self, post: Post) -> _InFlight:
        return _InFlight(self._in_flight, post.id, self._lock)


def _log_too_late(post: Post, answer: Answer, error: NotAllowedError) -> None:
    log.error("post %d: its outcome (%s) came too late: %s", post.id, answer, error, extra={"post": post.id})


@dataclass(frozen=True, kw_only=True)
class _TimedAttempt:
    """An attempt, and the moment on the monotonic clock after which its connection must not be begun."""

    attempt: Attempt
    deadline: float
    #: Number and digest of the intent's entry in the send log.
    head: tuple[int, str]


@dataclass(frozen=True)
class _InFlight:
    """Marks a post as being sent by this process, for as long as the block runs."""

    posts: set[int]
    post: int
    lock: threading.Lock

    def __enter__(self) -> None:
        with self.lock:
            self.posts.add(self.post)

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.posts.discard(self.post)
