"""`queue add`: what somebody wrote on the spot, under the same rules as the files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.announcing import tell_pauses
from bot.cli.blocks import post_block
from bot.cli.budget import tell_cost
from bot.cli.documents import post_document, write_document
from bot.cli.session import Session, pass_session
from bot.cli.writing import count

if TYPE_CHECKING:
    from bot.app import App
    from bot.core.campaign import Item
    from bot.core.media import Picture
    from bot.pipeline.moments import Moment
    from bot.pipeline.operate import Queued

#: More than any network takes: somebody named the wrong file.
_LARGEST_TEXT = 100_000


@click.command(name="add")
@click.option("--campaign", metavar="C", required=True, help="The campaign's key.")
@click.option("--account", metavar="A", required=True, help="The account that posts it.")
@click.option("--language", metavar="L", required=True, help="The language it is written in, e.g. ar.")
@click.option("--kind", type=click.Choice(["fact", "call"]), help="A fact needs its source and its period.")
@click.option("--text", metavar="T", help="What followers read; hashtags and the source are added to it.")
@click.option("--text-file", metavar="F", help="The same from a UTF-8 file; - is standard input.")
@click.option("--item", metavar="KEY", help="An item of the content files, in place of a text.")
@click.option("--source-name", metavar="N", help="Who reports it, as followers read it.")
@click.option("--source-url", metavar="U", help="The link to the source.")
@click.option("--period", metavar="P", help="The time it speaks of: 2020-06, or 2011-03/2020-06.")
@click.option("--recheck", type=options.DayType(), metavar="DATE", help="The day to check it again.")
@click.option(
    "--picture", metavar="FILE", help="A picture that leaves with it; it is rebuilt, as by `media add`."
)
@click.option(
    "--alt",
    "alts",
    multiple=True,
    type=options.ByLanguageType(),
    metavar="L=T",
    help="What the picture shows, for those who do not see it, e.g. en='A street at night'.",
)
@click.option(
    "--picture-warning",
    type=click.Choice(["yes", "no"]),
    help="Whether the picture may distress: followers then see it only after a warning.",
)
@click.option(
    "--at",
    type=options.MomentType(),
    metavar="MOMENT|now",
    help="When; the next free posting time unless given.",
)
@options.by
@options.as_json
@pass_session
def add(
    session: Session,
    *,
    campaign: str,
    account: str,
    language: str,
    kind: str | None,
    text: str | None,
    text_file: str | None,
    item: str | None,
    source_name: str | None,
    source_url: str | None,
    period: str | None,
    recheck: date | None,
    picture: str | None,
    alts: Sequence[tuple[str, str]],
    picture_warning: str | None,
    at: Moment | None,
    by: str | None,
    as_json: bool,
) -> None:
    """Queue what somebody wrote on the spot, under the same rules as the content files.

    Numbers in the text stay as written. A fact needs --source-name, --source-url, and --period or
    --recheck; a picture needs --alt and --picture-warning. MOMENT is wall time in the campaign's zone
    ("2026-11-25 18:30") or RFC 3339 with its offset. Planned posts within ten minutes give way.

    \b
    Example:
      campaign-bot queue add --campaign not-hostages --account not_hostages_x --language en \\
          --kind call --text "Ask your representative: where are the disappeared?" --at now
    """
    _check_use(kind=kind, text=text, text_file=text_file, item=item)
    if item is not None and any(value is not None for value in (source_name, source_url, period, recheck)):
        raise click.UsageError("with --item, source and period are those of the item")
    _check_picture_use(picture, alts, picture_warning, item=item)
    written = text if text_file is None else _read(text_file)
    app = session.app
    app.sync_first()
    known = app.inspector.campaign(campaign)
    moment = None if at is None else at.instant(app.clock, zone=known.zone)
    operator = app.operator(options.decider(by))
    if item is not None:
        queued = operator.queue_item(campaign, item, account=account, language=language, at=moment)
    else:
        assert kind is not None
        assert written is not None
        on_the_spot = _item(
            app,
            zone=known.zone,
            campaign=campaign,
            language=language,
            kind=kind,
            text=written,
            source_name=source_name,
            source_url=source_url,
            period=period,
            recheck=recheck,
            picture=None
            if picture is None
            else _picture(app, picture, alts, warning=picture_warning == "yes"),
        )
        queued = operator.queue(on_the_spot, account=account, language=language, at=moment)
    if as_json:
        # `post` is the number, as it is in every document that speaks of a post among other things.
        document = {"post": queued.post.id, **post_document(queued.post), "gave_way": queued.gave_way}
        document.pop("id")
        write_document(document)
    else:
        _print(session, queued)


def _check_use(*, kind: str | None, text: str | None, text_file: str | None, item: str | None) -> None:
    if sum(value is not None for value in (text, text_file, item)) != 1:
        raise click.UsageError("give one of --text, --text-file and --item")
    if item is None and kind is None:
        raise click.UsageError("say with --kind whether it is a fact or a call")
    if item is not None and kind is not None:
        raise click.UsageError("--kind does not go with --item: the item has its own")


def _check_picture_use(
    picture: str | None, alts: Sequence[tuple[str, str]], warning: str | None, *, item: str | None
) -> None:
    if picture is None:
        if alts or warning is not None:
            raise click.UsageError(
                "--alt and --picture-warning speak of a picture: name its file with --picture"
            )
        return
    if item is not None:
        raise click.UsageError("with --item, the picture is that of the item")
    if not alts:
        raise click.UsageError("say with --alt LANGUAGE=TEXT what the picture shows")
    if warning is None:
        raise click.UsageError("answer with --picture-warning yes or no whether the picture may distress")
    if len(dict(alts)) < len(alts):
        raise click.UsageError("--alt is there twice for one language")


def _picture(app: App, file: str, alts: Sequence[tuple[str, str]], *, warning: bool) -> Picture:
    from bot.cli.commands.media import taken_in
    from bot.core.media import Picture

    added = taken_in(app.media, file)
    return Picture(file=added.picture.file.digest, alt=dict(alts), warning=warning)


def _read(path: str) -> str:
    import sys

    try:
        data = sys.stdin.buffer.read(_LARGEST_TEXT + 1) if path == "-" else _bytes(Path(path))
    except OSError as error:
        raise click.BadParameter(
            f"{path}: cannot be read ({error.strerror})", param_hint="--text-file"
        ) from None
    if len(data) > _LARGEST_TEXT:
        raise click.BadParameter(f"{path}: is too long for any network", param_hint="--text-file")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").rstrip("\n")
    except UnicodeDecodeError:
        raise click.BadParameter(f"{path}: is no UTF-8 text", param_hint="--text-file") from None


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LARGEST_TEXT + 1)


def _item(
    app: App,
    *,
    zone: str,
    campaign: str,
    language: str,
    kind: str,
    text: str,
    source_name: str | None,
    source_url: str | None,
    period: str | None,
    recheck: date | None,
    picture: Picture | None,
) -> Item:
    from bot.cli.blocks import local
    from bot.core.campaign import Kind
    from bot.pipeline.on_the_spot import Written, item_of

    written = Written(
        campaign=campaign,
        language=language,
        kind=Kind(kind),
        text=text,
        source_name=source_name,
        source_url=source_url,
        period=period,
        recheck_on=recheck,
        picture=picture,
    )
    return item_of(written, today=local(app.clock.now(), zone).date())


def _print(session: Session, queued: Queued) -> None:
    page = session.page
    page.block(post_block(queued.post, now=session.app.clock.now()))
    if queued.gave_way:
        gone = ", ".join(str(number) for number in queued.gave_way)
        page.line(f"{count(len(queued.gave_way), 'planned post')} gave way: {gone}.", style="yellow")
    tell_cost(session, [queued.post])
    if queued.post.state == "held":
        page.line("It is held: it leaves only after somebody approves or releases it.", style="yellow")
    elif session.app.is_paused_by_file or any(
        one.holds(queued.post) for one in session.app.inspector.pauses()
    ):
        tell_pauses(session)
        page.line("It waits for the end of the pause; once its grace is over it is missed.", style="yellow")
    else:
        page.line(
            "`campaign-bot run` sends it at its moment; `campaign-bot send` sends what is due.", style="dim"
        )
