"""Items as a YAML file in the form in which organisers write them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bot.content.values import number_text
from bot.core.campaign import Item, Kind, Source, Sum

_FIRST_LINE = "# yaml-language-server: $schema=../.schema/items.json"
_FORMS = {"facts": Kind.FACT, "calls": Kind.CALL}
_PLAIN = re.compile(r"[a-z][a-z0-9_-]*")
#: Words that one YAML or another takes for something else than a text.
_NOT_PLAIN = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
#: Characters that JSON leaves as they are and YAML takes for line ends, or does not take at all.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def write_items(items: Iterable[Item], *, path: Path, sources: Mapping[str, Source] | None = None) -> None:
    """Write items to one YAML file, facts first, so that `read_content` reads back the same.

    A source that `sources` has is named by its key there, as in the campaign's file; others are written out.
    """
    items = tuple(items)
    lines = [_FIRST_LINE]
    for form, kind in _FORMS.items():
        of_kind = [item for item in items if item.kind is kind]
        if of_kind:
            lines.append(f"{form}:")
        for item in of_kind:
            lines.append(f"  {_word(item.key)}:")
            lines += (f"    {line}" for line in _item_lines(item, sources or {}))
    if not items:
        lines.append("facts: {}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _item_lines(item: Item, sources: Mapping[str, Source]) -> Iterator[str]:
    if item.source is not None:
        yield from _source_lines(item.source, sources)
    if item.period is not None:
        yield f"period: {item.period}"
    if item.recheck_on is not None:
        yield f"recheck_on: {item.recheck_on}"
    if item.figures:
        figures = (f"{_word(name)}: {number_text(value)}" for name, value in item.figures.items())
        yield f"figures: {{{', '.join(figures)}}}"
    if item.sums:
        yield "sums:"
        yield from (f"  - {_sum(declared)}" for declared in item.sums)
    if item.plain_numbers:
        yield f"plain_numbers: [{', '.join(_text(number) for number in item.plain_numbers)}]"
    yield from _by_language("text", {language: wording.text for language, wording in item.wordings.items()})
    short = {language: wording.short for language, wording in item.wordings.items() if wording.short}
    yield from _by_language("short", short)
    yield from _by_language("content_warning", item.content_warning)
    if item.occasions:
        yield f"occasions: [{', '.join(_word(key) for key in item.occasions)}]"


def _source_lines(source: Source, sources: Mapping[str, Source]) -> Iterator[str]:
    key = next((key for key, known in sources.items() if known == source), None)
    if key is not None:
        yield f"source: {_word(key)}"
        return
    yield "source:"
    yield from (f"  {line}" for line in _by_language("publisher", source.publisher))
    yield f"  url: {_text(source.url)}"
    if source.read_on is not None:
        yield f"  read_on: {source.read_on}"


def _by_language(key: str, texts: Mapping[str, str]) -> Iterator[str]:
    if texts:
        yield f"{key}:"
        yield from (f"  {_word(language)}: {_text(text)}" for language, text in texts.items())


def _sum(declared: Sum) -> str:
    return f"{{whole: {_word(declared.whole)}, parts: [{', '.join(_word(part) for part in declared.parts)}]}}"


def _word(word: str) -> str:
    return word if _PLAIN.fullmatch(word) and word not in _NOT_PLAIN else _text(word)


def _text(text: str) -> str:
    """Write a text in double quotes, whose escapes JSON and YAML share."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
