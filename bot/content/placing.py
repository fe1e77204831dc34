"""Items into a file that people wrote: what changed is written anew, all else stays, byte by byte."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.content.campaign_file import Surroundings, read_campaign_file
from bot.content.folders import campaign_folders, parse_file
from bot.content.items_file import form_findings, read_items_file
from bot.content.writing import Entry, block_lines, entries_of, entry_lines, file_text, flow_text
from bot.content.yaml_text import LOADER, MAX_SIZE, parse_yaml
from bot.core.campaign import Item
from bot.core.errors import NotAllowedError

_BYTE_ORDER_MARK = "\ufeff"
_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\r\n]*")


@dataclass(frozen=True, kw_only=True)
class ItemFile:
    """One file of a campaign's items, as it was read."""

    path: Path
    #: None: there is no such file yet.
    data: bytes | None
    items: Mapping[str, Item]
    surroundings: Surroundings


@dataclass(frozen=True, kw_only=True)
class ItemFiles:
    """All files of one campaign's items, in the order of their names."""

    folder: Path
    files: tuple[ItemFile, ...]
    surroundings: Surroundings

    def begin(self, name: str) -> ItemFile:
        """Begin a file that is not there yet."""
        return ItemFile(path=self.folder / name, data=None, items={}, surroundings=self.surroundings)


def read_item_files(directory: Path, campaign: str) -> ItemFiles:
    """Read the files of a campaign's items, in which `read_content` must have found no mistake."""
    folder = next(one for one in campaign_folders(directory.absolute()) if one.path.name == campaign)
    surroundings = read_campaign_file(parse_file(folder.campaign_file), key=campaign).surroundings
    files = tuple(_read(path, path.read_bytes(), surroundings) for path in folder.item_files)
    return ItemFiles(folder=folder.path, files=files, surroundings=surroundings)


def size_of(item: Item) -> int:
    """How many bytes an item takes in a file, at most."""
    return len(file_text([item], sources={}).encode())


def has_room(file: ItemFile, size: int) -> bool:
    """Whether so many bytes more fit into a file."""
    return len(file.data or b"") + size <= MAX_SIZE


def with_items(file: ItemFile, changes: Mapping[str, Item | None]) -> bytes:
    """Give the file's bytes with these items in it; None takes one out.

    Only what differs is written anew: comments, line ends, quotes and the order of everything else stay.
    Raises NotAllowedError when the file would not say exactly that afterwards, e.g. because it is too large.
    """
    wanted = {key: item for key, item in {**file.items, **changes}.items() if item is not None}
    sources = file.surroundings.sources
    if file.data is None:
        tries = [file_text(wanted.values(), sources=sources)]
    else:
        before = entries_of(file.items.values(), sources=sources)
        after = entries_of(wanted.values(), sources=sources)
        text = file.data.decode()
        # Finely, so that comments inside an item stay; else the item as a whole.
        tries = [_Placing(text, is_fine=is_fine).place(before, after) for is_fine in (True, False)]
    for text in tries:
        data = text.encode()
        if len(data) <= MAX_SIZE and _says(data, file.surroundings) == wanted:
            return data
    names = ", ".join(changes)
    raise NotAllowedError(
        f"{file.path}: {names} cannot be written here without changing what else it says; do so by hand"
    )


def _read(path: Path, data: bytes, surroundings: Surroundings) -> ItemFile:
    return ItemFile(path=path, data=data, items=_says(data, surroundings) or {}, surroundings=surroundings)


def _says(data: bytes, surroundings: Surroundings) -> dict[str, Item] | None:
    """The items of a file, by key; None when there is any mistake in it."""
    document = parse_yaml(data)
    if document.findings or form_findings(document):
        return None
    items: dict[str, Item] = {}
    for reading in read_items_file(document, surroundings=surroundings):
        if reading.findings or reading.item is None or reading.key in items:
            return None
        items[reading.key] = reading.item
    return items


