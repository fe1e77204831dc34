"""The library: every fact and call with all its languages side by side, looked for, read and queued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.core.campaign import Campaign, Kind
from bot.core.errors import BotError
from bot.core.people import Role
from bot.pipeline.browse import Order, QueueFilter
from bot.pipeline.edit import Keep
from bot.pipeline.library import Query, Recheck, Shelf
from bot.store.library import Place
from bot.web.asking import app, may, person, told
from bot.web.field_words import direction_of
from bot.web.look.versions import versions
from bot.web.look.wording import filled
from bot.web.pages import Pages
from bot.web.pages.compose import tell_queued
from bot.web.speech import _, noted
from bot.web.writing import When, everyone, refused, value_of

pages = Pages(__name__)

#: What a list is narrowed to beside campaign and kind. Each language still to be written is one more.
SHOWN: Mapping[str, str] = {
    "recheck": noted("to be checked again"),
    "conflict": noted("file and console disagree"),
    "unused": noted("never used"),
    "retired": noted("retired"),
}
_MISSING = "missing-"
_LONGEST_SEARCH = 200


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address asks for."""

    query: Query
    shown: str

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query.words or self.query.kind or self.shown or self.query.campaign)

    def address(self, **more: object) -> str:
        """The same list from another place in it."""
        words: dict[str, Any] = {
            "q": self.query.words,
            "campaign": self.query.campaign,
            "kind": self.query.kind,
            "show": self.shown,
            **more,
        }
        return url_for("library.library", **{name: value for name, value in words.items() if value})


@pages.get("/library", needs=Role.VIEWER)
def library() -> str:
    asked = _asked()
    campaigns = app().inspector.campaigns()
    before, after = _place(request.args.get("before")), _place(request.args.get("after"))
    shelf = app().library.shelf(asked.query, place=before or after, backwards=before is not None)
    return render_template(
        "library.html",
        asked=asked,
        shelf=shelf,
        pager=_pager(asked, shelf),
        campaigns=campaigns,
        languages_written=_languages(campaigns),
        shown_words=SHOWN,
        missing=_MISSING,
        filled=filled,
        reads=direction_of,
        Recheck=Recheck,
        longest_search=_LONGEST_SEARCH,
    )


@pages.get("/library/<campaign>/<key>", needs=Role.VIEWER)
def item(campaign: str, key: str) -> str:
    return _page(campaign, key)


@pages.post("/library/<campaign>/<key>/retire", needs=Role.AUTHOR)
def retire(campaign: str, key: str) -> Response:
    _known(campaign, key)
    saved = app().editor(person().name).retire(campaign, key, based_on=request.form.get("based_on", ""))
    line = _("%(key)s is retired: it is used no more.", key=key)
    if saved.stopped:
        line = _("%(key)s is retired: it is used no more, and its waiting posts are held.", key=key)
    back_to = url_for("library.restore", campaign=campaign, key=key)
    told(line, undo=(back_to, {"based_on": saved.stored.digest}))
    return redirect(url_for("library.item", campaign=campaign, key=key), code=303)


@pages.post("/library/<campaign>/<key>/restore", needs=Role.AUTHOR)
def restore(campaign: str, key: str) -> Response:
    _known(campaign, key)
    app().editor(person().name).restore(campaign, key, based_on=request.form.get("based_on", ""))
    told(_("%(key)s is used again. Posts that were held stay held until somebody releases them.", key=key))
    return redirect(url_for("library.item", campaign=campaign, key=key), code=303)


@pages.post("/library/<campaign>/<key>/settle", needs=Role.AUTHOR)
def settle(campaign: str, key: str) -> Response:
    _known(campaign, key)
    keep = Keep.FILE if request.form.get("keep") == Keep.FILE else Keep.CONSOLE
    app().editor(person().name).settle(
        campaign,
        key,
        keep=keep,
        based_on=request.form.get("based_on", ""),
        on_file=request.form.get("on_file") or None,
    )
    if keep is Keep.FILE:
        told(_("Settled: what the file says holds."))
    else:
        told(_("Settled: what the console says holds. Save it to the content files, too."))
    return redirect(url_for("library.item", campaign=campaign, key=key), code=303)


