"""One request, one connection, one deadline: what certainly did not leave, and what may have."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from bot.core.clock import Clock, SystemClock
from bot.core.errors import ConfigError, NotSentError, UnconfirmedError
from bot.publishing.protocol import AccountSettings
from bot.publishing.transport import MAX_ANSWER_BYTES, Timeouts, Transport
from bot.publishing.x import XPublisher, build


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue is full: no connection comes to stand."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        port = server.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        yield port
        for client in waiting:
            client.close()


@pytest.fixture
def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def test_refused_connection_sent_nothing(make_publisher, closed_port, request_of):
    with pytest.raises(NotSentError, match="the connection was refused; nothing was sent"):
        make_publisher(api_url=f"http://127.0.0.1:{closed_port}").publish(request_of())


def test_name_that_does_not_resolve_sent_nothing(make_publisher, request_of):
    with pytest.raises(NotSentError, match="its name could not be resolved; nothing was sent"):
        make_publisher(api_url="https://nowhere.invalid").publish(request_of())


@pytest.mark.skipif(sys.platform != "linux", reason="how a full queue behaves is the kernel's own affair")
def test_connection_that_never_stands_sent_nothing(make_publisher, full_port, request_of):
    publisher = make_publisher(api_url=f"http://127.0.0.1:{full_port}", connect=0.2, total=5)

    with pytest.raises(NotSentError, match=r"it took no connection for 0\.2 s; nothing was sent"):
        publisher.publish(request_of())


def test_failed_tls_handshake_sent_nothing(make_publisher, fake_x, request_of):
    publisher = make_publisher(api_url=fake_x.url.replace("http:", "https:"))

    with pytest.raises(NotSentError, match="the TLS connection failed; nothing was sent"):
        publisher.publish(request_of())

    assert fake_x.journal() == []


def test_tls_handshake_without_an_answer_sent_nothing(make_publisher, silent_port, request_of):
    publisher = make_publisher(api_url=f"https://127.0.0.1:{silent_port}", connect=0.2, total=5)

    with pytest.raises(NotSentError, match="nothing was sent"):
        publisher.publish(request_of())


@pytest.fixture
def stranger_url(tmp_path: Path) -> Iterator[str]:
    """A server on TLS whose certificate nobody vouches for."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(["openssl", "req", *kind, *name, *files], cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.handle_error = lambda *_: None
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_certificate_that_nobody_vouches_for_ends_the_connection(make_publisher, stranger_url, request_of):
    publisher = make_publisher(api_url=stranger_url, connect=2, total=5)

    with pytest.raises(NotSentError, match="its TLS certificate is not valid; nothing was sent"):
        publisher.publish(request_of())


def test_a_request_is_asked_once_more_when_its_connection_stands(make_publisher, request_of):
    arrived = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def may_leave() -> bool:
            line, _ = server.accept()
            line.setblocking(False)
            arrived.append(line)
            with pytest.raises(BlockingIOError):
                line.recv(1)
            return False

        publisher = make_publisher(api_url=f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(NotSentError, match="held back before its first byte: nothing was sent"):
            publisher.publish(request_of(may_leave=may_leave))

    (line,) = arrived
    line.setblocking(True)
    with line:
        assert line.recv(1) == b""


def test_a_connection_that_never_stood_is_not_asked_about(make_publisher, closed_port, request_of):
    asked = []

    with pytest.raises(NotSentError, match="the connection was refused"):
        make_publisher(api_url=f"http://127.0.0.1:{closed_port}").publish(
            request_of(may_leave=lambda: bool(asked.append("asked")))
        )

    assert asked == []


def test_a_request_that_may_leave_is_asked_about_once_and_a_look_never(publisher, fake_x, clock, request_of):
    asked = []

    def may_leave() -> bool:
        asked.append(len(fake_x.journal()))
        return True

    receipt = publisher.publish(request_of(may_leave=may_leave))
    found = publisher.find(request_of(may_leave=may_leave), since=clock.now())

    assert (asked, found) == ([0], receipt)


def test_a_last_look_that_fails_in_a_way_nobody_foresaw_sends_nothing(publisher, fake_x, request_of):
    def may_leave() -> bool:
        raise ZeroDivisionError

    with pytest.raises(UnconfirmedError, match="could not be asked: ZeroDivisionError"):
        publisher.publish(request_of(may_leave=may_leave))

    assert fake_x.journal() == []


def test_silence_after_the_request_is_unconfirmed(make_publisher, silent_port, request_of):
    publisher = make_publisher(api_url=f"http://127.0.0.1:{silent_port}", read=0.2, total=5)

    with pytest.raises(UnconfirmedError, match=r"the request had left, then nothing came for 0\.2 s"):
        publisher.publish(request_of())


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param({}, "accepted the post", id="one byte at a time, body"),
        pytest.param({"sized": False}, "accepted the post", id="one byte at a time, of unknown length"),
        pytest.param({"part": "head"}, "had left", id="one byte at a time, head"),
        pytest.param({"kind": "late", "seconds": 20}, "had left", id="answer after the deadline"),
        pytest.param(
            {"kind": "late", "seconds": 20, "when": "before"}, "had left", id="stored after the deadline"
        ),
    ],
)
def test_whole_call_ends_at_its_deadline(make_publisher, fake_x, request_of, fault, words):
    fake_x.faults({"kind": "dribble", "interval": 0.2, **fault})
    real = SystemClock()
    started = real.monotonic()

    with pytest.raises(UnconfirmedError, match=rf"{words}.*no whole answer came within 0\.5 s"):
        make_publisher(read=30, total=0.5).publish(request_of())

    assert 0.5 <= real.monotonic() - started < 5


