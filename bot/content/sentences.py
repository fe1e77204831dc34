"""One mapping of a file against its model: what it says, and every mistake in a plain sentence."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from bot.content.findings import Finding, MistakeError, Path, listed
from bot.content.values import nearest
from bot.content.written import Written
from bot.content.written_items import MODEL_UNDER, SOURCE_FORMS

W = TypeVar("W", bound=Written)


@dataclass(frozen=True, kw_only=True)
class Reading(Generic[W]):
    """What a mapping says as far as it can be read."""

    #: None when nothing can be made of it.
    written: W | None
    findings: tuple[Finding, ...]
    #: Keys with a mistake in or below them: rules that look at these have nothing to go by.
    broken: frozenset[str]


def read_mapping(
    model: type[W], value: object, *, settled: Collection[Path] = (), stand_ins: Mapping[str, object]
) -> Reading[W]:
    """Read `value` as `model`, and give every mistake.

    A key with a mistake is left out, or takes its value from `stand_ins` where the model requires it, so that
    all other keys can still be looked at. Places in `settled` have a finding already.
    """
    written, errors = _validate(model, value)
    if written is not None and not settled:
        return Reading(written=written, findings=(), broken=frozenset())
    findings = [
        finding for finding in _findings(model, value, errors) if not _is_settled(finding.path, settled)
    ]
    if not isinstance(value, dict):
        return Reading(written=None, findings=tuple(findings), broken=frozenset())
    extra = [error.path for error in errors if error.kind == "extra_forbidden"]
    wrong = {error.path[0] for error in errors if error.kind != "extra_forbidden"}
    wrong |= {path[0] for path in settled if path}
    # `recheck: 2027-01-01` is a mistyped recheck_on, not a missing one.
    wrong |= {meant[0] for path in extra if (meant := _meant(model, value, path))[-1]}
    broken = frozenset(str(key) for key in wrong)
    rest = {key: part for key, part in _without(value, extra).items() if key not in broken}
    rest |= {key: part for key, part in stand_ins.items() if key in broken}
    return Reading(written=_validate(model, rest)[0], findings=tuple(findings), broken=broken)


@dataclass(frozen=True, kw_only=True)
class _Error:
    kind: str
    path: Path
    cause: MistakeError | None


def _validate(model: type[W], value: object) -> tuple[W | None, list[_Error]]:
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        return None, [
            _Error(
                kind=found["type"],
                path=_path_in_file(found["loc"]),
                cause=_cause(found.get("ctx", {}).get("error")),
            )
            for found in error.errors(include_url=False, include_input=False)
        ]


def _cause(error: object) -> MistakeError | None:
    return error if isinstance(error, MistakeError) else None


def _path_in_file(loc: Path) -> Path:
    """Take out the steps that are pydantic's own."""
    steps = loc[:-1] if loc and loc[-1] == "[key]" else loc
    is_source = len(steps) > 1 and steps[0] == "source" and steps[1] in SOURCE_FORMS
    return (steps[0], *steps[2:]) if is_source else steps


def _is_settled(path: Path, settled: Collection[Path]) -> bool:
    return any(path[:length] in settled for length in range(len(path) + 1))


def _findings(model: type[Written], value: object, errors: Iterable[_Error]) -> Iterable[Finding]:
    renamed: set[Path] = set()
    missing: list[_Error] = []
    for error in errors:
        if error.kind == "missing":
            missing.append(error)
        elif error.kind == "extra_forbidden":
            renamed.add(_meant(model, value, error.path))
            yield _unknown_key(model, value, error.path)
        else:
            yield _wrong_value(model, error)
    for error in missing:
        # `newtork: x` is one mistake, not also a missing `network`.
        if error.path not in renamed:
            yield Finding(path=error.path, what="missing", remedy=f"write {_example(model, error.path)}")


def _unknown_key(model: type[Written], value: object, path: Path) -> Finding:
    meant = _meant(model, value, path)[-1]
    known = ", ".join(_fields_at(model, path[:-1]))
    remedy = f"write {meant}" if meant else f"delete it, or write one of {known}"
    return Finding(path=path, what="no such key here", remedy=remedy)


def _meant(model: type[Written], value: object, path: Path) -> Path:
    """Find the key, not there yet, that an unknown one was meant to be; an empty one if there is none."""
    container = _at(value, path[:-1])
    absent = [name for name in _fields_at(model, path[:-1]) if name not in container]
    return (*path[:-1], nearest(str(path[-1]), absent) or "")


def _wrong_value(model: type[Written], error: _Error) -> Finding:
    if error.cause is not None:
        return Finding(path=error.path, what=error.cause.what, remedy=error.cause.remedy)
    needed = {
        "list_type": "this must be a list",
        "too_short": "too few entries",
        "dict_type": "this must be keys with values",
        "model_type": "this must be keys with values",
    }[error.kind]
    return Finding(path=error.path, what=needed, remedy=f"write {_example(model, error.path)}")


def _without(value: Any, paths: Iterable[Path]) -> Any:
    """Copy `value` without what stands at `paths`."""
    here: set[str | int] = set()
    below: dict[str | int, list[Path]] = {}
    for first, *rest in paths:
        if rest:
            below.setdefault(first, []).append(tuple(rest))
        else:
            here.add(first)
    if isinstance(value, dict):
        return {key: _without(part, below.get(key, ())) for key, part in value.items() if key not in here}
    if isinstance(value, list):
        return [_without(part, below.get(number, ())) for number, part in enumerate(value)]
    return value


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _fields_at(model: type[Written], path: Path) -> list[str]:
    for step in path:
        if step in model.model_fields and step in MODEL_UNDER:
            model = MODEL_UNDER[str(step)]
    return list(model.model_fields)


def _example(model: type[Written], path: Path) -> str:
    """Show the nearest key above or at `path` that has an example, with the example."""
    fields = model.model_fields.items()
    first = next((found for found in fields if found[1].is_required()), next(iter(fields)))
    shown = _shown(*first)
    for step in path:
        if (field := model.model_fields.get(str(step))) is None:
            continue
        shown = _shown(str(step), field)
        model = MODEL_UNDER.get(str(step), model)
    return shown


def _shown(key: str, field: FieldInfo) -> str:
    shown = (f"{key}: {json.dumps(example, ensure_ascii=False)}" for example in field.examples or ["…"])
    return listed(shown)
