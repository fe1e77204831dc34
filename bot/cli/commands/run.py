"""`run`: plan and send until stopped."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.announcing import Announcer
from bot.cli.blocks import post_block
from bot.cli.reporting import leave_steps_to_the_page
from bot.cli.session import Session, pass_session
from bot.cli.stopping import stop_on_signals
from bot.cli.writing import count, duration
from bot.core.errors import ConfigError

if TYPE_CHECKING:
    from bot.app import App
    from bot.pipeline.outcome import Sent
    from bot.pipeline.sweep import Swept
    from bot.web.console import Console

#: How many of the next posts are shown at the start.
_SHOWN = 3


@click.command(name="run")
@click.option(
    "--speed",
    type=click.FloatRange(min=1, max=100_000),
    metavar="N",
    help="Let the clock run N times faster, in dry-run mode, with a database that is thrown away.",
)
@pass_session
def run(session: Session, *, speed: float | None) -> None:
    """Take the content files in, plan the days ahead, and send each post at its moment until stopped.

    Ctrl-C and SIGTERM stop it: what is under way is finished and written down first. With --speed 10000 a
    week of the campaigns goes by in a minute.

    \b
    Example:
      campaign-bot run
    """
    from bot.web.console import Console

    session.tells_of_unknown_posts = False
    leave_steps_to_the_page(session.verbosity)
    if speed is not None and session.settings.mode.value == "live":
        raise click.UsageError("--speed is for dry-run mode: run it with BOT_MODE=dry-run")
    from bot.sending import worker_of

    stop = stop_on_signals(lambda text: session.complain(text, is_error=False))
    with ExitStack() as stack:
        app = stack.enter_context(_prepared(session, speed))
        console = None if speed is not None else Console(app)
        address = None if console is None else stack.enter_context(_served(session, app, console))
        _print_start(session, app, speed, address)
        announcer = Announcer(session, app.clock, is_fast=speed is not None)
        started = app.clock.now()

        def on_sent(sent: Sent) -> None:
            announcer.sent(sent)
            if console is not None:
                console.metrics.sent(sent)

        def on_swept(swept: Swept) -> None:
            announcer.swept(swept)
            if console is not None:
                console.metrics.swept(swept)

        with worker_of(app, on_sent=on_sent, on_swept=on_swept) as worker:
            session.tell_of_take_over(worker.taken_over)
            if not stop.is_set():
                worker.run(
                    stop, speed=speed or 1.0, on_started=lambda: announcer.say("Running.", style="bold")
                )
        announcer.say()
        announcer.say(
            f"Stopped after {duration(app.clock.now() - started)}: {announcer.summary()}.", style="bold"
        )


@contextmanager
def _prepared(session: Session, speed: float | None) -> Iterator[App]:
    """The app with its content taken in and its days planned."""
    if speed is None:
        app = session.app
        app.sync()
        app.outlets.check()
        app.planner.plan(days=app.settings.plan_ahead_days)
        yield app
        return
    from bot.fast_copy import fast_copy

    with tempfile.TemporaryDirectory(prefix="campaign-bot-") as folder:
        app = session.app = fast_copy(session.app, speed=speed, data_dir=Path(folder))
        yield app


@contextmanager
def _served(session: Session, app: App, console: Console) -> Iterator[str | None]:
    """The pages, and their address; None when they cannot be served: sending matters more."""
    from bot.web.serving import serving

    with ExitStack() as stack:
        try:
            address = stack.enter_context(
                serving(console.pages, host=app.settings.console_host, port=app.settings.console_port)
            )
        except ConfigError as error:
            session.complain(f"{error}; the bot runs on without pages", is_error=False)
            address = None
        yield address


def _print_start(session: Session, app: App, speed: float | None, address: str | None) -> None:
    page, inspector = session.page, app.inspector
    page.line(f"campaign-bot, mode {app.settings.mode}{_meaning(app, speed)}", style="bold")
    page.line(
        f"database   {app.db.place}" if speed is None else "database   a throw-away one, gone at the end"
    )
    for campaign in inspector.campaigns():
        accounts = ", ".join(f"{account.name} ({app.mode_of(account)})" for account in campaign.accounts)
        page.line(f"campaign   {campaign.key}, {campaign.zone}: {accounts}")
    ahead = app.settings.plan_ahead_days
    coming = inspector.count_coming(within=timedelta(days=ahead))
    to_approve = inspector.count_to_approve(within=timedelta(days=ahead))
    waiting = f", and {count(to_approve, 'post')} waiting for an approval" if to_approve else ""
    page.line(f"planned    {count(coming, 'post')} in the next {count(ahead, 'day')}{waiting}")
    if app.is_paused_by_file:
        page.line(f"paused     {app.pause_file} is there; remove it to go on", style="yellow")
    for pause in inspector.pauses():
        page.line(f"paused     {pause.covers()}, by {pause.who}: {pause.reason}", style="yellow")
    if address is not None:
        page.line(f"console    {_entrance(app, address)}", style="bold")
        page.line(f"health     {address}/healthz")
    page.line("to stop    Ctrl-C; what is under way is finished first")
    page.heading("Next")
    shown = inspector.next_posts(_SHOWN)
    for post in shown:
        page.block(post_block(post, now=app.clock.now()))
    if not shown and to_approve:
        page.line("Nothing leaves before somebody approves it: `campaign-bot queue approve`.", style="yellow")
    elif not shown:
        page.line("Nothing is planned: see the posting times in the campaign files.", style="yellow")


def _entrance(app: App, address: str) -> str:
    """How people come into the console."""
    from bot.cli.options import person_here
    from bot.web.gate.hosts import Hosts

    public = app.settings.console_url or address
    if app.people.has_users():
        return f"{public}/sign-in"
    if Hosts(host=app.settings.console_host, url=app.settings.console_url).are_loopback:
        return f"{app.people.one_time_link(address, who=person_here())}  (once, within 15 minutes)"
    return f"{public}, once there are users: `campaign-bot users add NAME --role admin`"


def _meaning(app: App, speed: float | None) -> str:
    if speed is not None:
        return f": a rehearsal on a clock {speed:,.0f} times faster; nothing leaves and nothing is kept"
    if app.settings.mode.value == "live":
        return ": posts leave for the networks"
    return ": everything runs but the last step; nothing leaves this machine"
