"""Items as people write them: by the rules of the files, and so that nobody overwrites anybody unawares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.content.form import form_of
from bot.core.campaign import Item, Sum, Wording
from bot.pipeline.edit import Editor
from bot.store import contents
from bot.store.contents import StoredItem
from posting import CAMPAIGN, NOW, fact
from stage import Stage
from visiting import Visitor, words_of

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

EDIT = f"/library/{CAMPAIGN.key}/invented-fact/edit"


def _stored(stage: Stage, key: str = "invented-fact") -> StoredItem:
    with stage.db.read() as tx:
        stored = contents.read_item(tx, CAMPAIGN.key, key)
    assert stored is not None
    return stored


def _fields_of(page: str) -> dict[str, object]:
    """What a browser would send of the form on the page, as it stands."""
    form = page.split('id="writing"')[1].split("</form>")[0]
    form = re.sub(r"<template.*?</template>", "", form, flags=re.DOTALL)
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        named = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" in named and (named.get("type") not in {"radio", "checkbox"} or " checked" in tag):
            found.setdefault(named["name"], []).append(_plain(named.get("value", "")))
    for name, text in re.findall(r'<textarea id="\w+" name="(\w+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        found[name] = [_plain(text)]
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def _plain(text: str) -> str:
    import html

    return html.unescape(text)


def _save(author: Visitor, page: str | None = None, **changes: object) -> str:
    page = page or author.see(EDIT)
    return author.follow(author.send(EDIT, page=EDIT, **{**_fields_of(page), **changes}))


WHOLE = fact(
    wordings={
        "en": Wording(
            text="At least {total} people:\n{women} women & {men} men, by law 2254.", short="{total} people."
        ),
        "ar": Wording(
            text="نحو {total} شخصاً:\n{women} امرأة و{men} رجلاً، بالقرار 2254.", short="{total} شخصاً."
        ),
    },
    source=replace(fact().source, read_on=NOW.date()),  # type: ignore[type-var]
    figures={"total": 63, "women": 20, "men": 43},
    sums=(Sum(whole="total", parts=("women", "men")),),
    plain_numbers=("2254",),
    content_warning={"en": "Torture", "ar": "تعذيب"},
)


def test_an_item_that_nobody_changed_is_saved_as_it_was_to_the_digest(stage: Stage, author: Visitor):
    stage.take_in(items=[WHOLE])
    before = _stored(stage)

    _save(author)

    assert form_of(_stored(stage).item) == form_of(before.item)
    assert _stored(stage).digest == before.digest


def test_a_change_is_stored_with_its_name_and_rewrites_what_waits(stage: Stage, author: Visitor):
    stage.take_in(items=[WHOLE])
    post = stage.operator().queue_item(
        CAMPAIGN.key, "invented-fact", account="invented_x", language="en", at=NOW + timedelta(hours=2)
    )

    page = _save(author, short_en="Fewer words: {total}.", short_ar="كلمات أقل: {total}.", warning_en="Death")

    assert _stored(stage).changed_by == author.name
    assert "1 waiting post was written anew" in words_of(page)
    assert stage.post(post.post.id).content_warning == "Death"


def test_who_saves_last_sees_what_the_other_wrote_and_loses_nothing(stage: Stage, author: Visitor):
    stage.take_in(items=[WHOLE])
    opened = author.see(EDIT)
    other = replace(WHOLE, content_warning={"en": "Their warning", "ar": "تحذير آخر"})
    Editor(stage.db, stage.clock, who="Another Person", renderer=stage.renderer, prices=lambda *_: 0).save(
        other, based_on=_stored(stage).digest
    )

    answer = author.send(EDIT, page=EDIT, **{**_fields_of(opened), "warning_en": "My warning"})

    assert answer.status_code == 409
    page = words_of(answer.text)
    assert "Another Person changed it after you had opened it" in page
    assert "Their warning" in page
    assert 'value="My warning"' in answer.text
    assert "Save over it" in page
    assert _stored(stage).item.content_warning["en"] == "Their warning"
    _save(author, answer.text)
    assert _stored(stage).item.content_warning["en"] == "My warning"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param(
            {"text_en": "Only {women} and {men}, by law 2254."}, "{total} is in", id="figure-missing"
        ),
        pytest.param({"text_en": "See https://example.com 2254 {total}{women}{men}"}, "the link", id="link"),
        pytest.param({"sums": "total=women+children"}, "none of the figures", id="sum"),
        pytest.param({"figure_value": ["63", "x", "43"]}, "is no number", id="figure"),
        pytest.param({"warning_ar": ""}, "missing", id="warning"),
        pytest.param({"read_on": "2019-01-01"}, "after the day on which the source was read", id="read-on"),
    ],
)
def test_the_rules_of_the_files_hold_here(
    stage: Stage, author: Visitor, changes: Mapping[str, object], said: str
):
    stage.take_in(items=[WHOLE])
    before = _stored(stage).digest

    answer = author.send(EDIT, page=EDIT, **{**_fields_of(author.see(EDIT)), **changes})

    assert answer.status_code == 422
    assert said in words_of(answer.text)
    assert _stored(stage).digest == before


def test_a_language_that_is_missing_asks_before_it_becomes_a_draft(stage: Stage, author: Visitor):
    fields: dict[str, object] = {
        "campaign": CAMPAIGN.key,
        "kind": "call",
        "text_en": "Write to them.",
        "key": "a-call",
    }

    asked = author.send("/library/new", page="/library/new", **fields)
    page = author.follow(author.send("/library/new", page="/library/new", draft="yes", **fields))

    assert asked.status_code == 422
    assert "A language is still to be written" in words_of(asked.text)
    assert "kept as a draft: still to be written in Arabic" in words_of(page)
    assert _stored(stage, "a-call").item.languages == ("en",)


def test_a_new_item_under_a_key_that_is_taken_overwrites_nothing(stage: Stage, author: Visitor):
    fields: dict[str, object] = {
        "campaign": CAMPAIGN.key,
        "kind": "call",
        "key": "invented-fact",
        "text_en": "Write to them.",
        "text_ar": "اكتبوا إليهم.",
    }

    answer = author.send("/library/new", page="/library/new", **fields)

    assert answer.status_code == 409
    assert "Write to them." in answer.text
    assert _stored(stage).item.wordings["en"].text == "Invented words of invented-fact."


def test_a_new_item_is_written_and_found(stage: Stage, author: Visitor):
    fields: dict[str, object] = {
        "campaign": CAMPAIGN.key,
        "kind": "call",
        "text_en": "Write to your own member.",
        "text_ar": "اكتبوا إلى من يمثلكم.",
    }

    page = author.follow(author.send("/library/new", page="/library/new", **fields))

    assert "write-to-your-own-member is saved." in words_of(page)


def test_an_item_is_restored_from_two_versions(stage: Stage, author: Visitor):
    stage.take_in(items=[WHOLE])
    mine = replace(WHOLE, content_warning={"en": "Console", "ar": "هنا"})
    editor = Editor(stage.db, stage.clock, who="B", renderer=stage.renderer, prices=lambda *_: 0)
    editor.save(mine, based_on=_stored(stage).digest)
    file: Item = replace(WHOLE, content_warning={"en": "File", "ar": "هناك"})
    with stage.db.write() as tx:
        contents.note_conflict(tx, file)
    path = f"{EDIT}?settles=both"

    page = author.see(path)
    author.follow(author.send(EDIT, page=path, **{**_fields_of(page), "warning_en": "Of both"}))

    assert "<del>File</del><ins>Console</ins>" in page
    assert _stored(stage).conflict is None
    assert _stored(stage).item.content_warning["en"] == "Of both"


def test_a_retired_item_says_to_use_it_again_first_and_shows_no_two_versions(stage: Stage, author: Visitor):
    stage.take_in(items=[WHOLE])
    opened = author.see(EDIT)
    editor = Editor(stage.db, stage.clock, who="B", renderer=stage.renderer, prices=lambda *_: 0)
    editor.retire(CAMPAIGN.key, "invented-fact", based_on=_stored(stage).digest)

    late = author.send(EDIT, page=EDIT, **{**_fields_of(opened), "warning_en": "My warning"})

    assert late.status_code == 409
    for page in (late.text, author.see(EDIT)):
        assert "It is retired" in words_of(page)
        assert "Somebody else saved this meanwhile" not in page
        assert re.search(r'<button[^>]*name="restores"', page)
    assert 'value="My warning"' in late.text
    assert _stored(stage).retired
    _save(author, late.text, restores="yes")
    assert not _stored(stage).retired
    assert _stored(stage).item.content_warning["en"] == "My warning"


def test_what_was_retired_and_changed_shows_both_versions(stage: Stage, author: Visitor):
    stage.take_in(items=[WHOLE])
    opened = author.see(EDIT)
    other = replace(WHOLE, content_warning={"en": "Their warning", "ar": "تحذير آخر"})
    editor = Editor(stage.db, stage.clock, who="B", renderer=stage.renderer, prices=lambda *_: 0)
    saved = editor.save(other, based_on=_stored(stage).digest)
    editor.retire(CAMPAIGN.key, "invented-fact", based_on=saved.stored.digest)

    late = author.send(EDIT, page=EDIT, restores="yes", **{**_fields_of(opened), "warning_en": "My warning"})

    assert late.status_code == 409
    assert "It is retired" in words_of(late.text)
    assert "Their warning" in late.text
    assert _stored(stage).retired
    assert _stored(stage).item.content_warning["en"] == "Their warning"
