"""What somebody is writing: read from the browser, held to the rules of content, and seen as posts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask import request
from werkzeug.datastructures import MultiDict

from bot.content.form import FieldProblem, FormReading, read_form
from bot.content.typed_numbers import TypedNumber, typed_numbers
from bot.core.campaign import Account, Campaign, Item, Kind, Source
from bot.core.errors import BotError, NotFoundError
from bot.pipeline.compose import local_time
from bot.pipeline.desk import AlreadyThereError, To
from bot.pipeline.moments import parse_moment
from bot.pipeline.outlook import Outlook
from bot.pipeline.previews import Preview
from bot.web.asking import app, person
from bot.web.field_words import direction_of, field_word
from bot.web.item_form import Typed, by_field, name_of, written_languages
from bot.web.picture_field import News, Shelf, stored_picture
from bot.web.speech import _, ngettext
from bot.web.speech.figures import money
from bot.web.speech.words import language_word

if TYPE_CHECKING:
    from bot.media.folder import StoredPicture

#: Between account and language in the value of a checkbox; neither may hold it.
_AND = "|"
#: What the form's three moments are called.
NEXT, NOW, CHOSEN = "next", "now", "chosen"
#: As browsers write it in a field of day and time; calendars link to it so.
_WALL_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})")
#: Problems that stand at another field than the one of their name.
_ANCHORS = {
    "numbers": "numbers-wrong",
    "kind": "kind-wrong",
    "figures": "figures-wrong",
    "key": "mend",
    "picture_file": "picture-field",
    "picture_warning": "picture-field",
}


@dataclass(frozen=True, kw_only=True)
class When:
    """The moment as typed: the next free posting time, now, or a wall time in the campaign's zone."""

    choice: str = NEXT
    text: str = ""

    @classmethod
    def of_request(cls, sent: MultiDict[str, str]) -> When:
        choice = sent.get("when", NEXT)
        return cls(choice=choice if choice in (NEXT, NOW, CHOSEN) else NEXT, text=sent.get("at", "").strip())

    def instant(self, campaign: Campaign) -> datetime | None:
        """The moment; None for the next free posting time. Raises ValueError when it cannot be read."""
        if self.choice == NEXT:
            return None
        clock = app().clock
        if self.choice == NOW:
            return clock.now()
        return parse_moment(self.text).instant(clock, zone=campaign.zone)


