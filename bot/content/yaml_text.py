"""One YAML file as plain values that know their lines; what YAML does behind people's backs is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import yaml

from bot.content.findings import Finding, Path
from bot.content.yaml_syntax import cut_off_finding, syntax_finding
from bot.text.forms import nfc

#: Bytes. A file of this size holds some two thousand items; a larger one is no content file.
MAX_SIZE = 1_000_000
#: Levels. The format itself has six.
MAX_DEPTH = 20

NO_VALUE = "there is no value"

#: The loader in C where PyYAML was built with it: the same events, many times faster.
LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,9}")
_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")
_CUT_OFF = re.compile(r"\s*(#[^\s#!]\S*)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]|\r(?!\n)")
_CONSTANTS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


class Mark(NamedTuple):
    """Where a value stands: its own line, and the marks of what it holds."""

    line: int
    inner: dict[Any, Mark]


@dataclass(frozen=True, kw_only=True)
class Document:
    """What one file says, as far as it can be read."""

    value: object
    mark: Mark
    findings: tuple[Finding, ...]
    #: Places that a finding has dealt with: what else seems wrong there follows from it.
    settled: frozenset[Path]
    #: False: nothing can be said about the values; the findings say why.
    is_readable: bool = True

    @classmethod
    def unreadable(cls, *findings: Finding) -> Document:
        nowhere = Mark(1, {})
        return cls(value=None, mark=nowhere, findings=findings, settled=frozenset(), is_readable=False)

    def line(self, path: Path) -> int:
        """Give the line of the value at `path`, or of the nearest one above it that is there."""
        mark = self.mark
        for part in path:
            if part not in mark.inner:
                break
            mark = mark.inner[part]
        return mark.line


def parse_yaml(data: bytes, *, loader: type[Any] = LOADER) -> Document:
    """Read one file's bytes. Never raises: whatever is wrong is in the document's findings."""
    reader = _Reader()
    try:
        value, mark = reader.read(_decode(data), loader=loader)
    except _UnreadableError as error:
        return Document.unreadable(*reader.findings, error.finding)
    except yaml.YAMLError as error:
        # What looks empty where YAML broke off may be full.
        noted = (finding for finding in reader.findings if finding.what != NO_VALUE)
        return Document.unreadable(*noted, syntax_finding(error, reader.lines))
    return Document(
        value=value,
        mark=Mark(1, mark.inner),
        findings=tuple(reader.findings),
        settled=frozenset(reader.settled),
    )


def read_number(text: str) -> int | Decimal | None:
    """Read a number with at most 15 digits before the point and 9 after it; None when it is none."""
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


class _UnreadableError(Exception):
    """Reading this file cannot go on."""

    def __init__(self, what: str, remedy: str, *, line: int = 1) -> None:
        super().__init__(what)
        self.finding = Finding(path=(), what=what, remedy=remedy, line=line)


def _decode(data: bytes) -> str:
    if len(data) > MAX_SIZE:
        raise _UnreadableError(
            f"the file has {len(data):,} bytes; the most is {MAX_SIZE:,}", "split it into several files"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _UnreadableError("this is not UTF-8", "save the file as UTF-8", line=line) from error
    if tab := text.find("\t") + 1:
        line = text.count("\n", 0, tab) + 1
        others = sum("\t" in row for row in text.split("\n")) - 1
        more = f" (and in {others} more lines)" if others > 1 else " (and in one more line)" if others else ""
        raise _UnreadableError(f"a tab character{more}", "write spaces instead", line=line)
    if control := _CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        name = f"U+{ord(control.group()):04X}"
        raise _UnreadableError(f"the control character {name}", "delete it", line=line)
    return text


_AROUND_VALUES = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)


class _Reader:
    """Turns YAML's events into values, and notes every mistake on the way."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.settled: set[Path] = set()
        self._anchors: dict[str, int] = {}
        self._aliased: set[str] = set()
        self.lines: list[str] = []
        self._events: Iterator[Any] = iter(())

    def read(self, text: str, *, loader: type[Any]) -> tuple[object, Mark]:
        self.lines = text.split("\n")
        self._events = yaml.parse(text, Loader=loader)
        found: tuple[object, Mark] | None = None
        for event in self._events:
            if found is not None and isinstance(event, yaml.DocumentStartEvent):
                remedy = "delete the line with ---"
                raise _UnreadableError("a second document starts here", remedy, line=_line(event))
            if not isinstance(event, _AROUND_VALUES):
                found = self._value(event, ())
        self._note_unused_anchors()
        if found is None:
            raise _UnreadableError("the file is empty", "write its content, or delete it")
        return found

    def _value(self, event: Any, path: Path) -> tuple[object, Mark]:
        if len(path) >= MAX_DEPTH:
            what = f"more than {MAX_DEPTH} levels"
            raise _UnreadableError(what, "the format needs six at most", line=_line(event))
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        self._refuse_anchor_and_tag(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, path)
        return self._scalar(event, path), Mark(_line(event), {})

    def _mapping(self, start: Any, path: Path) -> tuple[object, Mark]:
        values: dict[str, object] = {}
        marks: dict[Any, Mark] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = _line(event)
            key = self._key(event, path)
            noted = len(self.findings)
            value, mark = self._value(next(self._events), (*path, key or "?"))
            if key is None:
                # What stands under a key that is none has its one finding already.
                del self.findings[noted:]
            elif key in values:
                del self.findings[noted:]
                self._note(
                    (*path, key),
                    f"this key is here twice, first on line {marks[key].line}",
                    "delete one of them",
                    event,
                )
            else:
                values[key] = value
                marks[key] = Mark(line, mark.inner)
        return values, Mark(_line(start), marks)

    def _key(self, event: Any, path: Path) -> str | None:
        """Give a key's text; None, noted, for what is no key."""
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_anchor_and_tag(event, path)
            key = nfc(event.value)
            if key == "<<" and event.implicit[0]:
                self._settle(
                    path, "<< takes over keys from elsewhere in silence", "write those keys here", event
                )
                return None
            if key:
                return key
        else:
            self._value(event, (*path, "?"))
        self._settle(path, "there is no key before the colon", "write a name before it", event)
        return None

    def _sequence(self, start: Any, path: Path) -> tuple[object, Mark]:
        values: list[object] = []
        marks: dict[Any, Mark] = {}
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            place = (*path, len(values))
            value, mark = self._value(event, place)
            marks[len(values)] = Mark(_line(event), mark.inner)
            values.append(value)
        return values, Mark(_line(start), marks)

    def _scalar(self, event: Any, path: Path) -> object:
        text: str = event.value
        if not event.implicit[0]:
            return text
        if hashtag := self._cut_off(event):
            finding = cut_off_finding(hashtag)
            self._settle(path, finding.what, finding.remedy, event)
        elif text in _CONSTANTS:
            if _CONSTANTS[text] is None:
                # `{total: 14,388}` is a total of 14 and a key 388.
                is_number = bool(path) and str(path[-1]).isdigit() and isinstance(path[-1], str)
                remedy = "write numbers without commas" if is_number else "write one, or delete it"
                self._settle(path, NO_VALUE, remedy, event)
            return _CONSTANTS[text]
        elif (number := read_number(text)) is not None:
            return number
        elif _TIME.fullmatch(text):
            # YAML 1.1 counts in sixties: 18 * 60 + 30.
            what = f"{text} is not in quotes; to many programs 18:30 is the number 1110"
            self._note(path, what, f'write "{text}"', event)
        return text

    def _cut_off(self, event: Any) -> str | None:
        """Find the hashtag that an unquoted text loses: `text: Free them #Now` ends before the `#`."""
        end = event.end_mark
        match = _CUT_OFF.match(self.lines[end.line], end.column) if end.line < len(self.lines) else None
        return str(match[1]) if match else None

    def _alias(self, event: Any, path: Path) -> tuple[object, Mark]:
        line = self._anchors.get(event.anchor)
        if line is None:
            self._settle(path, f"*{event.anchor} stands for nothing", "put the whole text in quotes", event)
        else:
            what = f"*{event.anchor} stands for what line {line} says"
            remedy = f"write it here in full, and delete &{event.anchor} on line {line}"
            self._settle(path, what, remedy, event)
            self._aliased.add(event.anchor)
        return None, Mark(_line(event), {})

    def _refuse_anchor_and_tag(self, event: Any, path: Path) -> None:
        if event.anchor is not None:
            self._anchors.setdefault(event.anchor, _line(event))
        if event.tag is not None:
            remedy = "delete it, or put the whole text in quotes"
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._settle(path, f"{tag} is a YAML tag", remedy, event)

    def _note_unused_anchors(self) -> None:
        for anchor, line in self._anchors.items():
            if anchor not in self._aliased:
                what = f"&{anchor} is a YAML anchor"
                remedy = "delete it, or put the whole text in quotes"
                self.findings.append(Finding(path=(), what=what, remedy=remedy, line=line))

    def _note(self, path: Path, what: str, remedy: str, event: Any) -> None:
        self.findings.append(Finding(path=path, what=what, remedy=remedy, line=_line(event)))

    def _settle(self, path: Path, what: str, remedy: str, event: Any) -> None:
        self._note(path, what, remedy, event)
        self.settled.add(path)


def _line(event: Any) -> int:
    number: int = event.start_mark.line
    return number + 1