@pages.post("/library/<campaign>/<key>/queue", needs=Role.AUTHOR)
def queue(campaign: str, key: str) -> Response | tuple[str, int]:
    found = app().library.item(campaign, key).campaign
    sent = set(request.form.getlist("to"))
    to = [one for one in everyone(found) if value_of(one) in sent]
    when = When.of_request(request.form)
    try:
        at = when.instant(found)
    except (ValueError, OverflowError):
        line = _("The moment cannot be read: choose a day and a time.")
        return _page(campaign, key, refusal=(line,), sent=sent, when=when), 422
    try:
        queued = app().desk(person().name).queue_known(campaign, key, to=to, at=at)
    except BotError as error:
        return _page(campaign, key, refusal=refused(error), sent=sent, when=when), 422
    tell_queued(found, queued)
    return redirect(url_for("library.item", campaign=campaign, key=key), code=303)


def _page(
    campaign: str,
    key: str,
    *,
    refusal: tuple[str, ...] = (),
    sent: set[str] | None = None,
    when: When | None = None,
) -> str:
    shelved = app().library.item(campaign, key)
    conflict = shelved.stored.conflict
    uses = app().browser.queue(
        QueueFilter(campaign=campaign, item=key), order=Order.LATEST, page=request.args.get("page")
    )
    can_queue = may(Role.AUTHOR) and not shelved.stored.retired
    to = [one for one in everyone(shelved.campaign) if one.language in shelved.item.wordings]
    return render_template(
        "item.html",
        shelved=shelved,
        item=shelved.item,
        stored=shelved.stored,
        campaign=shelved.campaign,
        uses=uses,
        filled=filled,
        reads=direction_of,
        Recheck=Recheck,
        refusal=refusal,
        to=to,
        value_of=value_of,
        sent=sent,
        when=when or When(),
        free=app().desk(person().name).next_free(campaign) if can_queue else None,
        outlook=app().desk(person().name).outlook(campaign, to=to, at=None) if can_queue else None,
        differing=None if conflict is None else versions(conflict.item, shelved.item, shelved.campaign),
    )


def _known(campaign: str, key: str) -> None:
    """Raise NotFoundError where there is no such item: an address may hold anything."""
    app().library.item(campaign, key)


def _asked() -> Asked:
    words = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
    kind, shown = request.args.get("kind", ""), request.args.get("show", "")
    missing = shown.removeprefix(_MISSING) if shown.startswith(_MISSING) else None
    query = Query(
        words=words,
        campaign=request.args.get("campaign") or None,
        kind=Kind(kind) if kind in list(Kind) else None,
        missing=missing,
        to_recheck=shown == "recheck",
        in_conflict=shown == "conflict",
        never_used=shown == "unused",
        retired=shown == "retired",
    )
    return Asked(query=query, shown=shown if missing or shown in SHOWN else "")


def _pager(asked: Asked, shelf: Shelf) -> dict[str, str | None]:
    return {
        "before": None if shelf.before is None else asked.address(before=_word(shelf.before)),
        "after": None if shelf.after is None else asked.address(after=_word(shelf.after)),
    }


def _word(place: Place) -> str:
    return f"{place.position}.{place.campaign}/{place.key}"


def _place(word: str | None) -> Place | None:
    """The place that an address names; None, the beginning, for what is no place."""
    number, dot, rest = (word or "").partition(".")
    campaign, slash, key = rest.partition("/")
    if "\0" in rest or not (dot and slash and number.isascii() and number.isdigit() and len(number) <= 9):
        return None
    return Place(campaign=campaign, position=int(number), key=key)


def _languages(campaigns: list[Campaign]) -> list[str]:
    return list(dict.fromkeys(language for campaign in campaigns for language in campaign.languages))
