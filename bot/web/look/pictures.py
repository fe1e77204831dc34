"""The pictures of what left: each with its main point in words, and the table behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.core.campaign import Kind
from bot.pipeline.insight import LATENESS_BOUNDS, AccountFigures, DayFigures, Figures, NameFigures
from bot.web.look.charts import Bar, Column, Look, bars, columns
from bot.web.speech import _
from bot.web.speech.figures import digits, money, number, percent
from bot.web.speech.moments import duration, short_day
from bot.web.speech.words import kind_word, language_word

#: Above so many days the columns are weeks: a day would be thinner than a line.
_DAYS_AS_COLUMNS = 92
_WEEK = 7


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture. Its table's first column names the row."""

    key: str
    title: str
    #: The main point, for those who do not see the picture, and above it for those who do.
    point: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    draw: Callable[[Look], str]
    #: Names of the series, in the order of their colours; empty when there is only one.
    legend: tuple[str, ...] = ()
    #: Whether the rows' names are what people wrote, each with its own direction.
    names_are_words: bool = False


def pictures_of(figures: Figures) -> list[Picture]:
    """All pictures that these figures have something to show for."""
    return [picture for make in _PICTURES.values() if (picture := make(figures)) is not None]


def picture_of(figures: Figures, key: str) -> Picture | None:
    """The picture of that name; None when there is none, or nothing to show."""
    make = _PICTURES.get(key)
    return None if make is None else make(figures)


def _by_day(figures: Figures) -> Picture:
    rows = _stretches(figures.by_day)
    is_weekly = len(rows) < len(figures.by_day)
    most = max(rows, key=lambda one: one.posts)
    named = short_day(most.day)
    point = (
        _("Most left in the week of %(day)s: %(number)s.", day=named, number=number(most.posts))
        if is_weekly
        else _("Most left on %(day)s: %(number)s.", day=named, number=number(most.posts))
    )
    drawn = [Column(label=short_day(one.day), values=(one.facts, one.calls)) for one in rows]
    return Picture(
        key="days",
        title=_("Posts by week") if is_weekly else _("Posts by day"),
        point=point,
        head=(_("Week from") if is_weekly else _("Day"), _("Facts"), _("Calls to action"), _("Posts")),
        rows=tuple(
            (short_day(one.day), number(one.facts), number(one.calls), number(one.posts)) for one in rows
        ),
        draw=lambda look: columns(drawn, tick=_whole, whole=True, look=look),
        legend=(_("Facts"), _("Calls to action")),
    )


def _by_hour(figures: Figures) -> Picture:
    busiest = max(range(24), key=lambda hour: figures.by_hour[hour])
    drawn = [Column(label=_hour(hour), values=(posts,)) for hour, posts in enumerate(figures.by_hour)]
    return Picture(
        key="hours",
        title=_("Posts by hour"),
        point=_(
            "Most left between %(start)s and %(end)s: %(number)s.",
            start=_hour(busiest),
            end=_hour((busiest + 1) % 24),
            number=number(figures.by_hour[busiest]),
        ),
        head=(_("Hour"), _("Posts")),
        rows=tuple((_hour(hour), number(posts)) for hour, posts in enumerate(figures.by_hour)),
        draw=lambda look: columns(drawn, tick=_whole, whole=True, look=look),
    )


def _kinds(figures: Figures) -> Picture:
    share, wanted = figures.calls / figures.posts, figures.calls_share
    point = (
        _("%(share)s are calls to action.", share=percent(share))
        if wanted is None
        else _(
            "%(share)s are calls to action; the campaign wants %(wanted)s.",
            share=percent(share),
            wanted=percent(wanted),
        )
    )
    counted = ((Kind.FACT, figures.facts, None), (Kind.CALL, figures.calls, wanted))
    drawn = [
        Bar(
            label=kind_word(kind),
            values=(posts,),
            said=number(posts),
            mark=None if mark is None else mark * figures.posts,
        )
        for kind, posts, mark in counted
    ]
    return Picture(
        key="kinds",
        title=_("Facts against calls"),
        point=point,
        head=(_("Kind"), _("Posts"), _("Share")),
        rows=tuple(
            (kind_word(kind), number(posts), percent(posts / figures.posts)) for kind, posts, _mark in counted
        ),
        draw=lambda look: bars(drawn, look=look),
    )


def _languages(figures: Figures) -> Picture:
    said = tuple(NameFigures(name=language_word(one.name), number=one.number) for one in figures.languages)
    return replace(
        _ranked(said, of=figures.posts, key="languages", title=_("Languages"), head=_("Language")),
        names_are_words=False,
    )


def _hashtags(figures: Figures) -> Picture | None:
    if not figures.hashtags:
        return None
    return _ranked(figures.hashtags, of=figures.posts, key="hashtags", title=_("Hashtags"), head=_("Hashtag"))


def _items(figures: Figures) -> Picture:
    return _ranked(figures.items, of=figures.posts, key="items", title=_("Items used most"), head=_("Item"))


