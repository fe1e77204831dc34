"""The clocks: one that is the machine's, one that is faster, one that stands still."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.core.clock import FastClock, FixedClock, SystemClock

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def test_the_machines_clock_is_aware_and_goes_on():
    clock = SystemClock()

    first, second = clock.now(), clock.now()

    assert first.utcoffset() == timedelta(0)
    assert first <= second
    assert clock.monotonic() <= clock.monotonic()


def test_a_fixed_clock_stands_until_it_is_moved():
    clock = FixedClock(NOW)

    clock.advance(timedelta(minutes=2))

    assert clock.now() == NOW + timedelta(minutes=2)
    assert clock.monotonic() == 120.0


def test_a_fixed_clock_is_in_utc_whatever_moment_it_is_given():
    clock = FixedClock(datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=3))))

    assert clock.now() == NOW
    assert clock.now().utcoffset() == timedelta(0)


def test_a_fixed_clock_refuses_a_moment_without_a_zone():
    with pytest.raises(ValueError, match="has no zone"):
        FixedClock(datetime(2026, 3, 1, 9, 0))


def test_a_fast_clock_runs_ahead_and_measures_work_in_real_seconds():
    real = FixedClock(NOW)
    clock = FastClock(3600, real=real)

    real.advance(timedelta(seconds=2))

    assert clock.now() == NOW + timedelta(hours=2)
    assert clock.monotonic() == 2.0


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs a time namespace (Linux, unshare)")
def test_time_that_the_machine_slept_counts():
    # A laptop that slept between intent and request must not send when it wakes. In a time namespace the
    # clock that counts sleep is set an hour ahead of the one that does not.
    program = "from bot.core.clock import SystemClock; print(SystemClock().monotonic())"
    asleep = subprocess.run(
        ["unshare", "--time", "--boottime", "3600", "--fork", sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
    )
    if asleep.returncode != 0:
        pytest.skip("this machine makes no time namespace")

    awake = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert float(asleep.stdout) - float(awake.stdout) > 3500