@dataclass(frozen=True, kw_only=True)
class Writing:
    """Everything that a page of writing shows."""

    campaign: Campaign
    sources: Sequence[Source]
    typed: Typed
    form: Mapping[str, str]
    reading: FormReading
    #: By the field at which they are shown; empty where nobody asked for them yet.
    problems: Mapping[str, Sequence[FieldProblem]]
    to: tuple[To, ...]
    when: When
    #: None: the next free posting time, or one that cannot be read.
    at: datetime | None
    #: The next free posting time; None where there is none soon.
    free: datetime | None
    previews: tuple[Preview, ...] = ()
    #: What the button comes to; None where there is no posting time, or none that can be read.
    outlook: Outlook | None = None
    #: What the bot said when it refused; its lines.
    refusal: tuple[str, ...] = ()
    #: The item and the post that say the very same already.
    already: AlreadyThereError | None = None
    #: What became of the picture that was just taken in.
    news: News | None = None
    #: Pictures to choose from, where somebody asked for them.
    shelf: Shelf | None = None

    @property
    def item(self) -> Item | None:
        return self.reading.item

    @property
    def languages(self) -> tuple[str, ...]:
        """Those in which there is a text."""
        return written_languages(self.form, self.campaign)

    @property
    def missing(self) -> tuple[str, ...]:
        """Languages still to be written, where there is a text at all."""
        return tuple(one for one in self.campaign.languages if one not in self.languages)

    @property
    def numbers(self) -> list[TypedNumber]:
        return typed_numbers(self.form, campaign=self.campaign)

    @property
    def queued(self) -> tuple[To, ...]:
        """What the button queues: the chosen accounts, in the languages that are written."""
        return tuple(one for one in self.to if one.language in self.languages)

    @property
    def expected(self) -> int:
        """How many posts the button promises; before anything is written, all that are chosen."""
        return len(self.queued) if self.languages else len(self.to)

    @property
    def is_mendable(self) -> bool:
        """Whether something is wrong that a person must mend first."""
        return bool(self.problems or self.refusal or self.already)

    @property
    def cost_words(self) -> str:
        """What all of it costs; empty where no network charges."""
        cost = sum(one.cost_usd_micros for one in self.previews)
        return _("Costs %(price)s in all", price=money(cost)) if cost else ""

    @property
    def picture(self) -> StoredPicture | None:
        """The picture that is chosen; None for none, and for one that is gone."""
        return stored_picture(self.typed["picture_file"]) if self.typed["picture_file"] else None

    def account(self, name: str) -> Account | None:
        return self.campaign.account(name)

    def preview_in(self, language: str) -> Preview | None:
        """The longest post in a language: what its length meter shows."""
        of_language = [one for one in self.previews if one.language == language and one.parts]
        return max(of_language, key=lambda one: one.length / one.limit, default=None)

    @property
    def odd_numbers(self) -> list[tuple[str, list[str], list[str]]]:
        """Numbers that some languages say and others do not, with the names of both."""
        return [
            (
                one.number,
                [language_word(code) for code in one.having],
                [language_word(code) for code in one.without],
            )
            for one in self.numbers
            if one.without
        ]

    def direction(self, language: str) -> str:
        return direction_of(language)

    def everyone(self) -> tuple[To, ...]:
        return everyone(self.campaign)

    def value_of(self, to: To) -> str:
        return value_of(to)

    def source_name(self, source: Source) -> str:
        return name_of(source)

    def field_word(self, name: str) -> str:
        return field_word(name)

    def anchor(self, name: str) -> str:
        """The part of the page at which a problem can be mended."""
        return _ANCHORS.get(name, name)

    @property
    def button_words(self) -> str:
        """What the button says that queues."""
        return ngettext("Queue %(num)s post", "Queue %(num)s posts", self.expected)


def chosen_campaign(key: str | None) -> Campaign | None:
    """The campaign of that key, or the first; None where there is none. NotFoundError for a wrong key."""
    campaigns = app().inspector.campaigns()
    if not key:
        return campaigns[0] if campaigns else None
    found = next((one for one in campaigns if one.key == key), None)
    if found is None:
        raise NotFoundError(f"there is no campaign {key!r}")
    return found


def everyone(campaign: Campaign) -> tuple[To, ...]:
    """Every account in every language that it speaks, in the campaign's order of languages."""
    return tuple(
        To(account=account.name, language=language)
        for account in campaign.accounts
        for language in campaign.languages
        if language in account.languages
    )


def value_of(to: To) -> str:
    return f"{to.account}{_AND}{to.language}"


def blank(campaign: Campaign, *, at: str = "") -> Writing:
    """Nothing written yet: everything that can be chosen is chosen. `at` is a wall time asked for."""
    typed = Typed(values={"kind": Kind.FACT.value, "read_on": _today(campaign)})
    return _written(campaign, typed, to=everyone(campaign), when=_asked_for(at), shows_problems=False)


def of_item(campaign: Campaign, item: Item) -> Writing:
    """An item as it stands."""
    return _written(
        campaign, Typed.of_item(item), to=everyone(campaign), when=When(), shows_problems=False, sees=True
    )


