"""Each network's limit, in the unit in which it counts."""

from __future__ import annotations

import pytest

from bot.core.campaign import Network
from bot.text.graphemes import count_graphemes, utf8_length, utf16_length
from bot.text.networks import rules_for


@pytest.mark.parametrize("network", list(Network))
def test_every_network_has_its_rules(network: Network) -> None:
    rules = rules_for(network)

    assert rules.network is network
    assert rules.fits("س" * rules.max_length)
    assert not rules.fits("س" * (rules.max_length + 1))


@pytest.mark.parametrize(
    ("network", "length"),
    [
        pytest.param(Network.X, 38, id="X counts marks and signs, and links as 23"),
        pytest.param(Network.MASTODON, 32, id="Mastodon counts graphemes, and links as 23"),
        pytest.param(Network.BLUESKY, 30, id="Bluesky counts graphemes"),
        pytest.param(Network.TELEGRAM, 39, id="Telegram counts UTF-16 units"),
    ],
)
def test_networks_count_the_same_text_differently(network: Network, length: int) -> None:
    assert rules_for(network).measure("بَّ 👨‍👩‍👧 ﷺ ‏• https://example.org/a") == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        pytest.param("https://example.org/" + "a" * 100, 23, id="link"),
        pytest.param("example.org/" + "a" * 100, 112, id="bare link is text"),
        pytest.param("@anna@social.example.org", 5, id="mention of another server"),
        pytest.param("@anna", 5, id="mention"),
        pytest.param("me@social.example.org", 21, id="address"),
        pytest.param("https://example.org/@anna@example.org", 23, id="mention in a link"),
        pytest.param("بَّ", 1, id="marks are free"),
    ],
)
def test_mastodon_counts_links_and_mentions_shorter(text: str, length: int) -> None:
    assert rules_for(Network.MASTODON).measure(text) == length


def test_bluesky_limits_bytes_besides_graphemes() -> None:
    rules = rules_for(Network.BLUESKY)
    marked = "بَّ" * 300
    families = "👨‍👩‍👧‍👦" * 150

    assert (rules.max_length, rules.max_bytes) == (300, 3000)
    assert rules.fits(marked)
    assert not rules.fits(families)


@pytest.mark.parametrize(
    ("text", "graphemes", "bytes_", "units"),
    [
        pytest.param("abc", 3, 3, 3, id="Latin"),
        pytest.param("a\r\nb", 3, 4, 4, id="line break of two characters"),
        pytest.param("بَّ", 1, 6, 3, id="letter with marks"),
        pytest.param("👨‍👩‍👧‍👦", 1, 25, 11, id="family"),
        pytest.param("🇸🇾🇹🇷", 2, 16, 8, id="flags"),
        pytest.param("ﷺ", 1, 3, 1, id="blessing"),
        pytest.param("سوريا", 5, 10, 5, id="word"),
        pytest.param("", 0, 0, 0, id="nothing"),
    ],
)
def test_units_of_length(text: str, graphemes: int, bytes_: int, units: int) -> None:
    assert (count_graphemes(text), utf8_length(text), utf16_length(text)) == (graphemes, bytes_, units)


@pytest.mark.parametrize(
    ("network", "taken"),
    [
        pytest.param(Network.X, 0, id="X carries none for a text"),
        pytest.param(Network.MASTODON, 5, id="Mastodon counts it with the text"),
        pytest.param(Network.BLUESKY, 0, id="Bluesky has labels"),
        pytest.param(Network.TELEGRAM, 12, id="on Telegram it is a part of the text"),
    ],
)
def test_a_content_warning_takes_from_the_limit_what_the_network_counts(network: Network, taken: int) -> None:
    rules, warned = rules_for(network), rules_for(network).beside("عُنفٌ ١")

    assert rules.max_length - warned.max_length == taken
    assert not warned.fits("س" * (warned.max_length + 1))
    assert rules.beside(None) == rules.beside("") == rules
