"""The kinds of single values in content: how each is written, and what is wrong with one that is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from bot.content.findings import MistakeError, listed
from bot.core.campaign import QuietHours
from bot.core.dates import Period
from bot.text.forms import nfc
from bot.text.hashtags import unsafe_hashtag_reason
from bot.text.links import ascii_link

KEY = re.compile(r"[a-z0-9][a-z0-9-]*")
FIGURE_NAME = re.compile(r"[a-z][a-z0-9_]*")
ACCOUNT_NAME = re.compile(r"[a-z][a-z0-9_]*")
LANGUAGE = re.compile(r"[a-z]{2,3}")
TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")
_ANY_LEAP_YEAR = 2024
QUIET_HOURS = re.compile(rf"{TIME.pattern}-{TIME.pattern}")
MENTION = re.compile(r"@[A-Za-z0-9_]+(?:@[A-Za-z0-9.-]+)?")
#: SHA-256 in hexadecimal.
PICTURE = re.compile(r"[0-9a-f]{64}")
DURATION = re.compile(r"([0-9]{1,4}) (minute|hour|day)s?")


@dataclass(frozen=True, kw_only=True)
class MonthDay:
    """A day that comes back each year."""

    month: int
    day: int


#: Of one burst. Two days of one post every six minutes: more is a mistyped number.
MOST_POSTS = 500


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """Find the known word that `word` was most likely meant to be."""
    by_small = {name.lower(): name for name in known}
    matches = get_close_matches(word.lower(), by_small, n=1, cutoff=likeness)
    return by_small[matches[0]] if matches else None


#: Signs of a digest's end that a message shows: with its suffix.
_SHOWN_END: Final = 16


def quoted(value: object) -> str:
    """Show a value in a message, shortened where it is long."""
    text = str(value).replace("\n", " ")
    return f'"{text[:57]}…"' if len(text) > 60 else f'"{text}"'


def read_text(value: object) -> str:
    """Give a text in normal form C, without white space around it and with plain line ends."""
    if isinstance(value, bool):
        raise MistakeError(f"{str(value).lower()} is no text", f'write "{str(value).lower()}" in quotes')
    if isinstance(value, int | Decimal):
        raise MistakeError(f"{value} is a number, not a text", f'write "{value}"')
    return nfc(_word(value, example='"…"').replace("\r\n", "\n").strip())


def _word(value: object, *, example: str) -> str:
    """Give what stands there as text. Raises MistakeError for what cannot stand there at all."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | dict | None):
        found = "nothing" if value is None else "a list" if isinstance(value, list) else "keys"
        raise MistakeError(f"{found} where one text belongs", f"write {example}")
    return str(value)


def read_name(value: object) -> str:
    """Give a name that refers to something else in the files."""
    return _word(value, example="its name").strip()


def read_key(value: object) -> str:
    text = _word(value, example="a-key")
    if KEY.fullmatch(text) is None:
        raise MistakeError(f"{quoted(text)} is no key", "write small letters a-z, digits and hyphens only")
    return text


def read_account_name(value: object) -> str:
    text = _word(value, example="my_campaign_x")
    if ACCOUNT_NAME.fullmatch(text) is None:
        raise MistakeError(
            f"{quoted(text)} is no account name",
            "write small letters a-z, digits and underscores, a letter first: my_campaign_x",
        )
    return text


def read_language(value: object) -> str:
    text = _word(value, example="en")
    if LANGUAGE.fullmatch(text) is None:
        raise MistakeError(f"{quoted(text)} is no language code", "write two or three letters: ar, en, tr")
    return text


def read_zone(value: object) -> str:
    text = _word(value, example="Asia/Damascus")
    # Names without a slash ("EST", "Turkey", "localtime") are old, ambiguous or this machine's own;
    # those of "Etc/" mean the opposite of what people read: Etc/GMT+3 is three hours behind Greenwich.
    if text == "UTC" or (
        "/" in text and not text.startswith(("posix/", "right/", "Etc/")) and _has_zone(text)
    ):
        return text
    names = [name for name in available_timezones() if "/" in name and not name.startswith("Etc/")]
    cities = {name.rpartition("/")[2].lower(): name for name in sorted(names, reverse=True)}
    city = text.rpartition("/")[2].replace(" ", "_").lower()
    # Four letters are an abbreviation, and every abbreviation is like some city.
    meant = nearest(city, cities, likeness=0.8) if len(city) > 4 else None
    guess = cities[meant] if meant else nearest(text, names, likeness=0.8)
    remedy = f"write {guess}" if guess else "write Region/City: Asia/Damascus"
    raise MistakeError(f"{quoted(text)} is no time zone", remedy)


