"""One post: what a follower will see, where it comes from, who approved it, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from bot.core.errors import ContentError, NotAllowedError, NotFoundError, RenderError
from bot.core.people import Role
from bot.core.post import WAITING, Post, State
from bot.pipeline.dossier import Dossier
from bot.pipeline.guards import OVERRULABLE, REMEDIES
from bot.pipeline.moments import parse_moment
from bot.pipeline.seen import standing_of
from bot.store.send_log import Entry
from bot.web.asking import app, back, may, person, told
from bot.web.pages import Pages
from bot.web.speech import _
from bot.web.speech.said import marked
from bot.web.speech.words import guard_word

pages = Pages(__name__)

#: A post's number in an address, as large as a database knows numbers.
NUMBER = f"<int(max={2**63 - 1}):post>"
#: Letters of a reason; it stands in the send log for good.
_LONGEST_REASON = 500
#: Letters of a digest that a page shows: enough to tell two apart.
SHOWN_OF_DIGEST = 8
#: States in which a post may still be given another moment, or be taken out.
_MOVABLE = WAITING | {State.MISSED}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One entry of the send log, with the text that the entry before it left."""

    entry: Entry
    #: None where the text is the same, or nobody knows it any more.
    before: str | None


@pages.get(f"/posts/{NUMBER}", needs=Role.VIEWER)
def post(post: int) -> str:
    return _shown(app().dossiers.post(post))


@pages.post(f"/posts/{NUMBER}/hold", needs=Role.AUTHOR)
def hold(post: int) -> Response | tuple[str, int]:
    def decide() -> Response:
        reason = _reason() or "held in the console, no reason given"
        held = app().operator(person().name).hold(post, reason=reason, seen=_seen())
        undo = _undo("post.release", held, named="yes") if may(Role.APPROVER) and not _waits(held) else None
        told(_("Post %(number)s is held. It waits until somebody releases it.", number=post), undo=undo)
        return back(_page(post))

    return _deciding(post, decide)


@pages.post(f"/posts/{NUMBER}/release", needs=Role.APPROVER)
def release(post: int) -> Response | tuple[str, int]:
    def decide() -> Response:
        known = request.form.getlist("overrules") if "named" in request.form else None
        released = app().operator(person().name).release(post, seen=_seen(), overruling=known)
        told(
            _("Post %(number)s is released. It leaves at its moment.", number=post),
            undo=_undo("post.hold", released, reason="released by mistake"),
        )
        return back(_page(post))

    return _deciding(post, decide)


@pages.post(f"/posts/{NUMBER}/cancel", needs=Role.AUTHOR)
def cancel(post: int) -> Response | tuple[str, int]:
    def decide() -> Response:
        reason = _reason() or "cancelled in the console, no reason given"
        app().operator(person().name).cancel(post, reason=reason, seen=_seen())
        told(_("Post %(number)s is cancelled. It does not leave.", number=post))
        return back(_page(post))

    return _deciding(post, decide)


@pages.post(f"/posts/{NUMBER}/move", needs=Role.AUTHOR)
def move(post: int) -> Response | tuple[str, int]:
    def decide() -> Response | tuple[str, int]:
        found = app().dossiers.post(post)
        before = found.post
        if not request.form.get("to", "").strip():
            return _shown(found, problem=_("Name the new moment: its day and its time.")), 422
        to = _moment(before.slot.zone)
        moved = app().operator(person().name).move(post, to=to, seen=_seen())
        undo = None
        if before.due_at > app().clock.now() and before.state in WAITING:
            undo = _undo("post.move", moved, to=before.due_at.isoformat())
        if before.approved_digest == before.digest and moved.approval_needed:
            told(_("Post %(number)s is moved. Its approval was for the old moment.", number=post), undo=undo)
        else:
            told(_("Post %(number)s is moved.", number=post), undo=undo)
        return back(_page(post))

    return _deciding(post, decide)


@pages.post(f"/posts/{NUMBER}/approve", needs=Role.APPROVER)
def approve(post: int) -> Response | tuple[str, int]:
    def decide() -> Response:
        approved = app().approver(person().name).approve(post, seen=_seen())
        if approved.state is State.READY:
            undo = _undo("post.hold", approved, reason="approved by mistake")
            told(_("Post %(number)s is approved. It leaves at its moment.", number=post), undo=undo)
        else:
            told(
                _("Post %(number)s is approved, and stays held until somebody releases it.", number=post),
                is_warning=True,
            )
        return back(_page(post))

    return _deciding(post, decide)


def _deciding(number: int, decide: Callable[[], Response | tuple[str, int]]) -> Response | tuple[str, int]:
    """What was decided, or the page again, as it is now, with why not and with what was typed."""
    try:
        return decide()
    except NotFoundError:
        raise
    except (NotAllowedError, ContentError, RenderError) as error:
        return _shown(app().dossiers.post(number), problem=marked(str(error))), 409
    except ValueError as error:
        return _shown(app().dossiers.post(number), problem=marked(str(error))), 422


def _shown(found: Dossier, *, problem: str = "") -> str:
    one = found.post
    own = found.is_by(person().name)
    waits = one.state is State.HELD and _waits(one)
    return render_template(
        "post.html",
        found=found,
        post=one,
        seen=standing_of(one),
        problem=problem,
        typed=request.form if problem else MultiDict(),
        steps=list(_steps(found.entries)),
        remedies=REMEDIES,
        against_words=[guard_word(guard.name) for guard in found.against],
        overruled_words=[guard_word(name) for name in sorted(one.overruled)],
        overrulable=OVERRULABLE,
        shown_of_digest=SHOWN_OF_DIGEST,
        longest_reason=_LONGEST_REASON,
        is_own=own,
        waits_for_approval=waits,
        may_hold=one.state is State.READY and may(Role.AUTHOR),
        may_release=one.state is State.HELD and not waits and may(Role.APPROVER) and not found.is_immovable,
        may_approve=waits and may(Role.APPROVER) and not own and not found.is_immovable,
        may_move=one.state in _MOVABLE and may(Role.AUTHOR),
        may_cancel=one.state in _MOVABLE and may(Role.AUTHOR),
        wall_time=one.due_at.astimezone(ZoneInfo(one.slot.zone)).strftime("%Y-%m-%dT%H:%M"),
        today=app().clock.now().astimezone(ZoneInfo(one.slot.zone)).date(),
    )


def _waits(one: Post) -> bool:
    return one.approval_needed and one.approved_digest != one.digest


def _steps(entries: Sequence[Entry]) -> Iterator[Step]:
    known: str | None = None
    for entry in entries:
        changed = entry.event == "rewritten" and known is not None and entry.text not in (None, known)
        yield Step(entry=entry, before=known if changed else None)
        # An attempt's text is that of one part alone.
        if entry.text is not None and entry.event != "intent":
            known = entry.text


def _undo(endpoint: str, one: Post, **fields: str) -> tuple[str, dict[str, str]]:
    """Takes back what was decided, as long as the post stands as that left it."""
    return url_for(endpoint, post=one.id), {"seen": standing_of(one), **fields}


def _page(number: int) -> str:
    return url_for("post.post", post=number)


def _seen() -> str | None:
    """What the form says that its reader saw; a form that says nothing saw nothing."""
    return request.form.get("seen", "")


def _reason() -> str:
    return " ".join(request.form.get("reason", "").split())[:_LONGEST_REASON]


def _moment(zone: str) -> datetime:
    """The moment that the form names, in the campaign's zone. Raises ValueError for what is none."""
    return parse_moment(request.form.get("to", "")).instant(app().clock, zone=zone)
