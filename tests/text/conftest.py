"""Gives tests the conformance data of twitter-text, from beside the repository."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

CONFORMANCE = Path(__file__).parents[3] / "shared" / "conformance"

_OLD_LIMIT = "the limit was 140 characters until 2017"
_NO_EMOJI = "this section counts without emoji; the next one holds the same text as X counts it"
#: Cases that do not hold here, by file, section and description, with the reason.
SKIPPED = {
    ("validate.yml", "tweets", "Invalid Tweet: 141 characters"): _OLD_LIMIT,
    ("validate.yml", "tweets", "Invalid Tweet: 141 characters (due to newline)"): _OLD_LIMIT,
    (
        "validate.yml",
        "WeightedTweetsCounterTest",
        "Count a mix of single byte single word, and double word unicode characters",
    ): _NO_EMOJI,
    (
        "validate.yml",
        "WeightedTweetsCounterTest",
        "Count unicode emoji chars outside the basic multilingual plane with skin tone modifiers",
    ): _NO_EMOJI,
    ("validate.yml", "urls", "Valid url: port and userinfo"): "a posted link never carries a password",
    ("validate.yml", "urls", "Valid unicode url: unicode domain"): "IDNA 2008 has no symbols in host names",
    ("validate.yml", "urls", "Invalid url: invalid char in path"): "such a character is percent-encoded",
}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "conformance(file, *sections): run on each case of the sections, as `case`"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for mark in metafunc.definition.iter_markers("conformance"):
        metafunc.parametrize("case", _cases(*mark.args))


@pytest.fixture(scope="session")
def conformance_sections() -> set[tuple[str, str]]:
    """Every section that the data has, as file and section."""
    if not CONFORMANCE.is_dir():
        pytest.skip("the conformance data of twitter-text is not beside the repository")
    return {(path.name, section) for path in CONFORMANCE.glob("*.yml") for section in _tests_of(path.name)}


@pytest.fixture(scope="session")
def reference_tlds() -> set[str]:
    """Every top-level domain that twitter-text knows."""
    if not CONFORMANCE.is_dir():
        pytest.skip("the conformance data of twitter-text is not beside the repository")
    cases = [case for section in _tests_of("tlds.yml").values() for case in section]
    return {case["text"].rpartition(".")[2] for case in cases}


def _cases(file: str, *sections: str) -> list[Any]:
    if not CONFORMANCE.is_dir():
        absent = pytest.mark.skip(reason="the conformance data of twitter-text is not beside the repository")
        return [pytest.param(None, id="absent", marks=absent)]
    cases = []
    for section in sections:
        for number, case in enumerate(_tests_of(file)[section]):
            reason = SKIPPED.get((file, section, case["description"]))
            marks = [pytest.mark.skip(reason=reason)] if reason else []
            name = f"{section}-{number}-{ascii(case['description'])[1:-1]}"
            cases.append(pytest.param(case, id=name, marks=marks))
    return cases


@cache
def _tests_of(file: str) -> dict[str, list[dict[str, Any]]]:
    with (CONFORMANCE / file).open(encoding="utf-8") as stream:
        tests: dict[str, list[dict[str, Any]]] = yaml.load(stream, Loader=_LOADER)["tests"]
    return tests


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
