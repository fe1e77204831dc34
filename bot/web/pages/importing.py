"""Many items at once: spreadsheets in and out, and what was written here into the content files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from flask import Response as Download
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.content.form import field_names
from bot.core.campaign import Campaign
from bot.core.errors import BotError, NotAllowedError
from bot.core.people import Role
from bot.pipeline.spreadsheets import ImportPreview, RowStatus
from bot.pipeline.write_back import Left, WrittenBack
from bot.web.asking import app, person, told
from bot.web.field_words import field_word
from bot.web.look.versions import versions
from bot.web.pages import SHEET_BODY, Pages
from bot.web.speech import _, ngettext
from bot.web.speech.said import said
from bot.web.speech.sentences import listed
from bot.web.writing import chosen_campaign, refused

pages = Pages(__name__)

_Page = str | Response | tuple[str, HTTPStatus]

#: Rows of each kind that the page shows; it counts all of them.
_SHOWN = 200
#: Items named in one line, which the browser's cookie keeps until the next page.
_NAMED = 8
#: As spreadsheet programs save it: with a mark of its byte order, or as UTF-8.
_MARKED = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@pages.get("/import", needs=Role.VIEWER)
def importing() -> _Page:
    campaign = chosen_campaign(request.args.get("campaign"))
    if campaign is None:
        return redirect(url_for("library.library"), code=303)
    return _page(campaign)


@pages.post("/import", needs=Role.AUTHOR, largest=SHEET_BODY)
def look() -> _Page:
    campaign = chosen_campaign(request.form.get("campaign"))
    if campaign is None:
        return redirect(url_for("library.library"), code=303)
    text, mistake = _sheet()
    if mistake:
        return _page(campaign, text=text, refusal=(mistake,)), HTTPStatus.UNPROCESSABLE_ENTITY
    is_draft = bool(request.form.get("draft"))
    preview = app().editor(person().name).preview_import(campaign.key, text, draft=is_draft)
    return _page(campaign, text=text, preview=preview, is_draft=is_draft)


@pages.post("/import/take", needs=Role.AUTHOR, largest=SHEET_BODY)
def take() -> _Page:
    campaign = chosen_campaign(request.form.get("campaign"))
    if campaign is None:
        return redirect(url_for("library.library"), code=303)
    text, is_draft = _lines(request.form.get("text", "")), bool(request.form.get("draft"))
    editor = app().editor(person().name)
    try:
        done = editor.take_import(
            campaign.key, text, based_on=_based_on(request.form.get("based_on", "")), draft=is_draft
        )
    except BotError as error:
        preview = editor.preview_import(campaign.key, text, draft=is_draft)
        page = _page(campaign, text=text, preview=preview, is_draft=is_draft, refusal=refused(error))
        return page, HTTPStatus.CONFLICT
    told(
        _(
            "Taken in: %(new)s, %(changed)s.",
            new=ngettext("%(num)s new item", "%(num)s new items", len(done.new)),
            changed=ngettext("%(num)s changed", "%(num)s changed", len(done.changed)),
        )
    )
    return redirect(url_for("library.library", campaign=campaign.key), code=303)


@pages.get("/export/<campaign>.csv", needs=Role.VIEWER)
def export(campaign: str) -> Download:
    text = app().library.as_csv(campaign)
    headers = {"Content-Disposition": f'attachment; filename="{campaign}.csv"'}
    return Download(text, mimetype="text/csv", headers=headers)


@pages.post("/export/files", needs=Role.AUTHOR)
def to_files() -> _Page:
    campaign = chosen_campaign(request.form.get("campaign"))
    if campaign is None:
        return redirect(url_for("library.library"), code=303)
    is_look = not request.form.get("sure")
    try:
        done = app().write_back(who=person().name, only=campaign.key, dry_run=is_look)
    except BotError as error:
        return _page(campaign, refusal=refused(error)), HTTPStatus.CONFLICT
    if is_look:
        return _page(campaign, files=done)
    count = sum(len(one.written) + len(one.taken_out) for one in done.files)
    told(
        ngettext("%(num)s item is in the files now.", "%(num)s items are in the files now.", count)
        if count
        else _("Nothing had to be written: the files say the same.")
    )
    if done.left:
        told(_("These stay out: %(items)s.", items=_left_out(done.left)), is_warning=True)
    return redirect(url_for("importing.importing", campaign=campaign.key), code=303)


def _left_out(left: Sequence[Left]) -> str:
    """What did not go into the files, each item with its reason."""
    named = [f"{one.item} ({said(one.reason) or one.reason})" for one in left[:_NAMED]]
    more = len(left) - len(named)
    return listed([*named, *([ngettext("%(num)s more", "%(num)s more", more)] if more else [])])


def _page(
    campaign: Campaign,
    *,
    text: str = "",
    preview: ImportPreview | None = None,
    is_draft: bool = False,
    refusal: tuple[str, ...] = (),
    files: WrittenBack | None = None,
) -> str:
    stored = {} if preview is None else _stored(preview)
    return render_template(
        "import.html",
        campaign=campaign,
        campaigns=app().inspector.campaigns(),
        columns=field_names(campaign),
        text=text,
        preview=preview,
        is_draft=is_draft,
        refusal=refusal,
        files=files,
        RowStatus=RowStatus,
        shown=_SHOWN,
        field_word=field_word,
        changes=stored,
        based_on="" if preview is None else json.dumps(preview.based_on),
        counts={} if preview is None else {one: len(preview.of(one)) for one in RowStatus},
        field_words={name: field_word(name) for name in field_names(campaign)},
    )


def _stored(preview: ImportPreview) -> Mapping[str, object]:
    """What changes in each changed row, word by word, of those that the page shows."""
    found: dict[str, object] = {}
    for row in preview.of(RowStatus.CHANGED)[:_SHOWN]:
        if row.item is not None:
            before = app().library.item(preview.campaign.key, row.key).item
            found[row.key] = versions(before, row.item, preview.campaign)
    return found


def _sheet() -> tuple[str, str]:
    """What was pasted or sent as a file, and what is wrong with it."""
    file = request.files.get("file")
    if file is None or not file.filename:
        text = _lines(request.form.get("text", ""))
        return text, "" if text.strip() else _("There is nothing to look at: paste rows or choose a file.")
    data = file.read()
    encoding = next((name for mark, name in _MARKED if data.startswith(mark)), "utf-8-sig")
    try:
        return _lines(data.decode(encoding)), ""
    except UnicodeDecodeError:
        return "", _("This file is no text in UTF-8: save it as CSV UTF-8 in your spreadsheet program.")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _based_on(text: str) -> Mapping[str, str | None]:
    """The digests that the preview showed, by key. Raises NotAllowedError for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(one is None or isinstance(one, str) for one in found.values()):
        raise NotAllowedError("what was looked at cannot be read any more: look at it once more")
    return found