def of_request(
    campaign: Campaign,
    *,
    asks_whom: bool,
    key: str | None = None,
    picture: str | None = None,
    is_page: bool = True,
) -> Writing:
    """What the browser sent, under this key; None gives it a new one.

    `asks_whom`: the form has accounts to choose; else the posts of all are seen. `picture` takes the place
    of the one that was sent. `is_page`: the form is shown again, with every source to choose from.
    """
    typed = Typed.of_request(request.form, campaign)
    typed = typed if picture is None else typed.with_picture(picture)
    typed = typed.named(_free_key(campaign, typed) if key is None else key)
    sent = set(request.form.getlist("to"))
    to = tuple(one for one in everyone(campaign) if not asks_whom or value_of(one) in sent)
    when = When.of_request(request.form) if asks_whom else When()
    return _written(
        campaign,
        typed,
        to=to,
        when=when,
        shows_problems=True,
        sees=True,
        asks_whom=asks_whom,
        is_page=is_page,
    )


def _written(
    campaign: Campaign,
    typed: Typed,
    *,
    to: tuple[To, ...],
    when: When,
    shows_problems: bool,
    sees: bool = False,
    asks_whom: bool = False,
    is_page: bool = True,
) -> Writing:
    desk = app().desk(person().name)
    sources = app().library.sources(campaign.key) if is_page or typed.source else []
    form = typed.form(campaign, sources)
    too_long = list(typed.too_long())
    # The rules read every letter: what no network takes is refused before they are asked.
    reading = (
        FormReading(item=None, found=tuple(too_long)) if too_long else read_form(form, campaign=campaign)
    )
    problems = list(reading.problems)
    wrong_ends = list(typed.wrong_ends())
    if wrong_ends:
        problems = [*(one for one in problems if one.field != "period"), *wrong_ends]
    if typed.has_unsent_picture:
        what = "a picture was chosen that is not here yet"
        problems.append(FieldProblem(field="picture_file", what=what, remedy="add it first, or choose none"))
    at, mistake = _moment(when, campaign)
    problems += mistake
    previews = (
        desk.preview(reading, form, campaign=campaign.key, to=to, at=at, is_new=asks_whom) if sees else ()
    )
    if not problems:
        problems += [
            FieldProblem(field=f"text_{one.language}", what=one.refusal, remedy="")
            for one in previews
            if one.refusal
        ]
    if asks_whom and not to:
        problems.append(FieldProblem(field="to", what="no account is chosen", remedy="choose one at least"))
    # What is read of a moment that cannot be read is None, too.
    written = written_languages(form, campaign)
    queued = [one for one in to if not written or one.language in written]
    outlook = None if mistake else desk.outlook(campaign.key, to=queued, at=at)
    return Writing(
        campaign=campaign,
        sources=sources,
        typed=typed,
        form=form,
        reading=reading,
        problems=by_field(problems) if shows_problems else {},
        to=to,
        when=when,
        at=at,
        free=desk.next_free(campaign.key),
        previews=previews,
        outlook=outlook,
    )


def _asked_for(at: str) -> When:
    """The moment that an address names; the next free one for what is none."""
    found = _WALL_TIME.match(at)
    return When() if found is None else When(choice=CHOSEN, text=f"{found[1]}T{found[2]}")


def _free_key(campaign: Campaign, typed: Typed) -> str:
    if any(typed.too_long()):
        return typed["key"]
    texts = [typed[f"text_{language}"] for language in campaign.languages]
    kind = Kind.CALL if typed["kind"] == Kind.CALL else Kind.FACT
    return app().library.free_key(campaign.key, kind=kind, texts=texts)


def _moment(when: When, campaign: Campaign) -> tuple[datetime | None, list[FieldProblem]]:
    try:
        return when.instant(campaign), []
    except (ValueError, OverflowError):
        remedy = "choose a day and a time"
        return None, [FieldProblem(field="at", what="this moment cannot be read", remedy=remedy)]


def _today(campaign: Campaign) -> str:
    return local_time(app().clock.now(), campaign.zone).date().isoformat()


def refused(error: BotError) -> tuple[str, ...]:
    """The lines of a refusal, without the key of an item that nobody has seen yet."""
    problems = getattr(error, "problems", ())
    if problems:
        return tuple(one.what + (f" — {one.remedy}" if one.remedy else "") for one in problems)
    return tuple(str(error).splitlines())
