"""Every mistake in the templates is found before any post is rendered."""

from __future__ import annotations

import re
import shutil

import pytest

from bot.core.errors import RenderError
from bot.rendering.renderer import Renderer
from bot.text.networks import TextRules


def shown(renderer):
    """Return the problems as they are printed, from the file name on."""
    return [re.sub(r"^\S*/templates", "templates", str(problem)) for problem in renderer.check()]


def test_bundled_templates_have_no_problem(renderer):
    assert renderer.check() == []


UNKNOWN_NAME = "no post uses a file of this name"
MISTAKES = {
    "kind": ("fcat.j2", "x", f"fcat.j2: {UNKNOWN_NAME} — did you mean fact.j2? write fact or call"),
    "no-network": ("fact.xx.ar.j2", "x", f"fact.xx.ar.j2: {UNKNOWN_NAME} — write fact or call"),
    "wrong-order": ("fact.ar.x.j2", "x", f"fact.ar.x.j2: {UNKNOWN_NAME}"),
    "no-language": ("fact.zz.j2", "x", "fact.zz.j2: language 'zz' is unknown"),
    "other-ending": ("fact.jinja", "x", "fact.jinja: is no template — end its name in .j2"),
    "variable": ("fact.x.j2", "a\n{{ txt }}", "fact.x.j2:2: unknown variable 'txt' — the variables are"),
    "field": ("_a.j2", "{{ source.publishr }}", "_a.j2:1: unknown field source.publishr — the fields"),
    "no-fields": ("_a.j2", "{{ text.upper() }}", "_a.j2:1: 'text' has no fields"),
    "filter": ("_a.j2", "\n\n{{ text|uper }}", "_a.j2:3: unknown filter 'uper' — the filters are"),
    "filter-in-a-branch": ("_a.j2", "{% if short %}{{ text|uper }}{% endif %}", "_a.j2:1: unknown filter"),
    "test": ("_a.j2", "{% if text is oddd %}{% endif %}", "_a.j2:1: unknown test 'oddd' — the tests are"),
    "syntax": ("_a.j2", "{% if text %}", "_a.j2:1: Unexpected end of template"),
    "bracket": ("_a.j2", "x\n{{ text }", "_a.j2:2: unexpected '}'"),
    "no-file": ("_a.j2", "{% include '_b.j2' %}", "_a.j2:1: no template '_b.j2' in this folder — the files"),
    "file-by-value": ("_a.j2", "{% include text %}", "_a.j2:1: a template named by a variable"),
    "arithmetic": ("_a.j2", "{{ 3 * 4 }}", "_a.j2:1: '*' in an expression"),
    "circle": ("_a.j2", "{% include '_a.j2' %}", "_a.j2:1: names '_a.j2', which leads back"),
    "deep": ("_a.j2", "{% for a in text %}" * 30 + "{% endfor %}" * 30, "_a.j2: is too deeply nested"),
    "large": ("_a.j2", "x" * 20_000, "_a.j2: is larger than 16 KiB — make it shorter"),
}


@pytest.mark.parametrize(("name", "text", "problem"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_named_with_path_line_and_remedy(renderer_of, name, text, problem):
    renderer = renderer_of({name: text})

    (only,) = shown(renderer)

    assert only.startswith(f"templates/{problem}")


def test_all_mistakes_are_named_at_once(renderer_of):
    renderer = renderer_of({
        "_a.j2": "{{ txt }}\n{{ text|uper }}{{ nmae }}",
        "fact.x.j2": "{{ 1 + 1 }}{{ txt }}",
    })  # fmt: skip

    assert [line.partition(" — ")[0] for line in shown(renderer)] == [
        "templates/_a.j2:1: unknown variable 'txt'",
        "templates/_a.j2:2: unknown filter 'uper'",
        "templates/_a.j2:2: unknown variable 'nmae'",
        "templates/fact.x.j2:1: '+' in an expression",
        "templates/fact.x.j2:1: unknown variable 'txt'",
    ]


def test_missing_base_template_is_named(renderer_of):
    renderer = renderer_of({"fact.j2": "{{ text }}"}, bundled=False)

    assert shown(renderer) == ["templates/call.j2: is missing — write it: no call can be rendered"]


def test_circle_through_several_files_is_named_in_each(renderer_of):
    renderer = renderer_of({"_a.j2": "{% include '_b.j2' %}", "_b.j2": "x\n{% include '_a.j2' %}"})

    assert [line.partition(",")[0] for line in shown(renderer)] == [
        "templates/_a.j2:1: names '_b.j2'",
        "templates/_b.j2:2: names '_a.j2'",
    ]


def test_names_that_a_template_sets_are_its_own(renderer_of):
    own = (
        "{% set heading = 'x' %}{{ heading }}{% for tag in hashtags %}{{ tag }}{{ loop.last }}{% endfor %}"
        "{% macro m(one, two='2') %}{{ one }}{{ two }}{% endmacro %}{{ m(text) }}"
        "{% set source = {'kind': 'x'} %}{{ source.kind }}"
    )

    assert shown(renderer_of({"_a.j2": own})) == []


def test_folder_that_is_not_there_is_named(tmp_path):
    renderer = Renderer(tmp_path / "templates", rules_for=rules_for_any)

    assert shown(renderer) == [
        "templates: cannot be read (No such file or directory) — "
        "name the folder of templates in BOT_TEMPLATES_DIR"
    ]


def test_file_that_is_not_utf_8_is_named_and_never_stepped_over(
    tmp_path, templates, make_fact, make_campaign, account_on
):
    folder = shutil.copytree(templates, tmp_path / "templates")
    (folder / "fact.x.j2").write_bytes("é".encode("latin-1"))
    renderer = Renderer(folder, rules_for=rules_for_any)

    assert shown(renderer) == ["templates/fact.x.j2: is not UTF-8 at byte 0 — save it as UTF-8"]
    with pytest.raises(RenderError, match=r"fact\.x\.j2: is not UTF-8"):
        renderer.render(make_fact(), campaign=make_campaign(), account=account_on("x"), language="en")


def test_link_out_of_the_folder_is_not_followed(tmp_path, templates):
    folder = shutil.copytree(templates, tmp_path / "templates")
    (tmp_path / "outside").write_text("secret")
    (folder / "_a.j2").symlink_to(tmp_path / "outside")

    problems = shown(Renderer(folder, rules_for=rules_for_any))

    assert problems == ["templates/_a.j2: is a link out of the folder — put the file itself here"]


def rules_for_any(network):
    return TextRules(network=network, max_length=500, measure=len)
