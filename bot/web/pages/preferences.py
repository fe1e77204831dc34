"""How a reader wants the pages: their language, light or dark."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from bot.web.asking import back
from bot.web.pages import Pages

#: A year, in seconds.
_KEPT = 31_536_000
#: What each may be. The browser's own wish holds for whatever is not chosen.
_CHOICES = {
    "language": frozenset({"ar", "en", "tr"}),
    "theme": frozenset({"light", "dark", "auto"}),
    "digits": frozenset({"latin", "arabic"}),
}

pages = Pages(__name__)


@pages.post("/preferences", needs=None)
def choose() -> Response:
    response = back("/")
    for name, allowed in _CHOICES.items():
        value = request.form.get(name)
        if value in allowed:
            response.set_cookie(name, value, max_age=_KEPT, samesite="Lax", httponly=True)
    return response