def test_ordinary_patience_is_5_30_and_45_seconds(x_settings, clock):
    assert Timeouts() == Timeouts(connect=5, read=30, total=45)


class LeapingClock:
    """A machine that slept for an hour after its first look at the clock."""

    def __init__(self, *, monotonic: bool) -> None:
        self._looks = 0
        self._monotonic = monotonic

    def now(self) -> datetime:
        self._looks += 1
        leap = timedelta(hours=self._looks > 1)
        return datetime(2026, 3, 1, tzinfo=UTC) + (timedelta(0) if self._monotonic else leap)

    def monotonic(self) -> float:
        self._looks += self._monotonic
        return 3600.0 if self._monotonic and self._looks > 2 else 0.0


@pytest.mark.parametrize("monotonic", [pytest.param(True, id="frozen"), pytest.param(False, id="asleep")])
def test_process_that_wakes_late_sends_nothing(x_settings, fake_x, request_of, monotonic):
    clock: Clock = LeapingClock(monotonic=monotonic)

    with pytest.raises(NotSentError, match="nothing was sent"):
        XPublisher(x_settings, clock=clock).publish(request_of())

    assert fake_x.journal() == []


def test_each_request_has_a_connection_of_its_own(publisher, fake_x, request_of):
    for number in range(3):
        publisher.publish(request_of(f"number {number}"))

    assert len({entry["connection"] for entry in fake_x.journal()}) == 3


@pytest.mark.parametrize("on", ["POST /2/tweets", "GET /2/users/me"])
def test_redirect_is_not_followed(publisher, fake_x, request_of, on):
    fake_x.faults({"kind": "redirect", "on": on})

    with pytest.raises(UnconfirmedError, match="307"):
        publisher.publish(request_of()) if on.startswith("POST") else publisher.check()

    assert len(fake_x.journal()) == 1


def test_answer_without_an_end_is_not_read_to_it(publisher, fake_x, request_of):
    body = '{"data": {"id": "7"}, "x": "' + "x" * MAX_ANSWER_BYTES + '"}'
    fake_x.faults({"kind": "status", "status": 201, "body": body})

    with pytest.raises(UnconfirmedError, match=r"accepted the post \(201\).*longer than"):
        publisher.publish(request_of())


def test_fault_that_nobody_foresaw_is_unconfirmed(fake_x, clock):
    def body() -> Iterator[bytes]:
        yield b"{"
        raise ZeroDivisionError

    transport = Transport("X", clock=clock, timeouts=Timeouts(), scrub=str)
    half_sent = requests.Request("POST", fake_x.url + "/2/tweets", data=body())

    with pytest.raises(UnconfirmedError, match="the request had left, then ZeroDivisionError"):
        transport.exchange(half_sent)
    unwritable = requests.Request("GET", fake_x.url + "/2/users/me", headers={"X-Arabic": "س"})
    with pytest.raises(UnconfirmedError, match="could not be asked: UnicodeEncodeError"):
        transport.exchange(unwritable)


def test_proxies_and_passwords_of_the_machine_are_not_used(fake_x, x_secrets, closed_port, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login invented password invented-password\n")
    dead = f"http://127.0.0.1:{closed_port}"
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
    program = (
        "import json, sys\n"
        "from bot.core.clock import SystemClock\n"
        "from bot.publishing.protocol import AccountSettings, PublishRequest\n"
        "from bot.publishing.registry import builder_for\n"
        "settings = AccountSettings(account='a', api_url=sys.argv[1], secrets=json.loads(sys.argv[2]))\n"
        "publisher = builder_for('x')(settings, clock=SystemClock())\n"
        "request = PublishRequest(key='k', text='through no proxy', language='en')\n"
        "print(publisher.publish(request).remote_id)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, fake_x.url, json.dumps(x_secrets)],
        env={"HOME": str(tmp_path), "NO_PROXY": "", **dict.fromkeys(names, dead)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert [post["id"] for post in fake_x.posts()] == [done.stdout.strip()]


@pytest.mark.parametrize(
    ("api_url", "secrets", "words"),
    [
        pytest.param("http://x.example", {}, "is not encrypted", id="http elsewhere"),
        pytest.param("x.example", {}, "is no address", id="no scheme"),
        pytest.param("https://user:word@x.example", {}, "is no address", id="credentials in the address"),
        pytest.param("https://x.example", {"API_KEY": ""}, "API_KEY is missing", id="empty secret"),
        pytest.param("https://x.example", {"API_KEY": "a b"}, "API_KEY is missing", id="secret with a space"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(x_secrets, clock, api_url, secrets, words):
    settings = AccountSettings(account="campaign_x", api_url=api_url, secrets={**x_secrets, **secrets})

    with pytest.raises(ConfigError, match=words):
        build(settings, clock=clock)


def test_address_may_end_in_a_slash(make_publisher, fake_x):
    assert make_publisher(api_url=fake_x.url + "/").check() == "@campaign"
