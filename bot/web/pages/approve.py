"""The posts that wait for this person's approval: read, approved one by one or many at once, or refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from flask import render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from bot.core.errors import NotAllowedError
from bot.core.people import Role
from bot.core.post import State
from bot.pipeline.approvals import Decided
from bot.pipeline.dossier import PAGE, Waiting
from bot.web.asking import app, back, person, told
from bot.web.pages import Pages
from bot.web.pages.post import NUMBER
from bot.web.speech import _, ngettext
from bot.web.speech.said import marked, said

pages = Pages(__name__)

#: Letters of a reason; it stands in the send log for good.
_LONGEST_REASON = 500
#: Posts leave in none but these.
_YEARS = range(1970, 2200)
#: Refusals told one by one; the page itself shows every post that still waits.
_TOLD_AT_MOST = 5


@dataclass(frozen=True, kw_only=True)
class Day:
    """The posts of one day of their campaign's zone."""

    day: date
    waiting: tuple[Waiting, ...]


@pages.get("/approve", needs=Role.VIEWER)
def approve() -> str:
    return _shown()


@pages.post("/approve", needs=Role.APPROVER)
def many() -> Response:
    chosen = [request.form["only"]] if "only" in request.form else request.form.getlist("post")
    numbers = [int(number) for number in chosen if number.isdecimal() and len(number) < 19][:PAGE]
    if not numbers:
        told(_("Choose the posts first, then approve them."), is_warning=True)
        return back(url_for("approve.approve"))
    seen = {number: request.form.get(f"seen-{number}", "") for number in numbers}
    _tell(app().approver(person().name).approve_all(seen))
    return back(url_for("approve.approve"))


@pages.post(f"/approve/{NUMBER}/refuse", needs=Role.APPROVER)
def refuse(post: int) -> Response | tuple[str, int]:
    reason = " ".join(request.form.get("reason", "").split())[:_LONGEST_REASON]
    if not reason:
        return _shown(problem=_("Say why: the author reads it."), about=post), 422
    try:
        app().approver(person().name).refuse(post, reason=reason, seen=request.form.get("seen", ""))
    except NotAllowedError as error:
        return _shown(problem=marked(str(error)), about=post), 409
    told(
        _("Post %(number)s is refused. Its author reads why; written anew, it waits here again.", number=post)
    )
    return back(url_for("approve.approve"))


def _shown(*, problem: str = "", about: int | None = None) -> str:
    found = app().dossiers.to_approve(person().name, after=after_of(request.args.get("after")))
    return render_template(
        "approve.html",
        found=found,
        days=list(_days(found.waiting)),
        next_page=None if found.after is None else page_after(found.after),
        is_later_page="after" in request.args,
        labels=[_("Approve")]
        + [
            ngettext("Approve %(num)s post", "Approve %(num)s posts", count)
            for count in range(1, len(found.waiting) + 1)
        ],
        problem=problem,
        about=about,
        typed=request.form if problem else MultiDict(),
        longest_reason=_LONGEST_REASON,
    )


def _days(waiting: Sequence[Waiting]) -> Iterator[Day]:
    for day, posts in groupby(waiting, key=_day_of):
        yield Day(day=day, waiting=tuple(posts))


def _day_of(one: Waiting) -> date:
    return one.post.due_at.astimezone(ZoneInfo(one.post.slot.zone)).date()


def _tell(decided: Sequence[Decided]) -> None:
    """What became of each, in words: those that leave, those still held, those not approved and why."""
    leave = [one for one in decided if one.post is not None and one.post.state is State.READY]
    held = [one for one in decided if one.post is not None and one.post.state is not State.READY]
    refused = [one for one in decided if one.post is None]
    if leave:
        told(
            ngettext(
                "%(num)s post is approved and leaves at its moment: %(posts)s",
                "%(num)s posts are approved and leave at their moments: %(posts)s",
                len(leave),
                posts=_numbers(leave),
            )
        )
    if held:
        told(
            ngettext(
                "%(num)s post is approved, and stays held until somebody releases it: %(posts)s",
                "%(num)s posts are approved, and stay held until somebody releases them: %(posts)s",
                len(held),
                posts=_numbers(held),
            ),
            is_warning=True,
        )
    for one in refused[:_TOLD_AT_MOST]:
        told(said(one.error) or one.error, is_warning=True)
    if len(refused) > _TOLD_AT_MOST:
        rest = len(refused) - _TOLD_AT_MOST
        told(
            ngettext("%(num)s more was not approved.", "%(num)s more were not approved.", rest),
            is_warning=True,
        )


def _numbers(decided: Sequence[Decided]) -> str:
    return ", ".join(str(one.id) for one in decided)


def page_after(place: tuple[datetime, int]) -> str:
    """How an address names the last post of a page."""
    return f"{place[0].isoformat()}~{place[1]}"


def after_of(written: str | None) -> tuple[datetime, int] | None:
    """The last post of the page before; None for the first page, and for an address that names none."""
    moment, _sign, number = (written or "").partition("~")
    try:
        at = datetime.fromisoformat(moment)
        place = (at, int(number))
    except ValueError:
        return None
    is_one = at.tzinfo is not None and at.year in _YEARS and abs(place[1]) < 2**63
    return place if is_one else None
