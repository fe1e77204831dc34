"""The page on which a new post is written, seen as a follower would see it, and queued."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.core.campaign import Campaign
from bot.core.errors import BotError
from bot.core.people import Role
from bot.core.post import State
from bot.pipeline.compose import APPROVAL
from bot.pipeline.operate import Queued
from bot.web.asking import app, person, told
from bot.web.pages import Pages
from bot.web.speech import _, ngettext
from bot.web.speech.filters import moment
from bot.web.speech.sentences import listed
from bot.web.speech.words import language_word
from bot.web.writing import Writing, blank, chosen_campaign, of_request, refused

pages = Pages(__name__)


@pages.get("/new", needs=Role.AUTHOR)
def compose() -> str:
    campaign = chosen_campaign(request.args.get("campaign"))
    if campaign is None:
        return render_template("compose.html", writing=None)
    return _page(blank(campaign, at=request.args.get("at", "")))


@pages.post("/new", needs=Role.AUTHOR)
def queue() -> str | Response | tuple[str, HTTPStatus]:
    campaign = chosen_campaign(request.form.get("campaign"))
    if campaign is None:
        return redirect(url_for("compose.compose"), code=303)
    writing = of_request(campaign, asks_whom=True)
    item = writing.item
    if request.form.get("check"):
        return _page(writing)
    if item is None or writing.is_mendable:
        return _page(writing), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        queued = app().desk(person().name).queue_new(item, to=writing.queued, at=writing.at)
    except BotError as error:
        return _page(replace(writing, refusal=refused(error))), HTTPStatus.UNPROCESSABLE_ENTITY
    tell_queued(campaign, queued)
    if writing.missing:
        languages = [language_word(language) for language in writing.missing]
        told(_("Still to be written: %(languages)s.", languages=listed(languages)), is_warning=True)
    return redirect(_next_page(queued), code=303)


def _page(writing: Writing) -> str:
    return render_template("compose.html", writing=writing, campaigns=app().inspector.campaigns())


def tell_queued(campaign: Campaign, queued: tuple[Queued, ...]) -> None:
    """Say what became of it: when it leaves, or who must look at it first."""
    posts = [one.post for one in queued]
    to_approve = [post for post in posts if post.state is State.HELD and post.guard == APPROVAL]
    held = [post for post in posts if post.state is State.HELD and post.guard != APPROVAL]
    when = moment(posts[0].due_at, campaign.zone)
    if held:
        line = ngettext(
            "%(num)s post is queued for %(when)s, and held: its page says why.",
            "%(num)s posts are queued for %(when)s, and held: their pages say why.",
            len(posts),
            when=when,
        )
    elif to_approve:
        line = ngettext(
            "%(num)s post is queued for %(when)s. Before that, somebody else must approve it.",
            "%(num)s posts are queued for %(when)s. Before that, somebody else must approve them.",
            len(posts),
            when=when,
        )
    else:
        line = ngettext(
            "%(num)s post is queued: it leaves %(when)s.",
            "%(num)s posts are queued: they leave %(when)s.",
            len(posts),
            when=when,
        )
    told(line, is_warning=bool(held))


def _next_page(queued: tuple[Queued, ...]) -> str:
    """The first post's own page; where there is none, what it waits in."""
    if "post.post" in current_app.view_functions:
        return url_for("post.post", post=queued[0].post.id)
    return url_for("queue.queue" if "queue.queue" in current_app.view_functions else "today.today")
