"""What goes wrong, as a page in words: never a traceback."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, render_template
from werkzeug.exceptions import HTTPException

from bot.core.errors import BotError, ContentError, NotAllowedError, NotFoundError, StoreError

log = logging.getLogger(__name__)

#: The first that fits; any other error of ours is a refusal.
_STATUS: tuple[tuple[type[BotError], HTTPStatus], ...] = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (NotAllowedError, HTTPStatus.CONFLICT),
    (ContentError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
    (BotError, HTTPStatus.UNPROCESSABLE_ENTITY),
)


def install(flask_app: Flask) -> None:
    """Answer every error with a page that says what happened and where to go on."""

    @flask_app.errorhandler(BotError)
    def _ours(error: BotError) -> tuple[str, HTTPStatus]:
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        return _page(status, str(error).splitlines()), status

    @flask_app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> tuple[str, int, dict[str, str]] | HTTPException:
        if error.code is None or error.code < 400:
            return error
        headers = {name: value for name, value in error.get_headers() if name == "Allow"}
        return _page(HTTPStatus(error.code), []), error.code, headers

    @flask_app.errorhandler(Exception)
    def _bug(error: Exception) -> tuple[str, HTTPStatus]:
        log.error("a page failed in a way nobody foresaw", exc_info=error)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return _page(status, []), status


def _page(status: HTTPStatus, lines: list[str]) -> str:
    """The page of an error; without the frame around it when that cannot be read either."""
    try:
        return render_template("error.html", status=status, lines=lines, bare=False)
    except BotError:
        return render_template("error.html", status=status, lines=lines, bare=True)
