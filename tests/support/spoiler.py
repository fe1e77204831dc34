"""Stands before a real server and, once, hands on a request but not its answer."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests


class Spoiler(ThreadingHTTPServer):
    """Stands before the server and, once, hands on a request but not its answer."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _SpoilerHandler)
        self.behind = behind
        self.fault: str | None = None
        #: The method whose answer it spoils.
        self.on = "putRecord"
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: the publisher goes away when it likes."""


class _SpoilerHandler(BaseHTTPRequestHandler):
    server: Spoiler

    def do_GET(self) -> None:
        self._hand_on()

    def do_POST(self) -> None:
        self._hand_on()

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def _hand_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {
            name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers
        }
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                self.command, self.server.behind + self.path, data=body, headers=headers, timeout=20
            )
        spoiled = self.path.endswith(self.server.on) and self.server.fault
        status, content = answer.status_code, answer.content
        if spoiled:
            self.server.fault = None
        if spoiled == "closed":
            return
        if spoiled == "502":
            status, content = 502, b"<html>Bad Gateway</html>"
        self.send_response(status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if spoiled == "half" else content)
