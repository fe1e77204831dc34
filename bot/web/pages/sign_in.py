"""The way in and out: the one-time link, name and password, the code, a password of one's own."""

from __future__ import annotations

import re

import segno
from flask import abort, redirect, render_template, request, session, url_for
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from bot.core.people import Role
from bot.people.passwords import SHORTEST, PasswordProblem
from bot.pipeline.people import CodeAsked, SignIn, Step
from bot.web.asking import app, own_path, person, told
from bot.web.gate import Refusal, entry, no_entry, nobody_yet
from bot.web.pages import Pages
from bot.web.speech import _

pages = Pages(__name__)

#: Where somebody wanted to go who must sign in first.
_NEXT = "next"


# -- the single person -----------------------------------------------------------------------------


@pages.get("/enter/<token>", needs=None)
def enter(token: str) -> Response | Refusal:
    if request.method == "HEAD" or _is_fetched_ahead():
        # Whoever only looks whether there is such a page must not use the link up.
        abort(405)
    if app().people.has_users():
        return redirect(url_for("sign_in.sign_in"), code=303)
    if entry().is_closed():
        return nobody_yet()
    session_token = app().people.enter(token)
    if session_token is None:
        if current_user.is_authenticated:
            # The same link a second time, by somebody who is in.
            return redirect("/", code=303)
        return nobody_yet()
    entry().sign_in(session_token)
    return redirect("/", code=303)


def _is_fetched_ahead() -> bool:
    """Whether a browser or a proxy asks in case somebody may open the page (`Sec-Purpose`)."""
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return any(re.search(r"\b(prefetch|prerender|preview)\b", purpose.lower()) for purpose in purposes)


# -- users -----------------------------------------------------------------------------------------


@pages.get("/sign-in", needs=None)
def sign_in() -> str | Response | Refusal:
    if current_user.is_authenticated:
        return redirect(_wanted(), code=303)
    if not app().people.has_users():
        return nobody_yet()
    return _password_page()


@pages.post("/sign-in", needs=None)
def try_password() -> str | Response | tuple[str, int]:
    name, password = request.form.get("name", ""), request.form.get("password", "")
    tried = app().people.sign_in(name, password, address=request.remote_addr)
    match tried.step:
        case Step.IN:
            return _let_in(tried)
        case Step.CODE:
            entry().half = tried.token
            return redirect(url_for("sign_in.code", next=_wanted()), code=303)
        case _:
            return _password_page(problem=_said(tried.step), name=name), 403


@pages.get("/sign-in/code", needs=None)
def code() -> str | Response:
    asked = app().people.code_asked(entry().half)
    if asked is None:
        return redirect(url_for("sign_in.sign_in", next=_wanted()), code=303)
    return _code_page(asked)


@pages.post("/sign-in/code", needs=None)
def try_code() -> str | Response | tuple[str, int]:
    half = entry().half
    asked = app().people.code_asked(half)
    tried = app().people.confirm(half, request.form.get("code", ""), address=request.remote_addr)
    if tried.step is Step.IN:
        return _let_in(tried)
    if asked is None or tried.step is Step.OVER:
        return _password_page(problem=_said(Step.OVER)), 403
    return _code_page(asked, problem=_said(tried.step)), 403


@pages.post("/sign-out", needs=Role.VIEWER)
def sign_out() -> Response:
    entry().sign_out()
    return redirect(url_for("sign_in.sign_in"), code=303)


def _let_in(tried: SignIn) -> Response:
    wanted = _wanted()
    entry().sign_in(tried.token)
    return redirect(wanted, code=303)


def _wanted() -> str:
    """Where to go after signing in: a page of ours, the first one unless told."""
    return own_path(request.values.get(_NEXT)) or "/"


def _password_page(*, problem: str = "", name: str = "") -> str:
    return render_template("sign_in.html", problem=problem, name=name, next=_wanted())


def _code_page(asked: CodeAsked, *, problem: str = "") -> str:
    picture = None
    if asked.address is not None:
        # Dark on light, whatever the page's colours: cameras read nothing else.
        drawn = segno.make(asked.address, error="m", micro=False).svg_inline(
            scale=5, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
        )
        picture = Markup(drawn)  # noqa: S704  (drawn here, from letters and digits of ours)
    return render_template("codes.html", asked=asked, picture=picture, problem=problem, next=_wanted())


def _said(step: Step) -> str:
    match step:
        case Step.CLOSED:
            return _("Too many wrong tries: the door is closed for up to 15 minutes. Wait, then try again.")
        case Step.OVER:
            return _("It took too long, or the link was used before. Sign in again.")
        case _:
            return _("That was not right. Look at what you typed, and try again.")


# -- a password of one's own -----------------------------------------------------------------------


@pages.get("/password/<token>", needs=None)
def choose_password(token: str) -> str | Refusal:
    name = app().people.chooser(token)
    return _no_such_link() if name is None else _choose_page(name)


@pages.post("/password/<token>", needs=None)
def save_password(token: str) -> str | Response | Refusal | tuple[str, int]:
    name = app().people.chooser(token)
    if name is None:
        return _no_such_link()
    new = request.form.get("password", "")
    if new != request.form.get("again", ""):
        return _choose_page(name, problem=_("The two passwords differ: type the same one twice.")), 422
    problem = app().people.choose_password(token, new)
    if problem is not None:
        return _choose_page(name, problem=_not_good(problem)), 422
    entry().sign_out()
    told(_("The password is saved. Sign in with it."))
    return redirect(url_for("sign_in.sign_in"), code=303)


@pages.get("/password", needs=Role.VIEWER)
def change_password() -> str | Refusal:
    return _choose_page(person().name, is_change=True) if app().people.has_users() else _no_password()


@pages.post("/password", needs=Role.VIEWER)
def save_change() -> str | Response | Refusal | tuple[str, int]:
    if not app().people.has_users():
        return _no_password()
    name, new = person().name, request.form.get("password", "")
    if new != request.form.get("again", ""):
        problem = _("The two passwords differ: type the same one twice.")
        return _choose_page(name, is_change=True, problem=problem), 422
    old = request.form.get("old", "")
    done = app().people.change_password(name, old=old, new=new, address=request.remote_addr)
    if done is Step.IN:
        session.clear()
        told(_("The password is saved. Sign in with it."))
        return redirect(url_for("sign_in.sign_in"), code=303)
    problem = _not_good(done) if isinstance(done, PasswordProblem) else _said(done)
    return _choose_page(name, is_change=True, problem=problem), 422


def _choose_page(name: str, *, is_change: bool = False, problem: str = "") -> str:
    return render_template(
        "choose_password.html", name=name, is_change=is_change, problem=problem, shortest=SHORTEST
    )


def _no_such_link() -> Refusal:
    return no_entry(
        _("This link is not good any more"),
        _("A link to choose a password works once, for 24 hours. Ask an admin for a new one."),
    )


def _no_password() -> Refusal:
    return no_entry(
        _("There is no password"),
        _("You came in by a one-time link. Passwords are for users; the first one is added by:"),
        command="campaign-bot users add NAME --role admin",
    )


def _not_good(problem: PasswordProblem) -> str:
    match problem:
        case PasswordProblem.SHORT:
            return _("It is too short: at least %(num)s characters.", num=SHORTEST)
        case PasswordProblem.LONG:
            return _("It is too long.")
        case PasswordProblem.NAME:
            return _("It is hardly more than your name: others would guess it.")
        case PasswordProblem.UNIFORM:
            return _("It has too few different characters: others would guess it.")
