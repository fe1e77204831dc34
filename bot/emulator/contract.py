"""Hold requests and answers against X's own API description, where a copy is at hand."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

#: Answers seen from the real X that its description has no schema for: these problems have the type
#: `about:blank` (duplicates, credits, tokens, limits).
_NOT_DESCRIBED = "about:blank"


class Contract:
    """X's API description; without a file it agrees with everything."""

    def __init__(self, path: Path | None) -> None:
        self._api: dict[str, Any] = json.loads(path.read_text()) if path else {"paths": {}}
        self._templates = {
            template: re.compile(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template)))
            for template in self._api["paths"]
        }
        self._validator = cache(self._make_validator)

    def problem_of_request(self, method: str, path: str, query: str, body: object) -> str | None:
        """What X would say against a request; None when it has nothing to say."""
        if not (operation := self._operation(method, path)):
            return None
        parameters = [self._resolved(parameter) for parameter in operation.get("parameters", ())]
        known = {parameter["name"]: parameter for parameter in parameters}
        given = dict(parse_qsl(query, keep_blank_values=True))
        for name, value in given.items():
            if name not in known:
                return f"The query parameter [{name}] is not one of [{','.join(known)}]"
            if problem := self._first_error(known[name]["schema"], _typed(value, known[name]["schema"])):
                return f"The `{name}` query parameter value [{value}] is not valid: {problem}"
        for parameter in parameters:
            if parameter["in"] == "query" and parameter.get("required") and parameter["name"] not in given:
                return f"The query parameter [{parameter['name']}] is missing"
        if "requestBody" in operation and body is not None:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            return self._first_error(schema, body)
        return None

    def problem_of_answer(self, method: str, path: str, status: int, body: object) -> str | None:
        """Where an answer of this server is not as X describes its own; None when it is."""
        if not (operation := self._operation(method, path)):
            return None
        answers = operation["responses"]
        if status >= 400:
            if isinstance(body, dict) and body.get("type") == _NOT_DESCRIBED:
                return None
            schema = answers["default"]["content"]["application/problem+json"]["schema"]
            return self._first_error(schema, body)
        if str(status) not in answers:
            return f"{method} {path} is never answered with {status}"
        return self._first_error(answers[str(status)]["content"]["application/json"]["schema"], body)

    def _operation(self, method: str, path: str) -> dict[str, Any]:
        exact = [template for template in self._templates if template == path]
        found = exact or [template for template, form in self._templates.items() if form.fullmatch(path)]
        return self._api["paths"][found[0]].get(method.lower(), {}) if found else {}

    def _resolved(self, thing: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in thing:
            found: Any = self._api
            for step in thing["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            thing = found
        return thing

    def _first_error(self, schema: dict[str, Any], value: object) -> str | None:
        for error in self._validator(json.dumps(schema)).iter_errors(value):
            return f"{error.json_path}: {error.message}"
        return None

    def _make_validator(self, schema: str) -> Any:
        # A tool for tests: whoever only wants to see posts arrive has not installed it.
        from jsonschema import Draft202012Validator

        return Draft202012Validator({**json.loads(schema), "components": self._components()})

    @cache  # noqa: B019  (one contract lives as long as the process)
    def _components(self) -> dict[str, Any]:
        found: dict[str, Any] = _with_nulls(self._api["components"])
        return found


def _typed(value: str, schema: dict[str, Any]) -> object:
    """A query value as the type that its schema speaks of."""
    match schema.get("type"):
        case "integer":
            return int(value) if re.fullmatch(r"-?\d+", value, re.ASCII) else value
        case "array":
            return value.split(",")
        case _:
            return value


def _with_nulls(schema: Any) -> Any:
    """OpenAPI 3.0's `nullable` said as JSON Schema says it."""
    if isinstance(schema, list):
        return [_with_nulls(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {key: _with_nulls(value) for key, value in schema.items()}
    if changed.pop("nullable", False) is True and isinstance(changed.get("type"), str):
        changed["type"] = [changed["type"], "null"]
    return changed
