"""No secret in a log line, an error, a traceback or a repr, however it is written."""

from __future__ import annotations

import base64
import io
import logging
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from album import Album
from bot.core.errors import PublishError
from bot.publishing.protocol import AccountSettings
from bot.publishing.secrecy import Scrubber
from bot.publishing.transport import Timeouts
from bot.publishing.x import XPublisher, build
from overhearing import all_of, everything_at_debug, everything_heard

#: Secrets that look different when they are encoded; the fake X refuses them, but has to be told them.
CANARIES = {
    "API_KEY": "canary+one/CANARY=1",
    "API_SECRET": "canary+two/CANARY=2",
    "ACCESS_TOKEN": "canary+three/CANARY=3",
    "ACCESS_TOKEN_SECRET": "canary+four/CANARY=4",
}


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    with everything_heard() as stream:
        yield stream


def _written(secret: str) -> set[str]:
    once = quote(secret, safe="")
    plain, wrapped = (base64.b64encode(text.encode()).decode() for text in (secret, f"user:{secret}"))
    return {secret, once, quote(once, safe=""), plain.rstrip("="), wrapped.rstrip("=")[8:-2]}


def _hits(text: str, secrets: dict[str, str]) -> list[str]:
    return [name for name, secret in secrets.items() for form in _written(secret) if form in text]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(None, id="X's own 401"),
        *(
            pytest.param({"kind": "echo", "status": status}, id=f"{status} that repeats them")
            for status in (200, 201, 307, 400, 401, 402, 403, 404, 429, 500)
        ),
        pytest.param({"kind": "echo", "status": 400, "body": ""}, id="400 whose phrase repeats them"),
        pytest.param({"kind": "refuse"}, id="refused"),
        pytest.param({"kind": "drop"}, id="dropped"),
        pytest.param({"kind": "late", "seconds": 20}, id="late"),
        pytest.param({"kind": "wrong_json"}, id="no JSON"),
    ],
)
def test_no_secret_is_told_when_something_is_wrong(heard, fake_x, clock, request_of, fault):
    settings = AccountSettings(account="campaign_x", api_url=fake_x.url, secrets=CANARIES)
    build(settings, clock=clock)
    publisher = XPublisher(settings, clock=clock, timeouts=Timeouts(read=0.5))
    everything_at_debug()
    if fault:
        fake_x.faults(fault)

    with pytest.raises(PublishError) as caught:
        publisher.publish(request_of())

    told = "\n".join((heard.getvalue(), all_of(caught.value), repr(publisher), repr(settings), f"{settings}"))
    assert _hits(told, CANARIES) == []


@pytest.mark.parametrize("on", ["POST /2/media/upload", "POST /2/media/metadata"], ids=["picture", "words"])
@pytest.mark.parametrize(
    "fault",
    [
        *(
            pytest.param({"kind": "echo", "status": status}, id=f"{status} that repeats them")
            for status in (200, 307, 400, 401, 415, 429, 500)
        ),
        pytest.param({"kind": "drop"}, id="dropped"),
        pytest.param({"kind": "wrong_json"}, id="no JSON"),
    ],
)
def test_no_secret_is_told_when_a_picture_is_not_brought(heard, fake_x, publisher, x_secrets, fault, on):
    everything_at_debug()
    fake_x.faults({**fault, "on": on})

    with pytest.raises(PublishError) as caught:
        publisher.upload(Album().outgoing("a picture"))

    assert _hits(heard.getvalue() + all_of(caught.value), x_secrets) == []


def test_no_secret_is_told_when_all_is_well(heard, publisher, x_settings, clock, request_of):
    everything_at_debug()

    publisher.publish(request_of())
    publisher.find(request_of(), since=clock.now())
    publisher.check()

    told = heard.getvalue() + repr(publisher) + repr(x_settings)
    assert _hits(told, dict(x_settings.secrets)) == []
    assert not re.search(r"^(tweepy|oauthlib|requests_oauthlib|urllib3)\S* (DEBUG|INFO)", told, re.MULTILINE)


def test_warnings_of_the_libraries_are_kept_without_the_secrets(heard, clock, fake_x):
    build(AccountSettings(account="a", api_url=fake_x.url, secrets=CANARIES), clock=clock)
    secret = CANARIES["ACCESS_TOKEN"]

    try:
        raise ValueError(secret)
    except ValueError:
        logging.getLogger("urllib3.connectionpool").warning("broken by %s", secret, exc_info=True)

    assert "WARNING broken by [secret]" in heard.getvalue()
    assert _hits(heard.getvalue(), CANARIES) == []


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode], ids=["base64", "base64url"])
def test_secret_inside_base64_is_scrubbed_at_each_offset(before, encode):
    secret = "invented-secret-?>~"
    scrub = Scrubber([secret])

    text = scrub(encode(f"{before}{secret}|after".encode()).decode())

    assert "[secret]" in text
    assert base64.b64encode(secret.encode()).decode()[4:16] not in text


def test_ordinary_words_are_left_alone():
    assert Scrubber(["", "a", "post"])("a post on X") == "a post on X"


def test_publisher_shows_its_account_and_address_only(publisher: XPublisher, fake_x):
    assert repr(publisher) == f"XPublisher(account='campaign_x', api_url='{fake_x.url}')"
