"""Speak to Bluesky for one account: its server (PDS) over XRPC, with an app password."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import requests

from bot.core.clock import Clock
from bot.core.errors import (
    ConfigError,
    NotNowError,
    NotSentError,
    Problem,
    PublishError,
    RejectedError,
    UnconfirmedError,
)
from bot.core.post import Receipt, State
from bot.publishing.bluesky_answers import (
    HANDLE,
    KEY,
    is_absent,
    not_now,
    profile_of,
    receipt,
    receipt_from,
    refusal,
    remote_id_of,
    text_of,
    token_is_over,
    what_it_said,
)
from bot.publishing.bluesky_record import COLLECTION, Record, is_same, put_body, record_key, record_of
from bot.publishing.bluesky_session import MayLeave, Session, SessionFile, Sessions, SignIn
from bot.publishing.protocol import AccountSettings, Build, Publisher, PublishRequest, Recovery
from bot.publishing.secrecy import Scrubber, silence
from bot.publishing.transport import Answer, Timeouts, Transport

SECRET_NAMES = ("APP_PASSWORD",)

#: Log what they send, or might; the library's own HTTP client is never used.
_TALKATIVE = ("atproto", "atproto_client", "httpx", "httpcore", "urllib3", "requests")


class BlueskyPublisher:
    """Posts, looks back, and withdraws for one account on Bluesky. One call under way at a time."""

    #: The account's own server says for certain whether it has a record, and takes the same one twice for
    #: one: what is absent leaves again under its own key, without a person.
    recovery = Recovery(
        settle=timedelta(seconds=180),
        absent_reads=1,
        apart=timedelta(seconds=60),
        absent_means=State.READY,
    )

    def __init__(self, settings: AccountSettings, *, clock: Clock, timeouts: Timeouts | None = None) -> None:
        assert settings.handle is not None
        assert settings.keep is not None
        self._settings = settings
        self._handle = settings.handle
        self._clock = clock
        self._pds = _Pds(settings, clock=clock, timeouts=timeouts or Timeouts())
        self._sessions = Sessions(
            SessionFile(settings.keep, settings.account),
            service=settings.api_url.rstrip("/"),
            handle=settings.handle,
            password=settings.secrets["APP_PASSWORD"],
            ask=self._pds.ask_service,
            learn=self._pds.learn,
            clock=clock,
        )

    @property
    def clock_skew(self) -> timedelta | None:
        """How far the server's clock was ahead of ours at its last answer (to about a second)."""
        return self._pds.clock_skew

    @clock_skew.setter
    def clock_skew(self, skew: timedelta | None) -> None:
        self._pds.clock_skew = skew

    def __repr__(self) -> str:
        return f"BlueskyPublisher(account={self._settings.account!r}, api_url={self._settings.api_url!r})"

    def publish(self, request: PublishRequest) -> Receipt:
        """Make the record under its own key, where none stands: a repeat is no second post.

        The put leaves once; only where the server says that it looked at the token alone is the session
        renewed, and the put made once more. Bluesky has no words for a content warning: a label stands for
        them.
        """
        key, moment = _place_of(request)
        session = self._sessions.current(request.may_leave)
        record = record_of(request, moment=moment, reply=self._reply(session, request))
        answer = self._put(session, key, record, request.may_leave)
        if token_is_over(answer):
            session = self._sessions.renewed(session, request.may_leave)
            answer = self._put(session, key, record, request.may_leave)
        return receipt_from(answer, key=key, handle=self._handle, now=self._clock.now())

    def find(self, request: PublishRequest, *, since: datetime) -> Receipt | None:  # noqa: ARG002
        """Ask the account's own server for the record under the post's key, and compare it.

        None: the server says that it has none. Raises UnconfirmedError for every other answer, and where
        another record has the key.
        """
        try:
            key, moment = _place_of(request)
            record = record_of(request, moment=moment)
            answer = self._get(self._sessions.known(), key)
            if answer.status == 429:
                raise not_now(answer, now=self._clock.now())
        except NotNowError:
            raise
        except PublishError as error:
            raise UnconfirmedError(f"Bluesky could not be looked at: {error}") from None
        if is_absent(answer):
            return None
        body = answer.json()
        if answer.status != 200 or not isinstance(body, dict) or "value" not in body:
            raise UnconfirmedError(f"Bluesky could not be looked at: {what_it_said(answer)}")
        found = receipt(key, handle=self._handle)
        if key in request.known or not is_same(body["value"], record):
            raise UnconfirmedError(f"Bluesky has another post under this one's key: {found.url}")
        return found

    def withdraw(self, remote_id: str) -> None:
        """Delete a post. Raises PublishError unless Bluesky says that it is deleted."""
        if not KEY.fullmatch(remote_id):
            raise RejectedError(f"{remote_id!r} is no post of Bluesky: a key has 13 letters and digits")
        body = {"collection": COLLECTION, "rkey": remote_id}
        answer = self._signed("POST", "com.atproto.repo.deleteRecord", body=body)
        if answer.status != 200:
            raise refusal(answer, now=self._clock.now())

    def check(self) -> str:
        """Ask Bluesky whose session this is; returns `@handle`."""
        answer = self._signed("GET", "com.atproto.server.getSession")
        if answer.status != 200:
            raise refusal(answer, now=self._clock.now())
        handle = text_of(answer, "handle")
        if handle is None or not HANDLE.fullmatch(handle):
            raise UnconfirmedError("Bluesky's answer about the account holds no handle")
        return f"@{handle}"

    def _put(self, session: Session, key: str, record: Record, may_leave: MayLeave) -> Answer:
        return self._pds.call(
            "POST",
            "com.atproto.repo.putRecord",
            session,
            body=put_body(did=session.did, key=key, record=record),
            may_leave=may_leave,
        )

    def _get(self, session: Session, key: str, *, may_leave: MayLeave = lambda: True) -> Answer:
        # Without a token: records are public, and a look must not hang on a session.
        where = {"repo": session.did, "collection": COLLECTION, "rkey": key}
        return self._pds.call(
            "GET", "com.atproto.repo.getRecord", session, query=where, signed=False, may_leave=may_leave
        )

    def _signed(self, method: str, name: str, *, body: Mapping[str, str] | None = None) -> Answer:
        """One call with the account's token; twice where the first token was over."""
        session = self._sessions.current(lambda: True)
        answer = self._pds.call(method, name, session, body=_of(session, body))
        if token_is_over(answer):
            session = self._sessions.renewed(session, lambda: True)
            answer = self._pds.call(method, name, session, body=_of(session, body))
        return answer

    def _reply(self, session: Session, request: PublishRequest) -> Record | None:
        """What a part is in reply to: the part before it, and the first one, as Bluesky names them.

        Raises RejectedError when that part is gone, NotSentError when it cannot be read.
        """
        if request.reply_to is None:
            return None
        try:
            answer = self._get(session, request.reply_to, may_leave=request.may_leave)
        except UnconfirmedError as error:
            why = str(error).removesuffix("; the outcome is not known")
            raise NotSentError(
                f"the part before this one could not be read: {why}; nothing was sent"
            ) from None
        if answer.status == 429:
            raise not_now(answer, now=self._clock.now())
        if is_absent(answer):
            raise RejectedError(
                "the part before this one is not on Bluesky any more: a reply would hang in the air"
            )
        parent = {name: text_of(answer, name) for name in ("uri", "cid")}
        if answer.status != 200 or None in parent.values():
            raise NotSentError(
                f"the part before this one could not be read: {what_it_said(answer)}; nothing was sent"
            )
        return {"root": _root_of(answer) or parent, "parent": parent}


