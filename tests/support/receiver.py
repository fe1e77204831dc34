"""A place where alerts arrive: a real HTTP server on this machine, as Apprise's `json://` finds it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, kw_only=True)
class Received:
    """One message that arrived."""

    path: str
    title: str
    body: str


class Receiver:
    """Takes messages, or answers as told: by path, from `statuses`."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self._server = server
        self.received: list[Received] = []
        #: The status with which a path answers; 200 unless it is named.
        self.statuses: dict[str, int] = {}
        #: Where a path sends whoever asks, when it answers with a redirect.
        self.locations: dict[str, str] = {}
        #: Paths that answer only when `released` is set.
        self.slow: set[str] = set()
        self.released = threading.Event()
        self.arrived = threading.Event()

    def url(self, path: str = "/invented-token") -> str:
        return f"json://127.0.0.1:{self._server.server_port}{path}"

    def at(self, path: str) -> list[Received]:
        return [one for one in self.received if one.path == path]


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        receiver, path = self.receiver, self.path.rstrip("/")
        receiver.received.append(Received(path=path, title=document["title"], body=document["message"]))
        receiver.arrived.set()
        if path in receiver.slow:
            receiver.released.wait(30)
        self.send_response(receiver.statuses.get(path, 200))
        self.send_header("Content-Length", "0")
        if path in receiver.locations:
            self.send_header("Location", receiver.locations[path])
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def receiving() -> Iterator[Receiver]:
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    receiver = handler.receiver = Receiver(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
