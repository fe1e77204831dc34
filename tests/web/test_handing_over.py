"""Long answers: whoever reads nothing of one holds no thread of the console."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.core.people import Role
from bot.web.handing_over import HandedOver
from bot.web.pages import Pages
from bot.web.serving import serving
from visitors import visited

#: More than the sockets between two programs hold.
_LONG = 40 * 1024 * 1024
#: As many as waitress takes from one connection before it has answered the first.
_QUESTIONS = 100
_LINE = "x" * 1023 + "\n"


@pytest.fixture
def port(tmp_path: Path, prepared_sqlite: Path) -> Iterator[int]:
    with visited(tmp_path, prepared_sqlite) as place:
        long = Pages("long")

        @long.get("/long", needs=None)
        def _long():
            file = HandedOver.begin()
            if file is None:
                return "another one", 503
            return file.answer(
                (_LINE for _ in range(_LONG // len(_LINE))), name="long.txt", kind="text/plain"
            )

        @long.get("/large", needs=None)
        def _large():
            return _LINE * 400

        long.register(place.console.pages)
        with serving(place.console.pages, host="127.0.0.1", port=0) as served:
            yield int(served.rpartition(":")[2])


def _ask(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _deaf(port: int, path: str, *, times: int = 1) -> socket.socket:
    """Somebody who asks, takes the first letters of the answer, and then nothing more."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * times)
    assert connection.recv(12).startswith(b"HTTP/1.1 ")
    return connection


def test_those_who_read_nothing_hold_no_thread(port: int):
    with ExitStack() as deaf:
        for _ in range(6):
            deaf.enter_context(_deaf(port, "/long"))

        status, body = _ask(port, "/healthz")

    assert status in (200, 503)
    assert b"{" in body


def test_one_file_at_a_time_and_the_next_once_it_is_left(port: int):
    with _deaf(port, "/long"):
        busy, _ = _ask(port, "/long")
    answers = (_ask(port, "/long") for _ in range(5_000))
    status, body = next((one for one in answers if one[0] == 200), (0, b""))

    assert busy == 503
    assert (status, len(body)) == (200, _LONG)
    assert body == _LINE.encode() * (_LONG // len(_LINE))


def test_many_questions_at_once_hold_no_thread_either(port: int):
    with ExitStack() as deaf:
        for _ in range(4):
            deaf.enter_context(_deaf(port, "/large", times=_QUESTIONS))

        status, _ = _ask(port, "/healthz")

    assert status in (200, 503)


def test_the_log_is_exported_whole(tmp_path: Path, prepared_sqlite: Path):
    with visited(tmp_path, prepared_sqlite) as place:
        place.fill()
        place.add_users()
        viewer = place.visitor(Role.VIEWER)
        held = HandedOver.begin()
        assert held is not None

        busy = viewer.get("/log/export?format=csv")
        held.close()
        head = viewer.get("/log/export?format=csv", method="HEAD")
        with viewer.get("/log/export?format=csv") as answer:
            text = answer.text
        with viewer.get("/log/export") as again:
            status = again.status_code

    assert busy.status_code == 503
    assert "Another file is being made" in busy.text
    assert (head.status_code, answer.status_code, status) == (200, 200, 200)
    assert text.partition("\n")[0]
