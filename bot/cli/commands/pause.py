"""`pause` and `resume`: the kill switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.session import Session, pass_session
from bot.cli.writing import count, duration
from bot.core.errors import NotFoundError

if TYPE_CHECKING:
    from bot.app import App
    from bot.core.post import Post


@click.command(name="pause")
@options.campaign
@options.account
@options.language
@options.reason
@options.by
@pass_session
def pause(
    session: Session,
    *,
    campaign: str | None,
    account: str | None,
    language: str | None,
    reason: str,
    by: str | None,
) -> None:
    """Stop sending, from this moment on, on every worker: everything, or what the options name.

    A file named PAUSE in the data folder stops everything too, without a database.

    \b
    Example:
      campaign-bot pause --account not_hostages_x --reason "the figures are being checked"
    """
    app = session.app
    operator = app.operator(options.decider(by))
    paused = operator.pause(campaign=campaign, account=account, language=language, reason=reason)
    page = session.page
    page.line(f"Paused: {paused.pause.covers()}. Nothing of it leaves from now on.", style="bold")
    if not paused.already_left:
        page.line("No request was under way.")
        return
    requests = count(len(paused.already_left), "request")
    left = ", ".join(_left(app, post) for post in paused.already_left)
    page.line(f"{requests} had already left: {left}.", style="yellow")


@click.command(name="resume")
@options.campaign
@options.account
@options.language
@options.by
@pass_session
def resume(
    session: Session, *, campaign: str | None, account: str | None, language: str | None, by: str | None
) -> None:
    """Lift the pauses that name exactly this. What became late meanwhile is missed, never sent in a burst.

    \b
    Example:
      campaign-bot resume --account not_hostages_x
    """
    app = session.app
    operator = app.operator(options.decider(by))
    lifted = operator.resume(campaign=campaign, account=account, language=language)
    still = app.inspector.pauses()
    page = session.page
    for one in lifted:
        page.line(f"Resumed: {one.covers()}, paused by {one.who}: {one.reason}", style="green")
    for one in still:
        page.line(f"Still paused: {one.covers()}, by {one.who}: {one.reason}", style="yellow")
    if app.is_paused_by_file:
        page.line(f"Still paused: {app.pause_file} is there; remove it to go on.", style="yellow")
    if not lifted and not still and not app.is_paused_by_file:
        raise NotFoundError("nothing is paused")
    if not lifted:
        raise NotFoundError("no pause names exactly that; give the options that it was made with")


def _left(app: App, post: Post) -> str:
    since = app.inspector.time_since_request(post)
    ago = "" if since is None else f", {duration(since)} ago"
    return f"post {post.id} on {_network(post)}{ago}"


def _network(post: Post) -> str:
    return post.network.value.capitalize()
