"""Fixtures for publishers: one on the fake X, patient enough for a busy machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest

from album import Album
from bot.core.clock import Clock, FixedClock
from bot.publishing import bluesky, mastodon, telegram
from bot.publishing.bluesky import BlueskyPublisher
from bot.publishing.mastodon import MastodonPublisher
from bot.publishing.protocol import AccountSettings, Build, PublishRequest
from bot.publishing.telegram import TelegramPublisher
from bot.publishing.transport import Timeouts
from bot.publishing.x import XPublisher, build
from pds import Pds
from spoiler import Spoiler

#: Each account of a real server has a name of its own.
_ACCOUNTS = count(1)

_P = TypeVar("_P", TelegramPublisher, BlueskyPublisher, MastodonPublisher)


def _maker(build: Build, kind: type[_P], settings: AccountSettings, clock: Clock) -> Callable[..., _P]:
    """Make a network's publisher with settings of its own, patient enough for a busy machine."""

    def make(**changes: Any) -> _P:
        own = replace(settings, **changes)
        build(own, clock=clock)
        return kind(own, clock=clock, timeouts=Timeouts(connect=5, read=10, total=15))

    return make


@pytest.fixture
def clock() -> FixedClock:
    """The machine's moment, standing still: the fake X has the machine's clock."""
    return FixedClock(datetime.now(UTC))  # noqa: TID251  (the fake X is a process of its own)


@pytest.fixture
def x_settings(fake_x: Any, x_secrets: dict[str, str]) -> AccountSettings:
    return AccountSettings(account="campaign_x", api_url=fake_x.url, secrets=x_secrets)


@pytest.fixture
def make_publisher(x_settings: AccountSettings, clock: FixedClock) -> Callable[..., XPublisher]:
    """Make a publisher with its own address or timeouts, in seconds."""

    def make(*, api_url: str = x_settings.api_url, **timeouts: float) -> XPublisher:
        settings = AccountSettings(account="campaign_x", api_url=api_url, secrets=x_settings.secrets)
        build(settings, clock=clock)
        return XPublisher(
            settings,
            clock=clock,
            timeouts=Timeouts(**{"connect": 5, "read": 10, "total": 15, **timeouts}),
        )

    return make


@pytest.fixture
def publisher(make_publisher: Callable[..., XPublisher]) -> XPublisher:
    return make_publisher()


@pytest.fixture
def request_of() -> Callable[..., PublishRequest]:
    """Make a request to publish a text."""

    def make(text: str = "An invented fact.", **more: Any) -> PublishRequest:
        return PublishRequest(text=text, **{"key": "invented-key", "language": "en", **more})

    return make


@pytest.fixture
def album() -> Album:
    """Small pictures, each another."""
    return Album()


@pytest.fixture
def telegram_settings(fake_telegram: Any) -> AccountSettings:
    return AccountSettings(
        account="campaign_telegram",
        api_url=fake_telegram.url,
        secrets={"BOT_TOKEN": "4200:invented-token-of-campaign"},
        channel="@invented_channel",
    )


@pytest.fixture
def make_telegram(telegram_settings: AccountSettings, clock: FixedClock) -> Callable[..., TelegramPublisher]:
    """Make a publisher with its own settings."""

    return _maker(telegram.build, TelegramPublisher, telegram_settings, clock)


@pytest.fixture
def telegram_publisher(make_telegram: Callable[..., TelegramPublisher]) -> TelegramPublisher:
    return make_telegram()


@pytest.fixture
def bluesky_settings(fake_bluesky: Any, tmp_path: Path) -> AccountSettings:
    return AccountSettings(
        account="campaign_bluesky",
        api_url=fake_bluesky.url,
        secrets={"APP_PASSWORD": "invented-app-password-of-campaign.example.org"},
        handle="campaign.example.org",
        keep=tmp_path / "publishers",
    )


@pytest.fixture
def make_bluesky(bluesky_settings: AccountSettings, clock: FixedClock) -> Callable[..., BlueskyPublisher]:
    """Make a publisher with its own settings, as another process would."""

    return _maker(bluesky.build, BlueskyPublisher, bluesky_settings, clock)


@pytest.fixture
def bluesky_publisher(make_bluesky: Callable[..., BlueskyPublisher]) -> BlueskyPublisher:
    return make_bluesky()


@pytest.fixture
def bluesky_request_of(clock: FixedClock) -> Callable[..., PublishRequest]:
    """Make a request to publish a text as part 1 of post 41, due now, in Arabic."""
    moment = clock.now()

    def make(text: str = "An invented fact.", **more: Any) -> PublishRequest:
        place = {"post": 41, "part": 1, "moment": moment, "language": "ar"}
        return PublishRequest(key="invented-key", text=text, **{**place, **more})

    return make


@pytest.fixture
def mastodon_settings(fake_mastodon: Any) -> AccountSettings:
    return AccountSettings(
        account="campaign_mastodon",
        api_url=fake_mastodon.url,
        secrets={"ACCESS_TOKEN": "invented-token-of-campaign"},
    )


@pytest.fixture
def make_mastodon(mastodon_settings: AccountSettings, clock: FixedClock) -> Callable[..., MastodonPublisher]:
    """Make a publisher with its own settings."""

    return _maker(mastodon.build, MastodonPublisher, mastodon_settings, clock)


@pytest.fixture
def mastodon_publisher(make_mastodon: Callable[..., MastodonPublisher]) -> MastodonPublisher:
    return make_mastodon()


# -- on a real server of Bluesky -------------------------------------------------------------------------


@pytest.fixture
def spoiler(pds_server: Pds) -> Iterator[Spoiler]:
    spoiler = Spoiler(pds_server.url)
    thread = threading.Thread(target=spoiler.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield spoiler
    spoiler.shutdown()
    thread.join()
    spoiler.server_close()


@pytest.fixture
def pds_settings(pds_server: Pds, tmp_path: Path) -> AccountSettings:
    """An account of its own for each test."""
    handle = f"invented{next(_ACCOUNTS)}.test"
    return AccountSettings(
        account="campaign_bluesky",
        api_url=pds_server.url,
        secrets={"APP_PASSWORD": pds_server.app_password(handle)},
        handle=handle,
        keep=tmp_path / "publishers",
    )


@pytest.fixture
def make_on_pds(pds_settings: AccountSettings, clock: FixedClock) -> Callable[..., BlueskyPublisher]:
    def make(**changes: Any) -> BlueskyPublisher:
        changed = replace(pds_settings, **changes)
        bluesky.build(changed, clock=clock)
        return BlueskyPublisher(changed, clock=clock, timeouts=Timeouts(connect=5, read=20, total=30))

    return make
