"""The coming week or month as a list and as a picture. Nothing is stored, nothing is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from flask import Response, render_template, request, url_for

from bot.content.reading import Content
from bot.core.errors import ContentError
from bot.core.people import Role
from bot.core.post import State
from bot.pipeline.rehearse import Rehearsal, RehearsedPost
from bot.planning.calendar import instant_of, zone_named
from bot.web.asking import app
from bot.web.look.charts import Cell, calendar
from bot.web.pages import Pages
from bot.web.pages.insight import asked_look, svg_answer
from bot.web.speech import _, ngettext
from bot.web.speech.figures import digits, number
from bot.web.speech.moments import short_day, weekday

pages = Pages(__name__)

#: How far ahead one may look, in days.
SPANS = (7, 30)
#: Days further away overflow what a machine's calendar holds.
_YEARS = range(2000, 2200)
#: Posts on one page; those of one moment stay together.
ON_A_PAGE = 100
#: Reasons shown, the most frequent first.
_REASONS = 10
#: What asks for attention before anything is switched on.
_WARNS = (State.HELD, State.MISSED, State.REJECTED)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which run is asked for. What is not understood is as if it were not there."""

    days: int
    campaign: str | None
    #: None: from now on.
    first: date | None

    @classmethod
    def read(cls) -> Asked:
        days = request.args.get("days", type=int)
        return cls(
            days=days if days in SPANS else SPANS[0],
            campaign=request.args.get("campaign") or None,
            first=request.args.get("from", type=_day),
        )

    def start(self, content: Content) -> datetime:
        """A day begins by the campaign's clock; of several campaigns, where it begins first."""
        if self.first is None:
            return app().clock.now()
        zones = {one.zone for one in content.campaigns if self.campaign in (None, one.key)} or {"UTC"}
        midnight = datetime.combine(self.first, time())
        return min(instant_of(midnight, zone_named(zone)) for zone in zones)

    def address(self, endpoint: str, **changes: object) -> str:
        """The address of the same run, with some of it changed."""
        first = None if self.first is None else self.first.isoformat()
        asked = {"days": self.days, "campaign": self.campaign, "from": first}
        return url_for(endpoint, **(asked | changes))  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What the run comes to."""

    posts: int
    cost_usd_micros: int
    #: Posts by each state that asks for attention.
    warns: Mapping[State, int]
    #: The state, its reason, and how many posts say so.
    reasons: Sequence[tuple[State, str, int]]
    longest: RehearsedPost | None

    @classmethod
    def of(cls, rehearsal: Rehearsal) -> Summary:
        posts = rehearsal.posts
        states = Counter(post.state for post in posts)
        reasons = Counter((post.state, post.reason) for post in posts if post.state in _WARNS)
        return cls(
            posts=len(posts),
            cost_usd_micros=sum(post.cost_usd_micros for post in posts),
            warns={state: states[state] for state in _WARNS if states[state]},
            reasons=[(state, why, many) for (state, why), many in reasons.most_common(_REASONS)],
            longest=max(posts, key=lambda post: post.length, default=None),
        )


@pages.get("/rehearse", needs=Role.VIEWER)
def rehearse() -> str | tuple[str, int]:
    asked = Asked.read()
    try:
        content = app().content()
        rehearsal = _rehearsal(asked, content)
    except ContentError as error:
        page = render_template(
            "rehearse.html", asked=asked, spans=SPANS, content=None, problems=error.problems
        )
        return page, 422
    after = request.args.get("after", type=_moment)
    shown, more_after = _page(rehearsal.posts, after=after)
    return render_template(
        "rehearse.html",
        asked=asked,
        spans=SPANS,
        content=content,
        zones={one.key: one.zone for one in content.campaigns},
        rehearsal=rehearsal,
        summary=Summary.of(rehearsal),
        shown=shown,
        more_after=more_after,
        is_first_page=after is None,
        grid=_table(rehearsal, content),
        point=_point(rehearsal),
        problems=(),
    )


@pages.get("/rehearse.svg", needs=Role.VIEWER)
def picture() -> Response:
    asked, look = Asked.read(), asked_look()
    content = app().content()
    rows = [
        (short_day(day) if look.narrow else f"{weekday(day)} {short_day(day)}", cells)
        for day, cells in _cells(_rehearsal(asked, content), content).items()
    ]
    return svg_answer(calendar(rows, hour=lambda hour: digits(f"{hour:02}"), look=look))


def _day(text: str) -> date:
    """Raises ValueError for what is no day, or one that no campaign will see."""
    day = date.fromisoformat(text)
    if day.year not in _YEARS:
        raise ValueError(f"{text} is out of reach")
    return day


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _rehearsal(asked: Asked, content: Content) -> Rehearsal:
    start = asked.start(content)
    end = start + timedelta(days=asked.days)
    return app().rehearse(content, start=start, end=end, only=asked.campaign, on_slot=lambda _done: None)


def _page(
    posts: Sequence[RehearsedPost], *, after: datetime | None
) -> tuple[Sequence[RehearsedPost], datetime | None]:
    """Posts after that moment, as many as one page bears, and the moment of the last one if more follow."""
    coming = [post for post in posts if after is None or post.due_at > after]
    if len(coming) <= ON_A_PAGE:
        return coming, None
    last = coming[ON_A_PAGE - 1].due_at
    shown = [post for post in coming if post.due_at <= last]
    return shown, last if len(shown) < len(coming) else None


def _cells(rehearsal: Rehearsal, content: Content) -> dict[date, dict[int, Cell]]:
    """Posts by day and hour of their campaign's zone, every day from the first to the last."""
    numbers: Counter[tuple[date, int]] = Counter()
    warns: set[tuple[date, int]] = set()
    for post in rehearsal.posts:
        place = (post.local_time.date(), post.local_time.hour)
        numbers[place] += 1
        if post.state in _WARNS:
            warns.add(place)
    zones = {one.key: zone_named(one.zone) for one in content.campaigns}
    local = [slot.due_at.astimezone(zones[slot.campaign]) for slot in rehearsal.empty]
    hollow = {(moment.date(), moment.hour) for moment in local}
    days = sorted({day for day, _hour in (*numbers, *hollow)})
    if not days:
        return {}
    span = (days[-1] - days[0]).days + 1
    grid: dict[date, dict[int, Cell]] = {days[0] + timedelta(days=past): {} for past in range(span)}
    for day, hour in {*numbers, *hollow}:
        place = (day, hour)
        grid[day][hour] = Cell(number=numbers[place], warns=place in warns, is_hollow=place in hollow)
    return grid


