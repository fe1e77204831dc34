"""`content save` and `content settle`: between what people write in the console and their content files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.documents import write_document
from bot.cli.session import Session, pass_session
from bot.cli.writing import count
from bot.core.errors import NotAllowedError

if TYPE_CHECKING:
    from bot.cli.page import Page
    from bot.pipeline.write_back import WrittenBack


@click.command(name="save")
@options.campaign
@click.option("--dry-run", is_flag=True, help="Only say what would be written.")
@options.by
@options.as_json
@pass_session
def save(session: Session, *, campaign: str | None, dry_run: bool, by: str | None, as_json: bool) -> int:
    """Write what was changed in the console into the content files.

    An item that a file has is changed in its place there; comments and everything else stay as they
    are. A new one goes into console.yaml in its campaign's folder, and one that was retired is taken
    out. What changed in its file, too, is left alone and named.

    \b
    Example:
      campaign-bot content save --dry-run
    """
    done = session.app.write_back(who=options.decider(by), only=campaign, dry_run=dry_run)
    if as_json:
        write_document(
            {
                "files": [
                    {
                        "path": str(file.path),
                        "new": file.is_new,
                        "written": file.written,
                        "taken_out": file.taken_out,
                    }
                    for file in done.files
                ],
                "left": [
                    {"item": f"{left.campaign}/{left.item}", "reason": left.reason} for left in done.left
                ],
            }
        )
    else:
        _print(session.page, done, dry_run=dry_run)
    for left in done.left:
        session.complain(f"{left.campaign}/{left.item} stays out: {left.reason}", is_error=left.is_wrong)
    return 1 if any(left.is_wrong for left in done.left) else 0


@click.command(name="settle")
@click.argument("item", metavar="CAMPAIGN/ITEM")
@click.option(
    "--keep",
    type=click.Choice(["file", "console"]),
    required=True,
    help="Whose version stays: the content file's or the console's.",
)
@options.by
@pass_session
def settle(session: Session, *, item: str, keep: str, by: str | None) -> None:
    """Settle what an item's file and the console disagree about, by keeping one of the two.

    The console's Library shows both side by side, and can make one of both.

    \b
    Example:
      campaign-bot content settle not-hostages/sit-ins --keep console
    """
    from bot.pipeline.edit import Keep

    campaign, slash, key = item.partition("/")
    if not slash:
        raise click.BadParameter(f"{item!r}: write the campaign's key, a slash and the item's")
    app = session.app
    stored = app.library.item(campaign, key).stored
    if stored.conflict is None:
        raise NotAllowedError(f"{item}: its file and the console do not disagree")
    saved = app.editor(options.decider(by)).settle(
        campaign, key, keep=Keep(keep), based_on=stored.digest, on_file=stored.conflict.digest
    )
    session.page.line(f"{item}: the {'console' if keep == 'console' else 'file'}'s version stays.")
    if saved.rewritten or saved.stopped:
        session.page.line(
            f"Of the posts that wait, {saved.rewritten} got a new text, and {saved.stopped} were held."
        )


def _print(page: Page, done: WrittenBack, *, dry_run: bool) -> None:
    for file in done.files:
        name = _short(file.path) + (" (new)" if file.is_new else "")
        for key in file.written:
            page.line(f"written   {file.campaign}/{key} in {name}", style="green")
        for key in file.taken_out:
            page.line(f"taken out {file.campaign}/{key} of {name}", style="red")
    items = sum(len(file.written) + len(file.taken_out) for file in done.files)
    if not items:
        page.line("Nothing to write: the files have everything that was changed in the console.")
    elif dry_run:
        page.line(f"{count(items, 'item')} would change in {count(len(done.files), 'file')}.")
    else:
        page.line(f"{count(items, 'item')} changed in {count(len(done.files), 'file')}.")


def _short(path: Path) -> str:
    """A path as people write it, from where they are."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
