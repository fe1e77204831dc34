"""The fake X is as strict as X where it hurts."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from requests_oauthlib import OAuth1

from bot.emulator.signing import signature as signature_of
from pictures import drawing, encoded

_PICTURE = encoded(drawing(), "png")


@pytest.fixture
def call(fake_x: Any, x_secrets_of: Callable[[str], dict[str, str]]) -> Callable[..., requests.Response]:
    """Make a signed request as a user, with any HTTP client's means."""

    def make(method: str, path: str, *, user: str = "campaign", **more: Any) -> requests.Response:
        secrets = x_secrets_of(user)
        auth = OAuth1(
            secrets["API_KEY"], secrets["API_SECRET"], secrets["ACCESS_TOKEN"], secrets["ACCESS_TOKEN_SECRET"]
        )
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                method, fake_x.url + path, auth=more.pop("auth", auth), **{"timeout": 5, **more}
            )

    return make


def test_signature_is_that_of_the_standards_own_example():
    # RFC 5849, section 1.2: the request for the photo.
    claims = {
        "oauth_consumer_key": "dpf43f3p2l4k3l03",
        "oauth_token": "nnch734d00sl2jdk",
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "137131202",
        "oauth_nonce": "chapoH",
    }

    signature = signature_of(
        "GET",
        "http://photos.example.net/photos?file=vacation.jpg&size=original",
        claims,
        secret="kd94hf93k423kf44",
        token_secret="pfkkdhi9sl3r4s00",
    )

    assert signature == "MdpQcU8iPSUjWoN/UDMsK2sui9I="


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda header: "", id="no header"),
        pytest.param(lambda header: "Bearer invented", id="another kind"),
        pytest.param(lambda header: header.replace("signature=\"", "signature=\"x"), id="signature"),
        pytest.param(lambda header: header.replace("invented-api-key", "other-key"), id="key"),
        pytest.param(lambda header: header.replace("token-campaign", "token-other"), id="token"),
        pytest.param(lambda header: header.replace("oauth_timestamp=\"1", "oauth_timestamp=\"2"), id="time"),
    ],
)  # fmt: skip
def test_request_without_a_right_signature_is_unauthorized(fake_x, call, spoil):
    signed = call("GET", "/2/users/me").request.headers["Authorization"]
    signed = signed.decode() if isinstance(signed, bytes) else signed

    answer = call("GET", "/2/users/me", auth=lambda request: _with_header(request, spoil(signed)))

    assert answer.status_code == 401


def test_signed_request_cannot_be_sent_twice(fake_x, call):
    signed = call("GET", "/2/users/me").request.headers["Authorization"]

    answer = call("GET", "/2/users/me", auth=lambda request: _with_header(request, signed))

    assert answer.status_code == 401


def _with_header(request: requests.PreparedRequest, value: Any) -> requests.PreparedRequest:
    request.headers["Authorization"] = value
    return request


def test_ids_are_strings_that_grow(call):
    ids = [call("POST", "/2/tweets", json={"text": f"number {n}"}).json()["data"]["id"] for n in range(20)]

    assert ids == sorted(ids, key=int)
    assert len(set(ids)) == 20
    assert all(isinstance(post_id, str) and 18 <= len(post_id) <= 19 for post_id in ids)


def test_answer_escapes_html_and_shortens_links(call):
    text = "a & b < c https://example.org/a?x=1&y=2"

    created = call("POST", "/2/tweets", json={"text": text}).json()["data"]
    me = call("GET", "/2/users/me").json()["data"]["id"]
    [post] = call("GET", f"/2/users/{me}/tweets?post.fields=entities").json()["data"]

    [link] = post["entities"]["urls"]
    assert post["text"] == created["text"] == f"a &amp; b &lt; c {link['url']}"
    assert link["url"].startswith("https://t.co/")
    assert link["expanded_url"] == "https://example.org/a?x=1&y=2"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        pytest.param("س" * 280, 201, id="280 Arabic letters"),
        pytest.param("س" * 281, 400, id="281 Arabic letters"),
        pytest.param("字" * 140, 201, id="140 that weigh two"),
        pytest.param("字" * 141, 400, id="141 that weigh two"),
        pytest.param("https://example.org/" + "a" * 400, 201, id="a long link weighs 23"),
        pytest.param("", 400, id="nothing"),
        pytest.param("a\ufeffb", 400, id="a character that X refuses"),
    ],
)
def test_text_is_weighed_as_x_does(call, text, status):
    assert call("POST", "/2/tweets", json={"text": text}).status_code == status


