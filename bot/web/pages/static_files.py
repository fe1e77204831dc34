"""Styles and scripts, at addresses that hold a digest of what they are: a browser keeps them for good."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import abort, send_from_directory
from werkzeug.wrappers import Response

from bot.web.pages import Pages

FOLDER = Path(__file__).parents[1] / "static"
pages = Pages(__name__)


@pages.get("/static/<digest>/<name>", needs=None)
def file(digest: str, name: str) -> Response:
    if name not in _digests() or digest != _digests()[name]:
        abort(404)
    return send_from_directory(FOLDER, name, max_age=31_536_000)


def address(name: str) -> str:
    """Where the browser finds the file of that name."""
    return f"/static/{_digests()[name]}/{name}"


@cache
def _digests() -> dict[str, str]:
    files = sorted(path for path in FOLDER.iterdir() if path.is_file())
    # One digest for all: scripts import one another by name.
    of_all = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    return {path.name: of_all for path in files}
