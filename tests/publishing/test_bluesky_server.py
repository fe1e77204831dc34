"""The publisher on a real Bluesky server (PDS): what it takes, what it shows, and what a fault leaves."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

import pytest
import requests

import pds
from bot.core.errors import AccountError, PublishError, RejectedError, UnconfirmedError
from bot.publishing.bluesky import BlueskyPublisher, build
from bot.publishing.bluesky_record import put_body, record_key, record_of
from bot.publishing.protocol import AccountSettings
from bot.publishing.transport import Timeouts

pytestmark = pytest.mark.skipif(pds.why_missing() is not None, reason=str(pds.why_missing()))

ARABIC = "حقائق من سوريا #سوريا_حرة #معتقلون\nhttps://example.org/a?b=1، (#حلب) 👩‍👩‍👧 #Syria"
_NUMBERS = count(1)


class Spoiler(ThreadingHTTPServer):
    """Stands before the server and, once, hands on a request but not its answer."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _SpoilerHandler)
        self.behind = behind
        self.fault: str | None = None
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
        spoiled = self.path.endswith("putRecord") and self.server.fault
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


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[pds.Pds]:
    running = pds.Pds(tmp_path_factory.mktemp("pds"))
    yield running
    running.stop()


@pytest.fixture
def spoiler(server) -> Iterator[Spoiler]:
    spoiler = Spoiler(server.url)
    thread = threading.Thread(target=spoiler.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield spoiler
    spoiler.shutdown()
    thread.join()
    spoiler.server_close()


@pytest.fixture
def settings(server, tmp_path) -> AccountSettings:
    """An account of its own for each test."""
    handle = f"invented{next(_NUMBERS)}.test"
    return AccountSettings(
        account="campaign_bluesky",
        api_url=server.url,
        secrets={"APP_PASSWORD": server.app_password(handle)},
        handle=handle,
        keep=tmp_path / "publishers",
    )


@pytest.fixture
def make(settings, clock) -> Callable[..., BlueskyPublisher]:
    def make(**changes: Any) -> BlueskyPublisher:
        changed = replace(settings, **changes)
        build(changed, clock=clock)
        return BlueskyPublisher(changed, clock=clock, timeouts=Timeouts(connect=5, read=20, total=30))

    return make


def test_arabic_post_arrives_with_its_hashtags_and_links(make, server, settings, bluesky_request_of, clock):
    receipt = make().publish(bluesky_request_of(ARABIC, content_warning="صور"))

    (stored,) = server.records(settings.handle)
    value, content = stored["value"], ARABIC.encode()
    covered = [
        content[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode() for facet in value["facets"]
    ]
    assert value["text"] == ARABIC
    assert covered == ["#سوريا_حرة", "#معتقلون", "https://example.org/a?b=1", "#حلب", "#Syria"]
    assert value["langs"] == ["ar"]
    assert value["labels"]["values"] == [{"val": "graphic-media"}]
    assert stored["uri"].endswith(f"/app.bsky.feed.post/{receipt.remote_id}")
    assert receipt.remote_id == record_key(moment=clock.now(), post=41, part=1)


def test_server_calls_the_record_valid(settings, server, bluesky_request_of, make):
    make().check()
    session = json.loads((settings.keep / "bluesky-campaign_bluesky.json").read_text())
    request = bluesky_request_of(ARABIC, content_warning="x")
    body = put_body(did=session["did"], key="3mfyeszcd3d23", record=record_of(request, moment=request.moment))

    answer = server.call("repo.putRecord", token=session["access"], json=json.loads(body))

    assert answer["validationStatus"] == "valid"


def test_repeat_is_no_second_post(make, server, settings, bluesky_request_of):
    first = make().publish(bluesky_request_of(ARABIC))
    before = server.records(settings.handle)

    again = make().publish(replace(bluesky_request_of(ARABIC), key="another attempt's"))

    assert again == first
    assert server.records(settings.handle) == before


def test_other_post_under_the_same_key_is_never_overwritten(make, server, settings, bluesky_request_of):
    make().publish(bluesky_request_of("one"))

    with pytest.raises(UnconfirmedError, match="InvalidSwap"):
        make().publish(bluesky_request_of("two"))

    assert [one["value"]["text"] for one in server.records(settings.handle)] == ["one"]


def test_look_finds_what_is_there_and_says_what_is_not(make, bluesky_request_of, clock):
    publisher = make()
    receipt = publisher.publish(bluesky_request_of(ARABIC))

    assert publisher.find(bluesky_request_of(ARABIC), since=clock.now()) == receipt
    assert publisher.find(bluesky_request_of(ARABIC, post=42), since=clock.now()) is None
    with pytest.raises(UnconfirmedError, match="another post under this one's key"):
        publisher.find(bluesky_request_of("another"), since=clock.now())


@pytest.mark.parametrize("fault", ["closed", "502", "half"])
def test_post_whose_answer_was_lost_is_found_and_a_repeat_leaves_one(
    make, server, spoiler, settings, bluesky_request_of, clock, fault
):
    publisher = make(api_url=spoiler.url)
    publisher.check()
    spoiler.fault = fault
    with pytest.raises(UnconfirmedError):
        publisher.publish(bluesky_request_of(ARABIC))

    found = publisher.find(bluesky_request_of(ARABIC), since=clock.now())
    again = publisher.publish(bluesky_request_of(ARABIC))

    (stored,) = server.records(settings.handle)
    assert found == again
    assert stored["uri"].endswith(found.remote_id)


def test_thread_hangs_together(make, server, settings, bluesky_request_of):
    publisher, receipts = make(), []
    for part in (1, 2, 3):
        before = receipts[-1].remote_id if receipts else None
        receipts.append(publisher.publish(bluesky_request_of(f"part {part}", part=part, reply_to=before)))

    again = publisher.publish(bluesky_request_of("part 3", part=3, reply_to=receipts[1].remote_id))

    first, second, third = server.records(settings.handle)
    assert again == receipts[2]
    assert third["value"]["reply"] == {
        "root": {"uri": first["uri"], "cid": first["cid"]},
        "parent": {"uri": second["uri"], "cid": second["cid"]},
    }


def test_part_after_one_that_was_deleted_is_rejected(make, bluesky_request_of):
    publisher = make()
    first = publisher.publish(bluesky_request_of("one"))
    publisher.withdraw(first.remote_id)

    with pytest.raises(RejectedError, match="not on Bluesky any more"):
        publisher.publish(bluesky_request_of("two", part=2, reply_to=first.remote_id))


def test_withdrawn_post_is_gone_and_withdrawing_it_again_does_no_harm(
    make, server, settings, bluesky_request_of
):
    publisher = make()
    receipt = publisher.publish(bluesky_request_of())

    publisher.withdraw(receipt.remote_id)
    publisher.withdraw(receipt.remote_id)

    assert server.records(settings.handle) == []


def test_text_of_three_hundred_letters_with_two_marks_each_is_taken(
    make, server, settings, bluesky_request_of
):
    make().publish(bluesky_request_of("سَّ" * 300))

    (stored,) = server.records(settings.handle)
    assert stored["value"]["text"] == "سَّ" * 300


def test_session_is_kept_renewed_and_signed_in_anew_when_it_is_over(
    make, settings, bluesky_request_of, clock
):
    file = settings.keep / "bluesky-campaign_bluesky.json"
    assert make().check() == f"@{settings.handle}"
    first = json.loads(file.read_text())

    # Its access token is over by our clock: it is renewed.
    clock.advance(timedelta(hours=2))
    make().publish(bluesky_request_of("one"))
    second = json.loads(file.read_text())
    # No token is one: the server says so, and the account signs in anew.
    file.write_text(json.dumps({**second, "access": "a.b.c", "refresh": "a.b.c"}))
    clock.advance(-timedelta(hours=2))
    make().publish(bluesky_request_of("two", post=42))

    third = json.loads(file.read_text())
    assert len({first["refresh"], second["refresh"], third["refresh"]}) == 3
    assert first["did"] == third["did"]


def test_wrong_password_is_the_accounts_fault(make, server, settings, bluesky_request_of):
    with pytest.raises(AccountError, match="check the account's handle and app password"):
        make(secrets={"APP_PASSWORD": "invented"}).publish(bluesky_request_of())

    assert server.records(settings.handle) == []


def test_deactivated_account_is_named_as_such_and_a_look_at_it_proves_nothing(
    make, server, settings, bluesky_request_of, clock
):
    make().check()
    server.deactivate(settings.handle)

    with pytest.raises(AccountError, match="see what is wrong"):
        make().publish(bluesky_request_of("two", post=42))
    with pytest.raises(UnconfirmedError):
        make().find(bluesky_request_of("two", post=42), since=clock.now())


def test_many_at_once_under_one_key_make_one_post(make, server, settings, bluesky_request_of):
    make().check()

    def publish() -> None:
        try:
            said.append(make().publish(bluesky_request_of(ARABIC)))
        except PublishError as error:
            said.append(error)

    said: list[object] = []
    threads = [threading.Thread(target=publish) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(server.records(settings.handle)) == 1
    assert len({repr(one) for one in said}) == 1, said
