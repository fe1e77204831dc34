"""One request, one answer: which hosts may ask, which pages there are, and the headers of every answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

log = logging.getLogger(__name__)

#: A page elsewhere may have its own name resolve to this machine (DNS rebinding): a browser then asks here,
#: and names that host. Only these names, and the configured one, are answered.
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HEADERS = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", _POLICY),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a page says."""

    status: HTTPStatus = HTTPStatus.OK
    kind: str
    body: bytes


#: What WSGI hands over, and what it is given back.
Environ = Mapping[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Pages:
    """A WSGI application of pages that are read, and never changed."""

    def __init__(self, pages: Mapping[str, Callable[[], Answer]], *, host: str) -> None:
        self._pages = pages
        self._hosts = _LOOPBACK | {host.lower()}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        answer = self._answer(environ)
        headers = [("Content-Type", answer.kind), ("Content-Length", str(len(answer.body))), *_HEADERS]
        if answer.status is HTTPStatus.METHOD_NOT_ALLOWED:
            headers.append(("Allow", "GET, HEAD"))
        start_response(f"{answer.status.value} {answer.status.phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]

    def _answer(self, environ: Environ) -> Answer:
        if _host_of(environ) not in self._hosts:
            return _plain(HTTPStatus.MISDIRECTED_REQUEST)
        page = self._pages.get(environ.get("PATH_INFO", ""))
        if page is None:
            return _plain(HTTPStatus.NOT_FOUND)
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return _plain(HTTPStatus.METHOD_NOT_ALLOWED)
        try:
            return page()
        except Exception:
            log.exception("a page failed in a way nobody foresaw")
            return _plain(HTTPStatus.INTERNAL_SERVER_ERROR)


def _host_of(environ: Environ) -> str:
    """The name by which the bot was asked, without its port; empty when none was given."""
    host = str(environ.get("HTTP_HOST", "")).strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _plain(status: HTTPStatus) -> Answer:
    return Answer(status=status, kind="text/plain; charset=utf-8", body=f"{status.phrase}\n".encode())
