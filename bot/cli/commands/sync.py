"""`sync`: content files into the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.documents import write_document
from bot.cli.page import Page
from bot.cli.session import Session, pass_session
from bot.cli.writing import count

if TYPE_CHECKING:
    from bot.pipeline.sync import Synced


@click.command(name="sync")
@options.as_json
@pass_session
def sync(session: Session, *, as_json: bool) -> int:
    """Take the content files into the store, and bring the posts that wait up to date.

    What is gone from the files is retired, never deleted. What was changed in the console stays;
    what changed in both since the last time is left as it is and named. `run` does this when it starts.

    \b
    Example:
      campaign-bot sync
    """
    synced = session.app.sync()
    if as_json:
        write_document(
            {
                "new": synced.new,
                "changed": synced.changed,
                "retired": synced.retired,
                "unchanged": synced.unchanged,
                "rewritten": synced.rewritten,
                "stopped": synced.stopped,
                "kept": synced.kept,
                "conflicts": synced.conflicts,
            }
        )
    else:
        _print(session.page, synced)
    # Each was named on stderr, as it is where `run` finds it.
    return 1 if synced.conflicts else 0


def _print(page: Page, synced: Synced) -> None:
    for what, names, style in (
        ("new", synced.new, "green"),
        ("changed", synced.changed, "yellow"),
        ("retired", synced.retired, "red"),
    ):
        _print_names(page, what, names, style)
    if not (synced.new or synced.changed or synced.retired):
        page.line(f"Nothing changed: {count(synced.unchanged, 'campaign or item', 'campaigns and items')}.")
    else:
        page.line(
            f"{len(synced.new)} new, {len(synced.changed)} changed, {len(synced.retired)} retired, "
            f"{synced.unchanged} as before."
        )
    if synced.rewritten or synced.stopped:
        page.line(
            f"Of the posts that wait, {synced.rewritten} got a new text, "
            f"and {synced.stopped} were held or cancelled."
        )
    if synced.kept:
        page.line(
            f"{count(len(synced.kept), 'item')} changed in the console and not in the files yet: "
            "`campaign-bot content save` writes them there."
        )


def _print_names(page: Page, what: str, names: Sequence[str], style: str) -> None:
    for name in names:
        page.line(f"{what:<8} {name}", style=style)
