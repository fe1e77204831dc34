"""Somebody with a browser in the console of a stage, signed in with a role."""

from __future__ import annotations

import html
import re
import secrets
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

from bot.app import App
from bot.config import load_settings
from bot.core.people import Role
from bot.pipeline.people import digest_of
from bot.store import people
from bot.web.console import Console
from compiled import compile_once
from stage import Stage

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """Asks for pages, and sends forms as a browser does: with the token of the page they stand on."""

    def __init__(self, stage: Stage, *, url: str, role: Role = Role.APPROVER, language: str = "en") -> None:
        content = stage.data_dir / "content"
        content.mkdir(exist_ok=True)
        settings = load_settings(
            {
                "BOT_DATA_DIR": str(stage.data_dir),
                "BOT_DATABASE_URL": url,
                "BOT_CONTENT_DIR": str(content),
            }
        )
        self.name = f"An Invented {role.value.title()}"
        self.app = App(settings, clock=stage.clock)
        self.app.__dict__["renderer"] = stage.renderer
        self.console = Console(self.app)
        compile_once(self.console)
        self._client = self.console.pages.test_client()
        self._client.set_cookie("language", language, domain="127.0.0.1")
        token = secrets.token_urlsafe(16)
        with stage.db.write() as tx:
            if people.read_user(tx, self.name) is None:
                people.add_user(tx, self.name, role=role, nonce="0" * 32, now=stage.clock.now())
            people.begin_session(tx, digest_of(token), who=self.name, now=stage.clock.now())
        with self._client.session_transaction(base_url="http://127.0.0.1") as session:
            session["_user_id"], session["_fresh"] = token, True

    def ask(self, path: str) -> TestResponse:
        return self._client.get(path, base_url="http://127.0.0.1")

    def see(self, path: str) -> str:
        """The page at that path, which is there."""
        answer = self.ask(path)
        assert answer.status_code == 200, f"{path}: {answer.status}\n{answer.text[:3000]}"
        return answer.text

    def send(self, path: str, *, page: str = "/", **fields: object) -> TestResponse:
        """Send a form that stands on `page`; a list is a field that comes several times."""
        found = _TOKEN.search(self.see(page))
        assert found is not None, f"{page} has no form"
        return self._client.post(
            path, data={"csrf_token": html.unescape(found[1]), **fields}, base_url="http://127.0.0.1"
        )

    def follow(self, answer: TestResponse) -> str:
        """The page to which a form's answer sends the browser."""
        assert answer.status_code == 303, f"{answer.status}\n{answer.text[:3000]}"
        parts = urlsplit(answer.location)
        return self.see(parts.path + (f"?{parts.query}" if parts.query else ""))

    def close(self) -> None:
        self.app.db.close()


def words_of(page: str) -> str:
    """What a page says, without its tags, its marks of direction and its line breaks."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)))
    return " ".join(re.sub("[\u2066-\u2069\u200e\u200f]", "", text).split())
