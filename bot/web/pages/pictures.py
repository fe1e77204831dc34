"""Pictures: shown to those who may look, and taken in, rebuilt, from those who write."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from flask import Response, abort, get_template_attribute, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.content.form import FieldProblem
from bot.core.campaign import Campaign
from bot.core.errors import NotFoundError, PictureError
from bot.core.media import PictureFile
from bot.core.people import Role
from bot.web.asking import app
from bot.web.pages import PICTURE_BODY, PICTURES, Pages, compose, editing
from bot.web.picture_field import News, Shelf, stored_picture
from bot.web.speech import _
from bot.web.writing import Writing, chosen_campaign, of_request

pages = Pages(__name__)

#: One picture is decoded at a time: it takes a thread of the pages, a processor, and up to 900 MB.
_turn = threading.Lock()
#: Digits of a place in the list of pictures.
_LONGEST_PLACE = 6


class _BusyError(Exception):
    """Another picture is being taken in."""


@pages.get(f"{PICTURES}/<digest>", needs=Role.VIEWER)
def file(digest: str) -> Response:
    """The very file that leaves for a network."""
    return _shown(digest, app().media.file_named)


@pages.get(f"{PICTURES}/<digest>/small", needs=Role.VIEWER)
def small(digest: str) -> Response:
    """A copy of the same picture that is light enough for pages."""
    return _shown(digest, app().media.small_of)


def _shown(digest: str, find: Callable[[str], PictureFile]) -> Response:
    try:
        found = find(digest)
        data = app().media.shown(found)
    except (NotFoundError, PictureError):
        abort(HTTPStatus.NOT_FOUND)
    return Response(data, mimetype=found.media_type, headers={"Content-Disposition": "inline"})


@pages.post(PICTURES, needs=Role.AUTHOR, largest=PICTURE_BODY)
def take() -> Any:
    """Give the item that is written another picture, or none: its form comes back with all that was typed.

    A script gets the picture's part of the form alone.
    """
    campaign = chosen_campaign(request.form.get("campaign"))
    if campaign is None:
        return redirect(url_for("compose.compose"), code=303)
    status = HTTPStatus.OK
    try:
        writing = _with_its_picture(campaign)
    except PictureError as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        writing = _refused(campaign, str(error))
    except _BusyError:
        status = HTTPStatus.SERVICE_UNAVAILABLE
        writing = _refused(campaign, "another picture is being taken in: try again in a few seconds")
    if request.headers.get("Accept") == "application/json":
        # A script asks again by itself: what is refused is told in the part that it gets.
        return _part(writing, is_busy=status is HTTPStatus.SERVICE_UNAVAILABLE)
    return _page(writing), status


def _with_its_picture(campaign: Campaign) -> Writing:
    """What is written, after the button that was pressed. Raises PictureError, _BusyError."""
    pressed, chosen = request.form.get("picture_do", ""), request.form.get("picture_take")
    if chosen is not None:
        if stored_picture(chosen) is None:
            raise PictureError("this picture is gone from the media folder: choose another one")
        return _written(campaign, picture=chosen.strip())
    if pressed == "remove":
        return _written(campaign, picture="")
    if pressed.startswith("shelf"):
        place = pressed.removeprefix("shelf")
        skipped = int(place) if place.isdecimal() and len(place) <= _LONGEST_PLACE else 0
        return replace(_written(campaign), shelf=Shelf.after(skipped))
    return _taken_in(campaign)


def _taken_in(campaign: Campaign) -> Writing:
    sent = request.files.get("picture")
    if sent is None or not sent.filename:
        raise PictureError("no picture is chosen: choose a file first")
    if not _turn.acquire(blocking=False):
        raise _BusyError
    try:
        added = app().media.add_sent(sent.stream)
    finally:
        _turn.release()
    return replace(_written(campaign, picture=added.picture.file.digest), news=News.of(added))


def _written(campaign: Campaign, *, picture: str | None = None) -> Writing:
    writing = of_request(
        campaign,
        asks_whom=request.form.get("written_on") == "new",
        key=_key(),
        picture=picture,
        is_page=request.headers.get("Accept") != "application/json",
    )
    # Nobody pressed the button yet that queues or stores: what is still to be written is not wrong.
    return replace(writing, problems={})


def _refused(campaign: Campaign, what: str) -> Writing:
    problem = FieldProblem(field="picture_file", what=what, remedy="")
    return replace(_written(campaign), problems={"picture_file": [problem]})


def _key() -> str | None:
    return None if request.form.get("written_on") == "new" else request.form.get("key", "").strip() or None


def _part(writing: Writing, *, is_busy: bool) -> dict[str, Any]:
    fields = get_template_attribute("_picture_field.html", "picture_fields")
    spoken = _("The picture is here.") if writing.news else ""
    return {"html": fields(writing), "busy": is_busy, "spoken": spoken}


def _page(writing: Writing) -> str | AnyResponse:
    if request.form.get("written_on") == "new":
        return compose.page(writing)
    shelved = None
    if request.form.get("written_on") == "edit":
        shelved = app().library.item(writing.campaign.key, request.form.get("key", ""))
    return editing.page(writing, shelved, based_on=request.form.get("based_on") or None)
