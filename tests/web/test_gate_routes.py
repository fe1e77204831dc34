"""Who may ask which page: every route of the router, for every role, and against every forgery."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from werkzeug.routing import Rule

from bot.core.people import Role
from bot.web.console import Console
from bot.web.pages import needs_of
from visitors import SPARE, Visited, visited

#: What whoever asks may have, and why. Everything else needs a role.
OPEN = {
    "static_files.file": "styles and scripts",
    "preferences.choose": "the language of the sign-in page",
    "sign_in.enter": "whoever has the one-time link",
    "sign_in.sign_in": "the way in",
    "sign_in.try_password": "the way in",
    "sign_in.code": "the way in",
    "sign_in.try_code": "the way in",
    "sign_in.choose_password": "whoever has the link",
    "sign_in.save_password": "whoever has the link",
    "watchers.healthz": "machines that watch",
    "watchers.metrics": "machines that watch",
}
#: Something that is there for each kind of variable in an address.
SOMETHING = {
    "post": "1",
    "number": "1",
    "slot": "1",
    "campaign": "not-hostages",
    "account": "not_hostages_x",
    "name": SPARE,
    "language": "en",
    "network": "x",
    "kind": "fact",
    "day": "2026-03-02",
    "month": "2026-03",
}
#: What a viewer may send a form for: the own session and password; asking the log whether it is whole.
VIEWERS_FORMS = {"sign_in.sign_out", "sign_in.save_change", "log.check"}
#: What each form needs, written down a second time: a route that lets more in must be changed here, too.
NEEDED = {
    "accounts.pause": Role.AUTHOR,
    "accounts.resume": Role.APPROVER,
    "accounts.test": Role.AUTHOR,
    "approve.many": Role.APPROVER,
    "approve.refuse": Role.APPROVER,
    "calendar.move": Role.AUTHOR,
    "compose.queue": Role.AUTHOR,
    "editing.create": Role.AUTHOR,
    "editing.save": Role.AUTHOR,
    "importing.look": Role.AUTHOR,
    "importing.take": Role.AUTHOR,
    "importing.to_files": Role.AUTHOR,
    "library.queue": Role.AUTHOR,
    "library.restore": Role.AUTHOR,
    "library.retire": Role.AUTHOR,
    "library.settle": Role.AUTHOR,
    "log.check": Role.VIEWER,
    "pictures.take": Role.AUTHOR,
    "post.approve": Role.APPROVER,
    "post.cancel": Role.AUTHOR,
    "post.hold": Role.AUTHOR,
    "post.move": Role.AUTHOR,
    "post.release": Role.APPROVER,
    "preferences.choose": None,
    "preview.preview": Role.AUTHOR,
    "queue.ask_to_cancel": Role.AUTHOR,
    "queue.cancel": Role.AUTHOR,
    "queue.hold": Role.AUTHOR,
    "queue.move": Role.AUTHOR,
    "queue.release": Role.APPROVER,
    "sign_in.save_change": Role.VIEWER,
    "sign_in.save_password": None,
    "sign_in.sign_out": Role.VIEWER,
    "sign_in.try_code": None,
    "sign_in.try_password": None,
    "today.pause": Role.AUTHOR,
    "today.resume": Role.APPROVER,
    "unknown.resolve": Role.APPROVER,
    "users.add": Role.ADMIN,
    "users.remove": Role.ADMIN,
    "users.reset": Role.ADMIN,
    "users.set_role": Role.ADMIN,
}
ROLES = [None, *Role]
READING = {"GET", "HEAD", "OPTIONS"}


def _routes() -> list[Rule]:
    """Every route there is, as a console without any store has them."""
    return sorted(_ROUTER.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, prepared_sqlite: Path) -> Iterator[Visited]:
    with visited(tmp_path_factory.mktemp("gate"), prepared_sqlite) as place:
        place.fill()
        place.add_users()
        yield place


def _router():
    """The router alone: no page is asked anything for it."""
    from flask import Flask

    from bot.web.console import PAGES

    flask_app = Flask("router", static_folder=None)
    for pages in (*PAGES, Console._watchers(object())):  # type: ignore[arg-type]
        pages.register(flask_app)
    return flask_app


_APP = _router()
_ROUTER = _APP.url_map
ROUTES = _routes()
MUTATING = [rule for rule in ROUTES if rule.methods - READING]
GUARDED = [rule for rule in ROUTES if rule.endpoint not in OPEN]


def _id(value: object) -> str:
    if isinstance(value, Rule):
        return f"{value.endpoint}:{'/'.join(sorted(value.methods - {'HEAD', 'OPTIONS'}))}"
    return "stranger" if value is None else str(value)


def _path(place: Visited, rule: Rule) -> str:
    values = dict(SOMETHING)
    values["item"] = values["key"] = place.sql("SELECT key FROM items WHERE campaign = 'not-hostages'")[0][0]
    return re.sub(
        r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>",
        lambda match: quote(values.get(match[2], "1" if match[1] == "int" else "something")),
        rule.rule,
    )


def _method(rule: Rule) -> str:
    (method,) = rule.methods - {"HEAD", "OPTIONS"}
    return method


def _ask(visitor, rule: Rule, path: str):
    return visitor.get(path) if _method(rule) == "GET" else visitor.post(path)


# -- the table -------------------------------------------------------------------------------------


def test_the_console_has_no_route_beside_those_of_the_pages(place: Visited):
    there = {(rule.rule, frozenset(rule.methods)) for rule in place.console.pages.url_map.iter_rules()}

    assert there == {(rule.rule, frozenset(rule.methods)) for rule in ROUTES}


def test_every_route_names_a_role_or_is_on_the_short_list():
    without = {rule.endpoint for rule in ROUTES if needs_of(_APP, rule.endpoint) is None}

    assert without == set(OPEN)


def test_every_form_needs_the_role_that_is_written_down_here():
    assert {rule.endpoint: needs_of(_APP, rule.endpoint) for rule in MUTATING} == NEEDED


def test_a_viewer_has_no_form_that_changes_what_others_see():
    viewers = {
        rule.endpoint
        for rule in MUTATING
        if rule.endpoint not in OPEN and needs_of(_APP, rule.endpoint) is Role.VIEWER
    }

    assert viewers <= VIEWERS_FORMS


@pytest.mark.parametrize("rule", GUARDED, ids=_id)
def test_every_route_lets_in_exactly_the_roles_it_names(place: Visited, rule: Rule):
    needed = needs_of(_APP, rule.endpoint)
    assert needed is not None
    for role in ROLES:
        _check_entry(place, rule, role=role, needed=needed)


def _check_entry(place: Visited, rule: Rule, *, role: Role | None, needed: Role) -> None:
    path = _path(place, rule)
    visitor = place.visitor(role)
    before = place.snapshot()

    answer = _ask(visitor, rule, path)

    if role is None and _method(rule) == "GET":
        assert (answer.status_code, answer.location) == (303, f"/sign-in?next={quote(path, safe='/')}")
    elif role is None:
        assert answer.status_code == 403
        assert "You are signed out" in answer.text
    elif role.includes(needed):
        assert answer.status_code < 500
        assert "Your role does not allow this" not in answer.text
        assert not (answer.location or "").startswith("/sign-in?")
    else:
        assert answer.status_code == 403
        assert "Your role does not allow this" in answer.text
    if role is None or not role.includes(needed):
        assert place.snapshot() == before, "whoever is not let in changes nothing"


@pytest.mark.parametrize("rule", [rule for rule in ROUTES if _method(rule) == "GET"], ids=_id)
def test_reading_changes_nothing(place: Visited, rule: Rule):
    visitor = place.visitor(Role.ADMIN)
    before = place.snapshot()

    for method in ("GET", "HEAD", "OPTIONS"):
        assert visitor.get(_path(place, rule), method=method).status_code < 500

    assert place.snapshot() == before


# -- forgeries -------------------------------------------------------------------------------------


FORGERIES = {
    "no-token": {"token": ""},
    "wrong-token": {"token": "invented"},
    "another-sessions-token": {},
    "cross-site": {"headers": {"Sec-Fetch-Site": "cross-site"}},
    "same-site": {"headers": {"Sec-Fetch-Site": "same-site"}},
    "no-page-at-all": {"headers": {"Sec-Fetch-Site": "none"}},
    "foreign-origin": {"headers": {"Origin": "https://evil.example.org"}},
    "another-port": {"headers": {"Origin": "http://127.0.0.1:3000"}},
    "another-scheme": {"headers": {"Origin": "https://127.0.0.1:8000"}},
}


@pytest.mark.parametrize("rule", MUTATING, ids=_id)
def test_no_forged_request_changes_anything(place: Visited, rule: Rule):
    for forgery in FORGERIES:
        _check_forgery(place, rule, forgery)


def _check_forgery(place: Visited, rule: Rule, forgery: str) -> None:
    victim, other = place.visitor(Role.ADMIN), place.visitor(Role.ADMIN)
    path = _path(place, rule)
    more = dict(FORGERIES[forgery])
    if forgery == "another-sessions-token":
        more["token"] = other.token()
    before = place.snapshot()

    answer = victim.post(path, **more)

    assert answer.status_code == 403, forgery
    assert "did not come from a page of this console" in answer.text
    assert "Set-Cookie" not in answer.headers or "campaign_bot=;" not in answer.headers["Set-Cookie"]
    assert place.snapshot() == before, forgery
    assert victim.get("/").status_code == 200, "the victim is still signed in"


def test_what_the_forgeries_try_would_otherwise_be_done(place: Visited):
    before = place.snapshot()

    answer = place.visitor(Role.ADMIN).post("/pause", reason="an invented reason")

    assert answer.status_code == 303
    assert place.snapshot() != before


@pytest.mark.parametrize("rule", MUTATING, ids=_id)
def test_no_other_method_does_what_a_form_does(place: Visited, rule: Rule):
    victim = place.visitor(Role.ADMIN)
    before = place.snapshot()

    for method in ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "INVENTED"):
        answer = victim.get(_path(place, rule) + "?name=Huda&role=admin&reason=x", method=method)

        assert answer.status_code < 500, method
        assert place.snapshot() == before, method


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Origin": "http://127.0.0.1:8000"}, id="own-origin"),
        pytest.param({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, id="a-form-without-a-referrer"),
        pytest.param({"X-Forwarded-For": "198.51.100.9"}, id="through-a-proxy"),
    ],
)
def test_the_consoles_own_forms_are_taken(place: Visited, headers: dict[str, str]):
    answer = place.visitor(Role.ADMIN).post("/preferences", headers=headers, language="ar")

    assert answer.status_code == 303


def test_a_browser_that_says_nothing_is_judged_by_its_token(place: Visited):
    visitor = place.visitor(Role.ADMIN)
    token = visitor.token()

    statuses = [
        visitor.client.post(
            "/preferences", data={"language": "ar", "csrf_token": sent}, base_url="http://127.0.0.1:8000"
        ).status_code
        for sent in (token, "invented")
    ]

    assert statuses == [303, 403]
