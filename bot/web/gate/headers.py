"""The headers of every answer, whatever made it: a page, a file, a redirection, an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from bot.web.gate.hosts import Hosts

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Scripts, styles and pictures are the console's own files; no script stands in a page, no frame holds one.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
NOT_KEPT = "no-store"
#: A file's address holds a digest of what is in it: another content has another address.
KEPT_FOR_GOOD = "public, max-age=31536000, immutable"
_FILES = "/static/"


def guarded(pages: WSGIApplication, hosts: Hosts) -> WSGIApplication:
    """The pages, with their headers on every answer; whoever asks by an unknown name meets none of them.

    Around the whole application: an answer that is made where everything else failed has them, too.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[[bytes], object]:
            return start_response(status, _completed(headers, path=path, status=status), *more)

        if not hosts.know(str(environ.get("HTTP_HOST", ""))):
            return _misdirected(environ, start)
        return pages(environ, start)

    return answer


def _completed(headers: list[tuple[str, str]], *, path: str, status: str) -> list[tuple[str, str]]:
    is_file = path.startswith(_FILES) and status[:3] in ("200", "304")
    ours = {**HEADERS, "Cache-Control": KEPT_FOR_GOOD if is_file else NOT_KEPT}
    names = {name.lower() for name in ours}
    return [(name, value) for name, value in headers if name.lower() not in names] + list(ours.items())


def _misdirected(environ: WSGIEnvironment, start: Callable[..., Any]) -> Iterable[bytes]:
    status = HTTPStatus.MISDIRECTED_REQUEST
    body = f"{status.phrase}\n".encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start(f"{status.value} {status.phrase}", headers)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]
