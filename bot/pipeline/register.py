"""Who may use the console: users are added, removed, given another role, and let begin anew."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.clock import Clock
from bot.core.errors import NotAllowedError, NotFoundError
from bot.core.people import Role, folded_name, name_problem
from bot.people.tokens import digest_of, new_nonce, new_token
from bot.pipeline.moves import BOT, deciding
from bot.store import people, send_log
from bot.store.database import Database, Tx
from bot.store.people import Purpose, User


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a user stands."""

    name: str
    role: Role
    has_password: bool
    #: Whether the app for the codes was set up. Only approvers and admins need one.
    has_codes: bool
    added_at: datetime
    #: None: never.
    last_seen_at: datetime | None


class Register:
    """Carries out what one person decides about users, and logs it. `who` is that person's name."""

    def __init__(
        self, db: Database, clock: Clock, *, who: str, is_user: bool, open_door: Callable[[Tx, str], None]
    ) -> None:
        """`is_user`: whether `who` asks in the console; whoever is at the machine itself may do all."""
        self._db = db
        self._clock = clock
        self._who = who
        self._is_user = is_user
        self._open_door = open_door

    def users(self) -> Sequence[Standing]:
        """Everybody who may sign in, by name."""
        with self._db.read() as tx:
            seen = people.last_seen(tx)
            found = people.read_users(tx)
        return [
            Standing(
                name=user.name,
                role=user.role,
                has_password=user.password_hash is not None,
                has_codes=user.totp_since is not None,
                added_at=user.added_at,
                last_seen_at=seen.get(user.name),
            )
            for user in found
        ]

    def add(self, name: str, role: Role) -> str:
        """Add a user: the token of the link to choose a password. The first one ends the one-time links."""
        name = " ".join(name.split())
        if problem := name_problem(name):
            raise NotAllowedError(f'"{_visible(name)}" can be no user\'s name: {problem}')
        if folded_name(name) == folded_name(BOT):
            raise NotAllowedError(f'"{_visible(name)}" can be no user\'s name: the bot itself signs so')
        now = self._clock.now()
        with deciding(self._db) as tx:
            self._require_admin(tx)
            known = _same(people.read_names(tx), name)
            if known is not None and people.read_user(tx, known) is not None:
                raise NotAllowedError(f"there is a user {known!r} already; `users role` changes the role")
            if not people.has_users(tx):
                if self._is_user and role is not Role.ADMIN:
                    raise NotAllowedError("the first user must be an admin: nobody else could add others")
                people.end_sessions(tx, now=now)
                people.end_links(tx, now=now)
            # Whoever comes back is written as before: the send log knows one name.
            name = known or name
            people.add_user(tx, name, role=role, nonce=new_nonce(), now=now)
            self._log(tx, "user-added", name, now, role=role.value)
            return _link(tx, name, now=now)

    def remove(self, name: str) -> str:
        """Let a user in no more, from now on; returns the name as it was written."""
        now = self._clock.now()
        with deciding(self._db) as tx:
            self._require_admin(tx)
            user = self._user(tx, name)
            self._forbid_own(user, "removed")
            people.remove_user(tx, user.name, now=now)
            _end(tx, user.name, now=now)
            self._log(tx, "user-removed", user.name, now)
        return user.name

    def set_role(self, name: str, role: Role) -> str:
        """Give a user another role, and sign the user out; returns the name as it was written."""
        now = self._clock.now()
        with deciding(self._db) as tx:
            self._require_admin(tx)
            user = self._user(tx, name)
            if user.role is role:
                raise NotAllowedError(f"{user.name!r} is {role.value} already")
            self._forbid_own(user, "given another role")
            people.set_role(tx, user.name, role)
            # A link to choose a password stays good: it lets nobody in by itself.
            people.end_sessions(tx, who=user.name, now=now)
            people.end_links(tx, who=user.name, purpose=Purpose.CODE, now=now)
            self._log(tx, "user-role", user.name, now, role=role.value, before=user.role.value)
        return user.name

    def reset(self, name: str) -> tuple[str, str]:
        """Forget a user's password and codes: the name as written, and the token of a link to choose anew."""
        now = self._clock.now()
        with deciding(self._db) as tx:
            self._require_admin(tx)
            user = self._user(tx, name)
            people.reset_user(tx, user.name, nonce=new_nonce())
            _end(tx, user.name, now=now)
            self._open_door(tx, user.name)
            self._log(tx, "user-reset", user.name, now)
            return user.name, _link(tx, user.name, now=now)

    def _user(self, tx: Tx, name: str) -> User:
        found = _same([user.name for user in people.read_users(tx)], name)
        user = None if found is None else people.read_user(tx, found)
        if user is None:
            raise NotFoundError(f"there is no user {name!r}; `campaign-bot users list` names them all")
        return user

    def _require_admin(self, tx: Tx) -> None:
        """Of two admins who remove each other at once, the second is none any more: one is left."""
        if not self._is_user or not people.has_users(tx):
            return
        asks = people.read_user(tx, self._who)
        if asks is None or asks.role is not Role.ADMIN:
            raise NotAllowedError(f"{self._who!r} is no admin any more: nothing was done")

    def _forbid_own(self, user: User, what: str) -> None:
        # So there is always an admin left who signs in: the one who asks.
        if self._is_user and user.name == self._who:
            raise NotAllowedError(f"{user.name!r} cannot be {what} by {user.name!r}: let another admin do it")

    def _log(self, tx: Tx, event: str, name: str, now: datetime, **more: str) -> None:
        send_log.append(tx, at=now, event=event, body={"user": name, "who": self._who, **more})


def _same(names: Sequence[str], name: str) -> str | None:
    wanted = folded_name(name)
    return next((one for one in names if folded_name(one) == wanted), None)


def _link(tx: Tx, name: str, *, now: datetime) -> str:
    token = new_token()
    people.add_link(tx, digest_of(token), who=name, purpose=Purpose.PASSWORD, now=now)
    return token


def _end(tx: Tx, name: str, *, now: datetime) -> None:
    people.end_sessions(tx, who=name, now=now)
    people.end_links(tx, who=name, now=now)


def _visible(name: str) -> str:
    """The name with its hidden characters named: `Salim[RIGHT-TO-LEFT MARK]`."""
    return "".join(
        _named(sign) if unicodedata.category(sign)[0] in "CZ" and sign != " " else sign for sign in name
    )


def _named(sign: str) -> str:
    return f"[{unicodedata.name(sign, f'U+{ord(sign):04X}')}]"
