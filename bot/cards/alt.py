"""The words for those who do not see a card: the same that stand on it."""

from __future__ import annotations

import re

from bot.cards.words import words_in
from bot.core.campaign import Network
from bot.core.card import CardText, CardWording
from bot.core.errors import CardTooLongError
from bot.text.alt import alt_rules_for

#: Ends a sentence, quotation marks and brackets behind it included.
_ENDED = re.compile(r"[.!?…؟۔][\"'”’»)\]]*$")


def alt_of(card: CardText, wording: CardWording) -> str:
    """Return all that is written on the card, in reading order. The figure stands in the words already.

    Raises CardTooLongError when that is more than a network takes.
    """
    tag = card.hashtag.text if card.hashtag is not None else ""
    said = (wording.text, source_line(card), card.title)
    alt = " ".join([words_in(card.language).card + _ended(said[0]), *map(_ended, said[1:]), tag]).strip()
    for network in Network:
        rules = alt_rules_for(network)
        if rules is not None and not rules.fits(alt):
            raise CardTooLongError(
                f"the card's words in {card.language} are more than the {rules.max_length:,} characters that "
                f"{network} takes to describe a picture: shorten them"
            )
    return alt


def source_line(card: CardText) -> str:
    """Who reports the fact, and for when, as the card shows it."""
    period = f" ({card.period})" if card.period else ""
    return f"{words_in(card.language).source}{card.publisher}{period}"


def _ended(sentence: str) -> str:
    line = " ".join(sentence.split())
    return line if _ENDED.search(line) else f"{line}."
