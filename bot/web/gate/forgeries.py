"""Whether a request that changes something comes from a page of this console (CSRF): three ways to tell."""

from __future__ import annotations

from flask import Flask, Request
from flask_wtf.csrf import CSRFError, CSRFProtect

from bot.web.gate.hosts import Hosts

#: They change nothing (RFC 9110, section 9.2.1).
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Forgeries:
    """Tells requests that another site had a browser make."""

    def __init__(self, flask_app: Flask, hosts: Hosts) -> None:
        self._hosts = hosts
        flask_app.config.update(
            # The gate asks, after it looked where the request comes from.
            WTF_CSRF_CHECK_DEFAULT=False,
            # A token lives as long as its session: a form that lay open over lunch is still good.
            WTF_CSRF_TIME_LIMIT=None,
            # It would ask for a Referer: our pages send none.
            WTF_CSRF_SSL_STRICT=False,
        )
        self._tokens = CSRFProtect(flask_app)

    def is_forged(self, request: Request) -> bool:
        """Whether it must be refused. Only reading requests need not prove anything."""
        if request.method in READING:
            return False
        if not self._comes_from_us(request):
            return True
        try:
            self._tokens.protect()
        except CSRFError:
            return True
        return False

    def _comes_from_us(self, request: Request) -> bool:
        """What the browser itself says of where the request was made; scripts cannot change it."""
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None and site != "same-origin":
            return False
        origin = request.headers.get("Origin")
        # Our own pages send `null`: without a Referer a form has no origin either (Fetch standard, "append a
        # request Origin header", read 2026-11). Over plain HTTP nothing else is sent: the token decides.
        if origin is None or origin == "null":
            return True
        return self._hosts.own(origin, host_header=request.host)
