"""A real server with Mastodon's API: snac2, from the machine's own Debian source, kept in a cache folder.

It differs from Mastodon where it hurts: it knows no `Idempotency-Key`, no pages and no deletion, says no
date, and reads markup in texts.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

_CACHE = Path(__file__).parents[2] / ".cache" / "servers" / "snac2"
_SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
#: The first Debian that has it; the program runs unchanged on the one before.
_SUITE = "trixie"
_MINUTES = 5 * 60.0


@dataclass(frozen=True, kw_only=True)
class Snac:
    """A running server with one account, `bot`."""

    url: str
    token: str

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """Make a request with any client's means; a connection serves one."""
        headers = {"Authorization": f"Bearer {self.token}", "Connection": "close"}
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, self.url + path, headers=headers, timeout=10, **more)

    def statuses(self) -> list[dict[str, Any]]:
        """What the account has public, oldest first."""
        account = self.ask("GET", "/api/v1/accounts/verify_credentials").json()["id"]
        statuses: list[dict[str, Any]] = self.ask("GET", f"/api/v1/accounts/{account}/statuses").json()
        return statuses[::-1]


@contextmanager
def running_snac(folder: Path) -> Iterator[Snac]:
    """Start a server of its own in an empty folder; skips the test where the program cannot be had."""
    program = _program()
    port = _free_port()
    _run([program, "init", folder], f"127.0.0.1\n{port}\nlocalhost:{port}\n\n\n")
    settings = folder / "server.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "protocol": "http"}))
    said = _run([program, "adduser", folder, "bot"], "\nbot\n")
    password = re.search(r"password is (\S+)", said)
    assert password is not None, said
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([program, "httpd", folder], stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(port, process)
            login = {"login": "bot", "passwd": password[1]}
            token = Snac(url=url, token="").ask("POST", "/oauth/x-snac-get-token", data=login).text.strip()
            yield Snac(url=url, token=token)
        finally:
            # It would first see its background work through, which may wait for other servers.
            process.kill()
            process.wait()


def _program() -> Path:
    program = _CACHE / "root" / "usr" / "bin" / "snac"
    _CACHE.mkdir(parents=True, exist_ok=True)
    # Several workers of one run must not fetch it at the same time.
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            try:
                _fetch()
            except (OSError, subprocess.SubprocessError) as error:
                _cannot(f"it cannot be fetched from the machine's Debian source: {error}")
    return program


def _fetch() -> None:
    """Download and unpack the package under a private apt configuration: the system stays as it is."""
    if shutil.which("apt-get") is None or not _SOURCES.exists():
        _cannot("this machine has no apt with a Debian source")
    first = _SOURCES.read_text().split("\n\n")[0]
    for name in ("state/lists/partial", "cache/archives/partial", "sources", "empty"):
        (_CACHE / name).mkdir(parents=True, exist_ok=True)
    (_CACHE / "status").touch()
    (_CACHE / "sources" / "snac.sources").write_text(
        re.sub(r"(?m)^Suites:.*$", f"Suites: {_SUITE}", first) + "\n"
    )
    options = {
        "Dir::State": "state",
        "Dir::State::status": "status",
        "Dir::Cache": "cache",
        "Dir::Etc::sourceparts": "sources",
        "Dir::Etc::preferencesparts": "empty",
    }
    apt = ["apt-get", "--quiet", "-oDir::Etc::sourcelist=/dev/null", "-oAPT::Sandbox::User=root"]
    apt += [f"-o{name}={_CACHE / path}" for name, path in options.items()]
    _run([*apt, "update"])
    _run([*apt, "download", "snac2"], folder=_CACHE)
    (package,) = _CACHE.glob("snac2_*.deb")
    _run(["dpkg", "-x", package, _CACHE / "unpacked"])
    # At once, so that a half-unpacked one is never taken for the program.
    (_CACHE / "unpacked").rename(_CACHE / "root")


def _cannot(why: str) -> None:
    """Skip the test; where CI promises the server, fail it."""
    reason = f"needs snac2, a server with Mastodon's API: {why}"
    if os.environ.get("CI") == "true":  # noqa: TID251  (says where the tests run, no setting)
        pytest.fail(reason)
    pytest.skip(reason)


def _run(command: list[Any], told: str = "", *, folder: Path | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        input=told,
        capture_output=True,
        text=True,
        check=True,
        timeout=_MINUTES,
        cwd=folder,
    )
    return done.stdout + done.stderr


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError(f"snac2 ended at once, with {process.returncode}")