class _Placing:
    """Turns a file's text into one with other entries, by as few changes as it can."""

    def __init__(self, text: str, *, is_fine: bool) -> None:
        self._mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""
        self._text = text.removeprefix(_BYTE_ORDER_MARK)
        self._line_end = "\r\n" if "\r\n" in text else "\n"
        self._starts = [0, *(found.end() for found in re.finditer("\n", self._text))]
        self._is_fine = is_fine
        #: From, to, and what stands there instead.
        self._edits: list[tuple[int, int, str]] = []

    def place(self, before: dict[str, Entry], after: dict[str, Entry]) -> str:
        root = yaml.compose(self._text, Loader=LOADER)
        assert root is not None  # The file was read before.
        if not after:
            first = next((form for form in before), "facts")
            after = {first: "{}"}
        if self._can_be_changed_inside(root, before, after):
            self._mapping(root, before, after, depth=0)
        else:
            self._edits.append((self._place(root.start_mark), self._end(root), flow_text(after)))
        text = self._text
        for start, end, new in sorted(self._edits, reverse=True):
            text = text[:start] + new + text[end:]
        return self._mark + text

    def _mapping(self, node: Any, before: dict[str, Entry], after: dict[str, Entry], *, depth: int) -> None:
        """Change the entries of a mapping, each in its place."""
        nodes = {key.value: (key, value) for key, value in node.value}
        for name, (key, value) in nodes.items():
            if name in after and before.get(name) != after[name]:
                self._entry(node, key, value, before.get(name), after[name], depth=depth + 1)
            elif name not in after and name in before:
                self._delete(key, value)
        new = {name: entry for name, entry in after.items() if name not in nodes}
        kept = [value for name, (_, value) in nodes.items() if name in after or name not in before]
        if new:
            lines = [line for name, entry in new.items() for line in entry_lines(name, entry)]
            place = self._line_end_after(self._end(kept[-1]))
            indent = self._line_end + " " * node.start_mark.column
            self._edits.append((place, place, "".join(indent + line for line in lines)))

    def _entry(
        self, parent: Any, key: Any, node: Any, before: Entry | None, after: Entry, *, depth: int
    ) -> None:
        """Change one value: inside it where that can be, else as a whole."""
        is_item = depth == _ITEM_DEPTH
        if (
            isinstance(node, yaml.MappingNode)
            and isinstance(before, dict)
            and isinstance(after, dict)
            and (self._is_fine or not is_item)
            and self._can_be_changed_inside(node, before, after)
        ):
            self._mapping(node, before, after, depth=depth)
        elif parent.flow_style:
            self._edits.append((self._place(node.start_mark), self._end(node), flow_text(after)))
        else:
            self._replace(key, node, after)

    def _can_be_changed_inside(self, node: Any, before: Entry, after: Entry) -> bool:
        names = [key.value for key, _ in node.value]
        gone = [name for name in names if name in before and name not in after]
        is_same_set = not gone and all(name in names for name in after)
        # Between brackets an entry has no line of its own; a mapping without any has no line at all.
        return is_same_set or (not node.flow_style and len(gone) < len(names))

    def _replace(self, key: Any, node: Any, after: Entry) -> None:
        """Write a value anew after its key, and keep the comments that stood in it."""
        start, end = self._place(node.start_mark), self._end(node)
        colon = self._text.index(":", self._end(key)) + 1
        gap = self._text[colon:start].strip()
        indent = self._line_end + " " * (key.start_mark.column + 2)
        comments = [*_COMMENT.findall(gap), *self._comments(node)]
        if isinstance(after, str):
            new = f" {after}"
        else:
            new = "".join(indent + line for line in block_lines(after))
        self._edits.append((colon, end, new + "".join(indent + comment for comment in comments)))

    def _delete(self, key: Any, value: Any) -> None:
        start = self._starts[key.start_mark.line]
        end = self._line_end_after(self._end(value))
        self._edits.append((start, self._text.find("\n", end) + 1 or len(self._text), ""))

    def _comments(self, node: Any) -> Iterator[str]:
        """The comments between the values inside a node."""
        place = self._place(node.start_mark)
        for leaf in _leaves(node):
            yield from _COMMENT.findall(self._text[place : self._place(leaf.start_mark)])
            place = self._end(leaf)
        yield from _COMMENT.findall(self._text[place : self._end(node)])

    def _end(self, node: Any) -> int:
        """Where the last sign of a value is past; YAML itself counts what follows a block to it."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._end(last[1] if isinstance(last, tuple) else last)
        place = self._place(node.end_mark)
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            return len(self._text[:place].rstrip())
        return place

    def _place(self, mark: Any) -> int:
        return int(self._starts[mark.line] + mark.column)

    def _line_end_after(self, place: int) -> int:
        """The end of the line on which a value ends, behind a comment that follows it there."""
        end = self._text.find("\n", place)
        end = len(self._text) if end < 0 else end
        return end - 1 if self._text[place:end].endswith("\r") else end


#: How deep in a file items stand: under their form, under their key.
_ITEM_DEPTH = 2


def _leaves(node: Any) -> Iterator[Any]:
    if isinstance(node, yaml.ScalarNode):
        yield node
        return
    for part in node.value:
        for inner in part if isinstance(part, tuple) else (part,):
            yield from _leaves(inner)
