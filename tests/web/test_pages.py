"""`/healthz` and `/metrics` as those see them who watch: over real HTTP, served by waitress."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import pytest

from bot.app import App
from bot.config import load_settings
from bot.core.errors import ConfigError, NotSentError
from bot.core.post import State
from bot.web.console import Console
from bot.web.serving import serving
from compiled import compile_once
from posting import NOW, force_state, write
from stage import Stage


class Served:
    """The pages of a stage, and how somebody asks for them."""

    def __init__(self, stage: Stage, url: str) -> None:
        environment = {
            "BOT_MODE": "live",
            "BOT_DATA_DIR": str(stage.data_dir),
            "BOT_DATABASE_URL": url,
            "BOT_CONSOLE_HOST": "bot.example.org",
        }
        settings = load_settings(environment, env_file=stage.data_dir / "absent.env")
        self.app = App(settings, clock=stage.clock)
        console = Console(self.app)
        compile_once(console)
        self.pulse = self.app.pulse
        self.metrics = console.metrics
        self.pages = console.pages
        self.port = 0

    def ask(
        self, path: str, *, method: str = "GET", host: str | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, headers={} if host is None else {"Host": host})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def health(self) -> tuple[int, dict[str, Any]]:
        status, _, body = self.ask("/healthz")
        return status, json.loads(body)

    def figures(self) -> dict[str, float]:
        """Each line of /metrics, by its name with its labels."""
        _, _, body = self.ask("/metrics")
        lines = [line for line in body.decode().splitlines() if not line.startswith("#")]
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


@pytest.fixture
def served(stage: Stage, url: str) -> Iterator[Served]:
    served = Served(stage, url)
    with serving(served.pages, host="127.0.0.1", port=0) as address:
        served.port = int(address.rpartition(":")[2])
        yield served
    served.app.db.close()


# -- health ----------------------------------------------------------------------------------------


def test_a_bot_that_ticks_is_well(stage: Stage, served: Served):
    stage.pass_time(seconds=60)

    status, document = served.health()

    assert status == 200
    assert document == {
        "ok": True,
        "problems": [],
        "mode": "live",
        "last_tick_age_seconds": 60.0,
        "oldest_due_age_seconds": 0.0,
        "paused": False,
        "unknown": 0,
        "database": "ok",
        "schema": "0006",
    }


def test_a_bot_that_does_not_tick_is_not_well_until_it_ticks_again(stage: Stage, served: Served):
    stage.pass_time(seconds=61)
    silent, document = served.health()
    served.pulse.beat()
    stage.pass_time(seconds=1)

    back, _ = served.health()

    assert (silent, back) == (503, 200)
    assert document["problems"] == ["the send step does not run"]


def test_a_due_post_that_nobody_tries_is_not_well(stage: Stage, served: Served):
    stage.add()
    stage.pass_time(minutes=5)
    served.pulse.beat()
    early, _ = served.health()
    stage.pass_time(seconds=2)

    late, document = served.health()

    assert (early, late) == (200, 503)
    assert document["oldest_due_age_seconds"] == 302.0
    assert document["problems"] == ["a post is due and not tried"]


def test_a_pause_is_shown_and_is_well(stage: Stage, served: Served):
    stage.add()
    stage.pause()
    stage.pass_time(minutes=10)
    served.pulse.beat()

    status, document = served.health()

    assert (status, document["paused"], document["oldest_due_age_seconds"]) == (200, True, 0.0)


def test_the_pause_file_is_shown(stage: Stage, served: Served):
    stage.pause_file.touch()

    assert served.health()[1]["paused"] is True


def test_unknown_posts_are_counted_and_are_well(stage: Stage, served: Served):
    post_id = stage.add()
    write(stage.db, lambda tx: force_state(tx, post_id, State.UNKNOWN))

    status, document = served.health()

    assert (status, document["unknown"]) == (200, 1)


@pytest.mark.parametrize("kind", ["postgresql"])
def test_a_database_that_is_away_is_not_well(stage: Stage, served: Served, outage):
    outage.start()

    status, document = served.health()
    _, _, metrics = served.ask("/metrics")

    assert status == 503
    assert document["problems"] == ["the database cannot be read"]
    assert document["unknown"] is None
    assert b"campaign_bot_database_up 0.0" in metrics


# -- metrics ---------------------------------------------------------------------------------------


def test_metrics_say_how_the_store_stands(stage: Stage, served: Served):
    for minutes in (1, 2, 3):
        stage.add(due_at=NOW - timedelta(minutes=minutes))
    stage.pause(account="second_x")

    figures = served.figures()

    assert figures['campaign_bot_posts{state="ready"}'] == 3
    assert figures['campaign_bot_posts{state="sent"}'] == 0
    assert figures["campaign_bot_oldest_due_age_seconds"] == 180
    assert figures["campaign_bot_pauses"] == 1
    assert figures["campaign_bot_healthy"] == 1
    assert figures[f'campaign_bot_build_info{{mode="live",version="{version("campaign-bot")}"}}'] == 1


def test_metrics_count_attempts_and_how_late_they_were(stage: Stage, served: Served):
    stage.add()
    stage.pass_time(seconds=2)
    process = stage.process()
    stage.network(NotSentError("an invented connection"))
    for _ in range(2):
        sent = process.send()
        assert sent is not None
        served.metrics.sent(sent)
        stage.pass_time(seconds=60)

    figures = served.figures()

    assert figures['campaign_bot_attempts_total{outcome="ready"}'] == 1
    assert figures['campaign_bot_attempts_total{outcome="sent"}'] == 1
    assert figures["campaign_bot_lateness_seconds_count"] == 1, "only the first request of a post counts"
    assert figures['campaign_bot_lateness_seconds_bucket{le="1.0"}'] == 0
    assert figures['campaign_bot_lateness_seconds_bucket{le="2.5"}'] == 1


def test_no_page_shows_a_post_or_an_account(stage: Stage, served: Served):
    stage.add(texts=("Canary words.",))
    stage.pause(account="invented_x")

    said = b"".join(served.ask(path)[2] for path in ("/healthz", "/metrics"))

    for word in (b"Canary", b"invented_x", b"invented-campaign", b"invented reason"):
        assert word not in said


# -- who may ask, and how ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("127.0.0.1", 200, id="loopback"),
        pytest.param("localhost:8000", 200, id="name-and-port"),
        pytest.param("[::1]:8000", 200, id="ipv6"),
        pytest.param("BOT.example.org", 200, id="configured"),
        pytest.param("rebound.example.org", 421, id="another-name"),
        pytest.param("127.0.0.1.example.org", 421, id="looks-like-loopback"),
        pytest.param("", 421, id="empty"),
    ],
)
def test_only_known_names_are_answered(served: Served, host: str, status: int):
    assert served.ask("/healthz", host=host)[0] == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/", 403, id="another-page"),
        pytest.param("GET", "/healthz/", 404, id="slash"),
        pytest.param("GET", "/../healthz", 404, id="dots"),
        pytest.param("POST", "/healthz", 405, id="post"),
        pytest.param("DELETE", "/metrics", 405, id="delete"),
        pytest.param("POST", "/nowhere", 404, id="post-nowhere"),
        pytest.param("HEAD", "/healthz", 200, id="head"),
    ],
)
def test_without_signing_in_there_are_two_pages_and_they_are_read_only(
    served: Served, method: str, path: str, status: int
):
    found, headers, body = served.ask(path, method=method)

    assert found == status
    assert (body == b"") == (method == "HEAD")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Server" not in headers


def test_a_slow_client_holds_up_nobody(served: Served):
    slow = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(20)]
    for one in slow:
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: loc")

    status, _ = served.health()

    assert status == 200
    for one in slow:
        one.close()


def test_pages_answer_while_posts_leave(stage: Stage, served: Served):
    for number in range(50):
        stage.add(due_at=NOW - timedelta(seconds=number), texts=(f"Post {number}.",))
    process = stage.process()
    sender = threading.Thread(target=process.sender.send_due)
    sender.start()

    statuses = [served.ask("/metrics")[0] for _ in range(20)]
    sender.join(60)

    assert set(statuses) == {200}
    assert set(stage.states().values()) == {State.SENT}


def test_a_taken_port_is_named_with_its_remedy(served: Served):
    with (
        pytest.raises(
            ConfigError, match=r"BOT_CONSOLE_PORT: 127.0.0.1:.* cannot be listened on .* another port"
        ),
        serving(served.pages, host="127.0.0.1", port=served.port),
    ):
        pass


def test_the_port_is_free_again_when_serving_ends(served: Served):
    pages = served.pages
    with serving(pages, host="127.0.0.1", port=0) as first:
        port = int(first.rpartition(":")[2])

    with serving(pages, host="127.0.0.1", port=port) as second:
        assert second == first
