"""Who comes into the console: sign-in, one-time links, sessions. Each step is a short transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from bot.core.clock import Clock
from bot.core.errors import StoreError
from bot.core.people import Person, Role, folded_name
from bot.people.codes import address_of, in_groups, secret_of, step_of
from bot.people.passwords import PasswordProblem, Passwords, password_problem
from bot.people.tokens import derive, digest_of, mark_of, new_token, origin_of
from bot.pipeline.moves import BOT, deciding
from bot.store import people, send_log
from bot.store.database import Database, Tx
from bot.store.people import Purpose, SignedIn, User

log = logging.getLogger(__name__)

#: A link that was printed on a terminal is opened at once, or not at all.
ENTER_WITHIN = timedelta(minutes=15)
#: A link to choose a password travels to somebody who may sleep.
CHOOSE_WITHIN = timedelta(hours=24)
#: From the password to the code; long enough to set up an app.
CODE_WITHIN = timedelta(minutes=10)

#: With users a console stands open on more than one desk.
IDLE = timedelta(minutes=30)
#: A single person sits at the machine itself; a link each half hour would only teach to leave links around.
IDLE_ALONE = timedelta(hours=12)
#: A working day: then everybody signs in again, however busy.
LONGEST = timedelta(hours=12)
#: A page view need not wait for the disk each time. Nobody stays in longer for it: only shorter.
SEEN_EVERY = timedelta(minutes=1)

#: Wrong passwords and codes, for one name or from one address …
MOST_TRIES = 10
#: … within so long: then the door stays closed until fewer lie in that time.
TRIES_WITHIN = timedelta(minutes=15)

_TRIES_KEPT = timedelta(days=1)
_LINKS_KEPT = timedelta(days=7)
#: `users list` says when somebody was last there.
_SESSIONS_KEPT = timedelta(days=90)
#: Without anybody who signs in, old tries are dropped with every so manyth new one.
_TIDY_EVERY = 100


class Step(Enum):
    """Where somebody stands who wants to come in."""

    IN = "signed in"
    CODE = "the password was right, the code is asked"
    WRONG = "name, password or code was wrong"
    CLOSED = "too many tries: the door is closed for a while"
    OVER = "it took too long between the password and the code"


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """What a step came to. `token` is of the session when IN, of the second step when CODE."""

    step: Step
    token: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class CodeAsked:
    """Somebody whose password was right."""

    name: str
    #: What the app needs: None once it was set up.
    secret: str | None = field(repr=False)
    #: The same as an `otpauth://` address, for a picture.
    address: str | None = field(repr=False)


class People:
    """Lets people into the console, knows who is in, and lets them out."""

    def __init__(self, db: Database, clock: Clock, *, key: Callable[[], bytes], passwords: Passwords) -> None:
        self._db = db
        self._clock = clock
        self._key = key
        self._passwords = passwords

    def has_users(self) -> bool:
        """Whether people sign in; else there is one person, who comes in by a one-time link."""
        with self._db.read() as tx:
            return people.has_users(tx)

    def cookie_key(self) -> bytes:
        """What signs the console's cookies."""
        return derive(self._key(), "cookies")

    # -- the single person -------------------------------------------------------------------------

    def one_time_link(self, address: str, *, who: str) -> str:
        """A link below the console's `address` that lets the single person in, once, for 15 minutes."""
        token = new_token()
        now = self._clock.now()
        with self._db.write() as tx:
            self._tidy(tx, now)
            people.add_link(tx, digest_of(token), who=who, purpose=Purpose.ENTER, now=now)
        return f"{address.rstrip('/')}/enter/{token}"

    def enter(self, token: str) -> str | None:
        """Use a one-time link: the token of a new session; None when the link is not good (any more)."""
        now = self._clock.now()
        # Nobody adds the first user meanwhile.
        with deciding(self._db) as tx:
            if people.has_users(tx):
                return None
            since = now - ENTER_WITHIN
            who = people.use_link(tx, digest_of(token), purpose=Purpose.ENTER, since=since, now=now)
            return None if who is None else _begin(tx, who, now=now)

    # -- sessions ----------------------------------------------------------------------------------

    def person_of(self, token: str, *, acts: bool = True) -> Person | None:
        """Whose session that is; None when it is over. Without `acts` it is not prolonged."""
        now = self._clock.now()
        digest = digest_of(token)
        with self._db.read() as tx:
            found = people.read_session(tx, digest)
        if found is None:
            return None
        role = _role_of(found)
        idle = IDLE if found.has_users else IDLE_ALONE
        if role is None or now - found.seen_at >= idle or now - found.began_at >= LONGEST:
            return None
        if acts and now - found.seen_at >= SEEN_EVERY:
            self._see(digest, now)
        return Person(name=found.who, role=role)

    def _see(self, digest: str, now: datetime) -> None:
        try:
            with self._db.write() as tx:
                people.see_session(tx, digest, now=now)
        except StoreError as error:
            # Whoever looks what is wrong with the disk must not be kept out by it.
            log.warning("it cannot be noted that somebody is here: %s", error)

    def sign_out(self, token: str) -> None:
        """End the session."""
        with self._db.write() as tx:
            people.end_session(tx, digest_of(token), now=self._clock.now())

    # -- users sign in -----------------------------------------------------------------------------

    def sign_in(self, name: str, password: str, *, address: str | None) -> SignIn:
        """Try a name with a password. The answer, and its time, do not tell whether there is such a user."""
        with self._db.read() as tx:
            user = _named(tx, name)
        number, counted = self._knock(name if user is None else user.name, address)
        if number is None:
            return SignIn(step=Step.CLOSED)
        kept = None if user is None else user.password_hash
        # Asked in every case: whoever measures the time learns nothing.
        is_right = self._passwords.is_right(kept, password)
        if user is None or kept is None or not is_right:
            return self._refuse(user, address, counted)
        fresh = self._passwords.keep(password) if self._passwords.is_outdated(kept) else None
        now = self._clock.now()
        with self._db.write() as tx:
            if people.read_user(tx, user.name) != user:
                # Removed, reset, or given another role in this very moment.
                return SignIn(step=Step.WRONG)
            if fresh is not None:
                people.set_password(tx, user.name, fresh)
            people.forgive_try(tx, number)
            self._tidy(tx, now)
            if not user.role.needs_codes:
                return SignIn(step=Step.IN, token=_begin(tx, user.name, now=now))
            token = new_token()
            people.add_link(tx, digest_of(token), who=user.name, purpose=Purpose.CODE, now=now)
            return SignIn(step=Step.CODE, token=token)

    def code_asked(self, token: str) -> CodeAsked | None:
        """Of whom a code is asked; None when the password lies too far back."""
        with self._db.read() as tx:
            user = self._waiting(tx, token)
        if user is None:
            return None
        if user.totp_since is not None:
            return CodeAsked(name=user.name, secret=None, address=None)
        secret = self._secret_of(user)
        return CodeAsked(name=user.name, secret=in_groups(secret), address=address_of(secret, name=user.name))

    def confirm(self, token: str, code: str, *, address: str | None) -> SignIn:
        """Try a code after the password. A code is taken once."""
        with self._db.read() as tx:
            user = self._waiting(tx, token)
        if user is None:
            return SignIn(step=Step.OVER)
        number, counted = self._knock(user.name, address)
        if number is None:
            return SignIn(step=Step.CLOSED)
        now = self._clock.now()
        step = step_of(self._secret_of(user), code, at=now)
        if step is None:
            return self._refuse(user, address, counted)
        with self._db.write() as tx:
            # Looked at again: a reset meanwhile ended it, and gave other codes.
            if self._waiting(tx, token) != user:
                return SignIn(step=Step.OVER)
            if people.take_step(tx, user.name, step, now=now):
                since = now - CODE_WITHIN
                if not people.use_link(tx, digest_of(token), purpose=Purpose.CODE, since=since, now=now):
                    return SignIn(step=Step.OVER)
                people.forgive_try(tx, number)
                return SignIn(step=Step.IN, token=_begin(tx, user.name, now=now))
        return self._refuse(user, address, counted)

    def _waiting(self, tx: Tx, token: str) -> User | None:
        since = self._clock.now() - CODE_WITHIN
        who = people.read_link(tx, digest_of(token), purpose=Purpose.CODE, since=since)
        return None if who is None else people.read_user(tx, who)

    def _secret_of(self, user: User) -> str:
        return secret_of(self._key(), user.totp_nonce or "")

    # -- passwords ---------------------------------------------------------------------------------

    def chooser(self, token: str) -> str | None:
        """Who may choose a password by that link; None when it is not good (any more)."""
        since = self._clock.now() - CHOOSE_WITHIN
        with self._db.read() as tx:
            return people.read_link(tx, digest_of(token), purpose=Purpose.PASSWORD, since=since)

    def choose_password(self, token: str, password: str) -> PasswordProblem | None:
        """Use a link to choose a password; the problem when it is not taken, and the link stays good.

        A link that is not good (any more) changes nothing: ask `chooser` first.
        """
        name = self.chooser(token)
        if name is None:
            return None
        problem = password_problem(password, name=name)
        if problem is not None:
            return problem
        kept = self._passwords.keep(password)
        now = self._clock.now()
        with self._db.write() as tx:
            since = now - CHOOSE_WITHIN
            if people.use_link(tx, digest_of(token), purpose=Purpose.PASSWORD, since=since, now=now) == name:
                _set_password(tx, name, kept, now=now)
        return None

    def change_password(
        self, name: str, *, old: str, new: str, address: str | None
    ) -> PasswordProblem | Step:
        """Give somebody who is signed in another password; signs them out everywhere."""
        problem = password_problem(new, name=name)
        if problem is not None:
            return problem
        number, counted = self._knock(name, address)
        if number is None:
            return Step.CLOSED
        with self._db.read() as tx:
            user = people.read_user(tx, name)
        if user is None or not self._passwords.is_right(user.password_hash, old):
            return self._refuse(user, address, counted).step
        kept = self._passwords.keep(new)
        with self._db.write() as tx:
            if people.read_user(tx, name) != user:
                return Step.WRONG
            people.forgive_try(tx, number)
            _set_password(tx, name, kept, now=self._clock.now())
        return Step.IN

    # -- too many tries ----------------------------------------------------------------------------

    def _knock(self, name: str, address: str | None) -> tuple[int | None, tuple[int, int]]:
        """Note a try before it is judged: its number, and how many there are now, for name and address.

        The number is None when the door is closed. It is written down and committed before it is
        counted: of any number that come at once, no more than the allowed ones get through.
        """
        now = self._clock.now()
        who, where, since = self._mark(name), origin_of(address), now - TRIES_WITHIN
        with self._db.read() as tx:
            if max(people.count_tries(tx, who=who, address=where, since=since)) >= MOST_TRIES:
                return None, (0, 0)
        with self._db.write() as tx:
            number = people.add_try(tx, who=who, address=where, now=now)
            if number % _TIDY_EVERY == 0:
                self._tidy(tx, now)
        with self._db.read() as tx:
            counted = people.count_tries(tx, who=who, address=where, since=since)
        if max(counted) > MOST_TRIES:
            with self._db.write() as tx:
                people.forgive_try(tx, number)
            return None, (0, 0)
        return number, counted

    def _refuse(self, user: User | None, address: str | None, counted: tuple[int, int]) -> SignIn:
        """The try stays written down; the one that closes the door is told in the send log."""
        by_name, by_address = counted
        closed = []
        # A name that nobody has may be a password, typed into the wrong field: it is told nowhere.
        if by_name == MOST_TRIES and user is not None:
            closed.append(f"user {user.name}")
        if by_address == MOST_TRIES:
            closed.append(f"address {origin_of(address)}")
        if closed:
            now = self._clock.now()
            until = (now + TRIES_WITHIN).isoformat(timespec="seconds")
            with deciding(self._db) as tx:
                for what in closed:
                    body = {"covers": what, "until": until, "who": BOT}
                    send_log.append(tx, at=now, event="door-closed", body=body)
            log.warning("too many tries to sign in: closed for %s", ", ".join(closed))
        return SignIn(step=Step.WRONG)

    def _mark(self, name: str) -> str:
        return mark_of(self._key(), folded_name(name))

    def open_door(self, tx: Tx, name: str) -> None:
        """Forget the tries for that name, within the transaction of whoever has the right to."""
        people.forgive_tries(tx, who=self._mark(name))

    def _tidy(self, tx: Tx, now: datetime) -> None:
        people.forget_before(
            tx, tries_at=now - _TRIES_KEPT, sessions_at=now - _SESSIONS_KEPT, links_at=now - _LINKS_KEPT
        )


def _begin(tx: Tx, who: str, *, now: datetime) -> str:
    token = new_token()
    people.begin_session(tx, digest_of(token), who=who, now=now)
    return token


def _set_password(tx: Tx, name: str, kept: str, *, now: datetime) -> None:
    people.set_password(tx, name, kept)
    people.end_sessions(tx, who=name, now=now)
    people.end_links(tx, who=name, now=now)


def _role_of(found: SignedIn) -> Role | None:
    if not found.has_users:
        return Role.ADMIN
    return found.role


def _named(tx: Tx, typed: str) -> User | None:
    """The user whose name was typed, in whatever capitals; the same work whether there is one."""
    wanted = folded_name(typed)
    return next((user for user in people.read_users(tx) if folded_name(user.name) == wanted), None)
