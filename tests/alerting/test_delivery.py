"""Messages really arrive, what does not is said in one line, and no address is ever heard of."""

from __future__ import annotations

import base64
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest

from bot.alerting.delivery import Deliverer
from bot.alerting.message import Message
from receiver import Receiver

MESSAGE = Message(title="Invented title", body="Invented words.\nأين هم؟")
CANARY = "invented-canary/token+0123456789"


@contextmanager
def _everything_heard() -> Iterator[list[str]]:
    """Every logger at its lowest level, as a program might set them; gives what they said."""
    heard: list[str] = []

    class _Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(f"{record.name} {self.format(record)}")

    ear = _Ear(level=1)
    root = logging.getLogger()
    loggers = [root, *(one for one in root.manager.loggerDict.values() if isinstance(one, logging.Logger))]
    levels = [one.level for one in loggers]
    root.addHandler(ear)
    for one in loggers:
        one.setLevel(1)
    try:
        yield heard
    finally:
        root.removeHandler(ear)
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)


def test_a_message_arrives_as_it_was_composed(receiver: Receiver):
    (delivery,) = Deliverer([receiver.url()]).deliver(MESSAGE)

    (received,) = receiver.received
    assert (received.title, received.body) == (MESSAGE.title, MESSAGE.body)
    assert (delivery.taken, delivery.name, delivery.error) == (True, "address 1 (json)", "")


def test_each_address_is_told_of_for_itself(receiver: Receiver):
    receiver.statuses["/refuses"] = 500
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"json://127.0.0.1:{closed.getsockname()[1]}/"
        urls = [receiver.url("/takes"), receiver.url("/refuses"), nobody, "nonsense://invented"]

        deliveries = Deliverer(urls).deliver(MESSAGE)

    assert [(one.address, one.taken, one.error) for one in deliveries] == [
        (1, True, ""),
        (2, False, "it answered with status 500"),
        (3, False, "it could not be reached"),
        (4, False, "it is no address that Apprise understands"),
    ]


def test_only_the_wanted_addresses_are_told(receiver: Receiver):
    deliverer = Deliverer([receiver.url("/one"), receiver.url("/two")])

    deliveries = deliverer.deliver(MESSAGE, {2})

    assert [one.address for one in deliveries] == [2]
    assert [one.path for one in receiver.received] == ["/two"]


def test_an_address_that_hangs_is_given_up_and_not_waited_for_twice(receiver: Receiver):
    receiver.slow.add("/hangs")
    deliverer = Deliverer([receiver.url("/hangs"), receiver.url("/takes")])

    first = deliverer.deliver(MESSAGE, patience=0.5)
    second = deliverer.deliver(MESSAGE, patience=0.5)

    for deliveries in (first, second):
        assert [(one.taken, one.error) for one in deliveries] == [
            (False, "it did not answer in time"),
            (True, ""),
        ]
    assert len(receiver.at("/hangs")) == 1
    assert len(receiver.at("/takes")) == 2


@pytest.mark.parametrize("status", [200, 404, 500], ids=str)
def test_no_logger_says_anything_of_an_address(receiver: Receiver, status: int):
    path = f"/{quote(CANARY, safe='')}"
    receiver.statuses[f"/{quote(CANARY, safe='')}"] = status
    deliverer = Deliverer([receiver.url(path), f"json://user:{quote(CANARY, safe='')}@127.0.0.1:1/"])
    deliverer.deliver(MESSAGE)

    with _everything_heard() as heard:
        deliveries = deliverer.deliver(MESSAGE)

    said = "\n".join([*heard, repr(deliverer), repr(deliveries), *deliverer.unreadable()])
    assert receiver.received
    for form in (CANARY, quote(CANARY, safe=""), base64.b64encode(CANARY.encode()).decode(), "canary"):
        assert form not in said
    assert "127.0.0.1" not in said


def test_a_redirect_is_not_followed(receiver: Receiver):
    receiver.statuses["/moved"] = 307
    receiver.locations["/moved"] = "/elsewhere"

    (delivery,) = Deliverer([receiver.url("/moved")]).deliver(MESSAGE)

    assert not delivery.taken
    assert receiver.at("/elsewhere") == []


def test_addresses_that_apprise_does_not_understand_are_named_by_their_place():
    deliverer = Deliverer(["json://127.0.0.1/", "nonsense://invented-token"])

    assert deliverer.unreadable() == ["address 2 (nonsense)"]
