"""Many items at once: a spreadsheet is looked at before it is taken, and comes back as it went out."""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.campaign import Item, Wording
from bot.pipeline.edit import Editor
from bot.store import contents
from posting import CAMPAIGN, NOW, fact
from stage import Stage
from visiting import Visitor, words_of

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

HEAD = "key,kind,text_en,text_ar"
ROWS = f"{HEAD}\na-call,call,Write to them.,اكتبوا إليهم.\nanother,call,Say it.,قولوها.\n"


def _keys(stage: Stage) -> list[str]:
    with stage.db.read() as tx:
        return [one.item.key for one in contents.read_items(tx, CAMPAIGN.key)]


def _look(author: Visitor, text: str, **more: object) -> str:
    answer = author.send("/import", page="/import", campaign=CAMPAIGN.key, text=text, **more)
    assert answer.status_code == 200, answer.status
    return answer.text


def _take(author: Visitor, page: str, text: str, *, campaign: str = CAMPAIGN.key) -> tuple[int, str]:
    found = re.search(r'name="based_on" value="([^"]*)"', page)
    assert found is not None
    fields = {"campaign": campaign, "text": text, "based_on": html.unescape(found[1])}
    answer = author.send("/import/take", page="/import", **fields)
    return answer.status_code, answer.text


def test_rows_are_looked_at_and_nothing_is_stored(stage: Stage, author: Visitor):
    page = words_of(_look(author, f"{ROWS}bad,fact,x,\n"))

    assert "2 new 0 changed 0 the same 1 wrong" in page
    assert "Take in 2 new items" in page
    assert _keys(stage) == ["invented-fact"]


def test_numbers_in_the_texts_need_no_columns_of_their_own(stage: Stage, author: Visitor):
    rows = f"{HEAD}\na-call,call,Write to 12 of them.,اكتبوا إلى ١٢ منهم.\n"

    status, _ = _take(author, _look(author, rows), rows)

    assert status == 303
    with stage.db.read() as tx:
        stored = contents.read_item(tx, CAMPAIGN.key, "a-call")
    assert stored is not None
    assert stored.item.plain_numbers == ("12",)


def test_numbers_that_differ_between_the_languages_of_a_row_are_wrong(author: Visitor):
    page = words_of(_look(author, f"{HEAD}\na-call,call,Write to 12.,اكتبوا إلى ١٣.\n"))

    assert "1 wrong" in page


def test_wrong_headers_count_no_wrong_rows(author: Visitor):
    page = words_of(_look(author, "schluessel,kind,text_en\na-call,call,Say it.\n"))

    assert "2 things to mend in the sheet itself" in page
    assert "0 wrong" not in page


def test_what_was_looked_at_is_taken_in(stage: Stage, author: Visitor):
    status, _ = _take(author, _look(author, ROWS), ROWS)

    assert status == 303
    assert _keys(stage) == ["invented-fact", "a-call", "another"]
    assert "Taken in: 2 new items, 0 changed." in words_of(author.see("/library"))


def test_pasted_cells_come_with_tabs(stage: Stage, author: Visitor):
    pasted = ROWS.replace(",", "\t")

    assert _take(author, _look(author, pasted), pasted)[0] == 303


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_as_spreadsheet_programs_save_it(author: Visitor, encoding: str):
    file = (io.BytesIO(ROWS.replace("\n", "\r\n").encode(encoding)), "items.csv")

    page = _look(author, "", file=file)

    assert "2 new" in words_of(page)


def test_a_file_in_another_character_set_says_how_to_save_it(author: Visitor):
    file = (io.BytesIO(ROWS.encode("cp1256")), "items.csv")

    answer = author.send("/import", page="/import", campaign=CAMPAIGN.key, text="", file=file)

    assert answer.status_code == 422
    assert "save it as CSV UTF-8" in words_of(answer.text)


def test_a_changed_row_shows_its_difference_word_by_word(author: Visitor):
    _take(author, _look(author, ROWS), ROWS)

    page = _look(author, ROWS.replace("Write to them.", "Write to everybody."))

    assert "<del>them.</del><ins>everybody.</ins>" in page
    assert "0 new 1 changed 1 the same" in words_of(page)


def test_what_changed_meanwhile_is_not_overwritten(stage: Stage, author: Visitor):
    _take(author, _look(author, ROWS), ROWS)
    changed = ROWS.replace("Say it.", "Say it loudly.")
    looked = _look(author, changed)
    with stage.db.read() as tx:
        stored = contents.read_item(tx, CAMPAIGN.key, "another")
    assert stored is not None
    other = replace(stored.item, wordings={"en": Wording(text="Theirs."), "ar": Wording(text="قولوها.")})
    Editor(stage.db, stage.clock, who="B", renderer=stage.renderer, prices=lambda *_: 0).save(
        other, based_on=stored.digest
    )

    status, page = _take(author, looked, changed)

    assert status == 409
    assert "Nothing was changed" in words_of(page)
    assert "<del>Theirs.</del><ins>Say it loudly.</ins>" in page


def test_what_goes_out_comes_back_the_same(stage: Stage, author: Visitor):
    source = fact().source
    assert source is not None
    formula: Item = fact(
        "formula",
        source=replace(source, read_on=NOW.date()),
        wordings={
            "en": Wording(text='=SUM is {total}\nin two lines, "quoted"', short="-{total}"),
            "ar": Wording(text="＠ {total}؛ نص"),
        },
        figures={"total": 14388},
    )
    stage.take_in(items=[formula])

    answer = author.ask(f"/export/{CAMPAIGN.key}.csv")
    page = _look(author, answer.text)

    assert answer.headers["Content-Disposition"] == f'attachment; filename="{CAMPAIGN.key}.csv"'
    assert "'=SUM" in answer.text
    assert "0 new 0 changed 1 the same" in words_of(page)


def test_an_empty_paste_says_what_to_do(author: Visitor):
    answer = author.send("/import", page="/import", campaign=CAMPAIGN.key, text=" ")

    assert "paste rows or choose a file" in words_of(answer.text)


def test_drafts_are_taken_only_when_asked_for(author: Visitor):
    rows = f"{HEAD}\nhalf,call,Only this.,\n"

    assert "1 wrong" in words_of(_look(author, rows))
    assert "1 new" in words_of(_look(author, rows, draft="yes"))


def test_what_was_written_here_goes_into_the_files_once_it_was_looked_at(
    stage: Stage, url: str, author: Visitor
):
    folder = _with_files(stage)
    author.app.syncer.sync(author.app.content())
    text = f"{HEAD}\nnew-call,call,Write.,اكتبوا.\n"
    looked_at = author.send("/import", page="/import", campaign="on-files", text=text).text
    _take(author, looked_at, text, campaign="on-files")

    looked = author.send("/export/files", page="/import?campaign=on-files", campaign="on-files")
    before = (folder / "console.yaml").exists()
    page = author.follow(
        author.send("/export/files", page="/import?campaign=on-files", campaign="on-files", sure="yes")
    )

    assert "new-call" in words_of(looked.text)
    assert not before
    assert "1 item is in the files now." in words_of(page)
    assert "new-call" in (folder / "console.yaml").read_text()


def test_what_stays_out_of_the_files_is_named_at_the_press_with_its_reason(stage: Stage, author: Visitor):
    _with_files(stage)
    content = author.app.content()
    author.app.syncer.sync(content)
    text = f"{HEAD}\ndraft-call,call,Not yet in Arabic.,\n"
    fields = {"campaign": "on-files", "text": text, "draft": "yes"}
    looked = author.send("/import", page="/import?campaign=on-files", **fields).text
    based_on = re.search(r'name="based_on" value="([^"]*)"', looked)
    assert based_on is not None
    taking = {**fields, "based_on": html.unescape(based_on[1])}
    assert author.send("/import/take", page="/import?campaign=on-files", **taking).status_code == 303

    page = author.follow(
        author.send("/export/files", page="/import?campaign=on-files", campaign="on-files", sure="yes")
    )

    assert "These stay out: draft-call (it is a draft: still to be written in" in words_of(page)


def _with_files(stage: Stage) -> Path:
    folder = stage.data_dir / "content" / "on-files"
    folder.mkdir(parents=True)
    (folder / "campaign.yaml").write_text(
        'title: {ar: "حملة", en: "On Files"}\norganisers: {ar: ["منظمون"], en: ["Organisers"]}\n'
        "languages: [ar, en]\nzone: Asia/Damascus\nhashtags: {ar: {}, en: {}}\n"
        "accounts: [{name: files_x, network: x, languages: [ar, en]}]\nposting_times: ['09:00']\n"
    )
    (folder / "items.yaml").write_text('calls:\n  old-call:\n    text: {ar: "نداء", en: "A call"}\n')
    return folder
