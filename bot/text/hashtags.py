"""Find hashtags, mentions and cashtags as X does, and refuse hashtags that another network would cut."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, TypeVar

import regex

from bot.text.graphemes import count_graphemes
from bot.text.links import LATIN_WITH_ACCENTS, find_links
from bot.text.presentation import fold_presentation_forms

#: `maxGraphemes` of a tag in the lexicon app.bsky.richtext.facet (read 2026-11-21): the shortest of the four.
MAX_HASHTAG_GRAPHEMES: Final = 64

# The grammars are those of npm twitter-text 3.1.0 (read 2026-11-21).
_JOINERS = "_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\xb7"
_IN_HASHTAG = rf"\p{{L}}\p{{M}}\p{{Nd}}{_JOINERS}"
_HASHTAG = regex.compile(
    # U+FE0E and U+FE0F end an emoji; although marks, they may stand before a hashtag.
    rf"(?<![[{_IN_HASHTAG}&]--[\uFE0E\uFE0F]])[#＃](?![\uFE0F\u20E3])"
    rf"[\p{{Nd}}{_JOINERS}]*+[\p{{L}}\p{{M}}][{_IN_HASHTAG}]*+"
    # Glued to another (`#a#b`), or before an address, it is none.
    r"(?![#＃]|://)",
    regex.V1,
)
#: Most hashtags there are, at a third of the time: Latin and Arabic letters between white space. Where any
#: other sign of a hashtag stands in the text, the whole grammar is asked; both give the same.
_LETTERS = "a-zA-Z\xc0-\xd6\xd8-\xf6\xf8-\u024f\u0620-\u063f\u0641-\u064a"
_PLAIN_HASHTAG = re.compile(rf"(?<!\S)#[{_LETTERS}][{_LETTERS}0-9\u0660-\u0669_]*+(?!\S)")
_MENTION = regex.compile(
    r"(?<=^|[^a-zA-Z0-9_!#$%&*@＠]|(?:^|[^a-zA-Z0-9_+~.-])[rR][tT]:?)"
    r"[@＠](?P<name>[a-zA-Z0-9_]{1,20}+)(?:/[a-zA-Z][a-zA-Z0-9_-]{0,24}+)?+"
    rf"(?![@＠{LATIN_WITH_ACCENTS}]|://)"
)
_CASHTAG = re.compile(
    "(?:^|(?<=[\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]))"
    r"\$(?P<tag>[a-zA-Z]{1,6}(?:[._][a-zA-Z]{1,2})?)(?=$|[\s\ufeff!'#%&()*+,\-./:;<=>?@\[\]\\^_{|}~$])"
)

_MARKS = regex.compile(r"[\p{M}ـ]+")
_NOT_IN_TAG = regex.compile(r"[^\p{L}\p{Nd}_]|[\p{M}ـ]")
_CUTS = regex.compile(r"[^\p{L}\p{Nd}_]+")
_NO_LETTERS = regex.compile(r"^[^\p{L}]+")


@dataclass(frozen=True, slots=True)
class Hashtag:
    """A hashtag in a text: `text[start:end]` is its `#` and `tag`."""

    start: int
    end: int
    tag: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention of the account `name`. The span holds its `@`, and a list's name if one follows."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Cashtag:
    """A cashtag in a text: `text[start:end]` is its `$` and `tag`."""

    start: int
    end: int
    tag: str


_Found = TypeVar("_Found", Hashtag, Mention)


def find_hashtags(text: str) -> tuple[Hashtag, ...]:
    """Return the hashtags that X links, in order. Those inside a link are none."""
    first = text.find("#") if "＃" not in text else 0
    if first < 0:
        return ()
    spans = [match.span() for match in _PLAIN_HASHTAG.finditer(text, first)]
    if len(spans) != text.count("#") or "＃" in text:
        spans = [match.span() for match in _HASHTAG.finditer(text, first)]
    found = [Hashtag(start, end, text[start + 1 : end]) for start, end in spans]
    return _outside_links(text, found)


def standing_hashtags(text: str) -> frozenset[str]:
    """Return, folded, those hashtags that every network knows: Bluesky and Mastodon miss `(#this)`."""
    return frozenset(
        fold_hashtag(found.tag)
        for found in find_hashtags(text)
        if found.start == 0 or text[found.start - 1].isspace()
    )


def fold_hashtag(tag: str) -> str:
    """Return what spellings of one hashtag have in common: networks do not look at case.

    For comparing only: what is written keeps its letters, the dotless ı of #Esad_zindanlarında among them.
    """
    return tag.lstrip("#＃").casefold()


def find_mentions(text: str) -> tuple[Mention, ...]:
    """Return the accounts that X would notify, in order. Those inside a link are none."""
    if "@" not in text and "＠" not in text:
        return ()
    found = [Mention(*match.span(), match["name"]) for match in _MENTION.finditer(text)]
    return _outside_links(text, found)


def find_cashtags(text: str) -> tuple[Cashtag, ...]:
    """Return the cashtags that X links, in order."""
    if "$" not in text:
        return ()
    return tuple(Cashtag(*match.span(), match["tag"]) for match in _CASHTAG.finditer(text))


def unsafe_hashtag_reason(tag: str) -> str | None:
    """Say why X, Mastodon, Bluesky and Telegram do not all read the hashtag alike, and what to write instead.

    None when they do. The tag comes with its `#`; in a text it stands between white space.
    """
    before, sign, body = tag.partition("#")
    if before or not sign:
        return f"hashtag {tag!r} does not begin with '#': write {_safe_form(tag)}"
    fault = _fault(body)
    return f"hashtag {tag!r} {fault}: write {_safe_form(tag)}" if fault is not None else None


def _fault(body: str) -> str | None:
    letters = fold_presentation_forms(body)
    if (unsafe := _NOT_IN_TAG.search(letters)) is not None:
        return f"holds {_describe(unsafe[0])}"
    if letters != body:
        return "is not in plain composed letters, and search does not find it"
    if not body or _NO_LETTERS.match(body):
        return "does not begin with a letter, and networks ignore it"
    if count_graphemes(body) > MAX_HASHTAG_GRAPHEMES:
        return f"has more than {MAX_HASHTAG_GRAPHEMES} characters, and Bluesky refuses it"
    return None


def _outside_links(text: str, found: list[_Found]) -> tuple[_Found, ...]:
    """Keep of what overlaps only what begins first, as X does."""
    links = find_links(text)
    if not found or not links or links[-1].end <= found[0].start or found[-1].end <= links[0].start:
        return tuple(found)
    kept: list[_Found] = []
    free_from = 0
    remaining = list(reversed(links))
    for one in found:
        while remaining and remaining[-1].start < one.start:
            link = remaining.pop()
            if link.start >= free_from:
                free_from = link.end
        if one.start >= free_from:
            kept.append(one)
            free_from = one.end
    return tuple(kept)


def _describe(character: str) -> str:
    """Say what an unsafe character is and which network stumbles over it."""
    if character == "#":
        return "a second '#', and no network reads hashtags that are glued together"
    if character == "ـ":
        return "a tatweel (ـ), which makes it another hashtag than the plain one"
    name = f"U+{ord(character):04X} {unicodedata.name(character, 'CONTROL CHARACTER')}"
    match unicodedata.category(character):
        case "Mn" | "Mc" | "Me":
            return f"the mark {name}, and Telegram cuts it there"
        case "Cf":
            return f"the invisible {name}, and networks cut it there or take it in"
        case _:
            return f"{name}, and networks cut it there"


def _safe_form(tag: str) -> str:
    """Write the tag as hashtags that every network reads, as far as it has letters for them."""
    before, *bodies = _MARKS.sub("", fold_presentation_forms(tag).replace("＃", "#")).split("#")
    if not bodies:
        before, bodies = "", [before]
    cut = (_CUTS.sub("_", body).strip("_") for body in bodies)
    tags = [
        f"#{body[:MAX_HASHTAG_GRAPHEMES]}" for body in (_NO_LETTERS.sub("", body) for body in cut) if body
    ]
    if not tags:
        return "one that has letters, such as '#Syria'"
    # Glued in front may be a word of the sentence, as in `و#سوريا`.
    return f"'{' '.join([before, *tags] if before.isalpha() else tags)}'"
