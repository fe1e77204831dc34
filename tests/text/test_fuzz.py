"""No text makes the text functions run away, and their promises hold for every one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FUZZING = Path(__file__).with_name("fuzzing.py")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "count", [pytest.param(1_000, id="some"), pytest.param(20_000, id="many", marks=pytest.mark.slow)]
)
def test_promises_hold_for_texts_of_chance_and_of_malice_within_memory_and_time(count: int) -> None:
    run = subprocess.run(
        [sys.executable, str(FUZZING), str(count)], capture_output=True, text=True, check=False, timeout=280
    )

    assert run.stdout == ""
    assert (run.returncode, run.stderr) == (0, f"checked {count}\n")
