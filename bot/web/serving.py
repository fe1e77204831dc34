"""Serves the pages with waitress, in threads of their own, until closed."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from waitress.server import create_server

from bot.core.errors import ConfigError, Problem
from bot.web.gate import entry_of
from bot.web.gate.unread import channel_for
from bot.web.pages import SHEET_BODY

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger(__name__)

#: Who asks at once: a watcher, a scraper, a person. A thread only works out an answer: waitress reads and
#: writes in its own loop. What is longer than `_UNREAD` would wait in its thread for whoever reads slowly,
#: so it is handed over as a file (`handing_over`).
_THREADS = 4
#: Bytes of answers to one connection that nobody took yet; more than a connection can ask for at once.
_UNREAD = 256 * 1024 * 1024
_CONNECTIONS = 50
#: After so many seconds without a word a connection is closed.
_SILENCE = 15
#: Cookies and filters; more is nobody's wish.
_LARGEST_HEADER = 16_384


@contextmanager
def serving(pages: Flask, *, host: str, port: int) -> Iterator[str]:
    """Answer within the block; gives the address, e.g. `http://127.0.0.1:8000`. Port 0 is any free one.

    Raises ConfigError when the host and port cannot be had.
    """
    listener = _listener(host, port)
    address = _address(host, listener.getsockname()[1])
    # Every single request is nobody's business, and waitress tells of each full queue.
    logging.getLogger("waitress").setLevel(logging.ERROR)
    server = create_server(
        pages,
        sockets=[listener],
        threads=_THREADS,
        connection_limit=_CONNECTIONS,
        channel_timeout=_SILENCE,
        cleanup_interval=5,
        max_request_header_size=_LARGEST_HEADER,
        outbuf_high_watermark=_UNREAD,
        max_request_body_size=SHEET_BODY,
        expose_tracebacks=False,
        ident="",
        map={},
    )
    server.channel_class = channel_for(entry_of(pages).has_entered)
    stopping = threading.Event()

    def run() -> None:
        while not stopping.is_set():
            server.asyncore.loop(timeout=0.2, use_poll=True, map=server._map, count=1)
        server.task_dispatcher.shutdown(timeout=1)
        server.asyncore.close_all(server._map, ignore_all=True)

    thread = threading.Thread(target=run, name="pages", daemon=True)
    thread.start()
    try:
        yield address
    finally:
        stopping.set()
        thread.join(3)


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            # A port that was just left may be taken again at once.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(place)
            listener.listen(_CONNECTIONS)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise ConfigError(
            [
                Problem(
                    where="BOT_CONSOLE_PORT",
                    what=f"{host}:{port} cannot be listened on ({error.strerror})",
                    remedy="stop what listens there, or name another port",
                )
            ]
        ) from error
    return listener


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
