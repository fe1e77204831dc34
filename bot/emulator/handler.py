"""HTTP, down to the socket: reads requests, and answers them as X would or as a fault demands."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from bot.emulator.faults import Fault
from bot.emulator.routes import Call, Reply
from bot.emulator.state import State


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "fake-x"
    sys_version = ""
    #: Head and body are two small writes: the second must not wait for the first to be acknowledged.
    disable_nagle_algorithm = True
    #: What stands beside the status; None for the usual words.
    phrase: str | None = None

    @property
    def state(self) -> State:
        return self.server.state  # type: ignore[attr-defined,no-any-return]

    def handle_one_request(self) -> None:
        # Looked at, not read: a refused connection must end unread, but control must always get through.
        start = self.connection.recv(64, socket.MSG_PEEK)
        if start and b" /_fake/" not in start and self.state.script.take_refusal():
            self.state.record_refusal()
            self._reset()
            return
        super().handle_one_request()

    def do_GET(self) -> None:
        self._take()

    def do_POST(self) -> None:
        self._take()

    def do_DELETE(self) -> None:
        self._take()

    def log_message(self, *_: Any) -> None:
        """Nothing: standard error is for what is wrong."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(timestamp or self.state.world.now().timestamp())

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        if url.path.startswith("/_fake/"):
            self._control(url.path.removeprefix("/_fake/"), body)
            return
        arrived = self.state.stamp()
        with self.state.lock:
            self.over = self.state.over
            # As the client meant it: the scheme is always http here, the host is what it asked for.
            address = f"http://{self.headers.get('Host', '')}{self.path}"
            authorization = self.headers.get("Authorization", "")
            account = self.state.account_of(self.command, address, authorization)
            fault = self.state.script.take(self.command, url.path, account)
            call = Call(
                method=self.command,
                path=url.path,
                query=url.query,
                account=account or "",
                content_type=self.headers.get("Content-Type", ""),
                body=body,
                connection=self.client_address[1],
                arrived=arrived,
                headers={name.lower(): value for name, value in self.headers.items()},
            )
        if fault and fault.kind == "late" and not fault.commits and self.over.wait(fault.seconds):
            # Whoever asked for this delay is gone, and their posts with them.
            self.close_connection = True
            return
        self._answer(call, fault, known=account is not None)

    def _answer(self, call: Call, fault: Fault | None, *, known: bool) -> None:
        """Do what was asked for, unless a fault says otherwise; write the journal; answer."""
        state = self.state
        with state.lock:
            plain = fault is None or fault.kind in ("late", "dribble", "stale", "empty_page") or fault.commits
            reply: Reply | None = None
            if plain:
                reply = state.perform(call) if known else state.unauthorized
            if fault and reply and fault.kind in ("stale", "empty_page"):
                reply = state.timeline_without(fault, reply)
            stored = state.stored_by(call, reply) if reply else None
            limits = state.limit_headers(call.account) if known else {}
            status = reply[0] if reply and fault is None else None
            state.record(call, fault=fault, status=status, stored=stored)
        with contextlib.suppress(ConnectionError):
            if fault is None or fault.kind in ("stale", "empty_page"):
                assert reply is not None
                self._send_json(reply, limits)
            else:
                self._spoil(fault, reply, limits)

    def _spoil(self, fault: Fault, reply: Reply | None, limits: dict[str, str]) -> None:
        """Answer as the fault demands; `reply` is what would have been said, where anything was done."""
        self.close_connection = True
        status, body = reply or self.state.accepting
        match fault.kind:
            case "drop":
                pass
            case "reset" | "refuse":
                self._reset()
            case "dribble":
                self._dribble(fault, status, _encoded(body))
            case "truncated":
                whole = _encoded(body)
                self._send_head(status, len(whole), "application/json", limits)
                self.wfile.write(whole[: len(whole) // 2])
            case "late":
                if fault.commits:
                    self.over.wait(fault.seconds)
                self._send_json((status, body), limits)
            case _:
                self._send(*self._made_up(fault, status), limits)

    def _made_up(self, fault: Fault, accepting: int) -> tuple[int, bytes, str, dict[str, str]]:
        """An answer that X did not mean: status, body, content type and headers of its own."""
        kind = "application/json"
        match fault.kind:
            case "errors_only":
                return (
                    200,
                    _encoded({"errors": [{"title": "Internal", "detail": "Something is off"}]}),
                    kind,
                    {},
                )
            case "duplicate":
                said = self.state.says_duplicate
                return said[0], _encoded(said[1]), fault.content_type, {}
            case "echo":
                told = self.credentials()
                self.phrase = told
                body = self.state.echo(told) if fault.body is None else fault.body
                return fault.status, _encoded(body), fault.content_type, {"X-Echo": told}
            case "redirect":
                return 307, b"", "text/plain", {"Location": "/2/tweets"}
            case "wrong_json":
                return accepting, b'{"data": {"id": ', kind, {}
            case "empty":
                return accepting, b"", kind, {}
            case _:
                return fault.status, _encoded(fault.body), fault.content_type, fault.headers

    def credentials(self) -> str:
        """What the request told of who sends it."""
        return self.headers.get("Authorization", "")

    def _dribble(self, fault: Fault, status: int, body: bytes) -> None:
        length = f"Content-Length: {len(body)}\r\n" if fault.sized else "Connection: close\r\n"
        head = f"HTTP/1.1 {status} Created\r\n{length}\r\n".encode()
        if fault.part == "body":
            self.wfile.write(head)
        for byte in body if fault.part == "body" else head + body:
            self.wfile.write(bytes((byte,)))
            if self.over.wait(fault.interval):
                return

    def _reset(self) -> None:
        """End the connection with RST, at once: no FIN first, and nothing left in Python to send one."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def _control(self, what: str, body: bytes) -> None:
        state = self.state
        try:
            match self.command, what:
                case "POST", "faults":
                    state.script_faults(json.loads(body))
                case "POST", "settings":
                    state.settle(json.loads(body))
                case "POST", "reset":
                    state.reset()
                case "GET", ("posts" | "journal" | "violations" | "faults"):
                    self._send_json((200, self._kept(what)), {})
                    return
                case _:
                    raise ValueError(f"no control {self.command} /_fake/{what}")
        except (ValueError, KeyError) as error:
            self._send_json((400, {"error": str(error)}), {})
            return
        self._send_json((200, {}), {})

    def _kept(self, what: str) -> dict[str, Any]:
        state = self.state
        with state.lock:
            lists: dict[str, list[Any]] = {
                "posts": state.view_of_posts(),
                "journal": list(state.journal),
                "violations": list(state.violations),
                "faults": [fault.kind for fault in state.script.faults],
            }
        return {what: lists[what]}

    def _send_json(self, reply: Reply, headers: dict[str, str]) -> None:
        kind = "application/problem+json" if reply[0] >= 400 else "application/json; charset=utf-8"
        self._send(reply[0], _encoded(reply[1]), kind, {}, headers)

    def _send(
        self, status: int, body: bytes, content_type: str, headers: dict[str, str], limits: dict[str, str]
    ) -> None:
        # A fault's own headers win: they may be absurd limits, or say with null that there are none.
        given: dict[str, str | None] = {**limits, **headers}
        merged = {name: value for name, value in given.items() if value is not None}
        self._send_head(status, len(body), content_type, merged)
        self.wfile.write(body)

    def _send_head(self, status: int, length: int, content_type: str, headers: dict[str, str]) -> None:
        self.send_response(status, self.phrase)
        for name, value in {"Content-Type": content_type, "Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()


def _encoded(body: Any) -> bytes:
    """A body given as JSON or as a text; none for None."""
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
