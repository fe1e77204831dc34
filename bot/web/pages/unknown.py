"""The posts of which nobody knows whether they are public: what was looked at, and a person's word."""

from __future__ import annotations

from flask import render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from bot.core.errors import NotAllowedError
from bot.core.people import Role
from bot.core.post import State
from bot.web.asking import app, back, person, told
from bot.web.pages import Pages
from bot.web.pages.approve import after_of, page_after
from bot.web.pages.post import NUMBER
from bot.web.speech import _
from bot.web.speech.said import marked

pages = Pages(__name__)

#: Letters; longer links lead to no post.
_LONGEST_LINK = 500


@pages.get("/unknown", needs=Role.VIEWER)
def unknown() -> str:
    return _shown()


@pages.post(f"/unknown/{NUMBER}", needs=Role.APPROVER)
def resolve(post: int) -> Response | tuple[str, int]:
    resolver = app().resolver(person().name)
    # A form that does not say which attempt its reader was told of knows of none.
    attempt = _number("attempt") or 0
    try:
        match request.form.get("answer"):
            case "live":
                url = request.form.get("url", "").strip()[:_LONGEST_LINK]
                if not url:
                    return _again(post, _("Give the post's link: copy it from the post itself."))
                found = resolver.live(post, url=url, attempt=attempt)
                told(_("Post %(number)s is sent, with the link that you found.", number=post))
                if found.state is State.READY:
                    told(_("The next part of its thread follows by itself."))
            case "leave":
                resolver.leave(post, attempt=attempt)
                told(_("Post %(number)s is left as it is: nothing more is done about it.", number=post))
            case "again":
                if _number("typed") != post:
                    return _again(post, _("Type %(number)s to send it again: nothing was done.", number=post))
                again = resolver.send_again(post, attempt=attempt)
                if again.state is State.HELD:
                    told(_("Post %(number)s waits for a new approval, then it leaves.", number=post))
                else:
                    told(_("Post %(number)s is ready: it is sent once more now.", number=post))
            case _:
                return _again(post, _("Choose one of the three answers."))
    except NotAllowedError as error:
        return _again(post, marked(str(error)), status=409)
    return back(url_for("unknown.unknown"))


def _again(post: int, problem: str, *, status: int = 422) -> tuple[str, int]:
    """The page as it is now, with what is wrong and with what was typed."""
    return _shown(problem=problem, about=post), status


def _shown(*, problem: str = "", about: int | None = None) -> str:
    found = app().dossiers.unknown(after=after_of(request.args.get("after")))
    return render_template(
        "unknown.html",
        found=found,
        next_page=None if found.after is None else page_after(found.after),
        is_later_page="after" in request.args,
        problem=problem,
        about=about,
        typed=request.form if problem else MultiDict(),
    )


def _number(field: str) -> int | None:
    """The whole number in a field, in whichever digits it was typed; None when there is none."""
    written = request.form.get(field, "").strip()
    return int(written) if written.isdecimal() and len(written) < 20 else None
