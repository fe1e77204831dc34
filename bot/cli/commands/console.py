"""`console`: how to come into the console of a bot that runs."""

from __future__ import annotations

import click

from bot.cli import options
from bot.cli.commands.users import NO_PORT
from bot.cli.session import Session, pass_session
from bot.core.errors import NotAllowedError


@click.command(name="console")
@pass_session
def console(session: Session) -> None:
    """Print a new link into the console, which works once, for 15 minutes; with users, where they sign in.

    `run` serves the console; it prints such a link, too, when it starts.

    \b
    Example:
      campaign-bot console
    """
    from bot.web.gate.hosts import Hosts

    app = session.app
    address = session.settings.console_address
    if app.people.has_users():
        session.page.line(f"{address}/sign-in")
    elif not Hosts(host=session.settings.console_host, url=session.settings.console_url).are_loopback:
        raise NotAllowedError(
            "other machines can reach this console, so it needs users: "
            "`campaign-bot users add NAME --role admin`"
        )
    else:
        session.page.line(app.people.one_time_link(address, who=options.person_here()))
    if session.settings.console_url is None and session.settings.console_port == 0:
        session.complain(NO_PORT, is_error=False)
