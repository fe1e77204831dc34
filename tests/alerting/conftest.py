"""Fixtures for alerts: a place where they arrive."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from receiver import Receiver, receiving


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with receiving() as receiver:
        yield receiver
