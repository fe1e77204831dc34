"""What the networks' refusals have in common: a line for a person, when to ask again, what is harmless."""

from __future__ import annotations

from datetime import datetime

from bot.core.errors import NotNowError, NotSentError, UnconfirmedError

#: Why a picture of which something is not certain is no post that may be public.
NOT_SHOWN = "no post shows the picture yet, so it is brought again"
#: How much of what a network says is told, in characters.
_MAX_REASON = 300


def one_line(said: str) -> str:
    """What a network says, on one line, for a person."""
    printable = "".join(letter if letter.isprintable() else " " for letter in said)
    return " ".join(printable.split())[:_MAX_REASON]


def asks_to_wait(said: str, *, until: datetime | None) -> NotNowError:
    """The error for a network that asks to wait, with the moment that it names."""
    when = "it names no moment" if until is None else f"not before {until:%Y-%m-%d %H:%M:%S} UTC"
    return NotNowError(f"{said}; {when}", until=until)


def not_brought(error: UnconfirmedError) -> NotSentError:
    """What an unknown outcome means of a picture before its post: nothing is public, whatever happened."""
    why = str(error).removesuffix("; the outcome is not known")
    return NotSentError(f"{why}; {NOT_SHOWN}")
