"""What a page for machines says."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Status, kind of content, and the content itself."""

    status: HTTPStatus = HTTPStatus.OK
    kind: str
    body: bytes
