"""How people come in and go out, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from flask.testing import FlaskClient

from bot.core.people import Role
from visitors import ADDRESS, PASSWORD, Guest, Visited, visited

NEW = "other invented words"


@pytest.fixture
def place(tmp_path: Path, prepared_sqlite: Path) -> Iterator[Visited]:
    with visited(tmp_path, prepared_sqlite) as place:
        place.fill()
        yield place


def _link(place: Visited) -> str:
    return place.app.people.one_time_link(ADDRESS, who="Sami").removeprefix(ADDRESS)


def _cookie(visitor: Guest) -> str:
    cookie = visitor.client.get_cookie("campaign_bot", domain="127.0.0.1")
    return "" if cookie is None else cookie.value


def _code(place: Visited, page: str) -> str:
    shown = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert shown is not None
    return pyotp.TOTP(shown[1].replace(" ", "")).at(place.clock.now())


# -- the single person -----------------------------------------------------------------------------


def test_a_stranger_is_told_where_the_link_is(place: Visited):
    answer = place.visitor().get("/")

    assert answer.status_code == 403
    assert "campaign-bot console" in answer.text


def test_the_link_leads_to_the_first_page_once(place: Visited):
    link = _link(place)
    first, second = place.visitor(), place.visitor()

    entered, refused = first.get(link), second.get(link)

    assert (entered.status_code, entered.location) == (303, "/")
    assert first.get("/").status_code == 200
    assert refused.status_code == 403
    assert second.get("/").status_code == 403


def test_the_link_is_not_used_up_by_whoever_only_looks(place: Visited):
    link = _link(place)
    for method in ("HEAD", "OPTIONS", "POST"):
        place.visitor().get(link, method=method)

    assert place.visitor().get(link).status_code == 303


def test_the_same_link_again_leads_whoever_is_in_on(place: Visited):
    link = _link(place)
    visitor = place.visitor()
    visitor.get(link)

    assert visitor.get(link).location == "/"


def test_the_single_person_may_do_everything(place: Visited):
    visitor = place.visitor()
    visitor.get(_link(place))

    assert visitor.get("/users").status_code == 200
    assert "You are alone here" in visitor.get("/users").text


def test_the_single_person_is_in_for_as_long_as_a_working_day(place: Visited):
    visitor = place.visitor()
    visitor.get(_link(place))
    place.clock.advance(timedelta(hours=12) - timedelta(seconds=1))
    before = visitor.get("/").status_code
    place.clock.advance(timedelta(seconds=1))

    assert (before, visitor.get("/").status_code) == (200, 403)


def test_adding_the_first_user_asks_everybody_to_sign_in(place: Visited):
    visitor = place.visitor()
    visitor.get(_link(place))

    answer = visitor.post("/users", name="Huda", role="admin")

    link = re.search(r"http://127\.0\.0\.1:8000(/password/[\w-]{43})", answer.text)
    assert link is not None
    assert visitor.get("/users").location == "/sign-in?next=/users"
    assert visitor.get(_link(place)).location == "/sign-in"
    chosen = visitor.post(link[1], password=NEW, again=NEW)
    assert chosen.location == "/sign-in"


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"BOT_CONSOLE_HOST": "0.0.0.0"}, id="everywhere"),
        pytest.param({"BOT_CONSOLE_HOST": "192.0.2.1"}, id="another-address"),
        pytest.param({"BOT_CONSOLE_HOST": "::"}, id="everywhere-in-ipv6"),
        pytest.param({"BOT_CONSOLE_URL": "https://bot.example.org"}, id="behind-a-proxy"),
    ],
)
def test_without_users_a_console_that_others_can_reach_lets_nobody_in(
    tmp_path: Path, prepared_sqlite: Path, environment: dict[str, str]
):
    with visited(tmp_path, prepared_sqlite, **environment) as place:
        place.fill()
        visitor = place.visitor()
        link = _link(place)

        answers = [visitor.get(path) for path in ("/", link, "/sign-in", "/users")]

        assert {answer.status_code for answer in answers} == {403}
        assert all("campaign-bot users add NAME --role admin" in answer.text for answer in answers)
        assert place.visitor(Role.ADMIN).get("/").status_code == 403, "not even with a session from before"
        assert [visitor.get(path).status_code for path in ("/healthz", "/metrics")] == [200, 200]


def test_without_users_only_this_machine_is_let_in(place: Visited):
    away = place.visitor(remote="192.0.2.9")
    link = _link(place)

    assert "campaign-bot users add" in away.get(link).text
    assert place.visitor().get(link).status_code == 303, "it was not used up"


def test_with_users_a_console_that_others_can_reach_lets_them_in(tmp_path: Path, prepared_sqlite: Path):
    with visited(tmp_path, prepared_sqlite, BOT_CONSOLE_URL="https://bot.example.org") as place:
        place.fill()
        place.add("Vera", Role.VIEWER)
        visitor = place.visitor(address="https://bot.example.org", remote="192.0.2.9")

        answer = visitor.post(
            "/sign-in", name="Vera", password=PASSWORD, headers={"Origin": "https://bot.example.org"}
        )

        assert answer.status_code == 303
        assert "; Secure;" in answer.headers["Set-Cookie"]
        assert visitor.get("/").status_code == 200


# -- users -----------------------------------------------------------------------------------------


def test_a_viewer_signs_in_with_a_password_and_comes_where_it_was_wanted(place: Visited):
    place.add("Vera", Role.VIEWER)
    visitor = place.visitor()
    wanted = visitor.get("/queue?state=held").location

    answer = visitor.post("/sign-in", name="vera", password=PASSWORD, next="/queue?state=held")

    assert wanted == "/sign-in?next=/queue?state%3Dheld"
    assert (answer.status_code, answer.location) == (303, "/queue?state=held")
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example.org/",
        "//evil.example.org",
        "/\\evil.example.org",
        "javascript:alert(1)",
        "/\t/evil",
    ],
)
def test_signing_in_leads_to_no_page_elsewhere(place: Visited, wanted: str):
    place.add("Vera", Role.VIEWER)

    answer = place.visitor().post("/sign-in", name="Vera", password=PASSWORD, next=wanted)

    assert answer.location == "/"


def test_an_admin_sets_the_codes_up_at_the_first_sign_in_and_types_one_at_each(place: Visited):
    place.add("Huda", Role.ADMIN)
    first = place.visitor()
    asked = first.post("/sign-in", name="Huda", password=PASSWORD, next="/users")
    page = first.get("/sign-in/code?next=/users")
    before = first.get("/users").status_code
    let_in = first.post("/sign-in/code", code=_code(place, page.text), next="/users")
    second = place.visitor()
    second.post("/sign-in", name="Huda", password=PASSWORD)
    page_again = second.get("/sign-in/code")

    assert asked.location == "/sign-in/code?next=/users"
    assert before == 303, "a password alone opens nothing"
    assert (let_in.status_code, let_in.location) == (303, "/users")
    assert first.get("/users").status_code == 200
    assert ("<svg" in page.text, "style=" in page.text, "<script>" in page.text) == (True, False, False)
    assert 'class="secret"' not in page_again.text
    assert 'class="qr"' not in page_again.text
    assert second.get("/users").status_code == 303


def test_the_picture_of_the_codes_is_what_the_letters_say(place: Visited):
    import segno

    from bot.people.codes import address_of

    place.add("Huda", Role.ADMIN)
    visitor = place.visitor()
    visitor.post("/sign-in", name="Huda", password=PASSWORD)
    page = visitor.get("/sign-in/code").text

    shown = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert shown is not None
    drawn = segno.make(address_of(shown[1].replace(" ", ""), name="Huda"), error="m", micro=False)
    strokes = re.search(r'd="([^"]+)"', drawn.svg_inline(scale=5))
    assert strokes is not None
    assert strokes[1] in page


def test_wrong_name_and_wrong_password_look_the_same(place: Visited):
    place.add("Vera", Role.VIEWER)
    visitor = place.visitor()
    token = visitor.token()

    pages = [
        visitor.post("/sign-in", token=token, name=name, password="wrong invented words")
        for name in ("Vera", "Nora")
    ]

    assert [page.status_code for page in pages] == [403, 403]
    # The forms' token names the second in which the page was made.
    texts = [re.sub(r'name="csrf_token" value="[^"]+"', "", page.text) for page in pages]
    assert texts[0].replace("Vera", "Nora") == texts[1]
    assert "wrong invented words" not in pages[0].text


def test_ten_wrong_tries_close_the_door_in_words(place: Visited):
    place.add("Vera", Role.VIEWER)
    visitor = place.visitor()
    pages = [visitor.post("/sign-in", name="Vera", password="wrong invented words") for _ in range(11)]

    assert "That was not right" in pages[9].text
    assert "Too many wrong tries" in pages[10].text
    assert "Too many wrong tries" in visitor.post("/sign-in", name="Vera", password=PASSWORD).text


def test_a_proxys_word_about_the_address_is_not_believed(place: Visited):
    place.add("Vera", Role.VIEWER)
    visitor = place.visitor()
    for number in range(10):
        forwarded = {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"}
        visitor.post("/sign-in", name=f"Name {number}", password="wrong", headers=forwarded)

    assert "Too many wrong tries" in visitor.post("/sign-in", name="Vera", password=PASSWORD).text


def test_the_cookie_from_before_the_sign_in_lets_nobody_in(place: Visited):
    place.add("Vera", Role.VIEWER)
    visitor = place.visitor()
    visitor.token()
    before = _cookie(visitor)
    token_before = visitor.token()

    visitor.post("/sign-in", name="Vera", password=PASSWORD)

    assert before not in {"", _cookie(visitor)}
    fixed = FlaskClient(place.console.pages, place.console.pages.response_class)
    fixed.set_cookie("campaign_bot", before, domain="127.0.0.1")
    assert Guest(fixed).get("/").status_code == 303
    assert visitor.post("/preferences", token=token_before).status_code == 403, "its forms are void, too"


def test_a_copied_cookie_is_worth_nothing_after_signing_out(place: Visited):
    place.add("Vera", Role.VIEWER)
    visitor = place.visitor()
    visitor.post("/sign-in", name="Vera", password=PASSWORD)
    copied = _cookie(visitor)

    visitor.post("/sign-out")

    thief = place.visitor()
    thief.client.set_cookie("campaign_bot", copied, domain="127.0.0.1")
    assert thief.get("/").status_code == 303
    assert visitor.get("/").status_code == 303


def test_the_cookie_is_for_this_site_and_for_no_script(place: Visited):
    place.add("Vera", Role.VIEWER)
    answer = place.visitor().post("/sign-in", name="Vera", password=PASSWORD)

    (cookie,) = answer.headers.getlist("Set-Cookie")

    assert cookie.startswith("campaign_bot=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie, "this console has no https address"


@pytest.mark.parametrize("change", ["remove", "reset", "role"])
def test_what_an_admin_does_holds_from_the_next_request_on(place: Visited, change: str):
    place.add_users()
    vera, admin = place.visitor(Role.VIEWER), place.visitor(Role.ADMIN)
    assert vera.get("/").status_code == 200

    answer = admin.post(f"/users/Vera/{change}", role="author")

    assert answer.status_code in (200, 303)
    assert vera.get("/").status_code == 303


def test_half_an_hour_without_a_word_ends_the_session(place: Visited):
    place.add_users()
    vera = place.visitor(Role.VIEWER)
    place.clock.advance(timedelta(minutes=29))
    during = vera.get("/").status_code
    place.clock.advance(timedelta(minutes=29))
    prolonged = vera.get("/").status_code
    place.clock.advance(timedelta(minutes=30))

    assert (during, prolonged, vera.get("/").status_code) == (200, 200, 303)


def test_a_script_that_asks_by_itself_prolongs_nothing(place: Visited):
    place.add_users()
    vera = place.visitor(Role.VIEWER)
    for _ in range(29):
        place.clock.advance(timedelta(minutes=1))
        vera.get("/", headers={"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"})
    place.clock.advance(timedelta(minutes=1))

    answer = vera.get("/", headers={"Sec-Fetch-Dest": "empty"})

    assert answer.status_code == 403, "a script is not led to a page for people"


# -- passwords -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "again", "words"),
    [
        pytest.param("short", "short", "too short", id="short"),
        pytest.param(NEW, NEW + "x", "The two passwords differ", id="differ"),
        pytest.param("vera vera vera", "vera vera vera", "more than your name", id="name"),
        pytest.param("aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa", "too few different", id="uniform"),
    ],
)
def test_a_bad_password_is_told_why_and_the_link_stays_good(
    place: Visited, password: str, again: str, words: str
):
    token = place.app.register("Sami").add("Vera", Role.VIEWER)
    visitor = place.visitor()

    answer = visitor.post(f"/password/{token}", password=password, again=again)

    assert answer.status_code == 422
    assert words in answer.text
    assert visitor.get(f"/password/{token}").status_code == 200


def test_a_used_link_says_so(place: Visited):
    token = place.app.register("Sami").add("Vera", Role.VIEWER)
    visitor = place.visitor()
    visitor.post(f"/password/{token}", password=NEW, again=NEW)

    answers = [visitor.get(f"/password/{token}"), visitor.post(f"/password/{token}", password=NEW, again=NEW)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert all("not good any more" in answer.text for answer in answers)


def test_a_user_changes_the_own_password_and_signs_in_with_it(place: Visited):
    place.add_users()
    vera = place.visitor(Role.VIEWER)
    wrong = vera.post("/password", old="wrong", password=NEW, again=NEW)

    done = vera.post("/password", old=PASSWORD, password=NEW, again=NEW)

    assert wrong.status_code == 422
    assert done.location == "/sign-in"
    assert vera.get("/").status_code == 303
    assert vera.post("/sign-in", name="Vera", password=NEW).location == "/"


def test_the_users_page_names_no_secret_and_no_hash(place: Visited):
    place.add_users()

    page = place.visitor(Role.ADMIN).get("/users").text

    assert "argon2" not in page
    assert "/password/" not in page


def test_a_name_is_shown_as_text(place: Visited):
    place.add_users()
    admin = place.visitor(Role.ADMIN)

    page = admin.post("/users", name="<script>alert(1)</script>", role="viewer")

    assert page.status_code == 422
    assert "<script>alert" not in page.text
    assert "can be no user" in page.text
