"""How values are written for people: moments, money, counts, and text that runs from right to left."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

from bot.pipeline.moments import rfc3339 as rfc3339

#: Right-to-left letters: Hebrew to Arabic Extended-A, and the presentation forms.
_RIGHT_TO_LEFT = r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
#: A run of them, with what stands between two of them on one line.
_RUN = re.compile(rf"[#«(]*{_RIGHT_TO_LEFT}(?:[^A-Za-z\n]*{_RIGHT_TO_LEFT})*[»)]*")
#: First strong isolate and its end: the run keeps its own direction and disturbs nobody else's.
_ISOLATE, _END = "\u2068", "\u2069"
#: Control characters other than the line feed would move the cursor, or worse.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def usd(micros: int) -> str:
    """Millionths of a dollar as people write them: `$0.015`."""
    return f"${micros / 1_000_000:,.3f}"


def dollars(micros: int) -> float:
    """Millionths of a dollar as a JSON number."""
    return micros / 1_000_000


def count(number: int, thing: str, things: str = "") -> str:
    """`1 post`, `2 posts`, `1,000 posts`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def duration(span: timedelta) -> str:
    """A span as people say it: `0.8 s`, `12 min`, `3 h`, `2 days`."""
    seconds = span.total_seconds()
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86400:.0f} days"


def printable(text: str) -> str:
    """The text with control characters spelled out."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def isolate(line: str) -> str:
    """A line of English whose right-to-left runs keep their own direction on a terminal."""
    return _RUN.sub(lambda match: f"{_ISOLATE}{match[0]}{_END}", line)


def runs_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in {"R", "AL"}:
            return True
        if direction == "L":
            return False
    return False
