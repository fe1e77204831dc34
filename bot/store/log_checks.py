"""Holds the table of attempts against the send log's chain: every row must say what the log says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, String, select, type_coerce

from bot.core.post import State
from bot.store.codec import logged_picture, picture_from, sealed
from bot.store.tables import attempts, send_log

_Row = Row[*tuple[Any, ...]]

#: What an attempt shares with its intent in the log …
_INTENDED = ("part", "key", "mode", "campaign", "account", "network", "language", "kind", "item")
#: … with what both say of its picture …
_PICTURE = ("picture", "picture_warning")
#: … and what else is read of it. Moments as they stand on disk: somebody may have written nonsense there.
_COMPARED = [
    *(attempts.c[name] for name in ("id", "post_id", "number", "text", "content_warning", "picture")),
    attempts.c.state,
    *(attempts.c[name] for name in ("remote_id", "url", "error")),
    *(attempts.c[name] for name in _INTENDED),
    *(type_coerce(attempts.c[name], String).label(name) for name in ("due_at", "started_at", "ended_at")),
]


class AttemptsCheck:
    """Walks the attempts, some in each transaction, and keeps what is wrong."""

    def __init__(self) -> None:
        self.attempts = 0
        self.problems: list[str] = []
        self._last_id = 0

    @classmethod
    def of_newest(cls, tx: Connection, number: int) -> AttemptsCheck:
        """A check of the newest attempts alone."""
        check = cls()
        newest = select(attempts.c.id).order_by(attempts.c.id.desc())
        check._last_id = tx.execute(newest.offset(number).limit(1)).scalar() or 0
        return check

    def read_page(self, tx: Connection, *, page: int) -> bool:
        """Check the next attempts; False once there are no more."""
        statement = select(*_COMPARED).where(attempts.c.id > self._last_id).order_by(attempts.c.id)
        rows = tx.execute(statement.limit(page)).all()
        # By post, not by attempt: that is what the log is indexed by.
        logged = _entries_by_post(tx, sorted({row.post_id for row in rows}))
        for row in rows:
            self.problems += _problems_of(row, logged[row.post_id])
        if rows:
            self.attempts += len(rows)
            self._last_id = rows[-1].id
        return len(rows) == page


def missing_attempts(tx: Connection, entries: Mapping[int, int]) -> Iterator[str]:
    """Name the attempts that entries of the log speak of and that are gone; `entries` is seq -> attempt."""
    wanted = sorted(set(entries.values()))
    if not wanted:
        return
    there = set(tx.execute(select(attempts.c.id).where(attempts.c.id.in_(wanted))).scalars())
    for seq, attempt_id in entries.items():
        if attempt_id not in there:
            yield f"entry {seq} speaks of attempt {attempt_id}, and its row was removed"


def _entries_by_post(tx: Connection, posts: Sequence[int]) -> Mapping[int, list[_Row]]:
    found: dict[int, list[_Row]] = defaultdict(list)
    statement = (
        select(
            send_log.c.post_id,
            send_log.c.attempt_id,
            send_log.c.event,
            send_log.c.body,
            send_log.c.text,
            send_log.c.salt,
            type_coerce(send_log.c.at, String).label("at"),
        )
        .where(send_log.c.post_id.in_(posts), send_log.c.event.in_(["intent", "outcome", "moved"]))
        .order_by(send_log.c.seq)
    )
    for row in tx.execute(statement):
        found[row.post_id].append(row)
    return found


def _problems_of(row: _Row, entries: Sequence[_Row]) -> Iterator[str]:
    """Compare one attempt with what the log says of it."""
    name = f"attempt {row.number} of post {row.post_id} (row {row.id})"
    intent = next((one for one in entries if one.attempt_id == row.id and one.event == "intent"), None)
    if intent is None:
        yield f"{name}: the log knows nothing of it"
        return
    # A text that was erased from the log on purpose cannot be compared.
    if intent.text is not None and intent.text != row.text:
        yield f"{name}: its text is not the one in the log"
    intended = _body(intent)
    for column in _INTENDED:
        if getattr(row, column) != intended.get(column):
            yield f"{name}: its {column} is {getattr(row, column)!r}, in the log {intended.get(column)!r}"
    if not _shows_logged_picture(row, intent, intended):
        yield f"{name}: its picture is not the one in the log"
    if not _fits(row.content_warning, "content_warning", intent, intended):
        yield f"{name}: its content warning is not the one in the log"
    end = _logged_end(row.id, entries)
    for what, said, logged in (
        ("number", row.number, intended.get("attempt")),
        ("moment", _written(row.due_at), intended.get("due_at")),
        ("start", row.started_at, intent.at),
        ("end", row.ended_at, end.at),
        ("state", row.state, end.state),
        ("remote id", row.remote_id, end.remote_id),
        ("link", row.url, end.url),
        ("error", row.error, end.error),
    ):
        if said != logged:
            yield f"{name}: its {what} is {said or 'none'}, in the log {logged or 'none'}"


def _shows_logged_picture(row: _Row, intent: _Row, intended: Mapping[str, object]) -> bool:
    """Whether a row's picture is the one in the log: file, warning and words."""
    try:
        picture = picture_from(row.picture)
    except msgspec.MsgspecError:
        return False
    said = {name: intended[name] for name in _PICTURE if name in intended}
    alt = None if picture is None else picture.alt
    return logged_picture(picture) == said and _fits(alt, "picture_alt", intent, intended)


def _fits(words: str | None, name: str, intent: _Row, intended: Mapping[str, object]) -> bool:
    """Whether words beside a text are those of which the log has the salted digest."""
    if name in intended and (intent.text is None or intent.salt is None):
        # What was erased on purpose cannot be compared.
        return True
    return intended.get(name) == (None if words is None else sealed(intent.salt or "", words))


@dataclass(kw_only=True)
class _End:
    """How an attempt ended, as the log last says."""

    state: object = State.SENDING.value
    remote_id: object = None
    url: object = None
    error: object = None
    at: object = None


def _logged_end(attempt: int, entries: Sequence[_Row]) -> _End:
    end = _End()
    newest: int | None = None
    for entry in entries:
        if entry.event == "intent":
            newest = entry.attempt_id
        elif entry.event == "outcome" and entry.attempt_id == attempt:
            said = _body(entry)
            end = _End(remote_id=said.get("remote_id"), url=said.get("url"), at=entry.at)
            # A part that is sent leaves its post ready for the next part.
            is_sent = end.remote_id is not None
            end.state = State.SENT.value if is_sent else said.get("state")
            end.error = said.get("note" if is_sent else "reason")
        elif entry.event == "moved" and newest == attempt and _body(entry).get("after") == "unconfirmed":
            end = _End(state=State.UNCONFIRMED.value, error=_body(entry).get("reason"), at=entry.at)
    return end


def _written(moment: object) -> object:
    """A moment in the letters of the log, whatever the database gave."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z" if isinstance(moment, datetime) else moment


def _body(entry: _Row) -> Mapping[str, object]:
    """What an entry says; nothing where somebody wrote nonsense, which the chain's check names."""
    try:
        return msgspec.json.decode(entry.body, type=dict[str, Any])
    except (msgspec.DecodeError, TypeError):
        return {}
