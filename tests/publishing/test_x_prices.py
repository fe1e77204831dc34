"""What a post on X costs, known before it leaves."""

from __future__ import annotations

import pytest

from bot.publishing.x_prices import cost_usd_micros


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        pytest.param("حقائق #سوريا", 15_000, id="no link"),
        pytest.param("Read https://example.org/a", 200_000, id="link"),
        pytest.param("Read example.org", 200_000, id="X makes a link of a bare name too"),
        pytest.param("", 15_000, id="empty"),
    ],
)
def test_post_with_a_link_costs_thirteen_times_more(text, micros):
    assert cost_usd_micros(text) == micros
