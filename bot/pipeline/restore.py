"""Takes over a database that was restored or copied: pauses everything, and reads back what had left.

What such a database calls ready may be public. So everything that was due waits for a person, and
what the networks show is marked as sent.
"""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.clock import Clock
from bot.core.errors import ConfigError, NotAllowedError, PublishError
from bot.core.post import Mode, Part, Post, Receipt, State
from bot.pipeline.money import Budget
from bot.pipeline.moves import deciding, move
from bot.pipeline.outcome import log_outcome, reason_of
from bot.pipeline.outlets import Outlet, Outlets
from bot.pipeline.requests import intent_body, intent_words
from bot.pipeline.self_pause import Cause, pause_everything
from bot.pipeline.sweep import LONGEST_SETTLE
from bot.pipeline.uploading import outgoing
from bot.pipeline.witness import Finding, WitnessFile, judge
from bot.pipeline.worker import Incarnation
from bot.publishing.protocol import PublishRequest
from bot.store import claims, installation, posts, send_log, workers
from bot.store.claims import Attempt
from bot.store.database import Database, Tx

log = logging.getLogger(__name__)

#: Posts are looked for that were due so long before the database last sent something: by then its newest
#: posts may have waited for a person, or for their turn.
LOOK_BACK = timedelta(days=1)
#: Each of them is one read of a network.
LOOKED_FOR_AT_MOST = 500
#: An account that could not be read so often is left alone.
ERRORS_AT_MOST = 3
#: Posts that are named one by one.
_NAMED = 10

FOUND = "found on the network after the database was restored"
_HELD = "it was due before the database was restored or copied: see that it is not public, then release it"
_UNSEEN = (
    "nobody could look for it when the database was restored or copied: see that it is not public, then "
    "release it"
)
_PARTLY = "only its first parts are found on the network: see that the next is not public, then release it"
_UNSENT = "its worker is gone since the database was restored or copied: nothing was sent"
_ORPHAN = "it was being sent when the database was saved or copied"
_NOT_FOUND = "it was being sent when the database was saved or copied, and the network does not show it"

#: What may have left since the database was saved, if its moment is over …
_DOUBTED_PAST = (State.MISSED, State.UNCONFIRMED, State.UNKNOWN)
#: … and whatever its moment: a person may have moved it to an earlier one since.
_DOUBTED = (State.HELD, State.READY)


@dataclass(kw_only=True)
class TakenOver:
    """What was done about a database that is not the one this machine has sent from."""

    finding: Finding
    #: Numbers of the posts that were found public, and of those whose first parts alone were.
    found: list[int] = field(default_factory=list)
    partly: list[int] = field(default_factory=list)
    #: Numbers of the posts that were due, and now wait for a person.
    held: list[int] = field(default_factory=list)
    #: Numbers of the posts to come that nobody could look for, and that now wait for a person too.
    unseen: list[int] = field(default_factory=list)
    #: Accounts that could not be read, each with the reason.
    unread: dict[str, str] = field(default_factory=dict)
    #: How many posts nobody looked for, because they are too many.
    left: int = 0

    def lines(self) -> list[str]:
        """What a person is told, line by line."""
        waiting = sorted({*self.held, *self.partly})
        lines = [f"{self.finding.value}. Everything is paused"]
        lines.append(
            f"found public, and marked as sent: {_posts(self.found)}"
            if self.found
            else "no post was found public that this database calls unsent"
        )
        if waiting:
            lines.append(
                f"held: {_posts(waiting)}; see that it is not public, then `campaign-bot queue release` or "
                "`queue cancel`"
            )
        if self.unseen:
            one = len(self.unseen) == 1
            lines.append(
                f"{len(self.unseen)} {'post to come was' if one else 'posts to come were'} held as well: "
                f"nobody could look for {'it' if one else 'them'}"
            )
        lines += [f"account {name} could not be read: {reason}" for name, reason in self.unread.items()]
        if self.left:
            lines.append(f"{self.left} more posts were not looked for: they are too many")
        return [*lines, "look at each account, then `campaign-bot resume`"]


def _posts(numbers: Sequence[int]) -> str:
    """`post 3`, `posts 3, 4, 5`, `posts 3, 4, 5 and 17 more`."""
    shown = ", ".join(str(number) for number in sorted(numbers)[:_NAMED])
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return f"post{'s' if len(numbers) > 1 else ''} {shown}{more}"


