"""Which of the many files are tried every day: one in five; the rest with the long proofs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

_EVERY_DAY = 5
#: Their tests go over hundreds of files, each in a process of its own or with a search in every spelling.
_LARGE = {"test_hostile", "test_sentinels"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    seen: Counter[str] = Counter()
    for item in items:
        if item.path.parent != here or item.path.stem not in _LARGE or "[" not in item.name:
            continue
        test = item.nodeid.partition("[")[0]
        if seen[test] % _EVERY_DAY:
            item.add_marker(pytest.mark.slow)
        seen[test] += 1
