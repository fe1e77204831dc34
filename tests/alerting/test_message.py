"""What operators read, in three languages: look at the files in `golden/`, they are the messages."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerting.alert import Alert, AlertKind, alert_of, document_of
from bot.alerting.arabic import Arabic
from bot.alerting.message import LANGUAGES, MOST_LINES, compose, test_message

test_message.__test__ = False  # type: ignore[attr-defined]

GOLDEN = Path(__file__).parent / "golden"
_DUE = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
_POST = {
    "campaign": "invented-campaign",
    "account": "invented_x",
    "network": "x",
    "at": _DUE,
    "zone": "Asia/Damascus",
}
#: One of each kind, and the ends of the grammar.
ALERTS = (
    Alert(
        kind=AlertKind.UNKNOWN,
        post=41,
        begins="Invented words … أين هم؟",
        reason="2 whole reads of x do not show it",
        tried_at=_DUE,
        **_POST,
    ),
    Alert(kind=AlertKind.PAUSED, account="invented_x", reason="X says 401: the keys are refused."),
    Alert(kind=AlertKind.PAUSED, campaign="invented-campaign", language="ar", reason="the clock stepped"),
    Alert(kind=AlertKind.PAUSED, reason="the send log's chain does not hold"),
    Alert(kind=AlertKind.OVERDUE, post=42, minutes=6, begins="كلمات مخترعة.", **_POST),
    Alert(kind=AlertKind.WORKER, host="invented-host", process=123, minutes=3),
    Alert(kind=AlertKind.WORKER, host="invented-host", process=123, minutes=11, posts=(43,)),
    Alert(kind=AlertKind.WORKER, host="invented-host", process=123, minutes=2, posts=(43, 44)),
    Alert(kind=AlertKind.WORKER, host="invented-host", process=123, minutes=100, posts=(43, 44, 45)),
    Alert(kind=AlertKind.REJECTED, post=46, begins="Invented words.", reason="X says 400: too long", **_POST),
    Alert(kind=AlertKind.MISSED, post=47, begins="Invented words.", reason="its grace ended", **_POST),
    Alert(
        kind=AlertKind.BUDGET,
        month="2026-03",
        spent_usd_micros=1_080_120_000,
        budget_usd_micros=1_350_000_000,
    ),
    Alert(kind=AlertKind.LOG_HEAD, at=_DUE, entry=12_345, digest="0123abcd" * 8),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_read_as_in_the_golden_file(language):
    messages = [compose([alert], language=language) for alert in ALERTS]
    digest = compose(ALERTS, language=language)
    trial = test_message(language=language)

    written = "".join(f"[{one.title}]\n{one.body}\n\n" for one in (*messages, digest, trial))

    assert written == (GOLDEN / f"{language}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", [1, 2, 3, 11, 100, 250])
def test_a_message_has_at_most_twenty_lines_and_counts_the_others(language, number):
    alerts = [Alert(kind=AlertKind.MISSED, post=post, **_POST) for post in range(1, number + 1)]

    body = compose(alerts, language=language).body

    lines = body.split("\n")
    told = sum(line.startswith("campaign-bot queue move") for line in lines)
    assert len(lines) <= MOST_LINES
    assert told == number or str(number - told) in lines[-1] or number - told in (1, 2)
    assert (told == number) == (not lines[-1].startswith("…"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_post_is_never_said_to_have_failed(language):
    message = compose([ALERTS[0]], language=language)

    words = f"{message.title}\n{message.body}".lower()
    assert not [word for word in ("fail", "başarısız", "فشل") if word in words]
    assert "campaign-bot resolve 41" in words


def test_the_most_urgent_stands_first():
    alerts = [ALERTS[-1], ALERTS[9], ALERTS[0]]

    lines = compose(alerts, language="en").body.split("\n")

    assert [line.partition(" ")[0] for line in lines] == [
        "Post",
        "campaign-bot",
        "Post",
        "campaign-bot",
        "The",
    ]
    assert lines[0].startswith("Post 41")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_command_stands_alone_without_marks_so_that_it_can_be_copied(language):
    lines = compose(ALERTS[:1], language=language).body.split("\n")

    assert lines[-1] == "campaign-bot resolve 41 --live URL"


def test_arabic_isolates_every_latin_name():
    for alert in ALERTS:
        for line in compose([alert], language="ar").body.split("\n"):
            if not line.startswith("campaign-bot"):
                assert _latin_outside_of_isolates(line) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_isolate_ends(language):
    for alert in ALERTS:
        body = compose([alert], language=language).body

        assert body.count("\u2068") == body.count("\u2069")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        pytest.param(1, "تنبيه واحد", id="one"),
        pytest.param(2, "تنبيهان", id="two"),
        pytest.param(3, "3 تنبيهات", id="three"),
        pytest.param(10, "10 تنبيهات", id="ten"),
        pytest.param(11, "11 تنبيهاً", id="eleven"),
        pytest.param(99, "99 تنبيهاً", id="ninety-nine"),
        pytest.param(100, "100 تنبيه", id="hundred"),
        pytest.param(102, "102 تنبيه", id="hundred-and-two"),
        pytest.param(103, "103 تنبيهات", id="hundred-and-three"),
        pytest.param(111, "111 تنبيهاً", id="hundred-and-eleven"),
    ],
)
def test_arabic_counts_as_arabic_does(number, words):
    assert Arabic().alerts(number) == words


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_are_short(language):
    titles = [compose([alert], language=language).title for alert in ALERTS]

    assert all(0 < len(title) <= 45 for title in titles)


@given(st.sampled_from(ALERTS))
def test_an_alert_comes_back_from_its_document(alert):
    assert alert_of(document_of(alert)) == alert


def test_no_alert_makes_no_message():
    with pytest.raises(ValueError, match="no alert"):
        compose([], language="en")


def _latin_outside_of_isolates(line: str) -> str:
    found, depth = "", 0
    for letter in line:
        depth += {"\u2068": 1, "\u2069": -1}.get(letter, 0)
        if depth == 0 and unicodedata.bidirectional(letter) == "L":
            found += letter
    return found
