"""YAML is read with lines, never guesses, never runs away, and says the same with and without libyaml."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.yaml_text import LOADER, MAX_DEPTH, MAX_SIZE, parse_yaml

_LOADERS = [pytest.param(LOADER, id="fastest"), pytest.param(yaml.SafeLoader, id="pure-python")]
_CASES = [
    case
    for name in ("campaign.yaml", "items.yaml")
    for case in yaml.safe_load((Path(__file__).parent / "cases" / name).read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("loader", _LOADERS)
def test_plain_words_keep_what_they_look_like(loader: type[Any]) -> None:
    words = ["12", "-3", "12.50", "true", "no", "on", "0123", "1_000", "1e5", "2020-07-06", "0x1F"]
    data = "".join(f"{key}: {word}\n" for key, word in zip("abcdefghijk", words, strict=True)).encode()

    document = parse_yaml(data, loader=loader)

    assert document.value == {
        "a": 12, "b": -3, "c": Decimal("12.50"), "d": True, "e": "no", "f": "on", "g": "0123",
        "h": "1_000", "i": "1e5", "j": "2020-07-06", "k": "0x1F",
    }  # fmt: skip
    assert document.findings == ()


@pytest.mark.parametrize("loader", _LOADERS)
def test_quoted_words_are_texts(loader: type[Any]) -> None:
    document = parse_yaml(b'a: "12"\nb: \'true\'\nc: ""\nd: "18:30"\ne: \'~\'\n', loader=loader)

    assert document.value == {"a": "12", "b": "true", "c": "", "d": "18:30", "e": "~"}
    assert document.findings == ()


@pytest.mark.parametrize("loader", _LOADERS)
def test_every_value_knows_its_line(loader: type[Any]) -> None:
    data = "# first\na:\n  b: |\n    two\n    lines\n  c: [x,\n      y]\nم: {z: 1}\n".encode()

    document = parse_yaml(data, loader=loader)

    lines = {("a",): 2, ("a", "b"): 3, ("a", "c", 0): 6, ("a", "c", 1): 7, ("م", "z"): 8}
    assert {path: document.line(path) for path in lines} == lines


def test_missing_value_has_the_line_of_what_should_hold_it() -> None:
    document = parse_yaml(b"x: 1\na:\n  b: 1\n")

    assert document.line(("a", "c", "d")) == 2


@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param("a: صورة".encode("utf-16"), "this is not UTF-8", id="utf-16"),
        pytest.param("a: 1\nb: صورة".encode("cp1256"), "this is not UTF-8", id="windows-1256"),
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(b"# only this\n", "the file is empty", id="comment-only"),
        pytest.param(b"a: 1\n\tb: 1\n\tc: 1\n", "a tab character (and in one more line)", id="tabs"),
        pytest.param(b"a: x\rb: y\n", "the control character U+000D", id="lone-carriage-return"),
        pytest.param("a: x\u2028y\n".encode(), "the control character U+2028", id="line-separator"),
        pytest.param(b"[" * 10_000, f"more than {MAX_DEPTH} levels", id="deep-brackets"),
        pytest.param(b"a: " + b"{b: " * 10_000, f"more than {MAX_DEPTH} levels", id="deep-braces"),
        pytest.param(
            b"#" * (MAX_SIZE + 1), "the file has 1,000,001 bytes; the most is 1,000,000", id="too-large"
        ),
    ],
)
def test_file_that_cannot_be_read_says_why(data: bytes, says: str) -> None:
    document = parse_yaml(data)

    assert [finding.what for finding in document.findings] == [says]
    assert not document.is_readable


def test_byte_that_is_no_utf_8_is_found_by_its_line() -> None:
    document = parse_yaml(b"a: 1\nb: 2\nc: " + b"\xe6")

    assert [finding.line for finding in document.findings] == [3]


def test_aliases_that_multiply_are_refused_before_they_grow() -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10)]

    document = parse_yaml("\n".join(["l0: &l0 [x, x]", *levels]).encode())

    assert sum(finding.what.startswith("*") for finding in document.findings) == 81
    assert document.value == {"l0": ["x", "x"]} | {f"l{n}": [None] * 9 for n in range(1, 10)}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"a: [{'x,' * 250_000}x]\n", id="half-a-million-characters-on-one-line"),
        pytest.param(f"a: {'#b' * 250_000}\n", id="one-endless-word"),
        pytest.param("a:\n" + "  b:\n" * 100_000, id="one-key-for-ever"),
    ],
)
def test_large_file_does_not_run_away(text: str) -> None:
    assert parse_yaml(text.encode()).is_readable


def test_comments_may_follow_any_value() -> None:
    document = parse_yaml(
        b"a: Asia/Damascus   # a comment\nb: [x, y] # another\nc: # and one\n  d: 1 ## more\n"
    )

    assert document.value == {"a": "Asia/Damascus", "b": ["x", "y"], "c": {"d": 1}}
    assert document.findings == ()


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in _CASES])
def test_pure_python_says_the_same(case: dict[str, Any]) -> None:
    name = "campaign.yaml" if "/campaign.yaml:" in case["says"] else "facts.yaml"
    good = (Path(__file__).parent / "good" / "lamps" / name).read_text(encoding="utf-8")
    data = good.replace(case["old"], case["new"]).encode()

    with_libyaml = parse_yaml(data)
    without = parse_yaml(data, loader=yaml.SafeLoader)

    assert without == with_libyaml


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(alphabet="ab:-[]{}#&*!|>'\"%@`,? \n\t<\\0", max_size=60)))
def test_no_bytes_whatever_raise(data: bytes | str) -> None:
    document = parse_yaml(data if isinstance(data, bytes) else data.encode())

    assert document.is_readable or document.findings
