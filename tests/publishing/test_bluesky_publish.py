"""What arrives on Bluesky, and what the publisher makes of its server's answers, over real HTTP."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config import read_settings
from bot.core.campaign import Account, Network
from bot.core.errors import (
    AccountError,
    ConfigError,
    NotNowError,
    NotSentError,
    PublishError,
    RejectedError,
    UnconfirmedError,
)
from bot.core.post import State
from bot.outlets import build_outlet
from bot.publishing.bluesky import build
from bot.publishing.bluesky_record import record_key
from lost_answers import lost_answers

ARABIC = "حقائق من سوريا #سوريا_حرة\nhttps://example.org/a?b=1"
GET = "GET /xrpc/com.atproto.repo.getRecord"
DELETE = "POST /xrpc/com.atproto.repo.deleteRecord"


def puts(fake) -> list[dict]:
    return [entry for entry in fake.journal() if entry["path"].endswith("putRecord")]


def answered(status: int, name: str = "", message: str = "", **more) -> dict:
    return {"kind": "status", "status": status, "body": {"error": name, "message": message}, **more}


# -- what arrives ------------------------------------------------------------------------------------


def test_the_very_characters_of_the_post_arrive_with_language_and_facets(
    bluesky_publisher, fake_bluesky, bluesky_request_of
):
    receipt = bluesky_publisher.publish(bluesky_request_of(ARABIC, content_warning="صور"))

    (post,) = fake_bluesky.posts("campaign.example.org")
    assert post["text"] == ARABIC
    assert post["record"]["langs"] == ["ar"]
    assert [facet["features"][0]["$type"].partition("#")[2] for facet in post["record"]["facets"]] == [
        "tag",
        "link",
    ]
    assert post["record"]["labels"]["values"] == [{"val": "graphic-media"}]
    assert receipt.remote_id == post["id"]
    assert receipt.url == f"https://bsky.app/profile/campaign.example.org/post/{post['id']}"


def test_key_comes_from_moment_post_and_part(bluesky_publisher, bluesky_request_of, clock):
    receipt = bluesky_publisher.publish(bluesky_request_of(post=7, part=1))

    assert receipt.remote_id == record_key(moment=clock.now(), post=7, part=1)


def test_part_of_a_thread_replies_to_the_part_before_it_under_the_first(
    bluesky_publisher, fake_bluesky, bluesky_request_of
):
    receipts = []
    for part in (1, 2, 3):
        before = receipts[-1].remote_id if receipts else None
        receipts.append(
            bluesky_publisher.publish(bluesky_request_of(f"part {part}", part=part, reply_to=before))
        )

    first, second, third = fake_bluesky.posts()
    assert "reply" not in first["record"]
    assert second["record"]["reply"]["parent"] == second["record"]["reply"]["root"]
    assert third["record"]["reply"]["root"]["cid"] == first["cid"]
    assert third["record"]["reply"]["parent"]["cid"] == second["cid"]
    assert third["record"]["reply"]["parent"]["uri"].endswith(f"/{second['id']}")


def test_repeat_is_the_same_bytes_the_same_receipt_and_one_post(
    make_bluesky, fake_bluesky, bluesky_request_of
):
    first = make_bluesky().publish(bluesky_request_of(ARABIC))

    again = make_bluesky().publish(replace(bluesky_request_of(ARABIC), key="another attempt's"))

    assert again == first
    assert len({entry["body_sha256"] for entry in puts(fake_bluesky)}) == 1
    assert [entry["committed"] for entry in puts(fake_bluesky)] == [True, False]
    assert len(fake_bluesky.posts()) == 1


def test_other_post_under_the_same_key_is_never_overwritten(
    bluesky_publisher, fake_bluesky, bluesky_request_of
):
    bluesky_publisher.publish(bluesky_request_of("one"))

    with pytest.raises(UnconfirmedError, match="another record has this post's key"):
        bluesky_publisher.publish(bluesky_request_of("two"))

    assert [post["text"] for post in fake_bluesky.posts()] == ["one"]


def test_post_that_is_sent_again_at_another_moment_is_found_and_not_made_again(
    bluesky_publisher, fake_bluesky, bluesky_request_of, clock
):
    first = bluesky_publisher.publish(bluesky_request_of(ARABIC))
    later = bluesky_request_of(ARABIC, planned=clock.now(), moment=clock.now() + timedelta(days=2))

    with pytest.raises(UnconfirmedError, match="another record has this post's key"):
        bluesky_publisher.publish(later)

    assert bluesky_publisher.find(later, since=clock.now()) == first
    assert len(fake_bluesky.posts()) == 1


def test_post_that_was_moved_leaves_under_the_key_of_its_planned_moment_and_says_when_it_left(
    bluesky_publisher, fake_bluesky, bluesky_request_of, clock
):
    planned = clock.now() - timedelta(days=2)

    receipt = bluesky_publisher.publish(bluesky_request_of(planned=planned))

    (post,) = fake_bluesky.posts()
    assert receipt.remote_id == record_key(moment=planned, post=41, part=1)
    assert post["record"]["createdAt"].startswith(f"{clock.now():%Y-%m-%dT%H:%M}")


def test_post_without_a_moment_asks_nobody(bluesky_publisher, fake_bluesky, bluesky_request_of):
    with pytest.raises(RejectedError, match="no moment"):
        bluesky_publisher.publish(bluesky_request_of(moment=None))

    assert fake_bluesky.journal() == []


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        pytest.param({"kind": "drop"}, NotSentError, "could not be read", id="closed"),
        pytest.param(answered(503), NotSentError, "could not be read", id="503"),
        pytest.param({"kind": "wrong_json"}, NotSentError, "could not be read", id="no JSON"),
        pytest.param({"kind": "empty_page"}, RejectedError, "not on Bluesky any more", id="gone"),
        pytest.param(answered(429), NotNowError, "429", id="limited"),
    ],
)
def test_part_whose_forerunner_cannot_be_read_is_certainly_not_sent(
    bluesky_publisher, fake_bluesky, bluesky_request_of, fault, error, words
):
    first = bluesky_publisher.publish(bluesky_request_of("one"))
    fake_bluesky.faults({**fault, "on": GET})

    with pytest.raises(PublishError, match=words) as caught:
        bluesky_publisher.publish(bluesky_request_of("two", part=2, reply_to=first.remote_id))

    assert type(caught.value) is error
    assert [post["text"] for post in fake_bluesky.posts()] == ["one"]


def test_request_that_may_not_leave_does_not(bluesky_publisher, fake_bluesky, bluesky_request_of):
    bluesky_publisher.check()

    with pytest.raises(NotSentError):
        bluesky_publisher.publish(bluesky_request_of(may_leave=lambda: False))

    assert puts(fake_bluesky) == []


# -- answers -----------------------------------------------------------------------------------------

#: What each fault must become on a first try; `stored` is whether the fault leaves a post behind.
FAULTS = [
    pytest.param({"kind": "refuse"}, UnconfirmedError, False, id="closed at accept"),
    *lost_answers({"error": "InternalServerError", "message": "Internal Server Error"}),
    pytest.param(
        {"kind": "status", "status": 200, "body": []}, UnconfirmedError, False, id="200 with a list"
    ),
    pytest.param(
        {"kind": "status", "status": 200, "body": {"uri": 7}}, UnconfirmedError, False, id="uri is a number"
    ),
    pytest.param(
        {"kind": "status", "status": 200, "body": {"uri": "at://did:plc:x/app.bsky.feed.post/2222222222222"}},
        UnconfirmedError,
        False,
        id="uri of another post",
    ),
    pytest.param(answered(400, "InvalidSwap", "Record was at bafy"), UnconfirmedError, False, id="swap"),
    pytest.param({"kind": "redirect"}, UnconfirmedError, False, id="redirect"),
    pytest.param({"kind": "status", "status": 403, "body": ""}, UnconfirmedError, False, id="403 unreadable"),
    pytest.param(answered(418), UnconfirmedError, False, id="a status nobody foresaw"),
    pytest.param(answered(103), UnconfirmedError, False, id="an early hint and no answer"),
    pytest.param(answered(403, "Forbidden", "No"), RejectedError, False, id="403"),
    *(
        pytest.param(answered(status, "InvalidRequest", "No"), RejectedError, False, id=f"{status}")
        for status in (400, 404, 413, 422)
    ),
    *(
        pytest.param(answered(status, name), AccountError, False, id=f"{status} {name}")
        for status, name in (
            (401, "AuthenticationRequired"),
            (402, ""),
            (400, "AccountTakedown"),
            (401, "AccountDeactivated"),
            (403, "AccountDeactivated"),
            (400, "RepoDeactivated"),
        )
    ),
    pytest.param({**answered(400, "ExpiredToken"), "times": 2}, AccountError, False, id="ever expired"),
    pytest.param(answered(429, "RateLimitExceeded"), NotNowError, False, id="429"),
]


@pytest.mark.parametrize(("fault", "error", "stored"), FAULTS)
def test_fault_on_a_first_try_is_classified(
    bluesky_publisher, fake_bluesky, bluesky_request_of, fault, error, stored
):
    bluesky_publisher.check()
    fake_bluesky.faults(fault)

    with pytest.raises(PublishError) as caught:
        bluesky_publisher.publish(bluesky_request_of())

    assert type(caught.value) is error
    assert len(str(caught.value).splitlines()) == 1
    assert len(fake_bluesky.posts()) == stored


@pytest.mark.parametrize(
    ("fault", "error", "stored"), [case for case in FAULTS if case.values[1] is UnconfirmedError]
)
def test_whatever_a_fault_left_behind_a_repeat_makes_it_one_post(
    make_bluesky, fake_bluesky, bluesky_request_of, clock, fault, error, stored
):
    make_bluesky().check()
    fake_bluesky.faults(fault)
    with pytest.raises(error):
        make_bluesky().publish(bluesky_request_of(ARABIC))

    found = make_bluesky().find(bluesky_request_of(ARABIC), since=clock.now())
    receipt = make_bluesky().publish(bluesky_request_of(ARABIC))

    (post,) = fake_bluesky.posts()
    assert receipt.remote_id == post["id"]
    assert found == (receipt if stored else None)
    assert sum(entry["committed"] for entry in fake_bluesky.journal() if "committed" in entry) == 1


@pytest.mark.parametrize(("fault", "error", "stored"), [case for case in FAULTS if case.values[2]])
def test_repeat_that_meets_the_same_fault_again_stores_nothing_twice(
    make_bluesky, fake_bluesky, bluesky_request_of, clock, fault, error, stored
):
    make_bluesky().check()
    for _ in range(3):
        fake_bluesky.faults(fault)
        with pytest.raises(error):
            make_bluesky().publish(bluesky_request_of())

    found = make_bluesky().find(bluesky_request_of(), since=clock.now())

    assert [found.remote_id] == [post["id"] for post in fake_bluesky.posts()]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(
            answered(400, "InvalidRequest", "Too\nlong\u202e."),
            r"Bluesky answered 400: InvalidRequest: Too long",
            id="reason",
        ),
        pytest.param(
            answered(401, "AuthMissing", "No"), r"401: AuthMissing: No — check the account's handle", id="401"
        ),
        pytest.param(
            answered(401, "AccountDeactivated", "No"), r"sign in to the account at bsky.app", id="gone"
        ),
        pytest.param({"kind": "empty"}, r"Bluesky accepted the post \(200\)", id="empty"),
        pytest.param({"kind": "truncated"}, r"accepted the post \(200\).*the answer broke off", id="half"),
        pytest.param({"kind": "reset"}, r"the request had left, then the connection was reset", id="reset"),
        pytest.param(
            {"kind": "redirect"}, r"Bluesky answered 307: .*; the outcome is not known", id="redirect"
        ),
    ],
)
def test_error_says_in_one_line_what_bluesky_answered(
    bluesky_publisher, fake_bluesky, bluesky_request_of, fault, words
):
    fake_bluesky.faults(fault)

    with pytest.raises(PublishError) as caught:
        bluesky_publisher.publish(bluesky_request_of())

    assert re.search(words, str(caught.value))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        pytest.param({}, None, id="no moment"),
        pytest.param({"ratelimit-reset": "+600", "ratelimit-remaining": "0"}, 10, id="in ten minutes"),
        pytest.param({"ratelimit-reset": "+600"}, 10, id="without saying what is left"),
        pytest.param({"ratelimit-reset": "+600", "ratelimit-remaining": "3"}, None, id="not used up"),
        pytest.param({"ratelimit-reset": "-5"}, 1, id="before 1970"),
        pytest.param({"ratelimit-reset": "253402300799"}, 24 * 60, id="in the year 9999"),
        pytest.param({"ratelimit-reset": "tomorrow"}, None, id="in words"),
        pytest.param({"ratelimit-reset": "9" * 5000}, None, id="without an end"),
    ],
)
def test_limit_names_its_moment_within_bounds(
    bluesky_publisher, fake_bluesky, bluesky_request_of, clock, headers, minutes
):
    told = {
        name: str(int(clock.now().timestamp()) + int(value)) if value.startswith("+") else value
        for name, value in headers.items()
    }
    fake_bluesky.faults(answered(429, "RateLimitExceeded", headers=told))

    with pytest.raises(NotNowError) as caught:
        bluesky_publisher.publish(bluesky_request_of())

    until = caught.value.until
    wait = None if until is None else (until - clock.now() + timedelta(seconds=1)) // timedelta(minutes=1)
    assert wait == minutes


def test_limit_of_the_server_itself_names_the_moment(
    bluesky_publisher, fake_bluesky, bluesky_request_of, clock
):
    fake_bluesky.settings(write_limit=1)
    bluesky_publisher.publish(bluesky_request_of("one"))

    with pytest.raises(NotNowError) as caught:
        bluesky_publisher.publish(bluesky_request_of("two", post=42))

    assert timedelta(seconds=59) <= caught.value.until - clock.now() <= timedelta(hours=1)


def test_skew_of_the_clocks_is_seen(bluesky_publisher, fake_bluesky):
    fake_bluesky.settings(clock_offset_seconds=300)

    bluesky_publisher.check()

    assert abs(bluesky_publisher.clock_skew - timedelta(seconds=300)) < timedelta(seconds=10)


# -- looking -----------------------------------------------------------------------------------------


def test_what_is_not_there_is_certainly_absent(bluesky_publisher, bluesky_request_of, clock):
    assert bluesky_publisher.find(bluesky_request_of(), since=clock.now()) is None
    assert bluesky_publisher.recovery.absent_reads == 1
    assert bluesky_publisher.recovery.absent_means is State.READY


def test_look_hangs_on_no_session_and_tells_nobody_who_looks(
    bluesky_publisher, fake_bluesky, bluesky_request_of, clock
):
    bluesky_publisher.check()

    bluesky_publisher.find(bluesky_request_of(), since=clock.now())

    _, checked, looked = fake_bluesky.journal()
    assert (checked["account"], looked["account"]) == ("campaign.example.org", "")
    assert looked["path"].endswith("getRecord")


def test_part_of_a_thread_is_found_although_nobody_says_what_it_replied_to(
    bluesky_publisher, bluesky_request_of, clock
):
    first = bluesky_publisher.publish(bluesky_request_of("one"))
    second = bluesky_publisher.publish(bluesky_request_of("two", part=2, reply_to=first.remote_id))

    found = bluesky_publisher.find(bluesky_request_of("two", part=2), since=clock.now())

    assert found == second


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": "drop"}, id="closed"),
        pytest.param({"kind": "truncated"}, id="half an answer"),
        pytest.param({"kind": "wrong_json", "when": "after"}, id="no JSON"),
        pytest.param({"kind": "empty"}, id="no body"),
        pytest.param({"kind": "redirect"}, id="redirect"),
        pytest.param(answered(502, "UpstreamFailure"), id="upstream failure"),
        pytest.param(answered(400, "InvalidRequest", "Could not find repo"), id="another 400"),
        pytest.param(answered(503, "RecordNotFound"), id="503 that says not found"),
        pytest.param({"kind": "status", "status": 404, "body": "<html>404</html>"}, id="404 as a page"),
        pytest.param({"kind": "status", "status": 200, "body": {"uri": "at://x"}}, id="no value"),
        pytest.param({"kind": "status", "status": 200, "body": {"value": None}}, id="empty value"),
    ],
)
def test_look_that_is_no_whole_answer_proves_nothing(
    bluesky_publisher, fake_bluesky, bluesky_request_of, clock, fault
):
    bluesky_publisher.check()
    fake_bluesky.faults({**fault, "on": GET})

    with pytest.raises(UnconfirmedError):
        bluesky_publisher.find(bluesky_request_of(), since=clock.now())


def test_look_waits_when_bluesky_asks_for_it(bluesky_publisher, fake_bluesky, bluesky_request_of, clock):
    bluesky_publisher.check()
    fake_bluesky.faults(answered(429, on=GET))

    with pytest.raises(NotNowError):
        bluesky_publisher.find(bluesky_request_of(), since=clock.now())


def test_another_record_under_the_key_is_no_proof(bluesky_publisher, bluesky_request_of, clock):
    bluesky_publisher.publish(bluesky_request_of("one"))

    with pytest.raises(UnconfirmedError, match="another post under this one's key: https://bsky"):
        bluesky_publisher.find(bluesky_request_of("two"), since=clock.now())


def test_post_that_is_known_as_another_is_never_found(bluesky_publisher, bluesky_request_of, clock):
    receipt = bluesky_publisher.publish(bluesky_request_of("one"))
    request = bluesky_request_of("one", known=frozenset({receipt.remote_id}))

    with pytest.raises(UnconfirmedError):
        bluesky_publisher.find(request, since=clock.now())


def test_look_for_a_post_without_a_moment_proves_nothing(bluesky_publisher, bluesky_request_of, clock):
    with pytest.raises(UnconfirmedError):
        bluesky_publisher.find(bluesky_request_of(moment=None), since=clock.now())


# -- withdrawing and checking ------------------------------------------------------------------------


def test_withdrawn_post_is_gone(bluesky_publisher, fake_bluesky, bluesky_request_of):
    receipt = bluesky_publisher.publish(bluesky_request_of())

    bluesky_publisher.withdraw(receipt.remote_id)

    assert fake_bluesky.posts() == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(answered(503), UnconfirmedError, id="503"),
        pytest.param({"kind": "drop", "when": "after"}, UnconfirmedError, id="closed"),
        pytest.param(answered(404), RejectedError, id="404"),
        pytest.param(answered(204), UnconfirmedError, id="204"),
    ],
)
def test_withdrawal_that_bluesky_does_not_affirm_is_an_error(bluesky_publisher, fake_bluesky, fault, error):
    fake_bluesky.faults({**fault, "on": DELETE})

    with pytest.raises(PublishError) as caught:
        bluesky_publisher.withdraw("3mfyeszcd3d23")

    assert type(caught.value) is error


def test_withdrawal_of_what_is_no_key_asks_nobody(bluesky_publisher, fake_bluesky):
    with pytest.raises(RejectedError, match="is no post of Bluesky"):
        bluesky_publisher.withdraw("../3mfyeszcd3d2")

    assert fake_bluesky.journal() == []


def test_handle_is_asked_from_bluesky(bluesky_publisher):
    assert bluesky_publisher.check() == "@campaign.example.org"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(answered(500), UnconfirmedError, id="500"),
        pytest.param({"kind": "wrong_json"}, UnconfirmedError, id="no JSON"),
        pytest.param(answered(401, "AuthMissing"), AccountError, id="401"),
    ],
)
def test_check_that_bluesky_does_not_answer_is_an_error(bluesky_publisher, fake_bluesky, fault, error):
    fake_bluesky.faults({**fault, "on": "GET /xrpc/com.atproto.server.getSession"})

    with pytest.raises(PublishError) as caught:
        bluesky_publisher.check()

    assert type(caught.value) is error


# -- links and building ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "key", "profile"),
    [
        pytest.param(
            "https://bsky.app/profile/campaign.example.org/post/3mfyeszcd3d23",
            "3mfyeszcd3d23",
            "https://bsky.app/profile/campaign.example.org",
            id="handle",
        ),
        pytest.param(
            " https://bsky.app/profile/did:plc:invented/post/3mfyeszcd3d23/liked-by?ref=x#y\n",
            "3mfyeszcd3d23",
            "https://bsky.app/profile/did:plc:invented",
            id="DID and more",
        ),
        *(
            pytest.param(url, None, None, id=url)
            for url in (
                "http://bsky.app/profile/campaign.example.org/post/3mfyeszcd3d23",
                "https://bsky.app.example.org/profile/campaign.example.org/post/3mfyeszcd3d23",
                "https://bsky.app/profile/campaign.example.org",
                "https://bsky.app/profile/campaign.example.org/post/1mfyeszcd3d23",
                "https://bsky.app/profile/nobody/post/3mfyeszcd3d23",
                "https://[bsky.app/profile",
                "",
            )
        ),
    ],
)
def test_link_of_a_post_names_its_key_and_its_account(url, key, profile):
    assert (build.remote_id_of(url), build.profile_of(url)) == (key, profile)


def test_link_of_a_receipt_leads_back_to_it(bluesky_publisher, bluesky_request_of):
    receipt = bluesky_publisher.publish(bluesky_request_of())

    assert build.remote_id_of(receipt.url) == receipt.remote_id


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"secrets": {}}, "APP_PASSWORD is missing", id="no password"),
        pytest.param({"secrets": {"APP_PASSWORD": "a b"}}, "APP_PASSWORD .* not plain ASCII", id="a blank"),
        pytest.param({"handle": None}, "None is no handle", id="no handle"),
        pytest.param({"handle": "@campaign.example.org"}, "is no handle", id="handle with an at sign"),
        pytest.param({"handle": "campaign"}, "is no handle", id="handle without a dot"),
        pytest.param({"keep": None}, "no folder to keep its session", id="nowhere to keep a session"),
        pytest.param({"api_url": "ftp://example.org"}, "is no address", id="no address"),
        pytest.param({"api_url": "http://example.org"}, "is not encrypted", id="not encrypted"),
    ],
)
def test_what_is_missing_is_named_before_anything_is_sent(bluesky_settings, clock, change, words):
    with pytest.raises(ConfigError, match=words):
        build(replace(bluesky_settings, **change), clock=clock)


def test_account_of_a_campaign_gets_its_publisher_and_its_session_a_place(clock, tmp_path, fake_bluesky):
    environment = {
        "BOT_MODE": "live",
        "BOT_DATA_DIR": str(tmp_path),
        "BOT_BLUESKY_URL": fake_bluesky.url,
        "ANNA_BLUESKY_APP_PASSWORD": "invented-app-password-of-anna.example.org",
    }
    account = Account(
        name="anna_bluesky", network=Network.BLUESKY, languages=("ar",), handle="anna.example.org"
    )
    read, _ = read_settings(environment, env_file=tmp_path / "none")

    outlet = build_outlet(account, read, clock=clock)

    assert outlet.publisher.check() == "@anna.example.org"
    assert (tmp_path / "publishers" / "bluesky-anna_bluesky.json").is_file()


def test_text_leaves_as_utf_8_and_not_as_escapes(bluesky_publisher, fake_bluesky, bluesky_request_of):
    bluesky_publisher.publish(bluesky_request_of(ARABIC))

    (put,) = puts(fake_bluesky)
    assert put["text_sha256"] == hashlib.sha256(ARABIC.encode()).hexdigest()
