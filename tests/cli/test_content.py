"""`content` and `completion`: spreadsheets in and out, schemas, completion scripts."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from bot.app import App
from bot.config import load_settings

DECIDED = ("--campaign", "not-hostages")


def test_spreadsheet_goes_out_and_comes_back_without_loss(here, clone):
    folder = clone.path / "content" / "not-hostages"
    here("sync")
    out = here("content", "export", *DECIDED, "--output", "items.csv")
    (folder / "facts.yaml").unlink()
    (folder / "calls.yaml").unlink()

    back = here("content", "import", "items.csv", *DECIDED, "--into", "autumn.yaml")
    synced = here("sync", "--json").json

    assert out.out == "Written to items.csv.\n"
    assert back.out.startswith("28 items written to content/not-hostages/autumn.yaml")
    assert (synced["new"], synced["changed"], synced["retired"]) == ([], [], [])


def test_spreadsheet_goes_to_standard_output(here):
    done = here("content", "export", *DECIDED)

    assert done.out.startswith("\ufeffkey,kind,text_ar,text_en")


def test_items_whose_keys_are_taken_are_named_and_nothing_is_written(here, clone):
    here("content", "export", *DECIDED, "--output", "items.csv")

    done = here("content", "import", "items.csv", *DECIDED)

    assert done.status == 1
    assert len(done.complaints) == 28
    assert "items.csv: the campaign's files have an item sit-ins already" in done.err
    assert not (clone.path / "content" / "not-hostages" / "imported.yaml").exists()


def test_file_that_exists_is_not_written_over(here):
    here("content", "export", *DECIDED, "--output", "items.csv")

    done = here("content", "import", "items.csv", *DECIDED, "--into", "facts.yaml")

    assert done.status == 1
    assert done.complaints == [
        "content/not-hostages/facts.yaml: there is such a file; name another one with --into"
    ]


def test_schema_is_written_where_the_files_look_for_it(here, clone):
    folder = clone.path / "content" / ".schema"
    before = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    for path in folder.iterdir():
        path.unlink()

    done = here("content", "schema")

    assert done.status == 0
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == before


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_names_the_program(here, shell):
    done = here("completion", shell)

    assert done.status == 0
    assert "_CAMPAIGN_BOT_COMPLETE" in done.out


def test_shell_completes_commands_and_options(clone):
    done = clone.run(_CAMPAIGN_BOT_COMPLETE="bash_complete", COMP_WORDS="campaign-bot queue ", COMP_CWORD="2")

    assert done.status == 0
    assert {line.partition(",")[2] for line in done.out.splitlines()} >= {"add", "list", "show", "approve"}


# -- what the console wrote ----------------------------------------------------------------------


@pytest.fixture
def say(here, clone):
    """Huda gives an item of the store other words in English."""

    def write(key: str, words: str) -> None:
        app = App(load_settings())
        stored = app.library.item("not-hostages", key).stored
        english = replace(stored.item.wordings["en"], text=words, short=None)
        item = replace(stored.item, wordings={**stored.item.wordings, "en": english})
        app.editor("Huda").save(item, based_on=stored.digest)
        app.db.close()

    here("sync")
    return write


def _change_file(clone, old: str, new: str) -> None:
    path = clone.path / "content" / "not-hostages" / "calls.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_the_console_wrote_is_written_into_the_files(here, clone, say):
    say("accountability", "No more torture, they said.")
    kept = here("sync")

    dry = here("content", "save", "--dry-run", "--by", "Huda")
    done = here("content", "save", "--by", "Huda")
    again = here("content", "save", "--by", "Huda")
    synced = here("sync", "--json").json

    name = os.path.join("content", "not-hostages", "calls.yaml")
    assert "1 item changed in the console and not in the files yet" in kept.out
    assert dry.out == f"written   not-hostages/accountability in {name}\n1 item would change in 1 file.\n"
    assert done.out == f"written   not-hostages/accountability in {name}\n1 item changed in 1 file.\n"
    assert again.out == "Nothing to write: the files have everything that was changed in the console.\n"
    assert (synced["changed"], synced["kept"], synced["conflicts"]) == ([], [], [])
    assert "No more torture, they said." in (clone.path / name).read_text(encoding="utf-8")
    assert (dry.status, done.status, again.status, kept.status) == (0, 0, 0, 0)


def test_a_conflict_is_named_with_its_remedy_until_it_is_settled(here, clone, say):
    say("accountability", "No more torture, they said.")
    _change_file(clone, "accountability:", "accountability:\n    recheck_on: 2030-01-01")

    synced = here("sync")
    saved = here("content", "save", "--json")
    settled = here("content", "settle", "not-hostages/accountability", "--keep", "console", "--by", "Huda")
    after = here("sync")

    assert (synced.status, saved.status, settled.status, after.status) == (1, 1, 0, 0)
    assert synced.complaints == [
        "not-hostages/accountability changed in the console and in its file: the console's version stays "
        "until a person settles it — `campaign-bot content settle not-hostages/accountability "
        "--keep console`, or `--keep file`"
    ]
    assert [left["item"] for left in saved.json["left"]] == ["not-hostages/accountability"]
    assert settled.out.startswith("not-hostages/accountability: the console's version stays.")


def test_what_does_not_disagree_is_not_settled(here, say):
    done = here("content", "settle", "not-hostages/accountability", "--keep", "file")
    wrong = here("content", "settle", "accountability", "--keep", "file")

    assert (done.status, wrong.status) == (1, 2)
    assert "do not disagree" in done.err


def test_a_spreadsheet_has_what_the_console_says(here, say):
    say("accountability", "No more torture, they said.")

    done = here("content", "export", *DECIDED)

    assert "No more torture, they said." in done.out
