"""What the publisher makes of X's answers, over real HTTP."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.core.errors import AccountError, NotNowError, PublishError, RejectedError, UnconfirmedError
from bot.publishing.protocol import AccountSettings
from bot.publishing.x import build
from lost_answers import lost_answers


def test_receipt_names_the_post_that_x_stored(publisher, fake_x, request_of):
    receipt = publisher.publish(request_of("حقائق من سوريا #سوريا"))

    [post] = fake_x.posts("campaign")
    assert receipt.remote_id == post["id"]
    assert receipt.url == f"https://x.com/i/web/status/{post['id']}"
    assert post["text"] == "حقائق من سوريا #سوريا"


def test_part_of_a_thread_replies_to_the_part_before_it(publisher, fake_x, request_of):
    first = publisher.publish(request_of("part one"))

    second = publisher.publish(request_of("part two", reply_to=first.remote_id))

    posts = {post["id"]: post for post in fake_x.posts()}
    assert posts[second.remote_id]["reply_to"] == first.remote_id


def test_handle_is_asked_from_x(publisher):
    assert publisher.check() == "@campaign"


def test_accounts_are_told_apart_by_their_tokens(publisher, fake_x, x_secrets_of, clock, request_of):
    settings = AccountSettings(account="other_x", api_url=fake_x.url, secrets=x_secrets_of("other"))
    publisher.publish(request_of("once"))

    build(settings, clock=clock).publish(request_of("once"))

    assert [post["account"] for post in fake_x.posts()] == ["campaign", "other"]


#: What each fault must become on a first try; `stored` is whether the fault leaves a post behind.
FAULTS = [
    pytest.param({"kind": "refuse"}, UnconfirmedError, False, id="closed at accept"),
    *lost_answers(),
    pytest.param(
        {"kind": "status", "status": 201, "body": []}, UnconfirmedError, False, id="201 with a list"
    ),
    pytest.param(
        {"kind": "status", "status": 201, "body": {"data": {"id": 7}}},
        UnconfirmedError,
        False,
        id="id is a number",
    ),
    pytest.param(
        {"kind": "status", "status": 201, "body": {"data": {"id": "../7"}}},
        UnconfirmedError,
        False,
        id="id is no id",
    ),
    pytest.param(
        {"kind": "status", "status": 500, "body": [1, 2]}, UnconfirmedError, False, id="list error body"
    ),
    pytest.param({"kind": "errors_only"}, UnconfirmedError, False, id="200 with only errors"),
    pytest.param(
        {"kind": "errors_only", "when": "after"}, UnconfirmedError, True, id="200 with errors, stored"
    ),
    pytest.param({"kind": "duplicate"}, UnconfirmedError, False, id="duplicate, false"),
    pytest.param({"kind": "duplicate", "when": "after"}, UnconfirmedError, True, id="duplicate, true"),
    pytest.param({"kind": "redirect"}, UnconfirmedError, False, id="redirect"),
    pytest.param({"kind": "status", "status": 403, "body": ""}, UnconfirmedError, False, id="403 unreadable"),
    pytest.param({"kind": "status", "status": 418}, UnconfirmedError, False, id="a status nobody foresaw"),
    pytest.param(
        {"kind": "status", "status": 103}, UnconfirmedError, False, id="an early hint and no answer"
    ),
    pytest.param(
        {"kind": "status", "status": 403, "body": {"detail": "Not permitted", "status": 403}},
        RejectedError,
        False,
        id="403 other than duplicate",
    ),
    *(
        pytest.param({"kind": "status", "status": status, "body": [1]}, RejectedError, False, id=f"{status}")
        for status in (400, 404, 413, 422)
    ),
    *(
        pytest.param({"kind": "status", "status": status}, AccountError, False, id=f"{status}")
        for status in (401, 402)
    ),
    pytest.param({"kind": "status", "status": 429}, NotNowError, False, id="429"),
]


@pytest.mark.parametrize(("fault", "error", "stored"), FAULTS)
def test_fault_on_a_first_try_is_classified(publisher, fake_x, request_of, fault, error, stored):
    fake_x.faults(fault)

    with pytest.raises(PublishError) as caught:
        publisher.publish(request_of())

    assert type(caught.value) is error
    assert len(str(caught.value).splitlines()) == 1
    assert len(fake_x.posts()) == stored
    assert len(fake_x.journal()) == 1


@pytest.mark.parametrize(("fault", "error", "_stored"), [case for case in FAULTS if case.values[2]])
def test_post_that_a_fault_hid_is_found(publisher, fake_x, clock, request_of, fault, error, _stored):
    fake_x.faults(fault)
    with pytest.raises(error):
        publisher.publish(request_of())

    found = publisher.find(request_of(), since=clock.now())

    assert found is not None
    assert [found.remote_id] == [post["id"] for post in fake_x.posts()]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(
            {
                "kind": "status",
                "status": 400,
                "body": {"errors": [{"message": "Too\nlong\u202e."}], "detail": "Inva\u001blid."},
            },
            r"X answered 400: Inva lid; Too long",
            id="reason in detail and errors",
        ),
        pytest.param(
            {"kind": "status", "status": 402, "body": {"title": "CreditsDepleted", "detail": "No credits"}},
            r"X answered 402: No credits — no credits are left: buy",
            id="credits",
        ),
        pytest.param(
            {"kind": "status", "status": 401}, r"X answered 401: .* — check the account's", id="tokens"
        ),
        pytest.param(
            {"kind": "duplicate"},
            r"X answered 403: .*duplicate content — .* may be public already",
            id="duplicate",
        ),
        pytest.param(
            {"kind": "empty"}, r"X accepted the post \(201\), but its answer cannot be read", id="empty"
        ),
        pytest.param(
            {"kind": "truncated"}, r"X accepted the post \(201\).*the answer broke off", id="truncated"
        ),
        pytest.param(
            {"kind": "errors_only"}, r"200 without a post: Something is off; .* may be public", id="errors"
        ),
        pytest.param({"kind": "reset"}, r"the request had left, then the connection was reset", id="reset"),
        pytest.param({"kind": "drop"}, r"the request had left, then the connection was closed", id="drop"),
        pytest.param({"kind": "redirect"}, r"X answered 307: .*; the outcome is not known", id="redirect"),
    ],
)
def test_error_says_in_one_line_what_x_answered(publisher, fake_x, request_of, fault, words):
    fake_x.faults(fault)

    with pytest.raises(PublishError) as caught:
        publisher.publish(request_of())

    assert re.search(words, str(caught.value))
    assert str(caught.value).isprintable()


def test_true_duplicate_of_x_itself_is_unconfirmed(publisher, fake_x, request_of):
    publisher.publish(request_of("said before"))

    with pytest.raises(UnconfirmedError, match="may be public already"):
        publisher.publish(request_of("said  before"))

    assert len(fake_x.posts()) == 1


def test_too_long_a_text_is_rejected_with_the_reason_of_x(publisher, request_of):
    with pytest.raises(RejectedError, match="too long"):
        publisher.publish(request_of("س" * 281))


def test_arabic_is_counted_by_letter_not_by_byte(publisher, fake_x, request_of):
    publisher.publish(request_of("س" * 280))

    assert len(fake_x.posts()) == 1


def test_wrong_secret_is_the_accounts_fault(make_publisher, fake_x, x_settings, clock, request_of):
    x_settings.secrets["ACCESS_TOKEN_SECRET"] += "x"

    with pytest.raises(AccountError):
        make_publisher().publish(request_of())

    assert fake_x.posts() == []


def test_app_without_write_permission_is_the_accounts_fault(publisher, fake_x, request_of):
    body = {
        "title": "Forbidden",
        "detail": "Your client app is not configured with the appropriate oauth1 app permissions.",
        "type": "https://api.twitter.com/2/problems/oauth1-permissions",
        "status": 403,
    }
    fake_x.faults({"kind": "status", "status": 403, "body": body})

    with pytest.raises(AccountError, match="Read and write"):
        publisher.publish(request_of())


def test_each_429_is_exactly_one_request(publisher, fake_x, request_of):
    fake_x.faults({"kind": "status", "status": 429, "times": 50})

    for _ in range(50):
        with pytest.raises(NotNowError):
            publisher.publish(request_of())

    assert len(fake_x.journal()) == 50


def test_limit_of_x_itself_names_the_moment(publisher, fake_x, clock, request_of):
    fake_x.settings(post_limit=1)
    publisher.publish(request_of("one"))

    with pytest.raises(NotNowError) as caught:
        publisher.publish(request_of("two"))

    wait = caught.value.until - clock.now()
    assert timedelta(seconds=59) <= wait <= timedelta(minutes=15)


def test_skew_of_the_clocks_is_seen(publisher, fake_x):
    fake_x.settings(clock_offset_seconds=300)

    publisher.check()

    assert abs(publisher.clock_skew - timedelta(seconds=300)) < timedelta(seconds=10)


def test_withdrawn_post_is_gone(publisher, fake_x, request_of):
    receipt = publisher.publish(request_of())

    publisher.withdraw(receipt.remote_id)

    assert fake_x.posts() == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(
            {"status": 200, "body": {"data": {"deleted": False}}}, UnconfirmedError, id="not deleted"
        ),
        pytest.param({"status": 200, "body": ""}, UnconfirmedError, id="empty"),
        pytest.param({"status": 503}, UnconfirmedError, id="503"),
        pytest.param({"status": 404}, RejectedError, id="404"),
    ],
)
def test_withdrawal_that_x_does_not_affirm_is_an_error(publisher, fake_x, fault, error):
    fake_x.faults({"kind": "status", "on": "DELETE /2/tweets/{id}", **fault})

    with pytest.raises(PublishError) as caught:
        publisher.withdraw("1234567890")

    assert type(caught.value) is error


def test_withdrawal_of_what_is_no_id_asks_nobody(publisher, fake_x):
    with pytest.raises(RejectedError, match="is no post of X"):
        publisher.withdraw("1/../../users/me")

    assert fake_x.journal() == []
