"""A Jinja2 in which a template can neither reach out nor run on: the same bounds on every machine.

Time is bounded by counting, not by a clock: loop rounds, calls and includes are counted, and every text that
a template builds is measured. What is refused on a slow machine is refused on a fast one.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from itertools import islice
from typing import Any, Final

from jinja2 import (
    BaseLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateRuntimeError,
    TemplateSyntaxError,
    nodes,
)
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, TemplateReference, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as JINJA_TESTS
from jinja2.visitor import NodeTransformer

from bot.core.errors import RenderError
from bot.rendering.allowed import FILTERS, LOOP_FIELDS, TESTS, find_mistakes

#: Characters one template may build: four times what the roomiest network takes in one message.
MAX_OUTPUT: Final = 20_000
#: Characters in all that one rendering joins and replaces on its way to that output.
MAX_BUILT: Final = 10 * MAX_OUTPUT
#: Loop rounds, calls and includes of one rendering; the bundled templates need four.
MAX_STEPS: Final = 200
#: Pieces of output joined before their length is looked at.
_PIECES: Final = 200
#: No template can write this name: it holds a space.
_COUNTED: Final = "counted rounds"
#: What a template meets besides plain values.
_OF_JINJA = (TemplateModule, TemplateReference, BlockReference, LoopContext, Undefined)
#: What a template can do wrong while it is read, compiled or run.
FAULTS: Final = (
    *(TemplateError, TypeError, ValueError, LookupError, ArithmeticError),
    # Nesting without end, in the template's own text or in what it includes.
    *(RecursionError, SyntaxError, MemoryError),
)


class TooMuchError(TemplateRuntimeError):
    """A template ran on: more rounds or more text than any post needs."""


class _Allowance(threading.local):
    """What the rendering under way in this thread may still do."""

    steps: int = MAX_STEPS
    built: int = MAX_BUILT

    def reset(self) -> None:
        self.steps = MAX_STEPS
        self.built = MAX_BUILT

    def take_step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise TooMuchError(f"more than {MAX_STEPS:,} loop rounds, calls and includes")

    def build(self, length: int) -> None:
        self.built -= length
        if length > MAX_OUTPUT or self.built < 0:
            raise TooMuchError(f"more than {MAX_OUTPUT:,} characters of text")


class Sandbox(ImmutableSandboxedEnvironment):
    """The templates of one folder, each compiled once, on its first use."""

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader,
            undefined=StrictUndefined,
            autoescape=False,
            auto_reload=False,
            finalize=_printable,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._allowance = _Allowance()
        self._compiled: dict[str, Template] = {}
        self.globals.clear()
        own = {"join": self._join, "replace": self._replace, "trim": _trim}
        self.filters = {name: own.get(name, JINJA_FILTERS[name]) for name in FILTERS}
        self.filters[_COUNTED] = self._count_rounds
        self.tests = {name: JINJA_TESTS[name] for name in TESTS}

    def write(self, name: str, values: Mapping[str, object]) -> str:
        """Return what the template makes of the values, which hold nothing but plain ones.

        Raises RenderError with the template's path and line.
        """
        self._allowance.reset()
        try:
            return self.get_template(name).render(values)
        except FAULTS as error:
            raise RenderError(_told(error, template=name)) from error

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002  (Jinja2's name)
    ) -> Template:
        self._allowance.take_step()
        assert isinstance(name, str)
        template = self._compiled.get(name)
        if template is None:
            template = self._compiled[name] = super().get_template(name, parent, globals)
        return template

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Read a field of a plain value, or what a template exports. Values have no methods here."""
        if type(obj) is dict:
            return self.getitem(obj, attribute)
        if isinstance(obj, _OF_JINJA):
            return super().getattr(obj, attribute)
        return self.undefined(f"{attribute!r} is no field of {_shown(obj)}", name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Read an entry of a plain value, by name or by number."""
        try:
            return obj[argument]
        except (TypeError, LookupError):
            hint = f"there is no {argument!r} in {_shown(obj)}"
            return self.undefined(hint, name=argument)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, LoopContext):
            return attr in LOOP_FIELDS
        return isinstance(obj, _OF_JINJA) and super().is_safe_attribute(obj, attr, value)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call a macro or a block: nothing else can be called."""
        self._allowance.take_step()
        kwargs.pop("_loop_vars", None)
        kwargs.pop("_block_vars", None)
        if type(obj) is Macro:
            return obj(context.eval_ctx, *args, **kwargs)
        if type(obj) is BlockReference:
            return obj()
        if isinstance(obj, Undefined):
            return obj()
        raise SecurityError(f"{_shown(obj)} is no macro: only macros and blocks can be called")

    def concat(self, pieces: Iterable[str]) -> str:
        """Join what a template gave out, and stop where it is too much."""
        rest = iter(pieces)
        text = "".join(islice(rest, _PIECES))
        self._allowance.build(len(text))
        while more := list(islice(rest, _PIECES)):
            text += "".join(more)
            self._allowance.build(len(text))
        return text

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        """Refuse what is not allowed before any of it is compiled: compiling computes constants."""
        for mistake in find_mistakes(source, files=frozenset(self.list_templates())):
            raise TemplateSyntaxError(f"{mistake.what}; {mistake.remedy}", mistake.line, name, filename)
        return super()._generate(_Bounding().visit(source), name, filename, defer_init)

    def _join(self, values: Iterable[object], separator: str = "") -> str:
        if not isinstance(values, tuple | list | str | Undefined):
            raise TemplateRuntimeError(f"|join takes a list, not {_shown(values)}")
        _check_text(separator, where="|join")
        pieces = [str(_printable(value)) for value in values]
        # Measured before it is built, as in `_replace`: a page between any two letters of a page is a book.
        self._allowance.build(sum(map(len, pieces)) + len(separator) * len(pieces))
        return separator.join(pieces)

    def _replace(self, text: str, old: str, new: str) -> str:
        for value in (text, old, new):
            _check_text(value, where="|replace")
        # Measured before it is built: a letter replaced by a page grows too fast to look at afterwards.
        self._allowance.build(len(text) + text.count(old) * max(0, len(new) - len(old)))
        return text.replace(old, new)

    def _count_rounds(self, values: Iterable[object]) -> Iterator[object]:
        take_step = self._allowance.take_step
        for value in values:
            take_step()
            yield value


class _Bounding(NodeTransformer):
    """Rewrites loops so that their rounds are counted, and `~` so that what it builds is measured."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802  (Jinja2's name)
        self.generic_visit(node)
        node.iter = _filtered(node.iter, _COUNTED)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802  (Jinja2's name)
        self.generic_visit(node)
        pieces = nodes.Tuple(node.nodes, "load", lineno=node.lineno, environment=node.environment)
        return _filtered(pieces, "join")


def _filtered(expression: nodes.Node, name: str) -> nodes.Filter:
    place = {"lineno": expression.lineno, "environment": expression.environment}
    return nodes.Filter(expression, name, [], [], None, None, **place)


def _printable(value: object) -> object:
    """Let words and numbers through to the text, and a name that is missing to its own error."""
    if type(value) is str or (isinstance(value, int | Undefined) and type(value) is not bool):
        return value
    raise TemplateRuntimeError(f"{_shown(value)} is no text: write its fields, or |join its entries")


def _shown(value: object) -> str:
    """Name a value in a message, without its content."""
    match value:
        case dict():
            return f"the entries {', '.join(map(str, value))}"
        case tuple() | list():
            return "a list"
        case str():
            return "a text"
        case None:
            return "nothing"
        case _:
            return f"a {type(value).__name__}"


def _check_text(value: object, *, where: str) -> None:
    if not isinstance(value, str | Undefined):
        raise TemplateRuntimeError(f"{where} takes a text, not {_shown(value)}")


def _trim(text: str) -> str:
    _check_text(text, where="|trim")
    return text.strip()


def _told(error: BaseException, *, template: str | None) -> str:
    """Say what went wrong, and in which line of which template."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or template}:{error.lineno}: {error.message}"
    lines = [
        f"{frame.f_code.co_filename}:{line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename.endswith(".j2")
    ]
    place = lines[-1] if lines else template
    match error:
        case RecursionError() | SyntaxError() | MemoryError():
            return f"{place}: nests without end: look for a circle of includes or calls, or too many brackets"
        case TooMuchError():
            return f"{place}: the template makes {error.message}: no post needs that, so shorten it"
    return f"{place}: {error}"
