"""The texts that posts have, each kept once as it is searched: written when a post gets a new text."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.tables import texts
from bot.text.searching import remembered

_KNOWN = select(texts.c.id).where(texts.c.digest == bindparam("digest"))
_NEWEST = select(func.max(texts.c.id))


@dataclass(frozen=True, kw_only=True)
class FoundTexts:
    """The texts that hold what was asked for, newest first."""

    ids: tuple[int, ...]
    #: Texts below this number were not read yet; None: all were.
    older_than: int | None


def keep_text(tx: Connection, text: str) -> int:
    """The number under which a text is searched; what says the same in other dress has the same one."""
    words = remembered(text)
    digest = hashlib.sha256(words.encode(errors="surrogatepass")).hexdigest()
    known = tx.execute(_KNOWN, {"digest": digest}).scalar()
    if known is not None:
        return int(known)
    flavour = postgresql if tx.dialect.name == "postgresql" else sqlite
    statement = flavour.insert(texts).values(digest=digest, words=words)
    statement = statement.on_conflict_do_nothing(index_elements=["digest"])
    added = tx.execute(statement.returning(texts.c.id)).scalar()
    # Another process may have added it meanwhile.
    return int(added if added is not None else tx.execute(_KNOWN, {"digest": digest}).scalar_one())


def find_texts(
    tx: Connection, words: Sequence[str], *, older_than: int | None, read: int, limit: int
) -> FoundTexts:
    """Look through the next `read` texts, newest first, for those that hold all the words."""
    top = older_than
    if top is None:
        top = int(tx.execute(_NEWEST).scalar() or 0) + 1
    bottom = max(top - read, 1)
    statement = (
        select(texts.c.id)
        .where(texts.c.id < top, texts.c.id >= bottom, *(_holds(tx, word) for word in words))
        .order_by(texts.c.id.desc())
        .limit(limit)
    )
    found = tuple(tx.execute(statement).scalars())
    left = found[-1] if len(found) == limit else bottom
    return FoundTexts(ids=found, older_than=left if left > 1 else None)


def _holds(tx: Connection, word: str) -> ColumnElement[bool]:
    place = func.strpos if tx.dialect.name == "postgresql" else func.instr
    holds: ColumnElement[bool] = place(texts.c.words, word) > 0
    return holds
