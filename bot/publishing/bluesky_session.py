"""An account's session on Bluesky: kept in a file of its own, renewed under a lock, saved before it is used.

Signing in is limited to 30 times in 5 minutes and 300 a day, so a session outlives its process.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from bot.core.clock import Clock
from bot.core.errors import NotSentError, PublishError, UnconfirmedError
from bot.publishing.bluesky_answers import DID, account_refusal, error_name, not_now, what_it_said
from bot.publishing.protocol import MayLeave
from bot.publishing.transport import Answer

#: A token that ends sooner is renewed before it is used. A PDS gives two hours (PDS 0.5.35).
_ENDS_SOON = timedelta(minutes=5)
#: Bytes. A session has two tokens of a few hundred characters.
_MAX_FILE = 64 * 1024
_PLAIN = re.compile("[!-~]+")
#: On these the server says that a session is over, not that something is wrong with the server.
_OVER = (400, 401)


@dataclass(frozen=True, kw_only=True)
class Session:
    """What a server gave an account for its handle and app password."""

    #: The server that gave it and the handle it was given for: another one's session is of no use.
    service: str
    handle: str
    did: str
    #: The account's own server, where its posts are; bsky.social only signs in.
    pds: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)

    def ends_at(self) -> datetime | None:
        """When its access token ends; None where that cannot be read, and the server must say."""
        try:
            payload = self.access.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            return datetime.fromtimestamp(claims["exp"], UTC)
        except (IndexError, KeyError, TypeError, ValueError, OverflowError, OSError, binascii.Error):
            return None


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """One call of the server that signs in. `repr` shows no secret: an error's traceback may show it."""

    #: `createSession` or `refreshSession`, of `com.atproto.server`.
    method: str
    token: str | None = field(default=None, repr=False)
    body: bytes | None = field(default=None, repr=False)


Asks = Callable[[SignIn, MayLeave], Answer]


class Sessions:
    """The session of one account, whichever process made it."""

    def __init__(
        self,
        file: SessionFile,
        *,
        service: str,
        handle: str,
        password: str,
        ask: Asks,
        learn: Callable[[Session], None],
        clock: Clock,
    ) -> None:
        """`learn` is told each session before anything else is done with it: its tokens are secrets."""
        self._file = file
        self._service = service
        self._handle = handle
        self._password = password
        self._ask = ask
        self._learn = learn
        self._clock = clock

    # None of these sends a post, so whatever goes wrong in them: the post was certainly not sent.

    def known(self) -> Session:
        """A session, perhaps one that is over: for calls that need no token. Raises as `current` does."""
        return self._stored() or self.current(lambda: True)

    def current(self, may_leave: MayLeave) -> Session:
        """A session that holds for minutes.

        Raises AccountError when the server does not take handle and app password, NotNowError when it asks
        to wait, NotSentError for everything else.
        """
        stored = self._stored()
        return (
            stored if stored is not None and not self._ends_soon(stored) else self._renew(stored, may_leave)
        )

    def renewed(self, over: Session, may_leave: MayLeave) -> Session:
        """Another session than `over`, which the server does not take any more. Raises as `current` does."""
        return self._renew(over, may_leave)

    def _renew(self, over: Session | None, may_leave: MayLeave) -> Session:
        with self._file.locked():
            stored = self._stored()
            if stored is not None and stored != over and not self._ends_soon(stored):
                # Another process was quicker.
                return stored
            session = None if stored is None else self._refreshed(stored, may_leave)
            session = session or self._signed_in(may_leave)
            self._learn(session)
            # Saved before it is used: the one before it ends with this one's first use.
            self._file.write(session)
            return session

    def _refreshed(self, stored: Session, may_leave: MayLeave) -> Session | None:
        """None when the server says that the session is over for good."""
        answer = self._asked(SignIn(method="refreshSession", token=stored.refresh), may_leave)
        if answer.status in _OVER and error_name(answer):
            return None
        return self._session_from(answer, "renew the session", pds=stored.pds)

    def _signed_in(self, may_leave: MayLeave) -> Session:
        answer = self._asked(self._first_call(), may_leave)
        if answer.status in (400, 401, 403) and error_name(answer):
            raise account_refusal(answer)
        return self._session_from(answer, "sign in", pds=self._service)

    def _first_call(self) -> SignIn:
        body = {"identifier": self._handle, "password": self._password}
        return SignIn(method="createSession", body=json.dumps(body).encode())

    def _asked(self, call: SignIn, may_leave: MayLeave) -> Answer:
        try:
            return self._ask(call, may_leave)
        except UnconfirmedError as error:
            why = str(error).removesuffix("; the outcome is not known")
        raise NotSentError(f"the session could not be renewed: {why}; the post was not sent")

    def _session_from(self, answer: Answer, what: str, *, pds: str) -> Session:
        if answer.status == 429:
            raise not_now(answer, now=self._clock.now())
        if answer.status != 200:
            raise _not_sent(what, what_it_said(answer))
        session = self._read(answer, pds=pds)
        if session is None:
            raise _not_sent(what, f"its answer cannot be read: {answer.broken or 'it holds no session'}")
        return session

    def _read(self, answer: Answer, *, pds: str) -> Session | None:
        # Nothing is raised here, where the tokens stand in plain variables. And the body is read as it is:
        # `Answer.json` takes out what it knows as secrets, and a token may be among it.
        try:
            body = json.loads(answer.body) if answer.broken is None else None
        except (ValueError, RecursionError):
            return None
        if not isinstance(body, dict):
            return None
        session = Session(
            service=self._service,
            handle=self._handle,
            did=str(body.get("did")),
            pds=_pds_of(body.get("didDoc"), like=self._service) or pds,
            access=str(body.get("accessJwt", "")),
            refresh=str(body.get("refreshJwt", "")),
        )
        return session if _is_whole(session) else None

    def _stored(self) -> Session | None:
        session = self._file.read()
        if session is None or (session.service, session.handle) != (self._service, self._handle):
            return None
        self._learn(session)
        return session

    def _ends_soon(self, session: Session) -> bool:
        ends_at = session.ends_at()
        return ends_at is not None and ends_at - self._clock.now() < _ENDS_SOON


