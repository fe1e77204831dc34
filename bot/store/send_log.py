"""The send log's chain: appended to, verified, never changed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, insert, select, type_coerce, update
from sqlalchemy.types import NullType

from bot.core.errors import BrokenLogError
from bot.store.codec import sealed
from bot.store.log_checks import missing_attempts
from bot.store.tables import send_log, send_log_head
from bot.store.types import as_moment

#: The digest before the first entry.
GENESIS = "0" * 64

#: Entries with their moments as the database has them: somebody may have written nonsense there.
_AS_STORED = select(
    *(column for column in send_log.c if column.name != "at"),
    type_coerce(send_log.c.at, NullType()).label("at"),
)

# Built once: they run with each move of a post.
_HEAD = select(send_log_head.c.seq, send_log_head.c.digest).where(send_log_head.c.id == 1)
_LOCKED_HEAD = _HEAD.with_for_update()
_ADD = insert(send_log)
_SET_HEAD = update(send_log_head).where(send_log_head.c.id == 1)

#: What an entry may say: plain values only.
Plain = str | int | bool | None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One link of the chain."""

    seq: int
    at: datetime
    event: str
    post: int | None
    body: Mapping[str, Plain]
    text: str | None
    previous: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a verification found. `problems` name the entries by number; empty when the chain holds."""

    entries: int
    head: str
    problems: tuple[str, ...]


def append(
    tx: Connection,
    *,
    at: datetime,
    event: str,
    body: Mapping[str, Plain],
    post: int | None = None,
    attempt: int | None = None,
    text: str | None = None,
    words: Mapping[str, str] | None = None,
) -> str:
    """Add one entry to the chain, within the transaction that it records; returns its digest.

    `text` is kept beside its salted digest, so that it can be erased without breaking the chain. Of `words`,
    by name, the body takes the salted digests alone: they are kept somewhere else, and can be erased there.
    """
    last_seq, last_digest = lock(tx)
    hidden = dict(words or {}) | ({} if text is None else {"text_digest": text})
    salt = secrets.token_hex(16) if hidden else None
    said = dict(body) | {name: sealed(salt or "", one) for name, one in hidden.items()}
    document = msgspec.json.encode(said, order="sorted").decode()
    seq = last_seq + 1
    digest = _entry_digest(
        seq=seq, at=at, event=event, post=post, attempt=attempt, body=document, previous=last_digest
    )
    tx.execute(
        _ADD,
        {
            "seq": seq,
            "at": at,
            "event": event,
            "post_id": post,
            "attempt_id": attempt,
            "body": document,
            "text": text,
            "salt": salt,
            "previous": last_digest,
            "digest": digest,
        },
    )
    tx.execute(_SET_HEAD, {"seq": seq, "digest": digest})
    return digest


def lock(tx: Connection) -> tuple[int, str]:
    """Take the end of the chain until this transaction ends, and return the newest number and digest.

    Whoever holds it sees every pause that was committed before, and no pause commits meanwhile.
    """
    return _read_head(tx, _LOCKED_HEAD)


def head(tx: Connection) -> tuple[int, str]:
    """Number and digest of the newest entry; (0, GENESIS) while the log is empty."""
    return _read_head(tx, _HEAD)


def _read_head(tx: Connection, statement: Select[int, str]) -> tuple[int, str]:
    row = tx.execute(statement).first()
    if row is None:
        raise BrokenLogError("the send log has lost its head: find out who changed the database")
    return row.seq, row.digest


def read_entries(
    tx: Connection, *, after: int = 0, limit: int = 1000, post: int | None = None
) -> list[Entry]:
    """Up to `limit` entries past number `after`, oldest first; of one post, or of all."""
    statement = select(send_log).where(send_log.c.seq > after).order_by(send_log.c.seq).limit(limit)
    if post is not None:
        statement = statement.where(send_log.c.post_id == post)
    return [entry_from(row) for row in tx.execute(statement)]


def entry_from(row: Row[*tuple[Any, ...]]) -> Entry:
    """The entry that a row of the log holds."""
    return Entry(
        seq=row.seq,
        at=row.at,
        event=row.event,
        post=row.post_id,
        body=msgspec.json.decode(row.body),
        text=row.text,
        previous=row.previous,
        digest=row.digest,
    )


class ChainCheck:
    """Walks the chain, some entries in each transaction, and keeps what is wrong.

    The walk is over with the page that reaches the log's end, in whose transaction the head is looked at:
    entries may be appended meanwhile.
    """

    def __init__(self) -> None:
        self.entries = 0
        self.problems: list[str] = []
        self._previous = GENESIS
        self._expected_seq = 1
        #: None: nothing was read yet. The first entry is 1, but a forged one may have any number.
        self._last_seq: int | None = None

    @classmethod
    def of_newest(cls, tx: Connection, entries: int) -> ChainCheck:
        """A check of the log's end alone: it trusts the entry before the newest `entries`.

        Raises BrokenLogError when the log has lost its head.
        """
        check = cls()
        trusted = head(tx)[0] - entries
        if trusted >= 1:
            digest = tx.execute(select(send_log.c.digest).where(send_log.c.seq == trusted)).scalar()
            if digest is None:
                check.problems.append(f"entry {trusted} is missing")
            check._last_seq, check._expected_seq, check._previous = trusted, trusted + 1, digest or ""
        return check

    def read_page(self, tx: Connection, *, page: int) -> bool:
        """Check the next entries; False once the end is reached."""
        statement = _AS_STORED.order_by(send_log.c.seq).limit(page)
        if self._last_seq is not None:
            statement = statement.where(send_log.c.seq > self._last_seq)
        rows = tx.execute(statement).all()
        for row in rows:
            self._check(row)
        about = {
            row.seq: row.attempt_id
            for row in rows
            if row.event == "intent" and isinstance(row.attempt_id, int)
        }
        self.problems += missing_attempts(tx, about)
        if len(rows) == page:
            return True
        self._check_head(tx)
        return False

    def _check(self, row: Row[*tuple[Any, ...]]) -> None:
        self._last_seq = row.seq
        self.entries += 1
        if row.seq < self._expected_seq:
            self.problems.append(f"entry {row.seq} was added: the log begins with entry 1")
            return
        self.problems += _problems_of(row, expected_seq=self._expected_seq, previous=self._previous)
        self._expected_seq, self._previous = row.seq + 1, row.digest

    def _check_head(self, tx: Connection) -> None:
        try:
            last_seq, last_digest = head(tx)
        except BrokenLogError as error:
            self.problems.append(str(error))
            return
        if last_seq >= self._expected_seq:
            self.problems.append(f"entries {self._expected_seq} to {last_seq} are missing from the end")
        elif (last_seq, last_digest) != (self._expected_seq - 1, self._previous):
            self.problems.append(f"entry {self._expected_seq - 1} is not the one that the log's head names")

    def verdict(self) -> Verdict:
        """What was found so far."""
        return Verdict(entries=self.entries, head=self._previous, problems=tuple(self.problems))


def _problems_of(row: Row[*tuple[Any, ...]], *, expected_seq: int, previous: str) -> Iterator[str]:
    seq: int = row.seq
    if seq != expected_seq:
        gap = str(expected_seq) if seq == expected_seq + 1 else f"{expected_seq} to {seq - 1}"
        yield f"entry {gap} is missing"
    elif row.previous != previous:
        yield f"entry {seq} does not follow entry {seq - 1}: one of them was changed, removed or moved"
    if _digest_of(row) != row.digest:
        yield f"entry {seq} was changed"
    if row.text is not None and _sealed(row.body) != sealed(row.salt or "", row.text):
        yield f"entry {seq}: its text was changed"


def _digest_of(row: Row[*tuple[Any, ...]]) -> str | None:
    """The digest that an entry should have; None when it holds what no entry can."""
    try:
        return _entry_digest(
            seq=row.seq,
            at=as_moment(row.at),
            event=row.event,
            post=row.post_id,
            attempt=row.attempt_id,
            body=row.body,
            previous=row.previous,
        )
    except (TypeError, ValueError):
        return None


def _sealed(body: str) -> object:
    """The digest of its text that an entry's body names; None when it names none."""
    try:
        return msgspec.json.decode(body, type=dict[str, Any]).get("text_digest")
    except msgspec.DecodeError:
        return None


def _entry_digest(
    *, seq: int, at: datetime, event: str, post: int | None, attempt: int | None, body: str, previous: str
) -> str:
    document = msgspec.json.encode(
        [seq, at.astimezone(UTC).isoformat(timespec="microseconds"), event, post, attempt, body, previous]
    )
    return hashlib.sha256(document).hexdigest()
