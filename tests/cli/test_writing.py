"""How values are written for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.cli import blocks, writing


@pytest.mark.parametrize(
    ("line", "isolated"),
    [
        pytest.param("no Arabic here", "no Arabic here", id="none"),
        pytest.param(
            "source: الشبكة السورية, 2020", "source: \u2068الشبكة السورية\u2069, 2020", id="two words"
        ),
        pytest.param(
            "#NotHostages #ليسوا_رهائن", "#NotHostages \u2068#ليسوا_رهائن\u2069", id="hashtag with its #"
        ),
        pytest.param("أ then ب", "\u2068أ\u2069 then \u2068ب\u2069", id="two runs"),
        pytest.param("أ 12 ب.", "\u2068أ 12 ب\u2069.", id="number inside"),
        pytest.param("أ\nب", "\u2068أ\u2069\n\u2068ب\u2069", id="never over a line's end"),
    ],
)
def test_right_to_left_runs_are_isolated(line, isolated):
    assert writing.isolate(line) == isolated


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("العربية", True),
        ("#ليسوا", True),
        ("12 العربية", True),
        ("English", False),
        ("12", False),
        ("", False),
    ],
)
def test_direction_is_that_of_the_first_letter(text, runs):
    assert writing.runs_right_to_left(text) is runs


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.84, "0.8 s"), (42, "42 s"), (600, "10 min"), (3 * 3600, "3 h"), (5 * 86400, "5 days")],
)
def test_spans_are_said_as_people_say_them(seconds, words):
    assert writing.duration(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(-5, ""), (0, "now"), (1, "in 1 min"), (185, "in 3 h 5 min"), (2880, "in 2 d"), (1565, "in 1 d 2 h")],
)
def test_waits_are_said_in_two_units(minutes, words):
    now = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)

    assert blocks.in_how_long(now + timedelta(minutes=minutes), now) == words


def test_counts_know_one_from_many():
    assert writing.count(1, "post") == "1 post"
    assert writing.count(1200, "entry", "entries") == "1,200 entries"


def test_money_is_a_number_for_programs_and_words_for_people():
    assert writing.dollars(15_000) == 0.015
    assert writing.usd(1_234_567_000) == "$1,234.567"


def test_instants_are_in_utc_with_seconds():
    moment = datetime.fromisoformat("2026-11-25T18:30:00.123456+03:00")

    assert writing.rfc3339(moment) == "2026-11-25T15:30:00Z"
