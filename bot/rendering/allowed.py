"""What a template may say: its variables, filters and tests, and which parts of Jinja2 it may use.

The lists name what is allowed, not what is forbidden. What is left cannot grow without bound except through
loops, calls and joining, and the sandbox counts and measures those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import meta, nodes
from jinja2.sandbox import SandboxedEnvironment

#: Every variable, with its fields. None: it has none. Empty: they are the item's own (figures).
VARIABLES: Mapping[str, frozenset[str] | None] = {
    "text": None,
    "source": frozenset({"publisher", "url", "read_on"}),
    "period": None,
    "link": None,
    "hashtags": None,
    "figures": frozenset(),
    "content_warning": None,
    "short": None,
    "kind": None,
    "network": None,
    "account": None,
    "language": None,
    "campaign": frozenset({"key", "title", "organisers"}),
    "occasion": frozenset({"key", "title"}),
}
#: Fields of `loop`, which Jinja2 gives inside a loop.
LOOP_FIELDS = frozenset({"index", "index0", "first", "last", "length"})
FILTERS = frozenset({"first", "join", "last", "length", "replace", "trim"})
TESTS = frozenset({"none"})

_ALLOWED = (
    *(nodes.Template, nodes.TemplateData, nodes.Output, nodes.Block, nodes.Extends, nodes.Include),
    *(nodes.Import, nodes.FromImport, nodes.Macro, nodes.CallBlock, nodes.Call, nodes.Keyword),
    *(nodes.If, nodes.For, nodes.Assign, nodes.AssignBlock, nodes.With),
    *(nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Test),
    *(nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat),
    *(nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair),
)


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One thing in a template that may not stand there."""

    line: int
    what: str
    remedy: str


def find_mistakes(tree: nodes.Template, *, files: frozenset[str]) -> list[Mistake]:
    """Return all that a template may not say, by line. `files` are the templates that exist.

    Raises jinja2.TemplateSyntaxError where Jinja2 itself cannot make sense of the tree.
    """
    undeclared = _undeclared(tree)
    found: set[Mistake] = set()
    for node in _walk(tree):
        found.update(
            # Jinja2 gives no line to what `autoescape` makes.
            Mistake(line=node.lineno or 1, what=what, remedy=remedy)
            for what, remedy in _mistakes_of(node, undeclared=undeclared, files=files)
        )
    return sorted(found, key=lambda mistake: (mistake.line, mistake.what))


def references_of(tree: nodes.Template) -> dict[str, int]:
    """Return the names of the other templates that one names, each with its line."""
    return {
        node.template.value: node.lineno
        for node in _walk(tree)
        if isinstance(node, nodes.Extends | nodes.Include | nodes.Import | nodes.FromImport)
        and isinstance(node.template, nodes.Const)
    }


def _walk(tree: nodes.Node) -> Iterator[nodes.Node]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.iter_child_nodes())


def _undeclared(tree: nodes.Template) -> set[str]:
    """Return the names that the template takes from outside."""
    own = tree.environment
    assert own is not None
    tree.set_environment(_Analysis(tree))
    try:
        return meta.find_undeclared_variables(tree)
    finally:
        tree.set_environment(own)


class _Analysis(SandboxedEnvironment):
    """Knows every filter and test of one template, so that it goes on past those that do not exist.

    It generates code that never runs, but computes constants on the way: no filter of it does anything, and
    no operator is computed, or `{{ "a" * 10 ** 10 }}` would take all memory here.
    """

    intercepted_binops = frozenset(SandboxedEnvironment.default_binop_table)
    intercepted_unops = frozenset(SandboxedEnvironment.default_unop_table)

    def __init__(self, tree: nodes.Template) -> None:
        super().__init__(autoescape=False)
        self.globals.clear()
        self.filters = dict.fromkeys((node.name for node in tree.find_all(nodes.Filter)), str)
        self.tests = dict.fromkeys((node.name for node in tree.find_all(nodes.Test)), str.isspace)


def _mistakes_of(
    node: nodes.Node, *, undeclared: set[str], files: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Give what is wrong with one node, and its remedy."""
    match node:
        case nodes.Name(ctx="load") | nodes.Getattr(node=nodes.Name()):
            yield from _variable_mistakes(node, undeclared=undeclared)
        case nodes.Filter(name=name) if name not in FILTERS:
            yield f"unknown filter {name!r}", _one_of("the filters", FILTERS)
        case nodes.Test(name=name) if name not in TESTS:
            yield f"unknown test {name!r}", _one_of("the tests", TESTS)
        case nodes.Extends() | nodes.Include() | nodes.Import() | nodes.FromImport():
            yield from _reference_mistakes(node.template, files=files)
        case nodes.For(recursive=True):
            yield "a recursive loop", "write the loops one inside the other"
        case nodes.Call() if node.dyn_args is not None or node.dyn_kwargs is not None:
            yield "a call with * or **", "name each argument"
        case nodes.List() | nodes.Tuple(ctx="load") | nodes.Dict() if not _is_constant(node):
            # A list that holds variables can hold itself, doubled with every line.
            yield "a list with variables in it", "write constants only, such as words by language"
        case _ if not isinstance(node, _ALLOWED):
            yield _name_of(node), "leave it out: templates place words and count nothing"


def _variable_mistakes(node: nodes.Node, *, undeclared: set[str]) -> Iterator[tuple[str, str]]:
    """Give what is wrong with a variable or its field. Names that the template itself sets are its own."""
    match node:
        case nodes.Name(name="varargs" | "kwargs" as name):
            yield f"{name!r}, which no template needs", "name each argument of the macro"
        case nodes.Name(name=name) if name in undeclared and name not in VARIABLES:
            yield f"unknown variable {name!r}", _one_of("the variables", VARIABLES)
        case nodes.Getattr(node=nodes.Name(name="loop"), attr=field) if field not in LOOP_FIELDS:
            yield f"unknown field loop.{field}", _one_of("the fields of loop", LOOP_FIELDS)
        case nodes.Getattr(node=nodes.Name(name=name), attr=field) if name in undeclared & VARIABLES.keys():
            fields = VARIABLES[name]
            if fields is None:
                yield f"{name!r} has no fields, so no {name}.{field}", f"write {name} alone"
            elif fields and field not in fields:
                yield f"unknown field {name}.{field}", _one_of(f"the fields of {name}", fields)


def _reference_mistakes(template: nodes.Expr, *, files: frozenset[str]) -> Iterator[tuple[str, str]]:
    if not isinstance(template, nodes.Const) or not isinstance(template.value, str):
        yield "a template named by a variable", 'write its name, such as "_source.j2"'
    elif template.value not in files:
        yield f"no template {template.value!r} in this folder", _one_of("the files", files)


def _is_constant(node: nodes.Expr) -> bool:
    return all(
        isinstance(inner, nodes.Const | nodes.List | nodes.Tuple | nodes.Dict | nodes.Pair)
        for inner in _walk(node)
    )


def _one_of(what: str, names: Iterator[str] | Mapping[str, object] | frozenset[str]) -> str:
    return f"{what} are {', '.join(sorted(names))}"


def _name_of(node: nodes.Node) -> str:
    symbol = getattr(node, "operator", None)
    return f"{symbol!r} in an expression" if symbol else f"{type(node).__name__}, which no template needs"
