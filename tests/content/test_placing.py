"""Items go into files that people wrote: what differs is written anew, and nothing else changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.content.placing import ItemFile, has_room, read_item_files, size_of, with_items
from bot.content.reading import read_content
from bot.core.campaign import Item, Kind, Source, Wording
from bot.core.dates import Period
from bot.core.errors import NotAllowedError
from bot.core.media import Picture

#: A file as people write them: comments everywhere, five ways to write a text, blank lines, odd indentation.
WRITTEN = """\
# yaml-language-server: $schema=../../../../content/.schema/items.json
# Checked by Huda on 3 March.

facts:   # those of the report
  # The first one.
  broken-lamps:
    # From the second edition.
    source: observatory   # page 9
    period: 2011-03/2020-06
    figures: {total: 1438}
    text:
      ar: 'انكسر {total} مصباحاً.'   # read by two people
      # "lamps", not "lights"
      en: >
        {total} lamps
        were broken.
    short: {}

  # The second one.
  lit-lamps:
      source:   # found by chance
        # Their own site.
        publisher: {ar: "بلدية مثال", en: "Example Town"}
        url: https://town.example/lamps
        read_on: 2026-11-19
      recheck_on: 2027-01-01
      text:
        ar: المصابيح
          مضاءة.
        en: |
          The lamps
          are lit. 🕯️

# What people can do.
calls:
  light-a-lamp:
    text: {ar: "أضيئوا مصباحاً.", en: "Light a lamp."}   # short is good
  keep-a-lamp: {text: {ar: "احفظوا مصباحاً.", en: "Keep a lamp."}}
# The end.
"""
COMMENTS = re.findall(r"#(?: |$)[^\n]*", WRITTEN)


@pytest.fixture
def place(folder: Path) -> Callable[..., str]:
    """Write the file anew with changed items, and give its text."""

    def run(changes: Mapping[str, Item | None], *, text: str = WRITTEN) -> str:
        return with_items(_file(folder, text), changes).decode()

    return run


@pytest.fixture
def items(folder: Path) -> Mapping[str, Item]:
    return _file(folder, WRITTEN).items


def _file(folder: Path, text: str) -> ItemFile:
    for path in (folder / "lamps").glob("*.yaml"):
        if path.name != "campaign.yaml":
            path.unlink()
    (folder / "lamps" / "facts.yaml").write_bytes(text.encode())
    (file,) = read_item_files(folder, "lamps").files
    return file


def _said(item: Item, language: str, text: str) -> Item:
    return replace(item, wordings={**item.wordings, language: Wording(text=text)})


def test_one_text_is_changed_and_every_other_byte_stays(place, items):
    written = place({"broken-lamps": _said(items["broken-lamps"], "ar", "كُسر {total} مصباحاً.")})

    assert written == WRITTEN.replace("'انكسر {total} مصباحاً.'", '"كُسر {total} مصباحاً."')


def test_a_text_over_several_lines_is_changed_and_the_comments_around_it_stay(place, items):
    written = place({"broken-lamps": _said(items["broken-lamps"], "en", "Of lamps {total} broke.")})

    assert written == WRITTEN.replace(
        "en: >\n        {total} lamps\n        were broken.\n", 'en: "Of lamps {total} broke."\n'
    )


def test_what_is_added_stands_under_what_is_there(place, items):
    lamp = items["lit-lamps"]
    changed = replace(
        lamp,
        period=Period.parse("2020"),
        wordings={**lamp.wordings, "en": replace(lamp.wordings["en"], short="Lit.")},
    )

    written = place({"lit-lamps": changed})

    assert written == WRITTEN.replace(
        "          are lit. 🕯️\n",
        '          are lit. 🕯️\n      period: 2020\n      short:\n        en: "Lit."\n',
    )


def test_what_is_there_and_empty_is_filled(place, items):
    fact = items["broken-lamps"]
    changed = replace(
        fact, wordings={**fact.wordings, "en": replace(fact.wordings["en"], short="{total} broke.")}
    )

    written = place({"broken-lamps": changed})

    assert written == WRITTEN.replace("short: {}", 'short:\n      en: "{total} broke."')


def test_what_is_gone_is_taken_out(place, items):
    written = place(
        {"broken-lamps": replace(items["broken-lamps"], period=None, recheck_on=date(2027, 1, 1))}
    )

    assert written == WRITTEN.replace("    period: 2011-03/2020-06\n", "").replace(
        "    short: {}\n", "    short: {}\n    recheck_on: 2027-01-01\n"
    )


PICTURE = """\
    picture:   # by Huda
      file: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
      # For those who listen.
      alt: {ar: "شارع", en: A street}
      warning: no