def _table(rehearsal: Rehearsal, content: Content) -> list[tuple[str, str, str, str, str]]:
    """The picture in words: day, hours with posts, posts, those that ask for attention, empty moments."""
    held = Counter(post.local_time.date() for post in rehearsal.posts if post.state in _WARNS)
    zones = {one.key: zone_named(one.zone) for one in content.campaigns}
    empty = Counter(slot.due_at.astimezone(zones[slot.campaign]).date() for slot in rehearsal.empty)
    return [
        (
            f"{weekday(day)} {short_day(day)}",
            " ".join(digits(f"{hour:02}") for hour in sorted(cells) if cells[hour].number),
            number(sum(cell.number for cell in cells.values())),
            number(held[day]),
            number(empty[day]),
        )
        for day, cells in _cells(rehearsal, content).items()
    ]


def _point(rehearsal: Rehearsal) -> str:
    """What the picture shows, in a sentence."""
    posts = len(rehearsal.posts)
    warns = sum(post.state in _WARNS for post in rehearsal.posts)
    empty = len(rehearsal.empty)
    if not warns and not empty:
        return ngettext(
            "%(num)s post, and nothing in the way.", "%(num)s posts, and nothing in the way.", posts
        )
    return _(
        "Posts: %(posts)s. Held, missed or rejected: %(warns)s. Empty moments: %(empty)s.",
        posts=number(posts),
        warns=number(warns),
        empty=number(empty),
    )
