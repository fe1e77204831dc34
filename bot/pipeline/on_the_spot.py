"""Makes an item of what somebody writes on the spot, under the same rules as the files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.core.campaign import Item, Kind, Source, Wording
from bot.core.dates import Period
from bot.core.errors import ContentError, Problem
from bot.core.media import Picture
from bot.text.links import ascii_link
from bot.text.numbers import numbers_in

#: Keys of such items begin with it; the operator adds a number.
KEY_PREFIX = "queued"


@dataclass(frozen=True, kw_only=True)
class Written:
    """What somebody wrote, as typed, in one language."""

    campaign: str
    language: str
    kind: Kind
    text: str
    source_name: str | None = None
    source_url: str | None = None
    period: str | None = None
    recheck_on: date | None = None
    picture: Picture | None = None


def item_of(written: Written, *, today: date) -> Item:
    """Make an item of it: its source was read `today`, its numbers count as written.

    Raises ContentError with everything that keeps it from being one; the rest of
    the rules speak when it is queued.
    """
    period, problems = _period(written.period)
    source, mistakes = _source(written, today=today)
    problems += [*_text_problems(written.text), *mistakes, *_time_problems(written)]
    problems += _picture_problems(written)
    if problems:
        raise ContentError(problems)
    text = written.text.strip()
    alts = () if written.picture is None else written.picture.alt.values()
    return Item(
        campaign=written.campaign,
        key=KEY_PREFIX,
        kind=written.kind,
        wordings={written.language: Wording(text=text)},
        source=source,
        period=period,
        recheck_on=written.recheck_on,
        plain_numbers=tuple(dict.fromkeys(number for one in (text, *alts) for number in numbers_in(one))),
        picture=written.picture,
    )


def _period(text: str | None) -> tuple[Period | None, list[Problem]]:
    if text is None:
        return None, []
    try:
        return Period.parse(text), []
    except ValueError as error:
        return None, [Problem(where="--period", what=str(error))]


def _text_problems(text: str) -> Iterator[Problem]:
    if not text.strip():
        yield Problem(where="--text", what="it is empty", remedy="write what followers are to read")
    yield from _brace_problems(text, where="--text")


def _brace_problems(text: str, *, where: str) -> Iterator[Problem]:
    # In an item's texts braces stand for figures, and there is no other way to write one.
    brace = next((letter for letter in text if letter in "{}"), None)
    if brace is not None:
        yield Problem(where=where, what=f"it holds a brace ({brace})", remedy="write round brackets instead")


def _picture_problems(written: Written) -> Iterator[Problem]:
    if written.picture is None:
        return
    for language, alt in written.picture.alt.items():
        yield from _brace_problems(alt, where="--alt")
        if language != written.language:
            what = f"it says in {language} what the picture shows, and the text is in {written.language}"
            yield Problem(where="--alt", what=what, remedy=f"write {written.language}=… alone")


def _time_problems(written: Written) -> Iterator[Problem]:
    if written.kind is Kind.FACT and written.period is None and written.recheck_on is None:
        yield Problem(
            where="--period",
            what="a fact needs the time it speaks of",
            remedy="write e.g. 2011-03/2020-06, or give --recheck with the day on which to check it again",
        )


def _source(written: Written, *, today: date) -> tuple[Source | None, list[Problem]]:
    """A source is a name and a link; a fact has one."""
    name, link = (written.source_name or "").strip(), (written.source_url or "").strip()
    if not name and not link and written.kind is not Kind.FACT:
        return None, []
    problems: list[Problem] = []
    what = "a source needs both, its name and its link" if name or link else "a fact needs its source"
    if not name:
        problems.append(Problem(where="--source-name", what=what, remedy="say who reports it"))
    if not link:
        problems.append(Problem(where="--source-url", what=what, remedy="give the link to it"))
    try:
        url = ascii_link(link) if link else ""
    except ValueError as error:
        return None, [*problems, Problem(where="--source-url", what=str(error))]
    return Source(publisher={written.language: name}, url=url, read_on=today), problems
