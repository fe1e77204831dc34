"""Finds in the store what operators should be told of, and what of it is over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.alerting.alert import EVENTS, Alert, AlertKind, document_of
from bot.core.errors import BrokenLogError
from bot.core.post import Post, State
from bot.pipeline.moves import BOT
from bot.pipeline.worker import hostname_in
from bot.store import alerts, send_log, spending, watching
from bot.store.alerts import NewCause
from bot.store.database import Tx

#: How long after its moment a post that nobody tried is worth an alert.
OVERDUE_AFTER = timedelta(minutes=5)
#: A worker says each minute that it is alive.
SILENT_AFTER = timedelta(minutes=3)
#: A process silent for longer, and holding nothing, is history.
FORGOTTEN_AFTER = timedelta(days=1)
#: What happened longer ago is no news: a bot that begins to tell does not begin with last year.
NEWS_FOR = timedelta(days=7)
#: How much of the month's budget is worth an alert, in percent.
BUDGET_MARKS = (80, 100)
#: Causes of one kind that one look takes in; the next look takes the next.
AT_ONCE = 500
#: How much of a post an alert shows, in characters.
BEGINS = 60

#: An unknown post may be public: a word that says otherwise makes people post it by hand, twice.
_SAYS_FAILED = re.compile(r"\bfail(?:s|ed|ure|ures|ing)?\b", re.IGNORECASE)

_TROUBLES = {
    State.UNKNOWN: AlertKind.UNKNOWN,
    State.REJECTED: AlertKind.REJECTED,
    State.MISSED: AlertKind.MISSED,
}
#: Kinds whose whole present is found at each look: what is not found any more is over.
_PRESENT = (AlertKind.PAUSED, AlertKind.OVERDUE, AlertKind.WORKER, AlertKind.BUDGET)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one look found: causes to be written, and keys of those that are over."""

    new: Sequence[NewCause]
    over: Sequence[str]


def find(
    tx: Tx, *, now: datetime, is_paused: Callable[[], bool], budget_usd_micros: int | None, first: bool
) -> Found:
    """Look once. `first` looks at posts of all times, later looks at those that were due of late.

    `is_paused` says whether something outside of the store holds everything back.
    """
    present = [
        *_pauses(tx),
        *([] if is_paused() else _overdue(tx, now=now)),
        *_workers(tx, now=now),
        *_budget(tx, budget_usd_micros, now=now),
    ]
    known = alerts.open_causes(tx, [kind.value for kind in _PRESENT])
    keys = {one.cause for one in present}
    over = [cause for cause in known if cause not in keys]
    for state in (State.UNKNOWN, State.MISSED):
        over += watching.no_longer(tx, state, limit=AT_ONCE)
    new = [one for one in present if one.cause not in known]
    return Found(new=[*_troubles(tx, now=now, first=first), *new, *_log_head(tx, now=now)], over=over)


def _troubles(tx: Tx, *, now: datetime, first: bool) -> Iterator[NewCause]:
    for state, kind in _TROUBLES.items():
        waits = state is State.UNKNOWN
        found = watching.troubled(
            tx,
            state,
            due_since=None if first or waits else now - NEWS_FOR,
            since=None if waits else now - NEWS_FOR,
            limit=AT_ONCE,
        )
        for one in found:
            post = one.post
            tried_at = watching.last_tried(tx, post.id) if waits else None
            reason = _SAYS_FAILED.sub("broke off", post.reason) if waits else post.reason
            alert = _about(post, kind, reason=reason, tried_at=tried_at)
            yield _cause(f"{kind}:{post.id}", alert, began_at=one.since)


def _pauses(tx: Tx) -> Iterator[NewCause]:
    for pause in watching.own_pauses(tx, who=BOT):
        alert = Alert(
            kind=AlertKind.PAUSED,
            campaign=pause.campaign,
            account=pause.account,
            language=pause.language,
            reason=pause.reason,
        )
        yield _cause(f"pause:{pause.id}", alert, began_at=pause.paused_at)


def _overdue(tx: Tx, *, now: datetime) -> Iterator[NewCause]:
    for post in watching.overdue(tx, due_before=now - OVERDUE_AFTER, now=now, limit=AT_ONCE):
        minutes = (now - post.due_at) // timedelta(minutes=1)
        yield _cause(
            f"overdue:{post.id}", _about(post, AlertKind.OVERDUE, minutes=minutes), began_at=post.due_at
        )


def _workers(tx: Tx, *, now: datetime) -> Iterator[NewCause]:
    silent = watching.silent_workers(
        tx, seen_before=now - SILENT_AFTER, forgotten_before=now - FORGOTTEN_AFTER
    )
    for worker in silent:
        alert = Alert(
            kind=AlertKind.WORKER,
            host=hostname_in(worker.host),
            process=worker.pid,
            posts=worker.holds,
            minutes=(now - worker.seen_at) // timedelta(minutes=1),
        )
        yield _cause(f"worker:{worker.id}", alert, began_at=worker.seen_at)


def _budget(tx: Tx, budget_usd_micros: int | None, *, now: datetime) -> Iterator[NewCause]:
    if not budget_usd_micros:
        return
    month = spending.month_of(now)
    spent = spending.month_total(tx, month=month)
    reached = [mark for mark in BUDGET_MARKS if spent * 100 >= budget_usd_micros * mark]
    for mark in reached:
        alert = Alert(
            kind=AlertKind.BUDGET,
            month=month,
            spent_usd_micros=spent,
            budget_usd_micros=budget_usd_micros,
        )
        yield _cause(f"budget:{month}:{mark}", alert, began_at=now)


def _log_head(tx: Tx, *, now: datetime) -> Iterator[NewCause]:
    """The send log's newest entry, as the first look of a day (UTC) finds it."""
    key = f"{AlertKind.LOG_HEAD}:{now:%Y-%m-%d}"
    if alerts.is_known(tx, key):
        return
    try:
        entry, digest = send_log.head(tx)
    except BrokenLogError:
        # Whoever verifies the log says so; here there is nothing to anchor.
        return
    if entry:
        yield _cause(key, Alert(kind=AlertKind.LOG_HEAD, at=now, entry=entry, digest=digest), began_at=now)


def _about(post: Post, kind: AlertKind, **known: object) -> Alert:
    facts: Mapping[str, object] = {
        "post": post.id,
        "campaign": post.campaign,
        "account": post.account,
        "network": post.network.value,
        "at": post.due_at,
        "zone": post.slot.zone,
        "begins": beginning(post.text),
        **known,
    }
    return Alert(kind=kind, **facts)  # type: ignore[arg-type]


def beginning(text: str) -> str:
    """The beginning of a text's first line, cut between two words."""
    lines = text.strip().splitlines()
    line = " ".join(lines[0].split()) if lines else ""
    if len(line) <= BEGINS:
        return line
    cut = line[:BEGINS].rpartition(" ")[0] or line[:BEGINS]
    return f"{cut} …"


def _cause(key: str, alert: Alert, *, began_at: datetime) -> NewCause:
    return NewCause(
        cause=key,
        kind=alert.kind.value,
        post=alert.post,
        account=alert.account,
        detail=document_of(alert),
        began_at=began_at,
        is_event=alert.kind in EVENTS,
    )