class _Pds:
    """The account's server, through our own transport; and what it must never be heard to say."""

    def __init__(self, settings: AccountSettings, *, clock: Clock, timeouts: Timeouts) -> None:
        self._service = settings.api_url.rstrip("/")
        self._password = settings.secrets["APP_PASSWORD"]
        self._clock = clock
        self._scrub = Scrubber([self._password])
        self._tokens: tuple[str, ...] = ()
        self._transport = Transport("Bluesky", clock=clock, timeouts=timeouts, scrub=self._scrubbed)
        self.clock_skew: timedelta | None = None

    def learn(self, session: Session) -> None:
        """Take the session's tokens, and those before it, for secrets from now on."""
        tokens = (session.access, session.refresh)
        if tokens == self._tokens[:2]:
            return
        # The last three sessions, or a process that lives for years would remember thousands.
        self._tokens = (*tokens, *self._tokens)[:6]
        self._scrub = Scrubber([self._password, *self._tokens])
        silence(_TALKATIVE, tokens)

    # Tokens stand in no variable of these: an error's traceback may show what does.

    def ask_service(self, call: SignIn, may_leave: MayLeave) -> Answer:
        """Call the server that signs in."""
        name = f"com.atproto.server.{call.method}"
        return self._send(_prepared("POST", self._service, name, token=call.token, body=call.body), may_leave)

    def call(
        self,
        method: str,
        name: str,
        session: Session,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        signed: bool = True,
        may_leave: MayLeave = lambda: True,
    ) -> Answer:
        """Call the account's own server once, and return its answer."""
        request = _prepared(
            method, session.pds, name, token=session.access if signed else None, query=query, body=body
        )
        return self._send(request, may_leave)

    def _send(self, request: requests.PreparedRequest, may_leave: MayLeave) -> Answer:
        answer = self._transport.exchange(request, may_leave=may_leave)
        if (date := answer.date()) is not None:
            self.clock_skew = date - self._clock.now()
        return answer

    def _scrubbed(self, text: str) -> str:
        return self._scrub(text)


