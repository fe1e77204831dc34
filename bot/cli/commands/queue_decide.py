"""`queue hold`, `release`, `approve`, `move`, `cancel`: a person's decisions on single posts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.blocks import moment_in, numbers
from bot.cli.documents import post_document, write_document
from bot.cli.session import Session, pass_session
from bot.core.errors import BotError

if TYPE_CHECKING:
    from bot.core.post import Post
    from bot.pipeline.moments import Moment


@click.command(name="hold")
@options.posts
@options.reason
@options.by
@options.as_json
@pass_session
def hold(session: Session, *, posts: Sequence[int], reason: str, by: str | None, as_json: bool) -> int:
    """Keep ready posts back until they are released.

    \b
    Example:
      campaign-bot queue hold 41 42 --reason "the source is being checked"
    """
    operator = session.app.operator(options.decider(by))
    return _decide(session, posts, lambda post: operator.hold(post, reason=reason), as_json=as_json)


@click.command(name="release")
@options.posts
@options.by
@options.as_json
@pass_session
def release(session: Session, *, posts: Sequence[int], by: str | None, as_json: bool) -> int:
    """Let held posts go at their moment.

    \b
    Example:
      campaign-bot queue release 41
    """
    operator = session.app.operator(options.decider(by))
    return _decide(session, posts, operator.release, as_json=as_json)


@click.command(name="approve")
@options.posts
@options.by
@options.as_json
@pass_session
def approve(session: Session, *, posts: Sequence[int], by: str | None, as_json: bool) -> int:
    """Approve the very text, account and moment of held posts; who wrote one cannot approve it.

    \b
    Example:
      campaign-bot queue approve 41 --by Huda
    """
    operator = session.app.operator(options.decider(by))
    return _decide(session, posts, operator.approve, as_json=as_json)


@click.command(name="cancel")
@options.posts
@click.option("--reason", metavar="R", default="cancelled by hand", help="Why; the send log keeps it.")
@options.by
@options.as_json
@pass_session
def cancel(session: Session, *, posts: Sequence[int], reason: str, by: str | None, as_json: bool) -> int:
    """Take waiting or missed posts out of the queue, for good.

    \b
    Example:
      campaign-bot queue cancel 41 --reason "overtaken by events"
    """
    operator = session.app.operator(options.decider(by))
    return _decide(session, posts, lambda post: operator.cancel(post, reason=reason), as_json=as_json)


@click.command(name="move")
@click.argument("post", type=options.NUMBER)
@click.option("--to", "to", type=options.MomentType(), metavar="MOMENT|now", required=True, help="When.")
@options.by
@options.as_json
@pass_session
def move(session: Session, *, post: int, to: Moment, by: str | None, as_json: bool) -> int:
    """Give a waiting or missed post another moment; an approval of the old one is void.

    MOMENT is wall time in the campaign's zone ("2026-11-25 18:30") or RFC 3339 with its offset.

    \b
    Example:
      campaign-bot queue move 41 --to "2026-11-25 18:30"
    """
    app = session.app
    zone = app.inspector.post(post).post.slot.zone
    moment = None if to.at is None else to.instant(app.clock, zone=zone)
    operator = app.operator(options.decider(by))
    return _decide(session, [post], lambda number: operator.move(number, to=moment), as_json=as_json)


def _decide(session: Session, posts: Sequence[int], decide: Callable[[int], Post], *, as_json: bool) -> int:
    """Decide on one post after the other: one that cannot be does not hold up the rest."""
    done: list[Post] = []
    status = 0
    for number in dict.fromkeys(posts):
        try:
            done.append(decide(number))
        except BotError as error:
            said = str(error)
            session.complain(said if f"post {number}" in said else f"post {number}: {said}")
            status = 1
    if as_json:
        write_document({"posts": [post_document(post) for post in done]})
    else:
        for post in done:
            moment = moment_in(post.due_at, post.slot.zone)
            why = f" ({post.reason})" if post.reason else ""
            session.page.line(f"{numbers([post])} is {post.state}{why}; its moment is {moment}.")
    return status
