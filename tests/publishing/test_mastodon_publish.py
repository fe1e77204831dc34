"""What leaves for a Mastodon server, and what its answers are taken for, over real HTTP."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.core.errors import (
    AccountError,
    ConfigError,
    NotNowError,
    PublishError,
    RejectedError,
    UnconfirmedError,
)
from lost_answers import lost_answers

INSTANCE = "GET /api/v2/instance"
ME = "GET /api/v1/accounts/verify_credentials"


def test_receipt_names_the_post_that_the_server_stored(mastodon_publisher, fake_mastodon, request_of):
    receipt = mastodon_publisher.publish(request_of("حقائق من سوريا #سوريا"))

    [post] = fake_mastodon.posts("campaign")
    assert receipt.remote_id == post["id"]
    assert receipt.url == f"http://127.0.0.1/@campaign/{post['id']}"
    assert post["text"] == "حقائق من سوريا #سوريا"


def test_what_leaves_says_its_language_its_visibility_and_its_key(make_mastodon, fake_mastodon, request_of):
    make_mastodon(visibility="unlisted").publish(request_of("Said."))

    [entry] = fake_mastodon.journal()
    assert entry["key"] == "invented-key"
    assert entry["fields"] == {
        "status": "Said.",
        "language": "en",
        "visibility": "unlisted",
        "sensitive": "0",
    }


def test_content_warning_stands_before_the_text_and_marks_the_post_sensitive(
    mastodon_publisher, fake_mastodon, request_of
):
    mastodon_publisher.publish(request_of("Said.", content_warning="تعذيب"))

    [post] = fake_mastodon.posts()
    assert post["text"] == "Said."
    assert post["fields"]["spoiler_text"] == "تعذيب"
    assert post["fields"]["sensitive"] == "1"


def test_part_of_a_thread_replies_to_the_part_before_it(mastodon_publisher, fake_mastodon, request_of):
    first = mastodon_publisher.publish(request_of("part one"))

    mastodon_publisher.publish(request_of("part two", reply_to=first.remote_id, key="another"))

    assert [post["reply_to"] for post in fake_mastodon.posts()] == [None, first.remote_id]


def test_repeat_under_the_same_key_is_the_same_post(mastodon_publisher, fake_mastodon, request_of):
    first = mastodon_publisher.publish(request_of())

    assert mastodon_publisher.publish(request_of()) == first
    assert len(fake_mastodon.posts()) == 1


def test_repeat_after_a_lost_answer_gets_the_receipt_of_the_first(
    mastodon_publisher, fake_mastodon, request_of
):
    fake_mastodon.faults({"kind": "drop", "when": "after"})
    with pytest.raises(UnconfirmedError):
        mastodon_publisher.publish(request_of())

    receipt = mastodon_publisher.publish(request_of())

    assert [post["id"] for post in fake_mastodon.posts()] == [receipt.remote_id]


def test_a_500_on_a_repeat_is_no_refusal(mastodon_publisher, fake_mastodon, request_of):
    mastodon_publisher.publish(request_of())
    fake_mastodon.faults({"kind": "status", "status": 500, "body": {"error": "Something went wrong"}})

    with pytest.raises(
        UnconfirmedError, match="answered 500: Something went wrong; the outcome is not known"
    ):
        mastodon_publisher.publish(request_of())


def test_accounts_are_told_apart_by_their_tokens(make_mastodon, fake_mastodon, request_of):
    make_mastodon().publish(request_of("once"))
    make_mastodon(secrets={"ACCESS_TOKEN": "invented-token-of-other"}).publish(request_of("once"))

    assert [post["account"] for post in fake_mastodon.posts()] == ["campaign", "other"]


#: What each fault must become on a first try; `stored` is whether the fault leaves a post behind.
FAULTS = [
    pytest.param({"kind": "refuse"}, UnconfirmedError, False, id="closed at accept"),
    *lost_answers(),
    *(
        pytest.param({"kind": "status", "status": 200, "body": body}, UnconfirmedError, False, id=name)
        for name, body in {
            "a list": [],
            "id is a number": {"id": 7},
            "id is no id": {"id": "../7"},
            "no id": {"uri": "https://social.invalid/1"},
            "an error": {"error": "Odd"},
        }.items()
    ),
    pytest.param({"kind": "redirect"}, UnconfirmedError, False, id="redirect"),
    pytest.param({"kind": "status", "status": 403, "body": ""}, UnconfirmedError, False, id="403 unreadable"),
    pytest.param({"kind": "status", "status": 418}, UnconfirmedError, False, id="a status nobody foresaw"),
    pytest.param(
        {"kind": "status", "status": 403, "body": {"error": "This action is not allowed"}},
        RejectedError,
        False,
        id="403 about the post",
    ),
    *(
        pytest.param(
            {"kind": "status", "status": 403, "body": {"error": said}}, AccountError, False, id=f"403 {said}"
        )
        for said in (
            "This action is outside the authorized scopes",
            "Your login is currently disabled",
            "Your login is currently pending approval",
        )
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
def test_fault_on_a_first_try_is_classified(
    mastodon_publisher, fake_mastodon, request_of, fault, error, stored
):
    fake_mastodon.faults(fault)

    with pytest.raises(PublishError) as caught:
        mastodon_publisher.publish(request_of())

    assert type(caught.value) is error
    assert str(caught.value).isprintable()
    assert len(fake_mastodon.posts()) == stored
    assert len(fake_mastodon.journal()) == 1


@pytest.mark.parametrize(("fault", "error", "_stored"), [case for case in FAULTS if case.values[2]])
def test_post_that_a_fault_hid_is_found(
    mastodon_publisher, fake_mastodon, clock, request_of, fault, error, _stored
):
    fake_mastodon.faults(fault)
    with pytest.raises(error):
        mastodon_publisher.publish(request_of())

    found = mastodon_publisher.find(request_of(), since=clock.now())

    assert found is not None
    assert [found.remote_id] == [post["id"] for post in fake_mastodon.posts()]


def test_too_long_a_text_is_rejected_with_the_servers_reason(mastodon_publisher, request_of):
    with pytest.raises(RejectedError, match="422: Validation failed: Text character limit of 500 exceeded"):
        mastodon_publisher.publish(request_of("س" * 501))


def test_five_hundred_letters_with_marks_are_taken(mastodon_publisher, fake_mastodon, request_of):
    mastodon_publisher.publish(request_of("سَ" * 476 + " https://example.org/" + "a" * 300))

    assert len(fake_mastodon.posts()) == 1


def test_limit_of_the_server_itself_names_the_moment(mastodon_publisher, fake_mastodon, clock, request_of):
    fake_mastodon.settings(post_limit=1)
    mastodon_publisher.publish(request_of("one"))

    with pytest.raises(NotNowError, match="not before") as caught:
        mastodon_publisher.publish(request_of("two", key="another"))

    assert timedelta(seconds=59) <= caught.value.until - clock.now() <= timedelta(minutes=6)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        pytest.param({"X-RateLimit-Reset": "2000-01-01T00:00:00.000000Z"}, timedelta(minutes=1), id="past"),
        pytest.param({"X-RateLimit-Reset": "9999-01-01T00:00:00.000000Z"}, timedelta(days=1), id="far off"),
        pytest.param(
            {"X-RateLimit-Reset": None, "Retry-After": "600"}, timedelta(minutes=10), id="Retry-After"
        ),
        pytest.param({"X-RateLimit-Reset": None}, None, id="none"),
        pytest.param({"X-RateLimit-Reset": "tomorrow"}, None, id="in words"),
        pytest.param({"X-RateLimit-Reset": "2000-01-01T00:00:00"}, None, id="without a zone"),
        pytest.param({"X-RateLimit-Reset": None, "Retry-After": "9" * 40}, None, id="without an end"),
    ],
)
def test_wait_is_bounded_whatever_the_server_says(
    mastodon_publisher, fake_mastodon, clock, request_of, headers, wait
):
    fake_mastodon.faults({"kind": "status", "status": 429, "headers": headers})

    with pytest.raises(NotNowError) as caught:
        mastodon_publisher.publish(request_of())

    assert caught.value.until == (None if wait is None else clock.now() + wait)


def test_handle_is_asked_from_the_server(mastodon_publisher, fake_mastodon):
    assert mastodon_publisher.check() == f"@campaign@{fake_mastodon.url.removeprefix('http://')}"


@pytest.mark.parametrize(
    "manners",
    [
        pytest.param({"max_characters": 499}, id="shorter posts"),
        pytest.param({"link_characters": 24}, id="longer links"),
    ],
)
@pytest.mark.parametrize("knows_v2", [True, False], ids=["v2", "v1"])
def test_server_that_takes_less_than_the_bot_writes_is_refused_in_words(
    mastodon_publisher, fake_mastodon, manners, knows_v2
):
    fake_mastodon.settings(knows_v2=knows_v2, **manners)

    with pytest.raises(
        AccountError, match=r"takes posts of \d+ characters.*take an account on another server"
    ):
        mastodon_publisher.check()


@pytest.mark.parametrize(
    "manners",
    [
        pytest.param({"max_characters": 5000}, id="longer posts"),
        pytest.param(
            {"max_characters": 100_000, "link_characters": 32}, id="longer links, but room for them"
        ),
    ],
)
def test_server_that_takes_more_is_served_with_the_ordinary_limits(
    mastodon_publisher, fake_mastodon, manners
):
    fake_mastodon.settings(**manners)

    assert mastodon_publisher.check().startswith("@campaign@")


def test_server_that_does_not_name_its_limits_is_taken_for_an_ordinary_one(mastodon_publisher, fake_mastodon):
    fake_mastodon.faults(
        {"kind": "status", "status": 500, "on": INSTANCE},
        {"kind": "status", "status": 200, "body": {"version": "0"}, "on": "GET /api/v1/instance"},
    )

    assert mastodon_publisher.check().startswith("@campaign@")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param({"status": 401}, AccountError, id="401"),
        pytest.param({"status": 422}, RejectedError, id="422"),
        pytest.param({"status": 200, "body": {}}, UnconfirmedError, id="nobody"),
        pytest.param(
            {"status": 200, "body": {"id": "1/../2", "username": "a"}}, UnconfirmedError, id="no id"
        ),
    ],
)
def test_account_that_the_server_does_not_know_is_an_error(mastodon_publisher, fake_mastodon, fault, error):
    fake_mastodon.faults({"kind": "status", "on": ME, **fault})

    with pytest.raises(PublishError) as caught:
        mastodon_publisher.check()

    assert type(caught.value) is error


def test_skew_of_the_clocks_is_seen(mastodon_publisher, fake_mastodon):
    fake_mastodon.settings(clock_offset_seconds=300)

    mastodon_publisher.check()

    assert abs(mastodon_publisher.clock_skew - timedelta(seconds=300)) < timedelta(seconds=10)


def test_withdrawn_post_is_gone(mastodon_publisher, fake_mastodon, request_of):
    receipt = mastodon_publisher.publish(request_of())

    mastodon_publisher.withdraw(receipt.remote_id)

    assert fake_mastodon.posts() == []


def test_server_that_deletes_nothing_sends_a_person_to_look(mastodon_publisher, fake_mastodon, request_of):
    fake_mastodon.settings(deletes=False)
    receipt = mastodon_publisher.publish(request_of())

    with pytest.raises(RejectedError, match="deletes nothing by command — look at it in a browser"):
        mastodon_publisher.withdraw(receipt.remote_id)


def test_withdrawal_of_what_is_no_id_asks_nobody(mastodon_publisher, fake_mastodon):
    with pytest.raises(RejectedError, match="is no post of Mastodon"):
        mastodon_publisher.withdraw("1/../../accounts")

    assert fake_mastodon.journal() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"secrets": {}}, "the secret ACCESS_TOKEN is missing", id="no token"),
        pytest.param({"secrets": {"ACCESS_TOKEN": "a b"}}, "not plain ASCII", id="token with a blank"),
        pytest.param({"api_url": ""}, "is no address of a Mastodon server", id="no server"),
        pytest.param({"api_url": "https://social.invalid/@a"}, "is no address", id="server with a path"),
        pytest.param({"api_url": "http://social.invalid"}, "is not encrypted", id="http"),
        pytest.param({"visibility": "direct"}, "is no visibility", id="visibility"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(make_mastodon, changes, words):
    with pytest.raises(ConfigError, match=words):
        make_mastodon(**changes)


def test_token_that_is_the_name_of_a_file_is_a_token_all_the_same(
    make_mastodon, fake_mastodon, request_of, tmp_path, monkeypatch
):
    (tmp_path / "invented-token-of-campaign").write_text("invented-token-of-other\n")
    monkeypatch.chdir(tmp_path)

    make_mastodon().publish(request_of())

    assert [post["account"] for post in fake_mastodon.posts()] == ["campaign"]


def test_a_request_that_may_not_leave_does_not(mastodon_publisher, fake_mastodon, request_of):
    asked = []

    with pytest.raises(PublishError, match="held back"):
        mastodon_publisher.publish(request_of(may_leave=lambda: bool(asked.append("asked"))))

    assert asked == ["asked"]
    assert [entry for entry in fake_mastodon.journal() if entry.get("committed")] == []


def test_publisher_shows_its_account_and_server_only(mastodon_publisher, fake_mastodon):
    shown = repr(mastodon_publisher)

    assert re.fullmatch(r"MastodonPublisher\(account='campaign_mastodon', server='http://[^']+'\)", shown)
