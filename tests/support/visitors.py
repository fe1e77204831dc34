"""A console on a store of its own, and people who visit it: with a role, without one, or with bad intent."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.app import App
from bot.config import load_settings
from bot.core.clock import FixedClock
from bot.core.people import Role
from bot.people.passwords import Passwords
from bot.people.tokens import digest_of, new_token
from bot.pipeline.people import People
from bot.store import people as store
from bot.web.console import Console
from clones import copy_content
from compiled import compile_once

#: What the console is asked by, unless told.
ADDRESS = "http://127.0.0.1:8000"
PASSWORD = "three invented words"
#: One user for each role; `Leyla` is there to be acted upon.
NAMES = {Role.VIEWER: "Vera", Role.AUTHOR: "Aziz", Role.APPROVER: "Amal", Role.ADMIN: "Adnan"}
SPARE = "Leyla"
#: Every visitor reads English, unless told.
_READS = {"Accept-Language": "en"}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Guest:
    """A browser at the door: it keeps cookies, and says by itself where its requests come from."""

    def __init__(self, client: FlaskClient, *, address: str = ADDRESS, remote: str = "127.0.0.1") -> None:
        self.client = client
        self._address = address
        self._remote = remote

    def get(
        self, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        return self.client.open(
            path,
            method=method,
            base_url=self._address,
            headers={**_READS, **(headers or {})},
            environ_overrides={"REMOTE_ADDR": self._remote},
        )

    def post(
        self,
        path: str,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        **fields: str,
    ) -> TestResponse:
        """Send a form with this visitor's own token, or another one; the empty one is none."""
        token = self.token() if token is None else token
        return self.client.post(
            path,
            data=fields | ({"csrf_token": token} if token else {}),
            base_url=self._address,
            headers={**_READS, "Sec-Fetch-Site": "same-origin", "Origin": "null", **(headers or {})},
            environ_overrides={"REMOTE_ADDR": self._remote},
        )

    def token(self) -> str:
        """What the forms of this visitor's pages hold."""
        answer = self.get("/sign-in")
        if answer.status_code == 303:
            answer = self.get("/password")
        found = _TOKEN.search(answer.text)
        assert found is not None, answer.status
        return found[1]


class Visited:
    """A console, and its store."""

    def __init__(self, folder: Path, prepared: Path, **environment: str) -> None:
        self.folder = folder
        copy_content(folder)
        (folder / "data").mkdir(mode=0o700)
        self.database = Path(shutil.copy(prepared, folder / "data" / "campaign-bot.sqlite3"))
        self.settings = load_settings(
            {
                "BOT_DATA_DIR": str(folder / "data"),
                "BOT_CONTENT_DIR": str(folder / "content"),
                "BOT_TEMPLATES_DIR": str(folder / "templates"),
                **environment,
            },
            env_file=folder / "absent.env",
        )
        self.clock = FixedClock(datetime(2026, 3, 1, 9, 0, tzinfo=UTC))
        self.app = App(self.settings, clock=self.clock)
        # Kept quickly: how slowly is proved once.
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.app.people = People(
            self.app.db, self.clock, key=lambda: self.app.console_key, passwords=Passwords(hasher)
        )
        self.console = Console(self.app)
        compile_once(self.console)

    def fill(self, *, days: int = 1) -> None:
        """Take the content in and plan: there are campaigns, items and posts."""
        self.app.syncer.sync(self.app.content())
        self.app.planner.plan(days=days)

    def add_users(self) -> None:
        """One user of each role, and a spare one, each with a password."""
        for role, name in [*NAMES.items(), (Role.VIEWER, SPARE)]:
            self.add(name, role)

    def add(self, name: str, role: Role) -> None:
        token = self.app.register("Sami").add(name, role)
        assert self.app.people.choose_password(token, PASSWORD) is None

    def visitor(self, role: Role | None = None, **more: str) -> Guest:
        """Somebody who is signed in with that role; None: a stranger."""
        client = self.console.pages.test_client()
        if role is not None:
            token = new_token()
            with self.app.db.write() as tx:
                store.begin_session(tx, digest_of(token), who=NAMES[role], now=self.clock.now())
            with client.session_transaction(base_url=more.get("address", ADDRESS)) as session:
                session["_user_id"] = token
        return Guest(client, **more)

    def snapshot(self) -> list[str]:
        """Everything the store and the folders hold, to see whether anything changed."""
        with closing(sqlite3.connect(self.database)) as connection:
            rows = list(connection.iterdump())
        files = [
            f"{path.relative_to(self.folder)} {path.stat().st_size}"
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and not path.name.startswith(self.database.name)
        ]
        return rows + files

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    def close(self) -> None:
        self.app.db.close()


@contextmanager
def visited(folder: Path, prepared: Path, **environment: str) -> Iterator[Visited]:
    """A console in that folder, until the block ends."""
    one = Visited(folder, prepared, **environment)
    try:
        yield one
    finally:
        one.close()
