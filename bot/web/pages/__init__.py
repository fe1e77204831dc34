"""The pages: one module for each, with its routes and the role that each of them needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Flask

from bot.core.people import Role

View = TypeVar("View", bound=Callable[..., Any])

#: Where a Flask application keeps which role each endpoint needs.
_NEEDS = "campaign_bot.needs"


class Pages:
    """Routes of one module. Each says which role it needs; None is for whoever asks."""

    def __init__(self, module: str) -> None:
        self.name = module.rpartition(".")[2]
        self._blueprint = Blueprint(self.name, module)
        self._needs: dict[str, Role | None] = {}

    def get(self, rule: str, *, needs: Role | None) -> Callable[[View], View]:
        """A route that reads, and changes nothing."""
        return self._route(rule, "GET", needs)

    def post(self, rule: str, *, needs: Role | None) -> Callable[[View], View]:
        """A route that changes something."""
        return self._route(rule, "POST", needs)

    def register(self, flask_app: Flask) -> None:
        flask_app.register_blueprint(self._blueprint)
        known: dict[str, Role | None] = flask_app.extensions.setdefault(_NEEDS, {})
        known.update({f"{self.name}.{endpoint}": needs for endpoint, needs in self._needs.items()})

    def _route(self, rule: str, method: str, needs: Role | None) -> Callable[[View], View]:
        def register(view: View) -> View:
            self._blueprint.add_url_rule(rule, view.__name__, view, methods=[method])
            self._needs[view.__name__] = needs
            return view

        return register


def needs_of(flask_app: Flask, endpoint: str) -> Role | None:
    """The role that a route needs; None: it is open. KeyError for a route that never said so."""
    needs: dict[str, Role | None] = flask_app.extensions[_NEEDS]
    return needs[endpoint]
