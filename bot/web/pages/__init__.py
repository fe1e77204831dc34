"""The pages: one module for each, with its routes and the role that each of them needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Flask

from bot.core.people import Role
from bot.media.limits import LARGEST_FILE

View = TypeVar("View", bound=Callable[..., Any])

#: Where a Flask application keeps which role each endpoint needs, and the largest body that it takes.
_NEEDS = "campaign_bot.needs"
_LARGEST = "campaign_bot.largest"
#: Bytes. The fields of most forms: names, reasons, the numbers of the posts on a page.
SMALL_BODY = 64 * 1024
#: The fields of an item in every language, each as long as its rules allow.
ITEM_BODY = 1024 * 1024
#: More than a spreadsheet of ten thousand items. The server takes a longer one at a single address.
SHEET_BODY = 8 * 1024 * 1024
#: The address at which pictures are taken in, and what it takes: the largest, and the form that it stands in.
PICTURES = "/pictures"
PICTURE_BODY = LARGEST_FILE + ITEM_BODY


class Pages:
    """Routes of one module. Each says which role it needs; None is for whoever asks."""

    def __init__(self, module: str) -> None:
        self.name = module.rpartition(".")[2]
        self._blueprint = Blueprint(self.name, module)
        self._needs: dict[str, Role | None] = {}
        self._largest: dict[str, int] = {}

    def get(self, rule: str, *, needs: Role | None) -> Callable[[View], View]:
        """A route that reads, and changes nothing."""
        return self._route(rule, "GET", needs)

    def post(self, rule: str, *, needs: Role | None, largest: int = SMALL_BODY) -> Callable[[View], View]:
        """A route that changes something; `largest` is the longest body that it takes, in bytes."""
        return self._route(rule, "POST", needs, largest)

    def register(self, flask_app: Flask) -> None:
        flask_app.register_blueprint(self._blueprint)
        known: dict[str, Role | None] = flask_app.extensions.setdefault(_NEEDS, {})
        known.update({f"{self.name}.{endpoint}": needs for endpoint, needs in self._needs.items()})
        bodies: dict[str, int] = flask_app.extensions.setdefault(_LARGEST, {})
        bodies.update({f"{self.name}.{endpoint}": largest for endpoint, largest in self._largest.items()})

    def _route(
        self, rule: str, method: str, needs: Role | None, largest: int = SMALL_BODY
    ) -> Callable[[View], View]:
        def register(view: View) -> View:
            self._largest[view.__name__] = largest
            self._blueprint.add_url_rule(rule, view.__name__, view, methods=[method])
            self._needs[view.__name__] = needs
            return view

        return register


def needs_of(flask_app: Flask, endpoint: str) -> Role | None:
    """The role that a route needs; None: it is open. KeyError for a route that never said so."""
    needs: dict[str, Role | None] = flask_app.extensions[_NEEDS]
    return needs[endpoint]


def largest_of(flask_app: Flask, endpoint: str) -> int:
    """The longest body that a route takes from somebody who is in, in bytes."""
    largest: dict[str, int] = flask_app.extensions[_LARGEST]
    return largest[endpoint]
