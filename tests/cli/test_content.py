"""`content` and `completion`: spreadsheets in and out, schemas, completion scripts."""

from __future__ import annotations

import pytest

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
