"""Many readers at once: each gets its page, and a decision made meanwhile is not held up."""

from __future__ import annotations

import http.client
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.core.people import Role
from bot.web.serving import serving
from visitors import Visited, visited

_READERS, _PAGES_EACH = 12, 16
_PATHS = (
    "/",
    "/queue",
    "/queue?text=words",
    "/calendar",
    "/library",
    "/log",
    "/insight",
    "/accounts",
    "/healthz",
)


@pytest.fixture
def place(tmp_path: Path, prepared_sqlite: Path) -> Iterator[Visited]:
    with visited(tmp_path, prepared_sqlite) as place:
        place.fill(days=7)
        place.add_users()
        yield place


def _read(port: int, cookie: str, first: int) -> Counter[int]:
    """Ask for page after page on connections of their own; how many answers of each status there were."""
    statuses: Counter[int] = Counter()
    for number in range(_PAGES_EACH):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", _PATHS[(first + number) % len(_PATHS)], headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            statuses[answer.status] += 1
        finally:
            connection.close()
    return statuses


def test_many_readers_at_once_all_get_their_pages_while_somebody_pauses(place: Visited):
    viewer = place.visitor(Role.VIEWER)
    # A first page, so that the browser has its cookie.
    assert viewer.get("/").status_code == 200
    kept = viewer.client.get_cookie("campaign_bot", domain="127.0.0.1")
    assert kept is not None
    cookie = f"campaign_bot={kept.value}"

    with serving(place.console.pages, host="127.0.0.1", port=0) as address:
        port = int(address.rpartition(":")[2])
        with ThreadPoolExecutor(_READERS) as readers:
            reading = [readers.submit(_read, port, cookie, first) for first in range(_READERS)]
            paused = place.app.operator("An Invented Person").pause(
                campaign=None, account=None, language=None, reason="an invented reason"
            )
            statuses = sum((one.result() for one in reading), Counter())

    assert paused.already_left == ()
    # /healthz may be asked before the bot's first tick, and says so with 503.
    assert statuses[200] + statuses[503] == _READERS * _PAGES_EACH
    assert statuses[503] <= _READERS * 2
