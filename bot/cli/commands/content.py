"""`content`: spreadsheets in and out, and the schema for editors; its other commands are beside it."""

from __future__ import annotations

import re
from pathlib import Path

import click

from bot.cli.catalogue import CONTENT
from bot.cli.lazy import LazyGroup
from bot.cli.session import Session, pass_session
from bot.cli.writing import count
from bot.core.errors import NotAllowedError

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*\.yaml")
#: More items than any campaign has: somebody named the wrong file.
_LARGEST = 50_000_000


@click.group(cls=LazyGroup, entries=CONTENT)
def content() -> None:
    """Organisers' spreadsheets in and out, what the console wrote, and the schema for editors.

    \b
    Example:
      campaign-bot content export --campaign not-hostages --output items.csv
    """


@click.command(name="import")
@click.argument("file", metavar="FILE.csv")
@click.option("--campaign", metavar="C", required=True, help="The campaign's key.")
@click.option("--into", metavar="NAME.yaml", default="imported.yaml", help="The new file in its folder.")
@pass_session
def import_(session: Session, *, file: str, campaign: str, into: str) -> None:
    """Turn a spreadsheet into a new content file, if every row keeps the rules.

    Its columns are those that `content export` writes.

    \b
    Example:
      campaign-bot content import items.csv --campaign not-hostages --into autumn.yaml
    """
    if _NAME.fullmatch(into) is None or into == "campaign.yaml":
        raise click.BadParameter(
            f"{into!r}: write a name such as autumn.yaml, in small letters", param_hint="--into"
        )
    text = _read(Path(file))
    from bot.pipeline.spreadsheets import bring_in

    app = session.app
    path = app.settings.content_dir / campaign / into
    items = bring_in(app.content(), campaign, text=text, where=file, path=path)
    session.page.line(f"{count(items, 'item')} written to {path}; `campaign-bot sync` takes them in.")


@click.command(name="export")
@click.option("--campaign", metavar="C", required=True, help="The campaign's key.")
@click.option("--output", metavar="F", help="The file to write; standard output unless given.")
@pass_session
def export(session: Session, *, campaign: str, output: str | None) -> None:
    """Turn a campaign's facts and calls into a spreadsheet, one row each, without loss.

    What was changed in the console is in it as it stands there.

    \b
    Example:
      campaign-bot content export --campaign not-hostages --output items.csv
    """
    from bot.pipeline.spreadsheets import take_out

    text = take_out(session.app.content_with_last_words(), campaign)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        Path(output).write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise NotAllowedError(f"{output}: cannot be written ({error.strerror})") from error
    session.page.line(f"Written to {output}.")


@click.command(name="schema")
@pass_session
def schema(session: Session) -> None:
    """Write the JSON Schema that editors complete and check content files with.

    The files name it in their first line, so nothing else has to be set up.

    \b
    Example:
      campaign-bot content schema
    """
    from bot.content.schema import schemas, write_schemas

    folder = session.settings.content_dir / ".schema"
    try:
        write_schemas(folder)
    except OSError as error:
        raise NotAllowedError(f"{folder}: cannot be written ({error.strerror})") from error
    for name in schemas():
        session.page.line(f"Written: {folder / name}")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise click.BadParameter(
            f"{path}: cannot be read ({error.strerror})", param_hint="FILE.csv"
        ) from None
    if len(data) > _LARGEST:
        raise click.BadParameter(f"{path}: is too large for a spreadsheet", param_hint="FILE.csv")
    from bot.content.spreadsheet import decode

    try:
        return decode(data)
    except UnicodeDecodeError:
        what = f"{path}: is no UTF-8 text; save it as CSV UTF-8"
        raise click.BadParameter(what, param_hint="FILE.csv") from None
