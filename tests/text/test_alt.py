"""How long a picture's words may be on each network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.core.campaign import Network
from bot.text.alt import alt_rules_for

_OPENAPI = Path(__file__).parents[3] / "shared" / "x-openapi.json"
_THUMB = "👍🏽"


@pytest.mark.parametrize(
    ("network", "alt", "fits"),
    [
        pytest.param(Network.X, "س" * 1000, True, id="x"),
        pytest.param(Network.X, "س" * 1001, False, id="x: too long"),
        pytest.param(Network.X, _THUMB * 251, False, id="x: in UTF-16"),
        pytest.param(Network.MASTODON, "س" * 1500, True, id="mastodon"),
        pytest.param(Network.MASTODON, "س" * 1501, False, id="mastodon: too long"),
        pytest.param(Network.MASTODON, _THUMB * 751, False, id="mastodon: in code points"),
        pytest.param(Network.BLUESKY, _THUMB * 2000, True, id="bluesky: in graphemes"),
        pytest.param(Network.BLUESKY, "س" * 2001, False, id="bluesky: too long"),
    ],
)
def test_words_of_a_picture_fit_where_the_network_takes_them(network, alt, fits):
    rules = alt_rules_for(network)

    assert rules is not None
    assert rules.fits(alt) is fits


def test_telegram_takes_a_picture_without_words():
    assert alt_rules_for(Network.TELEGRAM) is None


def test_limit_of_x_is_that_of_its_description():
    if not _OPENAPI.exists():
        pytest.skip("X's API description is not beside this project")
    schemas = json.loads(_OPENAPI.read_text())["components"]["schemas"]

    rules = alt_rules_for(Network.X)

    assert rules is not None
    assert (
        rules.max_length == schemas["CreateMediaMetadataMetadataAltText"]["properties"]["text"]["maxLength"]
    )
