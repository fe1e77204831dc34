"""The accounts: how each stands, its limits, what it spent; pause one, test its credentials."""

from __future__ import annotations

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from bot.core.errors import BotError
from bot.core.people import Role
from bot.pipeline.prospects import COUNTED_UP_TO
from bot.web.asking import app, back, may, person, told
from bot.web.pages import Pages
from bot.web.speech import _
from bot.web.speech.said import said

pages = Pages(__name__)

#: Letters; the reason stands in the send log, and above every page.
_LONGEST_REASON = 500


@pages.get("/accounts", needs=Role.VIEWER)
def accounts() -> str:
    bot = app()
    return render_template(
        "accounts.html",
        prospects=bot.prospects.all(),
        ceiling=bot.budget.ceiling,
        spent=bot.inspector.spent_this_month(),
        is_paused_by_file=bot.is_paused_by_file,
        counted_up_to=COUNTED_UP_TO,
        longest_reason=_LONGEST_REASON,
    )


@pages.post("/accounts/pause", needs=Role.AUTHOR)
def pause() -> Response:
    name = _account()
    reason = request.form.get("reason", "").strip()[:_LONGEST_REASON]
    paused = (
        app()
        .operator(person().name)
        .pause(
            campaign=None,
            account=name,
            language=None,
            reason=reason or "stopped in the console, no reason given",
        )
    )
    if paused.already_left:
        numbers = ", ".join(str(post.id) for post in paused.already_left)
        told(
            _(
                "%(account)s is paused. These posts had already left and cannot be stopped: %(posts)s",
                account=name,
                posts=numbers,
            ),
            is_warning=True,
        )
    else:
        undo = (url_for("accounts.resume"), {"account": name}) if may(Role.APPROVER) else None
        told(
            _("%(account)s is paused. Nothing leaves through it until somebody resumes.", account=name),
            undo=undo,
        )
    return back(url_for("accounts.accounts"))


@pages.post("/accounts/resume", needs=Role.APPROVER)
def resume() -> Response:
    name = _account()
    lifted = app().operator(person().name).resume(campaign=None, account=name, language=None)
    if lifted:
        told(
            _(
                "%(account)s goes on. What became late meanwhile is missed, and is not sent all at once.",
                account=name,
            )
        )
    else:
        told(_("Nothing to resume: somebody else already did."), is_warning=True)
    return back(url_for("accounts.accounts"))


@pages.post("/accounts/test", needs=Role.AUTHOR)
def test() -> Response:
    name = _account()
    try:
        handle = app().test_account(name)
    except BotError as error:
        for line in str(error).splitlines():
            told(_("%(account)s: %(problem)s", account=name, problem=said(line) or line), is_warning=True)
        return back(url_for("accounts.accounts"))
    sentence = (
        _("%(account)s is in dry-run: no network is spoken to, so there is nothing to test.", account=name)
        if handle is None
        else _(
            "%(account)s: the network knows it as %(handle)s. Nothing was posted.",
            account=name,
            handle=handle,
        )
    )
    told(sentence)
    return back(url_for("accounts.accounts"))


def _account() -> str:
    """The account that the form names. Raises NotFoundError when there is none of that name."""
    return app().prospects.known(request.form.get("account", "")).name
