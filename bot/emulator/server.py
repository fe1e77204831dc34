"""Listens on 127.0.0.1: one thread for each connection, until it is told to stop."""

from __future__ import annotations

import sys
from http.server import ThreadingHTTPServer

from bot.emulator.handler import Handler
from bot.emulator.state import State


class FakeX(ThreadingHTTPServer):
    """X, as far as the bot can tell."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, state: State) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.state = state

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing where the client went away; that is what faults make it do."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]
