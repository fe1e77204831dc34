"""Processes that are given one start live at one moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.core.clock import FastClock, FixedClock

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def test_clocks_with_the_same_start_agree_however_late_they_were_made():
    machine = FixedClock(START)
    first = FastClock(60, real=machine, start=START, start_monotonic=machine.monotonic())
    machine.advance(timedelta(seconds=2))

    second = FastClock(60, real=machine, start=START, start_monotonic=0.0)

    assert first.now() == second.now() == START + timedelta(minutes=2)
