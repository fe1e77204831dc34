"""`queue`, `queue list`, `queue show`: the posts that wait, and everything about one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.announcing import tell_pauses
from bot.cli.blocks import day, local, post_block, waiting_block
from bot.cli.budget import tell_cost
from bot.cli.catalogue import QUEUE
from bot.cli.documents import entry_document, part_documents, post_document, write_document, write_list
from bot.cli.lazy import LazyGroup
from bot.cli.page import Page
from bot.cli.session import Session, pass_session
from bot.cli.writing import count, duration, rfc3339
from bot.pipeline.attempt_rows import attempt_document

if TYPE_CHECKING:
    from bot.core.post import Post
    from bot.pipeline.inspect import WholePost
    from bot.store.log_reading import LoggedAttempt
    from bot.store.send_log import Entry


@click.group(cls=LazyGroup, entries=QUEUE)
def queue() -> None:
    """Work on single posts.

    \b
    Example:
      campaign-bot queue list --campaign not-hostages
    """


@click.command(name="list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=options.StateType(),
    metavar="STATE",
    help="In this state; repeatable.",
)
@options.campaign
@options.account
@options.language
@options.days(default=None, text="Due within so many days.")
@click.option("--all", "everything", is_flag=True, help="In every state, not only those that wait.")
@options.as_json
@pass_session
def list_(
    session: Session,
    *,
    states: Sequence[str],
    campaign: str | None,
    account: str | None,
    language: str | None,
    days: int | None,
    everything: bool,
    as_json: bool,
) -> None:
    """List posts in order of their moments: those that wait, unless told otherwise.

    Waiting are: held, ready, claimed, sending, unconfirmed, unknown and missed.

    \b
    Example:
      campaign-bot queue list --state held --days 2
    """
    from bot.core.post import State
    from bot.pipeline.inspect import WAITS

    if everything and states:
        raise click.UsageError("--all and --state do not go together")
    app = session.app
    wanted = tuple(State(state) for state in states) or (() if everything else WAITS)
    found = app.inspector.posts(
        states=wanted, campaign=campaign, account=account, language=language, within=options.within(days)
    )
    if as_json:
        write_list("posts", (post_document(post) for post in found))
    else:
        tell_pauses(session)
        _print_posts(session, list(found))


@click.command(name="show")
@click.argument("post", type=options.NUMBER)
@options.as_json
@pass_session
def show(session: Session, *, post: int, as_json: bool) -> None:
    """Show one post: its text, its parts, its attempts, and its entries in the send log.

    \b
    Example:
      campaign-bot queue show 41
    """
    from bot.store.log_reading import LogFilter

    app = session.app
    whole = app.inspector.post(post)
    with app.open_log() as log:
        attempts = [] if log is None else log.attempts(LogFilter(post=post))
    if as_json:
        write_document(
            {
                "post": post_document(whole.post),
                "parts": part_documents(whole.parts),
                "attempts": [attempt_document(attempt) for attempt in attempts],
                "log": [entry_document(entry) for entry in whole.entries],
            }
        )
        return
    _print_whole(session, whole, attempts)


def _print_posts(session: Session, posts: Sequence[Post]) -> None:
    page = session.page
    if not posts:
        page.line(
            "No post waits like that. `campaign-bot plan` plans the days ahead; --all shows every state."
        )
        return
    if page.is_terminal:
        today = ""
        for post in posts:
            if day(local(post.due_at, post.slot.zone)) != today:
                today = day(local(post.due_at, post.slot.zone))
                page.heading(today)
            page.entry(waiting_block(post))
    else:
        page.table(
            ("post", "state", "moment", "zone", "account", "lang", "item", "picture", "text"),
            _rows(posts),
            right=(0,),
        )
    page.line(f"{count(len(posts), 'post')}.", style="dim")


def _rows(posts: Sequence[Post]) -> list[tuple[str, ...]]:
    return [
        (
            str(post.id),
            post.state.value,
            f"{local(post.due_at, post.slot.zone):%Y-%m-%d %H:%M}",
            post.slot.zone,
            post.account,
            post.language,
            post.item,
            "" if post.picture is None else "picture",
            post.text,
        )
        for post in posts
    ]


def _print_whole(session: Session, whole: WholePost, attempts: Sequence[LoggedAttempt]) -> None:
    page, post = session.page, whole.post
    page.block(post_block(post, now=session.app.clock.now(), parts=whole.parts))
    page.line(
        f"Campaign {post.campaign}; written by {post.author}; leaves until {rfc3339(post.grace_until)}."
    )
    if post.approval_needed:
        page.line(f"Approved by {post.approved_by}." if post.approved_by else "It waits for an approval.")
    if post.overruled:
        page.line(f"Overruled for this text and moment: {', '.join(sorted(post.overruled))}.")
    tell_cost(session, [post])
    if attempts:
        page.heading("Attempts")
        _print_attempts(page, attempts)
    page.heading("Send log")
    for entry in whole.entries:
        page.line(f"{rfc3339(entry.at)}  {entry.event:<9} {_said(entry)}")


def _print_attempts(page: Page, attempts: Sequence[LoggedAttempt]) -> None:
    for attempt in attempts:
        took = "" if attempt.ended_at is None else f" after {duration(attempt.ended_at - attempt.started_at)}"
        page.line(
            f"{rfc3339(attempt.started_at)}  attempt {attempt.attempt}, part {attempt.part}, "
            f"{attempt.mode}: {attempt.state}{took}"
        )
        for said in (attempt.url, attempt.error):
            if said:
                page.line(f"  {said}")


#: What an entry says that people need; the rest is in `log export`.
_TOLD: Mapping[str, Sequence[str]] = {
    "queued": ("who",),
    "moved": ("before", "after", "reason", "who"),
    "approved": ("who",),
    "refused": ("who", "reason"),
    "overruled": ("guards", "reason", "who"),
    "rewritten": ("state", "reason", "who"),
    "intent": ("attempt", "part", "mode", "picture"),
    "outcome": ("state", "reason", "url"),
    "looked": ("absent_reads", "error"),
    "paused": ("covers", "reason", "who"),
}


def _said(entry: Entry) -> str:
    names = _TOLD.get(entry.event, tuple(sorted(entry.body)))
    return ", ".join(f"{name.replace('_', ' ')} {entry.body[name]}" for name in names if entry.body.get(name))
