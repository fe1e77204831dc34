"""By which names the console is asked, and the headers of every answer: over real HTTP."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.people import Role
from bot.web.gate.hosts import Hosts, is_loopback
from bot.web.pages import Pages
from bot.web.pages.static_files import address
from bot.web.serving import serving
from visitors import PASSWORD, Visited, visited

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Served:
    """A console on a port of its own."""

    def __init__(self, place: Visited, port: int) -> None:
        self.place = place
        self.port = port

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: str | None = None,
    ) -> tuple[int, http.client.HTTPMessage, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body=body, headers={"Accept-Language": "en", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def raw(self, request: bytes) -> str:
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(request)
            pieces = iter(lambda: connection.recv(65_536), b"")
            return b"".join(pieces).decode()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, prepared_sqlite: Path) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("answers")
    with visited(
        folder, prepared_sqlite, BOT_CONSOLE_HOST="bot.lan.example", BOT_CONSOLE_URL="https://bot.example.org"
    ) as place:
        broken = Pages("broken")

        @broken.get("/broken", needs=None)
        def _broken() -> str:
            raise RuntimeError("an invented bug")

        broken.register(place.console.pages)
        place.fill()
        place.add_users()
        with serving(place.console.pages, host="127.0.0.1", port=0) as address:
            yield Served(place, int(address.rpartition(":")[2]))


# -- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "known"),
    [
        pytest.param("127.0.0.1", True, id="loopback"),
        pytest.param("localhost:8000", True, id="name-and-port"),
        pytest.param("[::1]:8000", True, id="ipv6"),
        pytest.param("BOT.lan.example", True, id="the-settings-host"),
        pytest.param("bot.example.org:443", True, id="the-public-name"),
        pytest.param("rebound.example.org", False, id="another-name"),
        pytest.param("127.0.0.1.example.org", False, id="looks-like-loopback"),
        pytest.param("bot.example.org.evil.example", False, id="looks-like-ours"),
        pytest.param("evil.example@127.0.0.1", False, id="with-a-user"),
        pytest.param("0.0.0.0", False, id="everywhere"),
        pytest.param("[::1", True, id="half-an-address"),
        pytest.param("", False, id="empty"),
    ],
)
@pytest.mark.parametrize("path", ["/healthz", "/", "/sign-in", "/nowhere"])
def test_only_known_names_are_answered(served: Served, path: str, host: str, known: bool):
    status, _, body = served.ask(path, headers={"Host": host})

    assert (status == 421) is not known
    assert known or body == "Misdirected Request\n"


def test_a_rebound_name_reaches_no_form_even_with_everything_else_right(served: Served):
    place = served.place
    visitor = place.visitor(Role.ADMIN, address="http://rebound.example.org")
    before = place.snapshot()

    answer = visitor.post("/pause", token="invented", reason="x")

    assert answer.status_code == 421
    assert place.snapshot() == before


@pytest.mark.parametrize(
    ("host", "url", "loopback"),
    [
        pytest.param("127.0.0.1", None, True, id="default"),
        pytest.param("localhost", None, True, id="name"),
        pytest.param("127.1.2.3", None, True, id="whole-network"),
        pytest.param("::1", None, True, id="ipv6"),
        pytest.param("127.0.0.1", "http://localhost:9000", True, id="own-url"),
        pytest.param("127.0.0.1", "https://bot.example.org", False, id="proxy"),
        pytest.param("0.0.0.0", None, False, id="everywhere"),
        pytest.param("::", None, False, id="everywhere-ipv6"),
        pytest.param("192.0.2.1", None, False, id="an-address"),
        pytest.param("bot.example.org", None, False, id="a-name"),
    ],
)
def test_whether_others_can_reach_the_console(host: str, url: str | None, loopback: bool):
    assert Hosts(host=host, url=url).are_loopback is loopback


def test_an_ipv4_address_in_ipv6_is_read_as_what_it_is():
    assert is_loopback("::ffff:127.0.0.1")
    assert not is_loopback("::ffff:192.0.2.1")
    assert not is_loopback("")


@pytest.mark.parametrize(
    ("origin", "asked", "own"),
    [
        pytest.param("http://127.0.0.1:8000", "127.0.0.1:8000", True, id="same"),
        pytest.param("http://localhost", "localhost:80", True, id="default-port"),
        pytest.param("https://bot.example.org", "127.0.0.1:8000", True, id="through-the-proxy"),
        pytest.param("https://BOT.example.org:443", "bot.example.org", True, id="proxy-with-port"),
        pytest.param("http://bot.example.org", "127.0.0.1:8000", False, id="proxy-unencrypted"),
        pytest.param("http://127.0.0.1:3000", "127.0.0.1:8000", False, id="another-port"),
        pytest.param("https://127.0.0.1:8000", "127.0.0.1:8000", False, id="another-scheme"),
        pytest.param("http://localhost:8000", "127.0.0.1:8000", False, id="another-name"),
        pytest.param("http://evil@127.0.0.1:8000", "127.0.0.1:8000", False, id="with-a-user"),
        pytest.param("null", "127.0.0.1:8000", False, id="null"),
        pytest.param("", "127.0.0.1:8000", False, id="empty"),
        pytest.param("file://127.0.0.1:8000", "127.0.0.1:8000", False, id="a-file"),
        pytest.param("http://127.0.0.1:nine", "127.0.0.1:8000", False, id="nonsense"),
    ],
)
def test_which_origins_are_the_consoles_own(origin: str, asked: str, own: bool):
    hosts = Hosts(host="127.0.0.1", url="https://bot.example.org")

    assert hosts.own(origin, host_header=asked) is own


# -- headers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        pytest.param("GET", "/sign-in", {}, 200, id="a-page"),
        pytest.param("HEAD", "/sign-in", {}, 200, id="head"),
        pytest.param("OPTIONS", "/sign-in", {}, 200, id="options"),
        pytest.param("GET", "/", {}, 303, id="a-redirection"),
        pytest.param("POST", "/sign-in", {}, 403, id="a-forgery"),
        pytest.param("GET", "/nowhere", {}, 404, id="no-such-page"),
        pytest.param("GET", "/static/x/console.css", {}, 404, id="no-such-file"),
        pytest.param("DELETE", "/sign-in", {}, 405, id="no-such-method"),
        pytest.param("GET", "/healthz", {}, 200, id="health"),
        pytest.param("GET", "/metrics", {}, 200, id="metrics"),
        pytest.param("GET", "/", {"Host": "rebound.example.org"}, 421, id="another-name"),
        pytest.param("GET", "/broken", {}, 500, id="a-bug"),
    ],
)
def test_every_answer_has_every_header(
    served: Served, method: str, path: str, headers: dict[str, str], status: int
):
    found, answered, _ = served.ask(path, method=method, headers=headers)

    assert found == status
    assert {name: answered.get_all(name) for name in ALWAYS} == {
        name: [text] for name, text in ALWAYS.items()
    }
    assert answered.get_all("Cache-Control") == ["no-store"]
    assert "Server" not in answered


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(b"nonsense\r\n\r\n", "400", id="no-http"),
        pytest.param(b"GET / HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n", "400", id="broken-header"),
        pytest.param(b"GET / HTTP/1.1\r\nX: ".ljust(16_384, b"x"), "431", id="long-header"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", "413", id="long-body"),
        pytest.param(b"POST / HTTP/1.1\r\nTransfer-Encoding: odd\r\n\r\n", "501", id="odd-encoding"),
    ],
)
def test_what_no_page_reads_is_answered_with_every_header_too(served: Served, request_: bytes, status: str):
    answer = served.raw(request_)

    assert answer.split()[1] == status
    lines = answer.partition("\r\n\r\n")[0].splitlines()
    assert {f"{name}: {text}".lower() for name, text in ALWAYS.items()} <= {line.lower() for line in lines}
    assert "Cache-Control: no-store" in lines
    assert not any(line.lower().startswith("server:") for line in lines)


def test_a_bug_is_owned_up_to_without_its_details(served: Served, caplog: pytest.LogCaptureFixture):
    _, _, body = served.ask("/broken")

    assert "invented bug" not in body
    assert "Traceback" not in body
    assert "an invented bug" in caplog.text


def test_styles_and_scripts_are_kept_for_good_at_an_address_that_names_their_content(served: Served):
    status, headers, _ = served.ask(address("console.css"))

    assert status == 200
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["Content-Security-Policy"] == POLICY
    assert "Set-Cookie" not in headers


def test_no_page_of_a_signed_in_person_holds_a_script_or_a_style_of_its_own(served: Served):
    admin = served.place.visitor(Role.ADMIN)

    for path in ("/", "/users", "/password", "/nowhere", "/pause"):
        page = admin.get(path).text
        assert "<script>" not in page
        assert " style=" not in page
        assert "<style" not in page
        assert " onclick" not in page
        assert "javascript:" not in page


def test_signing_in_and_out_over_http(served: Served):
    status, headers, page = served.ask("/sign-in")
    cookie = headers["Set-Cookie"].partition(";")[0]
    token = page.split('name="csrf_token" value="')[1].partition('"')[0]
    form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}

    entered, headers, _ = served.ask(
        "/sign-in",
        method="POST",
        headers=form,
        body=f"csrf_token={token}&name=Vera&password={PASSWORD.replace(' ', '+')}",
    )
    inside, _, _ = served.ask("/", headers={"Cookie": headers["Set-Cookie"].partition(";")[0]})

    assert (status, entered, inside) == (200, 303, 200)
    assert "; Secure;" in headers["Set-Cookie"], "there is an https address"


@pytest.mark.parametrize(
    "path", ["/queue%00", "/queue?text=a%00b", "/queue?%00=1", "/queue?state=held&state=%00"]
)
def test_an_address_with_a_nul_in_it_is_no_page(served: Served, path: str):
    status, headers, page = served.ask(path)

    assert status == 404
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "<h1>" in page
