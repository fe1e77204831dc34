"""Editors complete and check content files by schemas that are the readers' own."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from bot.content.schema import schemas, write_schemas
from bot.content.yaml_text import parse_yaml


def _schema_for(path: Path) -> str:
    return "campaign.json" if path.name == "campaign.yaml" else "items.json"


def _as_json(path: Path) -> Any:
    return json.loads(json.dumps(parse_yaml(path.read_bytes()).value, default=_number))


def _number(value: object) -> float:
    assert isinstance(value, Decimal)
    return float(value)


def _errors(path: Path) -> list[str]:
    validator = Draft7Validator(json.loads(schemas()[_schema_for(path)]))
    return [error.message for error in validator.iter_errors(_as_json(path))]


def test_committed_schemas_are_the_generated_ones(repository: Path, tmp_path: Path) -> None:
    write_schemas(tmp_path / "made")

    committed = {path.name: path.read_bytes() for path in (repository / "content" / ".schema").iterdir()}
    assert committed == {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()}


@pytest.mark.parametrize("name", ["campaign.json", "items.json"])
def test_schema_is_a_schema(name: str) -> None:
    Draft7Validator.check_schema(json.loads(schemas()[name]))


def test_schemas_accept_the_bundled_files(repository: Path) -> None:
    files = sorted((repository / "content").glob("*/*.yaml"))

    assert files
    assert {path: errors for path in files if (errors := _errors(path))} == {}


def test_bundled_files_name_their_schema_in_the_first_line(repository: Path) -> None:
    for path in (repository / "content").glob("*/*.yaml"):
        first = path.read_text(encoding="utf-8").partition("\n")[0]

        assert first == f"# yaml-language-server: $schema=../.schema/{_schema_for(path)}"


@pytest.mark.parametrize("file", ["campaign.yaml", "facts.yaml", "calls.yaml"])
def test_schemas_accept_good_files(folder: Path, file: str) -> None:
    assert _errors(folder / "lamps" / file) == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        pytest.param("campaign.yaml", "zone:", "timezone:", id="unknown-key"),
        pytest.param("campaign.yaml", "network: x\n", "newtork: x\n", id="unknown-key-of-account"),
        pytest.param("campaign.yaml", '"09:00"', '"24:00"', id="time"),
        pytest.param("campaign.yaml", "network: mastodon", "network: facebook", id="network"),
        pytest.param("facts.yaml", "    recheck_on: 2027-01-01\n", "", id="no-period"),
        pytest.param("facts.yaml", "    source: observatory\n", "", id="no-source"),
        pytest.param("facts.yaml", "total: 1438", 'total: "1438"', id="figure"),
        pytest.param("calls.yaml", "text:", "texts:", id="unknown-key-of-call"),
    ],
)
def test_schemas_refuse_what_the_reader_refuses(
    folder: Path, change: Callable[[str, str, str], None], file: str, old: str, new: str
) -> None:
    change(file, old, new)

    assert _errors(folder / "lamps" / file)


def test_every_key_is_explained_to_editors() -> None:
    for text in schemas().values():
        schema = json.loads(text)
        for model in (schema, *schema["$defs"].values()):
            for key, field in model.get("properties", {}).items():
                assert field["description"], key
                assert field["examples"], key
