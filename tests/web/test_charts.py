"""Pictures: well-formed, without style, script or address, and truly mirrored."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.look.charts import DARK, LIGHT, Bar, Cell, Column, Look, bars, calendar, columns

_SVG = "{http://www.w3.org/2000/svg}"
WIDE = Look(palette=LIGHT, mirrored=False, narrow=False)
MIRRORED = Look(palette=LIGHT, mirrored=True, narrow=False)
LOOKS = [
    pytest.param(Look(palette=palette, mirrored=mirrored, narrow=narrow), id=f"{name}-{mirrored}-{narrow}")
    for name, palette in (("light", LIGHT), ("dark", DARK))
    for mirrored in (False, True)
    for narrow in (False, True)
]


def _columns(look: Look, *values: float) -> str:
    rows = [Column(label=f"c{number}", values=(value,)) for number, value in enumerate(values)]
    return columns(rows, tick=lambda value: f"{value:g}", whole=True, look=look)


def _bars(look: Look) -> str:
    return bars(
        [Bar(label="first", values=(3, 1), said="4", mark=2), Bar(label="b", values=(0,), said="0")],
        look=look,
    )


def _calendar(look: Look) -> str:
    cells = {9: Cell(number=2), 13: Cell(number=1, warns=True), 23: Cell(number=0, is_hollow=True)}
    return calendar([("Sun 1 Mar", cells), ("Mon 2 Mar", {})], hour=str, look=look)


DRAWN: list[Callable[[Look], str]] = [lambda look: _columns(look, 3, 0, 12), _bars, _calendar]


def _boxes(drawn: str, colour: str) -> list[tuple[float, float]]:
    """Where the rectangles of a colour begin and how wide they are."""
    return [
        (float(rect.attrib["x"]), float(rect.attrib["width"]))
        for rect in ET.fromstring(drawn).iter(f"{_SVG}rect")
        if rect.attrib["fill"] == colour
    ]


def _texts(drawn: str) -> list[str]:
    return [
        re.sub("[\u2066-\u2069]", "", text.text or "") for text in ET.fromstring(drawn).iter(f"{_SVG}text")
    ]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("draw", DRAWN, ids=["columns", "bars", "calendar"])
def test_a_picture_holds_nothing_that_a_policy_must_allow(draw: Callable[[Look], str], look: Look):
    drawn = draw(look)

    root = ET.fromstring(drawn)
    assert {node.tag.removeprefix(_SVG) for node in root.iter()} <= {"svg", "rect", "text"}
    assert not any(
        name in {"style", "class", "href"} or name.startswith("on")
        for node in root.iter()
        for name in node.attrib
    )
    assert re.findall(r"https?://[^\"' <]+", drawn) == ["http://www.w3.org/2000/svg"]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("draw", DRAWN, ids=["columns", "bars", "calendar"])
def test_everything_drawn_lies_within_the_picture(draw: Callable[[Look], str], look: Look):
    root = ET.fromstring(draw(look))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])

    for rect in root.iter(f"{_SVG}rect"):
        x, y, wide, high = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        assert -0.2 <= x <= x + wide <= width + 0.2
        assert -0.2 <= y <= y + high <= height + 0.2


def test_time_runs_from_the_right_where_the_page_does():
    there, here = _columns(MIRRORED, 5, 1), _columns(WIDE, 5, 1)
    colour = LIGHT.series[0]

    assert _boxes(here, colour)[0][0] < _boxes(here, colour)[1][0]
    assert _boxes(there, colour)[0][0] > _boxes(there, colour)[1][0]
    width = float(ET.fromstring(here).attrib["width"])
    for (x, wide), (mirrored, _) in zip(_boxes(here, colour), _boxes(there, colour), strict=True):
        assert mirrored == pytest.approx(width - x - wide, abs=0.2)


def test_bars_begin_where_lines_do():
    width = float(ET.fromstring(_bars(MIRRORED)).attrib["width"])

    first = _boxes(_bars(MIRRORED), LIGHT.series[0])[0]

    assert first[0] + first[1] == pytest.approx(width, abs=0.2)
    assert ET.fromstring(_bars(MIRRORED)).attrib["direction"] == "rtl"


def test_a_name_cannot_become_markup():
    drawn = bars([Bar(label="<script>&\"'", values=(1,), said="1")], look=WIDE)

    assert "<script>&\"'" in _texts(drawn)


def test_columns_stack_in_the_order_of_their_series():
    drawn = columns([Column(label="a", values=(2, 1))], tick=str, whole=True, look=WIDE)
    rects = {rect.attrib["fill"]: rect.attrib for rect in ET.fromstring(drawn).iter(f"{_SVG}rect")}

    below, above = rects[LIGHT.series[0]], rects[LIGHT.series[1]]

    assert float(above["y"]) + float(above["height"]) == pytest.approx(float(below["y"]), abs=0.2)
    assert float(below["height"]) == pytest.approx(2 * float(above["height"]), abs=0.2)


def test_labels_leave_out_what_has_no_room():
    drawn = _columns(WIDE, *range(200))

    labels = [text for text in _texts(drawn) if text.startswith("c")]

    assert labels[0] == "c0"
    assert 2 < len(labels) < 40


def test_nothing_to_show_is_still_a_picture():
    for drawn in (
        _columns(WIDE),
        _columns(WIDE, 0, 0),
        bars([], look=WIDE),
        calendar([], hour=str, look=WIDE),
    ):
        assert ET.fromstring(drawn).tag == f"{_SVG}svg"


def test_a_moment_with_nothing_to_say_is_an_outline():
    outlines = [
        rect
        for rect in ET.fromstring(_calendar(WIDE)).iter(f"{_SVG}rect")
        if rect.attrib.get("stroke") == LIGHT.red
    ]

    assert len(outlines) == 1
    assert outlines[0].attrib["fill"] == "none"


@given(st.lists(st.integers(min_value=0, max_value=10**12), min_size=1, max_size=40), st.booleans())
def test_no_column_is_higher_than_the_highest_tick(values: list[int], whole: bool):
    ticks: set[float] = set()

    def tick(value: float) -> str:
        ticks.add(value)
        return f"{value:g}"

    columns([Column(label="a", values=(value,)) for value in values], tick=tick, whole=whole, look=WIDE)

    assert max(values) <= max(ticks) * (1 + 1e-9)
    assert max(ticks) <= max(1, 2 * max(values))
    assert 2 <= len(ticks) <= 6
    if whole:
        assert all(value == round(value) for value in ticks)
