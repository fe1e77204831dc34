"""The fake Bluesky answers as a real server (PDS) does, where the bot asks: both are asked the same."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

import pds

KEY, OTHER_KEY = "3mfyeszcd3d23", "3mfyeszcd3d24"
COLLECTION = "app.bsky.feed.post"
HANDLE = "invented.test"

Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def real_server(tmp_path_factory) -> Iterator[tuple[str, str]]:
    """Its address, and the app password of an account that every test of this file shares."""
    if (why := pds.why_missing()) is not None:
        pytest.skip(why)
    server = pds.Pds(tmp_path_factory.mktemp("pds"))
    yield server.url, server.app_password(HANDLE)
    server.stop()


@pytest.fixture(params=["fake", "real"])
def place(request) -> tuple[str, str]:
    """Where the server is, and the account's app password there."""
    if request.param == "fake":
        return request.getfixturevalue("fake_bluesky").url, f"invented-app-password-of-{HANDLE}"
    where: tuple[str, str] = request.getfixturevalue("real_server")
    return where


@pytest.fixture
def ask(place) -> Ask:
    """Ask the server for a method, and return status and body."""

    def ask(method: str, *, token: str | None = None, body: Any = None, **query: str) -> tuple[int, Any]:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        verb = "GET" if method in ("server.getSession", "repo.getRecord") else "POST"
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                verb,
                f"{place[0]}/xrpc/com.atproto.{method}",
                headers=headers,
                params=query,
                json=body,
                timeout=20,
            )
        return answer.status_code, json.loads(answer.content or b"{}")

    return ask


@pytest.fixture
def session(ask, place) -> dict[str, str]:
    status, session = ask("server.createSession", body={"identifier": HANDLE, "password": place[1]})
    assert status == 200
    # The real server lives as long as this file's tests.
    for key in (KEY, OTHER_KEY):
        ask("repo.deleteRecord", token=session["accessJwt"], body=_where(session, key))
    return session


def _where(session: dict[str, str], key: str = KEY) -> dict[str, str]:
    return {"repo": session["did"], "collection": COLLECTION, "rkey": key}


def _record(text: str = "حقيقة مخترعة", **more: Any) -> dict[str, Any]:
    return {
        "$type": COLLECTION,
        "text": text,
        "createdAt": "2026-03-01T09:00:00.000Z",
        "langs": ["ar"],
        **more,
    }


@pytest.fixture
def put(ask, session) -> Ask:
    """Put a record under the key; `swapRecord: null` unless told otherwise."""

    def put(record: Any, *, key: str = KEY, **more: Any) -> tuple[int, dict[str, Any]]:
        body = {**_where(session, key), "record": record, "swapRecord": None, **more}
        return ask(
            "repo.putRecord",
            token=session["accessJwt"],
            body={name: value for name, value in body.items() if value != "left out"},
        )

    return put


def test_the_same_record_again_is_the_same_record(put, session):
    first_status, first = put(_record())
    again_status, again = put(_record())

    assert (first_status, again_status) == (200, 200)
    assert first["uri"] == f"at://{session['did']}/{COLLECTION}/{KEY}"
    assert (first["uri"], first["cid"]) == (again["uri"], again["cid"])


def test_another_record_there_is_refused_and_the_first_one_stays(put, ask, session):
    put(_record("one"))

    status, body = put(_record("two"))

    assert (status, body["error"]) == (400, "InvalidSwap")
    assert ask("repo.getRecord", **_where(session))[1]["value"] == _record("one")


def test_put_without_swap_record_overwrites(put, ask, session):
    put(_record("one"))

    status, _ = put(_record("two"), swapRecord="left out")

    assert status == 200
    assert ask("repo.getRecord", **_where(session))[1]["value"] == _record("two")


@pytest.mark.parametrize(
    ("record", "key"),
    [
        pytest.param(_record("س" * 301), KEY, id="301 characters"),
        pytest.param(_record(createdAt=None), KEY, id="no moment"),
        pytest.param(_record(), "not-a-tid", id="no TID"),
        pytest.param(_record(langs=["ar", "en", "tr", "ku"]), KEY, id="four languages"),
    ],
)
def test_what_is_no_post_is_an_invalid_request(put, record, key):
    status, body = put(record, key=key)

    assert (status, body["error"]) == (400, "InvalidRequest")


def test_record_that_is_there_is_shown_to_anybody_by_handle_and_by_did(put, ask, session):
    _, made = put(_record())

    for repo in (HANDLE, session["did"]):
        status, body = ask("repo.getRecord", **{**_where(session), "repo": repo})
        assert status == 200
        assert (body["uri"], body["cid"], body["value"]) == (made["uri"], made["cid"], _record())


def test_record_that_is_not_there_is_said_to_be_absent(ask, session):
    status, body = ask("repo.getRecord", **_where(session, OTHER_KEY))

    assert (status, body["error"]) == (400, "RecordNotFound")


def test_look_at_somebody_elses_server_is_no_word_about_absence(ask):
    status, body = ask(
        "repo.getRecord", repo="did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", collection=COLLECTION, rkey=KEY
    )

    assert (status, body["error"]) == (502, "UpstreamFailure")


def test_deleting_twice_is_fine_and_the_record_is_absent(put, ask, session):
    put(_record())

    said = [ask("repo.deleteRecord", token=session["accessJwt"], body=_where(session))[0] for _ in range(2)]

    assert said == [200, 200]
    assert ask("repo.getRecord", **_where(session))[1]["error"] == "RecordNotFound"


def test_session_names_its_account(ask, session):
    status, body = ask("server.getSession", token=session["accessJwt"])

    assert (status, body["did"], body["handle"], body["active"]) == (200, session["did"], HANDLE, True)


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        pytest.param(None, (401, "AuthMissing"), id="none"),
        pytest.param("a.b.c", (400, "InvalidToken"), id="made up"),
        pytest.param("refreshJwt", (400, "InvalidToken"), id="the other kind"),
    ],
)
@pytest.mark.parametrize("method", ["server.getSession", "repo.putRecord"])
def test_token_that_is_none_is_refused(ask, session, method, token, expected):
    body = None if method == "server.getSession" else {**_where(session), "record": _record()}

    status, said = ask(method, token=session.get(token or "", token), body=body)

    assert (status, said["error"]) == expected


def test_wrong_password_is_refused(ask):
    status, body = ask("server.createSession", body={"identifier": HANDLE, "password": "wrong"})

    assert (status, body["error"]) == (401, "AuthenticationRequired")


def test_refresh_token_gives_another_session_and_within_its_grace_the_same_one_again(ask, session):
    given = [ask("server.refreshSession", token=session["refreshJwt"]) for _ in range(2)]

    assert [status for status, _ in given] == [200, 200]
    numbers = [_claims(body["refreshJwt"])["jti"] for _, body in given]
    assert numbers[0] == numbers[1] != _claims(session["refreshJwt"])["jti"]


def test_access_token_renews_nothing(ask, session):
    status, body = ask("server.refreshSession", token=session["accessJwt"])

    assert (status, body["error"]) == (400, "InvalidToken")


def _claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims
