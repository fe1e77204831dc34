"""A session outlives its process, is renewed by one at a time, and is kept before it is used."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import AccountError, NotNowError, NotSentError, PublishError, UnconfirmedError

SIGN_IN = "POST /xrpc/com.atproto.server.createSession"
RENEW = "POST /xrpc/com.atproto.server.refreshSession"


def calls(fake) -> dict[str, int]:
    """How often each method was asked for."""
    return dict(Counter(entry["path"].rpartition(".")[2] for entry in fake.journal() if "path" in entry))


@pytest.fixture
def pass_time(clock, fake_bluesky) -> Callable[..., None]:
    """Let time pass for the bot and for Bluesky."""

    def pass_time(**step: float) -> None:
        clock.advance(timedelta(**step))
        fake_bluesky.settings(clock_offset_seconds=timedelta(**step).total_seconds())

    return pass_time


@pytest.fixture
def file(bluesky_settings) -> Path:
    return bluesky_settings.keep / "bluesky-campaign_bluesky.json"


def answered(status: int, name: str = "", **more) -> dict:
    return {"kind": "status", "status": status, "body": {"error": name, "message": ""}, **more}


# -- keeping -----------------------------------------------------------------------------------------


def test_many_processes_sign_in_once(make_bluesky, fake_bluesky, bluesky_request_of):
    for post in range(5):
        make_bluesky().publish(bluesky_request_of(post=post))

    assert calls(fake_bluesky) == {"createSession": 1, "putRecord": 5}


def test_session_is_for_its_owners_eyes_only(bluesky_publisher, file):
    before = os.umask(0)
    try:
        bluesky_publisher.check()
    finally:
        os.umask(before)

    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]
    assert sorted(path.name for path in file.parent.iterdir()) == [
        "bluesky-campaign_bluesky.json",
        "bluesky-campaign_bluesky.lock",
    ]
    assert stat.S_IMODE(file.with_suffix(".lock").stat().st_mode) == 0o600


def test_session_that_was_opened_to_others_is_closed_again(make_bluesky, file):
    make_bluesky().check()
    file.chmod(0o644)

    make_bluesky().check()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_session_file_holds_no_password(bluesky_publisher, file):
    bluesky_publisher.check()

    assert "invented-app-password" not in file.read_text()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b'{"service": "x"}', id="half of it"),
        pytest.param(b'{"did": 1}', id="a number"),
    ],
)
def test_file_that_cannot_be_read_costs_one_sign_in(bluesky_publisher, fake_bluesky, file, content):
    file.parent.mkdir()
    file.write_bytes(content)

    bluesky_publisher.check()

    assert calls(fake_bluesky)["createSession"] == 1
    assert json.loads(file.read_text())["handle"] == "campaign.example.org"


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX-Evil: 1", "أ"])
def test_token_in_the_file_that_no_header_takes_is_not_sent(make_bluesky, fake_bluesky, file, token):
    make_bluesky().check()
    file.write_text(json.dumps({**json.loads(file.read_text()), "access": token}))

    assert make_bluesky().check() == "@campaign.example.org"
    assert calls(fake_bluesky)["createSession"] == 2


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"handle": "other.example.org"}, id="another account's"),
        pytest.param({"service": "https://pds.example.org"}, id="another server's"),
    ],
)
def test_session_of_somebody_else_is_not_used(make_bluesky, fake_bluesky, file, change):
    make_bluesky().check()
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))

    assert make_bluesky().check() == "@campaign.example.org"
    assert calls(fake_bluesky)["createSession"] == 2


def test_session_that_cannot_be_kept_is_not_used(make_bluesky, fake_bluesky, bluesky_request_of, tmp_path):
    nowhere = tmp_path / "a file"
    nowhere.write_text("")

    with pytest.raises(NotSentError, match=r"the session cannot be kept .*: nothing was sent"):
        make_bluesky(keep=nowhere / "below").publish(bluesky_request_of())

    assert fake_bluesky.journal() == []


def test_session_that_could_not_be_written_is_not_used(make_bluesky, fake_bluesky, bluesky_request_of, file):
    file.with_suffix(".new").mkdir(parents=True)
    (file.with_suffix(".new") / "in the way").write_text("")

    with pytest.raises(NotSentError, match="the session cannot be kept"):
        make_bluesky().publish(bluesky_request_of())

    assert "putRecord" not in calls(fake_bluesky)


# -- renewing ----------------------------------------------------------------------------------------


def test_session_that_ends_soon_is_renewed_before_anything_else(
    make_bluesky, fake_bluesky, bluesky_request_of, pass_time, file
):
    make_bluesky().check()
    first = file.read_text()
    pass_time(hours=1, minutes=56)

    make_bluesky().publish(bluesky_request_of())

    assert calls(fake_bluesky) == {"createSession": 1, "getSession": 1, "refreshSession": 1, "putRecord": 1}
    assert json.loads(file.read_text())["refresh"] != json.loads(first)["refresh"]


def test_session_that_the_server_calls_expired_is_renewed_once_and_the_post_is_one(
    make_bluesky, fake_bluesky, bluesky_request_of
):
    make_bluesky().check()
    # Its clock is ahead of ours.
    fake_bluesky.settings(clock_offset_seconds=7300)

    make_bluesky().publish(bluesky_request_of())

    assert calls(fake_bluesky)["refreshSession"] == 1
    assert [entry["status"] for entry in fake_bluesky.journal() if entry["path"].endswith("putRecord")] == [
        400,
        200,
    ]
    assert len(fake_bluesky.posts()) == 1


def test_post_that_may_not_leave_any_more_does_not_leave_after_a_renewal(
    make_bluesky, fake_bluesky, bluesky_request_of
):
    make_bluesky().check()
    fake_bluesky.faults(answered(400, "ExpiredToken"))
    answers = iter([True, True, False])

    with pytest.raises(NotSentError):
        make_bluesky().publish(bluesky_request_of(may_leave=lambda: next(answers)))

    assert fake_bluesky.posts() == []


def test_session_that_is_over_for_good_costs_one_sign_in(make_bluesky, fake_bluesky, bluesky_request_of):
    make_bluesky().check()
    fake_bluesky.settings(generation=1)

    make_bluesky().publish(bluesky_request_of())

    assert calls(fake_bluesky)["createSession"] == 2
    assert len(fake_bluesky.posts()) == 1


def test_answer_to_a_renewal_that_was_lost_costs_no_sign_in(
    make_bluesky, fake_bluesky, bluesky_request_of, pass_time
):
    make_bluesky().check()
    pass_time(hours=2)
    fake_bluesky.faults({"kind": "drop", "when": "after", "on": RENEW})
    with pytest.raises(NotSentError, match="the session could not be renewed"):
        make_bluesky().publish(bluesky_request_of())

    make_bluesky().publish(bluesky_request_of())

    assert calls(fake_bluesky) == {"createSession": 1, "getSession": 1, "refreshSession": 2, "putRecord": 1}


def test_of_many_that_find_it_over_one_renews_it(make_bluesky, fake_bluesky, bluesky_request_of, pass_time):
    make_bluesky().check()
    pass_time(hours=2)

    def publish(post: int) -> str:
        try:
            return make_bluesky().publish(bluesky_request_of(post=post)).remote_id
        except NotSentError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        said = set(pool.map(publish, range(8)))

    assert calls(fake_bluesky)["refreshSession"] == 1
    assert calls(fake_bluesky)["createSession"] == 1
    assert len(fake_bluesky.posts()) == sum("another process" not in one for one in said)


def test_session_that_another_process_has_just_renewed_is_used_and_not_renewed_again(
    make_bluesky, fake_bluesky, bluesky_request_of
):
    make_bluesky().check()
    fake_bluesky.settings(clock_offset_seconds=7300)
    others: list[object] = []

    def may_leave() -> bool:
        # Its token is in the request already when the other process finds it over.
        if not others:
            others.append(make_bluesky().publish(bluesky_request_of(post=1)))
        return True

    make_bluesky().publish(bluesky_request_of(post=2, may_leave=may_leave))

    assert calls(fake_bluesky)["refreshSession"] == 1
    assert len(fake_bluesky.posts()) == 2


def test_process_that_is_frozen_while_it_renews_holds_up_nobody(
    make_bluesky, fake_bluesky, bluesky_request_of, pass_time, file
):
    make_bluesky().check()
    pass_time(hours=2)
    with file.with_suffix(".lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        with pytest.raises(NotSentError, match="another process is renewing"):
            make_bluesky().publish(bluesky_request_of())

    make_bluesky().publish(bluesky_request_of())
    assert len(fake_bluesky.posts()) == 1


def test_look_needs_no_token(make_bluesky, fake_bluesky, bluesky_request_of, clock, pass_time):
    receipt = make_bluesky().publish(bluesky_request_of())
    pass_time(days=400)
    fake_bluesky.settings(passwords={"campaign.example.org": "another"}, generation=1)

    assert make_bluesky().find(bluesky_request_of(), since=clock.now()) == receipt


# -- refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        pytest.param(None, AccountError, "check the account's handle and app password", id="wrong password"),
        pytest.param(
            answered(401, "AuthFactorTokenRequired"), AccountError, "make an app password", id="own"
        ),
        pytest.param(answered(401, "AccountTakedown"), AccountError, "see what is wrong", id="taken down"),
        pytest.param(answered(429, "RateLimitExceeded"), NotNowError, "429", id="429"),
        pytest.param(answered(500), NotSentError, "did not sign in", id="500"),
        pytest.param(answered(404), NotSentError, "did not sign in", id="404"),
        pytest.param(
            {"kind": "status", "status": 401, "body": "<html>401</html>"}, NotSentError, "401", id="a page"
        ),
        pytest.param({"kind": "drop"}, NotSentError, "gave no answer", id="closed"),
        pytest.param({"kind": "truncated"}, NotSentError, "broke off", id="half an answer"),
        pytest.param({"kind": "wrong_json", "when": "after"}, NotSentError, "no session", id="no JSON"),
        pytest.param(
            {"kind": "status", "status": 200, "body": {"did": "x", "accessJwt": "a", "refreshJwt": "b"}},
            NotSentError,
            "no session",
            id="no DID",
        ),
        pytest.param(
            {"kind": "status", "status": 200, "body": {"did": "did:plc:x", "accessJwt": "a\nb"}},
            NotSentError,
            "no session",
            id="no token",
        ),
    ],
)
def test_sign_in_that_fails_sends_nothing(
    make_bluesky, fake_bluesky, bluesky_request_of, clock, fault, error, words
):
    if fault is None:
        fake_bluesky.settings(passwords={"campaign.example.org": "another"})
    else:
        fake_bluesky.faults({**fault, "on": SIGN_IN})

    with pytest.raises(PublishError, match=words) as caught:
        make_bluesky().publish(bluesky_request_of())

    assert type(caught.value) is error
    assert len(str(caught.value).splitlines()) == 1
    assert calls(fake_bluesky) == {"createSession": 1}


def test_look_that_cannot_sign_in_proves_nothing(make_bluesky, fake_bluesky, bluesky_request_of, clock):
    fake_bluesky.settings(passwords={"campaign.example.org": "another"})

    with pytest.raises(UnconfirmedError, match="could not be looked at"):
        make_bluesky().find(bluesky_request_of(), since=clock.now())


def test_limit_on_signing_in_is_one_request_each(make_bluesky, fake_bluesky, bluesky_request_of):
    fake_bluesky.settings(sign_in_limit=0)

    for _ in range(3):
        with pytest.raises(NotNowError):
            make_bluesky().publish(bluesky_request_of())

    assert calls(fake_bluesky) == {"createSession": 3}


# -- the account's own server ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "kept"),
    [
        pytest.param("https://127.0.0.1:9/", "https://127.0.0.1:9", id="another server"),
        *(
            pytest.param(named, None, id=named or "none")
            for named in (
                "",
                "http://pds.example.org",
                "https://user:word@pds.example.org",
                "https://pds.example.org/path",
                "https://pds.example.org?q",
                "ftp://pds.example.org",
                "https://[",
                "https://",
            )
        ),
    ],
)
def test_posts_go_to_the_server_that_the_account_is_on(make_bluesky, fake_bluesky, file, named, kept):
    fake_bluesky.settings(pds=named)

    with nullcontext() if kept is None else pytest.raises(NotSentError, match="was not reached"):
        make_bluesky().check()

    assert json.loads(file.read_text())["pds"] == (kept or fake_bluesky.url)
