"""Draws a card: typst makes a PNG of our own template, and gets all words as data."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from bot.cards.alt import alt_of, source_line
from bot.cards.fonts import Fonts, missing_packages
from bot.core.card import CardText, CardWording
from bot.core.errors import CardTooLongError, PictureError

if TYPE_CHECKING:
    import typst

TEMPLATE: Final = Path(__file__).with_name("card.typ")
#: Pixels.
WIDTH: Final = 1200
HEIGHT: Final = 675
#: One pixel for each of the template's points; half as many in the small copy.
_PIXELS_BY_INCH: Final = 72
_PIXELS_BY_INCH_SMALL: Final = 36
#: What the template says when words do not fit at their smallest, and when the frame around them does not.
_TOO_LONG: Final = "words do not fit"
_FRAME_TOO_LONG: Final = "frame does not fit"
#: What a text may hold that typst would take for a place to break, or show as something else.
_PLAINER: Final = str.maketrans({"\u202f": "\u00a0", "\u2060": None, "\ufeff": None, "\t": " ", "\r": None})


@dataclass(frozen=True, kw_only=True)
class DrawnCard:
    """A card as a PNG of 1200 x 675 pixels, and its alternative text."""

    data: bytes
    #: The same at half the width, for pages; it never leaves.
    small: bytes
    alt: str
    #: Whether the shorter wording was taken.
    used_short: bool = False


class CardDrawer:
    """Draws cards. The same words give the same bytes, as long as template, typst and fonts are the same."""

    def __init__(self, fonts: Fonts | None = None) -> None:
        self._fonts = fonts or Fonts()
        #: Threads share the compiler, which keeps what it knows of the fonts.
        self._turn = threading.Lock()

    def draw(self, card: CardText) -> DrawnCard:
        """Return the card with the first wording that fits.

        Raises CardTooLongError when none does, PictureError when no font has one of its characters, both with
        the remedy; ConfigError when typst or the fonts are not installed.
        """
        for number, wording in enumerate(card.wordings):
            data = self._compiled(card, wording, "png")
            if data is not None:
                small = self._compiled(card, wording, "png", pixels_by_inch=_PIXELS_BY_INCH_SMALL)
                assert small is not None, "the same page"
                return DrawnCard(data=data, small=small, alt=alt_of(card, wording), used_short=number > 0)
        remedy = f'write a shorter wording under "short: {card.language}:"'
        if len(card.wordings) > 1:
            remedy = f'cut "short: {card.language}:"'
        raise CardTooLongError(
            f"its words in {card.language} are too long for a card: {remedy}, or give it a picture of its own"
        )

    def outlined(self, card: CardText, *, form: Literal["pdf", "svg"]) -> bytes | None:
        """The card's first wording in a form whose words can be read back; None when it does not fit."""
        return self._compiled(card, card.wordings[0], form)

    def _compiled(
        self,
        card: CardText,
        wording: CardWording,
        form: Literal["png", "pdf", "svg"],
        *,
        pixels_by_inch: int = _PIXELS_BY_INCH,
    ) -> bytes | None:
        """Return the page; None when the words do not fit. Raises PictureError when nothing can be done."""
        compiler, failure = self._compiler
        data = self._data(card, wording)
        with self._turn:
            try:
                page = compiler.compile(
                    TEMPLATE,
                    format=form,
                    ppi=pixels_by_inch,
                    sys_inputs={"card": json.dumps(data, ensure_ascii=False)},
                    # A fixed moment: PDF carries one.
                    timestamp=0,
                )
            except failure as error:
                refusal = _refusal(card, str(error))
                if refusal is None:
                    return None
                raise refusal from error
        assert isinstance(page, bytes)
        return page

    def _data(self, card: CardText, wording: CardWording) -> dict[str, Any]:
        data = {
            "language": card.language.partition("-")[0],
            "right_to_left": card.right_to_left,
            "fonts": self._fonts.families(right_to_left=card.right_to_left),
            "title": _plainer(card.title),
            "figure": _plainer(wording.figure),
            "runs": [{**asdict(run), "text": _plainer(run.text)} for run in wording.runs],
            # A period stays on one line.
            "source": _plainer(source_line(replace(card, period=card.period.replace(" ", "\u00a0")))),
            "hashtag": None
            if card.hashtag is None
            else {**asdict(card.hashtag), "text": _plainer(card.hashtag.text)},
        }
        self._check_characters(data)
        return data

    def _check_characters(self, data: dict[str, Any]) -> None:
        tag = data["hashtag"]["text"] if data["hashtag"] is not None else ""
        runs = "".join(run["text"] for run in data["runs"])
        missing = self._fonts.missing("".join([data["title"], data["figure"], runs, data["source"], tag]))
        if missing:
            raise PictureError(
                f"no font of the cards has {', '.join(missing)}: write it without, "
                "or give the item a picture of its own"
            )

    @cached_property
    def _compiler(self) -> tuple[typst.Compiler, type[Exception]]:
        try:
            import typst
        except ImportError:
            raise missing_packages() from None
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[str(folder) for folder in self._fonts.folders],
        )
        compiler = typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=fonts)
        return compiler, typst.TypstError


def _refusal(card: CardText, said: str) -> PictureError | None:
    """What to say of typst's complaint; None where a shorter wording may help."""
    if _TOO_LONG in said:
        return None
    if _FRAME_TOO_LONG in said:
        return PictureError(
            f"the campaign's title, its hashtag or the source in {card.language} is too long for a card: "
            "shorten it, or give the item a picture of its own"
        )
    return PictureError(f"its card could not be drawn ({' '.join(said.split())[:200]})")


def _plainer(text: str) -> str:
    return text.translate(_PLAINER)
