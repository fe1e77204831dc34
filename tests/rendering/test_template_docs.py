"""docs/templates.md and the program say the same, and every example in it works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.rendering import allowed, folder, sandbox

DOCS = Path(__file__).parents[2] / "docs" / "templates.md"


def names_under(heading: str) -> set[str]:
    """Return the names in the first column of the table that begins with `heading`."""
    _, _, rest = DOCS.read_text().partition(f"\n| {heading} |")
    rows = rest.partition("\n\n")[0].splitlines()[2:]
    return {re.match(r"\| `([^`]+)`", row)[1] for row in rows}


def test_documented_variables_are_those_that_exist():
    existing = set()
    for name, fields in allowed.VARIABLES.items():
        existing |= {f"{name}.{field}" for field in fields} if fields else {name}

    assert names_under("variable") == existing


def test_documented_loop_fields_are_those_that_exist():
    assert set(re.findall(r"`loop\.(\w+)`", DOCS.read_text())) == allowed.LOOP_FIELDS


def test_documented_filters_and_tests_are_those_that_exist():
    assert names_under("filter") == allowed.FILTERS
    assert names_under("test") == allowed.TESTS


def test_documented_files_are_those_that_come_with_the_bot(templates):
    assert names_under("file") == {path.name for path in templates.glob("*.j2")}


def test_documented_order_is_the_order_of_the_search():
    order = re.findall(r"^\d\. `([^`]+)`", DOCS.read_text(), flags=re.MULTILINE)

    assert tuple(order) == folder.names_for("fact", "x", "ar")


def test_documented_bounds_are_those_that_hold():
    bounds = (
        f"{sandbox.MAX_STEPS} loop rounds, calls and includes and build {sandbox.MAX_OUTPUT:,} characters"
    )

    assert bounds in DOCS.read_text()
    assert f"at most {folder.MAX_SIZE // 1024} KiB" in DOCS.read_text()


EXAMPLES = re.findall(r"\(`(\S+?\.j2)`\)[^`]*```jinja\n(.*?)```", DOCS.read_text(), flags=re.DOTALL)
EXAMPLES += re.findall(r"`(_words\.j2)`\.\n\n```jinja\n(.*?)```", DOCS.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_documented_example_works(renderer_of, make_campaign, make_fact, make_call, account_on, name, text):
    renderer = renderer_of({name: text}, max_length=1000)
    make = make_call if name.startswith("call") else make_fact

    post = renderer.render(
        make(),
        campaign=make_campaign(),
        account=account_on("telegram", links=True),
        language="en",
        occasion="night-of-lamps",
    )

    assert renderer.check() == []
    assert len(EXAMPLES) == 3
    expected = {
        "fact.j2": "Night of Lamps\n\n",
        "call.telegram.j2": "Harbour Society",
        "_words.j2": "Source: ",
    }
    assert expected[name] in post.parts[0].text