"""


def test_another_answer_for_a_picture_is_all_that_is_written_anew(place, folder):
    text = 'calls:\n  a:\n    text: {ar: "نص", en: "Text"}\n' + PICTURE
    item = _file(folder, text).items["a"]

    written = place({"a": replace(item, picture=replace(item.picture, warning=True))}, text=text)

    assert written == text.replace("warning: no", "warning: yes")


def test_a_picture_is_added_and_taken_out(place, folder):
    text = 'calls:\n  a:\n    text: {ar: "نص", en: "Text"}\n'
    item = _file(folder, text).items["a"]
    picture = Picture(file="b" * 64, alt={"ar": "شارع", "en": "A street"}, warning=True)

    with_picture = place({"a": replace(item, picture=picture)}, text=text)

    assert with_picture == text + (
        f'    picture:\n      file: "{"b" * 64}"\n      alt:\n        ar: "شارع"\n        en: "A street"\n'
        "      warning: yes\n"
    )
    assert place({"a": item}, text=with_picture) == text


def test_comments_inside_what_is_written_anew_as_a_whole_stay(place, items):
    fact = items["broken-lamps"]

    written = place({"lit-lamps": replace(items["lit-lamps"], source=fact.source)})

    assert "source: observatory" in written.partition("lit-lamps")[2]
    assert sorted(re.findall(r"#(?: |$)[^\n]*", written)) == sorted(COMMENTS)


def test_an_item_between_braces_is_changed_there(place, items):
    written = place({"keep-a-lamp": _said(items["keep-a-lamp"], "en", "Keep one, lasts.")})

    assert written == WRITTEN.replace('"Keep a lamp."', '"Keep one, lasts."')


def test_an_item_between_braces_grows_there(place, items):
    changed = replace(items["keep-a-lamp"], recheck_on=date(2027, 1, 1))

    written = place({"keep-a-lamp": changed})

    assert written.startswith(WRITTEN.partition("  keep-a-lamp")[0])
    assert written.endswith("# The end.\n")


def test_a_new_item_stands_after_the_last_of_its_kind(place, items):
    written = place({"hide-a-lamp": replace(items["light-a-lamp"], key="hide-a-lamp")})

    assert written == WRITTEN.replace(
        "# The end.",
        '  hide-a-lamp:\n    text:\n      ar: "أضيئوا مصباحاً."\n      en: "Light a lamp."\n# The end.',
    )


def test_a_fact_that_becomes_a_call_moves_there(place, items):
    changed = replace(items["lit-lamps"], kind=Kind.CALL)

    written = place({"lit-lamps": changed})

    facts, _, calls = written.partition("calls:")
    assert "lit-lamps" not in facts
    assert "lit-lamps" in calls
    assert "# The second one.\n" in written


def test_an_item_is_taken_out_and_the_last_of_its_kind_with_its_heading(place, items):
    written = place({"light-a-lamp": None, "keep-a-lamp": None})

    assert written == WRITTEN.partition("calls:")[0] + "# The end.\n"


def test_a_file_whose_last_item_goes_stays_a_file(place, folder):
    text = 'calls:\n  a:\n    text: {ar: "نص", en: "Text"}\n'

    written = place({"a": None}, text=text)

    assert written == "calls: {}\n"
    (folder / "lamps" / "facts.yaml").write_text(written, encoding="utf-8")
    assert read_content(folder).items == ()


def test_line_ends_and_byte_order_mark_stay(place, items):
    text = "\ufeff" + WRITTEN.replace("\n", "\r\n")
    changed = replace(items["lit-lamps"], period=Period.parse("2020"))

    written = place({"lit-lamps": changed}, text=text)

    assert written.startswith("\ufeff# yaml")
    assert "\n" not in written.replace("\r\n", "")
    assert "      period: 2020\r\n" in written


def test_a_file_that_does_not_end_its_last_line_is_added_to(place, items):
    text = 'calls:\n  a:\n    text: {ar: "نص", en: "Text"}'
    new = Item(
        campaign="lamps",
        key="b",
        kind=Kind.CALL,
        wordings={"ar": Wording(text="نص"), "en": Wording(text="T")},
    )

    written = place({"b": new}, text=text)

    assert written == text + '\n  b:\n    text:\n      ar: "نص"\n      en: "T"'


def test_a_file_without_items_and_one_all_between_braces_take_one(place):
    text = "facts: {}\n"
    new = Item(
        campaign="lamps",
        key="b",
        kind=Kind.CALL,
        wordings={"ar": Wording(text="نص"), "en": Wording(text="T")},
    )

    assert place({"b": new}, text=text) == text + 'calls:\n  b:\n    text:\n      ar: "نص"\n      en: "T"\n'
    assert place({"b": new}, text="{facts: {}}\n") == '{calls: {b: {text: {ar: "نص", en: "T"}}}}\n'


def test_an_item_that_the_file_may_not_hold_is_refused_and_named(folder, items):
    wrong = _said(items["light-a-lamp"], "en", "")

    with pytest.raises(NotAllowedError, match=r"facts\.yaml: light-a-lamp cannot be written here"):
        with_items(_file(folder, WRITTEN), {"light-a-lamp": wrong})


def test_a_file_that_would_be_too_large_has_no_room(folder, items):
    full = _file(folder, WRITTEN + "#" + "x" * (1_000_000 - len(WRITTEN.encode()) - 100) + "\n")

    size = size_of(items["light-a-lamp"])

    assert has_room(_file(folder, WRITTEN), size)
    assert not has_room(full, size)


# -- whatever is changed -------------------------------------------------------------------------

_TEXTS = (
    # A number sign before a letter would be a hashtag that the campaign does not list.
    st.text(alphabet="=+-'\";,\n&*!|>%?()[]: #ا بé🕯️x", min_size=1, max_size=15)
    .map(lambda text: text.replace("#", "# ").strip())
    .filter(bool)
)
_SOURCES = st.sampled_from(
    [
        Source(
            publisher={"ar": "س", "en": "S: #1"}, url="https://a.example/%D8?=1", read_on=date(2026, 2, 1)
        ),
        Source(
            publisher={"ar": "مرصد مثال", "en": "Example Observatory"},
            url="https://observatory.example/reports/9",
            read_on=date(2026, 11, 20),
        ),
    ]
)


@st.composite
def _changed(draw: st.DrawFn, key: str) -> Item | None:
    kind = draw(st.sampled_from([Kind.FACT, Kind.CALL]))
    has_figure = draw(st.booleans())
    number = " {total}" if has_figure else ""

    def wording() -> Wording:
        return Wording(text=(draw(_TEXTS) + number).strip(), short=draw(st.none() | _TEXTS))

    return draw(
        st.none()
        | st.just(
            Item(
                campaign="lamps",
                key=key,
                kind=kind,
                wordings={"ar": wording(), "en": wording()},
                source=draw(_SOURCES),
                period=draw(st.sampled_from([Period.parse("2020"), Period.parse("2011-03/2020-06")])),
                recheck_on=draw(st.none() | st.just(date(2027, 1, 1))),
                figures={"total": 7} if has_figure else {},
                content_warning={"ar": draw(_TEXTS), "en": draw(_TEXTS)} if draw(st.booleans()) else {},
                occasions=draw(st.sampled_from([(), ("lamp-day",)])),
                picture=draw(st.none() | _pictures(number)),
            )
        )
    )


@st.composite
def _pictures(draw: st.DrawFn, number: str) -> Picture:
    """Pictures that need a warning whatever the text, described in words that are in no text."""
    said = draw(st.sampled_from(["", number]))
    alt = {language: f"{draw(_TEXTS)} picture{said}".strip() for language in ("ar", "en")}
    return Picture(file=draw(st.sampled_from(["1" * 64, "a" * 64])), alt=alt, warning=True)


_KEYS = ("broken-lamps", "lit-lamps", "light-a-lamp", "keep-a-lamp", "new-one", "another-1")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), line_end=st.sampled_from(["\n", "\r\n"]))
def test_the_file_says_what_was_written_and_of_all_others_what_it_said(
    folder: Path, data: st.DataObject, line_end: str
):
    file = _file(folder, WRITTEN.replace("\n", line_end))
    keys = data.draw(st.sets(st.sampled_from(_KEYS), max_size=4))
    changes = {key: data.draw(_changed(key)) for key in sorted(keys)}

    written = with_items(file, changes)

    (folder / "lamps" / "facts.yaml").write_bytes(written)
    wanted = {key: item for key, item in {**file.items, **changes}.items() if item is not None}
    assert {item.key: item for item in read_content(folder).items} == wanted
    for key, block in _BLOCKS.items():
        if key not in changes:
            assert block.replace("\n", line_end) in written.decode()
    assert with_items(_file(folder, written.decode()), {}) == written


_BLOCKS = {
    "broken-lamps": WRITTEN[WRITTEN.index("  broken-lamps") : WRITTEN.index("\n\n  # The second")],
    "lit-lamps": WRITTEN[WRITTEN.index("  lit-lamps") : WRITTEN.index("\n\n# What people")],
    "light-a-lamp": WRITTEN[WRITTEN.index("  light-a-lamp") : WRITTEN.index("\n  keep-a-lamp")],
    "keep-a-lamp": WRITTEN[WRITTEN.index("  keep-a-lamp") : WRITTEN.index("\n# The end")],
}
