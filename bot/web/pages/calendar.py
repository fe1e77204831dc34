"""The calendar: weeks, months and days of posts, and moving a post to another moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from babel.dates import format_interval
from flask import render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from bot.core.campaign import Campaign
from bot.core.errors import NotAllowedError, NotFoundError, RenderError
from bot.core.people import Role
from bot.core.post import Post, State
from bot.pipeline.agenda import SHOWN_OF_DAY, Days, Intended, speaks
from bot.pipeline.seen import standing_of
from bot.store.agenda import AgendaWanted
from bot.web.asking import app, back, may, own_path, person, reader_zone, told
from bot.web.look.chips import Chips, own_hours
from bot.web.pages import Pages
from bot.web.speech import _
from bot.web.speech.figures import digits
from bot.web.speech.filters import moment
from bot.web.speech.moments import city, local
from bot.web.speech.moments import day as day_words
from bot.web.speech.regions import locale
from bot.web.speech.said import marked

pages = Pages(__name__)

_WEEK = 7
#: Hours of the clock that a week shows, at least, from the first one with something in it.
_HOURS_SHOWN = 9
_FIRST_HOUR = 9
_DAY = timedelta(days=1)
#: Marks of direction that a heading does not need.
_UNSEEN = dict.fromkeys(map(ord, "\u061c\u200e\u200f"))
#: No database numbers a post with this, or more.
_NUMBERS_END = 2**63
#: Outside of these nobody plans, and a day before or after them is still a date.
_YEARS = range(1971, 2199)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What of the calendar the address asks for, and what it could ask for instead."""

    on: date
    wanted: AgendaWanted
    zone: str
    #: Each with the campaigns that keep it; the reader's own with none.
    zones: Mapping[str, tuple[Campaign, ...]]
    campaigns: Sequence[Campaign]
    own_zone: str | None
    today: date

    @property
    def accounts(self) -> list[str]:
        return list(dict.fromkeys(one.name for campaign in self._shown for one in campaign.accounts))

    @property
    def languages(self) -> list[str]:
        return list(dict.fromkeys(language for campaign in self._shown for language in campaign.languages))

    @property
    def states(self) -> tuple[State, ...]:
        return tuple(State)

    @property
    def by_key(self) -> dict[str, Campaign]:
        return {campaign.key: campaign for campaign in self.campaigns}

    @property
    def _shown(self) -> list[Campaign]:
        return [one for one in self.campaigns if self.wanted.campaign in (None, one.key)]

    def to(self, view: str, **changes: str | date | None) -> str:
        """The address of a view with the same filters, but for what is to change; None leaves it out."""
        kept: dict[str, str | date | None] = {
            "on": self.on,
            **self.wanted.given(),
            "zone": self.zone if self.zone != next(iter(self.zones), None) else None,
            "hours": request.args.get("hours") or None,
            **changes,
        }
        anchor = kept.pop("anchor", None)
        given: dict[str, Any] = {name: str(value) for name, value in kept.items() if value is not None}
        return url_for(f"calendar.{view}", _anchor=None if anchor is None else str(anchor), **given)


@pages.get("/calendar", needs=Role.VIEWER)
def week() -> str:
    asked = _asked()
    first = asked.on - timedelta(days=(asked.on.weekday() - locale().first_week_day) % _WEEK)
    shown = app().agenda.days(asked.wanted, first=first, count=_WEEK, zone=asked.zone)
    return _days_page("week", asked, shown, first=first, step=_WEEK)


@pages.get("/calendar/day", needs=Role.VIEWER)
def day() -> str:
    asked = _asked()
    shown = app().agenda.days(asked.wanted, first=asked.on, count=1, zone=asked.zone, shown=SHOWN_OF_DAY)
    return _days_page("day", asked, shown, first=asked.on, step=1)


@pages.get("/calendar/month", needs=Role.VIEWER)
def month() -> str:
    asked = _asked()
    start = asked.on.replace(day=1)
    first = start - timedelta(days=(start.weekday() - locale().first_week_day) % _WEEK)
    shown = app().agenda.month(asked.wanted, first=first, zone=asked.zone)
    weeks = [shown.days[at : at + _WEEK] for at in range(0, len(shown.days), _WEEK)]
    return render_template(
        "calendar_month.html",
        asked=asked,
        view="month",
        shown=shown,
        # The sixth week, and even the fifth, may be all of the next month's.
        weeks=[days for days in weeks if days[0].date < start or days[0].date.month == start.month],
        month=start,
        before=(start - _DAY).replace(day=1),
        after=(start + timedelta(days=31)).replace(day=1),
    )


@pages.post("/calendar/move", needs=Role.AUTHOR)
def move() -> str | Response | tuple[str, int]:
    home = url_for("calendar.week")
    number = request.form.get("post", type=int)
    if number is None or not 0 < number < _NUMBERS_END:
        raise NotFoundError("no post was named: choose one in the calendar")
    try:
        intended = app().agenda.intended(number, request.form.get("at", ""))
        if _is_stale(intended):
            at = moment(intended.post.due_at, intended.zone)
            told(
                _("Somebody moved post %(number)s meanwhile, to %(moment)s.", number=number, moment=at),
                is_warning=True,
            )
            return back(home)
        if len(intended.instants) != 1:
            return _which(intended), 422
        after = (
            app()
            .operator(person().name)
            .move(number, to=intended.instants[0], seen=request.form.get("seen", ""))
        )
    except (NotAllowedError, RenderError) as error:
        told(str(marked(str(error)).striptags()), is_warning=True)
        return back(home)
    _tell(intended, after)
    return back(home)