def _has_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True


def read_time(value: object) -> time:
    text = _word(value, example='"18:30"')
    match = TIME.fullmatch(text)
    if match is None:
        raise MistakeError(f"{quoted(text)} is no time", 'write two digits each, from "00:00" to "23:59"')
    return time(int(match[1]), int(match[2]))


def read_quiet_hours(value: object) -> QuietHours:
    text = _word(value, example='"23:00-07:00"')
    match = QUIET_HOURS.fullmatch(text)
    if match is None:
        raise MistakeError(f"{quoted(text)} names no hours", 'write two times with a hyphen: "23:00-07:00"')
    first, _, last = text.partition("-")
    quiet = QuietHours(start=read_time(first), end=read_time(last))
    if quiet.start == quiet.end:
        raise MistakeError(f"{quoted(text)} begins where it ends", 'write two different times: "23:00-07:00"')
    return quiet


def read_day(value: object) -> date:
    text = _word(value, example="2020-07-06")
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError as error:
        raise MistakeError(f"{quoted(text)} is not in the calendar", "write a day that exists") from error
    raise MistakeError(f"{quoted(text)} is no day", "write year-month-day: 2020-07-06")


def read_moment(value: object) -> datetime:
    text = _word(value, example='"2020-07-06 18:00"')
    day, _, hour = text.partition(" ")
    if DAY.fullmatch(day) is None or TIME.fullmatch(hour) is None:
        raise MistakeError(f"{quoted(text)} is no moment", 'write day and time: "2020-07-06 18:00"')
    return datetime.combine(read_day(day), read_time(hour))


def read_month_day(value: object) -> MonthDay:
    text = _word(value, example='"06-26"')
    match = MONTH_DAY.fullmatch(text)
    if match is None:
        raise MistakeError(f"{quoted(text)} is no day of the year", 'write month-day: "06-26"')
    found = MonthDay(month=int(match[1]), day=int(match[2]))
    try:
        date(_ANY_LEAP_YEAR, found.month, found.day)
    except ValueError as error:
        raise MistakeError(f"{quoted(text)} is not in the calendar", "write a day that exists") from error
    return found


def read_duration(value: object) -> timedelta:
    text = _word(value, example="36 hours")
    match = DURATION.fullmatch(text)
    if match is None:
        raise MistakeError(
            f"{quoted(text)} is no duration", "write a number and minutes, hours or days: 36 hours"
        )
    if int(match[1]) == 0:
        raise MistakeError(f"{quoted(text)} is no time at all", "write 1 minute or more")
    return timedelta(**{f"{match[2]}s": int(match[1])})


def duration_text(duration: timedelta) -> str:
    """Write a duration as people do in files."""
    minutes = duration // timedelta(minutes=1)
    for unit, length in (("days", 24 * 60), ("hours", 60)):
        if minutes % length == 0:
            return f"{minutes // length} {unit}"
    return f"{minutes} minutes"


def read_share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise MistakeError(f"{quoted(value)} is no number", "write a number from 0 to 1: 0.3")
    if not 0 <= value <= 1:
        raise MistakeError(f"{value} is not between 0 and 1", "write 0.3 for 30 in 100")
    return float(value)


def read_switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise MistakeError(f"{quoted(value)} is neither true nor false", "write true or false")
    return value


class YesNo(StrEnum):
    """An answer that has no default."""

    YES = "yes"
    NO = "no"


def read_answer(value: object) -> bool:
    """Read an answer to a question. `true` and `false` are switches, and switches have defaults."""
    try:
        return choose(YesNo)(value) is YesNo.YES
    except MistakeError:
        found = str(value).lower() if isinstance(value, bool) else value
        raise MistakeError(f"{quoted(found)} is no answer", "answer yes or no") from None