class SessionFile:
    """A session on disk, for its owner's eyes only. Nothing else of the bot holds it."""

    def __init__(self, folder: Path, account: str) -> None:
        self._folder = folder
        self._path = folder / f"bluesky-{account}.json"

    def read(self) -> Session | None:
        """None where there is none, or none that can be read: signing in gives another one."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            return None
        try:
            if os.fstat(descriptor).st_mode & 0o077:
                # Somebody copied it, or opened it to others.
                os.fchmod(descriptor, 0o600)
            fields = json.loads(os.read(descriptor, _MAX_FILE))
            session = Session(**fields)
            return session if _is_whole(session) else None
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            return None
        finally:
            os.close(descriptor)

    def write(self, session: Session) -> None:
        """Put the session in the place of the one before it. Raises NotSentError when it cannot."""
        new = self._path.with_suffix(".new")
        with self._named_errors():
            # Made anew: a file that somebody else made keeps its owner and its mode.
            new.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
            with open(os.open(new, flags, 0o600), "wb") as stream:
                stream.write(json.dumps(vars(session)).encode())
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(self._path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep out other processes and threads. Raises NotSentError at once while another one is inside."""
        with self._named_errors():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(
                self._path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600
            )
        try:
            try:
                # Whoever holds it asks the network, and may be frozen: it is not waited for.
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise NotSentError(
                    "another process is renewing the account's session: nothing was sent"
                ) from None
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            why = (error.strerror or type(error).__name__).lower()
            raise NotSentError(
                f"{self._path}: the session cannot be kept ({why}): nothing was sent"
            ) from None


def _pds_of(did_document: object, *, like: str) -> str | None:
    """The account's own server, as its DID document names it; None where it names none that may be asked."""
    services = did_document.get("service") if isinstance(did_document, dict) else None
    for service in services if isinstance(services, list) else ():
        if isinstance(service, dict) and str(service.get("id", "")).endswith("#atproto_pds"):
            address = service.get("serviceEndpoint")
            return address.rstrip("/") if isinstance(address, str) and _may_be_asked(address, like) else None
    return None


def _may_be_asked(address: str, like: str) -> bool:
    """Whether tokens may go there: nowhere unencrypted, but on the machine where the service itself is."""
    try:
        there, here = urlsplit(address), urlsplit(like)
    except ValueError:
        return False
    is_plain = there.path in ("", "/") and not (there.username or there.query or there.fragment)
    local = {"127.0.0.1", "::1", "localhost"}
    return (
        is_plain
        and bool(there.hostname)
        and (there.scheme == "https" or (there.scheme == "http" and {there.hostname, here.hostname} <= local))
    )


def _is_whole(session: Session) -> bool:
    """Whether every field is a text that a header and an address take as it is, and the account is named."""
    plain = all(isinstance(text, str) and _PLAIN.fullmatch(text) for text in vars(session).values())
    return plain and DID.fullmatch(session.did) is not None


def _not_sent(what: str, why: str) -> PublishError:
    return NotSentError(f"Bluesky did not {what}: {why}; the post was not sent")
