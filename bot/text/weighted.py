"""Count a text as X counts it, in the weights of twitter-text 3.

The counts are those of npm twitter-text 3.1.0, with one intended difference: that package knows the
emoji of 2018; here a fully qualified emoji sequence of any age counts 2.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import regex

from bot.text.links import Link, find_links

#: `maxWeightedTweetLength` of twitter-text's config v3, which X's documentation names (read 2026-11-21).
MAX_WEIGHTED_LENGTH: Final = 280
#: `transformedURLLength` of the same: every link is shortened to this.
LINK_WEIGHT: Final = 23
#: A whole emoji sequence: `defaultWeight` / `scale` of the same.
EMOJI_WEIGHT: Final = 2

#: All that weighs 2: what lies outside the `ranges` of weight 100 in the same.
_HEAVY = re.compile("[^\0-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
#: The same and the joiner. An emoji of several characters is such a run, all but a first digit or sign.
_HEAVY_RUN = re.compile("[^\0-\u10ff\u2000-\u200c\u2010-\u201f\u2032-\u2037]+")
_UNSAFE_ON_X = re.compile("[\ufeff\ufffe\uffff]")

# The sequences of Unicode UTS #51. As in the reference, a text-style emoji needs U+FE0F inside a joined
# sequence, and an emoji that is colourful by itself does not take U+FE0F in: a stray one counts.
_STYLED = r"[\p{Emoji}--\p{Emoji_Presentation}--[0-9#*]]\uFE0F"
_TONED = (
    r"(?:\p{Emoji_Modifier_Base}|[\p{Emoji_Modifier_Base}--\p{Emoji_Presentation}]\uFE0F)\p{Emoji_Modifier}"
)
_ELEMENT = rf"(?:{_TONED}|{_STYLED}|[\p{{Emoji_Presentation}}--\p{{Regional_Indicator}}])"
_EMOJI = regex.compile(
    r"[0-9#*]\uFE0F?+\u20E3"
    r"|\p{Regional_Indicator}{2}"
    r"|\U0001F3F4[\U000E0020-\U000E007E]++\U000E007F"
    # The eye in a speech bubble is the one sequence that the reference knows without U+FE0F.
    r"|\U0001F441\u200D\U0001F5E8"
    rf"|{_ELEMENT}(?:\u200D{_ELEMENT})++"
    rf"|{_TONED}|{_STYLED}",
    regex.V1,
)


def weighted_length(text: str) -> int:
    """Return the length of the text on X, where a post may have MAX_WEIGHTED_LENGTH."""
    text = unicodedata.normalize("NFC", text)
    heavy = _count_heavy(text)
    links = find_links(text)
    length = len(text) + heavy
    for link in links:
        length += LINK_WEIGHT - _raw_weight(link.url)
    if heavy:
        length -= _weight_saved_by_emoji(text, links)
    return length


def is_valid_post(text: str) -> bool:
    """Say whether X takes the text: not blank, not too long, no character that X refuses."""
    return (
        not text.isspace()
        and 0 < weighted_length(text) <= MAX_WEIGHTED_LENGTH
        and not _UNSAFE_ON_X.search(text)
    )


def _count_heavy(text: str) -> int:
    return 0 if text.isascii() or not _HEAVY.search(text) else len(_HEAVY.findall(text))


def _raw_weight(text: str) -> int:
    return len(text) + _count_heavy(text)


def _weight_saved_by_emoji(text: str, links: tuple[Link, ...]) -> int:
    """Look only between the links: an emoji inside a link is part of its 23."""
    saved = start = 0
    for link_start, link_end in (*((link.start, link.end) for link in links), (len(text), 0)):
        for run in _HEAVY_RUN.finditer(text, start, link_start):
            first, end = run.span()
            if end - first > 1 or text[first] in "\ufe0f\u20e3":
                for emoji in _EMOJI.finditer(text, max(first - 1, start), end):
                    saved += _raw_weight(emoji[0]) - EMOJI_WEIGHT
        start = link_end
    return saved
