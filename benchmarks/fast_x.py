"""Answers every request as X answers a new post, as fast as Python can, in a process of its own.

It checks nothing and keeps nothing: it must not be what a measurement of the others is about.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import count

#: As long as X's own are.
_FIRST_ID = 1_900_000_000_000_000_000
_HEADERS_END = b"\r\n\r\n"


@contextmanager
def serving(*, delay_ms: int = 0) -> Iterator[str]:
    """The address of a running server, each answer of which takes `delay_ms`."""
    command = [sys.executable, __file__, "--delay-ms", str(delay_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


class _Connection(asyncio.Protocol):
    """One client's connection, kept for as long as the client keeps it."""

    ids = count(_FIRST_ID)

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while _HEADERS_END in self._received:
            head, _, rest = self._received.partition(_HEADERS_END)
            fields = head.lower().split(b"\r\n")[1:]
            length = next((int(f[15:]) for f in fields if f.startswith(b"content-length:")), 0)
            if len(rest) < length:
                return
            self._received = rest[length:]
            close = b"connection: close" in fields
            asyncio.get_running_loop().call_later(self._delay, self._answer, close)

    def _answer(self, close: bool) -> None:
        if self._transport.is_closing():
            return
        number = next(self.ids)
        body = b'{"data":{"edit_history_tweet_ids":["%d"],"id":"%d","text":"invented"}}' % (number, number)
        head = (
            "HTTP/1.1 201 Created",
            f"Date: {format_datetime(datetime.now(UTC), usegmt=True)}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            f"Connection: {'close' if close else 'keep-alive'}",
        )
        self._transport.write("\r\n".join(head).encode() + _HEADERS_END + body)
        if close:
            self._transport.close()


async def _serve(delay: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(delay), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay-ms", type=int, default=0)
    asyncio.run(_serve(parser.parse_args().delay_ms / 1000))
