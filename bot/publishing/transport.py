"""One HTTP request with nothing hidden: one try, one new connection, one deadline, a bounded answer.

Shared by the networks whose libraries are built on `requests`. No proxy, no redirect, no cookie, no
credential of the machine is used, and nothing is sent a second time.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError
from urllib3.util.retry import Retry

from bot.core.clock import Clock
from bot.core.errors import NotSentError, UnconfirmedError
from bot.publishing.watchdog import Watchdog

#: Bytes. A network's answer to one post is a few kilobytes, a page of 100 own posts below 500.
MAX_ANSWER_BYTES = 4 * 1024 * 1024

_NO_RETRY = Retry(
    total=0, connect=0, read=False, redirect=0, status=0, other=0, respect_retry_after_header=False
)

#: Faults in words, the more telling first.
_FAULTS: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "its name could not be resolved"),
    (ConnectionRefusedError, "the connection was refused"),
    (ssl.SSLCertVerificationError, "its TLS certificate is not valid"),
    (ssl.SSLError, "the TLS connection failed"),
    (RemoteDisconnected, "the connection was closed"),
    (ConnectionResetError, "the connection was reset"),
    (IncompleteRead, "the answer broke off"),
)


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """How long one request may take, in seconds."""

    #: For each address of the host, and for the TLS handshake.
    connect: float = 5.0
    #: Between two bytes of the answer.
    read: float = 30.0
    #: From the call to the answer's last byte.
    total: float = 45.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the network answered: at least a whole head, perhaps a broken body."""

    status: int
    #: The phrase beside the status; any text.
    phrase: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    #: Why the body is not whole, in words. None: it is.
    broken: str | None = None
    #: Takes secrets out of a text: a network may answer with what it was sent.
    scrub: Callable[[str], str] = field(repr=False)

    def json(self) -> object:
        """The body as JSON without secrets; None when it is broken or no JSON."""
        if self.broken is not None:
            return None
        try:
            return _scrubbed(json.loads(self.body), self.scrub)
        except (ValueError, RecursionError):
            return None

    def date(self) -> datetime | None:
        """The network's own clock, from the `Date` header; None when it names none with a zone."""
        try:
            moment = parsedate_to_datetime(self.headers.get("Date", ""))
        except (ValueError, OverflowError):
            return None
        return moment if moment.tzinfo is not None else None


class Transport:
    """Makes single requests to one network."""

    def __init__(
        self, network: str, *, clock: Clock, timeouts: Timeouts, scrub: Callable[[str], str]
    ) -> None:
        self._network = network
        self._clock = clock
        self._timeouts = timeouts
        self._scrub = scrub

    def exchange(self, request: requests.Request, *, may_leave: Callable[[], bool] = lambda: True) -> Answer:
        """Send one request and return the answer, whatever its status.

        Raises NotSentError when no byte of the request can have left, as when `may_leave`, asked right
        before the first, says no; UnconfirmedError when one may have and no status came back, and for
        every fault that nobody foresaw.
        """
        prepared = self._prepare(request)
        fault, foreseen = "", False
        flight = _Flight(clock=self._clock, total=self._timeouts.total, may_leave=may_leave)
        try:
            with flight:
                return self._send(prepared, flight)
        except Exception as error:
            fault = self._in_words(error, flight)
            foreseen = isinstance(error, (OSError, HTTPError, HTTPException))
        # Raised here, outside of the `except`: the library's exceptions carry the signed request, and
        # an error that is logged with its causes would carry it on.
        if flight.departed:
            raise UnconfirmedError(
                f"{self._network} gave no answer: the request had left, then {fault};"
                " the outcome is not known"
            )
        if flight.held_back:
            raise NotSentError("the request was held back before its first byte: nothing was sent")
        if foreseen:
            raise NotSentError(f"{self._network} was not reached: {fault}; nothing was sent")
        raise UnconfirmedError(f"{self._network} could not be asked: {fault}; the outcome is not known")

    def _prepare(self, request: requests.Request) -> requests.PreparedRequest:
        """Sign the request and write it out. Raises NotSentError when it cannot be."""
        try:
            return request.prepare()
        except Exception as error:
            fault = type(error).__name__
        # Outside of the `except`, as above: these exceptions name the whole address, a token perhaps in it.
        raise NotSentError(f"{self._network} could not be asked: {fault} was raised; nothing was sent")

    def _send(self, request: requests.PreparedRequest, flight: _Flight) -> Answer:
        adapter = _Adapter(flight)
        try:
            # Not through a Session: that reads a redirect's whole body, stores cookies, and looks for
            # proxies and passwords in the environment.
            with adapter.send(
                request, stream=True, timeout=(self._timeouts.connect, self._timeouts.read), verify=True
            ) as response:
                body, broken = self._read(response, flight)
                return Answer(
                    status=response.status_code,
                    phrase=self._scrub(response.reason or ""),
                    headers=response.headers,
                    body=body,
                    broken=broken,
                    scrub=self._scrub,
                )
        finally:
            adapter.close()

    def _read(self, response: requests.Response, flight: _Flight) -> tuple[bytes, str | None]:
        body = bytearray()
        try:
            for chunk in response.iter_content(16 * 1024):
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    return b"", f"it is longer than {MAX_ANSWER_BYTES} bytes"
        except (OSError, HTTPError, HTTPException) as error:
            return bytes(body), self._in_words(error, flight)
        # The deadline ends an answer without a length as if it were whole.
        return bytes(body), self._too_slow() if flight.expired else None

    def _in_words(self, error: BaseException, flight: _Flight) -> str:
        if flight.expired:
            return self._too_slow()
        causes = list(_causes(error))
        for kind, text in _FAULTS:
            if any(isinstance(cause, kind) for cause in causes):
                return text
        if any(isinstance(cause, ReadTimeoutError) for cause in causes):
            return f"nothing came for {self._timeouts.read:g} s"
        # NewConnectionError is a ConnectTimeoutError too, whatever went wrong.
        if any(
            isinstance(cause, ConnectTimeoutError) and not isinstance(cause, NewConnectionError)
            for cause in causes
        ):
            return f"it took no connection for {self._timeouts.connect:g} s"
        reason = getattr(causes[-1], "strerror", None)
        return reason.lower() if isinstance(reason, str) else f"{type(causes[-1]).__name__} was raised"

    def _too_slow(self) -> str:
        return f"no whole answer came within {self._timeouts.total:g} s"


