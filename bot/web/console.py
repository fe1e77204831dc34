"""The pages of one app: which there are, and what each of them reads."""

from __future__ import annotations

from importlib.metadata import version

from bot.app import App
from bot.web.answering import Pages
from bot.web.health_page import health_answer
from bot.web.metrics import Metrics


class Console:
    """What `run` serves. Its metrics count what they are told of."""

    def __init__(self, app: App) -> None:
        mode = app.settings.mode.value
        watch = app.watch
        self.metrics = Metrics(watch.health, version=version("campaign-bot"), mode=mode)
        self.pages = Pages(
            {
                "/healthz": lambda: health_answer(watch.health(), mode=mode),
                "/metrics": self.metrics.answer,
            },
            host=app.settings.console_host,
        )
