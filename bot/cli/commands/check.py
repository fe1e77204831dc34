"""`check`: every mistake, all at once, with its place and its remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.documents import problem_document, write_document
from bot.cli.session import Session, pass_session
from bot.cli.writing import count
from bot.core.errors import ConfigError, ContentError, Problem

if TYPE_CHECKING:
    from bot.app import App
    from bot.content.reading import Content


@click.command(name="check")
@options.as_json
@pass_session
def check(session: Session, *, as_json: bool) -> int:
    """Name every mistake in content, templates, settings and accounts, with its place and its remedy.

    Nothing is stored and no network is asked. Each item is written out in every language for every
    account, so what does not fit is named now.

    \b
    Example:
      campaign-bot check
    """
    findings = _check()
    if as_json:
        write_document(
            {
                "ok": not findings.problems,
                "problems": [problem_document(problem) for problem in findings.problems],
                "held": [problem_document(problem) for problem in findings.held],
                "notes": [problem_document(problem) for problem in findings.notes],
                "checked": findings.checked,
            }
        )
    else:
        _print(session, findings)
    return 1 if findings.problems else 0


@dataclass
class _Findings:
    problems: list[Problem] = field(default_factory=list)
    #: What would be held today.
    held: list[Problem] = field(default_factory=list)
    #: What leaves all the same, but not as its campaign asks.
    notes: list[Problem] = field(default_factory=list)
    checked: dict[str, int | str] = field(default_factory=dict)


def _check() -> _Findings:
    from bot.app import App
    from bot.config import NAMES, read_settings

    settings, problems = read_settings()
    app = App(settings)
    found = _Findings(problems=list(problems))
    found.problems += app.alert_problems()
    found.checked["settings"] = len(NAMES)
    found.checked["mode"] = settings.mode.value
    content = _content(app, found)
    has_templates = _templates(app, found)
    if content is not None:
        found.problems += app.account_problems(content)
        if has_templates:
            _posts(app, content, found)
    return found


def _content(app: App, found: _Findings) -> Content | None:
    try:
        content = app.content()
    except ContentError as error:
        found.problems += error.problems
        return None
    found.checked |= {
        "campaigns": len(content.campaigns),
        "facts": sum(item.kind == "fact" for item in content.items),
        "calls": sum(item.kind == "call" for item in content.items),
        "accounts": sum(len(campaign.accounts) for campaign in content.campaigns),
    }
    return content


def _templates(app: App, found: _Findings) -> bool:
    try:
        _ = app.renderer
    except ContentError as error:
        found.problems += error.problems
        return False
    return True


def _posts(app: App, content: Content, found: _Findings) -> None:
    try:
        checked = app.check_posts(content)
    except ConfigError as error:
        found.problems += error.problems
        return
    found.checked["posts"] = checked.posts
    found.problems += checked.problems
    found.held += checked.held
    found.notes += checked.notes


def _print(session: Session, findings: _Findings) -> None:
    for problem in findings.problems:
        session.complain(str(problem))
    page = session.page
    for problem in findings.held:
        page.line(f"would be held: {problem}", style="yellow")
    for problem in findings.notes:
        page.line(f"note: {problem}", style="yellow")
    if findings.problems:
        return
    checked = findings.checked
    page.line(
        f"All is well: {_counted(checked, ('campaigns', 'facts', 'calls', 'accounts'))}; "
        f"{count(int(checked['posts']), 'text')} written out, each within its network's limit."
    )
    page.line(f"Mode: {checked['mode']}.", style="dim")


def _counted(checked: dict[str, int | str], names: Sequence[str]) -> str:
    return ", ".join(count(int(checked[name]), name.removesuffix("s")) for name in names)
