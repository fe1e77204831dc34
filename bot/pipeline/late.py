"""What becomes of a post whose grace passed: it is missed, or goes before a person where it may be public."""

from __future__ import annotations

from datetime import datetime

from bot.core.post import Post, State
from bot.pipeline.moves import move
from bot.pipeline.outcome import MAY_HAVE_LEFT, log_outcome
from bot.store import claims, posts
from bot.store.database import Tx


def late_state(tx: Tx, post: Post, *, reason: str) -> tuple[State, str]:
    """Where a late post goes that did not leave, and why: `reason`, and what a person must know beside it.

    A look may have been shown an old page: whoever gave a missed post a new moment would publish it twice.
    """
    if claims.may_have_left(tx, post):
        return State.UNKNOWN, f"{reason}; {MAY_HAVE_LEFT}"
    return State.MISSED, reason


def move_late(tx: Tx, post: Post, after: State, *, reason: str, now: datetime) -> None:
    """Move a late post to where `late_state` says; its last attempt then waits for a person's word, too."""
    if after is not State.UNKNOWN:
        move(tx, post, after, reason=reason, now=now)
        return
    attempt = claims.last_attempt(tx, post)
    assert attempt is not None
    posts.move(tx, post, after, reason=reason, now=now)
    claims.close_attempt(tx, attempt, after, now=now, error=reason)
    log_outcome(tx, attempt, after, reason=reason, receipt=None, now=now)