def test_same_text_is_a_duplicate_for_one_account_only(call):
    call("POST", "/2/tweets", json={"text": "said before"})

    again = call("POST", "/2/tweets", json={"text": "said before"})
    other = call("POST", "/2/tweets", json={"text": "said before"}, user="other")

    assert (again.status_code, other.status_code) == (403, 201)
    assert "duplicate content" in again.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"text": "a", "invented": 1}, id="unknown field"),
        pytest.param({"text": "a", "reply": {}}, id="reply to nothing"),
        pytest.param({"text": 7}, id="text is a number"),
        pytest.param({"text": "a", "media": {"media_ids": ["1", "2", "3", "4", "5"]}}, id="five pictures"),
    ],
)
def test_request_that_x_does_not_describe_is_refused(call, openapi, body):
    answer = call("POST", "/2/tweets", json=body)

    assert answer.status_code == 400
    assert answer.json()["title"] == "Invalid Request"


@pytest.fixture
def openapi() -> Path:
    path = Path(__file__).parents[3] / "shared" / "x-openapi.json"
    if not path.exists():
        pytest.skip("X's API description is not beside this project")
    return path


def test_since_id_is_compared_as_a_number(fake_x, call):
    first = call("POST", "/2/tweets", json={"text": "one"}).json()["data"]["id"]
    second = call("POST", "/2/tweets", json={"text": "two"}).json()["data"]["id"]
    me = call("GET", "/2/users/me").json()["data"]["id"]

    newer = call("GET", f"/2/users/{me}/tweets?since_id={first}").json()
    all_of_them = call("GET", f"/2/users/{me}/tweets?since_id=9").json()

    assert [post["id"] for post in newer["data"]] == [second]
    assert all_of_them["meta"]["result_count"] == 2


@pytest.fixture
def bring(call: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
    """Bring a picture to X in one piece."""

    def make(data: bytes = _PICTURE, **more: Any) -> requests.Response:
        files = {"media": ("a.png", data, "image/png")}
        return call("POST", "/2/media/upload", files=files, data={"media_category": "tweet_image"}, **more)

    return make


@pytest.fixture
def describe(call: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
    """Say what a picture shows, and whether it warns."""

    def make(media_id: str, alt: str = "وصف", **warning: bool) -> requests.Response:
        metadata = {"alt_text": {"text": alt}, **({"sensitive_media_warning": warning} if warning else {})}
        return call("POST", "/2/media/metadata", json={"id": media_id, "metadata": metadata})

    return make


@pytest.fixture
def show(call: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
    """Make a post that shows a picture."""

    def make(media_id: str, **more: Any) -> requests.Response:
        return call("POST", "/2/tweets", json={"text": "see", "media": {"media_ids": [media_id]}}, **more)

    return make


def test_picture_is_uploaded_in_one_piece_described_and_posted(fake_x, bring, describe, show):
    uploaded = bring().json()["data"]

    described = describe(uploaded["id"], other=True)
    posted = show(uploaded["id"]).json()

    assert uploaded["size"] == len(_PICTURE)
    assert described.status_code == 200
    assert "https://t.co/" in posted["data"]["text"]
    [post] = fake_x.posts()
    digest = hashlib.sha256(_PICTURE).hexdigest()
    assert post["pictures"] == [{"sha256": digest, "alt": "وصف", "warning": True}]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(_PICTURE.ljust(5_000_000, b"\0"), 200, id="5 MB"),
        pytest.param(_PICTURE.ljust(5_000_001, b"\0"), 413, id="a byte more"),
        pytest.param(b"<svg/>", 400, id="no picture that X takes"),
    ],
)
def test_picture_is_taken_as_x_takes_it(bring, data, status):
    assert bring(data).status_code == status


@pytest.mark.parametrize(
    ("alt", "status"),
    [
        pytest.param("س" * 1000, 200, id="1,000 Arabic letters"),
        pytest.param("س" * 1001, 400, id="one more"),
        pytest.param("👍" * 501, 400, id="more in UTF-16"),
    ],
)
def test_words_of_a_picture_have_a_limit(bring, describe, alt, status):
    assert describe(bring().json()["data"]["id"], alt).status_code == status


def test_picture_of_another_account_is_neither_described_nor_shown(bring, describe, show):
    foreign = bring(user="other").json()["data"]["id"]

    assert (describe(foreign).status_code, show(foreign).status_code) == (400, 400)
    assert show("1").status_code == 400


def test_picture_is_forgotten_after_a_day(fake_x, bring, show):
    media_id = bring().json()["data"]["id"]

    fake_x.settings(clock_offset_seconds=86_401)

    assert show(media_id).status_code == 400


@pytest.mark.parametrize(
    ("questions", "states", "usable"),
    [
        pytest.param(0, [None, "succeeded"], True, id="at once"),
        pytest.param(2, ["pending", "pending", "succeeded"], True, id="after a while"),
        pytest.param(-1, ["failed", "failed"], False, id="never"),
    ],
)
def test_picture_can_be_shown_once_x_is_done_with_it(fake_x, call, bring, show, questions, states, usable):
    fake_x.settings(processing_questions=questions)
    uploaded = bring().json()["data"]
    ask = f"/2/media/upload?command=STATUS&media_id={uploaded['id']}"

    seen = [uploaded, *(call("GET", ask).json()["data"] for _ in states[1:])]

    assert [one.get("processing_info", {}).get("state") for one in seen] == states
    assert (show(uploaded["id"]).status_code == 201) is usable


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({}, id="no category"),
        pytest.param({"media_category": "invented"}, id="another category"),
        pytest.param({"media_category": "tweet_image", "alt": "a"}, id="another field"),
    ],
)
def test_form_that_x_does_not_describe_is_refused(call, openapi, data):
    answer = call("POST", "/2/media/upload", files={"media": ("a.png", _PICTURE, "image/png")}, data=data)

    assert (answer.status_code, answer.json()["title"]) == (400, "Invalid Request")


