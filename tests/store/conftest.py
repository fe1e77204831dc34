"""Fixtures for the store's tests: real databases, and content and posts to put in them."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    # A plugin, not an import: its one PostgreSQL server then serves every folder of tests.
    config.pluginmanager.import_plugin("databases")
