"""JSON Schemas of the content files, for completion in editors; made from the models that read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.content.written import Written, WrittenCampaign
from bot.content.written_items import WrittenItems

#: "Supports JSON Schema 7 and below": README of yaml-language-server (read 2026-11-21).
_DIALECT = "http://json-schema.org/draft-07/schema#"

_MODELS: Mapping[str, tuple[str, type[Written]]] = {
    "campaign.json": ("A campaign file", WrittenCampaign),
    "items.json": ("A file of facts and calls to action", WrittenItems),
}


def schemas() -> Mapping[str, str]:
    """Give each schema's text by its file name."""
    return {name: _schema(title, model) for name, (title, model) in _MODELS.items()}


def write_schemas(directory: Path) -> None:
    """Write the schemas into `directory`, which is made where it is missing."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (directory / name).write_text(text, encoding="utf-8", newline="\n")


def _schema(title: str, model: type[Written]) -> str:
    body = _tidy(model.model_json_schema())
    return json.dumps({"$schema": _DIALECT, "title": title} | body, ensure_ascii=False, indent=2) + "\n"


def _tidy(node: Any) -> Any:
    """Leave out what is no help while writing: names of classes, empty defaults, null for a key left out."""
    if isinstance(node, list):
        return [_tidy(part) for part in node]
    if not isinstance(node, dict):
        return node
    tidy = {key: _tidy(part) for key, part in node.items() if not _is_noise(key, part)}
    choices = [choice for choice in tidy.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del tidy["anyOf"]
        return choices[0] | tidy
    return tidy


def _is_noise(key: str, part: object) -> bool:
    return (key == "title" and isinstance(part, str)) or (key == "default" and part in (None, [], {}))