def test_picture_is_uploaded_in_pieces(call):
    asked = {"media_type": "image/png", "media_category": "tweet_image", "total_bytes": 4}
    media_id = call("POST", "/2/media/upload/initialize", json=asked).json()["data"]["id"]
    for number, piece in enumerate((b"ab", b"cd")):
        files = {"media": ("a.png", piece, "image/png")}
        call("POST", f"/2/media/upload/{media_id}/append", files=files, data={"segment_index": number})

    finished = call("POST", f"/2/media/upload/{media_id}/finalize").json()["data"]
    state = call("GET", f"/2/media/upload?command=STATUS&media_id={media_id}").json()["data"]

    assert finished["size"] == 4
    assert state["processing_info"]["state"] == "succeeded"


def test_journal_is_a_file_with_a_line_for_each_request(fake_x, call):
    post_id = call("POST", "/2/tweets", json={"text": "for the judge"}).json()["data"]["id"]

    lines = [json.loads(line) for line in fake_x.journal_file.read_text().splitlines()]

    last = lines[-1]
    assert (last["account"], last["committed"], last["post"], last["status"]) == (
        "campaign",
        True,
        post_id,
        201,
    )
    assert last["text_sha256"] == hashlib.sha256(b"for the judge").hexdigest()


def test_faults_fall_by_chance_but_the_same_each_time(fake_x, call):
    def run() -> list[int]:
        fake_x.reset()
        fake_x.faults_by_chance(0.5, {"kind": "status", "status": 503}, seed=1)
        return [call("POST", "/2/tweets", json={"text": f"{n}"}).status_code for n in range(20)]

    first = run()

    assert set(first) == {201, 503}
    assert run() == first


def test_fault_that_does_not_exist_is_refused_by_name(fake_x):
    answer = requests.post(f"{fake_x.url}/_fake/faults", json={"faults": [{"kind": "flood"}]}, timeout=5)

    assert answer.status_code == 400
    assert "no fault 'flood'; there are: refuse, drop" in answer.json()["error"]


def test_person_sees_each_post_and_what_to_set(x_secrets):
    command = [sys.executable, "-m", "bot.emulator", "--show", "--until-stdin-closes"]

    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        greeting = [process.stdout.readline() for _ in range(10)]
        url = greeting[3].partition("=")[2].strip()
        secrets = list(x_secrets.values())
        with requests.Session() as session:
            session.trust_env = False
            session.post(url + "/2/tweets", json={"text": "حقائق"}, auth=OAuth1(*secrets), timeout=5)
        process.stdin.close()
        shown = process.stdout.read()

    assert "  export BOT_MODE=live\n" in greeting
    assert "@campaign" in shown
    assert "  حقائق\n" in shown


def test_late_request_does_not_reach_past_a_reset(fake_x, call):
    fake_x.faults({"kind": "late", "when": "before", "seconds": 0.3})
    with pytest.raises(requests.ReadTimeout):
        call("POST", "/2/tweets", json={"text": "too late"}, timeout=0.1)
    fake_x.reset()
    fake_x.faults({"kind": "late", "seconds": 0.4})

    call("POST", "/2/tweets", json={"text": "in time"})

    assert [post["text"] for post in fake_x.posts()] == ["in time"]
