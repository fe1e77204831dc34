"""What templates use: the page's language as filters and globals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from markupsafe import Markup

from bot.core.clock import SystemClock
from bot.web.speech import figures, moments, said, sentences, words
from bot.web.speech.reader import LANGUAGES, OWN_LANGUAGE, arabic_digits, current_language, direction

#: Nearer than this is `just now`.
_JUST_NOW = timedelta(seconds=10)
_NOW = "campaign_bot.now"


def install(
    flask_app: Flask,
    *,
    now: Callable[[], datetime] | None = None,
    own_language: Callable[[], str | None] = lambda: None,
) -> None:
    """Give the application's templates their language.

    `now` tells the bot's time; `own_language` the one of its first campaign, for readers whose browser
    names none of the console's.
    """
    flask_app.extensions[_NOW] = now or SystemClock().now
    flask_app.extensions[OWN_LANGUAGE] = own_language
    env = flask_app.jinja_env
    sentences.install(env)
    env.filters.update(
        {
            "ago": ago,
            "bdi": sentences.isolated,
            "city": moments.city,
            "clock_seconds": moments.clock_seconds,
            "clock_time": moments.clock_time,
            "date_words": moments.date_words,
            "day": day,
            "digits": figures.digits,
            "duration": moments.duration,
            "listed": sentences.listed,
            "moment": moment,
            "money": figures.money,
            "month": moments.month,
            "number": figures.number,
            "offset_in": offset_in,
            "percent": figures.percent,
            "period_words": moments.period_words,
            "said": said_on_page,
            "short_day": moments.short_day,
            "until": ago,
            "weekday": moments.weekday,
        }
    )
    env.globals.update(
        {
            "arabic_digits": arabic_digits,
            "current_language": current_language,
            "direction": direction,
            "languages": LANGUAGES,
            **words.FOR_TEMPLATES,
        }
    )


def moment(when: datetime, zone: ZoneInfo | str) -> str:
    """`Sat 21 Nov, 18:30 (Damascus)`."""
    return moments.moment(when, zone, now=_now())


def day(when: date | datetime, zone: ZoneInfo | str | None = None) -> str:
    """`Saturday 21 November`, with the year when it is another one."""
    return moments.day(when, zone, now=_now())


def ago(when: datetime) -> str:
    """`12 minutes ago`, or `in 12 minutes`."""
    span = when - _now()
    return sentences.gettext("just now") if abs(span) < _JUST_NOW else moments.from_now(span)


def offset_in(when: datetime, zone: ZoneInfo | str) -> timedelta | None:
    """How far the zone's wall time is from UTC at that moment."""
    return moments.local(when, zone).utcoffset()


def said_on_page(text: object) -> Markup:
    """A sentence of the bot in the page's language; one that is not known stands in English."""
    return said.marked(str(text))


def _now() -> datetime:
    now: Callable[[], datetime] = current_app.extensions[_NOW]
    return now()
