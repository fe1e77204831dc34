"""The fake networks of a proof: each its own process with its own journal, and the hand on it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from bot.selftest.networks import NETWORKS, FakeNetwork

#: Never through a proxy: the machine may have one.
_opener = build_opener(ProxyHandler({}))


def journal_of(folder: Path, network: str) -> Path:
    """Where a fake writes what arrived."""
    return folder / f"journal-{network}.jsonl"


@contextmanager
def playing(
    networks: Iterable[str], folder: Path, *, speed: float, start: datetime, start_monotonic: float
) -> Iterator[Mapping[str, str]]:
    """Start the fakes and give the address of each by name; their end is this block's end."""
    moment = ["--start", start.isoformat(), "--start-monotonic", repr(start_monotonic)]
    options = ["--port", "0", "--until-stdin-closes", "--journal-in-file-only", "--speed", repr(speed)]
    with ExitStack() as until_the_end:
        # All are started before the first is waited for: each needs a moment.
        processes = {
            name: until_the_end.enter_context(
                _process(NETWORKS[name].module, *options, *moment, "--journal", str(journal_of(folder, name)))
            )
            for name in networks
        }
        urls = {name: _address_of(process) for name, process in processes.items()}
        for name, url in urls.items():
            settle(url, NETWORKS[name].settings)
        yield urls


@contextmanager
def _process(module: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-P", "-m", module, *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        try:
            yield process
        finally:
            # By its own id: whoever else listens on this machine is left alone.
            process.terminate()
            process.stdin.close()


def _address_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"


def spoil(urls: Mapping[str, str], *, chance: float, seed: int) -> None:
    """Let this share of all requests fail, 0 to 1, each by one of its network's faults."""
    for name, url in urls.items():
        among = NETWORKS[name].faults() if chance else []
        _control(url, "faults", {"chance": chance, "seed": seed, "among": among})


def settle(url: str, settings: Mapping[str, Any]) -> None:
    """Change how a fake behaves."""
    _control(url, "settings", settings)


def _control(url: str, what: str, body: Mapping[str, Any]) -> None:
    request = Request(f"{url}/_fake/{what}", data=json.dumps(body).encode())  # noqa: S310  (this machine)
    with _opener.open(request, timeout=30):
        pass


def public_posts(url: str) -> Sequence[Mapping[str, Any]]:
    """Everything that is public, of every account."""
    with _opener.open(f"{url}/_fake/posts", timeout=120) as answer:
        posts: list[Mapping[str, Any]] = json.load(answer)["posts"]
    return [post for post in posts if not post["deleted"]]


def entries_of(network: FakeNetwork, folder: Path) -> Iterator[dict[str, Any]]:
    """The requests to post that reached a fake, as its journal has them, oldest first."""
    with journal_of(folder, network.network.value).open(encoding="utf-8") as lines:
        for line in lines:
            entry: dict[str, Any] = json.loads(line)
            # Whose token was over is nobody's: it was turned away at the door.
            if entry.get("text_sha256") and entry["account"]:
                yield entry
