"""Listens on 127.0.0.1: one thread for each connection, until it is told to stop."""

from __future__ import annotations

import sys
import threading
from http.server import ThreadingHTTPServer

from bot.emulator.handler import Handler
from bot.emulator.state import State


class FakeX(ThreadingHTTPServer):
    """X, as far as the bot can tell."""

    daemon_threads = True
    request_queue_size = 128
    handler: type[Handler] = Handler

    def __init__(self, port: int, state: State) -> None:
        super().__init__(("127.0.0.1", port), self.handler)
        self.state = state

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing where the client went away; that is what faults make it do."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def serve(server: FakeX, *, until_stdin_closes: bool) -> None:
    """Answer until Ctrl-C, or until whoever started this process has ended, if that is wanted."""
    if until_stdin_closes:
        # The end of whoever started it is the end of this server too, even after a kill -9.
        threading.Thread(target=_shut_at_its_end, args=(server,), daemon=True).start()
    try:
        server.serve_forever(poll_interval=0.05)
    except KeyboardInterrupt:
        pass
    finally:
        server.state.over.set()
        server.server_close()


def _shut_at_its_end(server: FakeX) -> None:
    sys.stdin.read()
    server.shutdown()
