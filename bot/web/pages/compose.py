"""The page on which a new post is written, seen as a follower would see it, and queued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus

from flask import current_app, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from bot.core.campaign import Campaign
from bot.core.errors import BotError
from bot.core.people import Role
from bot.core.post import Post, State
from bot.pipeline.compose import APPROVAL
from bot.pipeline.desk import AlreadyThereError
from bot.pipeline.operate import Queued
from bot.pipeline.outlook import Departure, Outlook
from bot.web.asking import app, person, told
from bot.web.pages import ITEM_BODY, Pages
from bot.web.speech import _, ngettext
from bot.web.speech.figures import digits
from bot.web.speech.filters import moment
from bot.web.speech.moments import clock_time, local
from bot.web.speech.sentences import listed, noted, translated
from bot.web.speech.words import language_word
from bot.web.writing import Writing, blank, chosen_campaign, of_request, refused

pages = Pages(__name__)

#: Posts named in one line; the browser's cookie keeps it until the next page.
_MOST_NAMED = 5


@pages.get("/new", needs=Role.AUTHOR)
def compose() -> str:
    campaign = chosen_campaign(request.args.get("campaign"))
    if campaign is None:
        return render_template("compose.html", writing=None)
    return page(blank(campaign, at=request.args.get("at", "")))


@pages.post("/new", needs=Role.AUTHOR, largest=ITEM_BODY)
def queue() -> str | Response | tuple[str, HTTPStatus]:
    campaign = chosen_campaign(request.form.get("campaign"))
    if campaign is None:
        return redirect(url_for("compose.compose"), code=303)
    writing = of_request(campaign, asks_whom=True)
    item = writing.item
    if request.form.get("check"):
        return page(writing)
    if item is None or writing.is_mendable:
        return page(writing), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        queued = app().desk(person().name).queue_new(item, to=writing.queued, at=writing.at)
    except AlreadyThereError as already:
        return page(replace(writing, already=already)), HTTPStatus.CONFLICT
    except BotError as error:
        return page(replace(writing, refusal=refused(error))), HTTPStatus.UNPROCESSABLE_ENTITY
    tell_queued(campaign, queued)
    if writing.missing:
        languages = [language_word(language) for language in writing.missing]
        told(_("Still to be written: %(languages)s.", languages=listed(languages)), is_warning=True)
    return redirect(_next_page(queued), code=303)


def page(writing: Writing) -> str:
    """The form with what was written so far."""
    return render_template("compose.html", writing=writing, campaigns=app().inspector.campaigns())


def tell_queued(campaign: Campaign, queued: tuple[Queued, ...]) -> None:
    """Say what became of it: when it leaves, or who must look at it first."""
    desk = app().desk(person().name)
    outlook = desk.outlook_of(campaign.key, queued)
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
            "%(num)s post is queued for %(when)s. It leaves only if somebody else approves it before"
            " %(end)s.",
            "%(num)s posts are queued for %(when)s. They leave only if somebody else approves them before"
            " %(end)s.",
            len(posts),
            when=when,
            end=moment(posts[0].grace_until, campaign.zone),
        )
    elif outlook.late:
        line = ngettext(
            "%(num)s post is queued for %(when)s. At its account's pace it leaves: %(moments)s.",
            "%(num)s posts are queued for %(when)s. At the pace of their accounts they leave: %(moments)s.",
            len(posts),
            when=when,
            moments=departures_words(outlook, campaign),
        )
    else:
        line = ngettext(
            "%(num)s post is queued: it leaves %(when)s.",
            "%(num)s posts are queued: they leave %(when)s.",
            len(posts),
            when=when,
        )
    told(line, is_warning=bool(held))
    gave_way = desk.gave_way(queued)
    if gave_way:
        told(_names_with_links(gave_way), is_warning=True)


def departures_words(outlook: Outlook, campaign: Campaign) -> str:
    """`Arabic at 13:00 and English at about 13:05`: each post with when it leaves at the earliest."""
    languages = [one.language for one in outlook.departures]
    return listed(
        _departure_words(one, campaign, names_account=languages.count(one.language) > 1)
        for one in outlook.departures
    )


def _departure_words(one: Departure, campaign: Campaign, *, names_account: bool) -> str:
    who = language_word(one.language)
    if names_account:
        who = _("%(account)s in %(language)s", account=one.account, language=who)
    if one.is_too_late:
        return _("%(post)s not at all, as its time is over before", post=who)
    if one.wait is None:
        return _("%(post)s at %(time)s", post=who, time=clock_time(one.leaves_at, campaign.zone))
    is_same_day = local(one.leaves_at, campaign.zone).date() == local(one.due_at, campaign.zone).date()
    time = (clock_time if is_same_day else moment)(one.leaves_at, campaign.zone)
    return _("%(post)s at about %(time)s", post=who, time=time)


def _names_with_links(gave_way: Sequence[Post]) -> Markup:
    """Which planned posts do not leave any more, each with a link to its page."""
    links = [
        Markup('<a href="{}">{}</a>').format(
            url_for("post.post", post=one.id), _("post %(number)s", number=digits(str(one.id)))
        )
        + Markup(" (<bdi>{}</bdi>, {})").format(one.account, language_word(one.language))
        for one in gave_way[:_MOST_NAMED]
    ]
    sentence = Markup(translated(noted("Its place was taken, so it does not leave: %(posts)s.")))  # noqa: S704
    if len(gave_way) > 1:
        sentence = Markup(translated(noted("Their place was taken, so they do not leave: %(posts)s.")))  # noqa: S704
    return sentence % {"posts": Markup(", ").join(links)}


def _next_page(queued: tuple[Queued, ...]) -> str:
    """The first post's own page; where there is none, what it waits in."""
    if "post.post" in current_app.view_functions:
        return url_for("post.post", post=queued[0].post.id)
    return url_for("queue.queue" if "queue.queue" in current_app.view_functions else "today.today")
