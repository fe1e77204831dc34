"""A real server with Mastodon's API: snac2, for tests (`servers.py`).

It differs from Mastodon where it hurts: it knows no `Idempotency-Key`, no pages and no deletion, says no
date, and reads markup in texts.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

import servers

_PROGRAM = servers.SNAC / "root" / "usr" / "bin" / "snac"
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
    """Start a server of its own in an empty folder; skips the test where the program is not installed."""
    servers.need(servers.SNAC)
    port = _free_port()
    _run([_PROGRAM, "init", folder], f"127.0.0.1\n{port}\nlocalhost:{port}\n\n\n")
    settings = folder / "server.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "protocol": "http"}))
    said = _run([_PROGRAM, "adduser", folder, "bot"], "\nbot\n")
    password = re.search(r"password is (\S+)", said)
    assert password is not None, said
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([_PROGRAM, "httpd", folder], stdout=log, stderr=log)
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
