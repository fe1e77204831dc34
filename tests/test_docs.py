"""The documentation says what the program has, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot import config
from bot.core import errors
from bot.core.post import MOVES, State

ROOT = Path(__file__).parents[1]
#: Bases that only group others and are never raised.
GROUPS = {"BotError", "PublishError"}


def _first_cells(page: str, *, below: str) -> list[str]:
    """What stands in code letters in the first column of the table below a heading."""
    section = (ROOT / page).read_text(encoding="utf-8").split(below, 1)[1]
    section = re.split(r"\n#+ ", section, maxsplit=1)[0]
    return re.findall(r"^\| `([^`]+)`", section, re.MULTILINE)


def test_settings_page_lists_every_setting_and_no_other():
    listed = _first_cells("docs/settings.md", below="# Settings")

    assert sorted(listed) == sorted(config.NAMES)


def test_example_file_names_every_setting_and_no_other():
    text = (ROOT / "config.example.env").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^(BOT_[A-Z_]+)=", text, re.MULTILINE)) == sorted(config.NAMES)


def test_example_file_says_the_defaults(tmp_path):
    as_it_stands = config.load_settings({}, env_file=ROOT / "config.example.env")

    defaults = config.load_settings({}, env_file=tmp_path / "absent.env")
    assert replace(as_it_stands, _values={}) == replace(defaults, _values={})


def test_states_page_lists_every_state_and_no_other():
    listed = _first_cells("docs/states.md", below="## States")

    assert sorted(listed) == sorted(state.value for state in State)


def test_states_page_lists_every_move_and_no_other():
    text = (ROOT / "docs/states.md").read_text(encoding="utf-8")
    block = text.split("```")[1]

    written = {
        before: set(after.split(", "))
        for before, after in re.findall(r"^(\w+)\s+-> (.+)$", block, re.MULTILINE)
    }

    moves = {before.value: {state.value for state in after} for before, after in MOVES.items() if after}
    assert written == moves


def test_errors_page_lists_every_error_and_no_other():
    listed = _first_cells("docs/states.md", below="## Errors")

    named = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.BotError) and not name.startswith("_")
    }
    assert sorted(listed) == sorted(named - GROUPS)


def test_error_tree_is_drawn_as_it_is():
    drawn = re.findall(r"(\w+Error)\b", errors.__doc__ or "")

    named = [
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.BotError) and not name.startswith("_")
    ]
    assert sorted(set(drawn)) == sorted(named)


@pytest.mark.parametrize(
    "page", sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/**/*.md"))
)
def test_links_between_pages_lead_somewhere(page):
    path = ROOT / page

    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{page} links to {target}"


def test_readme_links_lead_somewhere():
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (ROOT / target).exists(), f"README.md links to {target}"
