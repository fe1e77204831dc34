"""What is answered to a request that no page reads, broken or too long: by waitress, our headers on it."""

from __future__ import annotations

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from bot.web.gate.headers import HEADERS, NOT_KEPT


class _Refusal(ErrorTask):  # type: ignore[misc]
    def execute(self) -> None:
        self.response_headers.extend([*HEADERS.items(), ("Cache-Control", NOT_KEPT)])
        super().execute()


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection of waitress, whose own refusals carry the headers of every answer."""

    error_task_class = _Refusal
