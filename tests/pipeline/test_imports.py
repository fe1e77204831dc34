"""Many items at once from a spreadsheet: looked at row by row, then taken, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from bot.content.form import FieldChange
from bot.content.reading import Content
from bot.content.spreadsheet import export_items
from bot.core.campaign import Item, Source, Wording
from bot.core.errors import NotAllowedError, NotFoundError, StaleItemError
from bot.pipeline.edit import Editor
from bot.pipeline.spreadsheets import MOST_ROWS, ImportPreview, RowStatus
from bot.pipeline.sync import Syncer
from bot.store import contents, posts
from bot.store.contents import Origin
from posting import CAMPAIGN, NOW, fact
from stage import Stage

SOURCE = Source(
    publisher={"en": "Invented Network", "ar": "الشبكة المخترعة"},
    url="https://example.org/report",
    read_on=date(2026, 1, 5),
)
FIRST, SECOND = (fact(key, source=SOURCE) for key in ("first-fact", "second-fact"))
HEADER = "key\tkind\ttext_en\ttext_ar\n"
GOOD = "new-call\tcall\tAn invented call.\tنداء مخترع.\n"


@pytest.fixture
def editor(stage: Stage) -> Editor:
    """Huda's pen, with two facts taken in from files."""
    syncer = Syncer(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 15_000)
    syncer.sync(Content(campaigns=(CAMPAIGN,), items=(FIRST, SECOND)))
    return Editor(stage.db, stage.clock, who="Huda", renderer=stage.renderer, prices=lambda *_: 15_000)


@pytest.fixture
def keys(stage: Stage) -> Callable[[], set[str]]:
    def read() -> set[str]:
        with stage.db.read() as tx:
            return {stored.item.key for stored in contents.read_items(tx, CAMPAIGN.key)}

    return read


def _look(editor: Editor, text: str, *, draft: bool = False) -> ImportPreview:
    return editor.preview_import(CAMPAIGN.key, text, draft=draft)


def _take(editor: Editor, text: str, preview: ImportPreview):
    return editor.take_import(CAMPAIGN.key, text, based_on=preview.based_on)


def _said(item: Item, words: str) -> Item:
    return replace(item, wordings={**item.wordings, "en": Wording(text=words)})


def test_each_row_is_new_changed_the_same_or_wrong(editor):
    sheet = export_items([_said(FIRST, "Other words."), SECOND], campaign=CAMPAIGN)
    sheet += "new-call,call,An invented call.,نداء مخترع.\r\nbad,call,All 7 of them.,نص.\r\n"

    preview = _look(editor, sheet)

    assert [(row.number, row.key, row.status) for row in preview.rows] == [
        (2, "first-fact", RowStatus.CHANGED),
        (3, "second-fact", RowStatus.SAME),
        (4, "new-call", RowStatus.NEW),
        (5, "bad", RowStatus.WRONG),
    ]
    assert preview.rows[0].changes == (
        FieldChange(field="text_en", before="Invented words of first-fact.", after="Other words."),
    )
    assert [problem.field for problem in preview.rows[3].problems] == ["text_ar"]
    assert preview.problems == ()


def test_the_good_rows_are_stored_although_others_are_wrong(editor, keys, stage):
    sheet = HEADER + GOOD + "bad\tcall\t\t\n"
    preview = _look(editor, sheet)

    taken = _take(editor, sheet, preview)

    assert (taken.new, taken.changed) == (("new-call",), ())
    assert keys() == {"first-fact", "second-fact", "new-call"}
    assert [entry.event for entry in stage.entries()].count("item-written") == 1


def test_a_changed_item_keeps_its_file_and_gets_its_author(editor, stage):
    sheet = export_items([_said(FIRST, "Other words.")], campaign=CAMPAIGN)

    _take(editor, sheet, _look(editor, sheet))

    with stage.db.read() as tx:
        stored = contents.read_item(tx, CAMPAIGN.key, "first-fact")
    assert stored is not None
    assert (stored.origin, stored.changed_by, stored.item) == (
        Origin.FILE,
        "Huda",
        _said(FIRST, "Other words."),
    )


