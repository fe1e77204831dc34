"""The language of a page: whose it is, and how it writes moments, figures and names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from bot.core.dates import Period
from bot.core.errors import NotAllowedError
from bot.web import speech
from bot.web.speech import figures, moments, speaking
from bot.web.speech.said import said
from bot.web.speech.words import FOR_TEMPLATES

NOON = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    """Asks a page that says in which language it is, and shows a name and a moment."""
    flask_app = Flask("speech")
    speech.install(flask_app, now=lambda: NOON, own_language=lambda: "tr")

    @flask_app.get("/")
    def page() -> str:
        return render_template_string(
            "{{ current_language() }}|{{ direction() }}|{{ 1234|number }}|{{ _('queued by {who}') }}|"
            "{{ when|ago }}|{{ when|moment('Asia/Damascus') }}|{{ said|said }}|"
            "{{ ngettext('%(num)s post', '%(num)s posts', 3) }}|{{ [name]|listed }}",
            when=NOON + timedelta(minutes=12),
            said="no such sentence <b>",
            name="<i>A</i>",
        )

    return flask_app.test_client()


def language_of(answer: str) -> str:
    return answer.split("|")[0]


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        pytest.param("ar", "en", "ar", id="chosen in the menu"),
        pytest.param("xx", "en", "en", id="a cookie that names none of ours"),
        pytest.param("../../etc/passwd", "en", "en", id="a hostile cookie"),
        pytest.param(None, "ar-SY,ar;q=0.9,en;q=0.8", "ar", id="the browser's"),
        pytest.param(None, "fr,de;q=0.9,en;q=0.1", "en", id="the browser's last choice"),
        pytest.param(None, "fr", "tr", id="none of the browser's: the bot's own"),
        pytest.param(None, "", "tr", id="a browser that names none"),
    ],
)
def test_the_page_is_in_the_language_of_its_reader(
    client: FlaskClient, cookie: str | None, accepted: str, language: str
) -> None:
    if cookie is not None:
        client.set_cookie("language", cookie)

    answer = client.get("/", headers={"Accept-Language": accepted})

    assert language_of(answer.text) == language


def test_one_reader_s_language_does_not_leak_into_another_s_page(client: FlaskClient) -> None:
    first = client.get("/", headers={"Accept-Language": "ar"}).text
    second = client.get("/", headers={"Accept-Language": "en"}).text

    assert [language_of(first), language_of(second)] == ["ar", "en"]


def test_arabic_digits_are_a_reader_s_choice_and_only_in_arabic(client: FlaskClient) -> None:
    client.set_cookie("digits", "arabic")

    arabic = client.get("/", headers={"Accept-Language": "ar"}).text
    english = client.get("/", headers={"Accept-Language": "en"}).text

    assert "١٬٢٣٤" in arabic
    assert "1,234" in english


def test_what_people_wrote_is_escaped_and_an_unknown_sentence_is_marked_as_english(
    client: FlaskClient,
) -> None:
    answer = client.get("/", headers={"Accept-Language": "ar"}).text

    assert '<bdi lang="en" dir="ltr">no such sentence &lt;b&gt;</bdi>' in answer
    assert "<i>" not in answer


def test_without_an_unknown_sentence_english_pages_carry_no_mark(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Accept-Language": "en"}).text

    assert "no such sentence &lt;b&gt;" in answer
    assert "<bdi" not in answer


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("ar", "السبت 21 تشرين الثاني، 12:30 (دمشق)"),
        ("en", "Sat 21 Nov, 12:30 (Damascus)"),
        ("tr", "21 Kas Cmt 12:30 (Şam)"),
    ],
)
def test_a_moment_stands_with_its_day_and_its_city(language: str, written: str) -> None:
    with speaking(language):
        assert moments.moment(NOON, "Asia/Damascus", now=NOON) == written


def test_the_year_stands_there_when_it_is_another_one() -> None:
    with speaking("en"):
        written = moments.moment(NOON, "Asia/Damascus", now=NOON.replace(year=2027))

    assert written == "Sat 21 Nov 2026, 12:30 (Damascus)"


@pytest.mark.parametrize("city", ["UTC", "Etc/UTC"])
def test_a_zone_that_is_no_place_keeps_its_name(city: str) -> None:
    with speaking("ar"):
        assert moments.city(city) == "UTC"


@pytest.mark.parametrize(
    ("language", "span", "written"),
    [
        ("ar", timedelta(minutes=1), "دقيقة"),
        ("ar", timedelta(minutes=2), "دقيقتين"),
        ("ar", timedelta(minutes=5), "5 دقائق"),
        ("ar", timedelta(minutes=12), "12 دقيقة"),
        ("en", timedelta(minutes=90), "90 minutes"),
        ("en", timedelta(hours=47), "47 hours"),
        ("en", timedelta(days=3), "3 days"),
        ("tr", timedelta(hours=3), "3 saat"),
    ],
)
def test_spans_are_written_in_the_largest_unit_that_says_enough(
    language: str, span: timedelta, written: str
) -> None:
    with speaking(language):
        assert moments.duration(span) == written


@pytest.mark.parametrize(
    ("language", "ahead", "back"),
    [
        ("ar", "خلال 12 دقيقة", "قبل 12 دقيقة"),
        ("en", "in 12 minutes", "12 minutes ago"),
        ("tr", "12 dakika sonra", "12 dakika önce"),
    ],
)
def test_what_comes_and_what_was_are_told_apart(language: str, ahead: str, back: str) -> None:
    with speaking(language):
        assert moments.from_now(timedelta(minutes=12)) == ahead
        assert moments.from_now(timedelta(minutes=-12)) == back


@pytest.mark.parametrize(
    ("language", "micros", "written"),
    [
        ("en", 1_200_000, "$1.20"),
        ("en", 15_000, "$0.015"),
        ("en", 0, "$0.00"),
        ("en", 1_234_567_890, "$1,234.57"),
        ("ar", 1_200_000, "$1.20"),
        ("tr", 1_234_500_000, "1.234,50 $"),
    ],
)
def test_money_is_written_to_the_cent_and_finer_where_it_matters(
    language: str, micros: int, written: str
) -> None:
    with speaking(language):
        assert figures.money(micros) == written


@pytest.mark.parametrize(("language", "written"), [("ar", "25%"), ("en", "25%"), ("tr", "%25")])
def test_shares_are_written_in_whole_percent(language: str, written: str) -> None:
    with speaking(language):
        assert figures.percent(0.25) == written


def test_months_are_levantine() -> None:
    with speaking("ar"):
        assert moments.month(NOON) == "تشرين الثاني 2026"
        assert moments.period_words(Period.parse("2011-03/2020-06")) == "آذار 2011 – حزيران 2020"


def test_a_latin_name_in_an_arabic_sentence_keeps_its_own_direction() -> None:
    sentence = "%(name)s is removed, and signed out everywhere."

    with speaking("ar"):
        assert "\u2068Amal 7\u2069" in speech.gettext(sentence, name="Amal 7")
        assert "\u2068" not in speech.gettext(sentence, name="أمل")


def test_every_value_of_the_vocabulary_has_its_word() -> None:
    from bot.alerting.alert import AlertKind
    from bot.core.campaign import Kind, LanguagesAtSlot, Network
    from bot.core.people import Role
    from bot.core.post import Mode, SlotKind, State
    from bot.pipeline.guards import REMEDIES

    words = FOR_TEMPLATES
    values = {
        "state_word": State,
        "state_hint": State,
        "kind_word": Kind,
        "network_word": Network,
        "role_word": Role,
        "mode_word": Mode,
        "slot_word": SlotKind,
        "at_slot_word": LanguagesAtSlot,
        "alert_word": AlertKind,
        "guard_word": [*REMEDIES, "repeats", "pace", "approval", "person"],
    }

    with speaking("ar"):
        plain = [
            f"{name}({value})"
            for name, many in values.items()
            for value in many
            if words[name](value) == str(value) and name != "network_word"
        ]

    assert plain == []


def test_an_error_s_own_text_is_said_in_the_page_s_language() -> None:
    error = NotAllowedError("post 7 needs an approval: `campaign-bot queue approve 7`")

    with speaking("ar"):
        arabic = said(str(error))
    with speaking("en"):
        english = said(str(error))

    assert arabic == "المنشور 7 يحتاج إلى اعتماد أولاً"
    assert english == "post 7 needs an approval first"
