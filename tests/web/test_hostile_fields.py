"""Whatever stands in a field or an address is answered in words, and none of its markup is in our pages."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from bot.core.people import Role
from nasty import NASTY
from visitors import SPARE, Guest, Visited, visited

pytestmark = pytest.mark.slow

#: Of each field and each address: the same ones on every day.
_OF_EACH = 6
#: Pages that work out a run of many days.
_OF_HEAVY = 2
#: Processor seconds of one page with all its fields.
_SOON = 15
#: What would be markup if it stood in a page as it was sent.
_MARKUP = ("<script>alert(1)", "<img src=x", "</textarea><h1>")
_PLACES = {"back": "/queue", "post": "1", "campaign": "not-hostages", "account": "not_hostages_x"}
#: Every form beside those of an item, with its fields; they have tests of their own.
FORMS: dict[str, Sequence[str]] = {
    "/sign-in": ("name", "password", "next", "csrf_token"),
    "/sign-in/code": ("code", "next"),
    "/password/invented": ("password", "again"),
    "/password": ("old", "password", "again"),
    "/preferences": ("language", "theme", "digits", "back"),
    "/users": ("name", "role"),
    f"/users/{SPARE}/role": ("role",),
    "/pause": ("reason", "campaign", "account", "language"),
    "/resume": ("campaign", "account", "language", "back"),
    "/accounts/pause": ("account", "reason", "back"),
    "/accounts/resume": ("account", "back"),
    "/accounts/test": ("account", "back"),
    "/queue/hold": ("post", "posts", "reason", "back"),
    "/queue/release": ("post", "posts", "reason", "back"),
    "/queue/move": ("post", "posts", "to", "by", "unit", "was", "back"),
    "/queue/cancelling": ("post", "posts", "back"),
    "/queue/cancel": ("post", "posts", "reason", "back"),
    "/calendar/move": ("post", "at", "was", "back"),
    "/posts/1/hold": ("reason", "seen", "back"),
    "/posts/1/release": ("overrules", "named", "seen", "back"),
    "/posts/1/move": ("to", "seen", "back"),
    "/posts/1/approve": ("seen", "back"),
    "/approve": ("only", "post", "seen-1", "back"),
    "/approve/1/refuse": ("reason", "seen", "back"),
    "/unknown/1": ("answer", "url", "attempt", "typed", "back"),
    "/log/check": ("back",),
    "/pictures": (
        *(
            "campaign",
            "written_on",
            "key",
            "based_on",
            "picture_do",
            "picture_take",
            "picture",
            "picture_file",
        ),
        *("picture_alt_ar", "picture_alt_en", "picture_warning", "text_ar"),
    ),
    "/export/files": ("campaign", "sure"),
}
_FILTERS = ("campaign", "account", "network", "language", "kind", "item", "state", "text", "page", "older")
ADDRESSES: dict[str, Sequence[str]] = {
    "/sign-in": ("next",),
    "/queue": (*_FILTERS, "order", "person", "at"),
    "/queue/cancelling": ("posts", "back"),
    "/log": ("since", "until", *_FILTERS, "post"),
    "/log/decisions": ("page",),
    "/log/export": ("since", "text", "post", "format"),
    "/calendar": ("on", "zone", "hours", "campaign", "account", "language", "state"),
    "/calendar/month": ("on", "zone", "campaign"),
    "/library": ("q", "campaign", "kind", "show", "before", "after"),
    "/new": ("campaign", "at"),
    "/import": ("campaign",),
    "/approve": ("after",),
    "/unknown": ("after",),
    "/insight": ("days", "campaign", "mode"),
    "/rehearse": ("days", "campaign", "from", "after"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, prepared_sqlite: Path) -> Iterator[Visited]:
    with visited(tmp_path_factory.mktemp("hostile"), prepared_sqlite) as place:
        place.fill()
        place.add_users()
        yield place


def _chosen(field: str, path: str) -> list[str]:
    return random.Random(f"{path} {field}").sample(NASTY, _OF_HEAVY if path == "/rehearse" else _OF_EACH)


def _visitor(place: Visited, path: str) -> Guest:
    is_open = path.startswith("/sign-in") or path == "/password/invented"
    return place.visitor(None if is_open else Role.ADMIN)


def _wrong(answer: TestResponse) -> list[object]:
    """What must not be in an answer."""
    with answer:
        if answer.status_code >= 500:
            return [answer.status_code]
        if answer.mimetype != "text/html":
            return []
        return [markup for markup in _MARKUP if markup in answer.text]


@pytest.mark.parametrize("path", FORMS)
def test_every_field_of_every_form_is_answered_in_words(place: Visited, path: str):
    visitor = _visitor(place, path)
    token = visitor.token()
    others = {name: text for name, text in _PLACES.items() if name in FORMS[path]}
    began = time.process_time()
    broken = []

    for number, field in enumerate(FORMS[path]):
        # An address of its own for each field, so that the door is not closed before it is tried.
        visitor._remote = f"192.0.2.{number}"
        for nasty in _chosen(field, path):
            fields = {"csrf_token": token, **others, field: nasty}
            answer = visitor.post(path, token=fields.pop("csrf_token"), **fields)
            broken += [(field, nasty[:40], wrong) for wrong in _wrong(answer)]
            if answer.status_code == 303:
                after = visitor.get("/sign-in" if path.startswith("/sign-in") else "/preferences-are-nowhere")
                broken += [(field, nasty[:40], wrong, "next page") for wrong in _wrong(after)]

    assert broken == []
    assert time.process_time() - began < _SOON


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_word_of_every_address_is_answered_in_words(place: Visited, path: str):
    visitor = _visitor(place, path)
    began = time.process_time()
    broken = []

    for field in ADDRESSES[path]:
        for nasty in _chosen(field, path):
            # Longer addresses are refused before any page reads them.
            answer = visitor.client.get(
                path, query_string={field: nasty[:3000]}, base_url="http://127.0.0.1:8000"
            )
            broken += [(field, nasty[:40], wrong) for wrong in _wrong(answer)]

    assert broken == []
    assert time.process_time() - began < _SOON
