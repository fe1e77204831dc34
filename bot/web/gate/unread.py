"""What is answered to a request that no page reads, broken or too long: by waitress, our headers on it."""

from __future__ import annotations

import copy
from collections.abc import Callable
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


def channel_for(has_entered: Callable[[str], bool]) -> type[HTTPChannel]:
    """Connections of waitress, whose own refusals carry the headers of every answer.

    Waitress keeps a whole body before any page is asked. One as long as a picture it keeps at the address of
    pictures alone, and only for a Cookie header of which `has_entered` is true.
    """

    class Parser(HTTPRequestParser):  # type: ignore[misc]
        adj: Any

        def parse_header(self, header_plus: bytes) -> None:
            super().parse_header(header_plus)
            if self.path == PICTURES and has_entered(self.headers.get("COOKIE", "")):
                longer = copy.copy(self.adj)
                # The server refuses what is as long as its limit.
                longer.max_request_body_size = PICTURE_BODY + 1
                self.adj = longer

    class Channel(HTTPChannel):  # type: ignore[misc]
        error_task_class = _Refusal
        parser_class = Parser

    return Channel
