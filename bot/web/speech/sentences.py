"""Sentences in the page's language, with what stands in their places."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from babel.lists import format_list
from jinja2 import Environment, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from bot.web.speech.catalogues import catalogue
from bot.web.speech.figures import number
from bot.web.speech.reader import current_language, direction
from bot.web.speech.regions import locale

#: First strong isolate and its end: a name keeps its own direction and disturbs nobody else's.
_ISOLATE, _END = "\u2068", "\u2069"
_LATIN = re.compile("[A-Za-z\u00c0-\u024f@#/]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
#: Places that are addresses within a tag: nothing may be put around them.
_IN_A_TAG = re.compile(r'="[^"]*?%\((\w+)\)')


def noted(sentence: str) -> str:
    """The sentence itself: it is taken into the translations here, and translated where it is shown."""
    return sentence


def gettext(sentence: str, **values: Any) -> str:
    """The sentence in the page's language, with its values in their places."""
    return translated(sentence) % _placed(sentence, values)


def ngettext(one: str, many: str, count: int, **values: Any) -> str:
    """The form of the sentence for this count; `%(num)s` is the count as the language writes it."""
    values.setdefault("num", number(count))
    form: str = catalogue(current_language()).ungettext(one, many, count)
    return form % _placed(one + many, values)


def translated(sentence: str) -> str:
    """The sentence in the page's language, as it stands there."""
    # The empty sentence is where gettext keeps the catalogue's own head.
    text: str = catalogue(current_language()).ugettext(sentence) if sentence else ""
    return text


def isolated(value: str) -> str:
    """A name or a number that keeps its own direction within the page's."""
    foreign = _LATIN if direction() == "rtl" else _RIGHT_TO_LEFT
    if not foreign.search(value) or value.startswith(_ISOLATE):
        return value
    return f"{_ISOLATE}{value}{_END}"


def listed(names: Iterable[str]) -> str:
    """`a, b and c`, as the page's language joins them."""
    return format_list([isolated(name) for name in names], locale=locale())


def install(env: Environment) -> None:
    """Give templates `_`, `gettext` and `ngettext`, which escape what stands in their places."""
    env.add_extension("jinja2.ext.i18n")
    env.newstyle_gettext = True  # type: ignore[attr-defined]
    env.globals.update(_=_gettext_on_page, gettext=_gettext_on_page, ngettext=_ngettext_on_page)


@pass_eval_context
def _gettext_on_page(page: EvalContext, sentence: str, /, **values: Any) -> str:
    return _shown(page, translated(sentence), _placed(sentence, values))


@pass_eval_context
def _ngettext_on_page(page: EvalContext, one: str, many: str, count: int, /, **values: Any) -> str:
    values.setdefault("num", number(count))
    form: str = catalogue(current_language()).ungettext(one, many, count)
    return _shown(page, form, _placed(one + many, values))


def _shown(page: EvalContext, sentence: str, values: dict[str, Any]) -> str:
    # The sentence is ours, from the template or its translation; what stands in its places is escaped.
    return (Markup(sentence) if page.autoescape else sentence) % values  # noqa: S704


def _placed(sentence: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values, those isolated that are words of another direction."""
    in_a_tag = set(_IN_A_TAG.findall(sentence))
    return {
        name: isolated(str(value))
        if isinstance(value, str) and not isinstance(value, Markup) and name not in in_a_tag
        else value
        for name, value in values.items()
    }
