"""What a network's answer means for a post, and the transaction that writes it down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.errors import AccountError, NotNowError, NotSentError, PublishError, RejectedError
from bot.core.post import Post, Receipt, State
from bot.pipeline.outlets import Outlet
from bot.publishing.protocol import KeepsAGap
from bot.store import claims, pauses, posts, send_log
from bot.store.claims import Attempt
from bot.store.database import Tx
from bot.store.pauses import Pause

Answer = Receipt | PublishError

#: How long an account waits after a connection that was never made, times the attempts so far …
BACK_OFF = timedelta(seconds=30)
#: … and at most.
BACK_OFF_MAX = timedelta(minutes=10)
#: How long an account waits when the network asks for patience and names no moment: X's window
#: is 15 minutes (x-rate-limit-reset, docs.x.com/x-api/fundamentals/rate-limits, read 2026-11).
PATIENCE = timedelta(minutes=15)
#: The longest that an account waits because its network says so: a moment years away is a mistake.
PATIENCE_MAX = timedelta(days=1)
#: What is said where a refusal, or a grace that passed, does not settle what became of an earlier attempt.
MAY_HAVE_LEFT = "an earlier attempt may have left it public all the same"
#: How much of what a network says is kept, in characters.
REASON_MAX = 500


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What became of one post in one step; `attempt` is None when nothing left for it."""

    post: Post
    state: State
    reason: str
    attempt: Attempt | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """Where an answer moves a post, and what else it says."""

    state: State
    reason: str
    #: Columns of the post that change with it.
    post: Mapping[str, object]
    #: The account is asked to wait until then.
    wait_until: datetime | None = None
    #: The account is paused until a person resumes it.
    pause_account: bool = False


def meaning(answer: Answer, attempt: Attempt, *, outlet: Outlet, more_parts: bool, now: datetime) -> Meaning:
    """Decide, from plain values, what an answer means."""
    meant = _meaning(answer, attempt, outlet=outlet, more_parts=more_parts, now=now)
    may_be_public = isinstance(answer, Receipt) or meant.state is State.UNCONFIRMED
    if may_be_public and isinstance(outlet.publisher, KeepsAGap):
        # Kept in the database: it holds for every process, and after a restart.
        return replace(meant, wait_until=now + outlet.publisher.gap)
    return meant


def _meaning(answer: Answer, attempt: Attempt, *, outlet: Outlet, more_parts: bool, now: datetime) -> Meaning:
    match answer:
        case Receipt() if more_parts:
            reason = f"part {attempt.part} is sent, the next one follows"
            noted = f"{reason}; {answer.note}" if answer.note else reason
            return Meaning(state=State.READY, reason=noted, post={})
        case Receipt():
            return Meaning(state=State.SENT, reason=answer.note, post={})
        case NotNowError():
            until = wait_until(answer, now=now)
            return Meaning(state=State.READY, reason=reason_of(answer), post={}, wait_until=until)
        case NotSentError():
            wait = min(BACK_OFF * attempt.number, BACK_OFF_MAX)
            return Meaning(state=State.READY, reason=reason_of(answer), post={}, wait_until=now + wait)
        case AccountError():
            return Meaning(state=State.REJECTED, reason=reason_of(answer), post={}, pause_account=True)
        case RejectedError():
            return Meaning(state=State.REJECTED, reason=reason_of(answer), post={})
        case _:
            look_at = now + outlet.publisher.recovery.settle
            return Meaning(
                state=State.UNCONFIRMED,
                reason=reason_of(answer),
                post={"look_at": look_at, "absent_reads": 0},
            )


def wait_until(answer: NotNowError, *, now: datetime) -> datetime:
    """Until when an account waits whose network asks for patience."""
    until = answer.until or now + PATIENCE
    # A moment that has passed would let the network be asked again at once, and again.
    return min(max(until, now + BACK_OFF), now + PATIENCE_MAX)


def reason_of(answer: PublishError) -> str:
    """What an answer says, on one line that every database takes: it may quote a network."""
    printable = "".join(letter if letter.isprintable() else " " for letter in str(answer))
    return " ".join(printable.split())[:REASON_MAX]


def write_outcome(
    tx: Tx, post: Post, attempt: Attempt, answer: Answer, *, outlet: Outlet, now: datetime
) -> Sent:
    """Move a sending post to what its answer means, and log it.

    Raises NotAllowedError when somebody else decided about the post meanwhile.
    """
    receipt = answer if isinstance(answer, Receipt) else None
    if receipt is not None:
        claims.keep_receipt(tx, attempt, receipt, now=now)
    more_parts = receipt is not None and claims.next_part(tx, post.id) is not None
    meant = meaning(answer, attempt, outlet=outlet, more_parts=more_parts, now=now)
    sending = replace(post, state=State.SENDING)
    if meant.state is State.REJECTED and claims.repeats_a_doubt(tx, attempt):
        # A look may have been shown an old page: then the post is public, whatever this refusal says.
        meant = replace(meant, state=State.UNKNOWN, reason=f"{meant.reason}; {MAY_HAVE_LEFT}")
        posts.move(tx, sending, State.UNCONFIRMED, reason=meant.reason, now=now)
        sending = replace(post, state=State.UNCONFIRMED)
    posts.move(tx, sending, meant.state, reason=meant.reason, now=now, **meant.post)
    claims.close_attempt(
        tx,
        attempt,
        State.SENT if receipt else meant.state,
        now=now,
        error=(receipt.note or None) if receipt else meant.reason,
        receipt=receipt,
    )
    note_meaning(tx, meant, account=attempt.account, post=attempt.post, now=now)
    log_outcome(tx, attempt, meant.state, reason=meant.reason, receipt=receipt, now=now)
    return Sent(post=post, state=meant.state, reason=meant.reason, attempt=attempt, receipt=receipt)


def log_outcome(
    tx: Tx, attempt: Attempt, state: State, *, reason: str, receipt: Receipt | None, now: datetime
) -> None:
    """Append how an attempt ended to the send log."""
    send_log.append(
        tx,
        at=now,
        event="outcome",
        post=attempt.post,
        attempt=attempt.id,
        body={
            "part": attempt.part,
            "attempt": attempt.number,
            "state": state.value,
            "reason": reason,
            "remote_id": None if receipt is None else receipt.remote_id,
            "url": None if receipt is None else receipt.url,
            **({"note": receipt.note} if receipt is not None and receipt.note else {}),
        },
    )


def note_meaning(tx: Tx, meant: Meaning, *, account: str, post: int, now: datetime) -> None:
    """Let the account wait, or pause it, as an answer about one of its posts means."""
    if meant.wait_until is not None:
        claims.note_account(tx, account, not_before=meant.wait_until)
    if meant.pause_account:
        pause = Pause(account=account, reason=meant.reason, who="campaign-bot", paused_at=now)
        pauses.pause(tx, pause)
        send_log.append(
            tx,
            at=now,
            event="paused",
            post=post,
            body={"covers": pause.covers(), "reason": pause.reason, "who": pause.who},
        )
