"""The send log: every attempt, filtered and exported; what people decided; whether the chain holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Response as FlaskResponse
from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from bot.core.campaign import Campaign
from bot.core.people import Role
from bot.core.post import State
from bot.pipeline.attempt_rows import ATTEMPT, attempt_document
from bot.pipeline.browse import LogFilter
from bot.pipeline.moments import parse_moment
from bot.store.log_reading import LoggedAttempt
from bot.text.cells import csv_lines
from bot.web.asking import app, back, told
from bot.web.handing_over import HandedOver
from bot.web.pages import Pages
from bot.web.speech import _, ngettext
from bot.web.speech.said import said

pages = Pages(__name__)

#: How an attempt may stand; the other states are of posts alone.
STATES = (
    State.SENT,
    State.SENDING,
    State.UNCONFIRMED,
    State.UNKNOWN,
    State.READY,
    State.HELD,
    State.REJECTED,
)
_LONGEST_WORD = 200
_NAMES = ("since", "until", "state", "campaign", "account", "network", "text", "post")
#: What a problem with the chain looks like, for the first few.
_TOLD = 3


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address of the page asks for."""

    filter: LogFilter
    page: str | None
    older_texts: int | None
    words: Mapping[str, str]
    #: Words of the address that mean nothing, by their names.
    unread: tuple[str, ...]
    #: In which `since` and `until` are written.
    zone: str

    def without(self, *names: str, **more: object) -> str:
        """The address without these words, and with more, from its first page."""
        words: dict[str, Any] = {name: value for name, value in self.words.items() if name not in names}
        return url_for("log.log", **{**words, **more})

    def export(self, kind: str) -> str:
        """Where all that is filtered can be had as a file."""
        words: dict[str, Any] = dict(self.words)
        return url_for("log.export", **{**words, "format": kind})


@pages.get("/log", needs=Role.VIEWER)
def log() -> str:
    campaigns = app().inspector.campaigns()
    asked = _asked(campaigns)
    return render_template(
        "log.html",
        asked=asked,
        shown=app().browser.attempts(asked.filter, page=asked.page, older_texts=asked.older_texts),
        last=app().browser.last_verification(),
        zone_of=_zones(campaigns),
        states=STATES,
        choices=_choices(campaigns),
        longest_word=_LONGEST_WORD,
    )


@pages.get("/log/decisions", needs=Role.VIEWER)
def decisions() -> str:
    campaigns = app().inspector.campaigns()
    return render_template(
        "log_decisions.html",
        shown=app().browser.decisions(page=request.args.get("page")),
        last=app().browser.last_verification(),
        zone=_first_zone(campaigns),
        to=_decisions_at,
    )


@pages.post("/log/check", needs=Role.VIEWER)
def check() -> Response:
    """Check the newest entries now. It changes nothing, but costs more than a page."""
    found = app().browser.check_newest()
    for problem in found.problems[:_TOLD]:
        told(said(problem) or problem, is_warning=True)
    if found.problems:
        told(
            _("The send log does not hold. `campaign-bot log verify` names everything that is wrong."),
            is_warning=True,
        )
    else:
        told(
            ngettext(
                "The newest entry of the log holds, and so does every attempt beside it.",
                "The newest %(num)s entries of the log hold, and so does every attempt beside them.",
                found.entries,
            )
        )
    return back(url_for("log.log"))


@pages.get("/log/export", needs=Role.VIEWER)
def export() -> Response:
    """All that is filtered, oldest first, as a file that is whole before the first letter of it is sent."""
    asked = _asked(app().inspector.campaigns())
    if request.method == "HEAD":
        return FlaskResponse()
    file = HandedOver.begin()
    if file is None:
        line = _("Another file is being made just now. Wait a moment, then try again.")
        status = HTTPStatus.SERVICE_UNAVAILABLE
        page = render_template("error.html", status=status, lines=[line], bare=False)
        return FlaskResponse(page, status=status)
    attempts = app().browser.export_attempts(asked.filter)
    is_csv = request.args.get("format") == "csv"
    lines = _csv(attempts) if is_csv else _json_lines(attempts)
    name, kind = ("send-log.csv", "text/csv") if is_csv else ("send-log.jsonl", "application/jsonl")
    return file.answer(lines, name=name, kind=kind)


def _csv(attempts: Iterator[LoggedAttempt]) -> Iterator[str]:
    documents = (attempt_document(attempt) for attempt in attempts)
    return csv_lines(ATTEMPT, ([document[column] for column in ATTEMPT] for document in documents))


def _json_lines(attempts: Iterator[LoggedAttempt]) -> Iterator[str]:
    for attempt in attempts:
        yield json.dumps(attempt_document(attempt), ensure_ascii=False) + "\n"


def _decisions_at(**more: object) -> str:
    words: dict[str, Any] = more
    return url_for("log.decisions", **words)


def _asked(campaigns: list[Campaign]) -> Asked:
    words = {name: value for name in _NAMES if (value := request.args.get(name, "").strip()[:_LONGEST_WORD])}
    zone = _zones(campaigns).get(words.get("campaign", ""), _first_zone(campaigns))
    since, until = _moment(words.get("since"), zone), _moment(words.get("until"), zone)
    state = words.get("state")
    post = _number(words.get("post", ""))
    unread = {
        "since": since is None,
        "until": until is None,
        "state": state not in list(State),
        "post": post is None,
    }
    return Asked(
        filter=LogFilter(
            since=since,
            until=until,
            states=(State(state),) if state in list(State) else (),
            campaign=words.get("campaign"),
            account=words.get("account"),
            network=words.get("network"),
            text=words.get("text", ""),
            post=post,
        ),
        page=request.args.get("page"),
        older_texts=_number(request.args.get("older", "")),
        words=words,
        unread=tuple(name for name in words if unread.get(name)),
        zone=zone,
    )


def _number(written: str) -> int | None:
    """The number of a post or a text; None for what is none, or larger than any."""
    is_number = written.isascii() and written.isdigit() and len(written) <= 18
    return int(written) if is_number else None


def _moment(written: str | None, zone: str) -> datetime | None:
    try:
        return None if written is None else parse_moment(written).instant(app().clock, zone=zone)
    except (ValueError, OverflowError):
        return None


def _zones(campaigns: list[Campaign]) -> dict[str, str]:
    return {campaign.key: campaign.zone for campaign in campaigns}


def _first_zone(campaigns: list[Campaign]) -> str:
    return campaigns[0].zone if campaigns else "UTC"


def _choices(campaigns: list[Campaign]) -> Mapping[str, list[str]]:
    accounts = [account for campaign in campaigns for account in campaign.accounts]
    return {
        "campaign": [campaign.key for campaign in campaigns],
        "account": list(dict.fromkeys(account.name for account in accounts)),
        "network": list(dict.fromkeys(account.network.value for account in accounts)),
        "state": [state.value for state in STATES],
    }
