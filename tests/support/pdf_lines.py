"""Reads the words of a PDF that typst wrote back, line by line, as an eye meets them from the left."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_STREAM = re.compile(rb"^(<<.*?>>)\nstream\r?\n(.*)\r?\nendstream", re.DOTALL)
_FONT = re.compile(rb"/(f\d+) (\d+) 0 R")
_LETTERS = re.compile(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>")
_SHOWN = re.compile(
    rb"q 1 0 0 -1 (?P<x>\S+) (?P<y>\S+) cm"
    rb"|/(?P<font>f\d+) (?P<size>\S+) Tf 1 0 0 -1 (?P<dx>\S+) \S+ Tm(?P<glyphs>\[.*?\]TJ|\(.*?\) ?Tj)\n",
    re.DOTALL,
)
_STRING = re.compile(rb"\(((?:\\.|[^\\()])*)\)", re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(.))", re.DOTALL)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@dataclass(frozen=True, kw_only=True)
class Glyph:
    """One sign, and the letters that it stands for; `number` is that of its shape in its font."""

    number: int
    letters: str


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Signs that stand side by side. Points from the left, and from the bottom."""

    x: float
    y: float
    size: float
    glyphs: tuple[Glyph, ...]


def pieces_of(pdf: bytes) -> list[Piece]:
    """Return all pieces of text of the page."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    resources = next(body for body in objects.values() if b"/ProcSet" in body)
    fonts = {name: _letters(objects, int(number)) for name, number in _FONT.findall(resources)}
    page = next(body for body in objects.values() if b"/Contents" in body)
    found = re.search(rb"/Contents (\d+) 0 R", page)
    assert found is not None
    return list(_pieces(_unpacked(objects[int(found[1])]), fonts))


def lines_of(pdf: bytes) -> list[list[str]]:
    """Return the lines of the page from its top: of each sign from the left, the letters it stands for."""
    by_height: dict[float, list[Piece]] = {}
    for piece in pieces_of(pdf):
        by_height.setdefault(round(piece.y), []).append(piece)
    return [
        [glyph.letters for piece in sorted(line, key=lambda one: one.x) for glyph in piece.glyphs]
        for _, line in sorted(by_height.items(), reverse=True)
    ]


def _letters(objects: Mapping[int, bytes], font: int) -> dict[int, str]:
    found = re.search(rb"/ToUnicode (\d+) 0 R", objects[font])
    assert found is not None
    table = _unpacked(objects[int(found[1])])
    return {
        int(glyph, 16): bytes.fromhex(letters.decode()).decode("utf-16-be")
        for glyph, letters in _LETTERS.findall(table.split(b"endcodespacerange")[1])
    }


def _unpacked(body: bytes) -> bytes:
    found = _STREAM.match(body)
    assert found is not None
    return zlib.decompress(found[2])


def _pieces(content: bytes, fonts: Mapping[bytes, Mapping[int, str]]) -> Iterator[Piece]:
    x = y = 0.0
    for shown in _SHOWN.finditer(content):
        if shown["x"] is not None:
            x, y = float(shown["x"]), float(shown["y"])
            continue
        numbers = b"".join(_plain(one) for one in _STRING.findall(shown["glyphs"]))
        glyphs = tuple(
            Glyph(number=number, letters=fonts[shown["font"]].get(number, ""))
            for number in (int.from_bytes(numbers[at : at + 2], "big") for at in range(0, len(numbers), 2))
        )
        yield Piece(x=x + float(shown["dx"]), y=y, size=float(shown["size"]), glyphs=glyphs)


def _plain(string: bytes) -> bytes:
    def plain(escape: re.Match[bytes]) -> bytes:
        return bytes([int(escape[1], 8)]) if escape[1] else _NAMED.get(escape[2], escape[2])

    return _ESCAPE.sub(plain, string)
