"""Fixtures for publishers: one on the fake X, patient enough for a busy machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core.clock import FixedClock
from bot.publishing.protocol import AccountSettings, PublishRequest
from bot.publishing.transport import Timeouts
from bot.publishing.x import XPublisher, build


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
        return PublishRequest(key="invented-key", text=text, language="en", **more)

    return make