def picture_mistake(text: str) -> MistakeError | None:
    """Say why a text names no picture of the media folder; None when it may name one."""
    if PICTURE.fullmatch(text):
        return None
    if re.fullmatch(r"[0-9A-Fa-f]{64}(\.[A-Za-z]{3,4})?", text):
        # What is wrong stands at the end, or is the letters: a start cut short would not show it.
        shown = f"…{text[-_SHOWN_END:]}"
        return MistakeError(
            f'"{shown}" is no picture', "write the 64 signs alone, in small letters, without .jpg"
        )
    remedy = "take it in with `campaign-bot media add FILE`, and write the 64 signs that it prints"
    return MistakeError(f"{quoted(text)} is no picture", remedy)


def read_picture(value: object) -> str:
    text = _word(value, example='"…"').strip()
    if mistake := picture_mistake(text):
        raise mistake
    return text


def choose(words: type[StrEnum]) -> Callable[[object], StrEnum]:
    """Make a reader that takes one of `words`."""

    def read(value: object) -> StrEnum:
        text = _word(value, example=listed(words))
        if text in list(words):
            return words(text)
        guess = nearest(text, words) or next((word for word in words if text.lower().startswith(word)), None)
        raise MistakeError(f"{quoted(text)} is not known here", f"write {guess or listed(words)}")

    return read


def read_count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise MistakeError(f"{quoted(value)} is no whole number", "write digits without quotes: 12")
    if value < 1:
        raise MistakeError(f"{value} is less than one", "write 1 or more")
    if value > MOST_POSTS:
        raise MistakeError(f"{value} is more than {MOST_POSTS}", f"write {MOST_POSTS} or less")
    return value


def read_figure(value: object) -> int | Decimal:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    plain = re.sub(r"[\s,_٬']", "", value) if isinstance(value, str) else ""
    remedy = (
        f"write {plain}"
        if re.fullmatch(r"[0-9]{1,15}", plain)
        else "write digits only, without quotes: 14388 or 12.5"
    )
    raise MistakeError(f"{quoted(value)} is no number", remedy)


def number_text(value: int | Decimal) -> str:
    """Write a number in plain digits, as `read_figure` takes them."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def read_period(value: object) -> Period:
    text = _word(value, example="2011-03/2020-06")
    try:
        return Period.parse(text)
    except ValueError as error:
        first, slash, last = text.partition("/")
        if slash and "before it starts" in str(error):
            raise MistakeError(f"{quoted(text)} ends before it starts", f"write {last}/{first}") from error
        raise MistakeError(
            f"{quoted(text)} is no period",
            "write 2020, 2020-06 or 2020-06-30, or two of them: 2011-03/2020-06",
        ) from error


def read_link(value: object) -> str:
    text = _word(value, example="https://…")
    if mistake := link_mistake(text):
        raise mistake
    return text


def link_mistake(text: str) -> MistakeError | None:
    """Say why a link would break in a post; None when it would not."""
    try:
        whole = ascii_link(text)
    except ValueError as error:
        return _mistake_in(str(error))
    return None if whole == text else MistakeError("some networks cut this link", f"write {whole}")


def hashtag_mistake(tag: str) -> MistakeError | None:
    """Say why a network would not link a hashtag as it stands; None when all do."""
    reason = unsafe_hashtag_reason(tag)
    return None if reason is None else _mistake_in(reason)


def read_hashtag(value: object) -> str:
    text = nfc(_word(value, example='"#NotHostages"'))
    if mistake := hashtag_mistake(text):
        raise mistake
    return text


def read_mention(value: object) -> str:
    text = _word(value, example='"@example"')
    if MENTION.fullmatch(text) is None:
        raise MistakeError(f"{quoted(text)} is no mention", 'write a name with its @, in quotes: "@example"')
    return text


def _mistake_in(reason: str) -> MistakeError:
    """Split what `bot.text` says into what is wrong and what to do."""
    what, _, remedy = reason.rpartition(": ")
    return MistakeError(what, remedy)
