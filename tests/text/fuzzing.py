"""Strings that mix all that goes wrong in text, and the promises that hold for each of them.

Run as a program, it checks the promises within limits on memory and time, and prints what breaks them. It is
given how many texts chance makes.
"""

from __future__ import annotations

import random
import resource
import sys
import time
import unicodedata
from collections.abc import Iterator
from itertools import islice

from bot.text.fingerprint import fingerprint
from bot.text.forms import comparable, fold_presentation_forms, nfc, unsafe_characters
from bot.text.graphemes import count_graphemes, utf8_length, utf16_length
from bot.text.hashtags import find_cashtags, find_hashtags, find_mentions, unsafe_hashtag_reason
from bot.text.links import ascii_link, find_links, is_ascii_link
from bot.text.networks import mastodon_length
from bot.text.numbers import numbers_in
from bot.text.sentences import find_gaps
from bot.text.weighted import weighted_length

SEED = 2011
COUNT = 20_000
#: Enough for Python and the tables; what runs away hits them.
MEMORY_BYTES = 1 << 30
CPU_SECONDS = 100
#: For one hostile text of 12,000 characters and more, through every function. They take a tenth of it.
HOSTILE_SECONDS = 3.0

_WORDS = """
سوريا المعتقلون قسراً مُعتقَل سـوريا ﷺ ﻻ و ، ؟ ؛ « » ٤٢ ١٤٬٣٨٨ ٪ 日本語 한국 コム ☃.net ẞ
Syria'da İstanbul ısparta ğ ö şü ÇOCUK ünlü.com.tr hello World a z 1 42 14,388 %5
example.com http://example.com https://example.org/a_(b) https://t.co/abcD12 t.co/abc t.co/abc?a=b
http:// HTTPS:// www. .org .net/ .sy .рф .みんな .com سوريا.com example.سورية https://موقع.example/مسار
/path?q=1&b=(2) (a(b)c) /a_(b) :8080 :80/x xn--p1ai xn--abc.com http://xn--p1ai.рф
@ ＠ @user ＠user user@example.org # ＃ #سوريا #Syria #2024 #سوريا_حرة $ $TEST
( ) ' " “ ” … • € ! ? : ; , . .. - -- _ __ & &amp; % ^ ~ * + = | / // \\ { } {name} . . . .
😀 👍🏽 👨‍👩‍👧‍👦 🇸🇾 🇹🇷 1️⃣ ❤️ ☀ ☀️ 🏴‍☠️ © ©️ ™
"""
_INVISIBLE = (
    "\n\xa0\u3000\u2028\u200b\u200c\u200d\u200e\u200f\u061c\u202a\u202c\u202e\u2066\u2067\u2069"
    "\ufe0e\ufe0f\u20e3\u0651\u0301\u0307\u00b7\ufeff\uffff            "
)
_ATOMS = [*_WORDS.split(), *_INVISIBLE]


def texts(seed: int = SEED, count: int = COUNT) -> Iterator[str]:
    """Yield texts of 1 to 30 pieces, the same for the same seed."""
    source = random.Random(seed)
    for _ in range(count):
        yield "".join(source.choice(_ATOMS) for _ in range(source.randint(1, 30)))


