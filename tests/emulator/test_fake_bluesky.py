"""The fake Bluesky answers as a real server (PDS) does, where the bot asks: both are asked the same."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from album import Album

# One real server for all of them, and the first may have to wait until it is installed.
pytestmark = [pytest.mark.xdist_group("pds"), pytest.mark.timeout(900)]

KEY, OTHER_KEY = "3mfyeszcd3d23", "3mfyeszcd3d24"
COLLECTION = "app.bsky.feed.post"
HANDLE = "invented.test"

Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def real_account(pds_server) -> tuple[str, str]:
    """Where the real server is, and the app password of an account that every test of this file shares."""
    return pds_server.url, pds_server.app_password(HANDLE)


@pytest.fixture(params=["fake", "real"])
def place(request) -> tuple[str, str]:
    """Where the server is, and the account's app password there."""
    if request.param == "fake":
        return request.getfixturevalue("fake_bluesky").url, f"invented-app-password-of-{HANDLE}"
    where: tuple[str, str] = request.getfixturevalue("real_account")
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


# -- pictures ----------------------------------------------------------------------------------------


def _picture(seed: str, kind: str = "png") -> bytes:
    """Another one for each test: the real server keeps them all."""
    data: bytes = Album().outgoing(seed, kind=kind).data or b""
    return data


def _blob(data: bytes, media_type: str = "image/png", **changed: Any) -> dict[str, Any]:
    digest = b"\x01\x55\x12\x20" + hashlib.sha256(data).digest()
    name = "b" + base64.b32encode(digest).decode().lower().rstrip("=")
    return {"$type": "blob", "ref": {"$link": name}, "mimeType": media_type, "size": len(data), **changed}


def _showing(*blobs: dict[str, Any], **more: Any) -> dict[str, Any]:
    images = [{"image": blob, "alt": "وصف", **more} for blob in blobs]
    return _record(embed={"$type": "app.bsky.embed.images", "images": images})


@pytest.fixture
def upload(place, session) -> Ask:
    """Bring bytes as a blob."""

    def upload(data: bytes, *, declared: str | None = "image/png") -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {session['accessJwt']}"}
        if declared is not None:
            headers["Content-Type"] = declared
        with requests.Session() as asking:
            asking.trust_env = False
            address = f"{place[0]}/xrpc/com.atproto.repo.uploadBlob"
            answer = asking.post(address, data=data, headers=headers, timeout=20)
        return answer.status_code, answer.json()

    return upload


@pytest.fixture
def fetch(place, session) -> Callable[[bytes], tuple[int, bytes]]:
    """Fetch a blob by its name, as anybody may."""

    def fetch(data: bytes) -> tuple[int, bytes]:
        where = {"did": session["did"], "cid": _blob(data)["ref"]["$link"]}
        with requests.Session() as asking:
            asking.trust_env = False
            answer = asking.get(f"{place[0]}/xrpc/com.atproto.sync.getBlob", params=where, timeout=20)
        return answer.status_code, answer.content

    return fetch


@pytest.mark.parametrize(
    ("data", "declared", "kind"),
    [
        pytest.param(_picture("a"), "image/png", "image/png", id="PNG"),
        pytest.param(_picture("b", "jpeg"), "image/jpeg", "image/jpeg", id="JPEG"),
        pytest.param(_picture("c"), "image/jpeg", "image/png", id="PNG that is called a JPEG"),
        pytest.param(b"invented words", "image/jpeg", "image/jpeg", id="words that are called a JPEG"),
    ],
)
def test_blob_is_named_by_its_bytes_and_its_type_is_seen(upload, data, declared, kind):
    answers = [upload(data, declared=declared) for _ in range(2)]

    assert answers == [(200, {"blob": _blob(data, kind)})] * 2


@pytest.mark.parametrize(
    ("data", "declared", "expected"),
    [
        pytest.param(b"x" * (5 * 1024 * 1024 + 1), "image/png", (413, "PayloadTooLarge"), id="too large"),
        pytest.param(b"invented", None, (400, "InvalidRequest"), id="no type"),
    ],
)
def test_blob_that_is_not_taken(upload, data, declared, expected):
    status, said = upload(data, declared=declared)

    assert (status, said["error"]) == expected


def test_blob_is_shown_to_anybody_from_its_post_to_its_deletion(upload, fetch, put, ask, session):
    data = _picture("shown")
    upload(data)
    before = fetch(data)
    put(_showing(_blob(data)))
    shown = fetch(data)
    ask("repo.deleteRecord", token=session["accessJwt"], body=_where(session))

    assert shown == (200, data)
    for status, said in (before, fetch(data)):
        assert (status, json.loads(said)["error"]) == (400, "InvalidRequest")


def test_blob_that_two_posts_show_stays_until_the_second_is_deleted(upload, fetch, put, ask, session):
    data = _picture("shown twice")
    upload(data)
    for key in (KEY, OTHER_KEY):
        put(_showing(_blob(data)), key=key)

    left = []
    for key in (KEY, OTHER_KEY):
        ask("repo.deleteRecord", token=session["accessJwt"], body=_where(session, key))
        left.append(fetch(data)[0])

    assert left == [200, 400]


_NOT_THERE = _blob(b"nobody brought this")
_SMALL = _picture("differs")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(_showing(_NOT_THERE), "BlobNotFound", id="nobody brought it"),
        pytest.param(_showing(_blob(_SMALL, "image/jpeg")), "InvalidMimeType", id="another type"),
        pytest.param(_showing(_blob(_SMALL, size=1)), "InvalidSize", id="another size"),
        pytest.param(_showing(_blob(_SMALL, size=2_000_001)), "InvalidRequest", id="too large"),
        pytest.param(_showing(_blob(_SMALL, "text/plain")), "InvalidRequest", id="no picture"),
        pytest.param(_showing(_blob(_SMALL), alt=None), "InvalidRequest", id="no words"),
        pytest.param(_showing(*[_blob(_SMALL)] * 5), "InvalidRequest", id="five"),
    ],
)
def test_record_whose_picture_is_not_as_it_says_is_refused_and_not_stored(
    upload, put, ask, session, record, expected
):
    upload(_SMALL)

    status, said = put(record)

    assert (status, said["error"]) == (400, expected)
    assert ask("repo.getRecord", **_where(session))[1]["error"] == "RecordNotFound"


def test_record_that_is_there_is_named_before_a_picture_that_is_not(upload, put):
    upload(_SMALL)
    put(_showing(_blob(_SMALL)))

    status, said = put(_showing(_NOT_THERE))

    assert (status, said["error"]) == (400, "InvalidSwap")


def test_same_record_again_asks_for_no_picture(upload, put):
    upload(_SMALL)

    said = [put(_showing(_blob(_SMALL))) for _ in range(2)]

    assert [status for status, _ in said] == [200, 200]
    assert said[0][1]["cid"] == said[1][1]["cid"]


def _claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims
