"""What is typed into fields becomes an item under the rules of the files, and fills them again."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from time import process_time

import pytest

from bot.content.form import (
    LONGEST_TEXT,
    FieldChange,
    differences,
    field_names,
    form_of,
    missing_languages,
    read_form,
)
from bot.content.reading import Content
from bot.content.spreadsheet import decode, import_items, read_sheet
from bot.core.campaign import Campaign, Wording
from bot.core.errors import ContentError
from bot.core.media import Picture


def test_fields_of_an_item_read_back_as_the_same_item(good: Content, lamps: Campaign):
    for item in good.items:
        reading = read_form(form_of(item), campaign=lamps)

        assert (reading.item, reading.found) == (item, ())
        assert set(form_of(item)) <= set(field_names(lamps))


def test_entries_may_stand_on_lines_of_their_own_and_behind_arabic_semicolons(good: Content, lamps: Campaign):
    form = form_of(good.items[1])
    typed = form | {"figures": "total = 1438\nstreet=1000؛ garden=438", "plain_numbers": "2254\n"}

    assert read_form(typed, campaign=lamps).item == good.items[1]


def test_problems_are_told_by_field_with_what_to_write(good: Content, lamps: Campaign):
    typed = form_of(good.items[2]) | {"url": "town.example", "figures": "share", "kind": "fact"}

    found = read_form(typed, campaign=lamps).found

    assert {problem.field for problem in found} == {"url", "figures"}
    assert 'figures: "share" is no pair — write total=14388; women=63' in map(str, found)


def test_a_language_without_a_text_is_open_and_all_else_is_a_problem(good: Content, lamps: Campaign):
    form = form_of(good.items[1])
    typed = form | {"text_en": "", "short_en": "", "warning_en": "", "publisher_en": "", "period": "soon"}

    reading = read_form(typed, campaign=lamps)

    assert [problem.field for problem in reading.missing] == ["text_en", "warning_en", "publisher_en"]
    assert [problem.field for problem in reading.problems] == ["period"]
    assert reading.item is not None
    assert missing_languages(reading.item, campaign=lamps) == ("en",)


def test_a_missing_publisher_of_a_language_that_has_its_text_is_a_problem(good: Content, lamps: Campaign):
    typed = form_of(good.items[1]) | {"publisher_en": ""}

    reading = read_form(typed, campaign=lamps)

    assert ([problem.field for problem in reading.problems], reading.missing) == (["publisher_en"], ())


def test_no_word_of_a_draft_is_lost_in_silence(good: Content, lamps: Campaign):
    typed = form_of(good.items[1]) | {"text_en": ""}

    reading = read_form(typed, campaign=lamps)

    assert [str(problem) for problem in reading.problems] == [
        "short_en: there is no text to shorten — write text_en first"
    ]


def test_everything_that_is_missing_of_a_picture_is_told_at_once(good: Content, lamps: Campaign):
    typed = form_of(good.items[0]) | {"picture_file": "a" * 64}

    reading = read_form(typed, campaign=lamps)

    assert [str(problem) for problem in reading.problems] == [
        "picture_warning: nobody said whether the picture needs a warning — answer yes or no",
        *(
            f"picture_alt_{language}: missing: everything is in all the campaign's languages (ar, en)"
            f" — write {language}: with what the picture shows"
            for language in ("ar", "en")
        ),
    ]


def test_words_about_a_picture_that_is_not_there_are_not_forgotten(good: Content, lamps: Campaign):
    typed = form_of(good.items[0]) | {"picture_alt_en": "A street", "picture_alt_ar": "شارع"}

    reading = read_form(typed | {"picture_warning": "no"}, campaign=lamps)

    assert [str(problem) for problem in reading.problems] == [
        "picture_file: the picture is missing — choose it, or delete what is said of it"
    ]


def test_an_answer_alone_makes_no_picture(good: Content, lamps: Campaign):
    typed = form_of(good.items[0]) | {"picture_warning": "yes", "picture_file": "", "picture_alt_en": " "}

    reading = read_form(typed, campaign=lamps)

    assert (reading.item, reading.found) == (good.items[0], ())


def test_a_draft_may_lack_the_alternative_text_of_a_language_that_lacks_its_text(
    good: Content, lamps: Campaign
):
    typed = form_of(good.items[0]) | {
        "text_en": "", "picture_file": "a" * 64, "picture_alt_ar": "شارع", "picture_warning": "no",
    }  # fmt: skip

    reading = read_form(typed, campaign=lamps)

    assert ([problem.field for problem in reading.missing], reading.problems) == (
        ["text_en", "picture_alt_en"],
        (),
    )
    assert reading.item is not None
    assert reading.item.picture == Picture(file="a" * 64, alt={"ar": "شارع"}, warning=False)


def test_another_word_about_a_picture_is_a_difference(good: Content):
    item = good.items[2]
    assert item.picture is not None
    other = replace(item, picture=replace(item.picture, warning=True, alt={"ar": "شارع", "en": "A street"}))

    changes = differences(item, other)

    assert [change.field for change in changes] == ["picture_alt_ar", "picture_alt_en", "picture_warning"]
    assert changes[-1] == FieldChange(field="picture_warning", before="no", after="yes")


def test_differences_are_told_field_by_field(good: Content):
    item = good.items[1]
    other = replace(
        item,
        wordings={**item.wordings, "en": Wording(text="Lamps.")},
        figures=dict(reversed(item.figures.items())),
        occasions=(),
    )

    assert differences(item, other) == (
        FieldChange(field="text_en", before=item.wordings["en"].text, after="Lamps."),
        FieldChange(field="short_en", before="{total} lamps were broken.", after=""),
        FieldChange(field="occasions", before="lamp-day", after=""),
    )
    assert differences(item, item) == ()


def test_a_changed_figure_is_a_difference(good: Content):
    item = good.items[2]

    (change,) = differences(item, replace(item, figures={"share": Decimal("12.6")}))

    assert (change.before, change.after) == ("share=12.5", "share=12.6")


# -- what spreadsheet programs make of it --------------------------------------------------------

_ROW = ["a", "call", "نص", 'Say "light", \nor not; at all']


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            'key,kind,text_ar,text_en\r\na,call,نص,"Say ""light"", \nor not; at all"\r\n', id="commas"
        ),
        pytest.param(
            '\ufeffkey;kind;text_ar;text_en\r\na;call;نص;"Say ""light"", \nor not; at all"\r\n',
            id="semicolons",
        ),
        pytest.param(
            'key\tkind\ttext_ar\ttext_en\r\na\tcall\tنص\t"Say ""light"", \nor not; at all"', id="tabs"
        ),
        pytest.param(
            'sep=;\r\nkey;kind;text_ar;text_en\r\na;call;نص;"Say ""light"", \nor not; at all"\r\n',
            id="a named delimiter",
        ),
    ],
)
def test_the_same_sheet_is_read_whatever_stands_between_its_cells(lamps: Campaign, text: str):
    (item,) = import_items(text, campaign=lamps)

    assert item.wordings["en"].text == _ROW[3]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param('"Light!" they said', '"Light!" they said', id="a quote at the start"),
        pytest.param('They said "light"', 'They said "light"', id="a quote at the end"),
        pytest.param('"', '"', id="a lone quote"),
        pytest.param('"two\nlines"', "two\nlines", id="two lines"),
        pytest.param('"a ""b"" c"', 'a "b" c', id="doubled quotes"),
        pytest.param("'=1+1", "=1+1", id="a formula made harmless"),
    ],
)
def test_cells_copied_out_of_a_spreadsheet_say_what_they_said(lamps: Campaign, cell: str, text: str):
    sheet = read_sheet(f"key\tkind\ttext_ar\ttext_en\na\tcall\tنص\t{cell}\nb\tcall\tنص\tMore", campaign=lamps)

    assert [row.cells["text_en"] for row in sheet.rows] == [text, "More"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_are_decoded_as_spreadsheet_programs_save_them(encoding: str):
    assert decode("نص,é".encode(encoding)) == "نص,é"


def test_old_character_sets_are_refused():
    with pytest.raises(UnicodeDecodeError):
        decode("نص".encode("cp1256"))


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        pytest.param("a" * (LONGEST_TEXT + 1), "this has 20,001 characters; the most is 20,000", id="long"),
        pytest.param("a" + "\u0301\u0323" * 50_000, "this has 100,001 characters", id="long-marks"),
        pytest.param("a" + "\u0301\u0323" * 9_000, "a letter has more than 30 marks on it", id="marks"),
    ],
)
@pytest.mark.parametrize("column", ["key", "kind", "text_en", "url", "figures", "sums", "occasions"])
def test_a_cell_far_too_long_is_named_with_row_and_column_and_not_read(
    good: Content, lamps: Campaign, column: str, cell: str, says: str
):
    typed = form_of(good.items[1])
    columns = list(dict.fromkeys(("key", "kind", "text_en", "text_ar", "text_tr", column)))
    columns = [one for one in columns if one in field_names(lamps)]
    row = [cell if one == column else f'"{typed.get(one, "")}"' for one in columns]
    began = process_time()

    with pytest.raises(ContentError) as caught:
        import_items(f"{','.join(columns)}\n{','.join(row)}\n", campaign=lamps, where="items.csv")

    assert process_time() - began < 1
    assert any(f"items.csv:2: {column}: {says}" in str(problem) for problem in caught.value.problems)


def test_a_sheet_of_a_hundred_thousand_columns_is_not_read(lamps: Campaign):
    began = process_time()

    sheet = read_sheet("key," * 100_000 + "\n", campaign=lamps)

    assert process_time() - began < 2
    assert [problem.what for _, problem in sheet.problems] == ["100,001 columns; the most is 500"]


@pytest.mark.parametrize("said", ["Yes", "YES", " yes "])
def test_answer_of_a_spreadsheet_counts_with_capitals(good: Content, lamps: Campaign, said: str):
    typed = {"kind": "call", "picture_file": "ab" * 32, "picture_warning": said}

    found = read_form(typed, campaign=lamps).found

    assert not [problem for problem in found if problem.field == "picture_warning"]
