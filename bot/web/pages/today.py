"""The first page: what was sent, what comes next, what needs a person; and the pause."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import Length

from bot.core.people import Role
from bot.web.asking import app, back, person, told
from bot.web.pages import Pages
from bot.web.speech import _

pages = Pages(__name__)

#: Letters; the reason stands in the send log, and above every page.
_LONGEST_REASON = 500


class PauseForm(FlaskForm):  # type: ignore[misc]
    """What is to be stopped, and why."""

    reason = StringField(validators=[Length(max=_LONGEST_REASON)])
    campaign = SelectField(choices=[], default="")
    account = SelectField(choices=[], default="")
    language = SelectField(choices=[], default="")


@pages.get("/", needs=Role.VIEWER)
def today() -> str:
    return render_template("today.html", today=app().overview.today(), health=app().watch.health())


@pages.get("/pause", needs=Role.AUTHOR)
def pause_form() -> str:
    return render_template("pause.html", form=_form())


@pages.post("/pause", needs=Role.AUTHOR)
def pause() -> str | Response:
    form = _form()
    if not form.validate():
        return render_template("pause.html", form=form)
    reason = (form.reason.data or "").strip() or "stopped in the console, no reason given"
    paused = (
        app()
        .operator(person().name)
        .pause(
            campaign=form.campaign.data or None,
            account=form.account.data or None,
            language=form.language.data or None,
            reason=reason,
        )
    )
    if paused.already_left:
        numbers = ", ".join(str(post.id) for post in paused.already_left)
        told(
            _("Paused. These posts had already left and cannot be stopped: %(posts)s", posts=numbers),
            is_warning=True,
        )
    else:
        told(_("Paused. Nothing of it leaves until somebody resumes."))
    return redirect(url_for("today.today"), code=303)


@pages.post("/resume", needs=Role.APPROVER)
def resume() -> Response:
    named = {name: request.form.get(name) or None for name in ("campaign", "account", "language")}
    lifted = app().operator(person().name).resume(**named)
    if lifted:
        told(_("Resumed. What became late meanwhile is missed, and is not sent all at once."))
    else:
        told(_("Nothing to resume: somebody else already did."), is_warning=True)
    return back(url_for("today.today"))


def _form() -> PauseForm:
    campaigns = app().inspector.campaigns()
    form = PauseForm()
    form.campaign.choices = [("", _("every campaign")), *((one.key, one.key) for one in campaigns)]
    names = dict.fromkeys(account.name for one in campaigns for account in one.accounts)
    form.account.choices = [("", _("every account")), *((name, name) for name in names)]
    languages = dict.fromkeys(language for one in campaigns for language in one.languages)
    form.language.choices = [("", _("every language")), *((code, code) for code in languages)]
    return form
