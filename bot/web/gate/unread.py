"""What is answered to a request that no page reads, broken or too long: by waitress, our headers on it."""

from __future__ import annotations

import copy
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask

from bot.web.gate.headers import HEADERS, NOT_KEPT
from bot.web.pages import PICTURE_BODY, PICTURES


class _Refusal(ErrorTask):  # type: ignore[misc]
    def execute(self) -> None:
        self.response_headers.extend([*HEADERS.items(), ("Cache-Control", NOT_KEPT)])
        super().execute()


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Takes a body as long as a picture at the address of pictures alone."""

    adj: Any

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.path == PICTURES:
            longer = copy.copy(self.adj)
            # The server refuses what is as long as its limit.
            longer.max_request_body_size = PICTURE_BODY + 1
            self.adj = longer


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection of waitress, whose own refusals carry the headers of every answer."""

    error_task_class = _Refusal
    parser_class = _Parser