class Restorer:
    """One process's look at the database that it finds at its start."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        outlets: Outlets,
        *,
        incarnation: Incarnation,
        budget: Budget,
    ) -> None:
        self._db = db
        self._clock = clock
        self._outlets = outlets
        self._incarnation = incarnation
        self._budget = budget

    def take_over(self, witness: WitnessFile) -> TakenOver | None:
        """Judge the database before anything is claimed; None when it is the one that was here last.

        Only at the end does the witness know it: whoever is interrupted begins anew at the next start.
        """
        # Before the database is read: another process may append entries meanwhile.
        told, here = witness.read()
        runs_live = self._runs_live()
        with self._db.read() as tx:
            key, live = installation.key(tx), installation.has_live_attempts(tx)
            finding = judge(
                told,
                key=key,
                entry_digest_at_witness_seq=None if told is None else installation.entry_digest(tx, told.seq),
                has_live_attempts=live,
                here=here,
                is_sqlite=self._db.is_sqlite,
                runs_live=runs_live,
            )
        live = live or (told is not None and told.live)
        taken = None if finding is None else self._look_after(finding)
        with self._db.read() as tx:
            seq, digest = send_log.head(tx)
        witness.begin(key=key, seq=seq, digest=digest, live=live, anew=finding is not None or not live)
        return taken

    def _runs_live(self) -> bool:
        outlets = [self._outlet_of(name) for name in self._outlets.names()]
        return any(outlet is not None and outlet.mode == Mode.LIVE for outlet in outlets)

    def _look_after(self, finding: Finding) -> TakenOver:
        taken = TakenOver(finding=finding)
        with deciding(self._db) as tx:
            now = self._clock.now()
            since = installation.last_tried_at(tx)
            reason = f"{finding.value}. Look at each account, then `campaign-bot resume`"
            pause_everything(tx, Cause.DATABASE, reason, now=now)
            self._free(tx, now=now)
            taken.held += self._hold_due(tx, now=now)
        # From here on nothing leaves. No transaction is open while a network is spoken to.
        self._read_back(taken, last_tried_at=since)
        self._give_up_orphans()
        taken.held = [number for number in taken.held if number not in taken.found]
        log.info("%s: %d posts were found public", finding.value, len(taken.found))
        return taken

    # -- what was under way ------------------------------------------------------------------------

    def _free(self, tx: Tx, *, now: datetime) -> None:
        """Take what was under way when the database was saved out of the hands of processes long gone."""
        for post in claims.in_flight_posts(tx):
            worker = workers.read_worker(tx, post.worker or "")
            if worker is not None and self._incarnation.shares_locks_with(worker):
                if self._incarnation.is_alive(worker):
                    continue
                workers.end(tx, worker.id, now=now)
            if post.state is State.CLAIMED:
                move(tx, post, State.READY, reason=_UNSENT, now=now)
                continue
            attempt = claims.last_attempt(tx, post)
            # Whoever was sending it may have been at it a moment ago.
            look_at = now + LONGEST_SETTLE
            move(tx, post, State.UNCONFIRMED, reason=_ORPHAN, now=now, look_at=look_at, absent_reads=0)
            if attempt is not None:
                claims.close_attempt(tx, attempt, State.UNCONFIRMED, now=now, error=_ORPHAN)

    def _hold_due(self, tx: Tx, *, now: datetime) -> list[int]:
        """Hold what could leave at once: it may have left, and one look at a network is no proof."""
        due = posts.read_posts(tx, states=(State.READY,), end=now + timedelta(microseconds=1))
        due = [post for post in due if post.grace_until >= now]
        for post in due:
            move(tx, post, State.HELD, reason=_HELD, now=now)
        return [post.id for post in due]

    def _give_up_orphans(self) -> None:
        """Leave to a person what would leave once more by itself because a network does not show it."""
        with self._db.read() as tx:
            lost = posts.read_posts(tx, states=(State.UNCONFIRMED,))
        for post in lost:
            outlet = self._outlet_of(post.account)
            if outlet is None or outlet.send_again or outlet.publisher.recovery.absent_means is State.READY:
                self._give_up(post)
            # The sweep looks for the others, once their network has settled.

    def _give_up(self, post: Post) -> None:
        now = self._clock.now()
        try:
            with deciding(self._db) as tx:
                attempt = claims.last_attempt(tx, post)
                if attempt is None or attempt.mode != Mode.LIVE:
                    return
                posts.move(tx, post, State.UNKNOWN, reason=_NOT_FOUND, now=now, look_at=None)
                claims.close_attempt(tx, attempt, State.UNKNOWN, now=now, error=_NOT_FOUND)
                log_outcome(tx, attempt, State.UNKNOWN, reason=_NOT_FOUND, receipt=None, now=now)
        except NotAllowedError as error:
            log.info("post %d: somebody else has decided since (%s)", post.id, error)

    # -- reading back ------------------------------------------------------------------------------

    def _read_back(self, taken: TakenOver, *, last_tried_at: datetime | None) -> None:
        doubted = self._doubted(since=None if last_tried_at is None else last_tried_at - LOOK_BACK)
        outlets = {
            account: self._outlet_of(account) for account in sorted({post.account for post in doubted})
        }
        for account, outlet in outlets.items():
            if outlet is None or outlet.mode != Mode.LIVE:
                taken.unread[account] = "it cannot be served" if outlet is None else "it is in dry-run mode"
        live = [post for post in doubted if post.account not in taken.unread]
        taken.left = max(0, len(live) - LOOKED_FOR_AT_MOST)
        by_account: dict[str, list[Post]] = defaultdict(list)
        for post in live[:LOOKED_FOR_AT_MOST]:
            by_account[post.account].append(post)
        absent: set[int] = set()
        for account, its_posts in sorted(by_account.items()):
            outlet = outlets[account]
            assert outlet is not None
            # One after the other: an item that is posted twice is found in the order of its posts.
            its_posts.sort(key=lambda post: (post.due_at, post.id))
            absent |= self._read_account(taken, outlet, its_posts, last_tried_at=last_tried_at)
        # In dry-run nothing leaves.
        can_leave = [
            post for post in doubted if (outlet := outlets[post.account]) is None or outlet.mode == Mode.LIVE
        ]
        self._hold_unseen(taken, {post.id for post in can_leave} - absent)

    def _doubted(self, *, since: datetime | None) -> list[Post]:
        """What may be public: what could still leave first, and what was due before what is to come."""
        now = self._clock.now()
        end = now + timedelta(microseconds=1)
        with self._db.read() as tx:
            doubted = posts.read_posts(tx, states=_DOUBTED_PAST, start=since, end=end)
            doubted += posts.read_posts(tx, states=_DOUBTED, start=since)
        doubted.sort(key=lambda post: (post.state is State.MISSED, post.due_at > now, abs(post.due_at - now)))
        return doubted

    def _hold_unseen(self, taken: TakenOver, unseen: set[int]) -> None:
        """Hold what is to come, too, unless a whole read did not show it: it would leave at its moment."""
        with deciding(self._db) as tx:
            now = self._clock.now()
            for post in posts.read_posts(tx, states=(State.READY,)):
                if post.id in unseen and post.grace_until >= now:
                    move(tx, post, State.HELD, reason=_UNSEEN, now=now)
                    taken.unseen.append(post.id)

    def _read_account(
        self, taken: TakenOver, outlet: Outlet, its_posts: Sequence[Post], *, last_tried_at: datetime | None
    ) -> set[int]:
        """Look for one account's posts; returns the numbers of those that a whole read did not show."""
        absent: set[int] = set()
        errors = 0
        for post in its_posts:
            found: list[tuple[Part, Receipt]] = []
            try:
                self._find(post, outlet, found, last_tried_at=last_tried_at)
                if not found:
                    absent.add(post.id)
            except PublishError as error:
                taken.unread.setdefault(outlet.account, reason_of(error))
                errors += 1
            except Exception:
                log.exception("post %d: looking for it failed in a way nobody foresaw", post.id)
                taken.unread.setdefault(outlet.account, "it could not be read in a way nobody foresaw")
                errors += 1
            if found:
                self._keep(taken, post, found)
            if errors >= ERRORS_AT_MOST:
                break
        return absent

    def _find(
        self,
        post: Post,
        outlet: Outlet,
        found: list[tuple[Part, Receipt]],
        *,
        last_tried_at: datetime | None,
    ) -> None:
        """Look for the parts without a receipt, one after the other, as far as the network shows them."""
        with self._db.read() as tx:
            missing = installation.parts_without_receipt(tx, post.id)
            attempt = claims.last_attempt(tx, post)
            tried_at = None if attempt is None else claims.first_tried_at(tx, attempt)
            # A post that was moved has left after the database was saved, not around its old moment.
            saved_after = last_tried_at or installation.changed_at(tx, post.id)
            known = frozenset(claims.alike(tx, post))
        since = min(post.due_at, tried_at or post.due_at, saved_after) - LOOK_BACK
        for part in missing:
            request = PublishRequest(
                # Networks are asked for the text; this key was never theirs.
                key=str(uuid.uuid4()) if attempt is None else attempt.key,
                text=part.text,
                post=post.id,
                part=part.number,
                moment=post.due_at,
                planned=post.slot.due_at,
                language=post.language,
                content_warning=post.content_warning,
                picture=outgoing(post.picture) if post.picture is not None and part.number == 1 else None,
                known=known.union(receipt.remote_id for _, receipt in found),
            )
            receipt = outlet.publisher.find(request, since=since)
            if receipt is None:
                return
            found.append((part, receipt))

    def _outlet_of(self, account: str) -> Outlet | None:
        try:
            return self._outlets.of(account)
        except ConfigError as error:
            log.error("%s: this account cannot be read (%s)", account, error)
            return None

    # -- writing -----------------------------------------------------------------------------------

    def _keep(self, taken: TakenOver, post: Post, found: Sequence[tuple[Part, Receipt]]) -> None:
        try:
            with deciding(self._db) as tx:
                kept = self._write_found(tx, post, found)
                is_whole = claims.next_part(tx, post.id) is None
        except NotAllowedError as error:
            log.info("post %d: somebody else has decided since (%s)", post.id, error)
            return
        if kept:
            (taken.found if is_whole else taken.partly).append(post.id)

    def _write_found(self, tx: Tx, post: Post, found: Sequence[tuple[Part, Receipt]]) -> int:
        """Keep the receipts that are nobody else's, and move the post; returns how many were kept."""
        now = self._clock.now()
        ours: list[tuple[Part, Receipt]] = []
        for part, receipt in found:
            owner = claims.owner_of(tx, receipt, account=post.account, post=post.id, part=part.number)
            if owner is not None or receipt in [r for _, r in ours]:
                # X refuses a text that another post of ours made public: that one is no proof of this one.
                break
            ours.append((part, receipt))
        if not ours:
            return 0
        missing = installation.parts_without_receipt(tx, post.id)
        is_whole = len(ours) == len(missing)
        after = State.SENT if is_whole else State.MISSED if post.state is State.MISSED else State.HELD
        for part, receipt in ours:
            attempt = self._attempt_of(tx, post, part, receipt, now=now)
            log_outcome(tx, attempt, after, reason=FOUND, receipt=receipt, now=now)
        self._move_found(tx, post, after, now=now)
        return len(ours)

    def _attempt_of(self, tx: Tx, post: Post, part: Part, receipt: Receipt, *, now: datetime) -> Attempt:
        """The attempt in which a part had left: the one whose outcome is not known, or a new one."""
        last = claims.last_attempt(tx, post)
        lost = post.state in (State.UNCONFIRMED, State.UNKNOWN)
        if lost and last is not None and (last.part, last.mode) == (part.number, Mode.LIVE.value):
            claims.keep_receipt(tx, last, receipt, now=now)
            claims.close_attempt(tx, last, State.SENT, now=now, receipt=receipt)
            return last
        attempt = installation.record_found(
            tx,
            post,
            part,
            receipt,
            key=str(uuid.uuid4()),
            worker=self._incarnation.id,
            now=now,
            cost_usd_micros=self._budget.cost(
                post.network,
                part.text,
                mode=Mode.LIVE.value,
                picture=post.picture if part.number == 1 else None,
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
        return attempt

    def _move_found(self, tx: Tx, post: Post, after: State, *, now: datetime) -> None:
        if post.state is after:
            return
        if after is State.HELD and post.state is not State.READY:
            # What was looked for waits for a person, as all that was due.
            move(tx, post, State.READY, reason=_PARTLY, now=now, look_at=None)
            post = posts.read_post(tx, post.id)
        reason = FOUND if after is State.SENT else _PARTLY
        move(tx, post, after, reason=reason, now=now, look_at=None)
