"""An attempt of the send log as scripts and spreadsheets get it, from the commands and from the console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.pipeline.moments import rfc3339

if TYPE_CHECKING:
    from bot.store.log_reading import LoggedAttempt

#: The columns of an attempt, as `log --csv` and the console's export have them.
ATTEMPT = (
    "post",
    "part",
    "attempt",
    "campaign",
    "account",
    "network",
    "language",
    "kind",
    "item",
    "text",
    "state",
    "due_at",
    "started_at",
    "ended_at",
    "remote_id",
    "url",
    "error",
    "mode",
    "picture",
    "picture_alt",
    "picture_warning",
)


def attempt_document(attempt: LoggedAttempt) -> Mapping[str, Any]:
    """An attempt of the send log. What speaks of its picture is None where it took none along."""
    picture = attempt.shown
    return {
        "post": attempt.post,
        "part": attempt.part,
        "attempt": attempt.attempt,
        "campaign": attempt.campaign,
        "account": attempt.account,
        "network": attempt.network,
        "language": attempt.language,
        "kind": attempt.kind,
        "item": attempt.item,
        "text": attempt.text,
        "state": attempt.state,
        "due_at": rfc3339(attempt.due_at),
        "started_at": rfc3339(attempt.started_at),
        "ended_at": None if attempt.ended_at is None else rfc3339(attempt.ended_at),
        "remote_id": attempt.remote_id,
        "url": attempt.url,
        "error": attempt.error,
        "mode": attempt.mode,
        "picture": None if picture is None else picture.file.digest,
        "picture_alt": None if picture is None else picture.alt,
        "picture_warning": None if picture is None else picture.warning,
    }
