"""`/healthz`: one JSON document for those who watch whether the bot is alive."""

from __future__ import annotations

import json
from datetime import timedelta
from http import HTTPStatus

from bot.core.post import State
from bot.pipeline.health import Health
from bot.web.answering import Answer


def health_answer(health: Health, *, mode: str) -> Answer:
    """200 when the bot is well, 503 when it is not; the document says why."""
    stored = health.stored
    document = {
        "ok": not health.problems,
        "problems": health.problems,
        "mode": mode,
        "last_tick_age_seconds": _seconds(health.last_tick),
        "oldest_due_age_seconds": None if stored is None else _seconds(stored.oldest_due or timedelta(0)),
        "paused": health.is_paused,
        "unknown": None if stored is None else stored.posts[State.UNKNOWN],
        "database": "ok" if stored is not None else "cannot be read",
        "schema": None if stored is None else stored.schema,
    }
    return Answer(
        status=HTTPStatus.SERVICE_UNAVAILABLE if health.problems else HTTPStatus.OK,
        kind="application/json",
        body=(json.dumps(document, indent=2) + "\n").encode(),
    )


def _seconds(span: timedelta) -> float:
    return round(span.total_seconds(), 1)