def hostile_texts() -> Iterator[str]:
    """Yield long texts in which a careless search tries every way to split them."""
    for atom in _ATOMS:
        yield atom * (12_000 // len(atom))
    for pattern in (
        "a.",
        "a-.",
        "ب.",
        "_.",
        "-.com",
        "a_.com",
        "example.com\xa0",
        "😀.com",
        "ب_.com",
        "xn--",
    ):
        yield pattern * 6_000
        yield "http://" + pattern * 6_000 + ".com/"
    for pattern in ("(", ")", "(a", "((a)", "!", "'", "a!", "%", "@a/", "?", "&", "–"):
        yield "http://example.com/" + pattern * 12_000
        yield "http://example.com/?" + pattern * 12_000 + "!"
    for pattern in (
        "#",
        "@",
        "$",
        "#1",
        "#1_",
        "@a",
        "$a",
        "#é",
        "@user/a",
        "RT",
        "1,",
        "1.",
        "{",
        "{1",
        "1٬111",
    ):
        yield pattern * 12_000
        yield " " + pattern * 12_000 + "\xe9"
    for pattern in ("👨\u200d", "\U0001f1f8", "1\ufe0f", "🏴\U000e0067", "👍🏽", "\u0301", "&#", "&amp"):
        yield pattern * 6_000
    for pattern in (". ", "… ( ", ") ", "1 ", "1 – ", "a. ", "a, ", "\xa0\xa0 ", "\n\n", "\u0301 ", "Dr. "):
        yield pattern * 6_000
        yield "ب " + pattern * 6_000 + "x"
    yield "🇸🇾" * 40_000
    yield "ب" * 12_000 + ".com"
    yield "a" * 12_000 + ".com/" + "é" * 12_000
    yield "@" + "a" * 12_000 + "@" + "b." * 6_000 + "!"


def broken_promises(text: str) -> Iterator[str]:
    """Yield what does not hold for the text, by name."""
    for name, holds in (*_promises_of_length(text), *_promises_of_finds(text), *_promises_of_forms(text)):
        if not holds:
            yield name


def _promises_of_length(text: str) -> Iterator[tuple[str, bool]]:
    length, composed = weighted_length(text), nfc(text)
    find_links.cache_clear()
    yield "the length is the same each time", weighted_length(text) == length
    yield "the composed text is as long", weighted_length(composed) == length
    yield "the decomposed text is as long", weighted_length(unicodedata.normalize("NFD", text)) == length
    yield "the length has its bounds", 0 <= length <= 2 * len(composed) + 23 * len(find_links(composed))
    yield "more text adds its weight", weighted_length(f"{text} ﷺ") == length + 3
    yield "Mastodon's has its bounds", 0 <= mastodon_length(text) <= len(text) + 23 * len(find_links(text))
    lengths = [count_graphemes(text), len(text), utf16_length(text), utf8_length(text)]
    yield "graphemes, characters, units and bytes are in this order", lengths == sorted(lengths)


def _promises_of_finds(text: str) -> Iterator[tuple[str, bool]]:
    for find in (find_links, find_hashtags, find_mentions, find_cashtags):
        bounds = [bound for found in find(text) for bound in (found.start, found.end)]
        yield (
            f"{find.__name__}: spans lie in the text",
            not bounds or 0 <= bounds[0] < bounds[-1] <= len(text),
        )
        yield f"{find.__name__}: spans lie apart", bounds == sorted(bounds)
    yield "a link stands there", all(text[link.start : link.end] == link.url for link in find_links(text))
    yield (
        "a hashtag stands there",
        all(text[tag.start + 1 : tag.end] == tag.tag for tag in find_hashtags(text)),
    )
    gaps = find_gaps(text)
    ends = [bound for gap in gaps for bound in (gap.end, gap.start)]
    yield "gaps lie apart", ends == sorted(ends) and len(set(ends)) == len(ends)
    yield "gaps are white space", all(text[gap.end : gap.start].isspace() for gap in gaps)
    numbers = numbers_in(text)
    yield (
        "numbers are Latin",
        all(number.isascii() and number.replace(".", "").isdigit() for number in numbers),
    )
    reason = unsafe_hashtag_reason(f"#{text}")
    yield "a reason is one line", reason is None or "\n" not in reason.replace(text, "")


def _promises_of_forms(text: str) -> Iterator[tuple[str, bool]]:
    folded = fold_presentation_forms(text)
    yield "folding twice changes nothing more", fold_presentation_forms(folded) == folded
    yield "a hashtag behind does not matter", fingerprint(f"{text} #سوريا") == fingerprint(text)
    yield "white space around does not matter", comparable(f" {nfc(text)}\n") == comparable(text)
    refused = any(character in text for character in "\ufeff\uffff")
    yield "what X refuses is unsafe", bool(unsafe_characters(text)) or not refused
    for start in ("https://example.org/", "https://"):
        try:
            written = ascii_link(start + text)
        except ValueError as refusal:
            yield "a link is refused in words", str(refusal).startswith("link ")
            continue
        yield "a link is written once", is_ascii_link(written)
        # Otherwise the domain may be one that X does not know. What is longer than 4,096 is no link to X.
        known = start != "https://" and len(written) < 4_000
        yield "X keeps a link whole", not known or [link.url for link in find_links(written)] == [written]


def main(count: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    checked = 0
    for text in texts(count=count):
        checked += 1
        for promise in broken_promises(text):
            print(f"broken: {promise}: {text!a}")
    # Few texts of chance are for every day: one in four of the hostile ones goes with them.
    for text in islice(hostile_texts(), 0, None, 1 if count >= COUNT else 4):
        began = time.process_time()
        for promise in broken_promises(text):
            print(f"broken: {promise}: {text[:40]!a}")
        if (took := time.process_time() - began) > HOSTILE_SECONDS:
            print(f"slow: {took:.1f} s: {text[:40]!a}")
    print(f"checked {checked}", file=sys.stderr)


if __name__ == "__main__":
    main(int(sys.argv[1]))
