"""Draws bars and calendars as SVG: presentation attributes only, so that no policy has to allow a style.

What stands at the start of a line stands at the right in a page that runs from right to left, and so does
the past.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import escape

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans Arabic', sans-serif"
#: Units of a picture's width: shown at about this many pixels, its letters are as large as the page's.
_WIDE, _NARROW = 470, 320
#: A calendar has a card of its own.
_BROAD = 760
_LETTERS = 12
#: A letter's width, about.
_LETTER = 6.6
#: Isolate a name from what stands around it, by its own direction (UAX #9).
_ISOLATE, _END = "\u2068", "\u2069"


@dataclass(frozen=True, kw_only=True)
class Palette:
    """Colours of a picture, as in the page's own stylesheet."""

    ink: str
    muted: str
    line: str
    #: Of the first, second and third series.
    series: tuple[str, str, str]
    #: Of what asks for attention.
    amber: str
    red: str


LIGHT = Palette(
    ink="#1c2426",
    muted="#566166",
    line="#e0dcd2",
    series=("#0e6153", "#d08a1d", "#1d4f86"),
    amber="#c77d0a",
    red="#9c1f1a",
)
DARK = Palette(
    ink="#e9edec",
    muted="#a6b1b3",
    line="#2f3b3e",
    series=("#67c9b2", "#f0c272", "#9cc6f2"),
    amber="#f0c272",
    red="#ff9d93",
)


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a picture is to look for one reader."""

    palette: Palette
    mirrored: bool
    narrow: bool

    @property
    def width(self) -> int:
        return _NARROW if self.narrow else _WIDE


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of stacked values, from the bottom up."""

    label: str
    values: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar with its name and its value in words."""

    label: str
    values: tuple[float, ...]
    said: str
    #: A wanted value, marked on the bar.
    mark: float | None = None


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One square of a calendar."""

    number: int
    #: Something in it asks for attention.
    warns: bool = False
    #: A moment with nothing to say.
    is_hollow: bool = False


def columns(
    rows: Sequence[Column],
    *,
    tick: Callable[[float], str],
    whole: bool,
    look: Look,
) -> str:
    """Columns side by side, the first at the start of the line; `whole`: the values are whole numbers."""
    height, top, bottom = (190, 8, 24)
    svg = _Drawing(look, width=look.width, height=height)
    ticks = _ticks(max((sum(row.values) for row in rows), default=0.0), whole=whole)
    gutter = _room([tick(value) for value in ticks])
    plot = height - top - bottom
    scale = plot / ticks[-1]
    for value in ticks:
        y = height - bottom - value * scale
        svg.rect(gutter, y, look.width - gutter, 1, fill=look.palette.line)
        svg.text(gutter - 8, y + 4, tick(value), end=True)
    step = (look.width - gutter) / max(len(rows), 1)
    # Few columns must not become walls.
    thick = min(max(step * 0.72, 1.0), 40.0)
    every = _every(rows, room=look.width - gutter)
    for number, row in enumerate(rows):
        x, y = gutter + step * number + (step - thick) / 2, float(height - bottom)
        for value, colour in zip(row.values, look.palette.series, strict=False):
            y -= value * scale
            if value:
                svg.rect(x, y, thick, max(value * scale, 1.0), fill=colour)
        if number % every == 0:
            # A label at the edge stays whole.
            half = len(row.label) * _LETTER / 2
            middle = min(max(x + thick / 2, half), look.width - half)
            svg.text(middle, height - 6, row.label, middle=True)
    return svg.whole()


def bars(rows: Sequence[Bar], *, look: Look) -> str:
    """Bars below one another, each under its name."""
    row_height, thick = 40, 10
    svg = _Drawing(look, width=look.width, height=max(len(rows), 1) * row_height)
    longest = max((max(sum(row.values), row.mark or 0.0) for row in rows), default=0.0) or 1.0
    for number, row in enumerate(rows):
        y = number * row_height
        svg.text(0, y + 16, row.label, strong=True)
        svg.text(look.width, y + 16, row.said, end=True)
        svg.rect(0, y + 22, look.width, thick, fill=look.palette.line, radius=3)
        x = 0.0
        for value, colour in zip(row.values, look.palette.series, strict=False):
            length = value / longest * look.width
            if value:
                svg.rect(x, y + 22, max(length, 2.0), thick, fill=colour, radius=3)
            x += length
        if row.mark is not None:
            svg.rect(row.mark / longest * look.width - 1, y + 18, 2, thick + 8, fill=look.palette.ink)
    return svg.whole()


