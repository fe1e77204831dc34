"""Whatever somebody types into a field, the console answers with a page in words: never with a broken one."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Iterator, Mapping

import pytest

from bot.core.people import Role
from nasty import NASTY
from posting import CAMPAIGN
from stage import Stage
from visiting import Visitor

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

ITEM = f"/library/{CAMPAIGN.key}/invented-fact"
_FIELDS = (
    *("text_en", "text_ar", "short_en", "short_ar", "warning_en", "warning_ar", "publisher_en"),
    *("publisher_ar", "url", "read_on", "period_from", "period_to", "recheck_on", "figure_name"),
    *("figure_value", "sums", "plain_numbers", "occasions", "key", "kind", "source", "at"),
)
_GOOD: dict[str, object] = {
    "campaign": CAMPAIGN.key,
    "kind": "fact",
    "text_en": "Some 12 people.",
    "text_ar": "نحو 12 شخصاً.",
    "publisher_en": "Invented Network",
    "publisher_ar": "الشبكة المخترعة",
    "url": "https://example.org/report",
    "read_on": "2026-02-01",
    "period_from": "2011-03",
    "to": ["invented_x|en", "invented_x|ar"],
    "when": "chosen",
    "at": "2026-03-05T12:00",
}
#: 400: a NUL, which no text has.
_ANSWERS = frozenset({200, 303, 400, 409, 422})


class Typist:
    """Somebody who sends forms faster than anybody can, with the token of a page that was read once."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.client = visitor._client
        found = re.search(r'name="csrf_token" value="([^"]+)"', visitor.see("/new"))
        assert found is not None
        self._token = html.unescape(found[1])

    def send(self, path: str, fields: Mapping[str, object]) -> int:
        sent = {"csrf_token": self._token, **fields}
        return self.client.post(path, data=sent, base_url="http://127.0.0.1").status_code


@pytest.fixture
def author(stage: Stage, url: str) -> Iterator[Typist]:
    visitor = Visitor(stage, url=url, role=Role.AUTHOR)
    yield Typist(visitor)
    visitor.close()


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=name)
        for name, path in (
            ("preview", "/preview"),
            ("new", "/new"),
            ("written", "/library/new"),
            ("edited", f"{ITEM}/edit"),
        )
    ],
)
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_nasty_string_in_every_field_gets_an_answer_in_words(author: Typist, path: str):
    broken = []

    for field in _FIELDS:
        for nasty in NASTY:
            status = author.send(path, {**_GOOD, field: nasty})
            if status not in _ANSWERS:
                broken.append((field, nasty[:40], status))

    assert broken == []


@pytest.mark.parametrize("mixtures", [100, pytest.param(500, marks=pytest.mark.slow)])
def test_mixtures_of_nasty_strings_get_an_answer_in_words(author: Typist, mixtures: int):
    dice = random.Random(4)
    broken = []

    for _ in range(mixtures):
        fields = {**_GOOD, **{field: dice.choice(NASTY) for field in dice.sample(_FIELDS, 6)}}
        path = dice.choice(["/preview", "/new", "/library/new", f"{ITEM}/edit"])
        status = author.send(path, fields)
        if status not in _ANSWERS:
            broken.append((path, fields, status))

    assert broken == []


def test_every_nasty_string_in_a_spreadsheet_gets_an_answer_in_words(author: Typist):
    head = "key,kind,text_en,text_ar\n"
    broken = []

    for nasty in NASTY:
        for text in (nasty, head + nasty, f'{head}k,call,"{nasty}",{nasty}'):
            for path in ("/import", "/import/take"):
                status = author.send(path, {"campaign": CAMPAIGN.key, "text": text, "based_on": "{}"})
                if status not in _ANSWERS:
                    broken.append((path, text[:60], status))

    assert broken == []


@pytest.mark.parametrize("field", ["based_on", "campaign", "draft"])
def test_every_nasty_string_beside_a_spreadsheet_gets_an_answer_in_words(author: Typist, field: str):
    fields = {"campaign": CAMPAIGN.key, "text": "key,kind,text_en,text_ar\nk,call,a,b\n", "based_on": "{}"}

    statuses = {author.send("/import/take", {**fields, field: nasty}) for nasty in NASTY}

    assert statuses <= _ANSWERS | {404}
