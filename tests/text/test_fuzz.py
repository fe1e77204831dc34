"""No text makes the text functions run away, and their promises hold for every one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FUZZING = Path(__file__).with_name("fuzzing.py")


@pytest.mark.timeout(300)
def test_promises_hold_for_twenty_thousand_texts_within_memory_and_time() -> None:
    run = subprocess.run(
        [sys.executable, str(FUZZING)], capture_output=True, text=True, check=False, timeout=280
    )

    assert run.stdout == ""
    assert (run.returncode, run.stderr) == (0, "checked 20000\n")
