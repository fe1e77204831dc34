"""`accounts`: what is configured, how it stands, what it cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli import options
from bot.cli.budget import budget_document, budget_line
from bot.cli.documents import moment_or_none, write_document
from bot.cli.session import Session, pass_session
from bot.cli.writing import dollars, rfc3339, usd
from bot.core.errors import BotError

if TYPE_CHECKING:
    from bot.app import App
    from bot.pipeline.inspect import AccountReport


@click.command(name="accounts")
@click.option("--check", "ask", is_flag=True, help="Ask each network who the account is; nothing is posted.")
@options.as_json
@pass_session
def accounts(session: Session, *, ask: bool, as_json: bool) -> int:
    """Show each account: network, mode, pauses, last post, and what it sent and cost this month (UTC).

    \b
    Example:
      campaign-bot accounts --check
    """
    app = session.app
    app.sync_first()
    reports = app.inspector.accounts()
    modes = {report.name: app.mode_of_account(report.name) for report in reports}
    answers = {report.name: _ask(app, report.name) for report in reports} if ask else {}
    failed = [error for _, error in answers.values() if error is not None]
    if as_json:
        budget = {"x_budget": budget_document(app, app.inspector.spent_this_month())}
        write_document({"accounts": [_document(one, modes[one.name], answers) for one in reports], **budget})
    else:
        _print(session, reports, modes, answers)
    for error in failed:
        session.complain(error)
    return 1 if failed else 0


def _ask(app: App, name: str) -> tuple[str | None, str | None]:
    """The handle that the network gives, or what went wrong."""
    try:
        outlet = app.outlets.of(name)
        if outlet is None or outlet.mode != "live":
            return None, None
        return outlet.publisher.check(), None
    except BotError as error:
        return None, "\n".join(f"{name}: {line}" for line in str(error).splitlines())


def _document(
    report: AccountReport, mode: str, answers: dict[str, tuple[str | None, str | None]]
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "account": report.name,
        "campaign": report.campaign,
        "network": report.network,
        "languages": report.languages,
        "mode": mode,
        "paused": [
            {
                "covers": pause.covers(),
                "by": pause.who,
                "reason": pause.reason,
                "since": rfc3339(pause.paused_at),
            }
            for pause in report.pauses
        ],
        "waits_until": moment_or_none(report.not_before),
        "last_sent_at": moment_or_none(report.last_sent_at),
        "posts_this_month": report.posts_this_month,
        "cost_usd_this_month": dollars(report.cost_usd_micros_this_month),
    }
    if report.name in answers:
        handle, error = answers[report.name]
        document |= {"handle": handle, "error": error}
    return document


def _print(
    session: Session,
    reports: list[AccountReport],
    modes: dict[str, str],
    answers: dict[str, tuple[str | None, str | None]],
) -> None:
    page = session.page
    columns = [
        "account",
        "network",
        "mode",
        "languages",
        "stands",
        "last post (UTC)",
        "month",
        "cost",
    ]
    rows = [
        [
            report.name,
            report.network,
            modes[report.name],
            " ".join(report.languages),
            _stands(report),
            "never" if report.last_sent_at is None else f"{report.last_sent_at:%Y-%m-%d %H:%M}",
            f"{report.posts_this_month:,}",
            usd(report.cost_usd_micros_this_month),
        ]
        for report in reports
    ]
    if answers:
        columns.append("network says")
        for row in rows:
            handle, error = answers[row[0]]
            row.append(handle or ("an error" if error else "not asked"))
    page.table(columns, rows, right=(6, 7))
    if session.app.is_paused_by_file:
        page.line(f"Everything is paused: {session.app.pause_file} is there.", style="yellow")
    for report in reports:
        for pause in report.pauses:
            what = f"{report.name} is paused ({pause.covers()}) by {pause.who}: {pause.reason}"
            page.line(what, style="yellow")
    page.line(budget_line(session.app, session.app.inspector.spent_this_month()))
    page.line("Month and cost count what left in live mode since the month began (UTC).", style="dim")


def _stands(report: AccountReport) -> str:
    if report.pauses:
        return "paused"
    if report.not_before is not None:
        return f"waits until {report.not_before:%H:%M} UTC"
    return "ready"
