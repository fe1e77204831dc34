"""Whatever the bot says in English is known to the pages: no new reason can be forgotten."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from bot.web.speech.known import PATTERNS
from bot.web.speech.said import Known, compiled

_BOT = Path(__file__).parents[2] / "bot"
#: Stands for whatever a sentence says of the case at hand.
_BLANK = "\x00"
#: A count with its unit stands in one place.
_SPAN = re.compile(f"{_BLANK} (?:second|minute|hour|day)s\\b")
#: Where sentences come from that pages show.
_SPEAKERS = (
    *("pipeline", "publishing", "store", "planning/calendar.py", "content", "outlets.py"),
    *("cards", "rendering", "core/errors.py", "core/post.py", "core/dates.py", "core/people.py"),
    *("text/hashtags.py", "text/links.py"),
    *(
        f"media/{name}.py"
        for name in ("child", "decoder", "folder", "formats", "limits", "original", "rebuild")
    ),
)
#: Files whose sentences no page shows, and why.
_UNSHOWN = {
    "content/campaign_checks.py": "campaign files are read on the command line alone",
    "content/folders.py": "as above",
    "content/places.py": "as above",
    "content/items_file.py": "as above",
    "content/reading.py": "as above",
    "content/sentences.py": "as above",
    "content/schema.py": "for editors",
    "content/written.py": "for editors",
    "content/written_items.py": "for editors",
    "content/writing.py": "writes files",
    "content/yaml_syntax.py": "about a file's syntax",
    "content/yaml_text.py": "about a file's syntax",
    "content/fields.py": "patterns",
    "pipeline/check.py": "content is checked on the command line alone",
    "rendering/allowed.py": "about a template's code",
    "rendering/folder.py": "about a template's file",
    "rendering/inspection.py": "about a template's file",
    "rendering/sandbox.py": "about a template's code",
    "rendering/locales.py": "patterns; its one sentence is checked with the others of the language",
    "store/tables.py": "SQL",
    "store/types.py": "about a bug",
    "pipeline/card_orders.py": "cards are asked for by name on the command line alone",
    "planning/reasons.py": "put together from pieces: see test_speech_planning.py",
}
#: Pieces of sentences, which are known whole, and what is no sentence.
_PIECES = frozenset(
    {
        *("broke off", "{} by {} s", "ahead of", "remote id", "network {}", "zone {}", "a list", "its name"),
        "Bearer {}",
        *("{} is no address of {}", "a Mastodon server"),
        *(
            "pace: {} {}",
            "pace: {}",
            "{} was changed{} meanwhile",
            "{}/{} in {} for {}: ",
            "{}/{} in {} for {}",
            "{}: everything is paused",
            "sent {}",
            "which may be public since {}",
            "which waits for {}",
            "{} to {}",
        ),
        *(" while {}{}", " and {} more", "post {}{}", "posts {}{}", " by {}", "user {}", "address {}"),
        *("the clock of this machine", "the network's clock", "the send log's chain", "this database"),
        *("posts became unknown", "the database was replaced", "this machine's clock stepped"),
        *(", even without optional hashtags", 'cut {} from "text: {}:"', "nothing: it is final"),
        *("its grace ended at {} UTC{}", "holds {}", "hashtag {} {}: write {}", "U+{} {}", "36 hours"),
        *("total=14388; women=63", "{} minutes", "given another role", "Scrubber(<{} forms>)"),
        *("signed in", "no such table", "REPEATABLE READ", "READ COMMITTED", "BEGIN IMMEDIATE"),
        *("it has {} × {} pixels", "{}: use one with at least {} on each side", "after the end"),
        "{}: scale it down to at most {} million in all",
        "{}: crop it until one side is at most {} times the other",
        # The command line alone names a file by its path.
        *("it is no file: name a picture", "it cannot be read (no file has such a name)"),
        # Two forms of one sentence, of which only those that agree are said.
        "{} post to come was held as well: nobody could look for them",
        "{} posts to come were held as well: nobody could look for it",
        # The end of sentences that are known with it: a refusal's, and one that is taken off.
        "an earlier attempt may have left it public all the same",
        "; the outcome is not known",
        # A bug, or nothing that a page survives.
        "an item has at least one wording",
        "PostgreSQL needs its driver: pip install 'campaign-bot[postgres]'",
        "BOT_DATABASE_URL is no database address: write sqlite:///… or postgresql://…",
        # Of cards: names of fonts, what the template says to us alone, two halves of one sentence.
        *("IBM Plex Sans", "IBM Plex Sans Arabic", "words do not fit", "frame does not fit", "the same page"),
        *(
            "typst or the fonts that cards are drawn with are not installed",
            "pip install 'campaign-bot[cards]'",
        ),
        # Why nobody came in: the page words it for strangers, and the log file for the operator.
        "too many tries: the door is closed for a while",
    }
)
_SQL = ("SELECT ", "PRAGMA ", "-c ", "id > ", "started_at ", "lower(text)", "state IN")
#: Calls whose words are for nobody's page.
_SILENT = ("log.", "re.compile", "text", "Column", "mapped_column", "silence")


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of whatever in a file reads like a sentence, with blanks for its values."""
    tree = ast.parse(path.read_text())
    skipped = set()
    for node in ast.walk(tree):
        documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        if documented and node.body and isinstance(node.body[0], ast.Expr):
            skipped.add(id(node.body[0].value))
        is_silent = isinstance(node, ast.Call) and ast.unparse(node.func).startswith(_SILENT)
        if is_silent or isinstance(node, (ast.JoinedStr, ast.BinOp)):
            skipped |= {id(inner) for inner in ast.walk(node) if inner is not node}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        for text in wordings(node) or ():
            if " " in text.strip() and any(letter.isalpha() for letter in text):
                yield node.lineno, text  # type: ignore[attr-defined]