def calendar(
    rows: Sequence[tuple[str, Mapping[int, Cell]]], *, hour: Callable[[int], str], look: Look
) -> str:
    """A row for each day, a square for each hour: the fuller, the more posts."""
    row_height, top = 20, 20
    width, gutter = look.width if look.narrow else _BROAD, _room([label for label, _ in rows])
    svg = _Drawing(look, width=width, height=top + len(rows) * row_height)
    step = (width - gutter) / 24
    most = max((cell.number for _, cells in rows for cell in cells.values()), default=0) or 1
    for at in range(0, 24, 6 if look.narrow else 3):
        svg.text(gutter + step * (at + 0.5), 12, hour(at), middle=True)
    for number, (label, cells) in enumerate(rows):
        y = top + number * row_height
        svg.text(gutter - 8, y + 13, label, end=True)
        for at in range(24):
            cell = cells.get(at, Cell(number=0))
            x, size = gutter + step * at + 0.5, step - 1.5
            svg.rect(x, y, size, row_height - 3, fill=look.palette.line, opacity=0.55, radius=2)
            if cell.number:
                colour = look.palette.amber if cell.warns else look.palette.series[0]
                svg.rect(x, y, size, row_height - 3, fill=colour, opacity=_full(cell, most), radius=2)
            if cell.is_hollow:
                svg.rect(x + 1, y + 1, size - 2, row_height - 5, outline=look.palette.red, radius=2)
    return svg.whole()


def _full(cell: Cell, most: int) -> float:
    """How full a square with posts is: never so little that one takes it for an empty one."""
    return 0.45 + 0.55 * cell.number / most


def _room(labels: Sequence[str]) -> float:
    """How much the longest of the labels needs, with a gap after it."""
    return max((len(label) for label in labels), default=0) * _LETTER + 10


def _every(rows: Sequence[Column], *, room: float) -> int:
    """Every how many columns a label has room."""
    longest = max((len(row.label) for row in rows), default=0)
    fit = max(1, int(room // ((longest + 2) * _LETTER)))
    return max(1, ceil(len(rows) / fit))


def _ticks(top: float, *, whole: bool) -> list[float]:
    """From 0 to at least `top` in two to five round steps."""
    if top <= 0:
        return [0.0, 1.0]
    rough = top / 4
    size = 10.0 ** floor(log10(rough))
    step = next(size * unit for unit in (1, 2, 5, 10) if size * unit >= rough)
    if whole:
        step = max(1.0, step)
    return [step * number for number in range(ceil(top / step) + 1)]


class _Drawing:
    """An SVG being drawn. `x` counts from the start of the line: from the right where that is the start."""

    def __init__(self, look: Look, *, width: float, height: float) -> None:
        self._look = look
        self._width = width
        self._height = height
        self._pieces: list[str] = []

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "none",
        outline: str | None = None,
        opacity: float = 1.0,
        radius: float = 0.0,
    ) -> None:
        left = self._width - x - width if self._look.mirrored else x
        more = f' rx="{_short(radius)}"' if radius else ""
        more += f' fill-opacity="{opacity:.2f}"' if opacity < 1 else ""
        more += f' stroke="{outline}" stroke-width="1.5"' if outline else ""
        self._pieces.append(
            f'<rect x="{_short(left)}" y="{_short(y)}" width="{_short(width)}" height="{_short(height)}"'
            f' fill="{fill}"{more}/>'
        )

    def text(
        self, x: float, y: float, words: str, *, end: bool = False, middle: bool = False, strong: bool = False
    ) -> None:
        """Words that begin at `x`, or end there, or have their middle there."""
        at = self._width - x if self._look.mirrored else x
        anchor = "middle" if middle else "end" if end else "start"
        colour = self._look.palette.ink if strong else self._look.palette.muted
        self._pieces.append(
            f'<text x="{_short(at)}" y="{_short(y)}" text-anchor="{anchor}" fill="{colour}">'
            f"{_ISOLATE}{escape(words)}{_END}</text>"
        )

    def whole(self) -> str:
        direction = "rtl" if self._look.mirrored else "ltr"
        width, height = _short(self._width), _short(self._height)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
            f' height="{height}" direction="{direction}" font-family="{_FONT}" font-size="{_LETTERS}">'
            f"{''.join(self._pieces)}</svg>"
        )


def _short(value: float) -> str:
    """A coordinate with no more digits than one can see."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if value != round(value) else str(round(value))