def test_what_changed_since_the_preview_is_refused_and_nothing_half_done(editor, keys, stage):
    sheet = export_items([_said(FIRST, "Other words."), fact("new-fact", source=SOURCE)], campaign=CAMPAIGN)
    preview = _look(editor, sheet)
    seen = preview.based_on["first-fact"]
    editor.save(_said(FIRST, "Somebody's words."), based_on=seen)
    before = stage.entries()

    with pytest.raises(StaleItemError, match="first-fact was changed by Huda meanwhile"):
        _take(editor, sheet, preview)

    assert "new-fact" not in keys()
    assert stage.entries() == before


def test_a_key_that_somebody_took_since_the_preview_is_refused(editor):
    sheet = HEADER + GOOD
    preview = _look(editor, sheet)
    editor.save(fact("new-call", source=SOURCE), based_on=None)

    with pytest.raises(StaleItemError, match="there is an item"):
        _take(editor, sheet, preview)


def test_only_what_was_shown_is_taken(editor, keys):
    preview = _look(editor, HEADER + GOOD)

    taken = _take(editor, HEADER + GOOD + GOOD.replace("new-call", "other-call"), preview)

    assert taken.new == ("new-call",)
    assert "other-call" not in keys()


def test_what_was_shown_as_good_and_is_not_any_more_is_refused(editor, stage):
    preview = _look(editor, HEADER + GOOD)
    syncer = Syncer(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 15_000)
    campaign = replace(
        CAMPAIGN,
        languages=("en", "ar", "tr"),
        hashtags={**CAMPAIGN.hashtags, "tr": CAMPAIGN.hashtags["en"]},
    )
    syncer.sync(Content(campaigns=(campaign,), items=()))

    with pytest.raises(NotAllowedError, match="look at the import once more"):
        _take(editor, HEADER + GOOD, preview)


def test_a_column_that_the_sheet_lacks_leaves_what_the_item_says(editor):
    sheet = "key\tkind\ttext_en\ttext_ar\tperiod\nfirst-fact\tfact\tOther words.\tكلمات.\t\n"

    (row,) = _look(editor, sheet).rows

    assert row.item is not None
    assert row.item.source == SOURCE
    assert [change.field for change in row.changes] == ["text_ar", "text_en", "period"]
    assert row.status is RowStatus.WRONG  # a fact without its period


def test_a_retired_item_comes_back_and_that_is_told(editor, keys, stage):
    with stage.db.read() as tx:
        stored = contents.read_item(tx, CAMPAIGN.key, "first-fact")
    assert stored is not None
    editor.retire(CAMPAIGN.key, "first-fact", based_on=stored.digest)
    sheet = export_items([FIRST], campaign=CAMPAIGN)

    preview = _look(editor, sheet)
    _take(editor, sheet, preview)

    assert (preview.rows[0].status, preview.rows[0].comes_back) == (RowStatus.CHANGED, True)
    assert "first-fact" in keys()


def test_a_missing_language_is_wrong_or_a_draft_as_asked(editor, keys):
    sheet = HEADER + "new-call\tcall\tAn invented call.\t\n"

    strict, lenient = _look(editor, sheet), _look(editor, sheet, draft=True)

    assert [row.status for row in (*strict.rows, *lenient.rows)] == [RowStatus.WRONG, RowStatus.NEW]
    assert [problem.field for problem in lenient.rows[0].missing] == ["text_ar"]
    editor.take_import(CAMPAIGN.key, sheet, based_on=lenient.based_on, draft=True)
    assert "new-call" in keys()


def test_what_does_not_fit_a_network_is_wrong(editor):
    sheet = HEADER + f"long-call\tcall\t{'word ' * 80}\tنص.\n"

    (row,) = _look(editor, sheet).rows

    assert row.status is RowStatus.WRONG
    assert "over its limit of 280" in row.problems[0].what


def test_two_rows_of_one_key_are_not_both_taken(editor):
    preview = _look(editor, HEADER + GOOD + GOOD)

    assert [row.status for row in preview.rows] == [RowStatus.NEW, RowStatus.WRONG]


