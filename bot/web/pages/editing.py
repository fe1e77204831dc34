"""Writing an item of the library, new or changed, so that nobody overwrites anybody unawares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.core.errors import BotError, StaleItemError
from bot.core.people import Role
from bot.pipeline.edit import Saved
from bot.pipeline.library import Shelved
from bot.web.asking import app, person, told
from bot.web.look.versions import Differing, versions
from bot.web.pages import ITEM_BODY, Pages
from bot.web.speech import _, ngettext
from bot.web.speech.sentences import listed
from bot.web.speech.words import language_word
from bot.web.writing import Writing, blank, chosen_campaign, of_item, of_request, refused

pages = Pages(__name__)

_Page = str | Response | tuple[str, HTTPStatus]


@pages.get("/library/new", needs=Role.AUTHOR)
def new() -> _Page:
    campaign = chosen_campaign(request.args.get("campaign"))
    if campaign is None:
        return redirect(url_for("library.library"), code=303)
    return page(blank(campaign))


@pages.post("/library/new", needs=Role.AUTHOR, largest=ITEM_BODY)
def create() -> _Page:
    campaign = chosen_campaign(request.form.get("campaign"))
    if campaign is None:
        return redirect(url_for("library.library"), code=303)
    typed_key = request.form.get("key", "").strip()
    return _save(of_request(campaign, asks_whom=False, key=typed_key or None), shelved=None)


@pages.get("/library/<campaign>/<key>/edit", needs=Role.AUTHOR)
def edit(campaign: str, key: str) -> _Page:
    shelved = app().library.item(campaign, key)
    return page(of_item(shelved.campaign, shelved.item), shelved)


@pages.post("/library/<campaign>/<key>/edit", needs=Role.AUTHOR, largest=ITEM_BODY)
def save(campaign: str, key: str) -> _Page:
    shelved = app().library.item(campaign, key)
    return _save(of_request(shelved.campaign, asks_whom=False, key=key), shelved=shelved)


def _save(writing: Writing, *, shelved: Shelved | None) -> _Page:
    based_on = request.form.get("based_on") or None
    item = writing.item
    if request.form.get("check"):
        return page(writing, shelved, based_on=based_on)
    if item is None or writing.is_mendable:
        return page(writing, shelved, based_on=based_on), HTTPStatus.UNPROCESSABLE_ENTITY
    is_draft = bool(writing.reading.missing)
    if is_draft and not request.form.get("draft"):
        # Not a mistake, but not what somebody means who forgot a language.
        return page(writing, shelved, based_on=based_on, asks_draft=True), HTTPStatus.UNPROCESSABLE_ENTITY
    editor = app().editor(person().name)
    try:
        if shelved is not None and shelved.stored.retired and request.form.get("restores"):
            editor.restore(item.campaign, item.key, based_on=based_on or "")
        if shelved is not None and request.form.get("settles"):
            on_file = request.form.get("on_file") or None
            saved = editor.settle(
                item.campaign, item.key, keep=item, based_on=based_on or "", on_file=on_file
            )
        else:
            saved = editor.save(item, based_on=based_on, draft=is_draft)
    except StaleItemError as error:
        return _stale(writing, error)
    except BotError as error:
        refusal = replace(writing, refusal=refused(error))
        return page(refusal, shelved, based_on=based_on), HTTPStatus.UNPROCESSABLE_ENTITY
    _tell(saved)
    return redirect(url_for("library.item", campaign=item.campaign, key=item.key), code=303)


def _stale(writing: Writing, error: StaleItemError) -> _Page:
    """What was typed, beside what is stored by now: to be saved over it, but only with open eyes."""
    item = writing.item
    assert item is not None
    if error.item is None:
        return page(replace(writing, refusal=refused(error))), HTTPStatus.CONFLICT
    shelved = app().library.item(item.campaign, item.key)
    # Retired, but the same: there are no two versions, and its page says what to do first.
    is_same = error.is_retired and error.digest == request.form.get("based_on")
    mine = None if is_same else versions(error.item, item, writing.campaign)
    return (
        page(writing, shelved, based_on=error.digest, stale=mine, changed_by=error.changed_by),
        HTTPStatus.CONFLICT,
    )


def page(
    writing: Writing,
    shelved: Shelved | None = None,
    *,
    based_on: str | None = None,
    asks_draft: bool = False,
    stale: Sequence[Differing] | None = None,
    changed_by: str | None = None,
) -> str:
    """The form with what was written so far."""
    conflict = None if shelved is None else shelved.stored.conflict
    is_merged = bool(request.values.get("settles")) and conflict is not None
    return render_template(
        "edit.html",
        writing=writing,
        shelved=shelved,
        based_on=based_on or (None if shelved is None else shelved.stored.digest),
        asks_draft=asks_draft,
        stale=stale,
        changed_by=changed_by,
        conflict=conflict if is_merged else None,
        differing=versions(conflict.item, shelved.item, writing.campaign)
        if is_merged and conflict is not None and shelved is not None
        else (),
        campaigns=app().inspector.campaigns(),
    )


def _tell(saved: Saved) -> None:
    key = saved.stored.item.key
    if saved.missing:
        names = listed(language_word(language) for language in saved.missing)
        told(
            _("%(key)s is kept as a draft: still to be written in %(languages)s.", key=key, languages=names),
            is_warning=True,
        )
    elif saved.rewritten:
        told(
            ngettext(
                "%(key)s is saved. %(num)s waiting post was written anew: an approval of it is void.",
                "%(key)s is saved. %(num)s waiting posts were written anew: approvals of them are void.",
                saved.rewritten,
                key=key,
            )
        )
    else:
        told(_("%(key)s is saved.", key=key))
