"""Starts a proof in a process of its own, and hears from it: whoever asks may have threads and open files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import msgspec

from bot.core.errors import BotError
from bot.selftest.proof import Plan, Proof


class SelftestError(BotError):
    """A proof could not be run to its end."""


class _Said(msgspec.Struct):
    """One line of a proof's process."""

    done: int | None = None
    error: str | None = None
    proof: Proof | None = None


def run_proof(plan: Plan, *, on_time: Callable[[int], None] = lambda _: None) -> Proof:
    """Run a proof and say how far it is. Raises SelftestError when it cannot be run.

    Nothing of it is left behind: its folder, its network and its workers end with it, at Ctrl-C, too.
    """
    # Without -P a folder named `bot` where the user stands would be taken for this program.
    command = [sys.executable, "-P", "-m", "bot.selftest", msgspec.json.encode(plan).decode()]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                said = msgspec.json.decode(line, type=_Said)
                if said.done is not None:
                    on_time(said.done)
                elif said.error is not None:
                    raise SelftestError(said.error)
                elif said.proof is not None:
                    return said.proof
        except KeyboardInterrupt:
            # On a terminal Ctrl-C reached it as well; it clears up, then it ends.
            process.terminate()
            raise
    raise SelftestError(f"the proof's process ended with {process.returncode} before it had found anything")
