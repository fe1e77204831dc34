"""`card`: a fact as a picture, to look at or to use elsewhere."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from bot.cli import options
from bot.cli.documents import write_document
from bot.cli.session import Session, pass_session
from bot.core.errors import BotError, NotAllowedError

if TYPE_CHECKING:
    from bot.cards.drawing import DrawnCard
    from bot.pipeline.card_orders import CardOrder

#: As the name of a file.
_STANDARD_OUTPUT: Final = "-"


@dataclass(frozen=True, kw_only=True)
class _Written:
    order: CardOrder
    card: DrawnCard
    path: Path


@click.command(name="card")
@click.argument("items", metavar="ITEM...", nargs=-1, required=True)
@options.campaign
@options.language
@click.option(
    "--out", metavar="FILE", help="The PNG to write, or a folder for several; - is standard output."
)
@options.as_json
@pass_session
def card(
    session: Session,
    *,
    items: tuple[str, ...],
    campaign: str | None,
    language: str | None,
    out: str | None,
    as_json: bool,
) -> None:
    """Draw facts as pictures of 1200 x 675 pixels, and print the words that describe each.

    One for each of a fact's languages, unless one is named. Nothing is stored and nothing is sent.

    \b
    Example:
      campaign-bot card torture-deaths-total --language ar --out card.png
    """
    from bot.pipeline.card_orders import order_cards

    if out == _STANDARD_OUTPUT and as_json:
        raise click.UsageError("--out - and --json both write to standard output: give one of them")
    app = session.app
    orders = order_cards(app.content_with_last_words(), items, only=campaign, language=language)
    paths = [_path(order, out, alone=len(orders) == 1) for order in orders]
    written: list[_Written] = []
    with session.progress("Drawing", total=len(orders)) as advance:
        for order, path in zip(orders, paths, strict=True):
            try:
                drawn = app.card_drawer.draw(order.words())
            except BotError as error:
                raise order.refused(error) from error
            _write(path, drawn.data)
            written.append(_Written(order=order, card=drawn, path=path))
            advance(len(written))
    if as_json:
        write_document({"cards": [_document(one) for one in written]})
        return
    if out == _STANDARD_OUTPUT:
        return
    for one in written:
        session.page.line(str(one.path))
        session.page.line(one.card.alt)
        session.page.line()


def _path(order: CardOrder, out: str | None, *, alone: bool) -> Path:
    name = f"{order.campaign.key}.{order.item.key}.{order.language}.png"
    if out is None:
        return Path(name)
    if out == _STANDARD_OUTPUT:
        if not alone:
            raise NotAllowedError("--out -: there are several cards: name one language, or a folder")
        return Path(out)
    if alone and not Path(out).is_dir():
        return _checked(Path(out))
    if not Path(out).is_dir():
        raise NotAllowedError(f"{out}: is no folder: name one that is there, since there are several cards")
    return Path(out) / name


def _checked(path: Path) -> Path:
    if path.suffix.lower() not in ("", ".png"):
        raise NotAllowedError(f"{path}: cards are PNG: name a file that ends in .png")
    if not path.parent.is_dir():
        raise NotAllowedError(f"{path}: there is no folder {path.parent}: make it, or name another one")
    return path


def _write(path: Path, data: bytes) -> None:
    if str(path) == _STANDARD_OUTPUT:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        path.write_bytes(data)
    except OSError as error:
        raise NotAllowedError(f"{path}: cannot be written ({error.strerror})") from error


def _document(one: _Written) -> dict[str, Any]:
    from bot.cards.drawing import HEIGHT, WIDTH

    return {
        "campaign": one.order.campaign.key,
        "item": one.order.item.key,
        "language": one.order.language,
        "path": str(one.path),
        "digest": hashlib.sha256(one.card.data).hexdigest(),
        "width": WIDTH,
        "height": HEIGHT,
        "size": len(one.card.data),
        "used_short": one.card.used_short,
        "alt": one.card.alt,
    }