class _BuildBluesky:
    secret_names: tuple[str, ...] = SECRET_NAMES

    def __call__(self, settings: AccountSettings, *, clock: Clock) -> Publisher:
        """Raise ConfigError, naming each, when the secret, the handle or the address is missing or none."""
        problems = [
            Problem(where=f"account {settings.account!r}", what=what, remedy=remedy)
            for what, remedy in _problems_of(settings)
        ]
        if problems:
            raise ConfigError(problems)
        silence(_TALKATIVE, settings.secrets.values())
        return BlueskyPublisher(settings, clock=clock)

    def remote_id_of(self, url: str) -> str | None:
        return remote_id_of(url)

    def profile_of(self, url: str) -> str | None:
        return profile_of(url)


build: Build = _BuildBluesky()


def _problems_of(settings: AccountSettings) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(r"[!-~]+", settings.secrets.get("APP_PASSWORD", "")):
        yield (
            "the secret APP_PASSWORD is missing or not plain ASCII",
            "make one at bsky.app: Settings, Privacy and security, App passwords",
        )
    if not HANDLE.fullmatch(settings.handle or ""):
        yield f"{settings.handle!r} is no handle of Bluesky", "write e.g. handle: campaign.example.org"
    if settings.keep is None:
        yield "there is no folder to keep its session in", "set BOT_DATA_DIR"
    url = urlsplit(settings.api_url)
    here = url.hostname in {"127.0.0.1", "::1", "localhost"}
    if url.scheme not in {"http", "https"} or not url.hostname or url.username or url.query or url.fragment:
        yield f"{settings.api_url!r} is no address of Bluesky", "write e.g. https://bsky.social"
    elif url.scheme == "http" and not here:
        yield f"{settings.api_url!r} is not encrypted", "http is for this machine only: write https"


def _place_of(request: PublishRequest) -> tuple[str, datetime]:
    """The key under which a part stands, and the moment of its post."""
    if request.moment is None:
        raise RejectedError("this post has no moment, and Bluesky's key is made from it: move it to one")
    try:
        return record_key(
            moment=request.moment, post=request.post, part=request.part
        ), request.moment.astimezone(UTC)
    except ValueError as error:
        raise RejectedError(str(error)) from None


def _prepared(
    method: str,
    base: str,
    name: str,
    *,
    token: str | None = None,
    query: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> requests.PreparedRequest:
    headers = {"User-Agent": "campaign-bot", "Accept-Encoding": "identity", "Connection": "close"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    request = requests.Request(method, f"{base}/xrpc/{name}", params=query, data=body, headers=headers)
    return request.prepare()


def _of(session: Session, body: Mapping[str, str] | None) -> bytes | None:
    return None if body is None else json.dumps({"repo": session.did, **body}).encode()


def _root_of(answer: Answer) -> Record | None:
    """The first part of the thread; None when the part before this one is the first."""
    body = answer.json()
    value = body.get("value") if isinstance(body, dict) else None
    reply = value.get("reply") if isinstance(value, dict) else None
    root = reply.get("root") if isinstance(reply, dict) else None
    return root if isinstance(root, dict) else None
