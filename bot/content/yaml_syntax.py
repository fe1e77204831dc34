"""What is wrong with a file that is no YAML, for people who do not know what YAML is."""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml

from bot.content.findings import Finding

#: What libyaml and PyYAML say -> what it means for a person who writes content.
_MEANINGS = {
    "mapping values are not allowed": (
        "a colon with a space after it inside a text without quotes",
        "put the whole text in quotes",
    ),
    "unexpected end of stream": ("a quote opens here and never closes", "close it"),
    "cannot start any token": ("a text cannot start with this character", "put the whole text in quotes"),
    "sequence entries are not allowed": ("a list cannot begin here", "start each entry on its own line"),
    "unknown escape character": ("a \\ in double quotes", "write \\\\, or use single quotes"),
    "character escape code": ("an escape that is no character", "write the character itself"),
    "expected ',' or ']'": ("this [ is not closed, or a comma is missing", "write [one, two]"),
    "expected ',' or '}'": ("this { is not closed, or a comma is missing", "write {one: 1, two: 2}"),
    "could not find expected ':'": ("a line without a colon", "write key: value"),
    "undefined tag handle": ("a text cannot start with !", "put the whole text in quotes"),
    "alphabetic or numeric character": ("a text cannot start with * or &", "put the whole text in quotes"),
}
_NOT_UNDERSTOOD = (
    "this line does not fit the lines above it",
    "begin it in the same column as its neighbours; a text with quotes in it goes into quotes as a whole",
)
#: Mistakes that begin where something opened, not where YAML noticed.
_OPENED = ("unexpected end of stream", "expected ',' or")
#: A value that begins with a `#` and no quote: YAML drops the rest of the line, brackets included.
_BARE_HASHTAG = re.compile(r"(?:[\[{,:]|^\s*-)\s*(#[^\s#!\]},]+)")


def syntax_finding(error: yaml.YAMLError, lines: Sequence[str]) -> Finding:
    """Say in plain words why `lines` are no YAML, and on which of them."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Finding(
            path=(), what=f"this is no YAML ({error})", remedy="look at its special characters", line=1
        )
    noticed = error.problem_mark.line
    for number in range(min(noticed, len(lines) - 1), -1, -1):
        match = _BARE_HASHTAG.search(lines[number])
        if match and lines[number].count('"', 0, match.start(1)) % 2 == 0:
            return cut_off_finding(match[1], line=number + 1)
    said = error.problem or ""
    what, remedy = next((words for part, words in _MEANINGS.items() if part in said), _NOT_UNDERSTOOD)
    opened = error.context_mark if any(part in said for part in _OPENED) else None
    return Finding(path=(), what=what, remedy=remedy, line=(opened.line if opened else noticed) + 1)


def cut_off_finding(hashtag: str, *, line: int | None = None) -> Finding:
    """Say that a hashtag without quotes is lost."""
    what = f"YAML takes {hashtag} for a comment and drops it"
    remedy = "put the whole text in quotes; a comment has a space after its #"
    return Finding(path=(), what=what, remedy=remedy, line=line)