def _tell(intended: Intended, after: Post) -> None:
    before = intended.post
    values = {"number": before.id, "moment": moment(after.due_at, intended.zone)}
    if after.state is State.HELD and after.approval_needed:
        text = _("Post %(number)s now leaves %(moment)s, once somebody has approved it.", **values)
    else:
        text = _("Post %(number)s now leaves %(moment)s.", **values)
    fields = {
        "post": str(before.id),
        "at": before.due_at.isoformat(),
        "was": after.due_at.isoformat(),
        "seen": standing_of(after),
    }
    # What is past cannot be had back: a missed post's moment, for one.
    is_past = before.due_at <= app().clock.now()
    told(text, undo=None if is_past else (url_for("calendar.move"), fields))


def _is_stale(intended: Intended) -> bool:
    """Whether the post stands elsewhere than on the page from which it was moved."""
    was = request.form.get("was", type=datetime.fromisoformat)
    return was is not None and was.tzinfo is not None and was != intended.post.due_at


def _which(intended: Intended) -> str:
    """Ask for the moment that is meant: the one that was written does not exist, or comes twice."""
    return render_template(
        "calendar_which.html",
        intended=intended,
        choices=intended.instants or (intended.first,),
        seen=intended.post.digest,
        utc_offset=_utc_offset,
        home=own_path(request.form.get("back")) or url_for("calendar.week"),
    )


def _days_page(view: str, asked: _Asked, shown: Days, *, first: date, step: int) -> str:
    hours = _hours(shown, all_of_them=request.args.get("hours") == "all")
    may_move = may(Role.AUTHOR)
    chips = Chips(shown, asked.by_key, own_zone=asked.own_zone, may_move=may_move)
    on_page = {post.id for day in shown.days for post in day.posts}
    return render_template(
        "calendar_days.html",
        asked=asked,
        view=view,
        shown=shown,
        first=first,
        before=first - timedelta(days=step),
        after=first + timedelta(days=step),
        hours=hours,
        own_hours=own_hours(shown, asked.own_zone),
        range_words=_range_words(first, first + timedelta(days=step - 1)),
        on_page=on_page,
        clashes=[list(found) for _account, found in groupby(shown.clashes, key=lambda one: one.post)],
        zones=_zones(asked, first=first),
        may_move=may_move,
        chip_of=chips.of,
        move_to=url_for("calendar.move"),
        wall=_wall,
    )


def _hours(shown: Days, *, all_of_them: bool) -> range:
    """The hours of the clock that are shown."""
    if all_of_them:
        return range(24)
    first = _FIRST_HOUR if shown.first_hour is None else shown.first_hour
    last = first if shown.last_hour is None else shown.last_hour
    end = min(max(last + 1, first + _HOURS_SHOWN), 24)
    return range(max(min(first, end - _HOURS_SHOWN), 0), end)


def _range_words(first: date, last: date) -> str:
    """`16–22 November 2026`."""
    if first == last:
        return day_words(first)
    return digits(format_interval(first, last, skeleton="yMMMMd", locale=locale()).translate(_UNSEEN))


def _zones(asked: _Asked, *, first: date) -> dict[str, dict[str, object]]:
    """What the page's script knows of clocks: a browser's own data may be years old."""
    names = {asked.zone, *(campaign.zone for campaign in asked.campaigns)}
    if asked.own_zone is not None:
        names.add(asked.own_zone)
    return {
        name: {
            "city": city(name),
            "offsets": [
                (round(at.timestamp()), round(offset.total_seconds()))
                for at, offset in app().agenda.offsets(name, first=first)
            ],
        }
        for name in sorted(names)
    }


def _asked() -> _Asked:
    campaigns = app().agenda.campaigns()
    args = request.args
    wanted = AgendaWanted(
        campaign=_one_of(args, "campaign", {one.key for one in campaigns}),
        account=_one_of(args, "account", {one.name for campaign in campaigns for one in campaign.accounts}),
        language=_one_of(args, "language", {code for campaign in campaigns for code in campaign.languages}),
        state=args.get("state", type=State),
    )
    own = reader_zone()
    speaking = [one for one in campaigns if speaks(one, wanted)]
    names = dict.fromkeys((*(one.zone for one in speaking), *((own.key,) if own is not None else ())))
    zones = {name: tuple(one for one in speaking if one.zone == name) for name in names} or {"UTC": ()}
    zone = _one_of(args, "zone", set(zones)) or next(iter(zones))
    today = app().agenda.today(zone)
    on = args.get("on", type=date.fromisoformat)
    return _Asked(
        on=on if on is not None and on.year in _YEARS else today,
        wanted=wanted,
        zone=zone,
        zones=zones,
        campaigns=campaigns,
        own_zone=None if own is None else own.key,
        today=today,
    )


def _wall(when: datetime, zone: str) -> str:
    """The moment as a field for date and time holds it: on a clock in the zone."""
    return f"{local(when, zone):%Y-%m-%dT%H:%M}"


def _utc_offset(when: datetime, zone: str) -> str:
    return f"UTC{local(when, zone).isoformat()[-6:]}"


def _one_of(args: MultiDict[str, str], name: str, known: set[str]) -> str | None:
    """What the address names, when there is such a one: a link that is old shows more, not nothing."""
    value = args.get(name)
    return value if value in known else None
