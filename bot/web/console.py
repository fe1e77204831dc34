"""The console of one app: a Flask application of all pages, and what it counts for Prometheus."""

from __future__ import annotations

import logging
from importlib.metadata import version
from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined

from bot.app import App
from bot.web import errors, gate, look, speech
from bot.web.asking import CONSOLE
from bot.web.health_page import health_answer
from bot.web.metrics import Metrics
from bot.web.pages import (
    SMALL_BODY,
    Pages,
    accounts,
    approve,
    calendar,
    compose,
    editing,
    importing,
    insight,
    library,
    pictures,
    post,
    preferences,
    preview,
    queue,
    rehearse,
    sign_in,
    static_files,
    today,
    unknown,
    users,
)
from bot.web.pages import log as send_log
from bot.web.weight import compress

log = logging.getLogger(__name__)

#: Every page of the console. A new one is a module in `pages/` and a line here.
PAGES: tuple[Pages, ...] = (
    static_files.pages,
    preferences.pages,
    sign_in.pages,
    users.pages,
    today.pages,
    calendar.pages,
    compose.pages,
    preview.pages,
    pictures.pages,
    library.pages,
    editing.pages,
    importing.pages,
    queue.pages,
    send_log.pages,
    post.pages,
    approve.pages,
    unknown.pages,
    accounts.pages,
    insight.pages,
    rehearse.pages,
)


class Console:
    """What `run` serves. Its metrics count what they are told of."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.mode = app.settings.mode.value
        self.version = version("campaign-bot")
        self.metrics = Metrics(app.watch.health, version=self.version, mode=self.mode)
        self.pages = self._flask_app()

    def _flask_app(self) -> Flask:
        folder = Path(__file__).parent
        flask_app = Flask("bot.web", root_path=str(folder), static_folder=None, template_folder="templates")
        flask_app.config.update(
            # The gate lets some pages take more.
            MAX_CONTENT_LENGTH=SMALL_BODY,
            MAX_FORM_MEMORY_SIZE=SMALL_BODY,
            MAX_FORM_PARTS=20_000,
            PROPAGATE_EXCEPTIONS=False,
        )
        flask_app.extensions[CONSOLE] = self
        flask_app.jinja_env.undefined = StrictUndefined
        flask_app.jinja_env.trim_blocks = True
        flask_app.jinja_env.lstrip_blocks = True
        speech.install(flask_app, now=self.app.clock.now, own_language=self._own_language)
        look.install(flask_app)
        gate.install(flask_app, self)
        errors.install(flask_app)
        compress(flask_app)
        for pages in (*PAGES, self._watchers()):
            pages.register(flask_app)
        return flask_app

    def _own_language(self) -> str | None:
        """The first language of the first campaign: for readers whose browser names none that we speak."""
        campaigns = self.app.inspector.campaigns()
        return campaigns[0].languages[0] if campaigns else None

    def _watchers(self) -> Pages:
        """What machines ask, without signing in."""
        pages = Pages("watchers")

        @pages.get("/healthz", needs=None)
        def healthz() -> tuple[bytes, int, dict[str, str]]:
            answer = health_answer(self.app.watch.health(), mode=self.mode)
            return answer.body, answer.status, {"Content-Type": answer.kind}

        @pages.get("/metrics", needs=None)
        def metrics() -> tuple[bytes, int, dict[str, str]]:
            answer = self.metrics.answer()
            return answer.body, answer.status, {"Content-Type": answer.kind}

        return pages
