"""Who may use the console: users, and their links to choose a password. Who is signed in: `sessions`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, literal, or_, select, update

from bot.core.people import Role
from bot.store.tables import links, sessions, tries, users


class Purpose(StrEnum):
    """What a link, or the half of a sign-in, is good for. Each is used once."""

    #: Lets the single person in.
    ENTER = "enter"
    #: Lets a user choose a password.
    PASSWORD = "password"  # noqa: S105  (a word, no password)
    #: The password was right; the code is still to come.
    CODE = "code"


@dataclass(frozen=True, kw_only=True)
class User:
    """Somebody who may sign in."""

    name: str
    role: Role
    #: argon2id. None: no password was chosen yet.
    password_hash: str | None = field(repr=False)
    totp_nonce: str | None = field(repr=False)
    #: Since when codes are asked. None: the app was not set up yet.
    totp_since: datetime | None
    added_at: datetime


# -- users -----------------------------------------------------------------------------------------


def has_users(tx: Connection) -> bool:
    """Whether anybody was added, and not removed."""
    return tx.execute(select(users.c.name).where(users.c.removed_at.is_(None)).limit(1)).first() is not None


def read_users(tx: Connection) -> list[User]:
    """Everybody who was not removed, by name."""
    rows = tx.execute(select(users).where(users.c.removed_at.is_(None)).order_by(users.c.name))
    return [_user(row) for row in rows]


def read_names(tx: Connection) -> list[str]:
    """Every name that was ever given, also to those who were removed."""
    return list(tx.execute(select(users.c.name).order_by(users.c.name)).scalars())


def read_user(tx: Connection, name: str) -> User | None:
    """The user of exactly that name; None when there is none, or not any more."""
    row = tx.execute(select(users).where(users.c.name == name, users.c.removed_at.is_(None))).first()
    return None if row is None else _user(row)


def add_user(tx: Connection, name: str, *, role: Role, nonce: str, now: datetime) -> None:
    """Add somebody without a password, or take back somebody who was removed."""
    values = {"role": role.value, "added_at": now, "removed_at": None, **_fresh(nonce)}
    if not tx.execute(update(users).where(users.c.name == name).values(**values)).rowcount:
        tx.execute(insert(users).values(name=name, **values))


def reset_user(tx: Connection, name: str, *, nonce: str) -> None:
    """Forget the password and the codes."""
    _change(tx, name, **_fresh(nonce))


def _fresh(nonce: str) -> dict[str, Any]:
    return {"password_hash": None, "totp_nonce": nonce, "totp_since": None, "totp_last_step": None}


def remove_user(tx: Connection, name: str, *, now: datetime) -> None:
    """The name stays known: the send log shows it."""
    _change(tx, name, removed_at=now, **_fresh(""))


def set_role(tx: Connection, name: str, role: Role) -> None:
    _change(tx, name, role=role.value)


def set_password(tx: Connection, name: str, password_hash: str) -> None:
    _change(tx, name, password_hash=password_hash)


def take_step(tx: Connection, name: str, step: int, *, now: datetime) -> bool:
    """Take the code of that time step; False when it, or a later one, was taken before."""
    newer = or_(users.c.totp_last_step.is_(None), users.c.totp_last_step < step)
    since = func.coalesce(users.c.totp_since, literal(now, users.c.totp_since.type))
    values = {"totp_last_step": step, "totp_since": since}
    statement = update(users).where(users.c.name == name, users.c.removed_at.is_(None), newer)
    return bool(tx.execute(statement.values(values)).rowcount)


def _change(tx: Connection, name: str, **values: Any) -> None:
    tx.execute(update(users).where(users.c.name == name, users.c.removed_at.is_(None)).values(**values))


def _user(row: Row[*tuple[Any, ...]]) -> User:
    columns = ("name", "password_hash", "totp_nonce", "totp_since", "added_at")
    return User(role=Role(row.role), **{column: getattr(row, column) for column in columns})


# -- links -----------------------------------------------------------------------------------------


def add_link(tx: Connection, digest: str, *, who: str, purpose: Purpose, now: datetime) -> None:
    tx.execute(insert(links).values(digest=digest, who=who, purpose=purpose.value, made_at=now))


def read_link(tx: Connection, digest: str, *, purpose: Purpose, since: datetime) -> str | None:
    """For whom a link is that was made after `since` and not used; None when there is no such link."""
    who: str | None = tx.execute(
        select(links.c.who).where(*_good(digest, purpose=purpose, since=since))
    ).scalar()
    return who


def use_link(tx: Connection, digest: str, *, purpose: Purpose, since: datetime, now: datetime) -> str | None:
    """Use a link up, and say for whom it was; None when it is not good, or another used it first."""
    statement = update(links).where(*_good(digest, purpose=purpose, since=since)).values(used_at=now)
    who: str | None = tx.execute(statement.returning(links.c.who)).scalar()
    return who


def end_links(
    tx: Connection, *, now: datetime, who: str | None = None, purpose: Purpose | None = None
) -> None:
    """Let nobody in by the links made so far: those of one name, for one purpose, or all."""
    statement = update(links).where(links.c.used_at.is_(None)).values(used_at=now)
    if who is not None:
        statement = statement.where(links.c.who == who)
    if purpose is not None:
        statement = statement.where(links.c.purpose == purpose.value)
    tx.execute(statement)


def _good(digest: str, *, purpose: Purpose, since: datetime) -> Sequence[Any]:
    return (
        links.c.digest == digest,
        links.c.purpose == purpose.value,
        links.c.made_at > since,
        links.c.used_at.is_(None),
    )


# -- sessions --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A session that was not ended, and whose it is."""

    who: str
    began_at: datetime
    seen_at: datetime
    #: None: there is no user of that name.
    role: Role | None
    has_users: bool


