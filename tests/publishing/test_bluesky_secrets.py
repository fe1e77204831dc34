"""No password and no token in a log line, an error, a traceback, a repr, or any file but the session's."""

from __future__ import annotations

import http.client
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from album import Album
from bot.core.errors import PublishError
from bot.publishing.bluesky import BlueskyPublisher, build
from bot.publishing.transport import Timeouts
from canaries import hits
from overhearing import all_of, everything_at_debug, everything_heard

PUT = "POST /xrpc/com.atproto.repo.putRecord"
GET = "GET /xrpc/com.atproto.repo.getRecord"
SIGN_IN, RENEW, WHO, DELETE, BRING = (
    f"{method} /xrpc/com.atproto.{name}"
    for method, name in (
        ("POST", "server.createSession"),
        ("POST", "server.refreshSession"),
        ("GET", "server.getSession"),
        ("POST", "repo.deleteRecord"),
        ("POST", "repo.uploadBlob"),
    )
)


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    with everything_heard() as stream:
        yield stream


@pytest.fixture
def file(bluesky_settings) -> Path:
    return bluesky_settings.keep / "bluesky-campaign_bluesky.json"


@pytest.fixture
def canary(bluesky_settings, clock) -> BlueskyPublisher:
    build(bluesky_settings, clock=clock)
    everything_at_debug()
    return BlueskyPublisher(bluesky_settings, clock=clock, timeouts=Timeouts(read=0.5))


def secrets_of(settings, file: Path) -> dict[str, str]:
    """The password, and every token that the session's file holds."""
    kept = json.loads(file.read_text()) if file.exists() else {}
    return {**settings.secrets, **{name: kept[name] for name in ("access", "refresh") if name in kept}}


_SAYS_IT = [
    *(
        pytest.param({"kind": "echo", "status": status}, id=f"{status} that repeats it")
        for status in (200, 307, 400, 401, 403, 404, 413, 418, 429, 500)
    ),
    pytest.param({"kind": "echo", "status": 400, "body": ""}, id="400 whose phrase repeats it"),
    pytest.param({"kind": "refuse"}, id="refused"),
    pytest.param({"kind": "drop"}, id="dropped"),
    pytest.param({"kind": "truncated"}, id="half an answer"),
    pytest.param({"kind": "late", "seconds": 20}, id="late"),
    pytest.param({"kind": "wrong_json"}, id="no JSON"),
]


@pytest.mark.parametrize("fault", _SAYS_IT)
@pytest.mark.parametrize("on", [PUT, GET, RENEW, WHO, DELETE, BRING], ids=lambda on: on.rpartition(".")[2])
def test_no_token_is_told_when_something_is_wrong(
    heard, canary, fake_bluesky, bluesky_settings, bluesky_request_of, clock, file, on, fault
):
    canary.check()
    known = secrets_of(bluesky_settings, file)
    if on == RENEW:
        clock.advance(timedelta(hours=2))
    fake_bluesky.faults({"on": on, **fault})
    steps = {
        GET: lambda: canary.find(bluesky_request_of(), since=clock.now()),
        WHO: canary.check,
        DELETE: lambda: canary.withdraw("3mfyeszcd3d23"),
        BRING: lambda: canary.upload(Album().outgoing("an invented picture")),
    }

    told = []
    try:
        steps.get(on, lambda: canary.publish(bluesky_request_of()))()
    except PublishError as error:
        told.append(all_of(error))

    told += [heard.getvalue(), repr(canary), repr(vars(canary)), repr(bluesky_settings)]
    known |= {f"new {name}": secret for name, secret in secrets_of(bluesky_settings, file).items()}
    assert len(known) == 6
    assert hits({"told": "\n".join(told).encode()}, known) == []


@pytest.mark.parametrize("fault", _SAYS_IT)
def test_the_password_is_not_told_when_signing_in_goes_wrong(
    heard, canary, fake_bluesky, bluesky_settings, bluesky_request_of, file, fault
):
    password = bluesky_settings.secrets["APP_PASSWORD"]
    if fault["kind"] == "echo":
        body = {"error": "InvalidRequest", "message": f"not {password}"} if "body" not in fault else password
        fault = {**fault, "kind": "status", "body": body, "headers": {"X-Echo": password}}
    fake_bluesky.faults({"on": SIGN_IN, **fault})

    with pytest.raises(PublishError) as caught:
        canary.publish(bluesky_request_of())

    told = "\n".join((heard.getvalue(), all_of(caught.value), repr(canary), repr(vars(canary))))
    assert hits({"told": told.encode()}, secrets_of(bluesky_settings, file)) == []


@pytest.mark.parametrize("was_signed_in", [False, True], ids=["just signed in", "just renewed"])
def test_token_of_a_session_that_was_made_a_moment_ago_is_not_told(
    heard, canary, fake_bluesky, bluesky_settings, bluesky_request_of, clock, file, was_signed_in
):
    if was_signed_in:
        canary.check()
        clock.advance(timedelta(hours=2))
    fake_bluesky.faults({"kind": "echo", "status": 400, "on": PUT})

    with pytest.raises(PublishError) as caught:
        canary.publish(bluesky_request_of())

    told = "\n".join((heard.getvalue(), all_of(caught.value), repr(vars(canary))))
    assert "[secret]" in told
    assert hits({"told": told.encode()}, secrets_of(bluesky_settings, file)) == []


def test_nothing_is_told_when_all_is_well(
    heard, canary, fake_bluesky, bluesky_settings, bluesky_request_of, clock, file, capfd
):
    before = http.client.HTTPConnection.debuglevel
    http.client.HTTPConnection.debuglevel = 1

    try:
        receipt = canary.publish(bluesky_request_of())
        canary.find(bluesky_request_of(), since=clock.now())
        canary.check()
        canary.withdraw(receipt.remote_id)
    finally:
        http.client.HTTPConnection.debuglevel = before

    out, err = capfd.readouterr()
    told = "\n".join((heard.getvalue(), out, err, repr(receipt), repr(canary)))
    kept = fake_bluesky.journal_file.read_bytes()
    known = secrets_of(bluesky_settings, file)
    assert len(known) == 3
    assert hits({"told": told.encode(), "journal": kept}, known) == []


def test_session_shows_no_token(canary, file):
    canary.check()

    session = canary._sessions.known()

    assert session.access not in repr(session)
    assert session.refresh not in repr(session)
    assert session.did in repr(session)


def test_publisher_shows_its_account_and_address_only(bluesky_publisher, fake_bluesky):
    assert repr(bluesky_publisher) == (
        f"BlueskyPublisher(account='campaign_bluesky', api_url='{fake_bluesky.url}')"
    )
