"""One account's server on Bluesky over XRPC: single calls, and what it must never be heard to say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import requests

from bot.core.clock import Clock
from bot.publishing.bluesky_session import Session, SignIn
from bot.publishing.protocol import AccountSettings, MayLeave, always
from bot.publishing.secrecy import Scrubber, silence
from bot.publishing.transport import Answer, Timeouts, Transport

JSON: Final = "application/json"
#: Log what they send, or might; the library's own HTTP client is never used.
TALKATIVE: Final = ("atproto", "atproto_client", "httpx", "httpcore", "urllib3", "requests")


class Server:
    """The account's own server, and the one that signs in, through our own transport."""

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
        silence(TALKATIVE, tokens)

    # Tokens stand in no variable of these: an error's traceback may show what does.

    def ask_service(self, call: SignIn, may_leave: MayLeave) -> Answer:
        """Call the server that signs in."""
        name = f"com.atproto.server.{call.method}"
        return self._send(_request("POST", self._service, name, token=call.token, body=call.body), may_leave)

    def call(
        self,
        method: str,
        name: str,
        session: Session,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = JSON,
        signed: bool = True,
        may_leave: MayLeave = always,
    ) -> Answer:
        """Call the account's own server once, and return its answer."""
        request = _request(
            method,
            session.pds,
            name,
            token=session.access if signed else None,
            query=query,
            body=body,
            content_type=content_type,
        )
        return self._send(request, may_leave)

    def _send(self, request: requests.Request, may_leave: MayLeave) -> Answer:
        answer = self._transport.exchange(request, may_leave=may_leave)
        if (date := answer.date()) is not None:
            self.clock_skew = date - self._clock.now()
        return answer

    def _scrubbed(self, text: str) -> str:
        return self._scrub(text)


def _request(
    method: str,
    base: str,
    name: str,
    *,
    token: str | None = None,
    query: Mapping[str, str] | None = None,
    body: bytes | None = None,
    content_type: str = JSON,
) -> requests.Request:
    headers = {"User-Agent": "campaign-bot", "Accept-Encoding": "identity", "Connection": "close"}
    if body is not None:
        headers["Content-Type"] = content_type
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return requests.Request(method, f"{base}/xrpc/{name}", params=query, data=body, headers=headers)
