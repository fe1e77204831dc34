"""Every mistake in a folder of templates, with its path, its line and its remedy."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from jinja2 import TemplateSyntaxError

from bot.core.campaign import Kind, Network
from bot.core.errors import Problem, RenderError
from bot.rendering.allowed import find_mistakes, references_of
from bot.rendering.folder import TemplateFolder, is_shared, parse_name
from bot.rendering.locales import is_right_to_left
from bot.rendering.sandbox import FAULTS, Sandbox


def find_problems(folder: TemplateFolder, sandbox: Sandbox) -> list[Problem]:
    """Return all that is wrong with the templates, file by file. Empty when nothing is."""
    problems = list(folder.problems)
    problems += [_stranger(folder, name) for name in folder.strangers]
    names = folder.list_templates()
    references: dict[str, dict[str, int]] = {}
    for name in names:
        problems += _name_problems(folder, name)
        found, references[name] = _content_problems(folder, sandbox, name)
        problems += found
    problems += _circles(folder, references)
    if names or not folder.problems:
        problems += [
            Problem(
                where=folder.where(f"{kind}.j2"),
                what="is missing",
                remedy=f"write it: no {kind} can be rendered",
            )
            for kind in Kind
            if f"{kind}.j2" not in names
        ]
    return sorted(problems, key=lambda problem: (problem.where, problem.line or 0))


def _stranger(folder: TemplateFolder, name: str) -> Problem:
    return Problem(
        where=folder.where(name), what="is no template", remedy="end its name in .j2, or remove it"
    )


def _name_problems(folder: TemplateFolder, name: str) -> Iterator[Problem]:
    if is_shared(name):
        return
    parsed = parse_name(name)
    if parsed is None:
        kind = name.partition(".")[0]
        close = get_close_matches(kind, list(Kind), n=1)
        remedy = f"did you mean {close[0]}{name.removeprefix(kind)}? " if close and close[0] != kind else ""
        remedy += (
            f"write {' or '.join(Kind)}, a network ({', '.join(Network)}) or a language or both, and j2, "
            "with dots between; files for other templates to import start with _"
        )
        yield Problem(where=folder.where(name), what="no post uses a file of this name", remedy=remedy)
    elif parsed.language is not None:
        try:
            is_right_to_left(parsed.language)
        except RenderError as error:
            yield Problem(where=folder.where(name), what=str(error))


def _content_problems(
    folder: TemplateFolder, sandbox: Sandbox, name: str
) -> tuple[list[Problem], dict[str, int]]:
    """Return what is wrong inside one template, and which others it names, with the line."""
    where = folder.where(name)
    source, _, _ = folder.get_source(sandbox, name)
    try:
        tree = sandbox.parse(source, name, where)
        references = references_of(tree)
        mistakes = find_mistakes(tree, files=frozenset(folder.list_templates()))
        if not mistakes:
            sandbox.compile(source, name, where)
    except TemplateSyntaxError as error:
        return [Problem(where=where, line=error.lineno, what=error.message or "cannot be read")], {}
    except FAULTS as error:
        return [Problem(where=where, what=f"is too deeply nested to be read ({type(error).__name__})")], {}
    return [
        Problem(where=where, line=mistake.line, what=mistake.what, remedy=mistake.remedy)
        for mistake in mistakes
    ], references


def _circles(folder: TemplateFolder, references: dict[str, dict[str, int]]) -> Iterator[Problem]:
    """Give each template that comes back to itself through those it names."""
    for name in references:
        for first, line in references[name].items():
            reached, waiting = set[str](), [first]
            while waiting:
                current = waiting.pop()
                if current not in reached:
                    reached.add(current)
                    waiting.extend(references.get(current, ()))
            if name in reached:
                yield Problem(
                    where=folder.where(name),
                    line=line,
                    what=f"names {first!r}, which leads back to this file",
                    remedy="move what both need into a third file",
                )
