"""`log`: the attempts of the send log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.catalogue import LOG
from bot.cli.lazy import LazyGroup
from bot.cli.session import Session, pass_session

if TYPE_CHECKING:
    from bot.pipeline.moments import Moment
    from bot.store.log_reading import LogFilter, LoggedAttempt, LogReader

#: What fits on a few screens; --limit shows more.
_SHOWN = 50
#: Attempts read at once.
_PAGE = 1000


@click.group(cls=LazyGroup, entries=LOG, invoke_without_command=True)
@click.option("--since", type=options.MomentType(), metavar="MOMENT", help="From this moment on (UTC).")
@click.option("--until", type=options.MomentType(), metavar="MOMENT", help="Before this moment (UTC).")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=options.StateType(),
    metavar="STATE",
    help="So ended; repeatable.",
)
@options.campaign
@options.account
@click.option("--text", metavar="T", help="Whose text holds this.")
@click.option("--post", type=options.NUMBER, metavar="POST", help="Of this post only.")
@click.option("--limit", type=options.NUMBER, metavar="N", help="The newest N; 50 in a table.")
@options.as_json
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for spreadsheets.")
@pass_session
@click.pass_context
def log(
    ctx: click.Context,
    session: Session,
    *,
    since: Moment | None,
    until: Moment | None,
    states: Sequence[str],
    campaign: str | None,
    account: str | None,
    text: str | None,
    post: int | None,
    limit: int | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Read the send log: each attempt, when, where, which text, how it ended, its link. Newest last.

    MOMENT is a day, "2026-11-25 18:30" in UTC, or RFC 3339 with its offset.

    \b
    Example:
      campaign-bot log --since 2026-11-20 --state sent --csv
    """
    if ctx.invoked_subcommand is not None:
        if any(ctx.params.values()):
            raise click.UsageError(f"options stand after `{ctx.invoked_subcommand}`, not before it")
        return
    if as_json and as_csv:
        raise click.UsageError("--json and --csv do not go together")
    from bot.core.post import State
    from bot.store.log_reading import LogFilter

    app = session.app
    wanted = LogFilter(
        since=None if since is None else since.instant(app.clock, zone="UTC"),
        until=None if until is None else until.instant(app.clock, zone="UTC"),
        states=tuple(State(state) for state in states),
        campaign=campaign,
        account=account,
        text=text,
        post=post,
    )
    with app.open_log() as reader:
        if as_json:
            _print_json(_attempts(reader, wanted, limit))
        elif as_csv:
            _print_csv(_attempts(reader, wanted, limit))
        else:
            _print_table(session, list(_attempts(reader, wanted, limit or _SHOWN)), limit or _SHOWN)
        session.unknown_waits = reader is not None and reader.waiting_for_a_person()


def _attempts(reader: LogReader | None, wanted: LogFilter, limit: int | None) -> Iterator[LoggedAttempt]:
    """Oldest first: the newest `limit`, or all of them page by page, so that no reader holds up a send."""
    if reader is None:
        return
    if limit is not None:
        yield from reader.attempts(wanted, limit=limit, newest=True)
        return
    after = 0
    while page := reader.attempts(wanted, after=after, limit=_PAGE):
        yield from page
        after = page[-1].id


def _print_json(attempts: Iterator[LoggedAttempt]) -> None:
    from bot.cli.documents import write_list
    from bot.pipeline.attempt_rows import attempt_document

    write_list("attempts", (attempt_document(attempt) for attempt in attempts))


def _print_csv(attempts: Iterator[LoggedAttempt]) -> None:
    from bot.cli.csv_rows import write_csv
    from bot.pipeline.attempt_rows import ATTEMPT, attempt_document

    documents = (attempt_document(attempt) for attempt in attempts)
    write_csv(ATTEMPT, ([document[column] for column in ATTEMPT] for document in documents))


def _print_table(session: Session, attempts: Sequence[LoggedAttempt], limit: int) -> None:
    from bot.cli.blocks import attempt_block
    from bot.cli.writing import count

    page = session.page
    if not attempts:
        page.line("The send log has no such attempt.")
        return
    today = ""
    for attempt in islice(attempts, limit):
        if f"{attempt.started_at:%Y-%m-%d}" != today:
            today = f"{attempt.started_at:%Y-%m-%d}"
            page.heading(f"{today} (UTC)")
        page.entry(attempt_block(attempt))
    more = "; --limit shows more" if len(attempts) == limit else ""
    page.line(f"{count(len(attempts), 'attempt')}{more}.", style="dim")
