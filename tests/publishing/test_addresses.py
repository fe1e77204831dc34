"""Addresses that no request can go to: refused at the start, and told of without a secret."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.core.clock import FixedClock
from bot.core.errors import ConfigError, NotSentError, PublishError
from bot.publishing.protocol import AccountSettings, Publisher
from bot.publishing.registry import builder_for
from canaries import hits
from overhearing import all_of, everything_at_debug, everything_heard

NETWORKS = ("x", "mastodon", "bluesky", "telegram")
#: Each network's form of a secret, each with a canary.
CANARIES = {
    "API_KEY": "canary-one-41~A1",
    "API_SECRET": "canary-two-42~B2",
    "ACCESS_TOKEN": "canary-three-43~C3",
    "ACCESS_TOKEN_SECRET": "canary-four-44~D4",
    "APP_PASSWORD": "canary-five-45~E5",
    "BOT_TOKEN": "4200:invented-token-of-canary_CANARY_0",
}


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    with everything_heard() as stream:
        yield stream


@pytest.fixture
def built(clock: FixedClock, tmp_path: Path) -> Callable[[str, str], Publisher]:
    """Build a network's publisher for an address."""

    def build(network: str, address: str) -> Publisher:
        builder: Any = builder_for(network)
        settings = AccountSettings(
            account="a",
            api_url=address,
            secrets={name: CANARIES[name] for name in builder.secret_names},
            handle="campaign.example.org",
            channel="@invented_channel",
            keep=tmp_path,
        )
        publisher: Publisher = builder(settings, clock=clock)
        everything_at_debug()
        return publisher

    return build


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(
    "address",
    [
        "https://api.example.org:99999",
        "https://api.example.org:0",
        "https://api.example.org:x",
        "https://[::1",
        "https://canary-five-45~E5@api.example.org",
        "https://:canary-five-45~E5@api.example.org:443",
        "https://bot:canary-five-45~E5@api.example.org:99999",
        "https://api.example.org?key=1",
        "https://api.example.org#key",
        "ftp://api.example.org",
        "",
    ],
)
def test_address_that_no_request_could_go_to_stops_the_start(heard, built, network, address):
    with pytest.raises(ConfigError, match="is no address of") as caught:
        built(network, address)

    told = heard.getvalue() + all_of(caught.value)
    assert "canary-five" not in str(caught.value)
    assert [hit for hit in hits({"told": told.encode()}, CANARIES) if "APP_PASSWORD" not in hit] == []


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("address", ["https://*.example.org", "https://.example.org"])
@pytest.mark.parametrize("step", ["publish", "check", "withdraw", "find"])
def test_no_secret_is_told_of_a_request_that_cannot_be_made(
    heard, built, bluesky_request_of, clock, network, address, step
):
    publisher = built(network, address)
    steps: dict[str, Callable[[], object]] = {
        "publish": lambda: publisher.publish(bluesky_request_of()),
        "check": publisher.check,
        "withdraw": lambda: publisher.withdraw("3kinventedkey" if network == "bluesky" else "2"),
        "find": lambda: publisher.find(bluesky_request_of(), since=clock.now()),
    }

    with pytest.raises(PublishError) as caught:
        steps[step]()

    assert step == "find" or isinstance(caught.value, NotSentError)
    told = heard.getvalue() + all_of(caught.value)
    assert hits({"told": told.encode()}, CANARIES) == []
