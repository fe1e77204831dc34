"""Who may use the console: an admin adds and removes users, changes roles, and lets somebody begin anew."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.core.errors import BotError, NotAllowedError
from bot.core.people import Role
from bot.pipeline.register import Register
from bot.web.asking import app, person, told
from bot.web.pages import Pages
from bot.web.speech import _
from bot.web.speech.words import role_word

pages = Pages(__name__)


@pages.get("/users", needs=Role.ADMIN)
def users() -> str:
    return _page()


@pages.post("/users", needs=Role.ADMIN)
def add() -> str | tuple[str, int]:
    name = request.form.get("name", "")
    try:
        role = _role()
        token = _register().add(name, role)
    except BotError as error:
        return _page(problem=str(error), typed=name), 422
    return _page(link=_link(token), link_for=" ".join(name.split()))


@pages.post("/users/<name>/role", needs=Role.ADMIN)
def set_role(name: str) -> Response:
    role = _role()
    name = _register().set_role(name, role)
    told(_("%(name)s has the role %(role)s from the next sign-in on.", name=name, role=role_word(role)))
    return redirect(url_for("users.users"), code=303)


@pages.post("/users/<name>/reset", needs=Role.ADMIN)
def reset(name: str) -> str:
    name, token = _register().reset(name)
    return _page(link=_link(token), link_for=name)


@pages.post("/users/<name>/remove", needs=Role.ADMIN)
def remove(name: str) -> Response:
    name = _register().remove(name)
    told(_("%(name)s is removed, and signed out everywhere.", name=name))
    return redirect(url_for("users.users"), code=303)


def _register() -> Register:
    return app().register(person().name, is_user=True)


def _role() -> Role:
    try:
        return Role(request.form.get("role", ""))
    except ValueError:
        raise NotAllowedError("there is no such role: choose one of the list") from None


def _link(token: str) -> str:
    """The link is shown once, on the answer itself: no cookie and no address of a page holds it."""
    address = app().settings.console_url or request.url_root.rstrip("/")
    return address + url_for("sign_in.choose_password", token=token)


def _page(*, problem: str = "", typed: str = "", link: str = "", link_for: str = "") -> str:
    return render_template(
        "users.html",
        users=_register().users(),
        roles=list(Role),
        own_name=person().name,
        problem=problem,
        typed=typed,
        link=link,
        link_for=link_for,
    )
