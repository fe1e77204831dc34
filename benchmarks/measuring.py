"""How times are taken and put into rows."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

Row = dict[str, object]


def median_seconds(call: Callable[[], object], *, rounds: int) -> float:
    """The median time of one call."""
    return statistics.median(seconds_each(call, rounds=rounds))


def seconds_each(call: Callable[[], object], *, rounds: int) -> list[float]:
    """The time of each call. The first, which fills caches, is not counted."""
    call()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return times


def percentile(times: Sequence[float], share: float) -> float:
    """The value below which that share of the times lies, 0 to 1."""
    ordered = sorted(times)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def row(
    number: int,
    what: str,
    *,
    ours: float | None,
    peer: str,
    theirs: float | None,
    goal: str,
    unit: str,
    faster: bool = False,
) -> Row:
    """One line of the table. The ratio is ours : theirs, or the other way round with `faster`."""
    ratio = None
    if ours and theirs:
        ratio = theirs / ours if faster else ours / theirs
    return {
        "row": number,
        "what": what,
        "ours": _significant(ours),
        "peer": peer,
        "theirs": _significant(theirs),
        "ratio": _significant(ratio),
        "goal": goal,
        "unit": unit,
    }


def print_rows(rows: Sequence[Row]) -> None:
    """What one script says when it is run by itself."""
    for each in rows:
        print(
            f"{each['row']:>2}  {each['what']}: {each['ours']} {each['unit']}; "
            f"{each['peer']}: {each['theirs']}; ratio {each['ratio']} (goal {each['goal']})"
        )


def _significant(number: float | None) -> float | None:
    return None if number is None else float(f"{number:.4g}")