class Asking:
    """A library's client, of which a copy can ask something right before the first byte of each request."""

    _may_leave: Callable[[], bool] = staticmethod(lambda: True)

    def asking(self, may_leave: Callable[[], bool]) -> Self:
        """The same client, asking `may_leave`: a copy, because a look on another thread is not to ask it."""
        asking = copy.copy(self)
        asking._may_leave = may_leave
        return asking


#: One for the process.
WATCHDOG = Watchdog()


class _Flight:
    """One request under way: whether a byte may have left, and whether its time is over."""

    def __init__(self, *, clock: Clock, total: float, may_leave: Callable[[], bool]) -> None:
        self._clock = clock
        self._total = total
        self._may_leave = may_leave
        self._started = clock.monotonic()
        self._started_at = clock.now()
        self._line: socket.socket | None = None
        self._lock = threading.Lock()
        self.departed = False
        self.expired = False
        self.held_back = False

    def __enter__(self) -> _Flight:
        self._watched = WATCHDOG.watch(self._total, self._expire)
        return self

    def __exit__(self, *_: object) -> None:
        WATCHDOG.call_off(self._watched)
        with self._lock:
            if self._line is not None:
                self._line.close()
                self._line = None

    def depart(self, sock: socket.socket) -> None:
        """Note that the connection stands and the first byte leaves next.

        Raises TimeoutError, with nothing sent, when it may not leave any more, or when the time is over
        already: a process that was frozen while it connected must not send when it wakes.
        """
        # Only now: the name, the connection and TLS may have taken many seconds. Not under the lock, which
        # the watchdog of all requests needs, too.
        if not self._may_leave():
            self.held_back = True
            raise TimeoutError
        with self._lock:
            if self.expired or self._elapsed() >= self._total:
                self.expired = True
                raise TimeoutError
            # A second handle on the same connection: it can be shut without any race for the first.
            self._line = socket.socket(fileno=os.dup(sock.fileno()))
            self.departed = True

    def _elapsed(self) -> float:
        # The monotonic clock stands still while a machine sleeps; the wall clock does not.
        wall = (self._clock.now() - self._started_at) / timedelta(seconds=1)
        return max(self._clock.monotonic() - self._started, wall)

    def _expire(self) -> None:
        """End a connection that is still open: a read timeout alone never ends one byte a second."""
        with self._lock:
            self.expired = True
            if self._line is not None:
                with contextlib.suppress(OSError):
                    self._line.shutdown(socket.SHUT_RDWR)


class _Watched:
    """A connection that reports the moment before its first byte."""

    #: http.client prints whole requests where a program sets this on the base class.
    debuglevel = 0
    sock: Any

    def __init__(self, *args: Any, flight: _Flight, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._flight = flight

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self._flight.depart(self.sock)


class _WatchedHTTP(_Watched, HTTPConnection):
    pass


class _WatchedHTTPS(_Watched, HTTPSConnection):
    pass


class _Adapter(HTTPAdapter):
    def __init__(self, flight: _Flight) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=_NO_RETRY)
        self._flight = flight

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        watched = _WatchedHTTPS if pool.scheme == "https" else _WatchedHTTP
        pool.ConnectionCls = partial(watched, flight=self._flight)
        return pool


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was made from, outermost first, along whichever link a library used."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        inner = [
            current.__cause__,
            getattr(current, "reason", None),
            *current.args[::-1],
            current.__context__,
        ]
        current = next((item for item in inner if isinstance(item, BaseException)), None)


def _scrubbed(value: object, scrub: Callable[[str], str]) -> object:
    match value:
        case str():
            return scrub(value)
        case list():
            return [_scrubbed(item, scrub) for item in value]
        case dict():
            return {scrub(key): _scrubbed(item, scrub) for key, item in value.items()}
        case _:
            return value
