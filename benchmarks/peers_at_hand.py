"""Peers in environments of their own, under .cache/bench/: never in the product's."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache" / "bench"
#: The programs that run inside those environments.
PROGRAMS = Path(__file__).parent / "peers"
#: The slowest of them fills a database of a million jobs first.
PATIENCE_SECONDS = 900


class NotHereError(Exception):
    """The peer cannot be had on this machine; says why."""


def ask(peer: str, program: str, *arguments: object) -> dict[str, float]:
    """What the peer's program prints. Raises NotHereError when the peer cannot be had, or fails."""
    command = [str(_interpreter(peer)), str(PROGRAMS / program), *(str(one) for one in arguments)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise NotHereError(f"{peer} was not done after {PATIENCE_SECONDS} seconds") from error
    if done.returncode:
        raise NotHereError(f"{peer} failed: {_last_line(done.stderr)}")
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _interpreter(peer: str) -> Path:
    folder, wanted = CACHE / peer, _requirements()[peer]
    python, stamp = folder / "bin" / "python", folder / "installed.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        venv.create(folder, clear=True, with_pip=True)
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted.split()]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotHereError(f"{peer} cannot be installed: {_last_line(done.stderr)}")
        stamp.write_text(wanted)
    return python


def _requirements() -> dict[str, str]:
    lines = (Path(__file__).parent / "peers.txt").read_text().splitlines()
    named = (line.partition(":") for line in lines if line.strip() and not line.startswith("#"))
    return {name.strip(): wanted.strip() for name, _, wanted in named}


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it gives no reason"])[-1]


if __name__ == "__main__":
    for name in _requirements():
        print(name, _interpreter(name), file=sys.stderr)