def test_waiting_posts_follow_once_for_all_items(editor, stage):
    queued = stage.operator().queue_item(
        CAMPAIGN.key, "first-fact", account="second_x", language="en", at=NOW.replace(hour=20)
    )
    sheet = export_items([_said(FIRST, "Other words.")], campaign=CAMPAIGN)

    taken = _take(editor, sheet, _look(editor, sheet))

    assert taken.rewritten == 1
    assert "Other words." in stage.post(queued.post.id).text
    entry = stage.entries(queued.post.id)[-1]
    assert (entry.event, entry.body["who"]) == ("rewritten", "Huda")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "missing columns", id="nothing"),
        pytest.param("just some words", "missing columns", id="no sheet"),
        pytest.param("key,kind,text_en,text_ar,txet_en\n", "no such column", id="a mistyped column"),
        pytest.param('key,kind,text_en,text_ar\na,call,"x', "cannot be read", id="a quote that stays open"),
        pytest.param(HEADER + GOOD * (MOST_ROWS + 1), "1,001 rows", id="too many rows"),
    ],
)
def test_what_is_wrong_with_the_sheet_as_a_whole_is_told(editor, text, problem):
    preview = _look(editor, text)

    assert problem in " ".join(found.what for _, found in preview.problems)


@pytest.mark.parametrize(
    "text", ["\x00", "key\tkind\ttext_en\ttext_ar\n\x00\t\t\t", "=\t=\n" * 5, "\ufeff", '"""\t"']
)
def test_rubbish_is_looked_at_without_a_fall(editor, text):
    preview = _look(editor, text)

    assert preview.to_store == ()


def test_a_campaign_that_is_not_there_is_named(editor):
    with pytest.raises(NotFoundError, match="no campaign 'nobody'"):
        editor.preview_import("nobody", HEADER + GOOD)


def test_what_somebody_queued_on_the_spot_is_not_imported_over(editor, stage):
    queued = stage.operator().queue(
        replace(
            fact("spot", source=replace(SOURCE, publisher={"en": "Invented Network"})),
            wordings={"en": Wording(text="On the spot.")},
        ),
        account="second_x",
        language="en",
        at=NOW.replace(hour=20),
    )

    (row,) = _look(editor, HEADER + GOOD.replace("new-call", queued.post.item)).rows

    assert row.status is RowStatus.WRONG
    assert any(problem.what.startswith("somebody queued an item") for problem in row.problems)
    with stage.db.read() as tx:
        assert posts.read_post(tx, queued.post.id).item == queued.post.item


@pytest.mark.parametrize("words", ["Other words.", "Invented words of first-fact."], ids=["other", "same"])
def test_what_was_retired_since_the_preview_does_not_come_back(editor, keys, stage, words):
    sheet = export_items([_said(FIRST, words), fact("new-fact", source=SOURCE)], campaign=CAMPAIGN)
    preview = _look(editor, sheet)
    with stage.db.read() as tx:
        stored = contents.read_item(tx, CAMPAIGN.key, "first-fact")
    assert stored is not None
    based_on = {"first-fact": stored.digest, **preview.based_on}
    editor.retire(CAMPAIGN.key, "first-fact", based_on=stored.digest)

    with pytest.raises(StaleItemError, match="first-fact was retired by Huda meanwhile"):
        editor.take_import(CAMPAIGN.key, sheet, based_on=based_on)

    assert keys() == {"second-fact"}


def test_what_was_restored_since_the_preview_is_refused(editor, stage):
    with stage.db.read() as tx:
        stored = contents.read_item(tx, CAMPAIGN.key, "first-fact")
    assert stored is not None
    editor.retire(CAMPAIGN.key, "first-fact", based_on=stored.digest)
    sheet = export_items([_said(FIRST, "Other words.")], campaign=CAMPAIGN)
    preview = _look(editor, sheet)
    editor.restore(CAMPAIGN.key, "first-fact", based_on=stored.digest)

    with pytest.raises(StaleItemError, match="first-fact was changed"):
        _take(editor, sheet, preview)


def test_a_key_that_no_item_can_have_is_wrong_and_breaks_nothing(editor):
    preview = _look(editor, HEADER + GOOD.replace("new-call", "new\0call"))

    assert [row.status for row in preview.rows] == [RowStatus.WRONG]
