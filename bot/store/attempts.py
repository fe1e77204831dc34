"""The send log as operators read it: attempts, filtered, newest last, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select

from bot.core.post import State
from bot.store.tables import attempts


@dataclass(frozen=True, kw_only=True)
class LoggedAttempt:
    """One attempt as the send log shows it."""

    id: int
    post: int
    part: int
    attempt: int
    campaign: str
    account: str
    network: str
    language: str
    kind: str
    item: str
    text: str
    state: str
    due_at: datetime
    started_at: datetime
    ended_at: datetime | None
    remote_id: str | None
    url: str | None
    error: str | None
    mode: str


def read_attempts(
    tx: Connection,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    states: Sequence[State] = (),
    campaign: str | None = None,
    account: str | None = None,
    text: str | None = None,
    post: int | None = None,
    after: int = 0,
    limit: int = 1000,
    newest: bool = False,
) -> list[LoggedAttempt]:
    """Up to `limit` attempts past number `after`, oldest first.

    `newest` takes the last `limit` of them instead of the first.
    """
    wanted: list[ColumnElement[bool]] = [attempts.c.id > after]
    wanted += [
        column == value
        for column, value in (
            (attempts.c.campaign, campaign),
            (attempts.c.account, account),
            (attempts.c.post_id, post),
        )
        if value is not None
    ]
    if since is not None:
        wanted.append(attempts.c.started_at >= since)
    if until is not None:
        wanted.append(attempts.c.started_at < until)
    if states:
        wanted.append(or_(*(attempts.c.state == state.value for state in states)))
    if text is not None:
        wanted.append(attempts.c.text.icontains(text, autoescape=True))
    order = attempts.c.id.desc() if newest else attempts.c.id
    rows = tx.execute(select(attempts).where(*wanted).order_by(order).limit(limit)).all()
    found = [
        LoggedAttempt(
            id=row.id,
            post=row.post_id,
            part=row.part,
            attempt=row.number,
            campaign=row.campaign,
            account=row.account,
            network=row.network,
            language=row.language,
            kind=row.kind,
            item=row.item,
            text=row.text,
            state=row.state,
            due_at=row.due_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
            remote_id=row.remote_id,
            url=row.url,
            error=row.error,
            mode=row.mode,
        )
        for row in rows
    ]
    return found[::-1] if newest else found
