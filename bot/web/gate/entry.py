"""Who is signed in, in this browser: Flask-Login keeps a random token, the store knows whose it is."""

from __future__ import annotations

from flask import Flask, Request, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user

from bot.app import App
from bot.core.people import Person
from bot.web.gate.hosts import Hosts, is_loopback

#: The cookie holds it while the code is still to come.
_HALF = "half"


class Signed(UserMixin):  # type: ignore[misc]
    """Somebody with a session. Flask-Login puts `get_id` into the cookie."""

    def __init__(self, token: str, person: Person) -> None:
        self._token = token
        self.person = person

    def get_id(self) -> str:
        return self._token


class Entry:
    """The way in and out of one console."""

    def __init__(self, flask_app: Flask, app: App, hosts: Hosts) -> None:
        self._flask_app = flask_app
        self._app = app
        self._hosts = hosts
        flask_app.config.update(
            SECRET_KEY=app.people.cookie_key(),
            SESSION_COOKIE_NAME="campaign_bot",
            SESSION_COOKIE_HTTPONLY=True,
            SESSION_COOKIE_SAMESITE="Lax",
            SESSION_COOKIE_SECURE=hosts.is_encrypted,
        )
        manager = LoginManager()
        # It would sign out a phone that changes its network.
        manager.session_protection = None
        manager.user_loader(self._load)
        manager.init_app(flask_app)

    def is_closed(self) -> bool:
        """Whether nobody can come in: there are no users, and it can be asked from other machines."""
        return not self._is_at_the_machine() and not self._app.people.has_users()

    def has_entered(self, cookies: str) -> bool:
        """Whether a Cookie header is of somebody who came in once: signed here, and with a whole session.

        No store is asked: whether that session still lasts is seen when the request is answered.
        """
        asked = Request({"HTTP_COOKIE": cookies})
        kept = self._flask_app.session_interface.open_session(self._flask_app, asked)
        return kept is not None and "_user_id" in kept

    def sign_in(self, token: str) -> None:
        """Begin the session of that token in this browser; nothing of what its cookie held is kept."""
        self.sign_out()
        person = self._app.people.person_of(token)
        if person is not None:
            login_user(Signed(token, person))

    def sign_out(self) -> None:
        """End this browser's session, here and in the store."""
        if current_user.is_authenticated:
            self._app.people.sign_out(current_user.get_id())
        session.clear()

    @property
    def half(self) -> str:
        """The token of somebody whose password was right; empty when there is none."""
        return str(session.get(_HALF, ""))

    @half.setter
    def half(self, token: str) -> None:
        self.sign_out()
        session[_HALF] = token

    def _load(self, token: str) -> Signed | None:
        if self.is_closed():
            return None
        person = self._app.people.person_of(token, acts=not _asks_by_itself())
        return None if person is None else Signed(token, person)

    def _is_at_the_machine(self) -> bool:
        return self._hosts.are_loopback and is_loopback(request.remote_addr or "")


def _asks_by_itself() -> bool:
    """Whether a script asks, not a person: a page that looks for news must not keep anybody signed in."""
    return request.method == "GET" and request.headers.get("Sec-Fetch-Dest") == "empty"
