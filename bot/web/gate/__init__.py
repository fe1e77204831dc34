"""Who may ask: hosts, forgeries, sign-in, roles, and the headers of every answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from flask import Flask, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.wrappers import Response

from bot.core.people import Role
from bot.web.asking import app, here
from bot.web.gate.entry import Entry
from bot.web.gate.forgeries import READING, Forgeries
from bot.web.gate.headers import guarded
from bot.web.gate.hosts import Hosts
from bot.web.pages import SHEET_BODY, SMALL_BODY, largest_of, needs_of
from bot.web.speech import _
from bot.web.speech.words import role_word

if TYPE_CHECKING:
    from bot.web.console import Console

#: Where a Flask application keeps its entry.
_ENTRY = "campaign_bot.entry"
#: Whatever their forms hold, they are done: PostgreSQL takes no NUL, so it is left out there.
_STOPPING = frozenset({"today.pause", "today.resume", "accounts.pause", "accounts.resume"})
#: A page in words, and its status.
Refusal = tuple[str, HTTPStatus]


def install(flask_app: Flask, console: Console) -> None:
    """Look at every request before any page does, and at every answer after it."""
    settings = console.app.settings
    hosts = Hosts(host=settings.console_host, url=settings.console_url)
    flask_app.wsgi_app = guarded(flask_app.wsgi_app, hosts)  # type: ignore[method-assign, assignment]
    flask_app.extensions[_ENTRY] = Entry(flask_app, console.app, hosts)
    forgeries = Forgeries(flask_app, hosts)

    @flask_app.before_request
    def _look() -> Response | Refusal | None:
        if request.endpoint is None:
            # There is no such page: nothing will be done.
            return None
        asked = (piece for pair in request.args.items(multi=True) for piece in pair)
        if any("\0" in text for text in (request.path, *asked)):
            # No address of ours holds one, and PostgreSQL takes none.
            abort(HTTPStatus.NOT_FOUND)
        _bound_body(flask_app, request.endpoint)
        if any("\0" in text for pair in request.form.items(multi=True) for text in pair):
            if request.endpoint not in _STOPPING:
                return _with_a_nul()
            request.form = _without_nul(request.form)
        if forgeries.is_forged(request):
            return no_entry(
                _("This request did not come from a page of this console"),
                _("Nothing was done. Open the page again and repeat what you did there."),
            )
        needed = needs_of(flask_app, request.endpoint)
        if needed is None:
            return None
        return _stranger() if not current_user.is_authenticated else _check_role(needed)


def _bound_body(flask_app: Flask, endpoint: str) -> None:
    """A longer body is refused before it is read; only whoever is in may send more than a small one."""
    largest = largest_of(flask_app, endpoint)
    if request.method in READING or (largest > SMALL_BODY and not current_user.is_authenticated):
        largest = SMALL_BODY
    request.max_content_length = largest
    # A file goes to the disk; fields stay in memory.
    request.max_form_memory_size = min(largest, SHEET_BODY)


def _without_nul(form: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict(
        [(name.replace("\0", ""), text.replace("\0", "")) for name, text in form.items(multi=True)]
    )


def _with_a_nul() -> Refusal:
    page, _status = no_entry(
        _("A field holds a sign that no text has"),
        _("Nothing was done. Go back, type the text anew instead of pasting it, and send it again."),
    )
    return page, HTTPStatus.BAD_REQUEST


def entry() -> Entry:
    """The way in and out of the console that answers."""
    return entry_of(current_app)


def entry_of(flask_app: Flask) -> Entry:
    """The way in and out of a console, wherever it is asked for."""
    return cast(Entry, flask_app.extensions[_ENTRY])


def no_entry(title: str, text: str, *, command: str = "") -> Refusal:
    """A page that lets nobody through, and says why; `command` is what to type on the machine."""
    page = render_template("no_entry.html", title=title, text=text, command=command)
    return page, HTTPStatus.FORBIDDEN


def nobody_yet() -> Refusal:
    """What somebody sees who is not in, while there are no users."""
    if entry().is_closed():
        return no_entry(
            _("Nobody can sign in yet"),
            _("This console can be reached from other machines: it needs users. Where it runs, type:"),
            command="campaign-bot users add NAME --role admin",
        )
    return no_entry(
        _("Open the one-time link"),
        _("It was printed when the bot was started, and works once, for 15 minutes. A new one:"),
        command="campaign-bot console",
    )


def _stranger() -> Response | Refusal:
    if not app().people.has_users():
        return nobody_yet()
    if request.method == "GET" and request.headers.get("Sec-Fetch-Dest") != "empty":
        return redirect(url_for("sign_in.sign_in", next=here()), code=303)
    return no_entry(
        _("You are signed out"),
        _(
            "Nothing was done. Go back: what you typed is still there. "
            "Copy it, sign in, and open the page anew."
        ),
    )


def _check_role(needed: Role) -> Refusal | None:
    own: Role = current_user.person.role
    if own.includes(needed):
        return None
    return no_entry(
        _("Your role does not allow this"),
        _(
            "Your role is %(own)s, and this needs the role %(needed)s. An admin can change that.",
            own=role_word(own),
            needed=role_word(needed),
        ),
    )
