"""A line to a real server that is cut: in each answer, after the server has acted; or in each request."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


@contextmanager
def cut_line(url: str, *, after: int, arrives: int | None = None) -> Iterator[str]:
    """An address that leads to `url`: each request arrives whole, of each answer come `after` bytes.

    A server that answers with less is not cut. `arrives`: of each request, too, only so many bytes do.
    """
    there = urlsplit(url)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(
            target=_serve, args=(listener, (there.hostname, there.port), after, arrives), daemon=True
        )
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        # Closing does not wake it.
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=10)


def _serve(listener: socket.socket, there: tuple[str, int], after: int, arrives: int | None) -> None:
    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            return
        with near, socket.create_connection(there) as far:
            near.settimeout(10)
            far.settimeout(10)
            far.sendall(_request(near)[:arrives])
            if arrives is not None:
                # The end of it: a server that waits for the rest learns that none comes.
                far.shutdown(socket.SHUT_WR)
            answer = b""
            # To its end: by then the server has done what it was asked for.
            while piece := far.recv(65536):
                answer += piece
            near.sendall(answer[:after])


def _request(near: socket.socket) -> bytes:
    """A request with its whole body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += near.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length:
        piece = near.recv(65536)
        data, body = data + piece, body + piece
    return data
