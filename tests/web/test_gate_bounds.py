"""What anybody may send, signed in or not: no body and no field of it keeps the machine busy."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.people import Role
from bot.people.passwords import PasswordProblem, password_problem
from bot.web.pages import ITEM_BODY, SHEET_BODY, SMALL_BODY
from visitors import PASSWORD, Visited, visited

#: Putting these in order takes time that grows with their square.
MARKS = "a" + "\u0301\u0323" * 60_000
#: Seconds; without bounds each of these takes many times as long.
SOON = 3


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, prepared_sqlite: Path) -> Iterator[Visited]:
    with visited(tmp_path_factory.mktemp("bounds"), prepared_sqlite) as place:
        place.fill()
        place.add_users()
        yield place


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in",
        "/sign-in/code",
        "/password/invented",
        "/preferences",
        "/pause",
        "/import",
        "/new",
        "/preview",
        "/pictures",
    ],
)
def test_a_stranger_sends_no_more_than_a_small_body(place: Visited, path: str):
    stranger = place.visitor()
    began = time.process_time()

    answer = stranger.post(path, name="x" * SMALL_BODY)

    assert answer.status_code == 413
    assert "<h1>" in answer.text
    assert time.process_time() - began < SOON


@pytest.mark.parametrize(
    ("path", "largest"),
    [
        pytest.param("/users", SMALL_BODY, id="users"),
        pytest.param("/queue/hold", SMALL_BODY, id="queue"),
        pytest.param("/new", ITEM_BODY, id="new"),
        pytest.param("/preview", ITEM_BODY, id="preview"),
        pytest.param("/import", SHEET_BODY, id="import"),
    ],
)
def test_each_form_takes_as_much_as_it_needs(place: Visited, path: str, largest: int):
    admin = place.visitor(Role.ADMIN)

    statuses = [
        admin.post(path, unknown="x" * length).status_code for length in (largest - 1000, largest + 1)
    ]

    assert statuses[0] != 413
    assert statuses[1] == 413


@pytest.mark.parametrize(
    ("path", "field"),
    [
        *(("/sign-in", name) for name in ("name", "password", "next")),
        *(("/sign-in/code", name) for name in ("code", "next")),
        *(("/users", name) for name in ("name", "role")),
        *(("/users/Leyla/role", name) for name in ("role",)),
        *(("/password", name) for name in ("old", "password", "again")),
        *(("/import", name) for name in ("text", "campaign")),
        *(("/import/take", name) for name in ("text", "based_on")),
        *(
            (path, name)
            for path in ("/new", "/preview", "/library/new", "/pictures")
            for name in (
                *("text_en", "text_ar", "short_ar", "warning_ar", "publisher_ar", "url", "key", "kind", "at"),
                *("figure_name", "figure_value", "sums", "plain_numbers", "period_from", "occasions"),
            )
        ),
    ],
)
@pytest.mark.parametrize("length", [9_000, 120_000])
def test_heaps_of_marks_are_answered_at_once(place: Visited, path: str, field: str, length: int):
    visitor = place.visitor(None if path.startswith("/sign-in") else Role.ADMIN)
    text = MARKS[:length]
    if path.startswith("/import") and field == "text":
        text = f"key,kind,text_en,text_ar,{MARKS[:200]}\n{text},call,{text},{text}\n"
    token = visitor.token()
    fields = {"kind": "fact", "text_en": "Words.", "figure_name": "x", "figure_value": "1"}
    if path == "/password":
        fields |= {"old": PASSWORD, "password": text, "again": text}
    began = time.process_time()

    answer = visitor.post(path, token=token, **{**fields, field: text})

    assert answer.status_code < 500
    assert time.process_time() - began < SOON


def test_a_name_too_long_for_anybody_gets_the_answer_of_a_wrong_one(place: Visited):
    wrong = place.visitor(remote="192.0.2.10").post("/sign-in", name="Nobody", password=PASSWORD)
    long = place.visitor(remote="192.0.2.11").post("/sign-in", name=MARKS[:9000], password=PASSWORD)

    assert (wrong.status_code, long.status_code) == (403, 403)
    assert "That was not right" in wrong.text
    assert "That was not right" in long.text


def test_a_password_is_too_long_as_it_was_typed():
    assert password_problem("e\u0301" * 200, name="Huda") is PasswordProblem.LONG


# -- NUL -------------------------------------------------------------------------------------------


def test_a_pause_is_done_whatever_stands_in_its_reason(place: Visited):
    answer = place.visitor(Role.AUTHOR).post("/pause", reason="an invented\0 reason")

    assert answer.status_code == 303
    assert "an invented reason" in {row[0] for row in place.sql("SELECT reason FROM pauses")}


@pytest.mark.parametrize("path", ["/sign-in", "/users", "/new", "/preview", "/queue/hold", "/calendar/move"])
@pytest.mark.parametrize("field", ["name", "na\0me"], ids=["value", "name"])
def test_a_nul_in_a_field_is_refused_in_words(place: Visited, path: str, field: str):
    visitor = place.visitor(None if path == "/sign-in" else Role.ADMIN)
    before = place.snapshot()

    answer = visitor.post(path, **{field: "x\0"})

    assert answer.status_code == 400
    assert "A field holds a sign that no text has" in answer.text
    assert place.snapshot() == before


# -- one-time links --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Purpose": "prefetch"}, id="prefetch"),
        pytest.param({"Sec-Purpose": "prefetch;prerender"}, id="prerender"),
        pytest.param({"Purpose": "prefetch"}, id="old-name"),
    ],
)
def test_a_link_fetched_ahead_is_not_used_up(tmp_path: Path, prepared_sqlite: Path, headers: dict[str, str]):
    with visited(tmp_path, prepared_sqlite) as place:
        link = place.app.people.one_time_link("", who="Sami")

        ahead = place.visitor().get(link, headers=headers)
        opened = place.visitor().get(link)

    assert ahead.status_code == 405
    assert (opened.status_code, opened.location) == (303, "/")
