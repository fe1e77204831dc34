"""A template can neither reach out nor run on."""

from __future__ import annotations

import sys
import threading
import time
import tracemalloc

import pytest

from bot.core.errors import RenderError
from bot.rendering.folder import MAX_SIZE, TemplateFolder
from bot.rendering.sandbox import MAX_OUTPUT, MAX_STEPS, Sandbox

VALUES = {
    "text": "lamp and light " * 10,
    "source": {"publisher": "Harbour Archive", "url": "https://archive.example.org/7", "read_on": ""},
    "hashtags": ("#one", "#two"),
    "period": "2017",
    "figures": {"lamps": "14,388"},
    "occasion": None,
    "short": False,
    "language": "en",
}


@pytest.fixture
def often_switching():
    """Let threads take turns within one rendering."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.fixture
def write(tmp_path):
    """Write a post with templates given by name; `fact.j2` is the one rendered."""

    def run(fact: str, **files: str) -> str:
        (tmp_path / "fact.j2").write_text(fact)
        for name, text in files.items():
            (tmp_path / f"{name}.j2").write_text(text)
        return Sandbox(TemplateFolder(tmp_path)).write("fact.j2", VALUES)

    return run


def doubled(line: str) -> str:
    return "{% set s = text %}" + line * 60 + "{{ s }}"


#: Which bound is met first depends on how deep the caller already is.
ENDLESS = "more than 200|nests without end"
LOOPS = "".join(f"{{% for {name} in text %}}" for name in "abcde")
NESTED = LOOPS + "x" + "{% endfor %}" * 5
EMPTY_NESTED = LOOPS + "{% endfor %}" * 5
NAMED = "{% macro m(s) %}{{ s }}{{ s }}{% endmacro %}{{ " + "m(" * 40 + "text" + ")" * 40 + " }}"
EACH_CALLS_TWO = (
    "{% macro m0() %}{% endmacro %}"
    + "".join(f"{{% macro m{n + 1}() %}}{{{{ m{n}() }}}}{{{{ m{n}() }}}}{{% endmacro %}}" for n in range(40))
    + "{{ m40() }}"
)
TWICE_AT_EACH_LEVEL = (
    "{% macro m(s) %}{% if s %}{{ m(s|replace('l', '')) }}{{ m(s) }}{% endif %}{% endmacro %}{{ m(text) }}"
)


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        pytest.param(NESTED, "loop rounds", id="loops-in-loops"),
        pytest.param(EMPTY_NESTED, "loop rounds", id="loops-that-write-nothing"),
        pytest.param("{% for i in range(10) %}{% endfor %}", "unknown variable 'range'", id="range"),
        pytest.param(
            "{% for a in text recursive %}{{ loop(text) }}{% endfor %}", "recursive", id="recursive"
        ),
        pytest.param(doubled("{% set s = s ~ s %}"), "characters", id="text-doubled-by-joining"),
        pytest.param(
            doubled("{% set s %}{{ s }}{{ s }}{% endset %}"), "characters", id="text-doubled-by-set"
        ),
        pytest.param(doubled("{% set s = [s, s]|join %}"), "a list with variables", id="list-doubled"),
        pytest.param(doubled("{% set s = s|join(s) %}"), "characters", id="text-joined-with-itself"),
        pytest.param(doubled("{% set s = s|replace('l', s) %}"), "characters", id="text-replaced-by-itself"),
        pytest.param(doubled("{% set s = s|replace('', s) %}"), "characters", id="nothing-replaced"),
        pytest.param(NAMED, "characters", id="macros-in-macros"),
        pytest.param(TWICE_AT_EACH_LEVEL, ENDLESS, id="macro-that-calls-itself"),
        pytest.param(EACH_CALLS_TWO, "more than 200", id="macros-that-each-call-two"),
        pytest.param("{% include 'fact.j2' %}", ENDLESS, id="includes-itself"),
        pytest.param("{% extends 'fact.j2' %}", ENDLESS, id="extends-itself"),
        pytest.param("{% block a %}{{ self.a() }}{{ self.a() }}{% endblock %}", ENDLESS, id="block"),
        pytest.param(
            "{{ 'a' * 10000000000 }}", r"'\*' in an expression", id="constant-computed-while-compiling"
        ),
        pytest.param("{{ 9 ** (9 ** 9) }}", r"'\*\*' in an expression", id="power"),
        pytest.param("{{ '%9999999999d' % 1 }}", "'%' in an expression", id="width-of-a-format"),
        pytest.param("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "without end", id="brackets"),
        pytest.param("{{ " + "not " * 3000 + "1 }}", "without end", id="negations"),
        pytest.param("{% for a in text %}" * 30 + "{% endfor %}" * 30, "without end", id="thirty-loops-deep"),
        pytest.param("{{ " + "9" * 5000 + " }}", "4300 digits", id="number-of-5000-digits"),
        pytest.param("x" * 15_000 + "{{ text }}" * 40, "characters", id="long-output"),
    ],
)
def test_template_that_runs_on_is_refused_at_once(write, template, reason):
    began = time.process_time()

    with pytest.raises(RenderError, match=reason) as refused:
        write(template)

    assert "fact.j2" in str(refused.value)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "template",
    [
        pytest.param("{{ ''.__class__.__mro__ }}", id="class-of-a-constant"),
        pytest.param("{{ text.__class__ }}", id="class-of-a-value"),
        pytest.param("{{ text['__class__'] }}", id="class-by-key"),
        pytest.param("{{ text|attr('__class__') }}", id="attr-filter"),
        pytest.param("{{ source.__init__ }}", id="method-of-a-dict"),
        pytest.param("{{ source.items() }}", id="items-of-a-dict"),
        pytest.param("{{ text.format(1) }}", id="format"),
        pytest.param("{% set f = 'a'.format %}{{ f(1) }}", id="format-by-another-name"),
        pytest.param("{{ 'a'['format'](1) }}", id="format-by-key"),
        pytest.param("{{ self.__init__.__globals__ }}", id="self"),
        pytest.param("{{ loop.__class__ }}", id="loop-outside"),
        pytest.param("{% for a in hashtags %}{{ loop.cycle('a') }}{% endfor %}", id="method-of-the-loop"),
        pytest.param(
            "{% for a in hashtags %}{% set l = loop %}{{ l.revindex }}{% endfor %}", id="more-of-the-loop"
        ),
        pytest.param("{% macro m() %}{{ varargs|join }}{% endmacro %}{{ m('1') }}", id="varargs"),
        pytest.param(
            "{% macro m(a, b) %}{{ a }}{% endmacro %}{{ m(*hashtags) }}", id="arguments-from-a-list"
        ),
        pytest.param("{% macro m() %}{{ m.name.upper() }}{% endmacro %}{{ m() }}", id="macro-attribute"),
        pytest.param("{{ lipsum() }}{{ cycler }}{{ joiner }}{{ namespace }}", id="jinja-globals"),
        pytest.param("{% include '../secret.j2' %}", id="parent-folder"),
        pytest.param("{% include '/etc/hostname' %}", id="absolute-path"),
        pytest.param("{% include text %}", id="name-from-a-value"),
        pytest.param("{% import '_empty.j2' as e %}{{ e.__dict__ }}", id="module"),
        pytest.param("{{ text() }}", id="calling-a-value"),
        pytest.param("{% do text %}", id="statement-of-an-extension"),
    ],
)
def test_template_reaches_nothing_but_its_values(write, template):
    with pytest.raises(RenderError):
        write(template, _empty="")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        pytest.param(
            "{% for tag in hashtags %}{{ loop.index }}{{ tag }} {% endfor %}", "1#one 2#two ", id="loop"
        ),
        pytest.param("{{ hashtags|join(', ') }}", "#one, #two", id="join"),
        pytest.param(
            "{{ hashtags|first }} {{ hashtags|last }} {{ hashtags|length }}", "#one #two 2", id="list"
        ),
        pytest.param("{{ ' a '|trim }}{{ 'aba'|replace('a', 'c') }}", "acbc", id="text"),
        pytest.param("{{ figures.lamps ~ ' lamps' }}", "14,388 lamps", id="joining"),
        pytest.param(
            "{{ source.publisher if source is not none else '-' }}", "Harbour Archive", id="condition"
        ),
        pytest.param("{% if 'lamp' in text and not occasion %}yes{% endif %}", "yes", id="if"),
        pytest.param("{% set a = 'b' %}{% macro m(x) %}{{ x }}!{% endmacro %}{{ m(a) }}", "b!", id="macro"),
        pytest.param("{% import '_w.j2' as w %}{{ w.words[language].hello }}", "Hello", id="words"),
        pytest.param(
            "{% extends '_base.j2' %}{% block a %}[{{ super() }}]{% endblock %}", "[base]", id="block"
        ),
        pytest.param("{% call(x) _() %}{% endcall %}", None, id="unknown-macro"),
        pytest.param("{{ source.url }} & <b>", "https://archive.example.org/7 & <b>", id="nothing-escaped"),
    ],
)
def test_what_templates_need_works(write, template, text):
    shared = {
        "_w": "{% set words = {'en': {'hello': 'Hello'}} %}",
        "_base": "{% block a %}base{% endblock %}",
    }

    if text is None:
        with pytest.raises(RenderError):
            write(template, **shared)
    else:
        assert write(template, **shared) == text


@pytest.mark.parametrize(
    ("template", "message"),
    [
        pytest.param(
            "a\n{{ figures.ships }}", "fact.j2:2: there is no 'ships' in the entries lamps", id="figure"
        ),
        pytest.param("{{ hashtags }}", "fact.j2:1: a list is no text: write its fields, or |join", id="list"),
        pytest.param("{{ occasion }}", "fact.j2:1: nothing is no text", id="none"),
        pytest.param("{{ short }}", "fact.j2:1: a bool is no text", id="bool"),
        pytest.param("\n\n{{ hashtags|trim }}", r"fact.j2:3: \|trim takes a text, not a list", id="trim"),
        pytest.param("{% if txt %}{% endif %}", "fact.j2:1: unknown variable 'txt'", id="variable"),
        pytest.param("{% if %}", "fact.j2:1: ", id="syntax"),
        pytest.param(
            "{% import '_m.j2' as m %}\n{{ m.m(1) }}", "_m.j2:2: 'b' is no field of", id="in-a-macro"
        ),
    ],
)
def test_fault_is_told_with_its_file_and_line(write, template, message):
    with pytest.raises(RenderError, match=message):
        write(template, _m="{% macro m(a) %}\n{{ a.b }}\n{% endmacro %}")


def test_sandbox_has_none_of_jinjas_own_functions(tmp_path):
    assert Sandbox(TemplateFolder(tmp_path)).globals == {}


def test_bounds_are_met_exactly(write):
    rounds = MAX_STEPS - 1  # one is taken by the template itself

    assert write("{% for a in '" + "a" * rounds + "' %}{% endfor %}") == ""
    assert (
        len(write("x" * (MAX_OUTPUT // 4) + "{% set s %}{{ 'y' }}{% endset %}" + "z" * 10))
        == MAX_OUTPUT // 4 + 10
    )
    with pytest.raises(RenderError, match="200 loop rounds"):
        write("{% for a in '" + "a" * (rounds + 1) + "' %}{% endfor %}")


def test_each_rendering_starts_with_its_whole_allowance(tmp_path):
    (tmp_path / "fact.j2").write_text("{% for a in text %}{% endfor %}")
    sandbox = Sandbox(TemplateFolder(tmp_path))

    for _ in range(10):
        assert sandbox.write("fact.j2", VALUES) == ""


def test_includes_that_each_include_two_are_refused(write):
    files = {f"_{n}": f"{{% include '_{n + 1}.j2' %}}" * 2 for n in range(40)}

    with pytest.raises(RenderError, match="more than 200"):
        write("{% include '_0.j2' %}", **files, _40="")


def test_threads_do_not_share_an_allowance(tmp_path, often_switching):
    (tmp_path / "fact.j2").write_text("{% for a in text %}{% endfor %}{{ text }}")
    sandbox = Sandbox(TemplateFolder(tmp_path))
    written: list[str] = []

    def render_many() -> None:
        written.extend(sandbox.write("fact.j2", VALUES) for _ in range(200))

    threads = [threading.Thread(target=render_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert written == [VALUES["text"]] * 800


@pytest.mark.parametrize("filtered", ["s|join(s)", "s|replace('x', s)"], ids=["join", "replace"])
def test_text_that_would_be_too_long_is_never_built(write, filtered):
    tracemalloc.start()

    with pytest.raises(RenderError, match="20,000 characters"):
        write("{% set s = '" + "x" * 10_000 + "' ~ text %}{{ " + filtered + " }}")

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_slowest_template_within_the_bounds_ends_within_seconds(write):
    long_text = "{% set long %}" + "x" * 8000 + "{% endset %}"
    line = "{% if 'xy' in long %}{% endif %}"
    rounds = "{% for a in '" + "a" * (MAX_STEPS - 1) + "' %}"
    lines = (MAX_SIZE - len(long_text + rounds) - 12) // len(line)
    began = time.process_time()

    write(long_text + rounds + line * lines + "{% endfor %}")

    assert time.process_time() - began < 5
