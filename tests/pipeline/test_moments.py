"""A moment is moved as people mean it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.pipeline.moments import shifted


@pytest.mark.parametrize(
    ("by", "after"),
    [
        pytest.param(timedelta(minutes=90), datetime(2026, 3, 28, 20, 30, tzinfo=UTC), id="minutes"),
        pytest.param(timedelta(hours=24, minutes=1), datetime(2026, 3, 29, 19, 1, tzinfo=UTC), id="hours"),
        # Berlin's clocks go forward on 29 March: 20:00 there is then an hour earlier in UTC.
        pytest.param(timedelta(days=1), datetime(2026, 3, 29, 18, 0, tzinfo=UTC), id="a-day"),
        pytest.param(timedelta(days=-7), datetime(2026, 3, 21, 19, 0, tzinfo=UTC), id="a-week-earlier"),
    ],
)
def test_whole_days_keep_the_time_that_clocks_show(by, after):
    moment = datetime(2026, 3, 28, 19, 0, tzinfo=UTC)

    assert shifted(moment, by, zone="Europe/Berlin") == after
