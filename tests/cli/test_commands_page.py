"""`docs/commands.md` and the program say the same: every command, every option, nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from bot.cli.catalogue import ALERTS, CONTENT, LOG, MEDIA, PROGRAM, QUEUE, USERS
from bot.cli.program import program

PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
GROUPS = {"queue": QUEUE, "log": LOG, "alerts": ALERTS, "content": CONTENT, "media": MEDIA, "users": USERS}


def _commands() -> dict[str, click.Command]:
    context = click.Context(program)
    commands: dict[str, click.Command] = {}
    for name in PROGRAM:
        command = commands[name] = program.get_command(context, name)
        if isinstance(command, click.Group):
            commands |= {
                f"{name} {sub}": command.get_command(context, sub) for sub in command.list_commands(context)
            }
    return commands


COMMANDS = _commands()
SECTIONS = dict(
    re.findall(r"^### `campaign-bot ([a-z ]+?)(?: [A-Z]+)*`\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
)


def _options_in(section: str) -> set[str]:
    return {name for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for name in _names(row)}


def _names(text: str) -> list[str]:
    return re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text)


def test_page_lists_every_command_and_no_other():
    assert sorted(SECTIONS) == sorted(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_page_lists_every_option_of_a_command_and_no_other(name):
    options = {
        option
        for parameter in COMMANDS[name].params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }

    assert _options_in(SECTIONS[name]) == options


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_heading_shows_what_a_command_takes(name):
    takes = any(isinstance(parameter, click.Argument) for parameter in COMMANDS[name].params)
    heading = re.search(rf"^### `campaign-bot {name}((?: [A-Z]+)+)?`$", PAGE, re.MULTILINE)

    assert heading is not None
    assert bool(heading[1]) is takes


def test_page_lists_the_global_options_and_no_other():
    options = {
        option
        for parameter in program.get_params(click.Context(program, help_option_names=["-h", "--help"]))
        for option in parameter.opts
    }

    assert _options_in(PAGE.split("\n## ")[0]) == options


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_has_an_example_that_the_program_understands(name):
    example = re.search(r"Example:\n\s+campaign-bot (.*)\Z", COMMANDS[name].help, re.DOTALL)

    assert example is not None
    assert example[1].startswith(name)
    known = {option for command in COMMANDS.values() for one in command.params for option in one.opts}
    assert set(_names(example[1])) <= known


def test_catalogue_has_a_line_for_each_command_that_ends_like_a_sentence():
    lines = [entry.help for table in (PROGRAM, *GROUPS.values()) for entry in table.values()]

    assert all(line[0].isupper() and line[-1] in ".…" and len(line) < 70 for line in lines)
    assert len(set(lines)) == len(lines)
