"""No secret anywhere: the real program in live mode, at its most talkative, against an X that repeats them.

All that it leaves is searched: what it prints, its data folder byte by byte, every row of its database.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from canaries import CANARIES, PASSWORD, everything_in, forms_of, hits, joined, said_with
from installation import CRASH_IN_REQUESTS, GO, PROGRAM, Installation, driver

_CREATE, _ME = "POST /2/tweets", "GET /2/users/me"
_ACCOUNT = "not_hostages_x"
_CRASH_IN_PUBLISHER = """
from bot.publishing.x import XPublisher
from urllib.parse import quote
def publish(self, request):
    secrets = dict(self._settings.secrets)
    client = self._client
    raise ZeroDivisionError(f"{secrets} {list(map(quote, secrets.values()))} {vars(client)}")
XPublisher.publish = publish
"""


@pytest.fixture
def installation(tmp_path: Path, fake_x: Any) -> Installation:
    secrets = {
        f"{account}_{name}": secret
        for account in ("NOT_HOSTAGES_X", "ASSADS_PRISONS_X")
        for name, secret in CANARIES.items()
    }
    return Installation(tmp_path, account=_ACCOUNT, variables={"BOT_X_API_URL": fake_x.url, **secrets})


def _says_all(status: int, on: str = _CREATE) -> dict[str, Any]:
    """An answer with every secret in every form: what X knows of one request is less."""
    # One error for each: a reason is cut after so many letters, and none is to be told before that.
    errors = [{"message": said} for secret in CANARIES.values() for said in said_with(secret)]
    random.Random(status).shuffle(errors)
    problem = {"title": "Told", "errors": errors, "type": "about:blank"}
    headers = {"X-Told": " ".join(CANARIES.values())}
    return {"kind": "status", "on": on, "status": status, "body": problem, "headers": headers}


#: What one run of `send` meets, post by post; the last of each stops the account, or lets it wait.
_RUNS: tuple[tuple[dict[str, Any], ...], ...] = (
    (
        *({"kind": "echo", "status": status} for status in (400, 403, 422, 500, 307, 418)),
        {"kind": "echo", "status": 201, "body": {"data": {"id": "7", "text": "x"}}},
        *(_says_all(status) for status in (200, 201, 400, 403, 500)),
        {"kind": "drop"},
        {"kind": "refuse"},
        {"kind": "wrong_json"},
        {"kind": "echo", "status": 429},
    ),
    (_says_all(401),),
    (_says_all(402),),
    # X itself, which knows none of these secrets.
    (),
)


@pytest.mark.parametrize(
    "program",
    [
        pytest.param([*PROGRAM, "-vv"], id="-vv", marks=pytest.mark.slow),
        pytest.param(driver(), id="every-logger-at-DEBUG"),
    ],
)
def test_no_secret_is_told_or_written_whatever_x_answers(
    installation: Installation, fake_x: Any, program: list[str]
):
    asked = 0
    for number, faults in enumerate(_RUNS):
        installation.queue(*(f"{number} {place}" for place in range(len(faults) or 1)))
        fake_x.faults(*faults)
        installation.run("send", program=program)
        installation.go_on()
        asked += len(faults) or 1
    fake_x.faults(_says_all(401, on=_ME), {"kind": "echo", "status": 200, "on": _ME})
    installation.run("accounts", "--check", program=program)
    installation.run("accounts", "--check", "--json", program=program)
    for status in (200, 401, 500):
        # One failed look ends an account's looks for this time.
        installation.let_settle()
        fake_x.faults(_says_all(status, on=_ME))
        installation.run("send", program=program)
    installation.let_settle()
    installation.run("send", program=program)
    installation.read_back()

    # Each fault was met, or the silence would prove nothing.
    arrived = [entry.get("path", "/2/tweets") for entry in fake_x.journal()]
    assert arrived.count("/2/tweets") >= asked
    assert arrived.count("/2/users/me") >= 5
    assert hits(installation.left()) == []


_QUIET = "import sys\n"


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(
            [sys.executable, "-c", _QUIET + _CRASH_IN_PUBLISHER + GO, "-vv"],
            id="in-the-bot",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            [sys.executable, "-c", _QUIET + CRASH_IN_REQUESTS + GO, "-vv"],
            id="below-the-bot",
            marks=pytest.mark.slow,
        ),
        pytest.param(driver(CRASH_IN_REQUESTS), id="below-the-bot-and-every-logger-at-DEBUG"),
    ],
)
def test_no_secret_stands_in_a_traceback(installation: Installation, program: list[str]):
    installation.queue("a crash")

    installation.run("send", program=program)
    installation.run("accounts", "--check", program=program)
    installation.run("log", "export")

    left = installation.left()
    assert any(b"nobody foresaw" in content or b"ZeroDivisionError" in content for content in left.values())
    assert hits(left) == []


def test_no_secret_is_told_by_a_process_that_runs_on(installation: Installation, fake_x: Any):
    installation.queue("a post of run")
    fake_x.faults(_says_all(500))

    status = installation.run_until("answered 500", "-vv", "run")

    assert status == 0
    assert hits(installation.left()) == []


def test_a_bug_of_the_program_writes_its_traceback_without_secrets(installation: Installation, fake_x: Any):
    bug = (
        "import sys\nfrom bot.app import App\n"
        "def outlets(self): raise ZeroDivisionError(dict(self.settings._values))\n"
        "App.outlets = property(outlets)\n"
    )

    done = installation.run("accounts", program=[sys.executable, "-c", bug + GO, "-vv"])

    assert done.returncode == 1
    assert b"ZeroDivisionError" in (installation.data / "errors.log").read_bytes()
    assert hits(installation.left()) == []


@pytest.mark.parametrize("wrong", ["nothing", "port", "database", "scheme"])
def test_the_password_of_the_database_is_told_nowhere(
    installation: Installation, empty_postgresql: str, wrong: str, fake_x: Any
):
    address = empty_postgresql.replace("bot@", f"bot:{PASSWORD.replace('/', '%2F').replace('+', '%2B')}@")
    match wrong:
        case "port":
            address = address.replace(address.split(":")[-1].split("/")[0], "9")
        case "database":
            address += "_that_is_not_there"
        case "scheme":
            address = "mysql" + address.removeprefix("postgresql")
    installation.variables["BOT_DATABASE_URL"] = address

    for program in ([*PROGRAM, "-vv"], driver()):
        installation.run("accounts", program=program)
        installation.run("send", program=program)
    installation.run("log", "export")

    rows = {"rows": joined(_rows(empty_postgresql))} if wrong == "nothing" else {}
    assert hits(installation.left() | rows, {**CANARIES, "PASSWORD": PASSWORD}) == []
    assert wrong != "nothing" or b"not_hostages_x" in rows["rows"]


@pytest.fixture
def empty_postgresql(request: pytest.FixtureRequest) -> Iterator[str]:
    server = request.getfixturevalue("postgresql")
    name = server.create()
    yield server.url(name)
    server.drop(name)


def _rows(address: str) -> Iterator[str]:
    with psycopg.connect(address) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            rows = connection.execute(f'SELECT t::text FROM "{table}" AS t'.encode())
            yield from (row for (row,) in rows)


# -- the search itself -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(CANARIES))
def test_the_search_finds_each_form_of_each_secret_wherever_it_is_planted(tmp_path: Path, name: str):
    forms = sorted(forms_of(CANARIES[name]))
    (tmp_path / "locks").mkdir()

    missed = []
    for form in forms:
        (tmp_path / "locks" / "planted").write_bytes(b"\0before" + form + b"after\xff")
        if not any(name in hit for hit in hits(everything_in(tmp_path))):
            missed.append(form)

    assert len(forms) > 12
    assert missed == []


@pytest.mark.parametrize(
    "plant",
    [
        pytest.param(lambda secret: f'{{"a": {json.dumps(secret)}}}', id="JSON"),
        pytest.param(lambda secret: json.dumps(json.dumps([secret])), id="JSON-in-JSON"),
        pytest.param(lambda secret: repr({"a": secret}), id="repr"),
        pytest.param(
            lambda secret: __import__("base64").b64encode(f"user:{secret}!".encode()).decode(), id="basic"
        ),
        pytest.param(lambda secret: secret.encode().hex(), id="hex"),
    ],
)
def test_the_search_finds_what_programs_make_of_a_secret(
    installation: Installation, plant: Callable[[str], str]
):
    installation.queue("anything")
    secret = CANARIES["ACCESS_TOKEN"]
    installation.change("UPDATE posts SET why = '" + ("x" * 5000 + plant(secret)).replace("'", "''") + "'")

    found = hits(installation.left())

    assert {hit.split(":")[0] for hit in found} >= {"rows"}
    assert all("ACCESS_TOKEN" in hit for hit in found)
