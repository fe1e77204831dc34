"""The networks whose publishers are held against the contract table: one line and one stage file for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest
from _pytest.mark import ParameterSet

from bluesky_stage import BlueskyStage
from fault_rows import Row
from mastodon_stage import MastodonStage
from network_stage import NetworkStage
from telegram_stage import TelegramStage
from x_stage import XStage

#: By the name of the network; its fake is the fixture `fake_<name>`.
STAGES: Mapping[str, type[NetworkStage]] = {
    "x": XStage,
    "bluesky": BlueskyStage,
    "mastodon": MastodonStage,
    "telegram": TelegramStage,
}


#: Of the networks beside X one row in so many is tried every day; all of them with the long proofs.
_EVERY_DAY = 5


def every_row(rows_of: Callable[[type[NetworkStage]], Sequence[Row]]) -> list[ParameterSet]:
    """Each network with each of its rows, e.g. `telegram: silence`; some of them marked slow."""
    return [
        pytest.param(
            name,
            row,
            id=f"{name}: {row.id}",
            marks=() if name == "x" or place % _EVERY_DAY == 0 else pytest.mark.slow,
        )
        for name, stage in STAGES.items()
        for place, row in enumerate(rows_of(stage))
    ]
