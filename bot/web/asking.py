"""What a page knows of whoever asks, and how it answers: shown, sent back, told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from flask import current_app, redirect, request, session
from flask_login import current_user
from werkzeug.wrappers import Response

from bot.core.errors import BotError
from bot.core.people import Person, Role

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bot.app import App
    from bot.web.console import Console

#: Where the Flask application keeps the console it belongs to.
CONSOLE = "campaign_bot.console"
#: Where the browser's cookie keeps lines for the next page, and how many: a cookie holds 4 KB.
_TOLD = "told"
_LINES_KEPT = 5


def console() -> Console:
    return cast("Console", current_app.extensions[CONSOLE])


def app() -> App:
    """The bot that this console shows."""
    return console().app


def person() -> Person:
    """Who asks. Only for pages that need a role."""
    return cast(Person, current_user.person)


def may(role: Role) -> bool:
    """Whether whoever asks may do what `role` may."""
    return bool(current_user.is_authenticated) and person().role.includes(role)


def reader_zone() -> ZoneInfo | None:
    """The zone of the reader's machine, as its browser says; None when it says none that is known."""
    from bot.planning.calendar import zone_named

    name = request.cookies.get("zone", "")
    try:
        return zone_named(name) if name else None
    except (BotError, ValueError, OSError):
        return None


def told(text: str, *, undo: tuple[str, Mapping[str, str]] | None = None, is_warning: bool = False) -> None:
    """Leave one line for the next page; `undo` is the address and the fields that take it back."""
    line: dict[str, Any] = {"text": text, "kind": "warning" if is_warning else "done", "undo": None}
    if undo is not None:
        line["undo"] = {"to": undo[0], "fields": dict(undo[1])}
    session[_TOLD] = [*session.get(_TOLD, []), line][-_LINES_KEPT:]


def told_lines() -> list[dict[str, Any]]:
    """What was left for this page; it is said once."""
    lines: list[dict[str, Any]] = session.pop(_TOLD, [])
    return lines


def back(default: str) -> Response:
    """Send the browser where its form said that it came from, when that is a page of ours."""
    return redirect(own_path(request.form.get("back")) or default, code=303)


def own_path(address: str | None) -> str | None:
    """The address, when it is a path on this console and nothing else; else None."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    # Browsers take a backslash for a slash, and skip tabs and line ends.
    if any(letter in address for letter in "\\\t\r\n"):
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc else address


def here() -> str:
    """The path of this very page with its query, for a form that comes back to it."""
    return request.full_path.removesuffix("?")
