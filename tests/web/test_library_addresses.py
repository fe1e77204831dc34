"""Whatever stands in an address of the library, on either database, there is a page that says what it is."""

from __future__ import annotations

import pytest

from posting import CAMPAIGN
from visiting import Visitor

ITEM = f"/library/{CAMPAIGN.key}/invented-fact"
_NASTY = (
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "\r\n",
        "\u202egnihton",
        "\u200b\ufeff",
        "<script>alert(1)</script>",
        "{{ 7*7 }}",
    ),
    *(
        "%s %(name)s",
        "' OR 1=1 --",
        "../../etc",
        "/" * 500,
        "1" * 400,
        "1.a/b",
        "-1.a/b",
        "1.\x00/\x00",
        "999999999.a/b",
    ),
    *(
        "b1.1",
        "a99999999999999999999.1",
        "٣.a/b",
        "retired",
        "missing-",
        "missing-xx",
        "مرحبا",
        "👩‍👩‍👧",
        "x" * 3000,
    ),
    *("9999-99-99T99:99", "2026-02-30T10:00", "\U0010ffff", "null", CAMPAIGN.key),
)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        *(("/library", name) for name in ("q", "campaign", "kind", "show", "after", "before")),
        (ITEM, "page"),
        ("/new", "at"),
        ("/new", "campaign"),
        ("/library/new", "campaign"),
        ("/import", "campaign"),
    ],
)
def test_every_nasty_string_in_an_address_gets_an_answer_in_words(author: Visitor, path: str, name: str):
    broken = []

    for nasty in _NASTY:
        asked = {name: nasty}
        status = author._client.get(path, query_string=asked, base_url="http://127.0.0.1").status_code
        if status not in {200, 404}:
            broken.append((nasty[:40], status))

    assert broken == []


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/library/nowhere/nothing", id="no-campaign"),
        pytest.param(f"/library/{CAMPAIGN.key}/nothing", id="no-item"),
        pytest.param(f"/library/{CAMPAIGN.key}/%00", id="null"),
        pytest.param(f"/library/{CAMPAIGN.key}/%e2%80%ae", id="turned"),
        pytest.param("/export/nowhere.csv", id="export"),
        pytest.param("/export/..%2f..%2fetc.csv", id="path"),
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(author: Visitor, path: str):
    assert author.ask(path).status_code == 404
