"""`alerts`: what operators were told, and what is open; `alerts test` tries each address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli import options
from bot.cli.catalogue import ALERTS
from bot.cli.documents import moment_or_none, write_document
from bot.cli.lazy import LazyGroup
from bot.cli.session import Session, pass_session
from bot.cli.writing import rfc3339
from bot.core.errors import ConfigError, Problem

if TYPE_CHECKING:
    from bot.store.alerts import Cause

#: What is open, and so many of those that are over.
_SHOWN = 50


@click.group(name="alerts", cls=LazyGroup, entries=ALERTS, invoke_without_command=True)
@options.as_json
@pass_session
@click.pass_context
def alerts(ctx: click.Context, session: Session, *, as_json: bool) -> None:
    """Show what operators were told and what is open, newest first: the last 50.

    Where alerts go is BOT_ALERT_URLS; `run` tells within a minute, `send` at its end.

    \b
    Example:
      campaign-bot alerts --json
    """
    if ctx.invoked_subcommand is not None:
        if as_json:
            raise click.UsageError(f"options stand after `{ctx.invoked_subcommand}`, not before it")
        return
    causes = session.app.alerter.newest(_SHOWN)
    if as_json:
        write_document({"alerts": [_document(cause) for cause in causes]})
        return
    page = session.page
    for cause in causes:
        page.line(_heading(cause), style="bold" if cause.ended_at is None else "dim")
        for line in _words(cause).splitlines():
            page.line(f"    {line}")
    if not causes:
        page.line("Nothing was to be told so far.")
    if not session.settings.alert_urls:
        page.line("BOT_ALERT_URLS names no address: nobody is told.", style="yellow")


@click.command(name="test")
@options.as_json
@pass_session
def test(session: Session, *, as_json: bool) -> int:
    """Send a test message to each address of BOT_ALERT_URLS, and say for each whether it was taken.

    Addresses are named by their place and their kind: the rest of them is secret. Ends with 1 when one
    did not take it.

    \b
    Example:
      campaign-bot alerts test
    """
    if not session.settings.alert_urls:
        problem = Problem(
            where="BOT_ALERT_URLS",
            what="names no address",
            remedy="see docs/operating.md for how to write one",
        )
        raise ConfigError([problem])
    deliveries = session.app.test_alerts()
    if as_json:
        write_document(
            {
                "addresses": [
                    {"address": one.address, "name": one.name, "taken": one.taken, "error": one.error or None}
                    for one in deliveries
                ]
            }
        )
    else:
        for one in deliveries:
            if one.taken:
                session.page.line(f"{one.name}: taken", style="green")
    refused = [one for one in deliveries if not one.taken]
    for one in refused:
        session.complain(f"{one.name}: not taken: {one.error}")
    return 1 if refused else 0


def _heading(cause: Cause) -> str:
    stands = "open" if cause.ended_at is None else "over"
    if cause.told_at is not None:
        told = f"told {cause.told_at:%Y-%m-%d %H:%M} UTC"
    else:
        told = "not told yet" if cause.try_at is not None else "not told"
    return f"{cause.began_at:%Y-%m-%d %H:%M} UTC  {cause.kind}  {stands}  {told}"


def _words(cause: Cause) -> str:
    from bot.alerting.message import compose
    from bot.pipeline.alert import alert_in

    return compose([alert_in(cause)], language="en").body


def _document(cause: Cause) -> dict[str, Any]:
    return {
        "cause": cause.cause,
        "kind": cause.kind,
        "post": cause.post,
        "account": cause.account,
        "message": _words(cause),
        "began_at": rfc3339(cause.began_at),
        "told_at": moment_or_none(cause.told_at),
        "told_to": sorted(cause.told_to),
        "open": cause.ended_at is None,
        "ended_at": moment_or_none(cause.ended_at),
    }