#: Built once: it is asked with each request.
_ANY_USER = exists().where(users.c.removed_at.is_(None))


def begin_session(tx: Connection, digest: str, *, who: str, now: datetime) -> None:
    tx.execute(insert(sessions).values(digest=digest, who=who, began_at=now, seen_at=now))


def read_session(tx: Connection, digest: str) -> SignedIn | None:
    """The session of that digest; None when there is none, or it was ended."""
    its_user = users.c.name == sessions.c.who
    statement = (
        select(sessions, users.c.role, _ANY_USER.label("has_users"))
        .outerjoin(users, its_user & users.c.removed_at.is_(None))
        .where(sessions.c.digest == digest, sessions.c.ended_at.is_(None))
    )
    row = tx.execute(statement).first()
    if row is None:
        return None
    return SignedIn(
        who=row.who,
        began_at=row.began_at,
        seen_at=row.seen_at,
        role=None if row.role is None else Role(row.role),
        has_users=bool(row.has_users),
    )


def see_session(tx: Connection, digest: str, *, now: datetime) -> None:
    """Note that somebody used it just now."""
    tx.execute(update(sessions).where(sessions.c.digest == digest).values(seen_at=now))


def end_session(tx: Connection, digest: str, *, now: datetime) -> None:
    tx.execute(
        update(sessions)
        .where(sessions.c.digest == digest, sessions.c.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_sessions(tx: Connection, *, now: datetime, who: str | None = None, but: str | None = None) -> None:
    """Sign out everywhere: one name, or everybody; `but` names the one session that goes on."""
    statement = update(sessions).where(sessions.c.ended_at.is_(None)).values(ended_at=now)
    if who is not None:
        statement = statement.where(sessions.c.who == who)
    if but is not None:
        statement = statement.where(sessions.c.digest != but)
    tx.execute(statement)


def last_seen(tx: Connection) -> dict[str, datetime]:
    """When each name was last seen in the console."""
    rows = tx.execute(select(sessions.c.who, func.max(sessions.c.seen_at)).group_by(sessions.c.who))
    return {row[0]: row[1] for row in rows}


def forget_before(tx: Connection, *, tries_at: datetime, sessions_at: datetime, links_at: datetime) -> None:
    """Drop tries, sessions and links that nothing depends on any more."""
    tx.execute(delete(tries).where(tries.c.at < tries_at))
    tx.execute(delete(sessions).where(sessions.c.began_at < sessions_at))
    tx.execute(delete(links).where(links.c.made_at < links_at))


# -- tries -----------------------------------------------------------------------------------------


def add_try(tx: Connection, *, who: str, address: str, now: datetime) -> int:
    """Note a try before it is known whether it is right; returns its number."""
    statement = insert(tries).values(who=who, address=address, at=now).returning(tries.c.id)
    number: int = tx.execute(statement).scalar_one()
    return number


def forgive_try(tx: Connection, number: int) -> None:
    """It was right."""
    tx.execute(delete(tries).where(tries.c.id == number))


def forgive_tries(tx: Connection, *, who: str) -> None:
    """Open the door again for one name."""
    tx.execute(delete(tries).where(tries.c.who == who))


def count_tries(tx: Connection, *, who: str, address: str, since: datetime) -> tuple[int, int]:
    """Tries for that name, and from that address, after a moment."""
    by_name = select(func.count()).where(tries.c.who == who, tries.c.at > since).scalar_subquery()
    by_address = select(func.count()).where(tries.c.address == address, tries.c.at > since).scalar_subquery()
    row = tx.execute(select(by_name, by_address)).one()
    return int(row[0]), int(row[1])
