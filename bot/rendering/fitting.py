"""Fitting a post to a network: which wording, and which hashtags, in the order in which they are given up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bot.core.campaign import Hashtags
from bot.text.forms import nfc
from bot.text.hashtags import fold_hashtag, standing_hashtags
from bot.text.networks import TextRules


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One way to write a post."""

    short: bool
    #: The wording, with its figures.
    text: str
    #: Those that the post adds to its text, in order.
    hashtags: tuple[str, ...]
    #: Optional ones given up.
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What became of a choice: the whole text, and its length as the network counts."""

    choice: Choice
    text: str
    length: int
    #: Whether the network takes it.
    fits: bool


def choices(texts: Iterable[tuple[bool, str]], *, hashtags: Hashtags) -> Iterator[Choice]:
    """Give every way to write a post, the best first. Each text comes with whether it is the short one.

    With each text, optional hashtags go last-first; required ones stay. None is added twice, nor one that the
    text holds by itself.
    """
    for short, text in texts:
        held = standing_hashtags(text)
        required = _new(hashtags.required, held)
        optional = _new(hashtags.optional, held | {fold_hashtag(tag) for tag in required})
        for kept in range(len(optional), -1, -1):
            yield Choice(short=short, text=text, hashtags=required + optional[:kept], dropped=optional[kept:])


def fit(ways: Iterable[Choice], *, write: Callable[[Choice], str], rules: TextRules) -> Fitted:
    """Return the first choice that fits, or else the shortest, which does not."""
    shortest: Fitted | None = None
    for choice in ways:
        text = write(choice)
        fitted = Fitted(choice=choice, text=text, length=rules.measure(text), fits=rules.fits(text))
        if fitted.fits:
            return fitted
        if shortest is None or fitted.length < shortest.length:
            shortest = fitted
    assert shortest is not None, "an item has at least one wording"
    return shortest


def _new(tags: Iterable[str], held: frozenset[str]) -> tuple[str, ...]:
    new: dict[str, str] = {}
    for tag in map(nfc, tags):
        if fold_hashtag(tag) not in held:
            new.setdefault(fold_hashtag(tag), tag)
    return tuple(new.values())
