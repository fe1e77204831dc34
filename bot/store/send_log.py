"""The send log's chain: appended to, verified, never changed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from bot.store.tables import send_log, send_log_head

#: The digest before the first entry.
GENESIS = "0" * 64

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
) -> str:
    """Add one entry to the chain, within the transaction that it records; returns its digest.

    `text` is kept beside its salted digest, so that it can be erased without breaking the chain.
    """
    last_seq, last_digest = lock(tx)
    salt = None if text is None else secrets.token_hex(16)
    sealed = dict(body)
    if text is not None and salt is not None:
        sealed["text_digest"] = _text_digest(salt, text)
    document = msgspec.json.encode(sealed, order="sorted").decode()
    seq = last_seq + 1
    digest = _entry_digest(
        seq=seq, at=at, event=event, post=post, attempt=attempt, body=document, previous=last_digest
    )
    tx.execute(
        insert(send_log).values(
            seq=seq,
            at=at,
            event=event,
            post_id=post,
            attempt_id=attempt,
            body=document,
            text=text,
            salt=salt,
            previous=last_digest,
            digest=digest,
        )
    )
    tx.execute(update(send_log_head).where(send_log_head.c.id == 1).values(seq=seq, digest=digest))
    return digest


def lock(tx: Connection) -> tuple[int, str]:
    """Take the end of the chain until this transaction ends, and return the newest number and digest.

    Whoever holds it sees every pause that was committed before, and no pause commits meanwhile.
    """
    row = tx.execute(select(send_log_head).where(send_log_head.c.id == 1).with_for_update()).one()
    return row.seq, row.digest


def head(tx: Connection) -> tuple[int, str]:
    """Number and digest of the newest entry; (0, GENESIS) while the log is empty."""
    row = tx.execute(select(send_log_head.c.seq, send_log_head.c.digest)).one()
    return row.seq, row.digest


def read_entries(tx: Connection, *, after: int = 0, limit: int = 1000) -> list[Entry]:
    """Up to `limit` entries past number `after`, oldest first."""
    statement = select(send_log).where(send_log.c.seq > after).order_by(send_log.c.seq).limit(limit)
    return [
        Entry(
            seq=row.seq,
            at=row.at,
            event=row.event,
            post=row.post_id,
            body=msgspec.json.decode(row.body),
            text=row.text,
            previous=row.previous,
            digest=row.digest,
        )
        for row in tx.execute(statement)
    ]


def verify_pages(tx: Connection, *, page: int = 5000) -> Iterator[int | Verdict]:
    """Walk the chain: yields how many entries were read after each page, and last the Verdict."""
    problems: list[str] = []
    count, expected_seq, previous = 0, 1, GENESIS
    while True:
        statement = (
            select(send_log).where(send_log.c.seq >= expected_seq).order_by(send_log.c.seq).limit(page)
        )
        rows = tx.execute(statement).all()
        for row in rows:
            problems.extend(_problems_of(row, expected_seq=expected_seq, previous=previous))
            count, expected_seq, previous = count + 1, row.seq + 1, row.digest
        if len(rows) < page:
            break
        yield count
    last_seq, last_digest = head(tx)
    if last_seq >= expected_seq:
        problems.append(f"entries {expected_seq} to {last_seq} are missing from the end")
    elif count and last_digest != previous:
        problems.append(f"entry {expected_seq - 1} is not the one that the log's head names")
    yield Verdict(entries=count, head=previous, problems=tuple(problems))


def _problems_of(row: Row[*tuple[Any, ...]], *, expected_seq: int, previous: str) -> Iterator[str]:
    seq: int = row.seq
    if seq != expected_seq:
        gap = str(expected_seq) if seq == expected_seq + 1 else f"{expected_seq} to {seq - 1}"
        yield f"entry {gap} is missing"
    elif row.previous != previous:
        yield f"entry {seq} does not follow entry {seq - 1}: one of them was changed, removed or moved"
    digest = _entry_digest(
        seq=seq,
        at=row.at,
        event=row.event,
        post=row.post_id,
        attempt=row.attempt_id,
        body=row.body,
        previous=row.previous,
    )
    if digest != row.digest:
        yield f"entry {seq} was changed"
    text, salt = row.text, row.salt
    if text is not None and msgspec.json.decode(row.body).get("text_digest") != _text_digest(
        salt or "", text
    ):
        yield f"entry {seq}: its text was changed"


def _text_digest(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def _entry_digest(
    *, seq: int, at: datetime, event: str, post: int | None, attempt: int | None, body: str, previous: str
) -> str:
    document = msgspec.json.encode(
        [seq, at.astimezone(UTC).isoformat(timespec="microseconds"), event, post, attempt, body, previous]
    )
    return hashlib.sha256(document).hexdigest()
