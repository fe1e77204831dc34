"""Items as a YAML file in the form in which organisers write them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from bot.content.values import number_text
from bot.core.campaign import Item, Kind, Source, Sum
from bot.core.media import Picture

_FIRST_LINE = "# yaml-language-server: $schema=../.schema/items.json"
_FORMS = {"facts": Kind.FACT, "calls": Kind.CALL}
_PLAIN = re.compile(r"[a-z][a-z0-9_-]*")
#: Words that one YAML or another takes for something else than a text.
_NOT_PLAIN = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
#: Characters that JSON leaves as they are and YAML takes for line ends, or does not take at all.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


#: One value as YAML has it: a scalar or a list on one line, a list of such, or values by key.
Entry = str | list[str] | dict[str, "Entry"]


def write_items(items: Iterable[Item], *, path: Path, sources: Mapping[str, Source] | None = None) -> None:
    """Write items to one YAML file, facts first, so that `read_content` reads back the same.

    A source that `sources` has is named by its key there, as in the campaign's file; others are written out.
    """
    path.write_text(file_text(items, sources=sources or {}), encoding="utf-8", newline="\n")


def file_text(items: Iterable[Item], *, sources: Mapping[str, Source]) -> str:
    """Give the text of a file that holds these items and nothing else."""
    entries = entries_of(items, sources=sources)
    lines = [_FIRST_LINE, *(block_lines(entries) if entries else ["facts: {}"])]
    return "\n".join(lines) + "\n"


def entries_of(items: Iterable[Item], *, sources: Mapping[str, Source]) -> dict[str, Entry]:
    """Give what a file of these items holds, facts first."""
    items = tuple(items)
    forms: dict[str, Entry] = {}
    for form, kind in _FORMS.items():
        of_kind: dict[str, Entry] = {item.key: _entry(item, sources) for item in items if item.kind is kind}
        if of_kind:
            forms[form] = of_kind
    return forms


def block_lines(entry: Entry) -> list[str]:
    """Write a value over as many lines as it has entries."""
    if isinstance(entry, str):
        return [entry]
    if isinstance(entry, list):
        return [f"- {part}" for part in entry]
    lines: list[str] = []
    for key, part in entry.items():
        lines += entry_lines(key, part)
    return lines


def entry_lines(key: str, entry: Entry) -> list[str]:
    """Write a key with its value."""
    if isinstance(entry, str):
        return [f"{_word(key)}: {entry}"]
    return [f"{_word(key)}:", *(f"  {line}" for line in block_lines(entry))]


def flow_text(entry: Entry) -> str:
    """Write a value on one line, between brackets where it has entries."""
    if isinstance(entry, str):
        return entry
    if isinstance(entry, list):
        return f"[{', '.join(entry)}]"
    return f"{{{', '.join(f'{_word(key)}: {flow_text(part)}' for key, part in entry.items())}}}"


def _entry(item: Item, sources: Mapping[str, Source]) -> dict[str, Entry]:
    short = {language: wording.short for language, wording in item.wordings.items() if wording.short}
    written: dict[str, Entry | None] = {
        "source": None if item.source is None else _source(item.source, sources),
        "period": None if item.period is None else str(item.period),
        "recheck_on": None if item.recheck_on is None else str(item.recheck_on),
        "figures": _figures(item.figures),
        "sums": [_sum(declared) for declared in item.sums],
        "plain_numbers": _list(_text(number) for number in item.plain_numbers),
        "text": _texts({language: wording.text for language, wording in item.wordings.items()}),
        "short": _texts(short),
        "content_warning": _texts(item.content_warning),
        "occasions": _list(_word(key) for key in item.occasions),
        "picture": None if item.picture is None else _picture(item.picture),
    }
    return {key: entry for key, entry in written.items() if entry}


def _source(source: Source, sources: Mapping[str, Source]) -> Entry:
    key = next((key for key, known in sources.items() if known == source), None)
    if key is not None:
        return _word(key)
    written: dict[str, Entry] = {"publisher": _texts(source.publisher), "url": _text(source.url)}
    return written if source.read_on is None else written | {"read_on": str(source.read_on)}


def _picture(picture: Picture) -> Entry:
    return {
        "file": _text(picture.file),
        "alt": _texts(picture.alt),
        "warning": "yes" if picture.warning else "no",
    }


def _texts(texts: Mapping[str, str]) -> Entry:
    return {language: _text(text) for language, text in texts.items()}


def _figures(figures: Mapping[str, int | Decimal]) -> str:
    pairs = (f"{_word(name)}: {number_text(value)}" for name, value in figures.items())
    return f"{{{', '.join(pairs)}}}" if figures else ""


def _list(words: Iterable[str]) -> str:
    joined = ", ".join(words)
    return f"[{joined}]" if joined else ""


def _sum(declared: Sum) -> str:
    return f"{{whole: {_word(declared.whole)}, parts: [{', '.join(_word(part) for part in declared.parts)}]}}"


def _word(word: str) -> str:
    return word if _PLAIN.fullmatch(word) and word not in _NOT_PLAIN else _text(word)


def _text(text: str) -> str:
    """Write a text in double quotes, whose escapes JSON and YAML share."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