def _ranked(names: Sequence[NameFigures], *, of: int, key: str, title: str, head: str) -> Picture:
    first = names[0]
    drawn = [Bar(label=one.name, values=(one.number,), said=number(one.number)) for one in names]
    return Picture(
        key=key,
        title=title,
        point=_(
            "First comes %(name)s: in %(number)s of %(posts)s posts.",
            name=first.name,
            number=number(first.number),
            posts=number(of),
        ),
        head=(head, _("Posts"), _("Share")),
        rows=tuple((one.name, number(one.number), percent(one.number / of)) for one in names),
        draw=lambda look: bars(drawn, look=look),
        names_are_words=True,
    )


def _lateness(figures: Figures) -> Picture | None:
    late = figures.lateness
    if late is None:
        return None
    bounds = [*(_up_to(bound) for bound in LATENESS_BOUNDS), _("later")]
    drawn = [
        Column(label=bound, values=(posts,)) for bound, posts in zip(bounds, late.histogram, strict=True)
    ]
    return Picture(
        key="lateness",
        title=_("Lateness"),
        point=_(
            "Half of the posts left within %(p50)s of their moment, 9 of 10 within %(p90)s,"
            " 99 of 100 within %(p99)s.",
            p50=_within(late.p50),
            p90=_within(late.p90),
            p99=_within(late.p99),
        ),
        head=(_("After their moment"), _("Posts")),
        rows=tuple((bound, number(posts)) for bound, posts in zip(bounds, late.histogram, strict=True)),
        draw=lambda look: columns(drawn, tick=_whole, whole=True, look=look),
    )


def _cost_by_day(figures: Figures) -> Picture | None:
    if not figures.cost_usd_micros:
        return None
    rows = _stretches(figures.by_day)
    is_weekly = len(rows) < len(figures.by_day)
    drawn = [
        Column(label=short_day(one.day), values=(one.cost_with_link, one.cost_without_link)) for one in rows
    ]
    with_link = sum(one.cost_with_link for one in rows)
    return Picture(
        key="cost",
        title=_("Cost by week") if is_weekly else _("Cost by day"),
        point=_(
            "%(cost)s in all; %(with_link)s of it for messages with a link.",
            cost=money(figures.cost_usd_micros),
            with_link=money(with_link),
        ),
        head=(_("Week from") if is_weekly else _("Day"), _("With a link"), _("Without"), _("Cost")),
        rows=tuple(
            (
                short_day(one.day),
                money(one.cost_with_link),
                money(one.cost_without_link),
                money(one.cost_usd_micros),
            )
            for one in rows
        ),
        draw=lambda look: columns(drawn, tick=lambda micros: money(round(micros)), whole=False, look=look),
        legend=(_("With a link"), _("Without")),
    )


def _by_account(figures: Figures) -> Picture:
    first = figures.accounts[0]
    drawn = [Bar(label=one.name, values=(one.posts,), said=_posts_and_cost(one)) for one in figures.accounts]
    return Picture(
        key="accounts",
        title=_("Accounts"),
        point=_("Most left through %(account)s: %(number)s.", account=first.name, number=number(first.posts)),
        head=(_("Account"), _("Posts"), _("Messages with a link"), _("Messages without"), _("Cost")),
        rows=tuple(
            (
                one.name,
                number(one.posts),
                _messages(one.messages_with_link, one.cost_with_link),
                _messages(one.messages_without_link, one.cost_without_link),
                money(one.cost_usd_micros),
            )
            for one in figures.accounts
        ),
        draw=lambda look: bars(drawn, look=look),
        names_are_words=True,
    )


_PICTURES: Mapping[str, Callable[[Figures], Picture | None]] = {
    "days": _by_day,
    "hours": _by_hour,
    "lateness": _lateness,
    "cost": _cost_by_day,
    "kinds": _kinds,
    "languages": _languages,
    "hashtags": _hashtags,
    "items": _items,
    "accounts": _by_account,
}


def _stretches(days: Sequence[DayFigures]) -> Sequence[DayFigures]:
    """The days, or weeks of them that end today."""
    if len(days) <= _DAYS_AS_COLUMNS:
        return days
    begins = range(len(days) % _WEEK, len(days), _WEEK)
    weeks = [days[: begins[0]], *(days[begin : begin + _WEEK] for begin in begins)]
    return [
        DayFigures(
            day=week[0].day,
            facts=sum(day.facts for day in week),
            calls=sum(day.calls for day in week),
            cost_with_link=sum(day.cost_with_link for day in week),
            cost_without_link=sum(day.cost_without_link for day in week),
        )
        for week in weeks
        if week
    ]


def _whole(value: float) -> str:
    return number(round(value))


def _hour(hour: int) -> str:
    return digits(f"{hour:02}:00")


def _up_to(bound: timedelta) -> str:
    seconds = int(bound.total_seconds())
    if seconds < 60:
        return _("< %(seconds)s s", seconds=number(seconds))
    return _("< %(minutes)s min", minutes=number(seconds // 60))


def _within(seconds: int) -> str:
    """What was less than a second late was counted as none."""
    return duration(seconds + 1)


def _posts_and_cost(one: AccountFigures) -> str:
    if not one.cost_usd_micros:
        return number(one.posts)
    return f"{number(one.posts)} · {money(one.cost_usd_micros)}"


def _messages(messages: int, cost: int) -> str:
    return f"{number(messages)} ({money(cost)})" if cost else number(messages)
