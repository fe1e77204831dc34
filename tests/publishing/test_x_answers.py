"""The classification of answers alone, for answers that no server would give."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from bot.core.errors import AccountError, NotNowError, PublishError, RejectedError, UnconfirmedError
from bot.core.post import Receipt
from bot.publishing.transport import Answer
from bot.publishing.x_answers import receipt_from, refusal
from bot.publishing.x_timeline import page_from

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
STAMP = int(NOW.timestamp())

#: Every name that is read from an answer.
NAMES = [
    *("data", "meta", "result_count", "next_token", "errors", "detail", "title", "message", "type", "code"),
    *("id", "text", "note_post", "note_tweet", "entities", "urls", "url", "expanded_url", "media_key"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=20,
)
LIMIT_HEADERS = [
    f"x-{kind}-{part}"
    for kind in ("rate-limit", "app-limit-24hour", "user-limit-24hour")
    for part in ("reset", "remaining")
]


def answer(status: int, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(
        status=status, phrase="Invented", headers=CaseInsensitiveDict(headers or {}), body=raw, scrub=str
    )


@given(status=st.integers(100, 599), body=JSON)
def test_any_answer_is_a_receipt_or_an_error_of_ours(status, body):
    outcome: Receipt | PublishError
    try:
        outcome = receipt_from(answer(status, body), now=NOW)
    except PublishError as error:
        outcome = error

    accepted = status in range(200, 300)
    if isinstance(outcome, Receipt):
        assert accepted
        assert outcome.remote_id == body["data"]["id"]
    else:
        assert str(outcome).isprintable()
        assert not accepted or type(outcome) is UnconfirmedError


@given(body=JSON)
def test_any_page_is_whole_or_unconfirmed(body):
    try:
        page = page_from(answer(200, body))
    except UnconfirmedError:
        return

    assert len(page.posts) == body["meta"]["result_count"]


@given(status=st.integers(100, 599).filter(lambda status: status not in range(200, 300)))
def test_only_these_statuses_are_a_certain_no(status):
    certain = {400, 401, 402, 403, 404, 413, 422}

    error = refusal(answer(status, {"detail": "Invented"}), now=NOW)

    assert isinstance(error, RejectedError) == (status in certain)
    assert isinstance(error, AccountError) == (status in {401, 402})
    assert isinstance(error, NotNowError) == (status == 429)


def until(headers: dict[str, str]) -> datetime | None:
    error = refusal(answer(429, {}, headers), now=NOW)
    assert isinstance(error, NotNowError)
    return error.until


def limit(name: str, *, remaining: str, reset: str) -> dict[str, str]:
    return {f"{name}-Remaining": remaining, f"{name}-Reset": reset}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({}, None, id="no headers"),
        pytest.param({"x-rate-limit-reset": str(STAMP + 300)}, timedelta(minutes=5), id="a reset alone"),
        pytest.param(
            limit("x-rate-limit", remaining="0", reset=str(STAMP + 900)), timedelta(minutes=15), id="used up"
        ),
        pytest.param(limit("x-rate-limit", remaining="7", reset=str(STAMP + 900)), None, id="not used up"),
        pytest.param(
            limit("x-rate-limit", remaining="0", reset=str(STAMP + 900))
            | limit("x-user-limit-24hour", remaining="0", reset=str(STAMP + 7200))
            | limit("x-app-limit-24hour", remaining="5", reset=str(STAMP + 9000)),
            timedelta(hours=2),
            id="the latest of those used up",
        ),
        pytest.param({"x-rate-limit-reset": str(STAMP - 5)}, timedelta(minutes=1), id="in the past"),
        pytest.param({"x-rate-limit-reset": str(STAMP * 1000)}, timedelta(hours=24), id="milliseconds"),
        pytest.param({"x-rate-limit-reset": "9" * 30}, timedelta(hours=24), id="beyond the calendar"),
        pytest.param({"x-rate-limit-reset": "-" + "9" * 30}, timedelta(minutes=1), id="before the calendar"),
        pytest.param({"x-rate-limit-reset": "9" * 5000}, None, id="5,000 digits"),
        pytest.param({"x-rate-limit-reset": "soon"}, None, id="a word"),
        pytest.param({"x-rate-limit-reset": "NaN"}, None, id="not a number"),
        pytest.param({"x-rate-limit-reset": "١٧٧٢٣٥٥٦٠٠"}, None, id="Arabic digits"),
        pytest.param({"x-rate-limit-reset": ""}, None, id="empty"),
    ],
)
def test_wait_after_429_is_the_latest_reset_within_bounds(headers, expected):
    assert until(headers) == (None if expected is None else NOW + expected)


@given(headers=st.dictionaries(st.sampled_from(LIMIT_HEADERS), st.text(max_size=12) | st.integers().map(str)))
def test_wait_after_429_is_never_absurd(headers):
    moment = until(headers)

    assert moment is None or timedelta(minutes=1) <= moment - NOW <= timedelta(hours=24)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"detail": "You are not allowed to create a Tweet with duplicate content."}, id="v2"),
        pytest.param({"errors": [{"code": 187, "message": "Status was said before."}]}, id="code of v1.1"),
        pytest.param({"errors": [{"message": "Status is a Duplicate."}], "detail": "No"}, id="in errors"),
        pytest.param(b"<html>Forbidden</html>", id="unreadable"),
    ],
)
def test_403_that_may_be_a_duplicate_is_not_a_no(body):
    assert type(refusal(answer(403, body), now=NOW)) is UnconfirmedError


@pytest.mark.parametrize(
    ("date", "known"),
    [
        ("Sun, 01 Mar 2026 09:00:00 GMT", True),
        ("Sun, 01 Mar 2026 09:00:00 -0000", False),
        ("soon", False),
        ("", False),
    ],
)
def test_date_header_is_read_where_it_can_be(date, known):
    assert answer(200, headers={"date": date}).date() == (NOW if known else None)
