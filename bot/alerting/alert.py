"""One cause for an alert, as plain values: what is known, in no language yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec


class AlertKind(StrEnum):
    """What an alert is about, the most urgent first."""

    #: A post may be public, and nobody knows.
    UNKNOWN = "unknown"
    #: The bot itself stopped sending.
    PAUSED = "paused"
    #: A post is due, nothing holds it back, and nobody tries it.
    OVERDUE = "overdue"
    #: A process that sends fell silent.
    WORKER = "worker"
    #: A network refused a post, or it cannot be written.
    REJECTED = "rejected"
    #: A post's moment and its grace passed.
    MISSED = "missed"
    #: The month's money comes to its end.
    BUDGET = "budget"
    #: The send log's newest entry, once a day, for safe keeping elsewhere.
    LOG_HEAD = "log-head"


#: What happened and is over at once: it is told, and nothing of it stays open.
EVENTS = frozenset({AlertKind.REJECTED, AlertKind.LOG_HEAD})


@dataclass(frozen=True, kw_only=True)
class Alert:
    """What is known of one cause; what does not belong to its kind stays empty."""

    kind: AlertKind
    post: int | None = None
    campaign: str | None = None
    account: str | None = None
    network: str | None = None
    #: Of a pause: the language it holds.
    language: str | None = None
    #: A post's moment, or the day of the log's entry.
    at: datetime | None = None
    #: IANA name: the zone in which people read `at`.
    zone: str = "UTC"
    #: The beginning of a post's first line.
    begins: str = ""
    #: As the store has it, in English.
    reason: str = ""
    #: When the last request for a post left.
    tried_at: datetime | None = None
    #: How late, or for how long silent.
    minutes: int = 0
    host: str = ""
    process: int = 0
    #: What a worker held.
    posts: tuple[int, ...] = ()
    #: The month of a budget in UTC, `2026-03`.
    month: str = ""
    spent_usd_micros: int = 0
    budget_usd_micros: int = 0
    #: Number and digest of the send log's newest entry.
    entry: int = 0
    digest: str = ""


def document_of(alert: Alert) -> str:
    """The alert as JSON."""
    return msgspec.json.encode(alert).decode()


def alert_of(document: str) -> Alert:
    """The alert in a document of `document_of`. Raises ValueError when it is none."""
    return msgspec.json.decode(document, type=Alert)