def wordings(node: ast.AST) -> list[str] | None:
    """What a piece of code may say; None when it is no text."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=pieces):
            return ["".join(one) for one in product(*(_pieces(piece) for piece in pieces))]
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            first, last = wordings(left), wordings(right)
            if first is None and last is None:
                return None
            return ["".join(one) for one in product(first or [_BLANK], last or [_BLANK])]
    return None


def _pieces(piece: ast.AST) -> list[str]:
    value = piece.value if isinstance(piece, ast.FormattedValue) else piece
    if isinstance(value, ast.IfExp):
        return [*(wordings(value.body) or [_BLANK]), *(wordings(value.orelse) or [_BLANK])]
    return wordings(value) if isinstance(piece, ast.Constant) and wordings(value) else [_BLANK]


_known: list[Known] = [
    compiled(*(one if isinstance(one, tuple) else (one,)), also=_BLANK) for one in PATTERNS
]


def is_known(text: str) -> bool:
    text = _SPAN.sub(_BLANK, text.strip())
    if any(one.pattern.fullmatch(text) for one in _known):
        return True
    for joint in (" — ", "; ", ". ", ": "):
        if joint in text and all(part == _BLANK or is_known(part) for part in text.split(joint, 1)):
            return True
    return False


def _files() -> Iterator[Path]:
    for name in _SPEAKERS:
        path = _BOT / name
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            if str(file.relative_to(_BOT)) not in _UNSHOWN:
                yield file


@pytest.mark.parametrize("file", [pytest.param(file, id=str(file.relative_to(_BOT))) for file in _files()])
def test_every_sentence_in_the_code_is_known_to_the_pages(file: Path) -> None:
    forgotten = [
        f"{line}: {text.replace(_BLANK, '{}')}"
        for line, text in sentences(file)
        if text.replace(_BLANK, "{}") not in _PIECES
        if not text.startswith(_SQL)
        if not is_known(text)
    ]

    assert forgotten == []
