"""`resolve`: a person's word on an unknown post."""

from __future__ import annotations

import sys

import click

from bot.cli import options
from bot.cli.blocks import moment_in, numbers, post_block
from bot.cli.documents import post_document, write_document
from bot.cli.session import Session, pass_session


@click.command(name="resolve")
@click.argument("post", type=options.NUMBER)
@click.option("--live", "url", metavar="URL", help="It is public: this is its link.")
@click.option("--send-again", is_flag=True, help="It is not public: send it once more, now.")
@click.option("--leave", is_flag=True, help="Whether it is public or not: do nothing more.")
@click.option("--yes", is_flag=True, help="Do not ask before it is sent again.")
@options.by
@options.as_json
@pass_session
def resolve(
    session: Session,
    *,
    post: int,
    url: str | None,
    send_again: bool,
    leave: bool,
    yes: bool,
    by: str | None,
    as_json: bool,
) -> None:
    """Say what became of an unknown post, after looking at the account itself.

    \b
    Example:
      campaign-bot resolve 41 --live https://x.com/not_hostages/status/1234567890
    """
    if sum((url is not None, send_again, leave)) != 1:
        raise click.UsageError("give one of --live URL, --send-again and --leave")
    resolver = session.app.resolver(options.decider(by))
    if url is not None:
        resolved = resolver.live(post, url=url)
    elif leave:
        resolved = resolver.leave(post)
    else:
        if not yes:
            _confirm(session, post)
        resolved = resolver.send_again(post)
    if as_json:
        write_document({"post": post_document(resolved)})
        return
    moment = moment_in(resolved.due_at, resolved.slot.zone)
    session.page.line(
        f"{numbers([resolved])} is {resolved.state}: {resolved.reason}; its moment is {moment}."
    )


def _confirm(session: Session, post: int) -> None:
    """Let the person type the post's number: a post that is public after all would be public twice."""
    if not sys.stdin.isatty():
        raise click.UsageError("--send-again asks before it sends: say --yes where nobody can answer")
    session.page.block(post_block(session.app.inspector.post(post).post))
    typed = click.prompt(
        f"If it is public after all, it will be public twice. Type {post} to send it again", err=True
    )
    if typed.strip() != str(post):
        raise click.UsageError(f"{typed!r} is not {post}: nothing was changed")
