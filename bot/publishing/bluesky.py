"""Speak to Bluesky for one account: its server (PDS) over XRPC, with an app password."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from bot.core.clock import Clock
from bot.core.errors import (
    NotNowError,
    NotSentError,
    PublishError,
    RejectedError,
    UnconfirmedError,
)
from bot.core.post import Receipt, State
from bot.publishing.bluesky_answers import (
    HANDLE,
    KEY,
    is_absent,
    name_from,
    not_now,
    picture_is_gone,
    profile_of,
    receipt,
    receipt_from,
    refusal,
    remote_id_of,
    text_of,
    token_is_over,
    what_it_said,
)
from bot.publishing.bluesky_picture import KEEPS_UPLOADS, check_picture
from bot.publishing.bluesky_record import COLLECTION, Record, is_same, put_body, record_key, record_of
from bot.publishing.bluesky_server import JSON, TALKATIVE, Server
from bot.publishing.bluesky_session import Session, SessionFile, Sessions
from bot.publishing.building import BuildOf, Finding, address_findings, secret_findings
from bot.publishing.protocol import (
    AccountSettings,
    Build,
    MayLeave,
    OutgoingPicture,
    PublishRequest,
    Recovery,
    Uploaded,
    always,
)
from bot.publishing.refusals import not_brought
from bot.publishing.transport import Answer, Timeouts

SECRET_NAMES = ("APP_PASSWORD",)


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
        self._server = Server(settings, clock=clock, timeouts=timeouts or Timeouts())
        self._sessions = Sessions(
            SessionFile(settings.keep, settings.account),
            service=settings.api_url.rstrip("/"),
            handle=settings.handle,
            password=settings.secrets["APP_PASSWORD"],
            ask=self._server.ask_service,
            learn=self._server.learn,
            clock=clock,
        )

    @property
    def clock_skew(self) -> timedelta | None:
        """How far the server's clock was ahead of ours at its last answer (to about a second)."""
        return self._server.clock_skew

    @clock_skew.setter
    def clock_skew(self, skew: timedelta | None) -> None:
        self._server.clock_skew = skew

    def __repr__(self) -> str:
        return f"BlueskyPublisher(account={self._settings.account!r}, api_url={self._settings.api_url!r})"

    def publish(self, request: PublishRequest) -> Receipt:
        """Make the record under its own key, where none stands: a repeat is no second post.

        The put leaves once; only where the server says that it looked at the token alone is the session
        renewed, and where it says that it has the picture no more is that brought anew: then the put is made
        once more. Bluesky has no words for a content warning: a label stands for them.
        """
        key, moment = _place_of(request)
        session = self._sessions.current(request.may_leave)
        record = record_of(request, moment=moment, reply=self._reply(session, request))
        answer = self._put(session, key, record, request.may_leave)
        if token_is_over(answer):
            session = self._sessions.renewed(session, request.may_leave)
            answer = self._put(session, key, record, request.may_leave)
        if picture_is_gone(answer) and request.picture is not None and request.picture.data is not None:
            self._bring(request.picture, request.may_leave)
            # It may have been renewed for that.
            session = self._sessions.current(request.may_leave)
            answer = self._put(session, key, record, request.may_leave)
        return receipt_from(answer, key=key, handle=self._handle, now=self._clock.now())

    def upload(self, picture: OutgoingPicture, *, may_leave: MayLeave = always) -> Uploaded:
        """Bring the picture to the account's own server; its bytes decide its name there."""
        check_picture(picture)
        return Uploaded(name=self._bring(picture, may_leave), keeps=KEEPS_UPLOADS)

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
        answer = self._signed(
            "POST", "com.atproto.repo.deleteRecord", body=lambda session: _of(session, body)
        )
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

    def _bring(self, picture: OutgoingPicture, may_leave: MayLeave) -> str:
        assert picture.data is not None
        try:
            answer = self._signed(
                "POST",
                "com.atproto.repo.uploadBlob",
                body=lambda _: picture.data,
                content_type=picture.file.media_type,
                may_leave=may_leave,
            )
            if not 200 <= answer.status < 300:
                raise refusal(answer, now=self._clock.now())
        except UnconfirmedError as error:
            raise not_brought(error) from None
        return name_from(answer, picture.file)

    def _put(self, session: Session, key: str, record: Record, may_leave: MayLeave) -> Answer:
        return self._server.call(
            "POST",
            "com.atproto.repo.putRecord",
            session,
            body=put_body(did=session.did, key=key, record=record),
            may_leave=may_leave,
        )

    def _get(self, session: Session, key: str, *, may_leave: MayLeave = always) -> Answer:
        # Without a token: records are public, and a look must not hang on a session.
        where = {"repo": session.did, "collection": COLLECTION, "rkey": key}
        return self._server.call(
            "GET", "com.atproto.repo.getRecord", session, query=where, signed=False, may_leave=may_leave
        )

    def _signed(
        self,
        method: str,
        name: str,
        *,
        body: Callable[[Session], bytes | None] = lambda _: None,
        content_type: str = JSON,
        may_leave: MayLeave = always,
    ) -> Answer:
        """One call with the account's token; twice where the first token was over."""

        def call(session: Session) -> Answer:
            return self._server.call(
                method, name, session, body=body(session), content_type=content_type, may_leave=may_leave
            )

        session = self._sessions.current(may_leave)
        answer = call(session)
        return call(self._sessions.renewed(session, may_leave)) if token_is_over(answer) else answer

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


def _findings(settings: AccountSettings) -> Iterator[Finding]:
    remedy = "make one at bsky.app: Settings, Privacy and security, App passwords"
    yield from secret_findings(settings, SECRET_NAMES, remedy=remedy)
    if not HANDLE.fullmatch(settings.handle or ""):
        yield f"{settings.handle!r} is no handle of Bluesky", "write e.g. handle: campaign.example.org"
    if settings.keep is None:
        yield "there is no folder to keep its session in", "set BOT_DATA_DIR"
    yield from address_findings(settings.api_url, of="Bluesky", remedy="write e.g. https://bsky.social")


build: Build = BuildOf(
    make=BlueskyPublisher,
    secret_names=SECRET_NAMES,
    findings=_findings,
    talkative=TALKATIVE,
    remote_id=remote_id_of,
    profile=profile_of,
)


def _place_of(request: PublishRequest) -> tuple[str, datetime]:
    """The key under which a part stands, and the moment of its post."""
    if request.moment is None:
        raise RejectedError("this post has no moment, and Bluesky's key is made from it: move it to one")
    try:
        # Its planned moment: moved, sent again, or read back from an older database, a post keeps its key,
        # and what is public under it is never made a second time.
        planned = request.planned or request.moment
        key = record_key(moment=planned, post=request.post, part=request.part)
        return key, request.moment.astimezone(UTC)
    except ValueError as error:
        raise RejectedError(str(error)) from None


def _of(session: Session, body: Mapping[str, str]) -> bytes:
    return json.dumps({"repo": session.did, **body}).encode()


def _root_of(answer: Answer) -> Record | None:
    """The first part of the thread; None when the part before this one is the first."""
    body = answer.json()
    value = body.get("value") if isinstance(body, dict) else None
    reply = value.get("reply") if isinstance(value, dict) else None
    root = reply.get("root") if isinstance(reply, dict) else None
    return root if isinstance(root, dict) else None
