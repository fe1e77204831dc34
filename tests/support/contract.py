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


#: Of the rows in which a post carries a picture.
EVERY_DAY_WITH_PICTURES = 40


def every_row(
    rows_of: Callable[[type[NetworkStage]], Sequence[Row]], *, every_day: int | None = None
) -> list[ParameterSet]:
    """Each network with each of its rows, e.g. `telegram: silence`; some of them marked slow.

    `every_day`: one row in so many is not, on any network; None: the ordinary share, and all of X.
    """
    return [
        pytest.param(
            name,
            row,
            id=f"{name}: {row.id}",
            marks=() if _is_for_every_day(name, place, every_day) else pytest.mark.slow,
        )
        for name, stage in STAGES.items()
        for place, row in enumerate(rows_of(stage))
    ]


def _is_for_every_day(network: str, place: int, every_day: int | None) -> bool:
    if every_day is not None:
        return place % every_day == 0
    return network == "x" or place % _EVERY_DAY == 0
