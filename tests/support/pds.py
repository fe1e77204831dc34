"""A real Bluesky server (PDS) on 127.0.0.1, for tests (`servers.py`)."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path
from typing import Any

import requests

import servers

_HERE = Path(__file__).parent
_OWN_PASSWORD = "invented-own-password"


class Pds:
    """One server of the tests' own; its data is gone when it stops."""

    def __init__(self, folder: Path) -> None:
        """Start it; about three seconds. Skips the test where the server is not installed."""
        servers.need(servers.PDS)
        ports = [str(_free_port()) for _ in range(2)]
        self.url = f"http://127.0.0.1:{ports[1]}"
        self._log = (folder / "pds.log").open("wb")
        self._process = subprocess.Popen(
            [str(servers.NODE / "bin" / "node"), str(_HERE / "pds.mjs"), str(servers.PDS), *ports],
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
        return json.loads(self._ask(method, token=token, **given) or b"{}")

    def _ask(self, method: str, *, token: str | None = None, **given: Any) -> bytes:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        verb = "POST" if "json" in given else "GET"
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                verb, f"{self.url}/xrpc/com.atproto.{method}", headers=headers, timeout=20, **given
            )
        assert answer.ok, f"{method}: {answer.status_code} {answer.text}"
        return answer.content

    def app_password(self, handle: str) -> str:
        """Make an account of that handle, and return an app password of it."""
        made = {"handle": handle, "email": f"{handle}@example.org", "password": _OWN_PASSWORD}
        account = self.call("server.createAccount", json=made)
        given = self.call(
            "server.createAppPassword", token=account["accessJwt"], json={"name": "campaign-bot"}
        )
        return str(given["password"])

    def picture(self, record: dict[str, Any]) -> bytes:
        """The picture of a post, as anybody can fetch it."""
        (image,) = record["value"]["embed"]["images"]
        where = {"did": record["uri"].split("/")[2], "cid": image["image"]["ref"]["$link"]}
        return self._ask("sync.getBlob", params=where)

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
