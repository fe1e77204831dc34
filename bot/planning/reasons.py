"""Why a slot got its item, or none: one English sentence for organisers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.campaign import Item, Kind
from bot.planning.uses import was_used

#: Languages campaigns are likely to speak; others are called by their code.
_LANGUAGES = {
    "ar": "Arabic",
    "ckb": "Sorani Kurdish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "he": "Hebrew",
    "it": "Italian",
    "kmr": "Kurmanji Kurdish",
    "ku": "Kurdish",
    "nl": "Dutch",
    "pt": "Portuguese",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
}
#: How many items a sentence names before it counts the rest.
_MOST_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The item found for a slot, and what the choice was between."""

    item: Item
    languages: tuple[str, ...]
    #: Last use before the slot: in the one language, or in any where all speak at once.
    last: datetime
    #: How many items were next in line, this one included.
    in_line: int
    #: The item is one of the slot's occasion.
    of_occasion: bool
    #: The kind that was due; another one when nothing of it was free.
    due: Kind
    #: The language whose turn it was; None where all speak at once.
    turn: str | None


@dataclass(frozen=True, kw_only=True)
class Blocked:
    """The items that a slot could not use, by what stood in the way."""

    cooling: Sequence[Item]
    recheck: Sequence[Item]
    #: Those with none of the campaign's languages.
    speechless: Sequence[Item]
    #: The kind that a share of 0 or 1 leaves out, when there are items of it.
    left_out: Kind | None
    #: When the first of the cooling items may be used, as wall time. None: nothing is cooling.
    next_free: datetime | None
    #: Whether a use after the slot is among those that stand in the way.
    planned_later: bool


def why_picked(
    choice: Choice, *, at: datetime, occasion: str | None, percent: int | None, wanted: int
) -> str:
    """Say why the item was chosen. `occasion` is the slot's; the share is in percent."""
    parts = [_lead(choice, at=at, occasion=occasion)]
    if occasion is not None and not choice.of_occasion:
        parts.insert(0, f"the occasion {occasion} has nothing free of its own")
    parts.append(_turn(choice))
    if choice.item.kind is not choice.due:
        parts.append(_other_kind(choice))
    if percent is not None:
        parts.append(f"calls are at {percent} % (aim {wanted} %)")
    return "; ".join(parts)


def why_queued(moment: datetime, *, give_way: timedelta) -> str:
    """Say that the slot gives way. `moment` is wall time."""
    return f"gives way to what a person queued for {_moment(moment)}, less than {_span(give_way)} away"


def why_nothing(blocked: Blocked, *, cooldown: timedelta) -> str:
    """Say why no item could be used."""
    parts = []
    if blocked.recheck:
        have = "have" if len(blocked.recheck) > 1 else "has"
        parts.append(f"{_counted(blocked.recheck)} {have} to be checked again ({_rechecks(blocked.recheck)})")
    if blocked.speechless:
        have = "have" if len(blocked.speechless) > 1 else "has"
        parts.append(f"{_counted(blocked.speechless)} {have} none of the campaign's languages")
    if blocked.left_out is not None:
        parts.append(f"{blocked.left_out}s are left out by the share of calls")
    if blocked.cooling:
        parts.append(_cooling(blocked, others=bool(parts), cooldown=cooldown))
    return "nothing to say: " + ("; ".join(parts) or "the campaign has no item for this slot")


def language_name(code: str) -> str:
    return _LANGUAGES.get(code, code)


def _lead(choice: Choice, *, at: datetime, occasion: str | None) -> str:
    own = f" of the occasion {occasion}" if choice.of_occasion else ""
    in_language = "" if choice.turn is None else f" in {language_name(choice.languages[0])}"
    if choice.in_line == 1:
        lead = f"the only {choice.item.kind}{own} next in line"
    else:
        lead = f"least recently used of the {choice.in_line} {choice.item.kind}s{own} next in line"
    if was_used(choice.last):
        return f"{lead} (last{in_language} {_rounded(at - choice.last)} ago)"
    return f"{lead} (no known use{in_language})"


def _turn(choice: Choice) -> str:
    names = _listed([language_name(language) for language in choice.languages])
    if choice.turn is None:
        return f"all languages at once: {names}"
    if choice.languages == (choice.turn,):
        return f"{names} is next in turn"
    nothing = "nothing of the occasion" if choice.of_occasion else "nothing"
    return f"{language_name(choice.turn)} was next in turn but has {nothing} free, so {names} speaks"


def _other_kind(choice: Choice) -> str:
    none = "the occasion has none free" if choice.of_occasion else "none is free"
    in_language = "" if choice.turn is None else f" in {language_name(choice.languages[0])}"
    return f"a {choice.due} was due but {none}{in_language}"


def _cooling(blocked: Blocked, *, others: bool, cooldown: timedelta) -> str:
    if len(blocked.cooling) == 1:
        who, be = f"the {'other' if others else 'only'} {blocked.cooling[0].kind}", ("was", "is")
    else:
        who, be = f"all {'other ' if others else ''}{_counted(blocked.cooling)}", ("were", "are")
    if blocked.planned_later:
        used = f"{who} {be[1]} used less than {_span(cooldown)} before or after"
    else:
        used = f"{who} {be[0]} used within the last {_span(cooldown)}"
    next_free = "" if blocked.next_free is None else f"; the next is free at {_moment(blocked.next_free)}"
    return used + next_free


def _rechecks(items: Sequence[Item]) -> str:
    named = [f"{item.key} by {item.recheck_on}" for item in items[:_MOST_NAMED]]
    rest = len(items) - len(named)
    return _listed([*named, f"{rest} more"] if rest else named)


def _counted(items: Sequence[Item]) -> str:
    counts = [(sum(item.kind is kind for item in items), str(kind)) for kind in Kind]
    return _listed([_plural(count, name) for count, name in counts if count])


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _span(length: timedelta) -> str:
    """Write a setting in the largest unit that holds it exactly: `36 hours`, `2 days`."""
    minutes = int(length.total_seconds() // 60)
    if minutes % 60:
        return _plural(minutes, "minute")
    hours = minutes // 60
    return _plural(hours // 24, "day") if hours and hours % 24 == 0 else _plural(hours, "hour")


def _rounded(length: timedelta) -> str:
    """Write a past in round words: `40 minutes`, `9 hours`, `3 days`."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 120:
        return _plural(minutes, "minute")
    hours = minutes // 60
    return _plural(hours, "hour") if hours < 48 else _plural(hours // 24, "day")


def _moment(wall_time: datetime) -> str:
    return wall_time.strftime("%Y-%m-%d %H:%M")
