"""`run` serves its pages, `run` and `send` tell operators, and `alerts` shows it: as real processes."""

from __future__ import annotations

import json
import re
import signal
import socket
from collections.abc import Iterator
from urllib.request import ProxyHandler, build_opener

import pytest

from receiver import Receiver, receiving

_opener = build_opener(ProxyHandler({}))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def _read_until(process, wanted: str) -> str:
    seen = ""
    for line in process.stdout:
        seen += line
        if wanted in line:
            return seen
    raise AssertionError(f"{wanted!r} never came:\n{seen}\n{process.stderr.read()}")


def _unknown_post(clone, call) -> int:
    """A post whose request left without an answer, as the table shows it."""
    done = clone.run(*call, "--text", "Where are they?", "--at", "now", "--json")
    post_id = int(done.json["post"])
    clone.sql("UPDATE posts SET state = 'unknown' WHERE id = ?", post_id)
    return post_id


def test_run_says_where_its_health_is_and_answers_there(clone):
    with clone.start("run") as process:
        shown = _read_until(process, "Running.")
        address = re.search(r"^health     (http://127\.0\.0\.1:\d+/healthz)$", shown, re.MULTILINE)[1]
        with _opener.open(address, timeout=20) as answer:
            health = json.load(answer)
        with _opener.open(address.replace("healthz", "metrics"), timeout=20) as answer:
            metrics = answer.read().decode()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)

    assert process.returncode == 0
    assert (health["ok"], health["mode"], health["database"]) == (True, "dry-run", "ok")
    assert "campaign_bot_posts" in metrics


def test_run_goes_on_without_pages_when_the_port_is_taken(clone):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with clone.start("run", BOT_CONSOLE_PORT=port) as process:
            shown = _read_until(process, "Running.")
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=20)

    assert process.returncode == 0
    assert "health " not in shown
    (line,) = [line for line in errors.splitlines() if "BOT_CONSOLE_PORT" in line]
    assert f"127.0.0.1:{port} cannot be listened on" in line
    assert line.endswith("the bot runs on without pages")


def test_run_tells_of_an_unknown_post(clone, call, receiver: Receiver):
    post_id = _unknown_post(clone, call)
    with clone.start("run", BOT_ALERT_URLS=receiver.url()) as process:
        _read_until(process, "Running.")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    assert f"campaign-bot resolve {post_id} --live URL" in receiver.received[0].body


def test_send_tells_once_in_the_language_of_the_operators(clone, call, receiver: Receiver):
    post_id = _unknown_post(clone, call)
    told = {"BOT_ALERT_URLS": receiver.url("/invented-canary"), "BOT_ALERT_LANGUAGE": "ar"}

    first = clone.run("-vv", "send", **told)
    second = clone.run("-vv", "send", **told)
    shown = clone.run("alerts", "--json")

    assert (first.status, second.status) == (3, 3)
    (received,) = receiver.received
    assert f"المنشور {post_id}" in received.body
    (unknown,) = [one for one in shown.json["alerts"] if one["kind"] == "unknown"]
    assert (unknown["post"], unknown["told_to"], unknown["open"]) == (post_id, [1], True)
    assert "canary" not in first.out + first.err + second.out + second.err + shown.out


def test_send_says_in_one_line_that_an_address_refused_and_sends_all_the_same(
    clone, call, receiver: Receiver
):
    receiver.statuses["/invented-canary"] = 500
    clone.run(*call, "--text", "Where are they?", "--at", "now")

    done = clone.run("send", BOT_ALERT_URLS=receiver.url("/invented-canary"))

    assert "sent (dry-run)" in done.out
    assert done.complaints == [
        "alerts: address 1 (json): it answered with status 500; it is tried again",
    ]


def test_alerts_test_says_for_each_address_whether_it_was_taken(clone, receiver: Receiver):
    receiver.statuses["/invented-canary"] = 403
    urls = f"{receiver.url('/takes')},{receiver.url('/invented-canary')} nonsense://invented-canary"

    done = clone.run("alerts", "test", BOT_ALERT_URLS=urls)

    assert done.status == 1
    assert done.out == "address 1 (json): taken\n"
    assert done.complaints == [
        "address 2 (json): not taken: it answered with status 403",
        "address 3 (nonsense): not taken: it is no address that Apprise understands",
    ]
    assert receiver.received[0].title == "A test of campaign-bot"
    assert not clone.data.exists(), "no database is needed for it"


def test_alerts_test_without_an_address_says_which_setting_is_empty(clone):
    done = clone.run("alerts", "test")

    assert done.status == 1
    assert done.complaints == [
        "BOT_ALERT_URLS: names no address — see docs/operating.md for how to write one"
    ]


def test_check_names_an_address_that_nothing_can_be_sent_to(clone):
    done = clone.run("check", BOT_ALERT_URLS="json://127.0.0.1/x nonsense://invented-canary")

    assert done.status == 1
    assert done.complaints == [
        "BOT_ALERT_URLS: address 2 (nonsense) is no address that Apprise understands — see docs/operating.md"
    ]


def test_alerts_shows_what_is_open_and_that_nobody_is_told(clone, call):
    post_id = _unknown_post(clone, call)
    clone.run("send")

    done = clone.run("alerts")

    assert re.search(r"unknown  open  not told yet$", done.out, re.MULTILINE)
    assert f"campaign-bot resolve {post_id} --live URL" in done.out
    assert "BOT_ALERT_URLS names no address: nobody is told." in done.out
